"""Ten thousand rows wait for one peer: what is asked all the time must not grow with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from parley.line.ports import Look, Tx
from parley.outside.store import MemoryStore
from parley.outside.store.reads import Reading
from parley.outside.store.session import Session
from parley.outside.store.sqlite import explain

from .conftest import Shelf
from .rows import ORIGIN, add_note, conversation, digest, held, outbox, serial

BACKLOG = 10_000


@pytest.fixture(scope="module")
def backlog() -> Iterator[Shelf]:
    """A store in memory with a backlog: 10,000 ROUTINE rows, one FLASH that came last."""
    shelf = Shelf("memory", "")

    def unit(tx: Tx) -> None:
        for n in range(BACKLOG):
            tx.enqueue(outbox(str(n), size=50))
        tx.enqueue(outbox("flash", precedence=3, size=50))
        for n in range(300):
            add_note(tx, f"note {n}", thread=digest(f"thread {n % 7}"))
            tx.set_conversation(conversation(f"note {n}", due=n))
            tx.hold(held(f"note {n}", note_id=digest(f"note {n}")))
            tx.see_serial(serial(n, f"note {n}"))
            tx.add_receipt("in", "XB", str(n).encode(), [digest(f"note {n}")])
            tx.put("kind", f"key {n}", b"")

    shelf.do(unit)
    yield shelf
    shelf.end()


class Watched:
    """Runs reads and keeps the plans of their statements and how many steps of SQLite's machine they took."""

    def __init__(self, store: MemoryStore) -> None:
        self.connection: sqlite3.Connection = store._connection
        self.plans: list[str] = []
        self.steps = 0
        self.look: Look = Reading(Session(self._execute, explain, sqlite3.Error), ORIGIN.incarnation)

    def _execute(self, sql: str, cells: object) -> sqlite3.Cursor:
        self.plans += [row[3] for row in self.connection.execute(f"EXPLAIN QUERY PLAN {sql}", cells)]  # type: ignore[arg-type]
        self.connection.set_progress_handler(self._step, 10)
        try:
            cursor = self.connection.execute(sql, cells)  # type: ignore[arg-type]
            rows = cursor.fetchall()
        finally:
            self.connection.set_progress_handler(None, 0)
        return _Fetched(rows)  # type: ignore[return-value]

    def _step(self) -> int:
        self.steps += 10
        return 0


class _Fetched:
    rowcount = -1

    def __init__(self, rows: list[object]) -> None:
        self._rows = rows

    def fetchall(self) -> list[object]:
        return self._rows


READS = {
    # read -> at most so many steps of SQLite's machine
    "the next turn": (lambda look: look.outbox_next("XB", 0, most=20, most_bytes=10_000), 3000),
    "peers with something waiting": (lambda look: look.outbox_peers(), 300),
    "row by object": (lambda look: look.outbox_for(digest("77"), "XB"), 200),
    "row by digest": (lambda look: look.outbox_by_digest(digest("sealed 77")), 200),
    "what a peer stores": (lambda look: look.stored_from("XB"), 100),
    "size of the journal": (lambda look: look.leaf_count(), 100),
    "an entry": (lambda look: look.leaf(150), 200),
    "a note": (lambda look: look.note(digest("note 7")), 300),
    "notes by the beginning of their ids": (
        lambda look: look.notes_between(digest("note 7")[:2] + bytes(30), digest("note 7")[:2] + b"\xff" * 30, 2),
        400,
    ),
    "how many notes": (lambda look: look.note_count(), 3 * 300),  # of 300 in the smallest index, without their rows
    "newest notes": (lambda look: look.notes(limit=5), 1000),
    "newest notes of a thread": (lambda look: look.notes(thread=digest("thread 3"), limit=5), 1000),
    "newest notes out": (lambda look: look.notes(direction="out", limit=5), 1000),
    "next clock": (lambda look: look.next_due(), 100),
    "clocks that ran out": (lambda look: look.conversations_due(5, 10), 700),
    "held by note": (lambda look: look.held_for(digest("note 7")), 200),
    "held at a stage": (lambda look: look.held_at(1, 5), 700),
    "receipts of a note": (lambda look: look.receipts(digest("note 7")), 200),
    "one serial": (lambda look: look.serial("XB/duty", "duty", b"theirs", 7), 200),
    "a record": (lambda look: look.record("kind", "key 7"), 100),
}


@pytest.mark.parametrize("case", READS)
def test_no_read_grows_with_the_backlog(backlog: Shelf, case: str) -> None:
    read, most = READS[case]
    assert isinstance(backlog.store, MemoryStore)
    watched = Watched(backlog.store)
    assert read(watched.look) is not None
    tables = ("outbox", "held", "notes", "leaves", "conversations", "serials", "receipt_notes")
    scans = [
        plan for plan in watched.plans if plan.startswith("SCAN") and any(table in plan.split() for table in tables)
    ]
    assert all("USING INDEX" in plan or "USING COVERING INDEX" in plan for plan in scans), watched.plans
    assert watched.steps <= most, (watched.steps, watched.plans)


def test_a_turn_is_chosen_from_the_index_alone(backlog: Shelf) -> None:
    """Sealed bytes, which stand last in their rows, are read for the rows returned and no others."""
    assert isinstance(backlog.store, MemoryStore)
    watched = Watched(backlog.store)
    rows = watched.look.outbox_next("XB", 0, most=20, most_bytes=10_000)
    assert [row.precedence for row in rows] == [3] + [0] * 19
    assert any("COVERING INDEX outbox_by_turn (peer=?)" in plan for plan in watched.plans), watched.plans


def test_a_backlog_that_is_all_postponed_is_passed_over_in_the_index(backlog: Shelf) -> None:
    assert isinstance(backlog.store, MemoryStore)
    watched = Watched(backlog.store)
    assert watched.look.outbox_next("XB", -1, most=20, most_bytes=10_000) == []
    assert watched.steps < 10 * BACKLOG


@pytest.mark.postgres
def test_postgresql_chooses_a_turn_from_the_index_too(on_server: Shelf) -> None:
    on_server.do(lambda tx: [tx.enqueue(outbox(str(n), size=3000)) for n in range(3000)])
    connection = on_server.store._writer._engine._connection  # type: ignore[union-attr]
    connection.execute("ANALYZE outbox")
    from parley.outside.store.reads import _NEXT

    sql = "EXPLAIN " + _NEXT.replace("?", "%s")
    plan = "\n".join(row[0] for row in connection.execute(sql.encode(), ("XB", 0, 20, 10_000)))
    assert "outbox_by_turn" in plan
    assert "Seq Scan on outbox" not in plan, plan
