"""How an officer's word reaches the signer without a passphrase: a passkey's assertion, or a code by telephone.

Here are the shapes and what each is bound to; the signer checks them (outside.keys.passkey, outside.keys.telephone).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from parley.clearance.problems import ClearanceProblem
from parley.clearance.roles import Role
from parley.clearance.roster import Passkey

DIGITS_IN_GROUP = 5


class Assertion(msgspec.Struct, frozen=True, kw_only=True, tag="passkey"):
    """What a browser's passkey says (WebAuthn level 2, 6.3.3), byte for byte as it came."""

    credential_id: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes


class Code(msgspec.Struct, frozen=True, tag="code"):
    """The ten digits that a releaser read out."""

    digits: str


Proof = Assertion | Code


class Challenge(msgspec.Struct, frozen=True):
    """What is read out to a releaser: a number that the signer drew for this note, and how long it serves (s)."""

    number: str
    seconds: int


def release_challenge(note_id: bytes) -> bytes:
    """The 32 bytes that a passkey signs to release a note: the note's own digest."""
    return note_id


def word_challenge(role: Role, note_id: bytes) -> bytes:
    """The 32 bytes that a passkey signs to clear a note in a role: another word than its release."""
    return hashlib.sha256(b"parley word " + role.value.encode() + b"\0" + note_id).digest()


def run_digest(note_ids: Iterable[bytes]) -> bytes:
    """The 32 bytes that stand for all notes of a drill's run, whatever their order: SHA-256 over their sorted digests.

    It is no note's digest: what begins with ``parley run`` is no canonical note, so that a proof for a run serves for
    no single note, nor one for a note for a run.
    """
    return hashlib.sha256(b"parley run\0" + b"".join(sorted(note_ids))).digest()


class PasskeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passkey as the desk's page hands it over, to be taken into the signer's list of officers by two of them."""

    rp_id: str
    origin: str
    credential_id: bytes
    public_key: bytes


def passkey_file(rp_id: str, origin: str, credential_id: bytes, public_key: bytes) -> bytes:
    """That file, JSON."""
    made = PasskeyFile(rp_id=rp_id, origin=origin, credential_id=credential_id, public_key=public_key)
    return msgspec.json.encode(made) + b"\n"


def read_passkey_file(data: bytes) -> PasskeyFile:
    """Read it; raises ClearanceProblem ``bad_passkey``."""
    try:
        found = msgspec.json.decode(data[:8192], type=PasskeyFile)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise ClearanceProblem("bad_passkey", why="not a file of a passkey") from None
    host = urlsplit(found.origin).hostname or ""
    if host != found.rp_id and not host.endswith(f".{found.rp_id}"):
        raise ClearanceProblem("bad_passkey", why="its page is not of its site")
    if not (16 <= len(found.credential_id) <= 1023 and 32 <= len(found.public_key) <= 2048):
        raise ClearanceProblem("bad_passkey", why="its id or key has no possible length")
    return found


def passkey_digits(passkey: Passkey | PasskeyFile) -> str:
    """Twenty digits (66 bits) of a passkey's id and key, to be compared by eye: ``01234 56789 01234 56789``."""
    content = hashlib.sha256(b"parley passkey\0" + passkey.credential_id + b"\0" + passkey.public_key).digest()
    return grouped(str(int.from_bytes(content, "big"))[-20:].zfill(20))


def grouped(digits: str) -> str:
    """Digits in groups of five, as they are read out."""
    return " ".join(digits[at : at + DIGITS_IN_GROUP] for at in range(0, len(digits), DIGITS_IN_GROUP))
