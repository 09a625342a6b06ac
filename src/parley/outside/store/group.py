"""Group commit: several units in one transaction, each under a savepoint of its own.

What this is: the order of steps, the same for every database. What it leaves out: threads (writer.py) and how a
database begins, marks and commits (the engines).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from parley.line.ports import Tx
from parley.outside.store.problems import Reach, StoreProblem, again, reach
from parley.outside.store.writes import Writing

Probe = Callable[[str, str], None]


class Waiting:
    """A unit that waits for its commit; `point` names it for the probe."""

    __slots__ = ("point", "unit")

    def __init__(self, unit: Callable[[Tx], Any], point: str) -> None:
        self.unit = unit
        self.point = point


class Done:
    """The unit is durable; `value` is what it returned."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Failed:
    """Nothing of the unit was kept, or (``store.stopped``) nobody knows."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


Outcome = Done | Failed


class Engine(Protocol):
    """A connection that can write. Every method raises StoreProblem and no error of a driver."""

    def begin(self) -> Writing: ...  # starts the transaction
    def mark(self) -> None: ...  # sets the savepoint of one unit
    def keep(self) -> None: ...  # releases it
    def undo(self) -> None: ...  # takes the unit back
    def commit(self) -> None: ...  # returns only when durable; Reach.GROUP: surely not; Reach.STORE: unknown
    def abandon(self) -> bool: ...  # ends the transaction without a trace; True: the same group may be tried once more


def commit_group(engine: Engine, group: Sequence[Waiting], probe: Probe | None) -> list[Outcome]:
    """Run `group` in one transaction; raises StoreProblem only when the store itself has to stop.

    The outcomes stand in the order of the units. A unit that fails takes only itself back; a failure of the database
    fails the whole group.
    """
    _tell(probe, group, "before")
    for attempt in (1, 2):
        try:
            outcomes = _attempt(engine, group, probe)
        except StoreProblem as problem:
            retry = engine.abandon()
            if reach(problem) is Reach.STORE:
                raise
            if not retry or attempt == 2:
                return [Failed(again(problem)) for _ in group]
        else:
            _tell(probe, [w for w, outcome in zip(group, outcomes, strict=True) if isinstance(outcome, Done)], "after")
            return outcomes
    raise AssertionError("unreachable")


def _attempt(engine: Engine, group: Sequence[Waiting], probe: Probe | None) -> list[Outcome]:
    tx = engine.begin()
    outcomes = [_run(engine, tx, waiting, probe) for waiting in group]
    if any(isinstance(outcome, Done) for outcome in outcomes):
        engine.commit()
    else:
        engine.abandon()
    return outcomes


def _run(engine: Engine, tx: Writing, waiting: Waiting, probe: Probe | None) -> Outcome:
    """Run one unit. Raises only what concerns the whole group."""
    engine.mark()
    tx.begin_unit()
    try:
        value = waiting.unit(tx)
        if tx.fault is not None:  # the unit caught it and went on, but the database refused a statement
            raise tx.fault
    except BaseException as error:
        if tx.fault is not None and reach(tx.fault) is not Reach.UNIT:
            raise tx.fault from error
        engine.undo()
        return Failed(error)
    engine.keep()
    _tell(probe, [waiting], "written")
    return Done(value)


def _tell(probe: Probe | None, group: Sequence[Waiting], moment: str) -> None:
    if probe is not None:
        for waiting in group:
            probe(waiting.point, moment)
