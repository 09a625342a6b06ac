"""The timetable of drills: when a run is due, where it stands, what is passed over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.directory.drill import Drill, Every, Run, RunStage, months_later, next_run, passed_over, stage
from parley.directory.problems import DirectoryProblem
from parley.terms.moment import as_datetime, as_ms

HOUR = 3_600_000


def at(text: str) -> int:
    return as_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


FIRST = at("2027-01-31T08:30:00")


def drill(**changes: Any) -> Drill:
    fields: dict[str, Any] = {"id": "aabbccdd", "name": "Link check", "office": "duty", "to": ("XB/duty", "XC/duty")}
    fields |= {"form": 1, "first_at": FIRST, "every": Every.MONTHLY, "hoped": 24 * HOUR, "by": "amal", "made_at": FIRST}
    return Drill(**fields | changes)


DUE = {
    "a monthly drill of the 31st is on the last day of a shorter month": (Every.MONTHLY, 1, "2027-02-28T08:30:00"),
    "and on the 31st again in a month that has one: no drift": (Every.MONTHLY, 2, "2027-03-31T08:30:00"),
    "a leap year's February has 29 days": (Every.YEARLY, 1, "2028-01-31T08:30:00"),
    "thirteen months on": (Every.MONTHLY, 13, "2028-02-29T08:30:00"),
    "weekly": (Every.WEEKLY, 3, "2027-02-21T08:30:00"),
    "quarterly": (Every.QUARTERLY, 1, "2027-04-30T08:30:00"),
    "half-yearly, as the UN directory": (Every.HALF_YEARLY, 1, "2027-07-31T08:30:00"),
    "the first is the first": (Every.ONCE, 0, "2027-01-31T08:30:00"),
}


@pytest.mark.parametrize("name", DUE)
def test_a_run_is_due_by_the_calendar(name: str) -> None:
    every, number, expected = DUE[name]
    assert drill(every=every).due(number) == at(expected)


def test_a_drill_that_is_held_once_has_no_second_run() -> None:
    assert drill(every=Every.ONCE).due(1) is None
    assert drill().due(-1) is None


@given(st.integers(at("2000-01-01"), at("2090-01-01")), st.integers(0, 600), st.integers(1, 24))
def test_months_only_rise_and_keep_the_time_of_day(ms: int, months: int, more: int) -> None:
    found, later = months_later(ms, months), months_later(ms, months + more)
    assert ms <= found < later
    assert as_datetime(found).time() == as_datetime(ms).time()
    assert as_datetime(found).day <= as_datetime(ms).day


BAD: dict[str, dict[str, Any]] = {
    "nobody is asked": {"to": ()},
    "an address that is none": {"to": ("XB",)},
    "a party twice": {"to": ("XB/duty", "XB/cyber")},
    "an answer hoped for at once": {"hoped": 0},
    "a name of two lines": {"name": "a\nb"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_drill_that_cannot_be_held_cannot_be_built(name: str) -> None:
    with pytest.raises(DirectoryProblem, check=lambda problem: problem.key == "directory.bad_value"):
        drill(**BAD[name])


RUN = Run(drill="aabbccdd", number=0, due_at=FIRST)
STAGES: dict[str, tuple[dict[str, Any], int, dict[str, Any], RunStage]] = {
    "before its time": ({}, FIRST - 1, {}, RunStage.SCHEDULED),
    "released before its time": ({"released_at": 1}, FIRST - 1, {}, RunStage.RELEASED),
    "its time has come and nobody released it: due, not sent": ({}, FIRST, {}, RunStage.DUE),
    "years later it is still due": ({}, FIRST * 2, {}, RunStage.DUE),
    "released, due, and the node was locked": ({"released_at": 1}, FIRST + 1, {}, RunStage.RELEASED),
    "sent": ({"began_at": FIRST}, FIRST + 24 * HOUR, {}, RunStage.UNDER_WAY),
    "the time hoped for is over": ({"began_at": FIRST}, FIRST + 24 * HOUR + 1, {}, RunStage.HELD),
    "passed over": ({"passed_over_at": 9}, FIRST, {}, RunStage.NOT_HELD),
    "cancelled before it began": ({}, FIRST, {"cancelled_at": 1}, RunStage.NOT_HELD),
    "cancelled after it began": ({"began_at": FIRST}, FIRST, {"cancelled_at": 1}, RunStage.UNDER_WAY),
}


@pytest.mark.parametrize("name", STAGES)
def test_where_a_run_stands(name: str) -> None:
    run, now, changes, expected = STAGES[name]
    fields = {"drill": RUN.drill, "number": 0, "due_at": FIRST, **run}
    assert stage(drill(**changes), Run(**fields), now) is expected


def test_the_next_run_is_the_first_that_has_not_begun() -> None:
    """After two that are over comes the third, by the calendar; a cancelled drill has none to come."""
    over = (
        Run(drill="aabbccdd", number=0, due_at=FIRST, began_at=FIRST),
        Run(drill="aabbccdd", number=1, due_at=1, passed_over_at=2),
    )
    assert next_run(drill(), ()) == RUN
    assert next_run(drill(), over) == Run(drill="aabbccdd", number=2, due_at=at("2027-03-31T08:30:00"))
    assert next_run(drill(cancelled_at=1), over) is None
    assert next_run(drill(every=Every.ONCE), over[:1]) is None


def test_a_run_is_passed_over_when_the_next_is_due_and_nobody_had_released_it() -> None:
    second = at("2027-02-28T08:30:00")
    assert not passed_over(drill(), RUN, second - 1)
    assert passed_over(drill(), RUN, second)
    assert not passed_over(drill(), Run(drill="aabbccdd", number=0, due_at=FIRST, released_at=1), second)
    assert not passed_over(drill(every=Every.ONCE), RUN, second * 2)
