"""What a clock on a wall says: a table of cases worked out by hand from the rules of each zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms.moment import as_datetime, as_ms
from parley.terms.wall_clock import instant_of, wall_clock


def ms(text: str) -> int:
    return as_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


FRIDAY_SATURDAY, SATURDAY_SUNDAY = (5, 6), (6, 7)
# name: instant (UTC), zone, weekend -> date, time, ISO weekday, difference written, day beside UTC's, weekend
CASES = {
    "UTC itself": ("2026-11-28T03:10", "UTC", SATURDAY_SUNDAY, "2026-11-28", "03:10", 6, "+00:00", 0, True),
    "winter in Geneva": ("2026-11-27T23:30", "Europe/Zurich", SATURDAY_SUNDAY, "2026-11-28", "00:30", 6, "+01:00", 1,
                         True),
    "summer in Geneva": ("2026-07-01T12:00", "Europe/Zurich", SATURDAY_SUNDAY, "2026-07-01", "14:00", 3, "+02:00", 0,
                         False),
    "the last minute of summer time": ("2026-10-25T00:59", "Europe/Zurich", SATURDAY_SUNDAY, "2026-10-25", "02:59", 7,
                                       "+02:00", 0, True),
    "the same hour again in winter time": ("2026-10-25T01:59", "Europe/Zurich", SATURDAY_SUNDAY, "2026-10-25", "02:59",
                                           7, "+01:00", 0, True),
    "the leap in spring": ("2026-03-29T01:00", "Europe/Zurich", SATURDAY_SUNDAY, "2026-03-29", "03:00", 7, "+02:00", 0,
                           True),
    "half an hour": ("2026-11-27T19:45", "Asia/Kolkata", (7,), "2026-11-28", "01:15", 6, "+05:30", 1, False),
    "three quarters of an hour": ("2026-11-27T18:15", "Asia/Kathmandu", (6,), "2026-11-28", "00:00", 6, "+05:45", 1,
                                  True),
    "half an hour west": ("2026-01-15T02:00", "America/St_Johns", SATURDAY_SUNDAY, "2026-01-14", "22:30", 3, "-03:30",
                          -1, False),
    "summer time of half an hour": ("2026-01-15T02:00", "Australia/Lord_Howe", SATURDAY_SUNDAY, "2026-01-15", "13:00",
                                    4, "+11:00", 0, False),
    "a Friday that is weekend": ("2026-11-27T03:00", "Asia/Riyadh", FRIDAY_SATURDAY, "2026-11-27", "06:00", 5, "+03:00",
                                 0, True),
    "the earliest clocks": ("2026-11-28T10:00", "Pacific/Kiritimati", SATURDAY_SUNDAY, "2026-11-29", "00:00", 7,
                            "+14:00", 1, True),
    "the latest clocks": ("2026-11-28T10:59", "Pacific/Pago_Pago", SATURDAY_SUNDAY, "2026-11-27", "23:59", 5, "-11:00",
                          -1, False),
    "over the new year": ("2026-12-31T22:00", "Asia/Tokyo", SATURDAY_SUNDAY, "2027-01-01", "07:00", 5, "+09:00", 1,
                          False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_clock_on_a_wall(case: str) -> None:
    at, zone, weekend, date, time, weekday, ahead, day, free = CASES[case]
    found = wall_clock(ms(at), ZoneInfo(zone), weekend)
    assert (found.date, found.time, found.weekday, found.ahead) == (date, time, weekday, ahead)
    assert (found.day, found.weekend) == (day, free)


@given(st.integers(ms("1990-01-01T00:00"), ms("2037-12-31T00:00")), st.sampled_from(["Asia/Kathmandu", "Asia/Tokyo"]))
def test_the_way_back_where_clocks_never_change(at: int, zone: str) -> None:
    there = as_datetime(at).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert instant_of(there, ZoneInfo(zone)) == at


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # twice that night: the first
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # never that night: by the difference that held before
        ("2026-11-28T08:00", "2026-11-28T07:00"),
    ],
)
def test_the_way_back_in_nights_when_clocks_change(local: str, expected: str) -> None:
    assert instant_of(datetime.fromisoformat(local), ZoneInfo("Europe/Zurich")) == ms(expected)
