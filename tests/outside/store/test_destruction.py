"""What a retention rule takes away, on every store: what opens entries goes, arrivals and receipts go, totals hold.

The same on a file that an earlier release wrote: these acts need no other tables than it has.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from parley.journal import LeafKind
from parley.line.ports import Tx
from parley.outside.store import StoreProblem, open_sqlite

from .conftest import Shelf
from .rows import LATER, ORIGIN, add_note, digest, held, leaf

HERE = ORIGIN.incarnation


def test_an_entry_that_was_destroyed_keeps_its_hash_and_opens_no_more(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.append(leaf(name)) for name in "abc"])
    shelf.do(lambda tx: tx.destroy_leaf(1, HERE))
    assert shelf.see(lambda look: look.leaf_hashes(0, 3)) == [leaf(name).hash for name in "abc"]
    assert shelf.see(lambda look: look.leaf_count()) == 3
    with pytest.raises(StoreProblem) as caught:
        shelf.see(lambda look: look.leaf(1))
    assert caught.value.key == "store.leaf_destroyed"
    shelf.store.check()


def test_destroying_an_entry_twice_is_nothing_new_and_one_that_is_not_there_is_named(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.append(leaf("a")))
    for _ in range(2):
        shelf.do(lambda tx: tx.destroy_leaf(0, HERE))
    for index, incarnation in ((1, HERE), (0, b"another")):
        with pytest.raises(StoreProblem) as caught:
            shelf.do(lambda tx, i=index, of=incarnation: tx.destroy_leaf(i, of))  # type: ignore[misc]
        assert caught.value.key == "store.no_leaf"


def test_an_entry_of_an_older_journal_is_destroyed_in_it_and_not_in_the_present_one(durable: Shelf) -> None:
    durable.do(lambda tx: tx.append(leaf("old")))
    durable.close()
    durable.open(LATER)
    durable.do(lambda tx: tx.append(leaf("new")))
    durable.do(lambda tx: tx.destroy_leaf(0, HERE))
    assert durable.see(lambda look: look.leaf(0)) == leaf("new")
    with pytest.raises(StoreProblem):
        durable.see(lambda look: look.leaf(0, HERE))


def test_entries_of_a_kind_are_found_by_age_while_they_can_be_opened(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for at, kind in enumerate((LeafKind.READ, LeafKind.NOTE_IN, LeafKind.READ, LeafKind.READ)):
            tx.append(leaf(f"{at}", at=at, kind=kind))
        tx.destroy_leaf(0, HERE)

    shelf.do(unit)
    found = shelf.see(lambda look: look.leaves_of(int(LeafKind.READ), 3, 9))
    assert found == [(HERE, 2)]
    assert shelf.see(lambda look: look.leaves_of(int(LeafKind.READ), 99, 1)) == [(HERE, 2)]


def test_the_records_of_destructions_are_listed(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.append(leaf("a")), tx.append(leaf("b", kind=LeafKind.DESTROYED))])
    assert shelf.see(lambda look: look.destructions()) == [leaf("b").object_digest]


def test_notes_with_a_body_are_found_by_age_oldest_first(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for name, at in (("late", 30), ("early", 10), ("gone", 10), ("middle", 20)):
            add_note(tx, name, stored_at=at)
        tx.destroy_body(digest("gone"))

    shelf.do(unit)

    def names(before: int, start: int = 0, limit: int = 9) -> list[bytes]:
        return [row.note_id for row in shelf.see(lambda look: look.notes_stored(before, start, limit))]

    assert names(30) == [digest("early"), digest("middle")]
    assert names(31) == [digest("late"), digest("early"), digest("middle")]  # in the order of the journal
    assert names(31, start=1, limit=1) == [digest("early")]


def test_what_arrived_as_a_note_goes_and_its_share_is_given_back(shelf: Shelf) -> None:
    def unit(tx: Tx) -> int:
        tx.hold(held("a", note_id=digest("n"), size=100, receipt=b"signed"))
        tx.hold(held("again", note_id=digest("n"), size=50, sealed=None))
        tx.hold(held("other", note_id=digest("m"), size=7))
        return tx.destroy_held(digest("n"))

    assert shelf.do(unit) == 150
    assert shelf.see(lambda look: look.stored_from("XB")) == 7
    assert shelf.see(lambda look: look.held_for(digest("n"))) is None
    assert shelf.see(lambda look: look.held_for(digest("m"))) is not None
    assert shelf.do(lambda tx: tx.destroy_held(digest("never"))) == 0
    shelf.store.check()


def test_a_receipt_goes_with_its_place_at_every_note_it_covers(shelf: Shelf) -> None:
    notes = [digest("a"), digest("b")]

    def unit(tx: Tx) -> None:
        tx.add_receipt("in", "XB", b"both", notes)
        tx.add_receipt("out", "XB", b"both", notes)
        tx.destroy_receipt("in", "XB", b"both", [*notes, digest("c")])
        tx.destroy_receipt("in", "XB", b"never there", notes)

    shelf.do(unit)
    for note in notes:
        assert shelf.see(lambda look, n=note: look.receipts(n)) == [("out", "XB", b"both")]  # type: ignore[misc]
    assert shelf.do(lambda tx: tx.add_receipt("in", "XB", b"both", notes)) is True
    shelf.store.check()


def test_a_destruction_whose_unit_fails_took_nothing(shelf: Shelf) -> None:
    shelf.do(lambda tx: [add_note(tx, "n"), tx.hold(held("a", note_id=digest("n")))])

    def failing(tx: Tx) -> None:
        tx.destroy_leaf(0, HERE)
        tx.destroy_body(digest("n"))
        tx.destroy_held(digest("n"))
        raise LookupError("changed my mind")

    with pytest.raises(LookupError):
        shelf.do(failing)
    assert shelf.see(lambda look: look.leaf(0)) == leaf("n")
    assert shelf.see(lambda look: look.note(digest("n"))).body is not None  # type: ignore[union-attr]
    assert shelf.see(lambda look: look.stored_from("XB")) == 100


def test_a_file_of_an_earlier_release_takes_all_of_it(tmp_path: Path) -> None:
    """The tables are those of version 1: nothing had to be added to them."""
    place = tmp_path / "store.db"
    shutil.copy(Path(__file__).with_name("files") / "store-0.1.0.db", place)
    store = open_sqlite(place, check=True)

    def unit(tx: Tx) -> int:
        (signed,) = [one for direction, _, one in tx.receipts(digest("a")) if direction == "in"]
        tx.destroy_receipt("in", "XB", signed, [digest("a"), digest("b")])
        tx.destroy_leaf(0, b"first incarnatio")
        tx.destroy_body(digest("a"))
        return tx.destroy_held(digest("b"))

    before = store.look(lambda look: look.stored_from("XB"))
    hashes = store.look(lambda look: look.leaf_hashes(0, 9, b"first incarnatio"))
    freed = asyncio.run(store.write(unit, point="test"))
    assert store.look(lambda look: look.stored_from("XB")) == before - freed
    assert store.look(lambda look: look.leaf_hashes(0, 9, b"first incarnatio")) == hashes
    store.check()
    asyncio.run(store.close())


CANARY = b"canary of a record that was let go "


def test_free_pages_are_blank_after_something_was_destroyed(on_file: Shelf) -> None:
    """Rows that left earlier lie in free pages; the control is the same grep before."""
    place = Path(on_file.place)
    on_file.do(lambda tx: tx.put("k", "a", CANARY * 1000))
    on_file.do(lambda tx: tx.drop("k", "a"))
    on_file.do(lambda tx: add_note(tx, "n"))
    on_file.close()
    on_file.open()
    assert CANARY in place.read_bytes()
    on_file.do(lambda tx: tx.destroy_body(digest("n")))
    on_file.do(lambda tx: tx.put("k", "next unit", b""))
    assert not any(CANARY in path.read_bytes() for path in place.parent.iterdir())
    assert on_file.see(lambda look: look.records("blank")) == []
    on_file.store.check()


def test_what_a_crash_left_of_the_blanking_goes_at_the_next(on_file: Shelf) -> None:
    """Between its two transactions a row of zeros lies there; it harms nobody."""
    on_file.do(lambda tx: [tx.put("blank", "0", bytes(10_000)), add_note(tx, "n")])
    on_file.do(lambda tx: tx.put("k", "a", CANARY * 1000))
    on_file.do(lambda tx: tx.drop("k", "a"))
    on_file.do(lambda tx: tx.destroy_body(digest("n")))
    on_file.do(lambda tx: tx.put("k", "next unit", b""))
    on_file.close()
    connection = sqlite3.connect(on_file.place)
    assert connection.execute("SELECT count(*) FROM records WHERE kind = 'blank'").fetchone() == (0,)
    connection.close()
