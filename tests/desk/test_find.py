"""Notes by their ids as officers give them: whole, or the first digits, of whatever age."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from parley.desk.find import find
from parley.desk.problems import DeskProblem
from parley.journal import LeafKind, new_leaf
from parley.line.ports import NoteRow, Origin, Tx
from parley.outside.store import MemoryStore

MANY = 10_050  # more than any list shows
SHARED = "e7f6"  # two of them begin so
IDS = [sha256(str(number).encode()).digest() for number in range(MANY)]
OLDEST = IDS[0].hex()


@pytest.fixture(scope="module")
def node() -> Any:
    """A desk of which only the store is asked."""
    store = MemoryStore(Origin("XA", "node-1", bytes(16)))

    def unit(tx: Tx) -> None:
        for identity in IDS:
            leaf = tx.append(new_leaf(LeafKind.NOTE_IN, 0, identity, bytes))
            tx.add_note(NoteRow(note_id=identity, direction="in", sender="XB", office="duty", form=1, precedence=0,
                                exercise=True, signed_at=0, thread=bytes(32), body=b"", leaf=leaf,
                                stored_at=0))  # fmt: skip

    asyncio.run(store.write(unit, point="test"))
    return SimpleNamespace(store=store)


@pytest.mark.parametrize("given", [OLDEST, OLDEST[:16], OLDEST[:15], f"  {OLDEST[:16].upper()} "])
def test_the_oldest_of_many_notes_is_found(node: Any, given: str) -> None:
    """Odd numbers of digits too; lists show sixteen."""
    assert find(node, given).note_id == IDS[0]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (OLDEST[:3], "no_note"),  # fewer than four digits name nothing
        (SHARED, "many_notes"),
        ("f" * 64, "no_note"),
        ("%_%_%_%_", "no_note"),  # no pattern of a database
        ("e7 f6 6f", "no_note"),
        (OLDEST + "0", "no_note"),
        ("", "no_note"),
    ],
)
def test_what_names_no_note_or_several_is_refused(node: Any, given: str, key: str) -> None:
    with pytest.raises(DeskProblem) as caught:
        find(node, given)
    assert caught.value.key == f"desk.{key}"
