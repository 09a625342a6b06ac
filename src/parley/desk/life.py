"""Life: how far a note came with one counterpart, step by step, by which ways, and where it came across differently.

From what is recorded and nothing else: a step without a time is *withheld* where the counterpart said that it keeps it
to itself, else *awaited*. No step implies the one before it (DESIGN 3.2). Of ways, only what went beside the first
attempt is written down (`ways`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from parley.desk.answer import answers_of
from parley.desk.node import Node
from parley.desk.ways import ways_of
from parley.directory.indicators import Way
from parley.forms import questions
from parley.line.conversation import Conversation
from parley.line.note import Note
from parley.line.reading import to_sheet
from parley.line.receipt import Stage
from parley.line.states import Moment, Understanding
from parley.terms.problem import Problem

ALWAYS = (Moment.QUEUED, Moment.TAKEN, Moment.OPENED, Moment.READ, Moment.READ_BACK, Moment.ANSWERED, Moment.ACTED)
"""The steps that are drawn of every note, in the order in which they are drawn."""
ASIDE = (Moment.CLARIFIED, Moment.REFUSED, Moment.FULL, Moment.UNOPENABLE, Moment.VOIDED, Moment.CLOSED)
"""Those that are drawn only if they happened."""


class Step(msgspec.Struct, frozen=True):
    """One step. `at`: ms UTC; `after`: ms since the step that happened before it, None for the first and for one that
    an unsure clock puts before it."""

    name: str
    state: Literal["done", "withheld", "awaited"]
    at: int | None = None
    after: int | None = None


class Differs(msgspec.Struct, frozen=True):
    """A line that came across differently: what they were asked, and what they chose; "" if that was not kept."""

    line: int
    asked: str
    chosen: str


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """A note with one counterpart. `attempts`, `next_at`: of the copy that waits in the outbox, None without one."""

    c: Conversation
    steps: tuple[Step, ...]
    ways: tuple[Way, ...]
    attempts: int | None
    next_at: int | None
    differs: tuple[Differs, ...]


def life(node: Node, note: Note, c: Conversation, language: str) -> Life:
    """The life of a note that is open here; what was asked and chosen is said in `language`."""
    waits = node.store.look(lambda look: look.outbox_for(c.note_id, c.party)) if c.outgoing else None
    return Life(
        c=c,
        steps=tuple(steps(c)),
        ways=node.store.look(lambda look: ways_of(look, c.note_id, c.party, ())) if c.outgoing else (),
        attempts=None if waits is None else waits.attempts,
        next_at=None if waits is None else waits.due,
        differs=tuple(_differs(node, note, c, language)),
    )


def steps(c: Conversation) -> Iterator[Step]:
    """In the order of the line; steps aside by their time."""
    times = {Moment(number): at for number, at in c.times.items()}
    withheld = {Stage(number).name for number in c.withheld}
    before: int | None = None
    drawn = [one for one in ALWAYS if c.outgoing or one is not Moment.QUEUED]
    for moment in (*drawn, *sorted((one for one in ASIDE if one in times), key=lambda one: times[one])):
        name, at = moment.name.lower().replace("_", "-"), times.get(moment)
        if at is not None:
            yield Step(name, "done", at, None if before is None or at < before else at - before)
            before = at
        elif moment is not Moment.READ_BACK or c.understanding is not Understanding.NOT_ASKED:
            yield Step(name, "withheld" if moment.name in withheld else "awaited")


def _differs(node: Node, note: Note, c: Conversation, language: str) -> Iterator[Differs]:
    if not c.outgoing or not c.differs:
        return
    chosen = answers_of(node, c.note_id, c.party)
    try:
        asked = {one.line: one for one in questions(to_sheet(note, c.party), language, node.rng)}
    except Problem:  # a form that is not known here any more
        asked = {}
    for line in c.differs:
        question = asked.get(line)
        options = {one.id: one.text for one in question.options} if question else {}
        yield Differs(line, question.text if question else "", options.get(chosen.get(line, ""), ""))
