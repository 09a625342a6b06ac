"""Which dates may be subtracted: only days from days.

``2017-01-01`` in a data set without a column for precision is the year 2017; a lag from it would be off by up to a
year and negative in one case of five (EuRepoC of May 2024: 55 of 278). So a date coarser than a day gives no lag; it is
counted, and the count stands beside the curve. What happened before it began is counted too and shown as such: the two
dates mean different things, or one is wrong, and no rule here can say which.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import IntEnum

import msgspec

from parley.terms.instant import Instant, Meaning, Precision
from parley.terms.moment import as_datetime, as_ms

DAY = 86_400_000
EVENT = frozenset({Meaning.OBSERVED, Meaning.BEGAN, Meaning.TOOK_EFFECT})
"""Meanings that say when an incident happened; that it was discovered or disclosed says when somebody knew."""


class Known(IntEnum):
    """What is known of the day of something. The numbers are in the index and only there."""

    DAY = 0
    COARSE = 1  # a year or a month: a placeholder, or all that is known
    UNDATED = 2  # it happened; no date is given
    NOT = 3  # nothing says that it happened


class First(msgspec.Struct, frozen=True):
    """The first of several: the day (whole days since 1970-01-01 UTC), or why there is none."""

    known: Known
    day: int | None = None


class Outcome(IntEnum):
    """What a wait comes to. The numbers are in the index and only there."""

    ENDED = 0
    GOING_ON = 1  # not known to have happened by the day to which the source was kept
    BEFORE = 2  # the answer is dated before the event
    BEGIN_COARSE = 3
    BEGIN_UNKNOWN = 4  # no date of the event, or only of its discovery or disclosure
    END_COARSE = 5
    END_UNDATED = 6
    NO_END_OF_SIGHT = 7  # it is not known until when the source was kept


SAYS = {
    Outcome.BEFORE: "answered before the event began: the two dates mean different things or one is wrong",
    Outcome.BEGIN_COARSE: "only the year or month of the event is known (placeholder dates)",
    Outcome.BEGIN_UNKNOWN: "no date of the event itself, or only of its discovery or disclosure",
    Outcome.END_COARSE: "only the year or month of the answer is known (placeholder dates)",
    Outcome.END_UNDATED: "answered, but no date of the answer is given",
    Outcome.NO_END_OF_SIGHT: "it is not known until when the source was kept up to date",
}
"""What is said of those that no lag was computed for."""


class Wait(msgspec.Struct, frozen=True):
    """A wait in whole days if it counts (`ENDED`, `GOING_ON`); `days` is None otherwise."""

    outcome: Outcome
    days: int | None = None


def day_of(instant: Instant) -> int | None:
    """Whole days since 1970-01-01 UTC; None for a year or a month."""
    return instant.ms // DAY if instant.precision >= Precision.DAY else None


def last_day_of(instant: Instant) -> int:
    """The last day that a date coarser than a day may mean."""
    at = as_datetime(instant.ms)
    if instant.precision is Precision.YEAR:
        return as_ms(at.replace(year=at.year + 1)) // DAY - 1
    if instant.precision is Precision.MONTH:
        return as_ms((at + timedelta(days=31)).replace(day=1)) // DAY - 1
    return instant.ms // DAY


def first(dates: Iterable[Instant | None]) -> First:
    """The first of what happened; None stands for something that happened without a date.

    A coarse date hides the first day only if all of it lies before the first day that is known.
    """
    days: list[int] = []
    coarse: list[Instant] = []
    undated = False
    for date in dates:
        day = None if date is None else day_of(date)
        if date is None:
            undated = True
        elif day is None:
            coarse.append(date)
        else:
            days.append(day)
    if days and not any(last_day_of(one) < min(days) for one in coarse):
        return First(Known.DAY, min(days))
    if coarse:
        return First(Known.COARSE)
    return First(Known.UNDATED if undated else Known.NOT)


def wait(began: First, answered: First, kept_until: int | None) -> Wait:
    """From the event to the answer; `kept_until` is the day to which the source was kept (days since 1970)."""
    if began.day is None:
        return Wait(Outcome.BEGIN_COARSE if began.known is Known.COARSE else Outcome.BEGIN_UNKNOWN)
    if answered.day is not None:
        days = answered.day - began.day
        return Wait(Outcome.ENDED, days) if days >= 0 else Wait(Outcome.BEFORE)
    if answered.known is not Known.NOT:
        return Wait(Outcome.END_COARSE if answered.known is Known.COARSE else Outcome.END_UNDATED)
    if kept_until is None or kept_until < began.day:
        return Wait(Outcome.NO_END_OF_SIGHT)
    return Wait(Outcome.GOING_ON, kept_until - began.day)
