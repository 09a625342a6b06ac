"""Comparable cases: each term by hand, what is not known gives nothing, and a term can be switched off."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small_record as small

from parley.desk.ask_precedents import comparable_page, imagined
from parley.outside.store import precedents_comparable
from parley.outside.store.precedents_asking import Asking
from parley.precedents import PrecedentProblem
from parley.precedents.comparable import RULES, Traits, Words, compare, usual

ASKED = Traits(
    name="asked", hit=frozenset({"state:XA"}), method=frozenset({"ransomware", "data-theft"}), year=2020,
    severity={"dcid": 4.0}, words=frozenset({"hospit"}),
)  # fmt: skip
TERMS = [  # term, the other's traits, how alike in permille
    ("method", Traits(method=frozenset({"ransomware"})), 500),
    ("method", Traits(method=frozenset({"espionage"})), 0),
    ("method", Traits(), None),
    ("hit", Traits(hit=frozenset({"state:XA", "state:XB"})), 500),
    ("named", Traits(named=frozenset({"state:XE"})), None),  # the asker names nobody: not known, not unlike
    ("year", Traits(year=2023), 500),
    ("year", Traits(year=2030), 0),
    ("severity", Traits(severity={"dcid": 5.0}), 750),
    ("severity", Traits(severity={"eurepoc-weighted": 4.0}), None),  # another scale
    ("words", Traits(name="best", words=frozenset({"hospit"})), 1000),
    ("words", Traits(name="other", words=frozenset({"hospit", "ransom"})), 0),
]


@pytest.mark.parametrize(("term", "other", "alike"), TERMS)
def test_each_term_by_itself(term: str, other: Traits, alike: int | None) -> None:
    (case,) = compare(ASKED, [other], {term: 2.0}, Words({"best": 1.0}))
    assert [(one.term, one.alike) for one in case.terms] == [(term, alike)]
    assert case.points == pytest.approx(2.0 * (alike or 0) / 1000)


def test_points_are_the_sum_of_what_is_shown() -> None:
    other = Traits(method=frozenset({"ransomware"}), hit=frozenset({"state:XA"}), year=2021)
    (case,) = compare(ASKED, [other], usual(), Words())
    assert case.points == pytest.approx(sum(one.points for one in case.terms))
    assert {one.term for one in case.terms} == set(RULES)


def test_a_term_that_is_switched_off_is_not_among_them() -> None:
    (case,) = compare(ASKED, [Traits()], usual(["words", "year"]), Words())
    assert {one.term for one in case.terms} == set(RULES) - {"words", "year"}


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    store = small.filled()
    yield Asking(store)
    store.close()


def test_a_recorded_case_finds_its_like_and_not_itself(asking: Asking) -> None:
    page = comparable_page(asking, small.ONE, limit=3)
    names = [case.name for case in page.cases]
    assert small.ONE not in names
    assert set(names[:2]) == {small.TWO, "made-up-2:1"}  # the same hit, named and year; the same incident by another
    assert page.looked_at == len(small.INCIDENTS) - 1


def test_a_data_set_may_be_left_out(asking: Asking) -> None:
    page = comparable_page(asking, small.ONE, without=["made-up-2"])
    assert all(case.name.startswith("made-up-1") for case in page.cases)


def test_an_imagined_case_in_another_language(asking: Asking) -> None:
    case = imagined("Des hôpitaux sont arrêtés", "fr", method=["ransomware"])
    assert comparable_page(asking, case, limit=1).cases[0].name == small.FIVE


def test_a_narrowed_record_gives_the_same_first_case(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control for large records: candidates by words and pairs of traits instead of everything."""
    whole = comparable_page(asking, small.ONE, limit=2).cases
    monkeypatch.setattr(precedents_comparable, "WHOLE", 0)
    narrowed = comparable_page(asking, small.ONE, limit=2)
    assert narrowed.cases == whole
    assert narrowed.looked_at <= len(small.INCIDENTS) - 1


@pytest.mark.parametrize(
    ("case", "points", "key"),
    [("made-up-1:99", {}, "unknown_record"), (small.ONE, {"colour": 1.0}, "unknown_term")],
)
def test_what_cannot_be_compared_is_said(asking: Asking, case: str, points: dict[str, float], key: str) -> None:
    with pytest.raises(PrecedentProblem) as problem:
        comparable_page(asking, case, points=points)
    assert problem.value.key == f"precedents.{key}"
