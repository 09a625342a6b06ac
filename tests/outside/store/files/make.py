"""Makes the store that a release leaves behind for the tests of later ones; run it with ``python``.

Writes store-VERSION.db and store-VERSION.json, what a reader must find in it. Run once per release that changes the
tables, never again for an old one.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from parley.journal import Leaf, LeafKind
from parley.line.ports import ConversationRow, HeldRow, Look, NoteRow, Origin, OutboxRow, SerialRow, Tx
from parley.outside.store import open_sqlite

RELEASE = "0.1.0"
FIRST = Origin("XA", "node-1", b"first incarnatio")
SECOND = Origin("XA", "node-1", b"second incarnati")


def digest(name: str) -> bytes:
    return sha256(name.encode()).digest()


def unit(tx: Tx) -> None:
    """One row of everything at least, with every optional column both there and not."""
    for n, name in enumerate("abc"):
        leaf = tx.append(Leaf(LeafKind.NOTE_OUT, 1_795_000_000_000 + n, digest(name), digest(f"salt {name}")))
        tx.add_note(_note(name, leaf, n))
        tx.set_conversation(ConversationRow(note_id=digest(name), party="XB", state=b"state", due=n or None))
        tx.enqueue(_outbox(name, n))
        tx.hold(_held(name, n))
        tx.see_serial(_serial(name, n))
        tx.put("kind", f"key {name}", name.encode())
    tx.dequeue([1])
    tx.postpone([2], 77)
    tx.destroy_body(digest("b"))
    tx.add_receipt("in", "XB", b"signed receipt", [digest("a"), digest("b")])
    tx.add_receipt("out", "XB", b"another", [])


def _note(name: str, leaf: int, n: int) -> NoteRow:
    return NoteRow(
        note_id=digest(name),
        direction="in" if n else "out",
        sender="XA/duty",
        office="duty",
        form=11,
        precedence=n,
        exercise=bool(n),
        signed_at=1_795_000_000_000,
        thread=digest("thread"),
        body=b"locked body " + name.encode(),
        leaf=leaf,
        stored_at=1_795_000_000_001,
        marks=("late", "skewed")[:n],
        problem="line.replay" if n == 2 else "",
    )


def _outbox(name: str, n: int) -> OutboxRow:
    return OutboxRow(
        seq=0,
        peer="XB",
        precedence=n,
        kind="receipt" if n else "note",
        object_id=digest(name),
        digest=digest(f"sealed {name}"),
        sealed=b"sealed " + name.encode(),
        attempts=0,
        due=n,
    )


def _held(name: str, n: int) -> HeldRow:
    return HeldRow(
        digest=digest(f"held {name}"),
        peer="XB",
        stage=n + 1,
        at=n,
        size=100 * n,
        sealed=b"sealed" if n == 0 else None,
        note_id=digest(name) if n else None,
        receipt=b"receipt" if n else None,
        problem="line.replay" if n == 2 else "",
    )


def _serial(name: str, n: int) -> SerialRow:
    note_id = digest(name) if n else None
    return SerialRow(sender="XB/duty", office="duty", incarnation=b"theirs", serial=40 + n, note_id=note_id)


def everything(look: Look) -> Any:
    """All that a reader can see, in JSON's types."""
    ids = [digest(name) for name in "abc"]
    first, second = FIRST.incarnation, SECOND.incarnation
    found = {
        "incarnations": look.incarnations(),
        "leaves": [look.leaf(n, first) for n in range(look.leaf_count(first))],
        "hashes": [look.leaf_hashes(0, 9, first), look.leaf_hashes(0, 9, second)],
        "notes": look.notes(),
        "conversations": [look.conversations(note_id) for note_id in ids],
        "due": [look.next_due(), look.conversations_due(99, 9)],
        "outbox": [look.outbox_peers(), look.outbox_next("XB", 99, most=9, most_bytes=999)],
        "held": [look.held_at(stage) for stage in (1, 2, 3)],
        "stored": look.stored_from("XB"),
        "receipts": [look.receipts(note_id) for note_id in ids],
        "serials": [look.serial("XB/duty", "duty", b"theirs", n) for n in look.serials("XB/duty", "duty", b"theirs")],
        "records": look.records("kind"),
    }
    return json.loads(msgspec.json.encode(found))


async def make(folder: Path) -> None:
    """Write both files into `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_sqlite(f"{scratch}/store.db", FIRST)
        await store.write(unit, point="make")
        await store.close()
        store = open_sqlite(f"{scratch}/store.db", SECOND)
        leaf = Leaf(LeafKind.INCARNATION, 1_795_000_000_009, digest("incarnation"), digest("salt"))
        await store.write(lambda tx: tx.append(leaf), point="make")
        store.backup(str(folder / f"store-{RELEASE}.db"))
        found = json.dumps(store.look(everything), indent=1, sort_keys=True)
        await store.close()
    (folder / f"store-{RELEASE}.json").write_text(found + "\n")


if __name__ == "__main__":
    asyncio.run(make(Path(__file__).parent))
