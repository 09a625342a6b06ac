"""What leaves has source, licence and date on every record; what a licence forbids stays, and the export says so."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from parley.desk.problems import DeskProblem
from parley.desk.public_record import PublicRecord
from parley.outside.sources.files import Given
from parley.outside.sources.page import words_of
from parley.outside.sources.problems import SourceProblem
from parley.outside.store.precedents import PrecedentStore
from parley.precedents import Kind, PassOn, PrecedentProblem, Verdict
from parley.precedents.names import exercise
from parley.precedents.passing_on import guarded
from parley.public_record import Files, own_data_set

from precedents_twins import write_twins  # isort: skip  (bench/, see conftest)


@pytest.fixture
def record() -> PublicRecord:
    return PublicRecord(PrecedentStore(":memory:"), Files(), lambda: 1_700_000_000_000)


def enter(record: PublicRecord, key: str, pass_on: PassOn, **cells: str) -> None:
    row = {"incident": "1", "title": "A test", "kind": "attribution", "holder": "XA", "names": "XB:state"} | cells
    with exercise():
        record.enter(row, own_data_set(key, "a desk", f"licence of {key}", pass_on))


@pytest.fixture
def three(record: PublicRecord) -> PublicRecord:
    for key, pass_on in (("free", PassOn.FREELY), ("closed", PassOn.NO), ("fair", PassOn.NON_COMMERCIAL)):
        enter(record, key, pass_on, words="=SUM(1) is what they said.")
    return record


@pytest.mark.parametrize(("non_commercial", "out"), [(False, ["closed", "fair"]), (True, ["closed"])])
def test_what_a_licence_forbids_stays_and_is_named(three: PublicRecord, non_commercial: bool, out: list[str]) -> None:
    text, left_out = three.pass_on([], non_commercial=non_commercial, form="jsonl")
    first, *rows = [json.loads(line) for line in text.splitlines()]
    assert sorted(one.data_set for one in left_out) == out
    assert [one["data_set"] for one in first["left_out"]] == [one.data_set for one in left_out]
    assert all("licence of" in one["why"] and one["records"] == 2 for one in first["left_out"])
    assert not {row["source"]["data_set"] for row in rows} & set(out)


def test_each_record_that_leaves_has_source_and_licence(three: PublicRecord) -> None:
    text, _ = three.pass_on(["free"], non_commercial=False, form="jsonl")
    first, *rows = [json.loads(line) for line in text.splitlines()]
    assert (first["exported"], len(rows)) == ("2023-11-14T22:13:20Z", 2)
    assert {row["source"]["licence"] for row in rows} == {"licence of free"}
    assert {row["source"]["checked"] for row in rows} == {"unverified"}


def test_the_table_that_leaves_is_computed_by_no_spreadsheet(three: PublicRecord) -> None:
    text, _ = three.pass_on(["free"], non_commercial=False, form="csv")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["words"] == "'=SUM(1) is what they said."
    assert (row["licence"], row["names"]) == ("licence of free", "state:XB:state")


def test_a_cell_without_a_formula_leaves_as_it_is() -> None:
    """Control."""
    assert guarded("a = b") == "a = b"


def test_an_unknown_data_set_is_named(three: PublicRecord) -> None:
    with pytest.raises(DeskProblem) as caught:
        three.pass_on(["nothing"], non_commercial=True, form="csv")
    assert caught.value.key == "desk.no_data_set"


# By hand, and from a saved page

PAGE = """<html><head><title>not this</title><style>p {}</style></head><body>
<h1>Declaration</h1><script>words()</script>
<p>The Government of <b>Almara</b>&nbsp;assesses with high confidence that Beltova&rsquo;s services did this,
contrary to the norms of responsible State behaviour.</p></body></html>"""
WORDS = "The Government of Almara assesses with high confidence that Beltova’s services did this"
SAID = {"incident": "1", "title": "A test", "kind": "attribution", "holder": "XA", "names": "XB:state", "words": WORDS}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(PAGE)
    return tmp_path / "page.html"


def test_words_from_a_saved_page_stand_there_and_its_digest_is_kept(record: PublicRecord, page: Path) -> None:
    row = SAID | {"verb": "assesses", "confidence_word": "high confidence", "on": "2021-04-15T09:30Z"}
    with exercise():
        report, seen = record.enter(row | {"account": "@almara"}, own_data_set("own", "a desk", "own"), page)
    assert (report.added, seen.confidence) == (2, ("high confidence",))
    (said,) = [one for one in record.shelf.statements() if one.kind is Kind.ATTRIBUTION]
    assert said.capture == report.files[0][1]
    assert (said.verb, said.account) == ("assesses", "@almara")


def test_words_that_do_not_stand_on_the_page_are_refused(record: PublicRecord, page: Path) -> None:
    with exercise(), pytest.raises(SourceProblem) as caught:
        record.enter(SAID | {"words": WORDS + " alone"}, own_data_set("own", "a desk", "own"), page)
    assert caught.value.key == "sources.not_on_page"
    assert list(record.shelf.incidents()) == []


def test_a_page_is_read_without_its_scripts() -> None:
    assert words_of(Given("p", PAGE.encode(), "")).startswith("Declaration The Government of Almara assesses")


def test_what_cannot_be_entered_says_why_and_nothing_is_kept(record: PublicRecord) -> None:
    with pytest.raises(DeskProblem) as caught:
        enter(record, "own", PassOn.NO, words="We say so.", verb="condemn")
    assert "does not stand in the exact words" in caught.value.what
    assert list(record.shelf.statements()) == []


def test_a_statement_is_withdrawn_by_its_holder_and_stays(record: PublicRecord) -> None:
    enter(record, "own", PassOn.NO, statement="1/first", words="It was them.")
    later = {"statement": "1/second", "words": "We no longer say so.", "stance": "withdraws", "replaces": "1/first"}
    enter(record, "own", PassOn.NO, **later)
    first, second = sorted(record.shelf.statements(), key=lambda one: one.name)
    assert second.replaces == first.name == "own:1/first"


# Matching at the desk


def test_the_desk_lists_candidates_with_what_was_decided(record: PublicRecord, tmp_path: Path) -> None:
    twins = write_twins(tmp_path, 20)
    with exercise():
        record.take("eurepoc", twins.eurepoc_1_1)
    enter(record, "own", PassOn.NO, title="Test", receivers="XB", names="XD:state", began="2018-04-15")
    found = record.candidates("own:1")
    assert found
    other = found[0][0].name
    record.decide("own:1", other, Verdict.SAME, "amal")
    listed = {one.name: decided and decided.verdict for one, decided in record.candidates("own:1")}
    assert listed[other] is Verdict.SAME
    assert record.shelf.decisions()[0].reasons == found[0][0].reasons


def test_candidates_of_what_is_not_here_are_a_problem(record: PublicRecord) -> None:
    with pytest.raises(PrecedentProblem):
        record.candidates("own:1")


def test_sources_say_licence_date_and_last_import(three: PublicRecord) -> None:
    closed = three.sources()[0]
    assert (closed["key"], closed["pass_on"], closed["records"]) == ("closed", "no", 2)
    assert closed["last"] == {"read": 1, "accepted": 1, "quarantined": 0, "in_part": 0}
