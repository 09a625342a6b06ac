"""One's own journal, verified whole: every entry gives its hash, no entry is missing, every checkpoint fits.

Reads entries as a stream and keeps the frontier only, so a journal of any length is checked in O(n) time and O(log n)
memory, but for the list of destroyed bodies. Left out: reading the entries from where they are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import msgspec

from parley.journal.checkpoint import Checkpoint, verify_checkpoint
from parley.journal.leaves import Leaf, LeafKind
from parley.journal.merkle import Frontier, leaf_hash
from parley.journal.problems import JournalProblem
from parley.seal import VerifyingKey


class Kept(msgspec.Struct, frozen=True):
    """An entry as it is kept: its index, its hash, and its body unless that was destroyed.

    `commitment` is kept when the body goes, so that the record of the destruction can be found by it.
    """

    index: int
    hash: bytes
    leaf: Leaf | None
    commitment: bytes | None = None


class Audit(msgspec.Struct, frozen=True):
    """What was found good: size and root now, how many checkpoints were recomputed, how many bodies are destroyed."""

    size: int
    root: bytes
    checkpoints: int
    destroyed: int


def verify_journal(
    journal: str,
    entries: Iterable[Kept],
    checkpoints: Sequence[str],
    keys: Iterable[VerifyingKey],
    *,
    elsewhere: Collection[bytes] = (),
) -> Audit:
    """Recompute the journal `journal` (its origin) from its entries.

    Args:
        entries: all entries in order of index, from 0.
        checkpoints: every signed text of this journal that is at hand (own, or returned by peers), sizes ascending.
        keys: every node key that ever signed for this journal.
        elsewhere: commitments that entries DESTROYED of *later* journals of this node name: after a restore, what is
            destroyed of an older journal is recorded in the newest. They are to be verified too, each in its own.

    Raises JournalProblem: 1. a gap in the indexes; 2. a body that does not give its hash; 3. a checkpoint whose
    signatures do not hold, of another journal, out of order, with another root than the entries up to its size, or
    of more entries than there are (the end was cut off); 4. a body that is gone without an entry that says so.
    """
    known = tuple(keys)
    due = [_verified(journal, text, known) for text in checkpoints]
    for first, second in pairwise(due):
        if second.size < first.size:
            raise JournalProblem("bad_order", first=first.size, second=second.size)
    ledger, frontier, done = _Ledger(), Frontier(), 0
    done = _settle(due, done, frontier)
    for entry in entries:
        if entry.index != frontier.size:
            raise JournalProblem("gap", expected=frontier.size, found=entry.index)
        ledger.take(entry)
        frontier.append(entry.hash)
        done = _settle(due, done, frontier)
    if done < len(due):
        raise JournalProblem("cut_short", size=frontier.size, claimed=due[done].size)
    return Audit(frontier.size, frontier.root(), len(due), ledger.settle(elsewhere))


class _Ledger:
    """Bodies that are gone, and the entries that say so."""

    def __init__(self) -> None:
        self._gone: dict[bytes, int] = {}
        self._recorded: set[bytes] = set()

    def take(self, entry: Kept) -> None:
        """Check one entry against its own hash."""
        if entry.leaf is not None:
            if entry.leaf.hash != entry.hash:
                raise JournalProblem("leaf_changed", index=entry.index)
            if entry.leaf.kind == LeafKind.DESTROYED:
                self._recorded.add(entry.leaf.object_digest)
            return
        if entry.commitment is None or leaf_hash(entry.commitment) != entry.hash:
            raise JournalProblem("leaf_changed", index=entry.index)
        self._gone[entry.commitment] = entry.index

    def settle(self, elsewhere: Collection[bytes]) -> int:
        """How many bodies are gone, each with its record."""
        for commitment, index in self._gone.items():
            if commitment not in self._recorded and commitment not in elsewhere:
                raise JournalProblem("unrecorded_destruction", index=index)
        return len(self._gone)


def _verified(journal: str, text: str, keys: tuple[VerifyingKey, ...]) -> Checkpoint:
    checkpoint = verify_checkpoint(text, keys).checkpoint
    if checkpoint.origin != journal:
        raise JournalProblem("other_journal", found=checkpoint.origin, expected=journal[:60])
    return checkpoint


def _settle(due: Sequence[Checkpoint], done: int, frontier: Frontier) -> int:
    """Compare all checkpoints of the size that is reached; returns how many are done."""
    while done < len(due) and due[done].size == frontier.size:
        if due[done].root != frontier.root():
            raise JournalProblem("other_root", size=frontier.size)
        done += 1
    return done
