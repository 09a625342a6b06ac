"""Whose store it is: origins, incarnations, reading beside a running node, and what a place means."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from parley.line.ports import Origin, Tx
from parley.outside.store import StoreProblem, open_sqlite, open_store, read_sqlite, restore_sqlite
from parley.outside.store.facts import WARNINGS, has_wal_reset_bug
from parley.outside.store.tables import MIGRATIONS

from .conftest import Shelf
from .files.make import everything
from .rows import LATER, ORIGIN, add_note, digest, leaf


def close(store: object) -> None:
    asyncio.run(store.close())  # type: ignore[attr-defined]


def test_a_store_remembers_whose_it_is(durable: Shelf) -> None:
    durable.do(lambda tx: tx.append(leaf("a")))
    durable.close()
    assert durable.open(None).origin == ORIGIN


def test_a_store_that_nobody_wrote_to_has_to_be_told(durable: Shelf) -> None:
    durable.open()
    durable.close()
    with pytest.raises(StoreProblem) as caught:
        durable.open(None)
    assert caught.value.key == "store.no_origin"
    durable.open()


def test_a_file_that_is_not_there_is_not_made_by_asking_for_it(tmp_path: Path) -> None:
    for ask in (open_sqlite, read_sqlite, open_store):
        with pytest.raises(StoreProblem) as caught:
            ask(tmp_path / "store.db")  # type: ignore[operator]
        assert caught.value.key == "store.unreadable"
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize("other", [Origin("XB", "node-1", b"x"), Origin("XA", "node-2", b"x")])
def test_another_nodes_store_is_refused(durable: Shelf, other: Origin) -> None:
    durable.do(lambda tx: tx.append(leaf("a")))
    durable.close()
    with pytest.raises(StoreProblem, match="XA, node node-1") as caught:
        durable.open(other)
    assert caught.value.key == "store.other_node"


def test_a_new_incarnation_begins_a_journal_of_its_own(durable: Shelf) -> None:
    def unit(tx: Tx) -> None:
        add_note(tx, "a")
        add_note(tx, "b")
        tx.put("k", "key", b"old")

    durable.do(unit)
    durable.close()
    durable.open(LATER)
    assert durable.see(lambda look: (look.leaf_count(), look.incarnations())) == (0, [ORIGIN.incarnation])
    assert durable.do(lambda tx: add_note(tx, "c")) == 0
    assert durable.see(lambda look: look.leaf_count()) == 1
    assert durable.see(lambda look: look.leaf_count(ORIGIN.incarnation)) == 2
    assert durable.see(lambda look: look.leaf(1, ORIGIN.incarnation)) == leaf("b")
    assert durable.see(lambda look: look.leaf_hashes(0, 9)) == [leaf("c").hash]
    assert durable.see(lambda look: look.incarnations()) == [ORIGIN.incarnation, LATER.incarnation]
    assert durable.see(lambda look: look.record("k", "key")) == b"old"
    durable.store.check()


def test_notes_of_an_earlier_incarnation_are_older_than_any_of_this(durable: Shelf) -> None:
    durable.do(lambda tx: [add_note(tx, name) for name in "abc"])
    durable.close()
    durable.open(LATER)
    assert len(durable.see(lambda look: look.notes(before=0))) == 3
    durable.do(lambda tx: [add_note(tx, name) for name in "de"])
    rows = durable.see(lambda look: look.notes())
    assert [(row.leaf, row.incarnation) for row in rows] == [
        *((n, LATER.incarnation) for n in (1, 0)),
        *((n, ORIGIN.incarnation) for n in (2, 1, 0)),
    ]
    assert [row.note_id for row in durable.see(lambda look: look.notes(before=1, limit=2))] == [
        digest("d"),
        digest("c"),
    ]


def test_an_incarnation_that_was_left_cannot_be_taken_up_again(durable: Shelf) -> None:
    """It would give one incarnation two histories, which peers must take for equivocation."""
    durable.do(lambda tx: tx.append(leaf("a")))
    durable.close()
    durable.open(LATER)
    durable.do(lambda tx: tx.append(leaf("b")))
    durable.close()
    with pytest.raises(StoreProblem) as caught:
        durable.open(ORIGIN)
    assert caught.value.key == "store.old_incarnation"


def test_a_new_incarnation_under_which_nothing_was_written_leaves_no_trace(durable: Shelf) -> None:
    durable.do(lambda tx: tx.append(leaf("a")))
    durable.close()
    durable.open(LATER)

    def failing(tx: Tx) -> None:
        tx.append(leaf("b"))
        raise LookupError

    with pytest.raises(LookupError):
        durable.do(failing)
    durable.close()
    assert durable.open(None).origin == ORIGIN


# reading beside a running node


def test_a_reader_sees_what_the_node_commits_and_cannot_write(on_file: Shelf) -> None:
    on_file.do(lambda tx: tx.append(leaf("a")))
    reader = read_sqlite(on_file.place)
    assert reader.origin == ORIGIN
    assert reader.look(lambda look: look.leaf_count()) == 1
    on_file.do(lambda tx: tx.append(leaf("b")))
    assert reader.look(lambda look: look.leaf_count()) == 2
    with pytest.raises(StoreProblem, match="reading only"):
        asyncio.run(reader.write(lambda tx: tx.append(leaf("c")), point="test"))
    reader.check()
    close(reader)
    with pytest.raises(StoreProblem, match="closed"):
        reader.look(lambda look: look.leaf_count())


def test_a_reader_of_a_store_that_nobody_has_open_sees_it_all(on_file: Shelf) -> None:
    on_file.do(lambda tx: tx.append(leaf("a")))
    on_file.close()
    reader = read_sqlite(on_file.place)
    assert reader.look(lambda look: look.leaf_count()) == 1
    close(reader)


def test_the_files_of_a_store_are_for_their_owner_alone(on_file: Shelf) -> None:
    on_file.do(lambda tx: tx.append(leaf("a")))
    files = list(Path(on_file.place).parent.glob("store.db*"))
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


# facts


def test_facts_name_the_database_and_count_rows(shelf: Shelf) -> None:
    shelf.do(lambda tx: [add_note(tx, name) for name in "ab"])
    facts = shelf.store.facts()
    assert facts.engine == {"memory": "memory", "sqlite": "sqlite", "postgres": "postgresql"}[shelf.kind]
    assert facts.rows["notes"] == 2
    assert facts.store_version == 1
    assert set(facts.warnings) <= set(WARNINGS)
    if shelf.kind == "sqlite":
        assert facts.settings["journal_mode"] == "wal"
        assert facts.bytes > 0
        assert facts.log_bytes > 0


WAL_RESET = {
    # version of SQLite -> has the bug (https://www.sqlite.org/wal.html#walresetbug)
    (3, 6, 23): False,
    (3, 7, 0): True,
    (3, 40, 1): True,  # Debian 12
    (3, 44, 5): True,
    (3, 44, 6): False,
    (3, 45, 0): True,
    (3, 50, 4): True,
    (3, 50, 7): False,
    (3, 51, 2): True,
    (3, 51, 3): False,
    (3, 53, 0): False,
}


@pytest.mark.parametrize("version", WAL_RESET)
def test_versions_with_the_wal_reset_bug_are_known(version: tuple[int, int, int]) -> None:
    assert has_wal_reset_bug(version) is WAL_RESET[version]


def test_only_a_file_is_warned_of_the_wal_reset_bug(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 40, 1))
    shelf.open()
    assert ("wal_reset_bug" in shelf.store.facts().warnings) is (shelf.kind == "sqlite")


# what a place means


def test_without_the_driver_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("parley.outside.store.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("parley.outside.store.postgres_store", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreProblem, match="driver is not installed") as caught:
        open_store("postgresql:///nowhere", ORIGIN)
    assert "parley[postgres]" in caught.value.do


def test_opening_a_file_does_not_load_the_driver_of_postgresql() -> None:
    program = "import sys, parley.outside.store\nprint('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


# files of earlier releases

FROZEN = Path(__file__).with_name("files")


@pytest.mark.parametrize("way", ["opened", "restored"])
@pytest.mark.parametrize("path", sorted(FROZEN.glob("*.db")), ids=lambda path: path.stem)
def test_a_store_written_by_an_earlier_release_is_read_in_full(path: Path, way: str, tmp_path: Path) -> None:
    """Each release leaves a file made by files/make.py; what it holds is listed beside it and never changes."""
    place = tmp_path / "store.db"
    if way == "opened":
        shutil.copy(path, place)
    else:
        restore_sqlite(path, place)
    store = open_sqlite(place, check=True)
    assert store.look(everything) == json.loads(path.with_suffix(".json").read_text())
    asyncio.run(store.write(lambda tx: tx.append(leaf("new")), point="test"))
    store.check()
    close(store)


def test_there_is_a_file_of_this_version_of_the_tables() -> None:
    """Who changes the tables adds a migration and, with the release, a file."""
    versions = {_version(path) for path in FROZEN.glob("*.db")}
    assert versions == set(range(1, len(MIGRATIONS) + 1))


def _version(path: Path) -> int:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()
