"""The archive: a note with everything that proves it, in one canonical file that outlives the software.

Every byte of it is covered by a signature, by a hash that a signature covers, or by a field that must have the one
value it has. It has no checksum of its own: nothing in it vouches for itself. What a verifier must bring is the root
digest of each party. Here is the form of the file (spec/archive.md); `archivist` makes it, `checklist` verifies it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley.journal.leaves import Leaf, LeafKind
from parley.journal.problems import JournalProblem
from parley.seal import SealProblem, Value, decode, digest, encode, peek

WIRE_VERSION = 1
ARCHIVE_KIND = 18
LARGEST_ARCHIVE = 16 << 20
NESTED_LIMIT = 1 << 20


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, unverified. Instants are ms since the Unix epoch, UTC.

    Fields:
        note: the signed note, byte for byte.
        kind, at, salt, index: its entry in a journal, NOTE_OUT in the sender's or NOTE_IN in a recipient's.
        proof: from the entry to the root of `checkpoint`.
        checkpoint: its text, with the lines of the journal's node and of `cosigners` and no others.
        cosigners: codes of the parties that cosigned, in order.
        particulars: for every party concerned, its signed particulars from those of the ceremony on.
        receipts: signed receipts that name the note, in order of their bytes.
        definition: the file that defines the note's form, or None.
    """

    note: bytes
    kind: LeafKind
    at: int
    salt: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: str
    cosigners: tuple[str, ...]
    particulars: dict[str, tuple[bytes, ...]]
    receipts: tuple[bytes, ...] = ()
    definition: bytes | None = None

    @property
    def leaf(self) -> Leaf:
        """The entry, which commits to the signed bytes of the note."""
        return Leaf(self.kind, self.at, digest(self.note), self.salt)

    def to_bytes(self) -> bytes:
        """The file."""
        particulars: list[Value] = [[party, list(chain)] for party, chain in sorted(self.particulars.items())]
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: ARCHIVE_KIND,
            3: self.note,
            4: [int(self.kind), self.at, self.salt],
            5: self.index,
            6: list(self.proof),
            7: self.checkpoint,
            8: list(self.cosigners),
            9: particulars,
            10: list(self.receipts),
            11: self.definition,
        }
        return encode(fields)


def read_archive(data: bytes) -> Archive:
    """Parse the file without verifying anything; raises JournalProblem ``not_an_archive``.

    Whatever returns gives back `data` from `to_bytes`.
    """
    try:
        archive = _read(decode(data, limit=LARGEST_ARCHIVE))
    except SealProblem as problem:
        raise _bad(problem.key) from problem
    if archive is None or archive.to_bytes() != data:
        raise _bad("its parts are not the eleven that belong to it, in order")
    return archive


def issuer_unverified(receipt: bytes) -> str:
    """The party that a signed receipt says it is from; raises JournalProblem ``bad_receipt`` or SealProblem."""
    match decode(peek(receipt).payload, limit=NESTED_LIMIT):
        case {3: [str(party), bytes()]}:
            return party
    raise JournalProblem("bad_receipt", why="it does not name its issuer")


def _read(fields: Value) -> Archive | None:
    match fields:
        case {
            1: 1, 2: 18, 3: bytes(note), 4: [kind, at, bytes(salt)], 5: index, 6: list(proof), 7: str(checkpoint),
            8: list(cosigners), 9: list(particulars), 10: list(receipts), 11: definition,
        } if isinstance(definition, bytes | None):  # fmt: skip
            # A true is an int to Python, and in the place of a 1 it would be a second form of the same archive.
            kind, at, index = _all(int, [kind, at, index])
            if kind not in (LeafKind.NOTE_OUT, LeafKind.NOTE_IN):
                raise _bad("its entry is not that of a note")
            return Archive(
                note=note,
                kind=LeafKind(kind),
                at=at,
                salt=salt,
                index=index,
                proof=tuple(_all(bytes, proof)),
                checkpoint=checkpoint,
                cosigners=tuple(_all(str, cosigners)),
                particulars=_chains(particulars),
                receipts=tuple(_all(bytes, receipts)),
                definition=definition,
            )
    return None


def _chains(pairs: list[Value]) -> dict[str, tuple[bytes, ...]]:
    found = [_chain(pair) for pair in pairs]
    parties = [party for party, _ in found]
    if parties != sorted(set(parties)):
        raise JournalProblem("bad_structure", why="a list is not in order")
    return dict(found)


def _chain(pair: Value) -> tuple[str, tuple[bytes, ...]]:
    match pair:
        case [str(party), list(chain)]:
            return party, tuple(_all(bytes, chain))
    raise _bad("particulars are not a party and a list")


def _all(kind: type[Any], values: list[Value]) -> list[Any]:
    if not all(type(value) is kind for value in values):
        raise _bad("a list holds something else than it should")
    return values


def _bad(why: str) -> JournalProblem:
    return JournalProblem("not_an_archive", why=why)
