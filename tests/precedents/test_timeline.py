"""The timeline of an incident: holder by holder, and what does not fit together stands side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small_record as small

from parley.desk.ask_precedents import incident_page
from parley.outside.store.precedents_asking import Asking
from parley.precedents import Basis, Dated, Kind, PrecedentProblem, Verdict
from parley.precedents.timeline import Timeline, timeline
from parley.terms.instant import Meaning, parse_iso


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    store = small.filled()
    store.decide(small.ONE, "made-up-2:1", Verdict.SAME, by="amal", at=small.NOW, reasons=["a test"])
    yield Asking(store)
    store.close()


def ways(found: Timeline) -> set[tuple[str, str, str]]:
    return {(one.way, one.one.rpartition("/")[2], one.other.rpartition("/")[2]) for one in found.contradictions}


def test_lanes_are_holders_in_the_order_in_which_they_spoke_states_first(asking: Asking) -> None:
    lanes = incident_page(asking, small.ONE).lanes
    assert [lane.title for lane in lanes] == ["Beltova", "Eldmark", "Caldria", "Vigil"]
    assert [one.name.rpartition("/")[2] for one in lanes[0].statements] == ["a1", "r1"]


def test_a_denial_stands_beside_each_attribution_that_it_denies(asking: Asking) -> None:
    found = ways(incident_page(asking, small.ONE))
    assert {("denied", "a1", "d1"), ("denied", "a2", "d1")} <= found


def test_two_holders_who_name_different_states_contradict_each_other(asking: Asking) -> None:
    """Vigil names Fenoria as origin, Beltova and Caldria name Eldmark; that two name the same is no contradiction."""
    found = {(one, other) for way, one, other in ways(incident_page(asking, small.ONE)) if way == "named differently"}
    assert {frozenset(pair) for pair in found} == {frozenset({"a1", "a3"}), frozenset({"a2", "a3"})}


def test_accounts_that_a_person_joined_are_on_one_timeline(asking: Asking) -> None:
    assert [one.name for one in incident_page(asking, small.ONE).accounts] == [small.ONE, "made-up-2:1"]


def test_disclosed_later_than_begun_is_no_contradiction_but_two_beginnings_are(asking: Asking) -> None:
    accounts = incident_page(asking, small.ONE).accounts
    assert not list(timeline(accounts, []).contradictions)
    other = msgspec.structs.replace(accounts[1], dates=(Dated(parse_iso("2020-03-12", Meaning.BEGAN)),))
    assert [one.way for one in timeline([accounts[0], other], []).contradictions] == ["dated differently"]
    year = msgspec.structs.replace(other, dates=(Dated(parse_iso("2019", Meaning.BEGAN)),))
    assert timeline([accounts[0], year], []).contradictions == ()  # a year is no day to differ from


def test_what_its_source_calls_contested_is_told() -> None:
    contested = [one for one in small.STATEMENTS if one.basis is Basis.CONTESTED]
    assert [one.way for one in timeline([], contested).contradictions] == ["contested"]


def test_nothing_is_resolved_every_statement_stays(asking: Asking) -> None:
    found = incident_page(asking, small.ONE)
    about = [one for one in small.STATEMENTS if small.ONE in one.about]
    assert sum(len(lane.statements) for lane in found.lanes) == len(about)
    assert any(one.kind is Kind.DENIAL for lane in found.lanes for one in lane.statements)


def test_an_unknown_incident_is_said(asking: Asking) -> None:
    with pytest.raises(PrecedentProblem):
        incident_page(asking, "made-up-1:99")
