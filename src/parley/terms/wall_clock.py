"""Wall clocks: what the clock on a wall says at an instant, and which day it is there beside the day of UTC.

An office reads an instant three ways: its own clock, its counterpart's, and UTC with the date-time group. This module
finds the first two; zones are arguments, since their tables belong to the machine. Leaves out words (doors).
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import msgspec

from parley.terms.moment import as_datetime, as_ms

MINUTE = timedelta(minutes=1)


class WallClock(msgspec.Struct, frozen=True):
    """One clock at one instant.

    `date` is ISO 8601, `time` HH:MM, `weekday` the ISO number (Monday 1), `offset` minutes east of UTC, `day` how the
    date differs from that of UTC (-1, 0 or 1), `weekend` whether it is a weekend day of whose clock it is.
    """

    date: str
    time: str
    weekday: int
    offset: int
    day: int
    weekend: bool = False

    @property
    def ahead(self) -> str:
        """The difference from UTC as it is written: ``+05:45``, ``-03:30``, ``+00:00``."""
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{'-' if self.offset < 0 else '+'}{hours:02}:{minutes:02}"


def wall_clock(ms: int, zone: tzinfo, weekend: tuple[int, ...] = ()) -> WallClock:
    """The clock of `zone` at `ms` (UTC); raises TermsProblem ``instant_range`` outside the years 1 to 9999."""
    moment = as_datetime(ms)
    there = moment.astimezone(zone)
    return WallClock(
        date=f"{there:%Y-%m-%d}",
        time=f"{there:%H:%M}",
        weekday=there.isoweekday(),
        offset=(there.utcoffset() or timedelta()) // MINUTE,
        day=(there.date() - moment.date()).days,
        weekend=there.isoweekday() in weekend,
    )


def instant_of(local: datetime, zone: tzinfo) -> int:
    """The instant (ms, UTC) at which the clocks of `zone` show `local`; of two, the first.

    A time that a clock leaps over is taken by the difference from UTC that held before the leap.
    """
    return as_ms(local.replace(tzinfo=zone, fold=0))
