"""A moment that says how precisely it is known and what happened then.

A moment is whole milliseconds since 1970-01-01T00:00Z (POSIX time, no leap seconds), proleptic Gregorian calendar,
always UTC. A year is stored as its first instant and says that it is a year: a date of which only the year is known
can therefore never be read as the first of January. Leaves out local times and calendars, which belong to the doors.
"""

from __future__ import annotations

import calendar
import re
from enum import IntEnum

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading, whole
from parley.terms.date_time_group import dtg, parse_dtg
from parley.terms.moment import EARLIEST, LATEST, as_datetime, from_parts
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import shown

__all__ = ["Instant", "Meaning", "Precision", "cut", "dtg", "iso", "parse_dtg", "parse_iso"]


class Precision(IntEnum):
    """How finely a moment is known. The codes are on the wire and never change."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    HOUR = 4
    MINUTE = 5
    SECOND = 6


class Meaning(IntEnum):
    """What happened at the moment. The codes are on the wire and never change; new meanings get new numbers."""

    OBSERVED = 1  # somebody saw it going on
    BEGAN = 2
    TOOK_EFFECT = 3  # the effect set in, which can be long after the beginning
    DISCOVERED = 4  # those hit became aware
    DISCLOSED = 5  # it became public
    ATTRIBUTED = 6  # somebody named an author
    ANSWERED = 7  # a state responded
    ENDED = 8
    HOPED_FOR = 9  # by when an answer is hoped for
    PROMISED = 10  # by when the other side says it will speak or act
    PUBLISHED = 11  # of a document
    RETRIEVED = 12  # when a source was opened
    RECORDED = 13  # when it was written into a file here
    SIGNED = 14
    NOTIFIED = 15  # another state was told


_STEP = {
    Precision.DAY: 86_400_000,
    Precision.HOUR: 3_600_000,
    Precision.MINUTE: 60_000,
    Precision.SECOND: 1000,
}

_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2})(?::([0-9]{2})(?::([0-9]{2}))?)?Z)?)?)?", re.ASCII
)
_SHAPES = {
    Precision.YEAR: "{0:04}",
    Precision.MONTH: "{0:04}-{1:02}",
    Precision.DAY: "{0:04}-{1:02}-{2:02}",
    Precision.HOUR: "{0:04}-{1:02}-{2:02}T{3:02}Z",
    Precision.MINUTE: "{0:04}-{1:02}-{2:02}T{3:02}:{4:02}Z",
    Precision.SECOND: "{0:04}-{1:02}-{2:02}T{3:02}:{4:02}:{5:02}Z",
}


def cut(ms: int, precision: Precision) -> int:
    """The first millisecond of the year, month … second that holds `ms`; raises ``instant_range``."""
    return from_parts(as_datetime(ms).timetuple()[:precision])


class Instant(msgspec.Struct, frozen=True, order=True):
    """A moment, its precision and its meaning; raises TermsProblem ``instant_range`` or ``too_fine``.

    `ms` is the first millisecond of the stretch that the precision leaves open: 2017 is 1483228800000 and YEAR.
    """

    ms: int
    precision: Precision
    meaning: Meaning

    def __post_init__(self) -> None:
        if cut(self.ms, self.precision) != self.ms:
            raise TermsProblem("too_fine", ms=self.ms, precision=self.precision.name.lower())

    @classmethod
    def at(cls, ms: int, precision: Precision, meaning: Meaning) -> Instant:
        """The instant that holds `ms`, cut to `precision`: the one way to make a precise moment coarser."""
        return cls(cut(ms, precision), precision, meaning)

    @property
    def after(self) -> int:
        """The first millisecond that is no longer meant: `ms` <= what is meant < `after`."""
        if self.precision in _STEP:
            return self.ms + _STEP[self.precision]
        moment = as_datetime(self.ms)
        months = range(1, 13) if self.precision is Precision.YEAR else (moment.month,)
        return self.ms + sum(calendar.monthrange(moment.year, month)[1] for month in months) * 86_400_000

    def surely_before(self, other: Instant) -> bool:
        """Whether everything meant here lies before everything meant there; False both ways: it cannot be told."""
        return self.after <= other.ms

    def to_coded(self) -> list[Coded]:
        """``[ms, precision, meaning]``, what is signed."""
        return [self.ms, int(self.precision), int(self.meaning)]

    @classmethod
    def from_coded(cls, value: object) -> Instant:
        """Read ``[ms, precision, meaning]``; raises TermsProblem, also for an unknown code."""
        with reading("instant"):
            ms, precision, meaning = listed(value, "instant", 3)
            return cls(
                whole(ms, "instant", EARLIEST, LATEST),
                coded_as(Precision, precision, "precision"),
                coded_as(Meaning, meaning, "meaning"),
            )


def iso(instant: Instant) -> str:
    """``2017``, ``2017-05``, ``2017-05-14``, ``2017-05-14T06Z`` … as long as the precision allows, in UTC."""
    moment = as_datetime(instant.ms)
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return _SHAPES[instant.precision].format(*parts)


def parse_iso(text: str, meaning: Meaning) -> Instant:
    """Read what `iso` writes; the length says the precision. Raises TermsProblem ``bad_date``."""
    match = _ISO.fullmatch(text)
    parts = [int(part) for part in match.groups() if part is not None] if match else []
    try:
        return Instant(from_parts(parts), Precision(len(parts)), meaning)
    except ValueError:
        raise TermsProblem("bad_date", given=shown(text, 20)) from None
