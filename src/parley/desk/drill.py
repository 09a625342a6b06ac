"""Drills as this desk keeps them: scheduled, listed, cancelled; the timetable is durable, its text is locked.

What a drill is, and when its runs are due, is in `directory.drill`. Leaves out asking (`drill_run`) and what came of it
(`drill_report`).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from parley.desk.compose import RESERVED
from parley.desk.draft import Draft, examine
from parley.desk.node import Node, Reservation
from parley.desk.problems import DeskProblem
from parley.directory.drill import Call, CallOutcome, Drill, Every, Run, next_run
from parley.line.ports import Look, Tx
from parley.seal import lock, unlock
from parley.terms.party import Address

DRILL = "drill"
ID = re.compile(r"[0-9a-f]{8}")
RUN = "drill-run"  # by drill and number
TEXT = "drill-text"  # by drill: the lines of its note, locked as a draft is
SIGNED = "drill-note"  # by drill, number and note id: signed ahead of its time, locked
HANDED = "drill-handed"  # by drill: a composed run that waits for words and its release, locked
RINGS = "drill-rings"  # by note id: the drill says that a real telephone may be rung about it


class Text(msgspec.Struct, frozen=True):
    """What a drill asks: coded lines of its form, the language they were written in, and their marking."""

    lines: dict[int, Any]
    written_in: str
    marking: Any = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A drill as an officer asks for it; `to` empty: every accepted party's first office. Times in ms, UTC.

    `id`: 8 hexadecimal digits that the one who asks has chosen, so that asking twice makes one drill; "": a new one.
    """

    name: str
    first_at: int
    officer: str
    to: tuple[str, ...] = ()
    office: str = "duty"
    form: int = 1
    lines: dict[int, Any] = msgspec.field(default_factory=lambda: {10: "drill"})
    written_in: str = "en"
    every: Every = Every.ONCE
    hoped: int = 86_400_000
    precedence: int | None = None
    rings: bool = False
    over: str = ""
    marking: Any = None
    id: str = ""


async def schedule(node: Node, wanted: Wanted) -> Drill:
    """Keep a drill; returns it. Its text is checked as any note's is, and is an exercise whatever it says.

    Raises DeskProblem ("locked", "not_ours", "nobody_to_ask", "no_drill"), FormProblem, DirectoryProblem.
    """
    if wanted.id and not ID.fullmatch(wanted.id):
        raise DeskProblem("no_drill", drill=wanted.id[:16])
    node.our_office(wanted.office)
    to = wanted.to or everyone(node)
    if not to:
        raise DeskProblem("nobody_to_ask")
    drill = Drill(
        id=wanted.id or new_id(node),
        name=wanted.name,
        office=wanted.office,
        to=tuple(sorted(to)),
        form=wanted.form,
        precedence=wanted.precedence,
        first_at=wanted.first_at,
        every=wanted.every,
        hoped=wanted.hoped,
        rings=wanted.rings,
        over=wanted.over,
        by=wanted.officer,
        made_at=node.clock(),
    )
    text = Text(wanted.lines, wanted.written_in, wanted.marking)
    examine(node, draft_of(drill, text, drill.to[0], wanted.officer))
    body = lock(node.open_vault().archive_key, msgspec.msgpack.encode(text), _context(drill.id), node.rng)

    def unit(tx: Tx) -> Drill:
        if (before := tx.record(DRILL, drill.id)) is not None:
            return msgspec.msgpack.decode(before, type=Drill)
        tx.put(TEXT, drill.id, body)
        tx.put(DRILL, drill.id, msgspec.msgpack.encode(drill))
        return drill

    return await node.store.write(unit, point="drill")


def new_id(node: Node) -> str:
    """For a drill that is not kept yet."""
    return node.rng(4).hex()


def everyone(node: Node) -> tuple[str, ...]:
    """The first office of every accepted party."""
    entries = (node.directory.entry(party) for party in node.directory.parties if party != node.party)
    return tuple(str(Address(entry.party, entry.current.offices[0].id)) for entry in entries if entry.current.offices)


def draft_of(drill: Drill, text: Text, address: str, officer: str, answer_by: int | None = None) -> Draft:
    """The note of a drill to one address: always an exercise, never an accusation."""
    return Draft(
        form=drill.form,
        office=drill.office,
        to=(address,),
        lines=text.lines,
        written_in=text.written_in,
        officer=officer,
        precedence=drill.precedence,
        exercise=True,
        answer_by=answer_by,
        marking=text.marking,
    )


def text_of(node: Node, drill: Drill) -> Text:
    """What a drill asks; raises DeskProblem("locked")."""
    locked = node.store.look(lambda look: look.record(TEXT, drill.id))
    assert locked is not None
    return msgspec.msgpack.decode(unlock(node.open_vault().archive_key, locked, _context(drill.id)), type=Text)


def _context(drill_id: str) -> bytes:
    return b"drill " + drill_id.encode()


def find(look: Look, given: str) -> Drill:
    """The drill whose id begins with these digits, if there is one only; raises DeskProblem("no_drill")."""
    found = [value for key, value in look.records(DRILL) if given and key.startswith(given.lower().strip())]
    if len(found) != 1:
        raise DeskProblem("no_drill", drill=given[:16])
    return msgspec.msgpack.decode(found[0], type=Drill)


def all_drills(look: Look) -> tuple[Drill, ...]:
    """Every drill, oldest first."""
    return tuple(msgspec.msgpack.decode(value, type=Drill) for _, value in look.records(DRILL))


def runs_of(look: Look, drill: Drill) -> tuple[Run, ...]:
    """The runs that left a trace, in order; the ones to come are reckoned from the timetable."""
    stored = sorted(look.records(RUN, f"{drill.id} "))
    return tuple(msgspec.msgpack.decode(value, type=Run) for _, value in stored)


def runs_and_next(look: Look, drill: Drill) -> tuple[Run, ...]:
    """The same, and the run to hold next if it left no trace yet."""
    runs = runs_of(look, drill)
    coming = next_run(drill, runs)
    return runs if coming is None or coming in runs else (*runs, coming)


def put_run(tx: Tx, run: Run) -> None:
    """Write a run down."""
    tx.put(RUN, f"{run.drill} {run.number:06}", msgspec.msgpack.encode(run))


async def cancel(node: Node, given: str) -> Drill:
    """No run begins from now on; what was released and not sent is void. What was sent stays sent."""

    def unit(tx: Tx) -> Drill:
        drill = find(tx, given)
        for run in runs_of(tx, drill):
            if run.began_at is None and run.released_at is not None:
                forget_signed(tx, run)
        cancelled = msgspec.structs.replace(drill, cancelled_at=node.clock())
        tx.put(DRILL, drill.id, msgspec.msgpack.encode(cancelled))
        return cancelled

    return await node.store.write(unit, point="drill")


def forget_signed(tx: Tx, run: Run) -> None:
    """Notes that were signed ahead and will not go: their serials are declared void by the next `restart.settle`."""
    for key, _ in tx.records(SIGNED, f"{run.drill} {run.number:06} "):
        tx.drop(SIGNED, key)
    for identity in run.notes.values():
        keep_reserved(tx, identity, 0)


def keep_reserved(tx: Tx, identity: bytes, until: int) -> None:
    """Let the reserved serials of a note wait until an instant (ms), or no longer (0)."""
    stored = tx.record(RESERVED, identity.hex())
    if stored is not None:
        reservation = msgspec.msgpack.decode(stored, type=Reservation)
        tx.put(RESERVED, identity.hex(), msgspec.msgpack.encode(msgspec.structs.replace(reservation, until=until)))


async def enter_call(
    node: Node, given: str, address: str, outcome: str, *, at: int, officer: str, number: int | None = None
) -> Run:
    """What an officer says came of a telephone call; nothing here dials. The last run that began, unless named.

    Raises DeskProblem("no_drill", "no_run", "not_in_drill", "no_outcome").
    """
    if outcome not in {one.value for one in CallOutcome}:
        raise DeskProblem("no_outcome", given=outcome[:40], possible=", ".join(one.value for one in CallOutcome))

    def unit(tx: Tx) -> Run:
        drill = find(tx, given)
        run = begun(tx, drill, number)
        asked = next((one for one in drill.to if address in (one, one.partition("/")[0])), None)
        if asked is None:
            raise DeskProblem("not_in_drill", drill=drill.id, given=address[:40])
        call = Call(address=asked, at=at, outcome=CallOutcome(outcome), by=officer)
        after = msgspec.structs.replace(run, calls=(*run.calls, call))
        put_run(tx, after)
        return after

    return await node.store.write(unit, point="drill")


def begun(look: Look, drill: Drill, number: int | None = None) -> Run:
    """A run that began: the last, or the one of that number; raises DeskProblem("no_run")."""
    found = [run for run in runs_of(look, drill) if run.began_at is not None and number in (None, run.number)]
    if not found:
        raise DeskProblem("no_run", drill=drill.id)
    return found[-1]
