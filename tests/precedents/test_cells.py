"""Cells: dates that are placeholders, three ways to write several values, formulas, wrongly decoded text."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.precedents import Dated, PrecedentProblem
from parley.precedents.cells import dated, is_formula, is_mojibake, joined, listed, listed_deep
from parley.terms import Meaning, Nothing, Precision

DATES = {
    "2017-06-27": Precision.DAY,
    "2017-01-01": Precision.YEAR,  # a placeholder: nobody wrote that it was New Year's Day
    "2017-06-01": Precision.MONTH,
    "2017-06-27 00:00:00": Precision.DAY,
    "27.06.2017": Precision.DAY,
    "01.01.2017": Precision.YEAR,
    "6/27/2017": Precision.DAY,
    "1/1/2017": Precision.YEAR,
}


@pytest.mark.parametrize(("cell", "precision"), DATES.items())
def test_a_date_is_as_precise_as_its_source(cell: str, precision: Precision) -> None:
    """And the cell stays beside it."""
    found = dated(cell, Meaning.BEGAN, first_is_coarse=True)
    assert isinstance(found, Dated)
    assert (found.instant.precision, found.given) == (precision, cell)


def test_where_the_source_knows_days_the_first_is_a_day() -> None:
    found = dated("2017-06-01", Meaning.BEGAN, first_is_coarse=False)
    assert isinstance(found, Dated)
    assert found.instant.precision is Precision.DAY


@pytest.mark.parametrize(
    ("cell", "kind"), [("", Nothing.NOT_CODED), ("NaT", Nothing.NOT_CODED), ("Unknown", Nothing.UNKNOWN)]
)
def test_no_date_says_which_kind_of_nothing(cell: str, kind: Nothing) -> None:
    assert dated(cell, Meaning.BEGAN, first_is_coarse=True) is kind


@pytest.mark.parametrize("cell", ["2017-02-30", "27/06/2017", "June 2017", "2017", "20170627", "2017-06-27Z"])
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(PrecedentProblem, match="not a date"):
        dated(cell, Meaning.BEGAN, first_is_coarse=True)


@given(st.text(max_size=30))
def test_no_cell_crashes_the_reading_of_dates(cell: str) -> None:
    with suppress(PrecedentProblem):
        dated(cell, Meaning.BEGAN, first_is_coarse=True)


def test_three_ways_to_write_several_values() -> None:
    assert listed("['Almara', None]") == ["Almara", ""]
    assert listed_deep("[['NATO', 'NORTHAM'], [], 'x']") == [["NATO", "NORTHAM"], [], ["x"]]
    assert joined("a; b; ; c") == ["a", "b", "", "c"]


def test_a_semicolon_within_brackets_does_not_part() -> None:
    """As in “Minister (Foreign Office (FCDO); GBR); ESET”."""
    assert joined("Minister (Office (FO); capital); ESET") == ["Minister (Office (FO); capital)", "ESET"]


@pytest.mark.parametrize("cell", ["['a'", "{'a': 1}", "1 + 1", "__import__('os')", "[" * 200, "'a'"])
def test_a_list_that_is_none_is_refused_and_never_run(cell: str) -> None:
    with pytest.raises(PrecedentProblem, match="list"):
        listed(cell)


@given(
    st.lists(
        st.text(alphabet=st.characters(blacklist_characters="();", blacklist_categories=["Cs"]), max_size=8),
        min_size=2,
        max_size=6,
    )
)
def test_joined_values_keep_their_places(values: list[str]) -> None:
    """Parallel lists line up: a blank between two semicolons is a value."""
    assert len(joined("x;" + ";".join(values))) == len(values) + 1


@pytest.mark.parametrize("cell", ["=1+1", '=HYPERLINK("http://a")', "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3(1)"])
def test_a_formula_is_seen(cell: str) -> None:
    assert is_formula(cell)


@pytest.mark.parametrize("cell", ["@Leaks: a name", "-5", "+30 days", "a = b", ""])
def test_what_only_begins_like_one_is_text(cell: str) -> None:
    """Control: real cells begin with these letters."""
    assert not is_formula(cell)


def test_wrongly_decoded_text_is_seen() -> None:
    assert is_mojibake("China (TaiwanÂ°)")
    assert is_mojibake("Almara â€“ Beltova")
    assert not is_mojibake("Łódź – Ñandú — “quoted”")
