"""Programs ask the public record: the shipped one, over a real listener, with a scope of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from parley.public_record import open_asking

BASE = "/v1/precedents"


@pytest.fixture(scope="module")
def asked(alone: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    place = tmp_path_factory.mktemp("record") / "precedents.sqlite"
    with alone(asking=lambda: open_asking(place)) as served:
        yield served


def test_a_search_says_how_it_was_read_and_on_which_data_sets_it_rests(asked: Any) -> None:
    got = asked.ask("GET", f"{BASE}/incidents?words={quote('NotPetya')}")
    assert (got.status, got.value["total"]) == (200, 1)
    (incident,) = got.value["incidents"]
    assert incident["name"] == "open:notpetya"
    assert got.value["sources"][0]["licence"]
    assert got.value["looked_for"][0]["given"] == "NotPetya"


def test_filters_are_alternatives_with_commas_between(asked: Any) -> None:
    both = asked.ask("GET", f"{BASE}/incidents?whom=UA,EE").value["total"]
    assert both > asked.ask("GET", f"{BASE}/incidents?whom=EE").value["total"] >= 1


def test_an_incident_has_lanes_and_contradictions(asked: Any) -> None:
    got = asked.ask("GET", f"{BASE}/incidents/open:notpetya").value
    assert {one["way"] for one in got["contradictions"]} >= {"denied"}
    names = {one["name"] for account in got["accounts"] for one in account["statements"]}
    assert {name for lane in got["lanes"] for name in lane["statements"]} == names


def test_comparable_cases_come_term_by_term_and_a_term_can_be_off(asked: Any) -> None:
    got = asked.ask("GET", f"{BASE}/comparable?case=open:notpetya&off=words,year").value
    assert not {"words", "year"} & {term["term"] for case in got["cases"] for term in case["terms"]}
    assert got["says"]["method"]


def test_a_statistic_comes_with_its_limits(asked: Any) -> None:
    got = asked.ask("GET", f"{BASE}/statistics/attribution-wait?since=2014").value
    assert got["placeholders"].startswith("Days are subtracted from days only")
    assert got["sql"].startswith("SELECT")
    assert all(len(row) == len(got["columns"]) for row in got["rows"])


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/incidents/open:nothing", 404, "precedents.unknown_record"),
        ("/statistics/colours", 404, "precedents.unknown_statistic"),
        ("/incidents?sector=moon", 422, "precedents.unknown_filter"),
        ("/comparable?case=open:notpetya&off=colour", 422, "precedents.unknown_term"),
        ("/incidents?sektor=moon", 400, "door.bad_parameter"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(asked: Any, path: str, status: int, key: str) -> None:
    got = asked.ask("GET", BASE + path)
    assert (got.status, got.value["key"]) == (status, key)


def test_another_scope_does_not_open_it(asked: Any) -> None:
    assert asked.ask("GET", f"{BASE}/incidents", token=asked.token("read")).status == 403


def test_a_node_without_a_record_says_so(served: Any) -> None:
    got = served.ask("GET", f"{BASE}/incidents")
    assert (got.status, got.value["key"]) == (404, "precedents.no_record")
