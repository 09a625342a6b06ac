"""The entries of a journal: what was done with which object and when, hidden behind a salted commitment.

The tree holds commitments only. Peers who see sizes, roots and proofs learn nothing of an entry; whoever is shown
the entry with its salt can check it. An entry whose salt and digest were destroyed under a retention rule leaves its
hash behind, so that the tree still verifies.

Left out: the objects themselves, and where entries are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256

import msgspec

from parley.journal.merkle import leaf_hash
from parley.journal.problems import JournalProblem
from parley.seal import encode

LEAF_VERSION = 1
SALT_BYTES = 32


class LeafKind(IntEnum):
    """What an entry records, and the object whose SHA-256 stands in it (spec/journal.md, table of entries)."""

    NOTE_OUT = 1  # the signed bytes of a note of ours
    NOTE_IN = 2  # the signed bytes of a note received
    RECEIPT_OUT = 3
    RECEIPT_IN = 4
    REFUSAL = 5
    PARTICULARS = 6
    VOID_OUT = 7
    VOID_IN = 8
    INCARNATION = 9
    OVERRIDE = 10
    BY_HAND = 11
    COSIGNATURE = 12
    READ = 13
    DESTROYED = 14  # here the digest is the commitment of the entry whose body was destroyed
    ROSTER = 15  # who is what at this desk, from then on
    CLEARANCE = 16  # by what right a note of ours went out, or a later look at that


KINDS = frozenset(LeafKind)


class Leaf(msgspec.Struct, frozen=True):
    """One entry.

    Fields:
        kind: what it records.
        at: this node's time, milliseconds since the Unix epoch, UTC.
        object_digest: SHA-256 of the object, 32 bytes; for notes of the *signed* bytes, so that the entry dates the
            signature and not only the text.
        salt: 32 random bytes, never used twice.
    """

    kind: LeafKind
    at: int
    object_digest: bytes
    salt: bytes

    def __post_init__(self) -> None:
        if len(self.object_digest) != 32 or len(self.salt) != SALT_BYTES:
            raise JournalProblem("bad_leaf", index=-1, why="a digest or a salt is not 32 bytes long")
        if type(self.at) is not int or not 0 <= self.at < 1 << 63 or self.kind not in KINDS:
            raise JournalProblem("bad_leaf", index=-1, why="its time or its kind is out of range")

    @property
    def commitment(self) -> bytes:
        """SHA-256(salt || canonical [version, kind, at, object digest]): hiding while the salt is secret."""
        opened = encode([LEAF_VERSION, int(self.kind), self.at, self.object_digest])
        return sha256(self.salt + opened).digest()

    @property
    def hash(self) -> bytes:
        """What the tree holds: the leaf hash over the commitment."""
        return leaf_hash(self.commitment)


def new_leaf(kind: LeafKind, at: int, object_digest: bytes, rng: Callable[[int], bytes]) -> Leaf:
    """An entry with a fresh salt from `rng`."""
    return Leaf(kind, at, object_digest, rng(SALT_BYTES))


def destroyed_leaf(gone: bytes, at: int, rng: Callable[[int], bytes]) -> Leaf:
    """The entry that records the destruction of the entry with commitment `gone`: append it, then destroy."""
    return new_leaf(LeafKind.DESTROYED, at, gone, rng)
