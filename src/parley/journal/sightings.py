"""Sightings: heads of third parties' journals that peers pass on, compared with those that were cosigned here.

A journal that shows two faces is caught by whoever sees both. Of one size they are evidence at once. Of two sizes
nobody but the journal's own node can tell whether one continues the other, so it is asked for the consistency proof
that an honest node can always give. Its silence is no evidence (docs/decisions/0038); it is kept and shown.

Left out: sending, asking and keeping (desk).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from parley.journal.checkpoint import Checkpoint, only, read_checkpoint, verify_checkpoint
from parley.journal.merkle import verify_consistency
from parley.journal.problems import JournalProblem
from parley.journal.witness import LONGEST_PROOF
from parley.seal import SealProblem, Value, VerifyingKey, decode, encode

MOST_HEADS = 8  # in one item, some 4.7 kB each
LONGEST_HEAD = 8 * 1024  # a text with the two lines of its own node
LARGEST_ITEM = 1 << 17


class Sight(Enum):
    """How a head that a peer saw compares with those known here."""

    KNOWN = "known"  # the same tree was cosigned here
    FORK = "fork"  # same size, other root: with the text known here it is evidence
    UNPROVED = "unproved"  # another size: ask its journal for a proof


class Sighted(msgspec.Struct, frozen=True):
    """The comparison; `beside` is the text known here: that of the same size, or the nearest in size."""

    sight: Sight
    head: Checkpoint
    beside: str


class ProofWanted(msgspec.Struct, frozen=True):
    """ "Show that your tree of size `new` continues your tree of size `old`", asked of the journal `origin` itself."""

    origin: str
    old: int
    new: int

    def to_bytes(self) -> bytes:
        """The item of a parcel."""
        return encode([self.origin, self.old, self.new])


class Proof(msgspec.Struct, frozen=True):
    """The answer to it."""

    origin: str
    old: int
    new: int
    path: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """The item of a parcel."""
        return encode([self.origin, self.old, self.new, list(self.path)])


def bare(text: str, keys: Iterable[VerifyingKey]) -> str:
    """The checkpoint with the lines of its own node alone; raises JournalProblem if they do not verify."""
    verified = verify_checkpoint(text, keys)
    return only(text, {verified.checkpoint.origin: verified.key})


def compare(known: Sequence[str], text: str) -> Sighted:
    """How the head in `text` compares with `known` texts of the same journal, of which there is at least one.

    Reads and verifies nothing but the form: of texts that are not KNOWN the caller verifies the signatures first.
    """
    head = read_checkpoint(text)[0]
    sizes = {read_checkpoint(one)[0].size: one for one in known}
    beside = sizes.get(head.size)
    if beside is not None:
        same = read_checkpoint(beside)[0].root == head.root
        return Sighted(Sight.KNOWN if same else Sight.FORK, head, beside)
    nearest = min(sizes, key=lambda size: (abs(size - head.size), size))
    return Sighted(Sight.UNPROVED, head, sizes[nearest])


def settles(proof: Proof, first: Checkpoint, second: Checkpoint) -> bool:
    """Whether `proof` is about these two heads of one journal; raises ``not_consistent`` if it is and does not hold."""
    old, new = sorted((first, second), key=lambda head: head.size)
    if (proof.origin, proof.old, proof.new) != (old.origin, old.size, new.size) or old.origin != new.origin:
        return False
    verify_consistency(old.size, old.root, new.size, new.root, proof.path)
    return True


def read_heads(data: bytes) -> tuple[str, ...]:
    """The texts of an item of heads; raises JournalProblem ``bad_sighting``. None of them is verified."""
    match _decoded(data):
        case list(texts) if 0 < len(texts) <= MOST_HEADS and encode(texts) == data:
            found = tuple(text for text in texts if isinstance(text, str) and len(text) <= LONGEST_HEAD)
            if len(found) == len(texts):
                return found
    raise _bad("it is not one to eight short texts")


def read_proof_wanted(data: bytes) -> ProofWanted:
    """The item that asks for a proof; raises JournalProblem ``bad_sighting``."""
    match _decoded(data):
        case [str(origin), int(old), int(new)] if _sizes(old, new):
            return ProofWanted(origin, old, new)
    raise _bad("it does not name a journal and two sizes")


def read_proof(data: bytes) -> Proof:
    """The item that answers it; raises JournalProblem ``bad_sighting``."""
    match _decoded(data):
        case [str(origin), int(old), int(new), list(path)] if _sizes(old, new) and len(path) <= LONGEST_PROOF:
            steps = tuple(step for step in path if isinstance(step, bytes))
            if len(steps) == len(path):
                return Proof(origin, old, new, steps)
    raise _bad("it is not a journal, two sizes and a proof")


def _sizes(old: int, new: int) -> bool:
    return type(old) is int and type(new) is int and 0 < old < new < 1 << 63


def _decoded(data: bytes) -> Value:
    try:
        return decode(data, limit=LARGEST_ITEM)
    except SealProblem as problem:
        raise _bad(problem.key) from problem


def _bad(why: str) -> JournalProblem:
    return JournalProblem("bad_sighting", why=why)
