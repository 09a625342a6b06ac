"""What the store adds to SQLite: one lone unit against a bare commit of the same row, and 32 callers at once.

Interleaved rounds in one process on one file system; ratios count, machines are noisy. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from parley.journal import Leaf, LeafKind
from parley.line.ports import ConversationRow, NoteRow, Origin, OutboxRow, Tx
from parley.outside.store import MemoryStore, SqliteStore, open_sqlite

ORIGIN = Origin("XA", "bench", b"incarnation")
BODY, SEALED = bytes(5200), bytes(6700)
PUT = (
    "INSERT INTO records (place, kind, key, origin, value) VALUES ((SELECT coalesce(max(place), 0) + 1 FROM records),"
    " ?, ?, 1, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value"
)


def bare_connection(place: Path) -> sqlite3.Connection:
    """A connection to an empty store of the same tables, with the same settings and nothing around it."""
    connection = sqlite3.connect(place, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def bare_commit(connection: sqlite3.Connection, key: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(PUT, ("kind", key, b"v" * 200))
    connection.execute("COMMIT")


def note_unit(number: int) -> Callable[[Tx], None]:
    """What sending one note writes: journal, note, conversation, outbox."""
    name = number.to_bytes(32, "big")

    def unit(tx: Tx) -> None:
        leaf = tx.append(Leaf(LeafKind.NOTE_OUT, number, name, name))
        tx.add_note(_note(name, leaf))
        tx.set_conversation(ConversationRow(note_id=name, party="XB", state=b"s" * 200, due=number))
        tx.enqueue(_outbox(name))

    return unit


def _note(name: bytes, leaf: int) -> NoteRow:
    return NoteRow(
        note_id=name,
        direction="out",
        sender="XA/duty",
        office="duty",
        form=11,
        precedence=3,
        exercise=True,
        signed_at=1,
        thread=name,
        body=BODY,
        leaf=leaf,
        stored_at=1,
    )


def _outbox(name: bytes) -> OutboxRow:
    return OutboxRow(
        seq=0,
        peer="XB",
        precedence=0,
        kind="note",
        object_id=name,
        digest=name,
        sealed=SEALED,
        attempts=0,
        due=0,
    )


async def lone(store: SqliteStore, bare: sqlite3.Connection, rounds: int) -> dict[str, float]:
    """Milliseconds of one unit at a time, alternating with bare commits of the same row."""
    bares, units, empties = [], [], []
    for number in range(rounds):
        start = time.perf_counter()
        bare_commit(bare, str(number))
        middle = time.perf_counter()
        await store.write(lambda tx, key=str(number): tx.put("kind", key, b"v" * 200), point="bench")  # type: ignore[misc]
        end = time.perf_counter()
        await store.write(lambda tx: tx.record("kind", "0"), point="bench")
        empties.append(time.perf_counter() - end)
        bares.append(middle - start)
        units.append(end - middle)
    differences = [unit - plain for unit, plain in zip(units, bares, strict=True)]
    found = {"bare_p50_ms": bares, "lone_p50_ms": units, "added_p50_ms": differences, "empty_unit_p50_ms": empties}
    return {name: round(statistics.median(values) * 1000, 4) for name, values in found.items()}


async def crowd(store: SqliteStore | MemoryStore, callers: int, units: int, first: int) -> float:
    """Note units per second of so many callers at once."""

    async def caller(k: int) -> None:
        for n in range(units // callers):
            await store.write(note_unit(first + k * units + n), point="bench")

    start = time.perf_counter()
    await asyncio.gather(*(caller(k) for k in range(callers)))
    return units / (time.perf_counter() - start)


async def measure(folder: Path, rounds: int) -> dict[str, object]:
    store = open_sqlite(folder / "store.db", ORIGIN)
    other = open_sqlite(folder / "bare.db", ORIGIN)
    await other.write(lambda tx: None, point="bench")
    await other.close()
    bare = bare_connection(folder / "bare.db")
    found: dict[str, object] = dict(await lone(store, bare, rounds))
    rates: dict[int, list[float]] = {1: [], 32: []}
    for step in range(5):
        for callers, kept in rates.items():
            first = (step * 1000 + callers + 1) << 32
            kept.append(await crowd(store, callers, 640, first))
    found |= {f"note_units_per_s_{callers}": round(statistics.median(kept)) for callers, kept in rates.items()}
    found["spread_32"] = [round(min(rates[32])), round(max(rates[32]))]
    found["looks_per_s"] = round(_looks(store))
    await store.close()
    return found


def _looks(store: SqliteStore) -> float:
    start = time.perf_counter()
    for _ in range(1000):
        store.look(lambda look: look.record("kind", "0"))
    return 1000 / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the last line is JSON anyway")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        found = asyncio.run(measure(Path(folder), rounds))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
