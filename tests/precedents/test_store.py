"""Filling a shelf: all or nothing, without duplicates, and with everything that was ever said still readable."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from parley.outside.sources.shipped import read_shipped, shipped, stock
from parley.outside.store import StoreProblem
from parley.outside.store.precedents import PrecedentStore
from parley.precedents import (
    Actor,
    DataSet,
    Incident,
    Kind,
    Named,
    PassOn,
    PrecedentProblem,
    Report,
    Sort,
    Statement,
    Tie,
)
from parley.terms import Checked, Text

XA = Actor(Sort.STATE, "XA", "Almara")
OWN = DataSet(
    key="own", title="Own", publisher="a desk", version="1", reference="here", licence="own", pass_on=PassOn.NO
)


def incidents(*numbers: int, title: str = "A test") -> list[Incident]:
    return [
        Incident(name=f"own:{n}", data_set="own", place=f"row {n}", title=Text("en", title), receivers=(XA,))
        for n in numbers
    ]


def statements(*numbers: int) -> list[Statement]:
    return [
        Statement(
            name=f"own:{n}/a",
            kind=Kind.ATTRIBUTION,
            data_set="own",
            place="row",
            holder=XA,
            about=(f"own:{n}", "own:99"),
            names=(Named(XA, Tie.STATE),),
        )
        for n in numbers
    ]


def fill(store: PrecedentStore, some: list[Incident], said: list[Statement], *, whole: bool = True) -> Report:
    return store.fill(OWN, some, said, Report(data_set="own"), whole=whole, at=1)


@pytest.fixture
def store() -> PrecedentStore:
    return PrecedentStore(":memory:")


def counted(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.gone


def test_a_second_filling_changes_nothing(store: PrecedentStore) -> None:
    assert counted(fill(store, incidents(1, 2), statements(1, 2))) == (4, 0, 0, 0)
    before = store.digest()
    assert counted(fill(store, incidents(1, 2), statements(1, 2))) == (0, 0, 4, 0)
    assert store.digest() == before


def test_the_digest_sees_a_change(store: PrecedentStore) -> None:
    """Control: one title differs."""
    fill(store, incidents(1), [])
    before = store.digest()
    assert counted(fill(store, incidents(1, title="Another"), [])) == (0, 1, 0, 0)
    assert store.digest() != before


def test_what_was_said_before_stays_readable(store: PrecedentStore) -> None:
    fill(store, incidents(1), [])
    fill(store, incidents(1, title="Another"), [])
    assert store.incident("own:1").title.text == "Another"
    (before,) = store.earlier("own:1")
    assert isinstance(before, Incident)
    assert before.title.text == "A test"


def test_what_is_missing_from_a_whole_file_is_gone_and_not_lost(store: PrecedentStore) -> None:
    fill(store, incidents(1, 2), statements(2))
    assert counted(fill(store, incidents(1), [])) == (0, 0, 1, 2)
    assert [one.name for one in store.incidents()] == ["own:1"]
    assert store.about(["own:2"]) == ()
    assert store.incident("own:2").name == "own:2"
    assert counted(fill(store, incidents(1, 2), statements(2))) == (0, 2, 1, 0)
    assert [one.name for one in store.about(["own:2"])] == ["own:2/a"]


def test_mended_rows_leave_the_rest_as_it_is(store: PrecedentStore) -> None:
    fill(store, incidents(1, 2), [])
    assert counted(fill(store, incidents(3), [], whole=False)) == (1, 0, 0, 0)
    assert len(list(store.incidents())) == 3


def test_a_statement_about_two_incidents_is_found_from_both(store: PrecedentStore) -> None:
    """Also from one that comes later than the statement."""
    fill(store, incidents(1), statements(1), whole=False)
    fill(store, incidents(99), [], whole=False)
    assert store.about(["own:1"]) == store.about(["own:99"]) == store.about(["own:1", "own:99"])
    tied = store.connection.execute("SELECT count(*) FROM about WHERE incident IS NULL").fetchone()
    assert tied == (0,)


def test_a_filling_that_fails_leaves_nothing_behind(store: PrecedentStore) -> None:
    """Whatever fails last: here what is kept derived from the record."""
    fill(store, incidents(1), [])
    before = store.digest()

    def broken(*_: object) -> None:
        raise RuntimeError

    store._on_change = (broken,)
    with pytest.raises(RuntimeError):
        fill(store, incidents(1, 2, title="Another"), statements(1))
    assert store.digest() == before
    assert [len(store.reports()), len(list(store.statements()))] == [1, 0]


def test_what_is_derived_is_told_which_rows_changed(store: PrecedentStore) -> None:
    told: list[tuple[list[int], list[int]]] = []
    store._on_change = (lambda _, some, said: told.append((list(some), list(said))),)
    fill(store, incidents(1, 2), statements(1))
    fill(store, incidents(1, 2, 3), statements(1))
    fill(store, incidents(1), statements(1))
    assert told == [([1, 2], [1]), ([3], []), ([2, 3], [])]


def test_a_file_killed_in_the_middle_of_an_import_is_as_before(tmp_path: Path) -> None:
    """A second process that dies inside the transaction: the file is opened again as it was."""
    place = tmp_path / "p.sqlite"
    store = PrecedentStore(place)
    fill(store, incidents(1), [])
    before = store.digest()
    store.close()
    dying = sqlite3.connect(place, isolation_level=None)
    dying.execute("BEGIN IMMEDIATE")
    dying.execute("DELETE FROM receiver")
    dying.close()  # without COMMIT, as a kill would
    assert PrecedentStore(place).digest() == before


KILLED = """
import os, signal, sys
from parley.outside.sources.shipped import read_shipped
from parley.outside.store.precedents import PrecedentStore

def die(done, of):
    if done >= 400:
        os.kill(os.getpid(), signal.SIGKILL)

read = max(read_shipped(), key=lambda one: len(one.statements))
store = PrecedentStore(sys.argv[1])
store.fill(read.data_set, read.incidents, read.statements, read.report, whole=True, at=1, progress=die)
"""


def test_an_import_that_is_killed_leaves_no_half(tmp_path: Path) -> None:
    """kill -9 after four hundred of two thousand records; the file is opened again and has none of them."""
    place = tmp_path / "p.sqlite"
    done = subprocess.run([sys.executable, "-c", KILLED, str(place)], check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    store = PrecedentStore(place)
    assert (list(store.statements()), store.data_sets(), store.reports()) == ([], (), ())
    counted = [store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("actor", "said")]
    assert counted == [0, 0]


def test_two_imports_at_once_are_refused_with_a_reason(tmp_path: Path) -> None:
    place = tmp_path / "p.sqlite"
    first, second = PrecedentStore(place), PrecedentStore(place)
    second.connection.execute("PRAGMA busy_timeout = 10")
    first.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreProblem) as caught:
        fill(second, incidents(1), [])
    assert caught.value.key == "store.busy"
    first.connection.execute("ROLLBACK")
    assert fill(second, incidents(1), []).added == 1


def test_another_file_is_not_taken_for_a_shelf(tmp_path: Path) -> None:
    place = tmp_path / "other.sqlite"
    other = sqlite3.connect(place)
    other.execute("CREATE TABLE t (a)")
    other.close()
    with pytest.raises(StoreProblem) as caught:
        PrecedentStore(place)
    assert caught.value.key == "store.not_ours"


def test_an_unknown_name_is_a_problem(store: PrecedentStore) -> None:
    with pytest.raises(PrecedentProblem):
        store.incident("own:1")


# The shipped record


@pytest.fixture(scope="module")
def stocked() -> PrecedentStore:
    store = PrecedentStore(":memory:")
    stock(store, 1)
    return store


def test_a_fresh_installation_has_the_fourteen_cases(stocked: PrecedentStore) -> None:
    """Estonia, Stuxnet, Sony, Bundestag, WannaCry, NotPetya, OPCW, SolarWinds, Exchange, Viasat, Costa Rica, Albania,
    Salt Typhoon, Poland."""
    assert len(list(stocked.incidents("open"))) == 14


def test_stocking_again_does_nothing(stocked: PrecedentStore) -> None:
    before = stocked.digest()
    assert stock(stocked, 2) == ()
    assert stocked.digest() == before


def test_what_somebody_imported_since_is_left_alone() -> None:
    """The whole cluster replaces the shipped extract; opening the shelf again does not bring the extract back."""
    store = PrecedentStore(":memory:")
    stock(store, 1)
    (extract,) = [read for read in read_shipped() if read.data_set.key == "misp-threat-actor"]
    theirs = msgspec.structs.replace(extract.report, files=(("theirs.json", "0" * 64),), notes=())
    store.fill(extract.data_set, (), extract.statements[:3], theirs, whole=True, at=2)
    assert stock(store, 3) == ()
    assert store.held("misp-threat-actor") == 3


def test_the_keys_of_what_is_shipped_are_those_of_its_readers() -> None:
    assert [row.key for row in shipped()] == [read.data_set.key for read in read_shipped()]


def test_stuxnet_has_no_official_attribution(stocked: PrecedentStore) -> None:
    said = stocked.about(["open:stuxnet"])
    assert said
    states = [one for one in said if isinstance(one.holder, Actor) and one.holder.sort is Sort.STATE]
    assert not [one for one in states if one.kind is Kind.ATTRIBUTION]


@pytest.mark.parametrize("case", ["sony-2014", "wannacry", "notpetya"])
def test_denials_stand_beside_attributions(case: str, stocked: PrecedentStore) -> None:
    kinds = [one.kind for one in stocked.about([f"open:{case}"])]
    assert Kind.ATTRIBUTION in kinds
    assert Kind.DENIAL in kinds


def test_notpetya_was_attributed_by_several_states_within_two_days(stocked: PrecedentStore) -> None:
    said = [one for one in stocked.about(["open:notpetya"]) if one.kind is Kind.ATTRIBUTION]
    days = {one.on.given for one in said}  # type: ignore[union-attr]
    assert days == {"2018-02-15", "2018-02-16"}
    assert len({one.holder.key for one in said}) >= 6  # type: ignore[union-attr]


def test_verified_rows_say_where_they_were_read_and_unverified_ones_name_a_document(stocked: PrecedentStore) -> None:
    for one in stocked.statements("open"):
        assert one.source is not None
        assert one.source.title
        if one.checked is Checked.VERIFIED:
            assert one.source.place
            assert "://" in one.source.reference


def test_every_shipped_file_says_source_licence_and_date() -> None:
    from importlib import resources

    folder = resources.files("parley.precedents") / "data" / "open"
    there = {item.name for item in folder.iterdir()} - {"SOURCES.toml"}
    assert {name for row in shipped() for name in row.files} == there
    assert all(row.source and row.licence and row.dated and row.done for row in shipped())


def test_only_what_may_be_passed_on_is_shipped() -> None:
    assert {read.data_set.pass_on for read in read_shipped()} <= {PassOn.FREELY, PassOn.WITH_NOTICE}


def test_nothing_shipped_is_in_quarantine_but_votes_of_a_state_that_is_no_more(stocked: PrecedentStore) -> None:
    aside = [one for data_set in stocked.data_sets() for one in stocked.quarantined(data_set.key)]
    assert {one.key for one in aside} == {"precedents.unknown_place"}
    assert {dict(one.cells)["country"] for one in aside} == {"Yugoslavia"}


def test_the_votes_that_were_counted_come_out(stocked: PrecedentStore) -> None:
    """A/RES/73/27 119 to 46, 14 abstaining: one yes is a member set aside. Namibia, code NA, voted in all eleven."""
    ballots = [one for one in stocked.statements("un-votes-ict") if one.codings[0].code == "A/RES/73/27"]
    counts = {word: sum(one.ballot == word for one in ballots) for word in ("yes", "no", "abstain")}
    assert counts == {"yes": 118, "no": 46, "abstain": 14}
    namibia = [one for one in stocked.statements("un-votes-ict") if one.holder.code == "NA"]  # type: ignore[union-attr]
    assert len(namibia) == 11


def test_a_report_is_kept_without_its_rows_and_the_rows_beside_it(stocked: PrecedentStore) -> None:
    (_, report) = stocked.reports("un-votes-ict")[-1]
    assert (report.quarantined, report.rows) == (11, ())
    assert len(stocked.quarantined("un-votes-ict")) == 11
    assert msgspec.to_builtins(report)["files"]
