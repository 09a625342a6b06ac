"""Problems of the line: what can be wrong with a note, a receipt, a parcel or their place in a conversation."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says

_ASK = "Ask the sender to send it again; the refused bytes are kept with this reason."


class LineProblem(Problem):
    """Something on the line that is refused, or that an officer asked for and cannot have."""

    ROOM: ClassVar[str] = "line"
    TABLE: ClassVar[dict[str, Says]] = {
        "bad_shape": Says(Fault.PEER, "The {object} does not have the shape of one: {where}.", _ASK),
        "unknown_version": Says(
            Fault.PEER,
            "The {object} is written in wire version {version}, which this Parley does not know.",
            "Update Parley, or ask the sender for wire version 1.",
        ),
        "unknown_critical": Says(
            Fault.PEER,
            "The {object} carries the critical extension {extension}, which this Parley does not know.",
            "Update Parley, or ask the sender to do without the extension.",
        ),
        "wrong_recipient": Says(
            Fault.PEER,
            "The note is addressed to {listed}, not to us ({us}).",
            "It was forwarded or misdirected: tell its sender by another way.",
        ),
        "not_our_office": Says(
            Fault.PEER,
            "The note is addressed to our office {office}, which we do not have.",
            "Tell the sender which offices our particulars list.",
        ),
        "unknown_sender": Says(
            Fault.YOURS,
            "No particulars of {party} have been accepted here.",
            "Exchange particulars with {party} and accept them by ceremony: parley particulars accept.",
        ),
        "replayed": Says(
            Fault.PEER, "The note with serial {serial} of {sender} came a second time as something new.", _ASK
        ),
        "serial_fork": Says(
            Fault.PEER,
            "{sender} signed two different notes with the serial {serial}.",
            "Both are kept as evidence. Ask {sender} by telephone which one stands.",
        ),
        "serial_void": Says(Fault.PEER, "{sender} declared serial {serial} void before this note came.", _ASK),
        "answer_before_signing": Says(
            Fault.PEER, "The note hopes for an answer earlier than the moment of its own signing.", _ASK
        ),
        "kind_differs": Says(
            Fault.PEER,
            "A reply to {referred} must be of the same kind (real or exercise).",
            "Ask the sender to send the reply as {wanted}.",
        ),
        "unknown_reference": Says(
            Fault.YOURS, "No note {reference} is known here.", "Look at the list of notes: parley inbox."
        ),
        "not_for_this_state": Says(
            Fault.YOURS, "This cannot be done while the note is {state}.", "Look at the note: parley show {note}."
        ),
        "full": Says(
            Fault.PEER,
            "{party} has used up its share of this node's storage ({used} of {share} bytes).",
            "The sender is told so, signed; raise the share or archive old notes.",
        ),
        "receipt_mismatch": Says(
            Fault.PEER,
            "The receipt names a note or sealed bytes that we never sent to {party}.",
            "Nothing to do; it is recorded.",
        ),
        "unknown_kind": Says(
            Fault.PEER,
            "The opened object is of kind {kind}, which is none that travels sealed.",
            "Update Parley, or ask the sender what was meant.",
        ),
        "own_note": Says(
            Fault.PEER,
            "The note bears our own party, {us}, as its sender.",
            "Nothing to do; it is kept with this reason.",
        ),
        "receipt_to_another": Says(
            Fault.PEER, "The receipt is made out to {to}, not to us ({us}).", "Nothing to do; it is recorded."
        ),
        "code_outside_list": Says(
            Fault.PEER,
            "Line {line} of form {form} holds a value that the form does not have ({why}).",
            "Tell the sender which line it is; nothing of the note is acted on.",
        ),
        "unsafe_text": Says(
            Fault.PEER,
            "Field {line} holds a text that cannot be shown as it is signed ({why}).",
            "It may show another content than it signs: ask the sender to write it anew.",
        ),
        "nothing_to_clarify": Says(
            Fault.YOURS, "Line {line} came across as it was meant.", "There is nothing to clarify about it."
        ),
        "void_after_note": Says(
            Fault.PEER,
            "{sender} declared serial {serial} void after we had opened the note that bears it.",
            "Note and void are both kept as evidence. Ask {sender} by telephone which one stands.",
        ),
        "void_to_another": Says(
            Fault.PEER, "The declaration is made out to {listed}, not to us ({us}).", "Nothing to do; it is recorded."
        ),
        "recall_to_another": Says(
            Fault.PEER, "The recall is made out to {to}, not to us ({us}).", "Nothing to do; it is recorded."
        ),
        "no_speaker": Says(
            Fault.PEER,
            "The parcel does not say, signed, whose it is.",
            "Nothing of it was taken but public news; if an officer vouches for it: parley take FILE.",
        ),
        "other_parcel": Says(
            Fault.PEER,
            "The word of {party} in this parcel is about another parcel.",
            "Somebody put it together anew on its way; the honest one comes again.",
        ),
        "parcel_to_another": Says(
            Fault.PEER, "The parcel is made out to {to}, not to us ({us}).", "Nothing to do; it is recorded."
        ),
        "serial_spent": Says(
            Fault.MACHINE,
            "The serials from {sender} to {recipient} are used up or damaged.",
            "Open a new incarnation by a restore, or report this as a defect.",
        ),
        "file_empty": Says(Fault.YOURS, "“{name}” is empty.", "Choose the file again; the draft is kept."),
        "file_too_large": Says(
            Fault.YOURS,
            "“{name}” is larger than {limit} MiB and was not attached.",
            "Attach an excerpt, or hand it over apart and name it in your own words; the draft is kept.",
        ),
        "file_kind": Says(
            Fault.YOURS,
            "What “{name}” holds is no kind of file that is taken here.",
            "Attach it as one of these: {kinds}. The draft is kept.",
        ),
        "file_differs": Says(
            Fault.YOURS,
            "“{name}” is not the file that the note names: its digest begins with {digest}.",
            "Nothing was kept. Ask the sender for the file once more, or compare the digests by telephone.",
        ),
        "too_large": Says(Fault.PEER, "The {object} has {size} bytes; at most {limit} are taken.", "Send it in parts."),
    }
