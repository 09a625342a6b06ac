"""The archive: a note with everything that proves it, in one canonical file that outlives the software.

Every byte of it is covered by a signature, by a hash that a signature covers, or by a field that must have the one
value it has. It has no checksum of its own: nothing in it vouches for itself. What a verifier must bring is the root
digest of each party. This module makes and parses the file (spec/archive.md); `checklist` verifies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from parley.journal.chain import verify_chain
from parley.journal.checkpoint import (
    cosigner_name,
    cosigner_names,
    only,
    party_of_cosigner,
    read_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from parley.journal.leaves import Leaf, LeafKind
from parley.journal.merkle import inclusion_proof
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


def build_archive(
    note: bytes,
    leaf: Leaf,
    index: int,
    hashes: Sequence[bytes],
    checkpoint: str,
    particulars: Mapping[str, Sequence[bytes]],
    *,
    receipts: Iterable[bytes] = (),
    definition: bytes | None = None,
) -> bytes:
    """Put an archive together. It is not verified here: follow with `verify_archive`.

    Args:
        note: the signed note.
        leaf, index: its entry in this journal.
        hashes: leaf hashes of this journal, at least as many as the checkpoint counts; each is hashed once (O(n)).
        checkpoint: signed text of a size above `index`, with the cosignatures that came back.
        particulars: signed particulars by party, oldest first, beginning with those of the ceremony. Cosignatures of
            parties that are not in it are left out; so are parties that nothing in the archive comes from.

    Raises JournalProblem or SealProblem where a part that must be there cannot be found.
    """
    if leaf.object_digest != digest(note):
        raise JournalProblem("bad_entry", why="it is the entry of another object")
    text, cosigners = _trim(checkpoint, particulars)
    receipts = tuple(sorted(set(receipts)))
    concerned = {sender_unverified(note), read_checkpoint(text)[0].party, *cosigners, *map(issuer_unverified, receipts)}
    for party in concerned - set(particulars):
        raise JournalProblem("bad_structure", why=f"the particulars of {party} are missing")
    return Archive(
        note=note,
        kind=leaf.kind,
        at=leaf.at,
        salt=leaf.salt,
        index=index,
        proof=tuple(inclusion_proof(hashes[: read_checkpoint(text)[0].size], index)),
        checkpoint=text,
        cosigners=cosigners,
        particulars={party: tuple(particulars[party]) for party in concerned},
        receipts=receipts,
        definition=definition,
    ).to_bytes()


def sender_unverified(note: bytes) -> str:
    """The party that a signed note says it is from; raises JournalProblem ``bad_note`` or SealProblem."""
    match decode(peek(note).payload, limit=NESTED_LIMIT):
        case {3: [str(party), str()]}:
            return party
    raise JournalProblem("bad_note", why="it does not name its sender")


def issuer_unverified(receipt: bytes) -> str:
    """The party that a signed receipt says it is from; raises JournalProblem ``bad_receipt`` or SealProblem."""
    match decode(peek(receipt).payload, limit=NESTED_LIMIT):
        case {3: [str(party), bytes()]}:
            return party
    raise JournalProblem("bad_receipt", why="it does not name its issuer")


def _trim(text: str, particulars: Mapping[str, Sequence[bytes]]) -> tuple[str, tuple[str, ...]]:
    """The checkpoint with only the lines that the given particulars can check, and the parties that cosigned."""
    checkpoint = read_checkpoint(text)[0]
    if checkpoint.party not in particulars:
        raise JournalProblem("bad_structure", why=f"the particulars of {checkpoint.party} are missing")
    keys = {party: verify_chain(party, chain).node_keys() for party, chain in particulars.items()}
    signers = {checkpoint.origin: verify_checkpoint(text, keys[checkpoint.party]).key}
    cosigners = [party_of_cosigner(name) for name in cosigner_names(text)]
    cosigners = [party for party in cosigners if party in particulars and party != checkpoint.party]
    for party in cosigners:
        name = cosigner_name(party)
        signers[name] = verify_cosignature(text, name, keys[party]).key
    return only(text, signers), tuple(cosigners)


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
                particulars=dict(_chain(pair) for pair in particulars),
                receipts=tuple(_all(bytes, receipts)),
                definition=definition,
            )
    return None


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
