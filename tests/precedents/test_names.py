"""States, organisations and regions resolve exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.precedents import PrecedentProblem, Sort
from parley.precedents.names import by_code, by_number, exercise, nothing, other, place
from parley.terms import Nothing
from parley.terms.states import all_states, key

from precedents_twins import ALIASES, ORGANISATIONS, REGIONS, WORDS_FOR_NOTHING  # isort: skip  (bench/, see conftest)


def test_the_forty_one_strings_are_24_regions_10_organisations_5_states_and_2_words_for_nothing() -> None:
    assert (len(REGIONS), len(ORGANISATIONS), len(ALIASES), len(WORDS_FOR_NOTHING)) == (24, 10, 5, 2)
    assert {place(name).sort for name in REGIONS} == {Sort.REGION}
    assert {place(name).sort for name in ORGANISATIONS} == {Sort.ORGANISATION}
    assert {name: place(name).code for name in ALIASES} == ALIASES
    assert [nothing(word) for word in WORDS_FOR_NOTHING] == [Nothing.NOT_CODED, Nothing.UNKNOWN]


# What fuzzy matchers are known to have made a state of.
NEVER = [
    "Russian hackers", "Korea", "South China Sea", "Russsia", "Irann", "no", "us", "in", "NA", "China?",
    "Middle East (regio", "United", "Soviet Union", "Yugoslavia", "China, Russia", "state of", "",
]  # fmt: skip


@pytest.mark.parametrize("name", NEVER)
def test_what_is_not_a_name_is_never_a_state(name: str) -> None:
    """“Congo” is not among them: it is the United Nations' own short name of one state (M49 178)."""
    assert not _is_state(name)


def _is_state(name: str) -> bool:
    try:
        return place(name).sort is Sort.STATE
    except PrecedentProblem:
        return False


@given(st.sampled_from(sorted(row.names["en"] for row in all_states().values())), st.integers(0, 40), st.characters())
def test_a_name_with_a_letter_too_many_is_not_that_state(name: str, at: int, letter: str) -> None:
    """Unless the changed spelling is itself in the table, as an equal key."""
    changed = name[: at % (len(name) + 1)] + letter + name[at % (len(name) + 1) :]
    try:
        found = place(changed)
    except PrecedentProblem:
        return
    row = all_states().get(found.code)
    spellings = {key(one) for one in (*row.names.values(), *row.aliases)} if row else {key(changed)}
    assert key(changed) in spellings or found.sort is not Sort.STATE


def test_the_code_NA_is_namibia_and_the_name_NA_is_nobody() -> None:
    """A reader of columns of codes never takes it for a missing value; a reader of names never takes it for a state."""
    assert by_code("NA").key == "state:NA"
    with pytest.raises(PrecedentProblem):
        place("NA")


def test_a_region_is_not_its_organisation() -> None:
    assert place("NATO (region)").key == "region:R-NATO"
    assert place("NATO").key == "organisation:O-NATO"


def test_numbers_of_correlates_of_war_are_exact() -> None:
    assert {by_number(2), by_number(365), by_number(710)} == {"US", "RU", "CN"}
    with pytest.raises(PrecedentProblem):
        by_number(345)  # a state that is no more


def test_fictional_states_have_names_only_in_an_exercise() -> None:
    with pytest.raises(PrecedentProblem):
        place("Almara")
    with exercise():
        assert place("Almara").code == "XA"
    with pytest.raises(PrecedentProblem):
        place("Almara")


def test_two_groups_of_one_spelling_are_one_and_of_two_are_two() -> None:
    """A group is nobody but its spelling: an alias never merges two."""
    assert other(Sort.GROUP, "Test  Bear").key == other(Sort.GROUP, "test bear").key
    assert other(Sort.GROUP, "Test Bear").key != other(Sort.GROUP, "TB").key
