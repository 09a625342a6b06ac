"""Hours: one way in which every page shows an instant: UTC and date-time group, our clock, the counterpart's clock.

Whose clock: that of the office that is named, else the party's first; weekends are that office's own. A zone that this
machine does not know gives no clock, never a guessed one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from parley.desk.node import Node
from parley.directory import Office, Open, next_change, open_at
from parley.doors.local_time import zone_of
from parley.forms import load
from parley.terms.moment import as_datetime
from parley.terms.wall_clock import WallClock, instant_of, wall_clock


class Clock(msgspec.Struct, frozen=True):
    """A clock in words: whose ("here" or "there"), day and time as they are said, whether that is a weekend there."""

    whose: str
    day: str
    time: str
    weekend: bool


class Now(msgspec.Struct, frozen=True):
    """An office now: its clock in words, its difference from UTC, open, closed or not said, and what changes when.

    `changes`: day and time there; `wait`: how long until then, in words; both "" if it is not known.
    """

    day: str
    time: str
    ahead: str
    offset: int
    weekend: bool
    holiday: bool
    open: str
    changes: str
    wait: str


class Hours:
    """The clocks of a desk, said in one language."""

    def __init__(self, node: Node, language: str) -> None:
        self._node, self._language = node, language
        self._offices: dict[str, tuple[ZoneInfo, tuple[int, ...]] | None] = {}

    def beside(self, ms: int, party: str = "") -> list[Clock]:
        """Our clock at an instant, then that of `party`, a code or an address; those that are known."""
        found = []
        for whose, name in (("here", self._node.party), ("there", party)):
            if whose == "there" and name.partition("/")[0] in ("", self._node.party):
                continue
            if (known := self._of(name)) is not None:
                found.append(self._said(whose, wall_clock(ms, *known)))
        return found

    def zones(self, party: str) -> tuple[ZoneInfo, ...]:
        """Our zone and the party's, each once: for what the forms show beside UTC; UTC itself says nothing more."""
        known = [found[0] for name in (self._node.party, party) if (found := self._of(name)) is not None]
        return tuple(dict.fromkeys(zone for zone in known if zone.key not in ("UTC", "Etc/UTC")))

    def now(self, office: Office, now: int) -> Now | None:
        """An office now; None where its zone is not known."""
        zone = zone_of(office.time_zone)
        if zone is None:
            return None
        clock = wall_clock(now, zone, office.weekend)
        local = as_datetime(now).astimezone(zone).replace(tzinfo=None)
        change = next_change(office, local)
        day, time = spoken(self._language, clock)
        return Now(
            day, time, clock.ahead, clock.offset, clock.weekend, clock.date in office.holidays,
            open_at(office, local).value, *self._change(change, zone, now),
        )  # fmt: skip

    def _change(self, change: datetime | None, zone: ZoneInfo, now: int) -> tuple[str, str]:
        if change is None:
            return "", ""
        at = instant_of(change, zone)
        day, time = spoken(self._language, wall_clock(at, zone), near=True)
        return f"{day} {time}", load().voice(self._language).wait(timedelta(milliseconds=at - now))

    def _said(self, whose: str, clock: WallClock) -> Clock:
        return Clock(whose, *spoken(self._language, clock), clock.weekend)

    def _of(self, name: str) -> tuple[ZoneInfo, tuple[int, ...]] | None:
        if name not in self._offices:
            office = office_of(self._node, name)
            zone = zone_of(office.time_zone) if office else None
            self._offices[name] = None if office is None or zone is None else (zone, office.weekend)
        return self._offices[name]


def spoken(language: str, clock: WallClock, *, near: bool = False) -> tuple[str, str]:
    """Day and time of a clock: the day of the week, with the date where it is not that of UTC, unless it is `near`."""
    return _day(language, clock.date, bool(clock.day) and not near), clock.time


@lru_cache(maxsize=4096)
def _day(language: str, day: str, dated: bool) -> str:
    return load().voice(language).weekday(date.fromisoformat(day), dated=dated)


def office_of(node: Node, name: str) -> Office | None:
    """The office of an address, or the first of a party; None for a party whose particulars were not accepted."""
    party, _, wanted = name.partition("/")
    if party not in node.directory.parties:
        return None
    offices = node.directory.entry(party).current.offices
    return next((one for one in offices if one.id == wanted), offices[0] if offices else None)


def table_of(now: Now | None) -> dict[str, Any]:
    """For a template: what is known, "" and False for what is not."""
    empty = Now("", "", "", 0, False, False, Open.NOT_SAID.value, "", "")
    return msgspec.structs.asdict(now or empty)
