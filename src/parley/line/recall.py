"""Recall and returned: what a restored node asks of each peer, and how the peer says that it gave back what it holds.

A recall says, under a new incarnation, which notes of the correspondence with this one peer are still here: for every
sequence of serials the ranges that are held, so that the answer can be exact without a list of notes. *Returned* ends
the answer, and carries the largest checkpoint of each former journal that the peer ever cosigned. Both are signed by a
node and travel sealed (spec/restore.md). Leaves out finding what is held, and sending (desk).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

import msgspec

from parley.directory import Directory
from parley.line.fields import WIRE_VERSION, Fields, is_whole
from parley.line.problems import LineProblem
from parley.line.receiving import verify_word
from parley.seal import Domain, Value, decode, encode, peek
from parley.terms.party import OFFICE
from parley.terms.party import party as party_code
from parley.terms.problem import Problem

RECALL_KIND: Final = 7
RETURNED_KIND: Final = 8
LARGEST_RECALL: Final = 512 * 1024
LARGEST_RECORD: Final = 96 * 1024
"""Bytes of the incarnation record inside a recall, and of each checkpoint inside a *returned*."""
MOST_SEQUENCES: Final = 256
MOST_RANGES: Final = 8192
MOST_CHECKPOINTS: Final = 4

Range = tuple[int, int]
Serial = tuple[str, str, bytes, int]
"""(office of the sender, office of the recipient, incarnation of the sender, serial)"""


class Held(msgspec.Struct, frozen=True, order=True):
    """One sequence of serials and what of it is held: rising ranges, both ends included."""

    sender: str
    recipient: str
    incarnation: bytes
    ranges: tuple[Range, ...]

    def has(self, serial: int) -> bool:
        """Whether the note with this serial is held."""
        place = bisect_right(self.ranges, (serial, 1 << 63)) - 1
        return place >= 0 and self.ranges[place][0] <= serial <= self.ranges[place][1]


def held_sequences(serials: Iterable[Serial], most: int = MOST_RANGES) -> tuple[Held, ...]:
    """The sequences of these serials. Beyond `most` ranges or 256 sequences some are left out: what they hold is then
    only sent once more, and known when it comes."""
    found: dict[tuple[str, str, bytes], set[int]] = {}
    for sender, recipient, incarnation, serial in serials:
        found.setdefault((sender, recipient, incarnation), set()).add(serial)
    sequences = []
    for key in sorted(found)[:MOST_SEQUENCES]:
        ranges = _ranges(found[key])[-most:] if most > 0 else ()
        most -= len(ranges)
        sequences.append(Held(*key, tuple(ranges)))
    return tuple(sequences)


def _ranges(serials: Iterable[int]) -> list[Range]:
    ranges: list[Range] = []
    for serial in sorted(serials):
        if ranges and serial == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], serial)
        else:
            ranges.append((serial, serial))
    return ranges


def holds(sequences: Iterable[Held], serial: Serial) -> bool:
    """Whether any of the sequences holds this serial."""
    return any((h.sender, h.recipient, h.incarnation) == serial[:3] and h.has(serial[3]) for h in sequences)


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """What a restored node asks of a peer. Instants are ms since the Unix epoch, UTC, by the clock of `party`.

    Fields:
        party, incarnation: who asks, under which new incarnation.
        to: of whom.
        at: when.
        record: the signed incarnation record (spec/journal.md).
        since: when the last entry was written that the restored journal still has.
        theirs: notes from `to` that are held.
        ours: notes to `to` that are held.
    """

    party: str
    incarnation: bytes
    to: str
    at: int
    record: bytes
    since: int
    theirs: tuple[Held, ...]
    ours: tuple[Held, ...]
    extensions: dict[int, Value] = {}

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed, in the domain INCARNATION."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: RECALL_KIND,
            3: [self.party, self.incarnation],
            4: self.to,
            5: self.at,
            6: self.record,
            7: self.since,
            8: _listed(self.theirs),
            9: _listed(self.ours),
        }
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What a peer says when everything that it had to give back is on its way.

    Fields:
        party, incarnation: who gave back. to: to whom. at: when, ms UTC, own clock.
        answers: SHA-256 of the signed recall.
        notes: how many notes of its own were sent again. own: how many notes of `to` were given back.
        checkpoints: the largest checkpoint of each former journal of `to` that it cosigned, newest last.
    """

    party: str
    incarnation: bytes
    to: str
    at: int
    answers: bytes
    notes: int
    own: int
    checkpoints: tuple[str, ...]
    extensions: dict[int, Value] = {}

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed, in the domain INCARNATION."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: RETURNED_KIND,
            3: [self.party, self.incarnation],
            4: self.to,
            5: self.at,
            6: self.answers,
            7: [self.notes, self.own],
            8: list(self.checkpoints),
        }
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)


def read_recall(payload: bytes) -> Recall:
    """Parse a payload; raises LineProblem or SealProblem."""
    fields = Fields("recall", decode(payload, limit=LARGEST_RECALL), RECALL_KIND)
    fields.nothing_but(*range(1, 10), 21, 22)
    party, incarnation, to = _from_to(fields)
    record = fields.octets(6)
    if len(record) > LARGEST_RECORD:
        raise fields.bad("field 6 is too large for an incarnation record")
    recall = Recall(
        party=party,
        incarnation=incarnation,
        to=to,
        at=fields.whole(5),
        record=record,
        since=fields.whole(7),
        theirs=_read_held(fields, 8),
        ours=_read_held(fields, 9),
        extensions=fields.extensions(21, 22),
    )
    fields.same(recall.to_payload(), payload)
    return recall


def read_returned(payload: bytes) -> Returned:
    """Parse a payload; raises LineProblem or SealProblem."""
    fields = Fields("returned", decode(payload, limit=LARGEST_RECALL), RETURNED_KIND)
    fields.nothing_but(*range(1, 9), 21, 22)
    party, incarnation, to = _from_to(fields)
    match fields.items(7, 2):
        case [notes, own] if is_whole(notes) and is_whole(own):
            pass
        case _:
            raise fields.bad("field 7 is not two counts")
    texts = fields.items(8, MOST_CHECKPOINTS)
    checkpoints = tuple(text for text in texts if isinstance(text, str) and len(text) <= LARGEST_RECORD)
    if len(checkpoints) != len(texts):
        raise fields.bad("field 8 holds something other than checkpoints")
    returned = Returned(
        party=party,
        incarnation=incarnation,
        to=to,
        at=fields.whole(5),
        answers=fields.octets(6, 32),
        notes=notes,
        own=own,
        checkpoints=checkpoints,
        extensions=fields.extensions(21, 22),
    )
    fields.same(returned.to_payload(), payload)
    return returned


def judge_recall(signed: bytes, *, directory: Directory, us: str, now: int) -> Recall:
    """Judge a recall that arrived at `now`; raises LineProblem, SealProblem, DirectoryProblem.

    1. The shape of a recall. 2. Not of our own party. 3. Its party is accepted here; both signatures of a node key that
    counted at signing. 4. Made out to us. The record inside is the journal's to verify (`verify_incarnation`).
    """
    recall = read_recall(peek(signed).payload)  # 1
    verify_word(signed, recall.party, recall.at, Domain.INCARNATION, directory=directory, us=us, now=now)  # 2, 3
    if recall.to != us:  # 4
        raise LineProblem("recall_to_another", to=recall.to, us=us)
    return recall


def judge_returned(signed: bytes, *, directory: Directory, us: str, now: int) -> Returned:
    """Judge a *returned* that arrived at `now`; raises and checks as `judge_recall` does."""
    returned = read_returned(peek(signed).payload)
    verify_word(signed, returned.party, returned.at, Domain.INCARNATION, directory=directory, us=us, now=now)
    if returned.to != us:
        raise LineProblem("recall_to_another", to=returned.to, us=us)
    return returned


def _from_to(fields: Fields) -> tuple[str, bytes, str]:
    match fields.items(3, 2):
        case [str(name), bytes(incarnation)] if len(incarnation) == 16:
            pass
        case _:
            raise fields.bad("field 3 is not a party and an incarnation")
    try:
        return party_code(name), incarnation, party_code(fields.text(4, 16))
    except Problem as problem:
        raise fields.bad("a party cannot be one") from problem


def _listed(sequences: tuple[Held, ...]) -> Value:
    listed: list[Value] = []
    for held in sequences:
        ranges: list[Value] = [[first, last] for first, last in held.ranges]
        listed.append([held.sender, held.recipient, held.incarnation, ranges])
    return listed


def _read_held(fields: Fields, key: int) -> tuple[Held, ...]:
    sequences = []
    for item in fields.items(key, MOST_SEQUENCES):
        match item:
            case [str(sender), str(recipient), bytes(incarnation), list(ranges)] if (
                OFFICE.fullmatch(sender) and OFFICE.fullmatch(recipient) and len(incarnation) == 16
            ):
                sequences.append(Held(sender, recipient, incarnation, _read_ranges(fields, ranges)))
            case _:
                raise fields.bad("a sequence is not two offices, an incarnation and ranges")
    _rising(fields, [(h.sender, h.recipient, h.incarnation) for h in sequences], lambda a, b: a < b)
    if sum(len(held.ranges) for held in sequences) > MOST_RANGES:
        raise fields.bad("there are too many ranges")
    return tuple(sequences)


def _read_ranges(fields: Fields, items: list[Value]) -> tuple[Range, ...]:
    ranges: list[Range] = []
    for item in items:
        match item:
            case [first, last] if is_whole(first) and is_whole(last) and first <= last:
                ranges.append((first, last))
            case _:
                raise fields.bad("a range is not a first and a last serial")
    _rising(fields, ranges, lambda a, b: a[1] + 1 < b[0])
    return tuple(ranges)


def _rising(fields: Fields, things: list[Range] | list[tuple[str, str, bytes]], below: Callable[..., bool]) -> None:
    if not all(below(first, second) for first, second in pairwise(things)):
        raise fields.bad("sequences or ranges do not rise")
