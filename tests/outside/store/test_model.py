"""Any sequence of units leaves every store as a plain model of dicts and lists says."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from parley.line.ports import ConversationRow, HeldRow, Look, NoteRow, OutboxRow, SerialRow, Tx
from parley.outside.store import StoreProblem

from .conftest import Shelf
from .rows import LATER, ORIGIN, conversation, digest, held, leaf, note, outbox, serial

NAMES = st.sampled_from(["a", "b", "c", "d"])
PEERS = st.sampled_from(["XB", "XC", "xb"])
SMALL = st.integers(0, 5)


class Model:
    """What a store should hold. `copy` makes the state that a failing unit goes back to."""

    def __init__(self) -> None:
        self.incarnation = ORIGIN.incarnation
        self.journals: dict[bytes, list[str]] = {}
        self.records: dict[tuple[str, str], bytes] = {}
        self.notes: dict[bytes, NoteRow] = {}
        self.conversations: dict[tuple[bytes, str], ConversationRow] = {}
        self.outbox: dict[int, OutboxRow] = {}
        self.seq = 0
        self.held: dict[bytes, HeldRow] = {}
        self.receipts: list[tuple[str, str, bytes, frozenset[bytes]]] = []
        self.serials: dict[int, SerialRow] = {}

    def copy(self) -> Model:
        other = Model()
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if hasattr(value, "copy") else value)
        other.journals = {key: list(entries) for key, entries in self.journals.items()}
        return other

    @property
    def journal(self) -> list[str]:
        return self.journals.setdefault(self.incarnation, [])


Step = Callable[[Model, Tx], None]


def put(kind: str, key: str, value: bytes) -> Step:
    def step(model: Model, tx: Tx) -> None:
        model.records[kind, key] = value
        tx.put(kind, key, value)

    return step


def drop(kind: str, key: str) -> Step:
    def step(model: Model, tx: Tx) -> None:
        model.records.pop((kind, key), None)
        tx.drop(kind, key)

    return step


def append(name: str) -> Step:
    def step(model: Model, tx: Tx) -> None:
        model.journal.append(name)
        assert tx.append(leaf(name)) == len(model.journal) - 1

    return step


def add(name: str, direction: str, thread: str) -> Step:
    def step(model: Model, tx: Tx) -> None:
        model.journal.append(name)
        row = note(name, tx.append(leaf(name)), direction=direction, thread=digest(thread))
        if row.note_id in model.notes:
            with pytest.raises(StoreProblem):
                tx.add_note(row)
            return
        fields = {field: getattr(row, field) for field in row.__struct_fields__}
        model.notes[row.note_id] = NoteRow(**(fields | {"incarnation": model.incarnation}))
        tx.add_note(row)

    return step


def destroy(name: str) -> Step:
    def step(model: Model, tx: Tx) -> None:
        row = model.notes.get(digest(name))
        if row is None:
            with pytest.raises(StoreProblem):
                tx.destroy_body(digest(name))
            return
        fields = {field: getattr(row, field) for field in row.__struct_fields__}
        model.notes[row.note_id] = NoteRow(**(fields | {"body": None}))
        tx.destroy_body(row.note_id)

    return step


def converse(name: str, party: str, due: int | None) -> Step:
    def step(model: Model, tx: Tx) -> None:
        row = conversation(name, party, due)
        model.conversations[row.note_id, party] = row
        tx.set_conversation(row)

    return step


def enqueue(name: str, peer: str, precedence: int, due: int, size: int) -> Step:
    def step(model: Model, tx: Tx) -> None:
        model.seq += 1
        row = outbox(name, peer, precedence, due, size)
        fields = {field: getattr(row, field) for field in row.__struct_fields__}
        model.outbox[model.seq] = OutboxRow(**(fields | {"seq": model.seq}))
        assert tx.enqueue(row) == model.seq

    return step


def dequeue(seqs: list[int]) -> Step:
    def step(model: Model, tx: Tx) -> None:
        for seq in seqs:
            model.outbox.pop(seq, None)
        tx.dequeue(seqs)

    return step


def postpone(seqs: list[int], due: int) -> Step:
    def step(model: Model, tx: Tx) -> None:
        for seq in seqs:
            if (row := model.outbox.get(seq)) is not None:
                fields = {field: getattr(row, field) for field in row.__struct_fields__}
                model.outbox[seq] = OutboxRow(**(fields | {"due": due, "attempts": row.attempts + 1}))
        tx.postpone(seqs, due)

    return step


def bring_forward(peer: str, due: int) -> Step:
    def step(model: Model, tx: Tx) -> None:
        for seq, row in model.outbox.items():
            if row.peer == peer and row.due > due:
                fields = {field: getattr(row, field) for field in row.__struct_fields__}
                model.outbox[seq] = OutboxRow(**(fields | {"due": due}))
        tx.bring_forward(peer, due)

    return step


def hold(name: str, peer: str, stage: int, at: int, note_name: str | None, problem: str, size: int) -> Step:
    def step(model: Model, tx: Tx) -> None:
        note_id = None if note_name is None else digest(note_name)
        row = held(name, peer, stage, at, note_id=note_id, problem=problem, size=size)
        model.held[row.digest] = row
        tx.hold(row)

    return step


def receipt(direction: str, party: str, signed: bytes, notes: list[str]) -> Step:
    def step(model: Model, tx: Tx) -> None:
        known = any(entry[:3] == (direction, party, signed) for entry in model.receipts)
        if not known:
            model.receipts.append((direction, party, signed, frozenset(map(digest, notes))))
        assert tx.add_receipt(direction, party, signed, map(digest, notes)) is not known  # type: ignore[arg-type]

    return step


def see(number: int, name: str | None) -> Step:
    def step(model: Model, tx: Tx) -> None:
        row = serial(number, name)
        if model.serials.setdefault(number, row) != row:
            with pytest.raises(StoreProblem):
                tx.see_serial(row)
        else:
            tx.see_serial(row)

    return step


KEYS = st.sampled_from(["", "a", "ab", "b", "ب", "\U0010ffff"])
WAYS = st.sampled_from(["in", "out"])
SEQS = st.lists(st.integers(1, 12), max_size=4)
STEPS = st.one_of(
    st.builds(put, st.sampled_from(["x", "y"]), KEYS, st.binary(max_size=3)),
    st.builds(drop, st.sampled_from(["x", "y"]), KEYS),
    st.builds(append, NAMES),
    st.builds(add, NAMES, WAYS, NAMES),
    st.builds(destroy, NAMES),
    st.builds(converse, NAMES, PEERS, st.none() | SMALL),
    st.builds(enqueue, NAMES, PEERS, st.integers(0, 3), SMALL, st.integers(1, 30)),
    st.builds(dequeue, SEQS),
    st.builds(postpone, SEQS, SMALL),
    st.builds(bring_forward, PEERS, SMALL),
    st.builds(hold, NAMES, PEERS, st.integers(1, 3), SMALL, st.none() | NAMES, st.sampled_from(["", "p"]), SMALL),
    st.builds(
        receipt, st.sampled_from(["in", "out"]), PEERS, st.sampled_from([b"1", b"2"]), st.lists(NAMES, max_size=3)
    ),
    st.builds(see, SMALL, st.none() | NAMES),
)


def compare(model: Model, look: Look) -> None:
    """Every read, against the model."""
    _compare_records(model, look)
    _compare_journals(model, look)
    _compare_notes(model, look)
    _compare_outbox(model, look)
    _compare_arrivals(model, look)


def _compare_records(model: Model, look: Look) -> None:
    for kind in ("x", "y"):
        mine = [(key, value) for (k, key), value in model.records.items() if k == kind]
        assert look.records(kind) == mine
        for prefix in ("a", "ab", "\U0010ffff", "ب"):
            assert look.records(kind, prefix) == [pair for pair in mine if pair[0].startswith(prefix)]
        assert look.record(kind, "a") == model.records.get((kind, "a"))


def _compare_journals(model: Model, look: Look) -> None:
    for incarnation in (ORIGIN.incarnation, LATER.incarnation):
        entries = model.journals.get(incarnation, [])
        assert look.leaf_count(incarnation) == len(entries)
        assert look.leaf_hashes(0, 99, incarnation) == [leaf(name).hash for name in entries]
        assert [look.leaf(n, incarnation) for n in range(len(entries))] == [leaf(name) for name in entries]
    assert look.leaf_count() == len(model.journals.get(model.incarnation, []))


def _compare_notes(model: Model, look: Look) -> None:
    order = {ORIGIN.incarnation: 0, LATER.incarnation: 1}
    rows = sorted(model.notes.values(), key=lambda row: (order[row.incarnation], row.leaf), reverse=True)
    assert look.notes() == rows
    assert look.notes(limit=2) == rows[:2]
    assert look.notes(direction="in") == [row for row in rows if row.direction == "in"]
    assert look.notes(thread=digest("a")) == [row for row in rows if row.thread == digest("a")]
    older = [row for row in rows if row.leaf < 2 or row.incarnation != model.incarnation]
    assert look.notes(before=2) == older
    for name in "abcd":
        assert look.note(digest(name)) == model.notes.get(digest(name))
        mine = sorted((row for row in model.conversations.values() if row.note_id == digest(name)), key=_party)
        assert look.conversations(digest(name)) == mine
    waiting = [row for row in model.conversations.values() if row.due is not None]
    assert look.next_due() == min((row.due for row in waiting if row.due is not None), default=None)
    due = [row for row in waiting if row.due is not None and row.due <= 3]
    assert look.conversations_due(3, 99) == sorted(due, key=lambda row: (row.due, row.note_id, row.party.encode()))


def _party(row: ConversationRow) -> bytes:
    return row.party.encode()


def _compare_outbox(model: Model, look: Look) -> None:
    peers: dict[str, list[OutboxRow]] = {}
    for row in model.outbox.values():
        peers.setdefault(row.peer, []).append(row)
    expected = [(peer, len(rows), min(row.due for row in rows)) for peer, rows in peers.items()]
    assert look.outbox_peers() == sorted(expected, key=lambda entry: entry[0].encode())
    for peer in ("XB", "XC", "xb"):
        ready = [row for row in peers.get(peer, []) if row.due <= 2]
        ready.sort(key=lambda row: (-row.precedence, row.seq))
        assert look.outbox_next(peer, 2, most=99, most_bytes=9999) == ready
        assert look.outbox_next(peer, 2, most=3, most_bytes=40) == _turn(ready, 3, 40)
        for name in "abcd":
            mine = [row for row in peers.get(peer, []) if row.object_id == digest(name)]
            assert look.outbox_for(digest(name), peer) == (max(mine, key=lambda row: row.seq) if mine else None)


def _turn(ready: list[OutboxRow], most: int, most_bytes: int) -> list[OutboxRow]:
    taken: list[OutboxRow] = []
    for row in ready[:most]:
        if taken and sum(len(one.sealed) for one in [*taken, row]) > most_bytes:
            break
        taken.append(row)
    return taken


def _compare_arrivals(model: Model, look: Look) -> None:
    rows = sorted(model.held.values(), key=lambda row: (row.at, row.digest))
    for stage in (1, 2, 3):
        assert look.held_at(stage) == [row for row in rows if row.stage == stage]
    for peer in ("XB", "XC", "xb"):
        assert look.stored_from(peer) == sum(row.size for row in rows if row.peer == peer)
    for name in "abcd":
        mine = sorted((row for row in rows if row.note_id == digest(name)), key=lambda row: row.problem != "")
        assert look.held_for(digest(name)) == (mine[0] if mine else None)
        covering = [entry[:3] for entry in model.receipts if digest(name) in entry[3]]
        assert look.receipts(digest(name)) == covering
    assert look.serials("XB/duty", "duty", b"theirs") == sorted(model.serials)
    for number in range(6):
        assert look.serial("XB/duty", "duty", b"theirs", number) == model.serials.get(number)


class Given:
    """Where the machine gets its stores from."""

    make: Callable[[], Shelf]


class Comparison(RuleBasedStateMachine):
    """Units of random steps; some fail at the end, some stores are closed and opened again under a new incarnation."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.shelf = Given.make()

    @rule(steps=st.lists(STEPS, min_size=1, max_size=8))
    def unit(self, steps: list[Step]) -> None:
        def run(tx: Tx) -> None:
            self.model = before.copy()  # a unit may be run again
            for step in steps:
                step(self.model, tx)
            compare(self.model, tx)

        before = self.model.copy()
        self.shelf.do(run)

    @rule(steps=st.lists(STEPS, min_size=1, max_size=5))
    def failing_unit(self, steps: list[Step]) -> None:
        def run(tx: Tx) -> None:
            scratch = self.model.copy()
            for step in steps:
                step(scratch, tx)
            raise LookupError

        with pytest.raises(LookupError):
            self.shelf.do(run)

    @rule(later=st.booleans())
    def reopen(self, later: bool) -> None:
        if self.shelf.kind == "memory":
            return
        self.shelf.close()
        if later and self.model.journals.get(ORIGIN.incarnation):
            self.model.incarnation = LATER.incarnation
        self.shelf.open(LATER if self.model.incarnation == LATER.incarnation else ORIGIN)

    @invariant()
    def agrees(self) -> None:
        self.shelf.see(lambda look: compare(self.model, look))

    def teardown(self) -> None:
        self.shelf.store.check()
        self.shelf.end()


EFFORT = {"memory": 25, "sqlite": 12, "postgres": 5}
"""Examples per store; PARLEY_EFFORT multiplies them."""


def test_every_store_agrees_with_the_model(
    shelf: Shelf, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def make() -> Shelf:
        if shelf.kind == "postgres":
            return Shelf("postgres", request.getfixturevalue("cluster").new_schema())
        return Shelf(shelf.kind, str(tmp_path_factory.mktemp("model") / "store.db"))

    effort = EFFORT[shelf.kind] * int(os.environ.get("PARLEY_EFFORT", "1"))
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    options: Any = settings(max_examples=effort, stateful_step_count=12, deadline=None, suppress_health_check=checks)
    Given.make = make
    run_state_machine_as_test(Comparison, settings=options)
