"""What every store promises, on memory, SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest

from parley.line.ports import Tx
from parley.outside.store import StoreProblem

from .conftest import Shelf
from .rows import ORIGIN, add_note, conversation, digest, held, leaf, note, outbox, serial

# records


def test_a_record_is_read_back(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.put("draft", "1", b"one"))
    assert shelf.see(lambda look: look.record("draft", "1")) == b"one"


def test_a_record_that_was_never_put_is_none(shelf: Shelf) -> None:
    assert shelf.see(lambda look: look.record("draft", "1")) is None


def test_records_come_in_order_of_first_insertion_and_a_replaced_one_keeps_its_place(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for key in ("b", "a", "c"):
            tx.put("draft", key, b"old")
        tx.put("draft", "b", b"new")

    shelf.do(unit)
    assert shelf.see(lambda look: look.records("draft")) == [("b", b"new"), ("a", b"old"), ("c", b"old")]


def test_a_dropped_record_loses_its_place(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for key in ("a", "b"):
            tx.put("draft", key, b"x")
        tx.drop("draft", "a")
        tx.drop("draft", "never there")
        tx.put("draft", "a", b"y")

    shelf.do(unit)
    assert shelf.see(lambda look: look.records("draft")) == [("b", b"x"), ("a", b"y")]


PREFIXES = {
    "plain": ("ab", ["ab", "abc", "ab/x"], ["aa", "ac", "b", "a", ""]),
    "empty prefix takes all": ("", ["", "a", "z\U0010ffff"], []),
    "wildcards of SQL are letters": ("a%_", ["a%_", "a%_z"], ["ab", "a%x", "axx"]),
    "last letter before the surrogates": ("\ud7ff", ["\ud7ffx"], ["\ue000", "\ud7fe"]),
    "highest code point": ("a\U0010ffff", ["a\U0010ffff", "a\U0010ffffb"], ["a", "b", "a\U0010fffe"]),
    "only highest code points": ("\U0010ffff", ["\U0010ffff\U0010ffff"], ["z"]),
    "arabic": ("اب", ["ابت"], ["ات", "ا"]),
    "case matters": ("a", ["ab"], ["A", "Ab"]),
}


@pytest.mark.parametrize("case", PREFIXES)
def test_a_prefix_selects_exactly_the_keys_that_begin_with_it(shelf: Shelf, case: str) -> None:
    prefix, inside, outside = PREFIXES[case]

    def unit(tx: Tx) -> None:
        for key in [*inside, *outside]:
            tx.put("kind", key, b"")
            tx.put("another kind", key, b"")

    shelf.do(unit)
    assert [key for key, _ in shelf.see(lambda look: look.records("kind", prefix))] == inside


# journal


def test_the_journal_counts_from_zero_without_a_gap(shelf: Shelf) -> None:
    assert shelf.see(lambda look: look.leaf_count()) == 0
    assert shelf.do(lambda tx: [tx.append(leaf(name)) for name in "abc"]) == [0, 1, 2]
    assert shelf.do(lambda tx: tx.append(leaf("d"))) == 3
    assert shelf.see(lambda look: look.leaf_count()) == 4


def test_an_entry_taken_back_with_its_unit_leaves_no_gap(shelf: Shelf) -> None:
    def failing(tx: Tx) -> None:
        tx.append(leaf("never"))
        raise LookupError("changed my mind")

    shelf.do(lambda tx: tx.append(leaf("a")))
    with pytest.raises(LookupError):
        shelf.do(failing)
    assert shelf.do(lambda tx: tx.append(leaf("b"))) == 1


def test_an_entry_comes_back_as_it_was(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.append(leaf("a", at=77)))
    assert shelf.see(lambda look: look.leaf(0)) == leaf("a", at=77)
    assert shelf.see(lambda look: look.leaf(0, ORIGIN.incarnation)) == leaf("a", at=77)


@pytest.mark.parametrize("index", [-1, 1, 1 << 62])
def test_an_entry_that_is_not_there_is_named(shelf: Shelf, index: int) -> None:
    shelf.do(lambda tx: tx.append(leaf("a")))
    with pytest.raises(StoreProblem, match="no entry") as caught:
        shelf.see(lambda look: look.leaf(index))
    assert caught.value.key == "store.no_leaf"


def test_hashes_are_those_of_the_entries_and_ranges_are_half_open(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.append(leaf(name)) for name in "abcd"])
    assert shelf.see(lambda look: look.leaf_hashes(1, 3)) == [leaf("b").hash, leaf("c").hash]
    assert shelf.see(lambda look: look.leaf_hashes(2, 2)) == []
    assert shelf.see(lambda look: look.leaf_hashes(3, 99)) == [leaf("d").hash]


def test_an_unknown_incarnation_has_an_empty_journal(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.append(leaf("a")))
    assert shelf.see(lambda look: look.leaf_count(b"nobody's")) == 0
    assert shelf.see(lambda look: look.leaf_hashes(0, 9, b"nobody's")) == []
    assert shelf.see(lambda look: look.incarnations()) == [ORIGIN.incarnation]


# notes and conversations


def test_a_note_comes_back_as_it_was_with_its_incarnation(shelf: Shelf) -> None:
    marks = ("late", 'quoted "mark"', "علامة")
    shelf.do(lambda tx: add_note(tx, "a", marks=marks, exercise=False, direction="in", problem="line.replay"))
    expected = note("a", 0, marks=marks, exercise=False, direction="in", problem="line.replay")
    found = shelf.see(lambda look: look.note(digest("a")))
    assert found == type(expected)(**{**_fields(expected), "incarnation": ORIGIN.incarnation})
    assert found is not None
    assert found.exercise is False


def test_a_note_is_not_added_twice_and_the_unit_may_go_on(shelf: Shelf) -> None:
    def unit(tx: Tx) -> str:
        index = tx.append(leaf("again"))
        try:
            tx.add_note(note("a", index, body=b"other"))
        except StoreProblem as problem:
            tx.put("kept", "key", b"value")
            return problem.key
        return "added"

    shelf.do(lambda tx: add_note(tx, "a"))
    assert shelf.do(unit) == "store.note_twice"
    assert shelf.see(lambda look: look.record("kept", "key")) == b"value"
    assert shelf.see(lambda look: look.note(digest("a"))).body == b"locked a"  # type: ignore[union-attr]


def test_a_note_without_its_journal_entry_is_refused(shelf: Shelf) -> None:
    with pytest.raises(StoreProblem) as caught:
        shelf.do(lambda tx: tx.add_note(note("a", 5)))
    assert caught.value.key == "store.conflict"
    assert shelf.see(lambda look: look.note(digest("a"))) is None


def test_notes_come_newest_first_and_filtered(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        add_note(tx, "a", direction="in", thread=digest("t"))
        add_note(tx, "b")
        add_note(tx, "c", direction="in")
        add_note(tx, "d", thread=digest("t"))

    def names(**wanted: object) -> str:
        rows = shelf.see(lambda look: look.notes(**wanted))  # type: ignore[arg-type]
        return "".join("abcd"[row.leaf] for row in rows)

    shelf.do(unit)
    assert names() == "dcba"
    assert names(limit=2) == "dc"
    assert names(before=2) == "ba"
    assert names(before=0) == ""
    assert names(direction="in") == "ca"
    assert names(thread=digest("t")) == "da"
    assert names(thread=digest("t"), direction="in", before=3, limit=5) == "a"


def test_notes_are_counted_listed_and_found_by_the_beginning_of_their_ids(shelf: Shelf) -> None:
    names = [chr(97 + n) for n in range(20)]
    shelf.do(lambda tx: [add_note(tx, name) for name in names])
    ids = [digest(name) for name in names]
    assert shelf.see(lambda look: look.note_count()) == 20
    assert shelf.see(lambda look: look.note_ids()) == ids[::-1]
    first, last = bytes(32), b"\xff" * 32
    every = shelf.see(lambda look: look.notes_between(first, last, 99))
    assert [row.note_id for row in every] == sorted(ids)
    assert [row.note_id for row in shelf.see(lambda look: look.notes_between(first, last, 2))] == sorted(ids)[:2]
    assert [row.note_id for row in shelf.see(lambda look: look.notes_between(ids[7], ids[7], 2))] == [ids[7]]
    assert shelf.see(lambda look: look.notes_between(last, first, 2)) == []


def test_a_destroyed_body_is_gone_and_the_note_stays(shelf: Shelf) -> None:
    shelf.do(lambda tx: add_note(tx, "a"))
    shelf.do(lambda tx: tx.destroy_body(digest("a")))
    shelf.do(lambda tx: tx.destroy_body(digest("a")))  # twice is nothing new
    row = shelf.see(lambda look: look.note(digest("a")))
    assert row is not None
    assert row.body is None
    assert row.form == 11


def test_destroying_what_is_not_there_is_named(shelf: Shelf) -> None:
    with pytest.raises(StoreProblem) as caught:
        shelf.do(lambda tx: tx.destroy_body(digest("a")))
    assert caught.value.key == "store.no_note"


def test_conversations_are_replaced_by_note_and_party(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        tx.set_conversation(conversation("a", "XC", due=5))
        tx.set_conversation(conversation("a", "XB", due=9))
        tx.set_conversation(conversation("a", "XB", due=None, state=b"later"))

    shelf.do(unit)
    assert shelf.see(lambda look: look.conversation(digest("a"), "XB")) == conversation("a", "XB", state=b"later")
    assert shelf.see(lambda look: look.conversation(digest("a"), "XD")) is None
    assert [row.party for row in shelf.see(lambda look: look.conversations(digest("a")))] == ["XB", "XC"]


def test_notes_with_a_party_come_in_the_order_of_the_journal(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for name in ("c", "a", "b"):
            add_note(tx, name)
        for name, party in (("a", "XB"), ("b", "XB"), ("c", "XB"), ("b", "XC")):
            tx.set_conversation(conversation(name, party))

    shelf.do(unit)
    assert shelf.see(lambda look: look.notes_with("XB", 0, 9)) == [digest(name) for name in ("c", "a", "b")]
    assert shelf.see(lambda look: look.notes_with("XB", 1, 1)) == [digest("a")]
    assert shelf.see(lambda look: look.notes_with("XC", 0, 9)) == [digest("b")]
    assert shelf.see(lambda look: look.notes_with("XB", 3, 9)) == []


def test_clocks_come_in_the_order_in_which_they_run_out(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for name, due in (("a", 30), ("b", 10), ("c", None), ("d", 20)):
            tx.set_conversation(conversation(name, due=due))

    assert shelf.see(lambda look: look.next_due()) is None
    shelf.do(unit)
    assert shelf.see(lambda look: look.next_due()) == 10
    assert [row.due for row in shelf.see(lambda look: look.conversations_due(20, 10))] == [10, 20]
    assert [row.due for row in shelf.see(lambda look: look.conversations_due(99, 1))] == [10]
    assert shelf.see(lambda look: look.conversations_due(9, 10)) == []


# outbox


def test_the_outbox_gives_higher_precedence_first_then_the_order_of_insertion(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        for name, precedence in (("a", 0), ("b", 3), ("c", 0), ("d", 1), ("e", 3)):
            tx.enqueue(outbox(name, precedence=precedence))
        tx.enqueue(outbox("x", peer="XC", precedence=3))

    shelf.do(unit)
    rows = shelf.see(lambda look: look.outbox_next("XB", 0, most=10, most_bytes=1000))
    assert [row.sealed[:1] for row in rows] == [b"b", b"e", b"d", b"a", b"c"]
    assert rows[0] == outbox("b", precedence=3, seq=2)


TURNS = {
    # most, most_bytes -> which of rows of 10, 30, 10 and 10 bytes, in this order
    "both limits wide": (10, 1000, "abcd"),
    "most": (2, 1000, "ab"),
    "bytes exactly": (10, 50, "abc"),
    "bytes one short": (10, 49, "ab"),
    "order is kept, a smaller later row does not jump ahead": (10, 25, "a"),
    "one row even if it is larger than allowed": (10, 1, "a"),
    "one row even with no bytes at all": (10, 0, "a"),
    "none when none are asked for": (0, 1000, ""),
}


@pytest.mark.parametrize("case", TURNS)
def test_a_turn_of_the_outbox_respects_its_limits(shelf: Shelf, case: str) -> None:
    most, most_bytes, expected = TURNS[case]
    shelf.do(lambda tx: [tx.enqueue(outbox(n, size=s)) for n, s in (("a", 10), ("b", 30), ("c", 10), ("d", 10))])
    rows = shelf.see(lambda look: look.outbox_next("XB", 0, most=most, most_bytes=most_bytes))
    assert "".join(row.sealed[:1].decode() for row in rows) == expected


def test_a_postponed_row_waits_and_counts_the_attempt(shelf: Shelf) -> None:
    first, second = shelf.do(lambda tx: [tx.enqueue(outbox("a", precedence=3)), tx.enqueue(outbox("b"))])
    shelf.do(lambda tx: tx.postpone([first, 999], 50))
    at_49 = shelf.see(lambda look: look.outbox_next("XB", 49, most=9, most_bytes=999))
    at_50 = shelf.see(lambda look: look.outbox_next("XB", 50, most=9, most_bytes=999))
    assert [row.seq for row in at_49] == [second]
    assert [(row.seq, row.attempts, row.due) for row in at_50] == [(first, 1, 50), (second, 0, 0)]


def test_what_waits_for_a_peer_is_brought_forward_and_what_is_due_sooner_or_waits_for_another_stays(
    shelf: Shelf,
) -> None:
    def unit(tx: Tx) -> None:
        tx.enqueue(outbox("a", due=90))
        tx.enqueue(outbox("b", due=10))
        tx.enqueue(outbox("c", peer="XC", due=90))
        tx.bring_forward("XB", 50)

    shelf.do(unit)
    rows = shelf.see(lambda look: look.outbox_next("XB", 99, most=9, most_bytes=999))
    assert [(row.due, row.attempts) for row in rows] == [(50, 0), (10, 0)]
    assert shelf.see(lambda look: look.outbox_peers()) == [("XB", 2, 10), ("XC", 1, 90)]


def test_a_number_of_the_outbox_is_never_given_again(shelf: Shelf) -> None:
    """Otherwise a receipt that comes late would dequeue somebody else's row."""
    first = shelf.do(lambda tx: tx.enqueue(outbox("a")))
    shelf.do(lambda tx: tx.dequeue([first, first, 999]))
    assert shelf.do(lambda tx: tx.enqueue(outbox("b"))) > first


def test_peers_with_something_waiting_are_listed_with_the_earliest_due(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        tx.enqueue(outbox("a", peer="XC", due=5))
        tx.enqueue(outbox("b", peer="XB", due=9))
        tx.enqueue(outbox("c", peer="XB", due=7))
        tx.dequeue([tx.enqueue(outbox("d", peer="XD"))])

    shelf.do(unit)
    assert shelf.see(lambda look: look.outbox_peers()) == [("XB", 2, 7), ("XC", 1, 5)]


def test_a_row_of_the_outbox_is_found_by_object_and_by_digest(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.enqueue(outbox("a")), tx.enqueue(outbox("a", digest=digest("sealed again")))])
    assert shelf.see(lambda look: look.outbox_for(digest("a"), "XB")).digest == digest("sealed again")  # type: ignore[union-attr]
    assert shelf.see(lambda look: look.outbox_for(digest("a"), "XC")) is None
    assert shelf.see(lambda look: look.outbox_by_digest(digest("sealed a"))).seq == 1  # type: ignore[union-attr]
    assert shelf.see(lambda look: look.outbox_by_digest(digest("other"))) is None


# what arrived


def test_what_is_held_is_replaced_by_its_digest(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.hold(held("a")))
    opened = held("a", stage=2, at=3, sealed=None, note_id=digest("n"), receipt=b"receipt", problem="")
    shelf.do(lambda tx: tx.hold(opened))
    assert shelf.see(lambda look: look.held(digest("sealed a"))) == opened
    assert shelf.see(lambda look: look.held_at(1)) == []
    assert shelf.see(lambda look: look.held_at(2)) == [opened]


def test_what_stands_at_a_stage_comes_longest_held_first(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.hold(held(name, at=at)) for name, at in (("a", 3), ("b", 1), ("c", 2))])
    assert [row.at for row in shelf.see(lambda look: look.held_at(1))] == [1, 2, 3]
    assert [row.at for row in shelf.see(lambda look: look.held_at(1, 2))] == [1, 2]


def test_of_several_sealings_the_one_without_a_problem_is_the_note(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        tx.hold(held("refused", at=1, note_id=digest("n"), problem="line.replay"))
        tx.hold(held("good", at=3, note_id=digest("n")))
        tx.hold(held("sealed again", at=4, note_id=digest("n")))

    shelf.do(unit)
    assert shelf.see(lambda look: look.held_for(digest("n"))).at == 3  # type: ignore[union-attr]
    assert shelf.see(lambda look: look.held_for(digest("other"))) is None


def test_what_a_peer_stores_here_is_the_sum_of_sizes(shelf: Shelf) -> None:
    def unit(tx: Tx) -> None:
        tx.hold(held("a", size=100))
        tx.hold(held("b", size=50))
        tx.hold(held("c", peer="XC", size=7))
        tx.hold(held("b", size=20))
        tx.hold(held("c", peer="XD", size=7))

    shelf.do(unit)
    assert [shelf.see(lambda look, peer=peer: look.stored_from(peer)) for peer in ("XB", "XC", "XD", "XE")] == [
        120,
        0,
        7,
        0,
    ]
    shelf.store.check()


# receipts and serials


def test_receipts_of_a_note_come_oldest_first(shelf: Shelf) -> None:
    def unit(tx: Tx) -> list[bool]:
        a, b = digest("a"), digest("b")
        return [
            tx.add_receipt("in", "XB", b"second letter first", [a, b, a]),
            tx.add_receipt("out", "XB", b"again", [a]),
            tx.add_receipt("in", "XB", b"no note", []),
        ]

    assert shelf.do(unit) == [True, True, True]
    expected = [("in", "XB", b"second letter first"), ("out", "XB", b"again")]
    assert shelf.see(lambda look: look.receipts(digest("a"))) == expected
    assert shelf.see(lambda look: look.receipts(digest("b"))) == expected[:1]
    assert shelf.see(lambda look: look.receipts(digest("c"))) == []


def test_the_same_receipt_again_writes_nothing(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.add_receipt("in", "XB", b"signed", [digest("a")]))
    assert shelf.do(lambda tx: tx.add_receipt("in", "XB", b"signed", [digest("b")])) is False
    assert shelf.see(lambda look: look.receipts(digest("b"))) == []


def test_serials_come_rising_with_voids(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.see_serial(serial(n, name)) for n, name in ((9, "a"), (7, None), (8, "b"))])
    assert shelf.see(lambda look: look.serials("XB/duty", "duty", b"theirs")) == [7, 8, 9]
    assert shelf.see(lambda look: look.serials("XB/duty", "other", b"theirs")) == []
    assert shelf.see(lambda look: look.serial("XB/duty", "duty", b"theirs", 7)) == serial(7, None)
    assert shelf.see(lambda look: look.serial("XB/duty", "duty", b"theirs", 6)) is None


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("a", None), (None, "a")])
def test_a_serial_never_changes_its_note(shelf: Shelf, first: str | None, second: str | None) -> None:
    shelf.do(lambda tx: tx.see_serial(serial(7, first)))
    shelf.do(lambda tx: tx.see_serial(serial(7, first)))  # the same again is nothing new
    with pytest.raises(StoreProblem) as caught:
        shelf.do(lambda tx: tx.see_serial(serial(7, second)))
    assert caught.value.key == "store.serial_twice"
    assert shelf.see(lambda look: look.serial("XB/duty", "duty", b"theirs", 7)) == serial(7, first)


def test_a_look_within_a_look_sees_the_same_moment(shelf: Shelf) -> None:
    shelf.do(lambda tx: tx.append(leaf("a")))
    store = shelf.store
    assert shelf.see(lambda look: store.look(lambda inner: inner.leaf_count()) + look.leaf_count()) == 2
    assert shelf.see(lambda look: look.leaf_count()) == 1


# units


def test_a_unit_sees_its_own_writes(shelf: Shelf) -> None:
    def unit(tx: Tx) -> tuple[object, ...]:
        tx.put("kind", "key", b"value")
        tx.enqueue(outbox("a"))
        index = add_note(tx, "a")
        return tx.record("kind", "key"), tx.outbox_peers(), tx.leaf_count(), tx.notes()[0].leaf == index

    assert shelf.do(unit) == (b"value", [("XB", 1, 0)], 1, True)


def test_a_unit_that_fails_leaves_nothing_and_its_caller_gets_its_exception(shelf: Shelf) -> None:
    class Mine(Exception):
        pass

    def unit(tx: Tx) -> None:
        tx.put("kind", "key", b"value")
        add_note(tx, "a")
        tx.enqueue(outbox("a"))
        tx.hold(held("a"))
        raise Mine

    with pytest.raises(Mine):
        shelf.do(unit)
    assert shelf.see(
        lambda look: (look.record("kind", "key"), look.leaf_count(), look.notes(), look.outbox_peers())
    ) == (
        None,
        0,
        [],
        [],
    )
    assert shelf.see(lambda look: look.stored_from("XB")) == 0


def test_a_refused_statement_cannot_be_swallowed(shelf: Shelf) -> None:
    """PostgreSQL aborts the unit at the first refused statement, so no store may keep the rest of it."""

    def unit(tx: Tx) -> str:
        tx.put("kind", "key", b"value")
        try:
            tx.add_note(note("a", 99))  # no such entry in the journal
        except StoreProblem:
            return "went on"
        return "added"

    with pytest.raises(StoreProblem) as caught:
        shelf.do(unit)
    assert caught.value.key == "store.conflict"
    assert shelf.see(lambda look: look.record("kind", "key")) is None
    shelf.do(lambda tx: tx.put("kind", "key", b"next unit"))  # and the store goes on


BAD_CELLS = {
    "NUL in a key": (lambda tx: tx.put("kind", "a\0b", b""), "store.bad_text"),
    "lone surrogate": (lambda tx: tx.put("kind", "a\udc00", b""), "store.bad_text"),
    "NUL in a party": (lambda tx: tx.set_conversation(conversation("a", "X\0")), "store.bad_text"),
    "number above 64 bits": (lambda tx: tx.postpone([1], 1 << 63), "store.out_of_range"),
    "number below 64 bits": (lambda tx: tx.postpone([1], -(1 << 63) - 1), "store.out_of_range"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_what_the_databases_would_judge_differently_is_refused_by_both(shelf: Shelf, case: str) -> None:
    unit, key = BAD_CELLS[case]
    with pytest.raises(StoreProblem) as caught:
        shelf.do(unit)
    assert caught.value.key == key
    shelf.do(lambda tx: tx.put("kind", "key", b"the store goes on"))


def test_the_largest_and_smallest_numbers_are_kept(shelf: Shelf) -> None:
    top, bottom = (1 << 63) - 1, -(1 << 63)
    shelf.do(lambda tx: tx.set_conversation(conversation("a", due=top)))
    shelf.do(lambda tx: tx.set_conversation(conversation("b", due=bottom)))
    assert shelf.see(lambda look: look.next_due()) == bottom
    assert shelf.see(lambda look: look.conversation(digest("a"), "XB")).due == top  # type: ignore[union-attr]


def test_bytes_of_every_value_and_none_at_all_come_back(shelf: Shelf) -> None:
    shelf.do(lambda tx: [tx.put("kind", "all", bytes(range(256))), tx.put("kind", "none", b"")])
    assert shelf.see(lambda look: look.record("kind", "all")) == bytes(range(256))
    assert shelf.see(lambda look: look.record("kind", "none")) == b""


def test_a_closed_store_says_so(shelf: Shelf) -> None:
    shelf.open()
    shelf.close()
    shelf.close()
    with pytest.raises(StoreProblem, match="closed"):
        shelf.do(lambda tx: None)
    with pytest.raises(StoreProblem, match="closed"):
        shelf.see(lambda look: look.leaf_count())


def test_the_probe_is_told_before_written_and_after(shelf: Shelf) -> None:
    told: list[tuple[str, str]] = []
    store = shelf.open()
    store.probe = lambda point, moment: told.append((point, moment))

    def failing(tx: Tx) -> None:
        raise LookupError

    shelf.do(lambda tx: tx.put("kind", "key", b""), point="good")
    with pytest.raises(LookupError):
        shelf.do(failing, point="bad")
    assert told == [("good", "before"), ("good", "written"), ("good", "after"), ("bad", "before")]


def _fields(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}  # type: ignore[attr-defined]
