"""Handover: what the next officer on duty has to know, from rows alone: no text of any note goes onto this page.

What came, what is awaited of others and of us, by when, what changed since an instant, and what hour it is there. An
answer is awaited, never overdue. Real notes stand before exercises, urgent ones before others. Leaves out words and
paper (doors).
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from parley.desk.drill import all_drills, runs_of
from parley.desk.node import Node
from parley.desk.release import CLEARED, LONE, read_verdict
from parley.directory.drill import RunStage, next_run, stage
from parley.line.conversation import Conversation, read_conversation
from parley.line.ports import Look, NoteRow
from parley.line.precedence import IN_STATION
from parley.line.states import Answer, Delivery, Moment, Understanding
from parley.terms.moment import as_datetime

MOST_NOTES = 10_000
"""The newest notes that are looked at; older ones that are still open are counted as not looked at."""
_OPEN = frozenset({Answer.AWAITED, Answer.HOLDING, Answer.PASSED_ON, Answer.IN_HAND})
_ENDED = frozenset({Delivery.VOIDED, Delivery.REFUSED})
_OF_COMING = frozenset({Moment.QUEUED, Moment.TAKEN, Moment.OPENED})  # stands under "came" already


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the page; `what` is a code, `at` when it happened and `by` when it is awaited (ms UTC)."""

    what: str
    party: str
    at: int
    by: int | None = None
    note: str = ""
    form: int = 0
    precedence: int = 0
    exercise: bool = False
    detail: tuple[str, ...] = ()


class Hour(msgspec.Struct, frozen=True):
    """A counterpart's clock: local date and time in ISO form, ISO weekday, whether that is its weekend, its hours."""

    party: str
    local: str
    weekday: int
    weekend: bool
    zone: str
    hours: str


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """The page. `review`: what one officer released alone and no other has looked at; its `detail` is who did, while
    the node is unlocked. `unseen`: notes older than those that were looked at."""

    party: str
    since: int
    at: int
    locked: bool
    came: tuple[Item, ...]
    awaited: tuple[Item, ...]
    with_us: tuple[Item, ...]
    review: tuple[Item, ...]
    changed: tuple[Item, ...]
    hours: tuple[Hour, ...]
    unseen: bool


def handover(node: Node, since: int) -> Handover:
    """What came and changed since an instant (ms), and all that is awaited now."""
    return node.store.look(lambda look: _handover(node, look, since))


def _handover(node: Node, look: Look, since: int) -> Handover:
    rows = look.notes(limit=MOST_NOTES + 1)
    found = [
        (row, read_conversation(state.state)) for row in rows[:MOST_NOTES] for state in look.conversations(row.note_id)
    ]
    came = [_came(row, c) for row, c in found if row.direction == "in" and row.stored_at >= since]
    awaited = [item for row, c in found if c.outgoing for item in awaited_of(row, c)]
    with_us = [item for row, c in found for item in with_us_of(row, c)] + list(drills_due(node, look))
    changed = [item for row, c in found for item in _moved(row, c, since)] + list(_directory(node, since))
    parties = dict.fromkeys(item.party for item in (*came, *awaited, *with_us, *changed) if item.party != node.party)
    return Handover(
        party=node.party,
        since=since,
        at=node.clock(),
        locked=node.vault is None,
        came=tuple(sorted(came, key=urgency)),
        awaited=tuple(sorted(awaited, key=urgency)),
        with_us=tuple(sorted(with_us, key=urgency)),
        review=tuple(sorted(released_alone(node, look), key=lambda item: item.at)),
        changed=tuple(sorted(changed, key=lambda item: -item.at)),
        hours=tuple(hour for party in sorted(parties) if (hour := local_hour(node, party, node.clock())) is not None),
        unseen=len(rows) > MOST_NOTES,
    )


def urgency(item: Item) -> tuple[bool, int, int]:
    """Real before exercise, then by precedence, then what is awaited soonest (or came first)."""
    return item.exercise, -item.precedence, item.by or item.at


def _item(row: NoteRow, c: Conversation, what: str, at: int, by: int | None = None, *detail: str) -> Item:
    return Item(
        what=what,
        party=c.party,
        at=at,
        by=by,
        note=row.note_id.hex()[:8],
        form=row.form,
        precedence=int(c.precedence),
        exercise=row.exercise,
        detail=detail,
    )


def _came(row: NoteRow, c: Conversation) -> Item:
    stands = (c.delivery.name.lower(), f"read-back {_word(c.understanding)}", f"our answer {_word(c.answer)}")
    return _item(row, c, "came", row.stored_at, None, *stands)


def _word(state: Understanding | Answer) -> str:
    return state.name.lower().replace("_", " ")


def awaited_of(row: NoteRow, c: Conversation) -> Iterator[Item]:
    """What is hoped for from the other side; what they withhold is not awaited."""
    if c.delivery in _ENDED:
        return
    if c.answer is Answer.AWAITED:
        yield _item(row, c, "answer", row.stored_at, c.answer_by, c.delivery.name.lower())
    elif c.answer in _OPEN and c.next_word_by is not None:
        yield _item(row, c, "next-word", row.stored_at, c.next_word_by, f"answer {_word(c.answer)}")
    elif c.delivery in (Delivery.SIGNED, Delivery.QUEUED, Delivery.FULL, Delivery.UNOPENABLE):
        yield _item(row, c, "receipt", row.stored_at, None, c.delivery.name.lower())


def with_us_of(row: NoteRow, c: Conversation) -> Iterator[Item]:
    """What the other side awaits of us, and what is ours to offer."""
    if c.outgoing:
        if c.understanding is Understanding.DIFFERS:
            yield _item(row, c, "clarification", row.stored_at, None, *(f"line {line}" for line in c.differs))
        return
    if c.delivery is Delivery.OPENED:
        taken = c.taken_at or row.stored_at
        yield _item(row, c, "reading", row.stored_at, taken + IN_STATION[c.precedence])
    if c.answer is Answer.AWAITED:
        yield _item(row, c, "our-answer", row.stored_at, c.answer_by)
    elif c.answer in _OPEN and c.next_word_by is not None:
        yield _item(row, c, "our-word", row.stored_at, c.next_word_by)


def drills_due(node: Node, look: Look) -> Iterator[Item]:
    for drill in all_drills(look):
        run = next_run(drill, runs_of(look, drill))
        if run is not None and stage(drill, run, node.clock()) is RunStage.DUE:
            yield Item(what="drill", party=node.party, at=run.due_at, exercise=True, detail=(drill.id, drill.name))


def released_alone(node: Node, look: Look) -> Iterator[Item]:
    """What one officer released alone and no other has looked at yet."""
    for key, at in look.records(LONE):
        row = look.note(bytes.fromhex(key))
        if row is not None:
            parties = [one.party for one in look.conversations(row.note_id)]
            yield Item(
                what="review",
                party=", ".join(parties),
                at=int.from_bytes(at, "big"),
                note=key[:8],
                form=row.form,
                precedence=row.precedence,
                exercise=row.exercise,
                detail=_releaser(node, look, row.note_id),
            )


def _releaser(node: Node, look: Look, note_id: bytes) -> tuple[str, ...]:
    value = look.record(CLEARED, note_id.hex())
    return () if value is None or node.vault is None else (read_verdict(node, note_id, value).releaser,)


def _moved(row: NoteRow, c: Conversation, since: int) -> Iterator[Item]:
    for number, at in c.times.items():
        moment = Moment(number)
        if at >= since and (c.outgoing or moment not in _OF_COMING) and moment is not Moment.QUEUED:
            detail = _understood(c) if moment is Moment.READ_BACK else _outcome(c) if moment is Moment.ANSWERED else ()
            yield _item(
                row, c, ("" if c.outgoing else "our-") + moment.name.lower().replace("_", "-"), at, None, *detail
            )


def _understood(c: Conversation) -> tuple[str, ...]:
    return (_word(c.understanding), *(f"line {line}" for line in c.differs))


def _outcome(c: Conversation) -> tuple[str, ...]:
    return (c.outcome.value,) if c.outcome else ()


def _directory(node: Node, since: int) -> Iterator[Item]:
    """Newer particulars, and our own decisions about parties."""
    for party in node.directory.parties:
        entry = node.directory.entry(party)
        for held in entry.versions:
            if held.learned_at >= since:
                yield Item(what="particulars", party=party, at=held.learned_at, detail=(f"{held.particulars.version}",))
        for decision in entry.decisions:
            if decision.at >= since:
                yield Item(what="suspended" if decision.suspended else "line-open", party=party, at=decision.at)


def local_hour(node: Node, party: str, at: int) -> Hour | None:
    """The hour at a party's first office; UTC where its zone is not known to this machine. None for a stranger."""
    if party not in node.directory.parties or not node.directory.entry(party).current.offices:
        return None
    office = node.directory.entry(party).current.offices[0]
    try:
        zone, name = ZoneInfo(office.time_zone), office.time_zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone, name = ZoneInfo("UTC"), "UTC"
    there = as_datetime(at).astimezone(zone)
    weekday = there.isoweekday()
    return Hour(party, there.strftime("%Y-%m-%dT%H:%M"), weekday, weekday in office.weekend, name, office.hours)
