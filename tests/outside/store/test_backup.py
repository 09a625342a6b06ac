"""Backups: one moment of the store, whole or not there, readable anywhere; and what a restore makes of them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from parley.line.ports import Tx
from parley.outside.store import (
    MemoryStore,
    StoreProblem,
    open_sqlite,
    open_store,
    restore_postgres,
    restore_sqlite,
    restore_store,
)
from parley.outside.store.backup import copy_rows

from .cluster import Cluster
from .conftest import Shelf
from .files.make import everything, unit
from .rows import LATER, ORIGIN, add_note, leaf, outbox
from .under_shim import Machine


def close(store: object) -> None:
    asyncio.run(store.close())  # type: ignore[attr-defined]


def restored(backup: Path, place: Path) -> object:
    """What a store made from the backup holds."""
    restore_sqlite(backup, place)
    store = open_sqlite(place, check=True)
    found = store.look(lambda look: [(look.leaf_count(), len(look.notes())), look.outbox_peers(), look.records("k")])
    close(store)
    return found


def test_a_backup_of_any_store_holds_everything(shelf: Shelf, tmp_path: Path) -> None:
    shelf.do(unit)
    shelf.store.backup(str(tmp_path / "backup"))
    restore_sqlite(tmp_path / "backup", tmp_path / "restored.db")
    store = open_sqlite(tmp_path / "restored.db", check=True)
    assert store.origin == ORIGIN
    assert store.look(everything) == shelf.see(everything)
    close(store)


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_is_restored_into_postgresql_too(
    kind: str, on_file: Shelf, on_server: Shelf, cluster: Cluster, tmp_path: Path
) -> None:
    shelf = on_file if kind == "sqlite" else on_server
    shelf.do(unit)
    shelf.store.backup(str(tmp_path / "backup"))
    place = cluster.new_schema()
    restore_store(tmp_path / "backup", place)
    store = open_store(place, check=True)
    assert store.look(everything) == shelf.see(everything)
    number = asyncio.run(store.write(lambda tx: tx.enqueue(outbox("next")), point="test"))
    assert number == shelf.do(lambda tx: tx.enqueue(outbox("next")))
    close(store)
    with pytest.raises(StoreProblem, match="already holds") as caught:
        restore_postgres(tmp_path / "backup", place)
    assert caught.value.key == "store.not_empty"


def test_a_backup_taken_while_units_are_written_holds_one_moment(durable: Shelf, tmp_path: Path) -> None:
    """Each unit writes three rows: in every backup their counts agree."""
    store = durable.open()
    stop = threading.Event()

    def one(tx: Tx) -> None:
        index = add_note(tx, f"n{tx.leaf_count()}")
        tx.enqueue(outbox(str(index), size=5000))
        tx.put("k", str(index), b"")

    def write() -> None:
        async def many() -> None:
            while not stop.is_set():
                await asyncio.gather(*(store.write(one, point="test") for _ in range(4)))

        asyncio.run(many())

    durable.do(one)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        sizes = []
        for n in range(5):
            store.backup(str(tmp_path / f"backup{n}"))
            (leaves, notes), peers, records = restored(tmp_path / f"backup{n}", tmp_path / f"r{n}")  # type: ignore[misc]
            assert leaves == len(records) == sum(rows for _, rows, _ in peers)
            assert notes == min(leaves, 100)
            sizes.append(leaves)
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(sizes)
    store.check()


def test_a_backup_is_for_its_owner_alone_and_replaces_an_older_one(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "backup"
    path.write_text("older")
    path.chmod(0o644)
    shelf.do(lambda tx: tx.put("k", "a", b""))
    shelf.store.backup(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir() if "backup" in entry.name] == ["backup"]
    assert restored(path, tmp_path / "restored")[2] == [("a", b"")]  # type: ignore[index]


BAD_PATHS = ["no/such/folder/backup", "a folder", "x" * 300]


@pytest.mark.parametrize("name", BAD_PATHS)
def test_a_backup_that_cannot_be_written_leaves_nothing(shelf: Shelf, tmp_path: Path, name: str) -> None:
    (tmp_path / "a folder").mkdir()
    shelf.do(lambda tx: tx.put("k", "a", b""))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreProblem) as caught:
        shelf.store.backup(str(tmp_path / name))
    assert caught.value.key == "store.not_backed_up"
    assert sorted(tmp_path.iterdir()) == before
    assert shelf.see(lambda look: look.record("k", "a")) == b""


@pytest.mark.parametrize("name", ["store.db", "store.db-wal", "store.db-shm", "store.db.lock"])
def test_a_backup_never_takes_the_name_of_the_stores_own_files(on_file: Shelf, name: str) -> None:
    on_file.do(lambda tx: tx.put("k", "a", b""))
    with pytest.raises(StoreProblem, match="own files"):
        on_file.store.backup(str(Path(on_file.place).with_name(name)))
    on_file.store.check()


def test_a_damaged_store_yields_no_backup_and_keeps_the_old_one(on_file: Shelf, tmp_path: Path) -> None:
    on_file.do(lambda tx: [add_note(tx, f"n{n}", body=bytes(3000)) for n in range(50)])
    on_file.store.backup(str(tmp_path / "backup"))
    old = (tmp_path / "backup").read_bytes()
    on_file.close()
    content = bytearray(Path(on_file.place).read_bytes())
    content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
    Path(on_file.place).write_bytes(content)
    on_file.open(None)
    with pytest.raises(StoreProblem):
        on_file.store.backup(str(tmp_path / "backup"))
    assert (tmp_path / "backup").read_bytes() == old


def test_a_backup_survives_a_power_cut_as_soon_as_it_is_reported(machine: Machine) -> None:
    program = """
import asyncio, os
from parley.line.ports import Origin
from parley.outside.store import open_sqlite
async def main():
    store = open_sqlite("store.db", Origin("XA", "node-1", b"first incarnatio"))
    await store.write(lambda tx: tx.put("k", "a", b"x" * 9000), point="test")
    store.backup("backup")
    print("done", flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    assert machine.run(program) == "done\n"
    machine.cut_power()
    assert restored(machine.folder / "backup", machine.folder / "restored")[2] == [("a", b"x" * 9000)]  # type: ignore[index]


ROWS = """
import os
from pathlib import Path
from parley.outside.store.backup import copy_rows
copy_rows(lambda table, columns: [], Path("backup"))
os.kill(os.getpid(), 9)
"""


def test_a_backup_made_of_rows_survives_a_power_cut_too(machine: Machine) -> None:
    """That of a PostgreSQL store, which is written row by row."""
    machine.run(ROWS)
    machine.cut_power()
    restore_sqlite(machine.folder / "backup", machine.folder / "restored")


def test_a_backup_in_which_the_journal_has_a_gap_is_not_kept(tmp_path: Path) -> None:
    """Whatever went wrong on the way: a backup is read before it gets its name."""
    rows = {
        "origins": [(1, "XA", "node-1", b"incarnation")],
        "leaves": [(1, n, 1, 1, bytes(32), bytes(32), bytes(32)) for n in (0, 2)],
    }
    with pytest.raises(StoreProblem, match="gap"):
        copy_rows(lambda table, columns: rows.get(table, []), tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


# restores


def test_a_restored_store_goes_on_under_a_new_incarnation(on_file: Shelf, tmp_path: Path) -> None:
    on_file.do(lambda tx: add_note(tx, "a"))
    on_file.store.backup(str(tmp_path / "backup"))
    restore_sqlite(tmp_path / "backup", tmp_path / "restored.db")
    store = open_sqlite(tmp_path / "restored.db", LATER)
    assert asyncio.run(store.write(lambda tx: tx.append(leaf("new")), point="test")) == 0
    assert store.look(lambda look: look.leaf_count(ORIGIN.incarnation)) == 1
    close(store)


def test_a_restore_never_overwrites(on_file: Shelf, tmp_path: Path) -> None:
    on_file.do(lambda tx: tx.put("k", "a", b""))
    on_file.store.backup(str(tmp_path / "backup"))
    with pytest.raises(StoreProblem) as caught:
        restore_sqlite(tmp_path / "backup", on_file.place)
    assert caught.value.key == "store.not_empty"


def test_a_restore_leaves_the_backup_as_it_is(on_file: Shelf, tmp_path: Path) -> None:
    on_file.do(lambda tx: tx.put("k", "a", b""))
    on_file.store.backup(str(tmp_path / "backup"))
    before = (tmp_path / "backup").read_bytes()
    restored(tmp_path / "backup", tmp_path / "restored")
    assert (tmp_path / "backup").read_bytes() == before
    assert not list(tmp_path.glob("backup?*"))


def bad_backup(kind: str, path: Path, good: Path) -> None:
    content = bytearray(good.read_bytes())
    if kind == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif kind == "page damaged":
        content[8192:12288] = os.urandom(4096)
        path.write_bytes(content)
    elif kind == "not a database":
        path.write_bytes(os.urandom(5000))
    elif kind == "empty":
        path.touch()
    elif kind == "newer":
        path.write_bytes(content)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 999")
        connection.close()


BAD = {
    "truncated": {"store.damaged"},
    "page damaged": {"store.damaged"},
    "not a database": {"store.not_ours"},
    "empty": {"store.not_ours"},
    "newer": {"store.newer"},
    "not there": {"store.unreadable"},
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_backup_is_refused_and_nothing_is_made_of_it(on_file: Shelf, tmp_path: Path, kind: str) -> None:
    on_file.do(lambda tx: [add_note(tx, f"n{n}", body=bytes(3000)) for n in range(50)])
    on_file.store.backup(str(tmp_path / "good"))
    bad_backup(kind, tmp_path / "bad", tmp_path / "good")
    with pytest.raises(StoreProblem) as caught:
        restore_sqlite(tmp_path / "bad", tmp_path / "restored")
    assert caught.value.key in BAD[kind]
    assert not (tmp_path / "restored").exists()


def test_a_memory_store_is_backed_up_in_the_middle_of_everything(tmp_path: Path) -> None:
    store = MemoryStore(ORIGIN)
    asyncio.run(store.write(unit, point="test"))
    store.backup(str(tmp_path / "backup"))
    asyncio.run(store.write(lambda tx: tx.append(leaf("later")), point="test"))
    assert store.look(lambda look: look.leaf_count()) == 4
