"""Incarnations: a node whose past was cut off says so, signed, and links itself to the last that anyone saw.

Serials, journal and prekeys carry the incarnation. A backup that is restored lacks what happened after it was made;
going on under the old name would number other notes alike and grow another tree of the same size, which is proof of
equivocation. So a restored node opens a new journal under a new random name, whose first entry is this record: the
last checkpoint of the old journal that the node *or any peer* holds, and how many entries the node still has.

Left out: asking the peers for what they hold, and moving over what is in hand.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from parley.journal.checkpoint import INCARNATION_BYTES, Verified, origin, read_checkpoint, verify_checkpoint
from parley.journal.problems import JournalProblem
from parley.seal import Domain, SigningKey, Value, VerifyingKey, decode, encode, sign, verify
from parley.terms.party import PARTY

WIRE_VERSION = 1
INCARNATION_KIND = 17  # object kinds of this room: 17 incarnation, 18 archive, 19 evidence
LARGEST_RECORD = 1 << 21  # a checkpoint with a few hundred cosigners


class Incarnation(msgspec.Struct, frozen=True):
    """One life of a node.

    Fields:
        party: whose node.
        id: 16 random bytes; part of the journal's origin.
        at: when it was opened, ms UTC, own clock.
        previous: the incarnation before, None for the first of a party.
        kept: how many entries of the previous journal the node still has.
        checkpoint: the largest known checkpoint of the previous journal, its text with all signatures; None if the
            previous journal never signed one.
    """

    party: str
    id: bytes
    at: int
    previous: bytes | None = None
    kept: int = 0
    checkpoint: str | None = None

    def __post_init__(self) -> None:
        if not PARTY.fullmatch(self.party) or len(self.id) != INCARNATION_BYTES:
            raise _bad("its party or its id cannot be one")
        if not _whole(self.at) or not _whole(self.kept):
            raise _bad("its time or its count is out of range")
        if self.previous is None and (self.kept or self.checkpoint is not None):
            raise _bad("a first incarnation continues nothing")
        if self.previous is not None:
            self._check_link(self.previous)

    def _check_link(self, previous: bytes) -> None:
        if len(previous) != INCARNATION_BYTES or previous == self.id:
            raise _bad("the incarnation before cannot be one")
        if self.checkpoint is not None:
            found = read_checkpoint(self.checkpoint)[0].origin
            if found != origin(self.party, previous):
                raise _bad("its checkpoint is of another journal")

    @property
    def origin(self) -> str:
        """The name of the journal that this incarnation keeps."""
        return origin(self.party, self.id)

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed (spec/journal.md)."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: INCARNATION_KIND,
            3: [self.party, self.id],
            4: self.at,
            5: self.previous,
            6: self.kept,
            7: self.checkpoint,
        }
        return encode(fields)


def read_incarnation(payload: bytes) -> Incarnation:
    """Parse a payload; raises JournalProblem or SealProblem."""
    match decode(payload, limit=LARGEST_RECORD):
        case {1: 1, 2: 17, 3: [str(party), bytes(id)], 4: int(at), 5: previous, 6: int(kept), 7: checkpoint} if (
            isinstance(previous, bytes | None) and isinstance(checkpoint, str | None)
        ):
            found = Incarnation(party, id, at, previous, kept, checkpoint)
            if found.to_payload() == payload:
                return found
    raise _bad("it does not have its seven parts")


def sign_incarnation(incarnation: Incarnation, node: SigningKey) -> bytes:
    """The signed record."""
    return sign(incarnation.to_payload(), [node], Domain.INCARNATION)


def verify_incarnation(signed: bytes, keys: Iterable[VerifyingKey]) -> Incarnation:
    """Check the signature of one of the node `keys` and, with the same keys, the checkpoint inside.

    The old journal may have been signed by an older node key: give every key that the party's particulars ever named.
    Raises SealProblem or JournalProblem.
    """
    known = tuple(keys)
    found = read_incarnation(verify(signed, known, Domain.INCARNATION).payload)
    if found.checkpoint is not None:
        verify_checkpoint(found.checkpoint, known)
    return found


def verify_continues(newer: Incarnation, older: Incarnation) -> None:
    """Raise JournalProblem ``unlinked`` unless `newer` names `older` as the one before it."""
    if newer.party != older.party or newer.previous != older.id:
        raise JournalProblem("unlinked", why="it names another one as the one before")


def last_known(journal: str, texts: Iterable[str], keys: Iterable[VerifyingKey]) -> str | None:
    """The text with the largest tree among those that verify as checkpoints of `journal`: own copies and peers'.

    What does not verify is passed over: a peer cannot stop a restore by returning rubbish. Where two texts have the
    same size, the first stands; whether their roots agree is the business of `equivocation`.
    """
    known = tuple(keys)
    best: tuple[int, str] | None = None
    for text in texts:
        verified = _quietly(text, known)
        if verified is not None and verified.checkpoint.origin == journal:
            size = verified.checkpoint.size
            best = (size, text) if best is None or size > best[0] else best
    return best[1] if best else None


def _quietly(text: str, keys: tuple[VerifyingKey, ...]) -> Verified | None:
    try:
        return verify_checkpoint(text, keys)
    except JournalProblem:
        return None


def _whole(number: int) -> bool:
    return type(number) is int and 0 <= number < 1 << 63


def _bad(why: str) -> JournalProblem:
    return JournalProblem("bad_incarnation", why=why)
