"""Moments: precision that cannot be overstated, date-time groups and ISO dates that come back."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import Instant, Meaning, Precision, TermsProblem, dtg, iso, parse_dtg, parse_iso
from parley.terms.instant import cut
from parley.terms.moment import EARLIEST, LATEST

MOMENTS = st.integers(EARLIEST, LATEST)
YEAR_2017 = 1_483_228_800_000  # 2017-01-01T00:00Z: 47 years and 12 leap days after the epoch = 17167 days

# Known pairs, computed by hand from days since the epoch or taken from documents.
GROUPS = {
    "the epoch": (0, "010000Z JAN 70"),
    "the example of the agreement": (1_494_743_400_000, "140630Z MAY 17"),
    "a leap day": (951_782_400_000, "290000Z FEB 00"),
    "the last minute of the window of two digits": (3_155_759_940_000, "312359Z DEC 69"),
    "the first minute after it": (3_155_760_000_000, "010000Z JAN 2070"),
    "the last minute before it": (-60_000, "312359Z DEC 1969"),
    "the first moment": (EARLIEST, "010000Z JAN 0001"),
    "the last minute": (LATEST - 59_999, "312359Z DEC 9999"),
}


@pytest.mark.parametrize(("ms", "group"), GROUPS.values(), ids=GROUPS)
def test_a_known_moment_has_its_date_time_group_and_comes_back(ms: int, group: str) -> None:
    assert dtg(ms) == group
    assert parse_dtg(group) == ms


NOT_GROUPS = {
    "empty": "",
    "another zone": "140630A MAY 17",
    "no month": "140630Z MAI 17",
    "a day the month lacks": "310630Z APR 17",
    "29 February of a common year": "290000Z FEB 17",
    "hour 24": "142400Z MAY 17",
    "minute 60": "140060Z MAY 17",
    "day nought": "000630Z MAY 17",
    "four digits where two suffice": "140630Z MAY 2017",
    "year nought": "140630Z MAY 0000",
    "a blank too many": "140630Z  MAY 17",
    "a blank behind": "140630Z MAY 17 ",
    "a line break behind": "140630Z MAY 17\n",
    "Arabic digits": "١٤٠٦٣٠Z MAY 17",
    "full-width digits": "14063０Z MAY 17",
    "the Kelvin sign, which lowers to k": "140630Z OKT 17".replace("K", "\u212a"),
    "long s, which raises to S": "140630Z \u017fEP 17",
}


@pytest.mark.parametrize("text", NOT_GROUPS.values(), ids=NOT_GROUPS)
def test_what_is_not_a_date_time_group_is_refused(text: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        parse_dtg(text)
    assert caught.value.key == "terms.bad_dtg"


def test_small_letters_pass_because_officers_type_them() -> None:
    assert parse_dtg("140630z may 17") == parse_dtg("140630Z MAY 17")


@given(MOMENTS)
def test_every_minute_comes_back_from_its_date_time_group(ms: int) -> None:
    assert parse_dtg(dtg(ms)) == cut(ms, Precision.MINUTE)


@given(st.text(max_size=24))
def test_any_text_is_read_or_refused_as_a_date_time_group(text: str) -> None:
    with contextlib.suppress(TermsProblem):
        assert dtg(parse_dtg(text)) == text.upper()


TOO_FINE = {
    "a year with a day": (YEAR_2017 + 86_400_000, Precision.YEAR),
    "a year with a millisecond": (YEAR_2017 + 1, Precision.YEAR),
    "a month with a day": (YEAR_2017 + 86_400_000, Precision.MONTH),
    "a day with an hour": (YEAR_2017 + 3_600_000, Precision.DAY),
    "an hour with a minute": (YEAR_2017 + 60_000, Precision.HOUR),
    "a minute with a second": (YEAR_2017 + 1000, Precision.MINUTE),
    "a second with a millisecond": (YEAR_2017 + 1, Precision.SECOND),
    "before the epoch too": (-1, Precision.SECOND),
}


@pytest.mark.parametrize(("ms", "precision"), TOO_FINE.values(), ids=TOO_FINE)
def test_a_moment_finer_than_its_precision_cannot_be_built(ms: int, precision: Precision) -> None:
    with pytest.raises(TermsProblem) as caught:
        Instant(ms, precision, Meaning.BEGAN)
    assert caught.value.key == "terms.too_fine"


@pytest.mark.parametrize("ms", [EARLIEST - 1, LATEST + 1, 10**400])
def test_a_moment_outside_the_years_1_to_9999_cannot_be_built_however_long_the_number(ms: int) -> None:
    with pytest.raises(TermsProblem) as caught:
        Instant(ms, Precision.SECOND, Meaning.BEGAN)
    assert caught.value.key == "terms.instant_range"
    assert len(str(caught.value)) < 200


def test_a_year_says_year_and_covers_all_of_it() -> None:
    year = Instant(YEAR_2017, Precision.YEAR, Meaning.BEGAN)
    assert iso(year) == "2017"
    assert year.after == YEAR_2017 + 365 * 86_400_000


COVERED = {
    "a leap year": ("2016", 366 * 86_400_000),
    "February of a leap year": ("2016-02", 29 * 86_400_000),
    "February of a common year": ("2017-02", 28 * 86_400_000),
    "December": ("2017-12", 31 * 86_400_000),
    "the last year there is": ("9999", 365 * 86_400_000),
    "a day": ("2017-05-14", 86_400_000),
    "an hour": ("2017-05-14T06Z", 3_600_000),
    "a minute": ("2017-05-14T06:30Z", 60_000),
    "a second": ("2017-05-14T06:30:05Z", 1000),
}


@pytest.mark.parametrize(("text", "length"), COVERED.values(), ids=COVERED)
def test_an_instant_covers_the_stretch_its_precision_leaves_open(text: str, length: int) -> None:
    instant = parse_iso(text, Meaning.BEGAN)
    assert instant.after - instant.ms == length


def test_a_day_within_a_known_year_is_neither_before_nor_after_that_year() -> None:
    year, day = parse_iso("2017", Meaning.BEGAN), parse_iso("2017-05-14", Meaning.DISCLOSED)
    assert not year.surely_before(day)
    assert not day.surely_before(year)
    assert parse_iso("2016", Meaning.BEGAN).surely_before(day)


@given(MOMENTS, st.sampled_from(Precision), st.sampled_from(Meaning))
def test_cutting_to_a_precision_gives_an_instant_that_holds_the_moment(
    ms: int, precision: Precision, meaning: Meaning
) -> None:
    instant = Instant.at(ms, precision, meaning)
    assert instant.ms <= ms < instant.after
    assert parse_iso(iso(instant), meaning) == instant


@given(MOMENTS)
def test_each_coarser_precision_holds_the_finer_one(ms: int) -> None:
    built = [Instant.at(ms, precision, Meaning.BEGAN) for precision in Precision]
    for coarse, fine in itertools.pairwise(built):
        assert coarse.ms <= fine.ms
        assert fine.after <= coarse.after


NOT_DATES = ["", "17", "2017-5", "2017-13", "2017-02-29", "2017-05-14T06", "2017-05-14T06:30", "2017-05-14 06:30Z"]
NOT_DATES += ["0000", "2017-05-14T06:30:05.5Z", "2017-05-14T24Z", "2017-05-14T06:30:60Z", "٢٠١٧", "2017\n", "-2017"]


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_not_a_date_in_utc_is_refused(text: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        parse_iso(text, Meaning.BEGAN)
    assert caught.value.key == "terms.bad_date"


def test_the_codes_on_the_wire_are_frozen() -> None:
    """A changed number would silently turn "began" into "ended" in every note ever signed."""
    assert {member.name: int(member) for member in Precision} == {
        "YEAR": 1,
        "MONTH": 2,
        "DAY": 3,
        "HOUR": 4,
        "MINUTE": 5,
        "SECOND": 6,
    }
    assert {member.name: int(member) for member in Meaning} == {
        "OBSERVED": 1,
        "BEGAN": 2,
        "TOOK_EFFECT": 3,
        "DISCOVERED": 4,
        "DISCLOSED": 5,
        "ATTRIBUTED": 6,
        "ANSWERED": 7,
        "ENDED": 8,
        "HOPED_FOR": 9,
        "PROMISED": 10,
        "PUBLISHED": 11,
        "RETRIEVED": 12,
        "RECORDED": 13,
        "SIGNED": 14,
        "NOTIFIED": 15,
    }
