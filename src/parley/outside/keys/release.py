"""What a release is: a note's facts as the signer reads them, and the officer's proof over exactly that note.

Shared by both ends of the signer's socket. The signer reads the note for itself and with its own few lines: it trusts
neither the node, which may be in enemy hands, nor the code that wrote the note.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Final, Protocol

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parley.clearance import Asked, Role, word_challenge
from parley.outside.keys.problems import KeysProblem
from parley.seal import Domain, SealProblem, Value, VerifyingKey, decode, digest
from parley.terms.party import Address, PartyProblem

LARGEST_NOTE: Final = 256 * 1024  # spec/note.md
NOTE_KIND: Final = 1
WIRE_VERSION: Final = 1


class NoteFacts(msgspec.Struct, frozen=True):
    """What the signer looks at before it signs, and writes down. `signed_at`: ms since the epoch, UTC, as claimed."""

    sender: Address
    form: int
    precedence: int
    exercise: bool
    signed_at: int
    digest: bytes


def read_facts(payload: bytes) -> NoteFacts:
    """The facts of a note's payload by the field numbers of spec/note.md; raises KeysProblem not_a_note.

    The bytes must be canonical (one meaning for the signer and for every reader) and must say that they are a note.
    """
    return _facts(payload, _decoded(payload))


def read_asked(payload: bytes) -> tuple[NoteFacts, Asked]:
    """The facts, and what release policy looks at; raises KeysProblem not_a_note also where a field of that lacks."""
    fields = _decoded(payload)
    facts = _facts(payload, fields)
    match fields:
        case {4: list(recipients), 12: dict(lines), 14: list(attachments), 18: bool(accusation)}:
            return facts, Asked(
                form=facts.form,
                precedence=facts.precedence,
                exercise=facts.exercise,
                accusation=accusation,
                digest=facts.digest,
                to=tuple(_offices(recipients)),
                lines={int(number): value for number, value in lines.items()},
                attachments=len(attachments),
            )
    raise KeysProblem("not_a_note")


def _offices(recipients: list[Value]) -> Iterator[str]:
    for one in recipients:
        match one:
            case [str(party), str(office), int()]:
                yield f"{party}/{office}"
            case _:
                raise KeysProblem("not_a_note")


def _decoded(payload: bytes) -> Value:
    try:
        return decode(payload, limit=LARGEST_NOTE)
    except SealProblem:
        raise KeysProblem("not_a_note") from None


def _facts(payload: bytes, fields: Value) -> NoteFacts:
    try:
        match fields:
            case {
                1: int(version),
                2: int(kind),
                3: [str(party), str(office)],
                5: [int(form), int()],
                8: int(precedence),
                9: bool(exercise),
                10: int(signed_at),
            } if (version, kind) == (WIRE_VERSION, NOTE_KIND) and not _any_flag(
                version, kind, form, precedence, signed_at
            ):
                address = Address(party, office)
                return NoteFacts(address, form, precedence, exercise, signed_at, digest(payload))
    except PartyProblem:
        pass
    raise KeysProblem("not_a_note")


def _any_flag(*values: int) -> bool:
    """Whether one of `values` is true or false, which Python would take for a number."""
    return any(type(value) is bool for value in values)


def release_key(kek: bytes) -> bytes:
    """The key for proofs, derived from the key (32 bytes) that the officer's passphrase gives."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"parley release").derive(kek)


def prove_word(key: bytes, role: Role, payload: bytes) -> bytes:
    """An officer's proof for the word given in `role` for this very payload: over another digest than its release."""
    return hmac.digest(key, word_challenge(role, digest(payload)), "sha256")


def prove(key: bytes, payload: bytes) -> bytes:
    """The officer's proof for this very payload: HMAC-SHA256 over its SHA-256, with `release_key`; 32 bytes."""
    return hmac.digest(key, digest(payload), "sha256")


def check_proof(key: bytes, note_digest: bytes, proof: bytes) -> None:
    """Raise KeysProblem wrong_proof unless `proof` is for the note with this SHA-256."""
    if not hmac.compare_digest(hmac.digest(key, note_digest, "sha256"), proof):
        raise KeysProblem("wrong_proof")


def check_word_proof(key: bytes, role: Role, note_digest: bytes, proof: bytes) -> None:
    """Raise KeysProblem wrong_proof unless `proof` is for a word in `role` for the note with this SHA-256."""
    if not hmac.compare_digest(hmac.digest(key, word_challenge(role, note_digest), "sha256"), proof):
        raise KeysProblem("wrong_proof")


class Signer(Protocol):
    """Something that signs with one key and does not give it out: a signer process, later a token (PKCS #11)."""

    @property
    def public(self) -> VerifyingKey:
        """The key that its signatures are checked with."""

    def sign(self, payload: bytes, domain: Domain) -> bytes:
        """The signed object (seal.sign) of `payload`; raises a Problem if it refuses this payload or this use."""
