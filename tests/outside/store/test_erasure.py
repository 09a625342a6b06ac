"""What was destroyed is not left lying about in the files: database, log, backup."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from parley.line.ports import Look, Tx

from .conftest import Shelf
from .rows import add_note, digest, outbox

CANARY = b"canary of a locked body "


def body(name: str, size: int) -> bytes:
    """Bytes of which every 100 carry a canary of `name`."""
    mark = CANARY + name.encode() + b"."
    return b"".join(mark + os.urandom(100 - len(mark)) for _ in range(size // 100))


def canaries(folder: Path, name: str) -> dict[str, int]:
    """How often the canary of `name` stands in each file."""
    mark = CANARY + name.encode() + b"."
    counts = {path.name: path.read_bytes().count(mark) for path in folder.iterdir() if path.is_file()}
    return {file: count for file, count in counts.items() if count}


@pytest.mark.parametrize("size", [200, 3000, 6000, 100_000])
def test_a_destroyed_body_is_in_no_file_of_the_store_and_in_no_later_backup(on_file: Shelf, size: int) -> None:
    folder = Path(on_file.place).parent
    names = [f"n{n}" for n in range(8)]
    on_file.do(lambda tx: [add_note(tx, name, body=body(name, size)) for name in names])
    assert canaries(folder, "n3")  # the control: the grep finds what is there
    on_file.do(lambda tx: tx.destroy_body(digest("n3")))
    on_file.do(lambda tx: tx.put("k", "next unit", b""))  # the writer has tidied up before it takes the next unit
    on_file.store.backup(str(folder / "backup"))
    assert canaries(folder, "n3") == {}
    assert canaries(folder, "n4")
    assert on_file.see(lambda look: look.note(digest("n4"))).body is not None  # type: ignore[union-attr]


def test_a_plain_deletion_would_leave_it_there(tmp_path: Path) -> None:
    """The control: this is what SQLite does by itself."""
    connection = sqlite3.connect(tmp_path / "plain.db", isolation_level=None)
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body BLOB)")
    connection.execute("INSERT INTO notes VALUES (1, ?)", (body("n3", 6000),))
    connection.execute("UPDATE notes SET body = NULL")
    connection.close()
    assert canaries(tmp_path, "n3")


def test_a_backup_carries_no_free_pages_with_remains_of_what_was_sent(on_file: Shelf, tmp_path: Path) -> None:
    """Rows that left the outbox are not scrubbed from the store, which reuses their pages; backups are."""

    def unit(tx: Tx) -> None:
        sealed = body("sent", 6000)
        number = tx.enqueue(outbox("a", sealed=sealed))
        tx.enqueue(outbox("b", sealed=body("waiting", 6000)))
        tx.dequeue([number])

    on_file.do(unit)
    (tmp_path / "apart").mkdir()
    on_file.store.backup(str(tmp_path / "apart" / "backup"))
    assert canaries(tmp_path / "apart", "sent") == {}
    assert canaries(tmp_path / "apart", "waiting")


def test_a_reader_in_the_way_only_delays_the_erasure(on_file: Shelf) -> None:
    folder = Path(on_file.place).parent
    on_file.do(lambda tx: add_note(tx, "n3", body=body("n3", 6000)))

    def read(look: Look) -> None:
        assert look.leaf_count() == 1  # the moment that this reader sees is now fixed
        on_file.do(lambda tx: tx.destroy_body(digest("n3")))
        assert look.note(digest("n3")).body is not None  # type: ignore[union-attr]

    on_file.see(read)
    on_file.do(lambda tx: tx.put("k", "a", b""))
    on_file.do(lambda tx: tx.put("k", "b", b""))
    assert canaries(folder, "n3") == {}
