"""No lag from a placeholder: each row says which dates there are and what may be made of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.precedents.lag import SAYS, First, Known, Outcome, Wait, first, last_day_of, wait
from parley.terms.instant import Instant, Meaning, Precision, parse_iso

KEPT = 20_000  # 2024-10-04


def on(text: str) -> Instant:
    return parse_iso(text, Meaning.BEGAN)


def day(text: str) -> First:
    return first([on(text)])


FIRST = [  # what is given, what is known of the first
    ("one day", ["2018-02-15"], Known.DAY, "2018-02-15"),
    ("the earlier of two days", ["2018-02-16", "2018-02-15"], Known.DAY, "2018-02-15"),
    ("a year is no day", ["2018"], Known.COARSE, None),
    ("a month is no day", ["2018-02"], Known.COARSE, None),
    ("a year that may hold the day does not hide it", ["2018", "2018-02-15"], Known.DAY, "2018-02-15"),
    ("a month that may hold the day does not hide it", ["2018-02", "2018-02-15"], Known.DAY, "2018-02-15"),
    ("a year before the day hides it: the first was earlier, no day known", ["2017", "2018-02-15"], Known.COARSE, None),
    ("a month before the day hides it", ["2018-01", "2018-02-15"], Known.COARSE, None),
    ("a minute has a day", ["2018-02-15T10:30Z"], Known.DAY, "2018-02-15"),
    ("nothing", [], Known.NOT, None),
]


@pytest.mark.parametrize(
    ("given_dates", "known", "expected"), [row[1:] for row in FIRST], ids=[row[0] for row in FIRST]
)
def test_the_first_of_several_dates(given_dates: list[str], known: Known, expected: str | None) -> None:
    found = first([on(one) for one in given_dates])
    assert (found.known, found.day) == (known, None if expected is None else on(expected).ms // 86_400_000)


def test_something_without_a_date_happened_all_the_same() -> None:
    assert first([None]).known is Known.UNDATED
    assert first([None, on("2018")]).known is Known.COARSE


WAITS = [
    ("two days", day("2017-06-27"), day("2018-02-15"), KEPT, Wait(Outcome.ENDED, 233)),
    ("the same day", day("2017-06-27"), day("2017-06-27"), KEPT, Wait(Outcome.ENDED, 0)),
    ("not yet", day("2024-10-01"), First(Known.NOT), KEPT, Wait(Outcome.GOING_ON, 3)),
    ("an answer before the event", day("2017-06-27"), day("2017-01-02"), KEPT, Wait(Outcome.BEFORE)),
    ("the year of the event only", day("2017"), day("2018-02-15"), KEPT, Wait(Outcome.BEGIN_COARSE)),
    ("the year of the answer only", day("2017-06-27"), day("2018"), KEPT, Wait(Outcome.END_COARSE)),
    ("two years", day("2017"), day("2018"), KEPT, Wait(Outcome.BEGIN_COARSE)),
    ("no event date", First(Known.NOT), day("2018-02-15"), KEPT, Wait(Outcome.BEGIN_UNKNOWN)),
    ("an undated answer", day("2017-06-27"), First(Known.UNDATED), KEPT, Wait(Outcome.END_UNDATED)),
    ("a source kept until nobody knows when", day("2017-06-27"), First(Known.NOT), None, Wait(Outcome.NO_END_OF_SIGHT)),
    ("a source that ends before the event", day("2025-01-01"), First(Known.NOT), KEPT, Wait(Outcome.NO_END_OF_SIGHT)),
]


@pytest.mark.parametrize(("began", "answered", "kept", "expected"), [r[1:] for r in WAITS], ids=[r[0] for r in WAITS])
def test_waits(began: First, answered: First, kept: int | None, expected: Wait) -> None:
    assert wait(began, answered, kept) == expected


def test_each_reason_for_no_lag_is_said() -> None:
    assert set(SAYS) == set(Outcome) - {Outcome.ENDED, Outcome.GOING_ON}


dates = st.dates(date(1980, 1, 1), date(2060, 12, 31)).map(date.isoformat)


@given(dates, st.sampled_from([4, 7]), dates)
def test_whatever_the_dates_are_a_coarse_one_gives_no_days(begin: str, cut: int, end: str) -> None:
    assert wait(day(begin[:cut]), day(end), KEPT).days is None
    assert wait(day(begin), day(end[:cut]), KEPT).days is None


@given(dates, st.sampled_from([4, 7, 10]))
def test_the_last_day_of_a_date_is_in_it(text: str, cut: int) -> None:
    coarse = on(text[:cut])
    last, after = last_day_of(coarse), last_day_of(coarse) + 1
    assert Instant(last * 86_400_000, Precision.DAY, Meaning.BEGAN).ms >= coarse.ms
    assert iso_day(last)[:cut] == text[:cut] != iso_day(after)[:cut]


def iso_day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(number)).isoformat()
