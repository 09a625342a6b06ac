"""The commands that ask the public record, over the record that is shipped: no import, no node."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from parley.backstage import Backstage
from parley.doors.cli.app import run_command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the first command puts the shipped record."""
    return tmp_path_factory.mktemp("home")


def run(home: Path, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    found = run_command(Backstage(), ["--home", str(home), *words])
    told = capsys.readouterr()
    assert found == code, told.err
    return told.out if code == 0 else told.err


def asked(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> object:
    return json.loads(run(home, capsys, "--json", "precedents", *words))


def test_a_fresh_install_already_answers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(home, capsys, "precedents", "search", "NotPetya")
    assert "open:notpetya" in said
    assert "Licence:" in said


def test_a_question_in_russian_says_how_it_was_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(home, capsys, "precedents", "search", "Эстония")
    assert "state:EE" in said
    assert "estonia" in said


def test_a_search_is_kept_run_again_and_forgotten(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, capsys, "--as", "amal", "precedents", "search", "--who", "RU", "--save", "russia")
    assert asked(home, capsys, "saved") == [{"name": "russia", "question": {"who": ["RU"]}, "saved_by": "amal"}]
    found = asked(home, capsys, "search", "--saved", "russia", "--limit", "50")
    assert isinstance(found, dict)
    assert found["question"] == {"who": ["RU"]}
    assert found["hits"]["total"] > 2
    run(home, capsys, "precedents", "saved", "--forget", "russia")
    assert "unknown" not in run(home, capsys, "precedents", "search", "--saved", "russia", code=2)


def test_an_incident_shows_denials_beside_attributions(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(home, capsys, "precedents", "show", "open:notpetya")
    assert "denied:" in said


def test_stuxnet_has_no_official_attribution(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(home, capsys, "show", "open:stuxnet")
    assert isinstance(found, dict)
    statements = [one for lane in found["lanes"] for one in lane["statements"]]
    official = [
        s for s in statements if s["kind"] == "attribution" and s["holder"]["sort"] in ("state", "organisation")
    ]
    assert official == []


def test_comparable_cases_show_each_term(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(home, capsys, "precedents", "comparable", "open:notpetya", "--points", "words=0", "--limit", "3")
    assert "words" not in said.split("\n", 1)[1].partition("Source:")[0].split()
    assert "method" in said


def test_a_statistic_gives_table_and_data_as_files(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, data = tmp_path / "table.csv", tmp_path / "data.csv"
    said = run(home, capsys, "precedents", "statistics", "base-rates", "--csv", str(table), "--data", str(data))
    assert "n = " in said
    assert "Query: SELECT" in said
    assert "chosen because states spoke" in said
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    facts = list(csv.reader(data.read_text(encoding="utf-8-sig").splitlines()))
    assert sum(int(row[2]) for row in rows[1:]) == len(facts) - 1


def test_votes_keep_absence_and_abstention_apart(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A/RES/73/27: 119 yes, 46 no, 14 abstentions; one of the 119 is set aside, the source calls it Yugoslavia in 2018.

    The source has no rows for those who were absent: they are "no row" and neither absent nor abstaining.
    """
    found = asked(home, capsys, "statistics", "votes")
    assert isinstance(found, dict)
    row = next(row for row in found["rows"] if row[1] == "A/RES/73/27")
    assert row[2:6] == [118, 46, 14, 0]
    assert row[6] > 0
    assert [one["count"] for one in found["missing"]] == [11]


def test_a_picture_is_written_with_its_table(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, capsys, "precedents", "picture", "map", str(tmp_path / "map.svg"), "--width", "390")
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "map.csv").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["search", "--sector", "moon"], "moon"),
        (["search", "--since", "yesterday"], "yesterday"),
        (["statistics", "colours"], "base-rates"),
        (["picture", "pie", "x.svg"], "timeline"),
        (["show", "open:nothing"], "open:nothing"),
        (["comparable", "open:notpetya", "--points", "words"], "TERM=NUMBER"),
        (["search", "--save", "No Name", "x"], "No Name"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_can(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert says in run(home, capsys, "precedents", *words, code=2)


def test_a_cell_that_a_spreadsheet_would_compute_is_text() -> None:
    from parley.doors.as_csv import as_csv

    assert as_csv(("a",), [("=1+1",), (-1,), ("-x",)]).decode("utf-8-sig") == "a\r\n'=1+1\r\n-1\r\n'-x\r\n"
