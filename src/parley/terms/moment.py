"""Milliseconds since the Unix epoch and UTC datetimes, exactly, in both directions.

Leaves out precision and meaning: those are `instant`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from parley.terms.coded import short
from parley.terms.terms_problem import TermsProblem

_FIRST = (1, 1, 1, 0, 0, 0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = -62_135_596_800_000
"""0001-01-01T00:00:00Z, the first moment that can be written."""
LATEST = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z, the last one."""


def as_datetime(ms: int) -> datetime:
    """The UTC datetime of `ms`, exact; raises TermsProblem ``instant_range`` outside the years 1 to 9999."""
    if not EARLIEST <= ms <= LATEST:
        raise TermsProblem("instant_range", ms=short(ms))
    return _EPOCH + timedelta(milliseconds=ms)


def as_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime; finer parts are dropped towards the past."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_parts(known: Sequence[int]) -> int:
    """Milliseconds of the first instant of a UTC year, month, day, hour, minute or second: as many parts as are known.

    Raises ValueError for a date that the calendar does not have.
    """
    year, month, day, hour, minute, second = [*known, *_FIRST[len(known) :]]
    return as_ms(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
