"""Whether somebody is at an office now, by what the office wrote and by nothing else (spec/particulars.md, office)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.directory import Open, next_change, open_at
from parley.directory.hours import read_hours

# 2026-11-27 is a Friday. hours, weekend, holidays, local moment -> open, closed or not said
CASES: dict[str, tuple[str, tuple[int, ...], tuple[str, ...], str, str]] = {
    "always": ("24/7", (6, 7), ("2026-11-27",), "2026-11-27 03:00", "open"),
    "always, on a weekend day": ("24/7", (6, 7), (), "2026-11-28 03:00", "open"),
    "within": ("08:00-16:00", (6, 7), (), "2026-11-27 08:00", "open"),
    "the last minute": ("08:00-16:00", (6, 7), (), "2026-11-27 15:59", "open"),
    "the end is not within": ("08:00-16:00", (6, 7), (), "2026-11-27 16:00", "closed"),
    "before": ("08:00-16:00", (6, 7), (), "2026-11-27 07:59", "closed"),
    "a weekend day": ("08:00-16:00", (6, 7), (), "2026-11-28 09:00", "closed"),
    "Friday where it is the weekend": ("08:00-16:00", (5, 6), (), "2026-11-27 09:00", "closed"),
    "Sunday where it is not": ("08:00-16:00", (5, 6), (), "2026-11-29 09:00", "open"),
    "a holiday": ("08:00-16:00", (6, 7), ("2026-11-27",), "2026-11-27 09:00", "closed"),
    "the day after a holiday": ("08:00-16:00", (), ("2026-11-27",), "2026-11-28 09:00", "open"),
    "a break": ("08:00-12:00,13:00-17:00", (6, 7), (), "2026-11-27 12:30", "closed"),
    "after the break": ("08:00-12:00,13:00-17:00", (6, 7), (), "2026-11-27 13:00", "open"),
    "a short Friday": ("Mo-Th 08:00-16:00; Fr 08:00-13:00", (6, 7), (), "2026-11-27 14:00", "closed"),
    "a long Thursday": ("Mo-Th 08:00-16:00; Fr 08:00-13:00", (6, 7), (), "2026-11-26 14:00", "open"),
    "a named day counts though it is weekend": ("Sa 10:00-12:00", (6, 7), (), "2026-11-28 11:00", "open"),
    "days round the end of the week": ("Sa-Mo 10:00-12:00", (), (), "2026-11-30 11:00", "open"),
    "a night watch in the evening": ("20:00-06:00", (6, 7), (), "2026-11-27 23:00", "open"),
    "a night watch after midnight": ("20:00-06:00", (6, 7), (), "2026-11-28 05:00", "open"),
    "the night after a weekend day": ("20:00-06:00", (6, 7), (), "2026-11-30 05:00", "closed"),
    "to midnight": ("08:00-24:00", (6, 7), (), "2026-11-27 23:59", "open"),
    "other words": ("by appointment", (6, 7), (), "2026-11-27 09:00", "not-said"),
    "nearly the grammar": ("8-16", (6, 7), (), "2026-11-27 09:00", "not-said"),
    "an hour that does not exist": ("08:00-25:00", (6, 7), (), "2026-11-27 09:00", "not-said"),
    "one good rule and one that is none": ("08:00-16:00; often", (6, 7), (), "2026-11-27 09:00", "not-said"),
}


@pytest.mark.parametrize("case", CASES)
def test_open_closed_or_not_said(case: str, world: Any) -> None:
    """Never a guess: what is not of the grammar is not computed."""
    hours, weekend, holidays, moment, expected = CASES[case]
    office = world.office(hours=hours, weekend=weekend, holidays=holidays)
    assert open_at(office, datetime.fromisoformat(moment)) is Open(expected)


@given(st.text(max_size=60) | st.from_regex(r"\A(Mo|Fr)?[-, 0-9:;MoTuWeThFrSaSu]{0,40}\Z"))
def test_any_line_is_read_or_left_alone(text: str) -> None:
    """No line raises; what is read has spans within two days."""
    for rule in read_hours(text) or ():
        assert all(0 <= start < end <= 48 * 60 for start, end in rule.spans)
        assert set(rule.days) <= set(range(1, 8))


@given(st.integers(0, 7 * 24 * 60 - 1), st.integers(0, 1439), st.integers(0, 1439))
def test_one_span_a_day_is_open_as_long_as_it_says(minute: int, start: int, end: int) -> None:
    """Counted over one day of seven equal ones: the minutes within the span and no others."""
    from tests.directory.conftest import World

    text = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    office = World().office(hours=text, weekend=())
    local = datetime(2026, 11, 23) + timedelta(minutes=minute)
    since = (minute - start) % 1440
    length = (end - start) % 1440 or 1440
    assert (open_at(office, local) is Open.OPEN) == (since < length)


# hours, weekend, holidays, local moment -> when that changes next, "" if never or not computable
CHANGES: dict[str, tuple[str, tuple[int, ...], tuple[str, ...], str, str]] = {
    "open: until it closes": ("08:00-16:00", (6, 7), (), "2026-11-27 15:59", "2026-11-27 16:00"),
    "closed: until it opens": ("08:00-16:00", (6, 7), (), "2026-11-26 16:00", "2026-11-27 08:00"),
    "over the weekend": ("08:00-16:00", (6, 7), (), "2026-11-27 16:00", "2026-11-30 08:00"),
    "over a Friday and Saturday": ("08:00-16:00", (5, 6), (), "2026-11-26 17:00", "2026-11-29 08:00"),
    "over holidays": ("08:00-16:00", (6, 7), ("2026-11-30", "2026-12-01"), "2026-11-27 16:00", "2026-12-02 08:00"),
    "the break": ("08:00-12:00,13:00-17:00", (6, 7), (), "2026-11-27 09:30", "2026-11-27 12:00"),
    "a night watch ends in the morning": ("20:00-06:00", (), (), "2026-11-27 23:00", "2026-11-28 06:00"),
    "a night watch of yesterday": ("20:00-06:00", (), (), "2026-11-28 05:00", "2026-11-28 06:00"),
    "rules that touch are one": ("Mo 08:00-24:00; Tu 00:00-10:00", (), (), "2026-11-30 09:00", "2026-12-01 10:00"),
    "spans that overlap are one": ("08:00-12:00,11:00-15:00", (), (), "2026-11-27 09:00", "2026-11-27 15:00"),
    "always, as a rule": ("00:00-24:00", (), (), "2026-11-27 09:00", ""),
    "always": ("24/7", (6, 7), (), "2026-11-27 09:00", ""),
    "never": ("08:00-16:00", (1, 2, 3, 4, 5, 6), tuple(f"2026-{m}" for m in ("11-29", "12-06", "12-13")),
              "2026-11-28 09:00", ""),
    "other words": ("by appointment", (6, 7), (), "2026-11-27 09:00", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_when_it_opens_or_closes_next(case: str, world: Any) -> None:
    hours, weekend, holidays, moment, expected = CHANGES[case]
    office = world.office(hours=hours, weekend=weekend, holidays=holidays)
    found = next_change(office, datetime.fromisoformat(moment))
    assert found == (datetime.fromisoformat(expected) if expected else None)


@given(
    st.sampled_from(["08:00-16:00", "20:00-06:00", "Mo-Fr 08:00-12:00,13:00-17:00", "Sa-Mo 22:00-24:00"]),
    st.integers(0, 20 * 1440),
)
def test_nothing_changes_before_the_next_change_and_something_then(world: Any, hours: str, minutes: int) -> None:
    """Against `open_at`, minute by minute: two ways to the same answer."""
    office, start = world.office(hours=hours), datetime(2026, 11, 20) + timedelta(minutes=minutes)
    found, now = next_change(office, start), open_at(office, start)
    assert found is not None
    steps = int((found - start) / timedelta(minutes=1))
    assert all(open_at(office, start + timedelta(minutes=m)) is now for m in range(0, steps, 7))
    assert open_at(office, found - timedelta(minutes=1)) is now
    assert open_at(office, found) is not now
