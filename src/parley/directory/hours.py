"""Hours: whether an office is open at a local moment, by what the office itself wrote. Nothing is guessed.

Hours are one line for people (`Office.hours`). Lines that follow the grammar below are also computed, with the weekend
and the holidays of the same office; any other line is shown as it stands, and the answer is "not said".

    24/7                                          always, on weekends and holidays too
    08:00-16:00                                   every day but weekend days and holidays
    08:00-12:00,13:00-17:00                       with a break
    Mo-Th 08:00-16:00; Fr 08:00-13:00             days named: these count, weekend or not; holidays do not
    20:00-06:00                                   over midnight; it belongs to the day on which it begins

A subset of what OpenStreetMap writes as ``opening_hours``. Leaves out time zones: `local` is the office's own wall
clock, which the caller finds (desk).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

import msgspec

from parley.directory.offices import Office

DAY: Final = 24 * 60
AHEAD: Final = 15
"""Days that are looked at for the next change."""
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_TIME: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN: Final = f"{_TIME}-(?:{_TIME}|24:00)"
_RULE: Final = re.compile(f"(?:({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) )?({_SPAN}(?:,{_SPAN})*)", re.ASCII)


class Open(Enum):
    """Whether somebody is there now."""

    OPEN = "open"
    CLOSED = "closed"
    NOT_SAID = "not-said"


class Rule(msgspec.Struct, frozen=True):
    """Spans in minutes from midnight, the end beyond 1440 when it runs over midnight; on ISO weekdays, () for all that
    are no weekend."""

    days: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


def read_hours(text: str) -> tuple[Rule, ...] | None:
    """The rules of a line of the grammar, None for any other line (``24/7`` among them: it has no rules)."""
    rules = []
    for part in text.split("; "):
        match = _RULE.fullmatch(part)
        if match is None:
            return None
        spans = tuple(_span(one) for one in match[2].split(","))
        rules.append(Rule(_days(match[1] or ""), spans))
    return tuple(rules)


def open_at(office: Office, local: datetime) -> Open:
    """Whether `office` is open at `local`, its own wall-clock time (any time zone of it is ignored)."""
    if office.hours == "24/7":
        return Open.OPEN
    rules = read_hours(office.hours)
    if rules is None:
        return Open.NOT_SAID
    minute, today = local.hour * 60 + local.minute, local.date()
    yesterday = today - timedelta(days=1)
    here = _covers(office, rules, today, minute) or _covers(office, rules, yesterday, minute + 24 * 60)
    return Open.OPEN if here else Open.CLOSED


def next_change(office: Office, local: datetime) -> datetime | None:
    """When, by its own wall clock, `office` opens next if it is closed at `local`, or closes next if it is open.

    None where its hours say nothing that can be computed, or nothing changes within two weeks. Answers to the minute.
    """
    rules = read_hours(office.hours)
    if rules is None:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    minute = local.hour * 60 + local.minute
    changes = [edge for start, end in _stretches(office, rules, local.date()) for edge in (start, end) if edge > minute]
    return None if not changes or min(changes) >= AHEAD * DAY else midnight + timedelta(minutes=min(changes))


def _stretches(office: Office, rules: tuple[Rule, ...], today: date) -> list[tuple[int, int]]:
    """When it is open, in minutes from today's midnight, from yesterday on; what touches is one stretch."""
    found: list[tuple[int, int]] = []
    for day in range(-1, AHEAD + 1):
        for start, end in sorted(_spans_on(office, rules, today + timedelta(days=day))):
            start, end = day * DAY + start, day * DAY + end
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
    return found


def _covers(office: Office, rules: tuple[Rule, ...], day: date, minute: int) -> bool:
    return any(start <= minute < end for start, end in _spans_on(office, rules, day))


def _spans_on(office: Office, rules: tuple[Rule, ...], day: date) -> list[tuple[int, int]]:
    """The spans that begin on that day."""
    if day.isoformat() in office.holidays:
        return []
    on = day.isoweekday()
    applying = [rule for rule in rules if (on in rule.days if rule.days else on not in office.weekend)]
    return [span for rule in applying for span in rule.spans]


def _span(text: str) -> tuple[int, int]:
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in text.split("-"))
    return start, end if end > start else end + 24 * 60


def _days(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found |= {number % 7 + 1 for number in range(start, (end if end >= start else end + 7) + 1)}
    return tuple(sorted(found))
