"""What can be wrong with bytes, keys, signatures, sealed and locked things."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says

_ASK_AGAIN = "Ask the sender to send it again; if it comes back the same, their software differs from spec/bytes.md."
_DO_NOT_USE = "Do not use this key. Ask its owner, by another way, to make a new one."
_DO_NOT_RELY = "Do not rely on the content. Keep the bytes and tell the sender, by another way, what was refused."


class SealProblem(Problem):
    """Bytes, a key, a signature, a sealed or a locked object that is refused, or that cannot be made."""

    ROOM: ClassVar[str] = "seal"
    TABLE: ClassVar[dict[str, Says]] = {
        # canonical bytes
        "too_large": Says(Fault.PEER, "The object has {size} bytes; at most {limit} are read.", _ASK_AGAIN),
        "too_deep": Says(Fault.PEER, "The object is nested too deep.", _ASK_AGAIN),
        "cut_short": Says(Fault.PEER, "The object ends before its last item does.", _ASK_AGAIN),
        "trailing_bytes": Says(Fault.PEER, "{count} bytes follow the end of the object.", _ASK_AGAIN),
        "not_shortest": Says(Fault.PEER, "A number or length is not written in its shortest form.", _ASK_AGAIN),
        "indefinite_length": Says(Fault.PEER, "An item does not say its length.", _ASK_AGAIN),
        "not_allowed": Says(Fault.PEER, "The object holds a {kind}, which has no place in it.", _ASK_AGAIN),
        "number_too_large": Says(Fault.PEER, "A number does not fit into 64 bits with a sign.", _ASK_AGAIN),
        "key_not_a_number": Says(Fault.PEER, "The key of a map is not a whole number from 0 up.", _ASK_AGAIN),
        "duplicate_key": Says(Fault.PEER, "A map holds the key {number} twice.", _ASK_AGAIN),
        "keys_out_of_order": Says(Fault.PEER, "A map holds the key {number} after a greater one.", _ASK_AGAIN),
        "not_utf8": Says(Fault.PEER, "A text is not valid UTF-8.", _ASK_AGAIN),
        "not_nfc": Says(Fault.PEER, "A text is not in Unicode normalisation form C.", _ASK_AGAIN),
        "cannot_encode": Says(
            Fault.OURS, "A {kind} cannot be written as canonical bytes.", "Report this as a defect of Parley."
        ),
        # suites
        "unknown_suite": Says(
            Fault.PEER, "The protection suite {suite} is not known here.", "Ask whether the sender runs a newer Parley."
        ),
        "suite_not_here": Says(
            Fault.PEER,
            "The protection suite {suite} ({name}) is reserved and not in use here.",
            "Ask the sender to send again with the suite FULL.",
        ),
        "suite_too_low": Says(
            Fault.PEER,
            "The protection suite {suite} is weaker than {lowest}, the lowest accepted from this sender.",
            _DO_NOT_RELY,
        ),
        # keys
        "bad_length": Says(Fault.PEER, "A {kind} has {given} bytes instead of {wanted}.", _DO_NOT_USE),
        "key_of_small_order": Says(
            Fault.PEER, "The {kind} key is of small order: anyone could sign or open in its name.", _DO_NOT_USE
        ),
        "key_not_canonical": Says(Fault.PEER, "The {kind} key is not in its one permitted form.", _DO_NOT_USE),
        "key_not_a_point": Says(Fault.PEER, "The {kind} key is not a point of its curve.", _DO_NOT_USE),
        "key_not_valid": Says(Fault.PEER, "The {kind} key is not a valid key.", _DO_NOT_USE),
        # signing
        "not_signed": Says(Fault.PEER, "This is not a signed object of Parley.", _ASK_AGAIN),
        "unprotected_header": Says(
            Fault.PEER, "The signed object carries a header that no signature covers.", _DO_NOT_RELY
        ),
        "signature_missing": Says(
            Fault.PEER, "The {algorithm} signature of the key {signer} is missing.", _DO_NOT_RELY
        ),
        "signature_unexpected": Says(
            Fault.PEER, "The key {signer} signed with something that this suite does not have.", _DO_NOT_RELY
        ),
        "signatures_out_of_order": Says(
            Fault.PEER, "The signatures are not in order, or one stands twice.", _ASK_AGAIN
        ),
        "unknown_signer": Says(
            Fault.PEER, "The key {signer}, which signed, is not one of the keys that may sign this.", _DO_NOT_RELY
        ),
        "signature_invalid": Says(
            Fault.PEER, "The {algorithm} signature of the key {signer} does not fit.", _DO_NOT_RELY
        ),
        "wrong_domain": Says(
            Fault.PEER, "This was signed as {found}, but stands where {wanted} belongs.", _DO_NOT_RELY
        ),
        "too_few_signers": Says(
            Fault.PEER, "{found} of the keys that may sign this have signed; {wanted} must.", _DO_NOT_RELY
        ),
        "not_a_share": Says(
            Fault.YOURS, "This is not one signer's share.", "Give the file that the signer's machine wrote."
        ),
        "share_of_another": Says(
            Fault.YOURS,
            "The share of the key {signer} is for another document or another use.",
            "Have that signer sign the document at hand.",
        ),
        "share_twice": Says(Fault.YOURS, "The key {signer} gave two shares.", "Give one share of each signer."),
        # sealing
        "too_long_to_seal": Says(
            Fault.YOURS,
            "The note has {size} bytes; at most {limit} can be sealed.",
            "Shorten it, or send the attachments apart.",
        ),
        "no_key": Says(
            Fault.MACHINE,
            "The key {key_id}, to which this was sealed, is not held here.",
            "Nothing to do: the sender is asked to seal the same note again to the present key.",
        ),
        "not_opened": Says(Fault.PEER, "The sealed object does not open with its key.", _ASK_AGAIN),
        # locking
        "not_unlocked": Says(
            Fault.MACHINE,
            "The stored object does not unlock: another key, another purpose, or damage.",
            "Run parley doctor; if the medium is damaged, restore from the last backup.",
        ),
        "wrong_passphrase": Says(
            Fault.YOURS,
            "The passphrase does not fit, or the file is damaged.",
            "Try again with the right keyboard layout; then try another copy of the file.",
        ),
        "bad_passphrase": Says(
            Fault.YOURS,
            "The passphrase is empty or longer than {limit} letters.",
            "Choose six or more unrelated words.",
        ),
        "cost_out_of_bounds": Says(
            Fault.MACHINE,
            "The file asks for more work than this node does for a passphrase ({memory_kib} KiB, {passes} passes).",
            "Do not use this file: Parley did not write it.",
        ),
    }
