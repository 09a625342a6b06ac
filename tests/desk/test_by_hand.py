"""Parcels carried by hand to a node that is locked: held, opened at unlock, receipted then."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk import freshen
from parley.desk.node import Limits
from parley.desk.problems import DeskProblem
from parley.desk.receive import receive
from parley.line.conversation import read_conversation
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.receipt import Stage
from parley.seal import digest
from parley.testing import SimulatedParty

SEALED = int(ItemKind.SEALED)


async def carry(wire: Any, *items: bytes) -> Parcel:
    """A file with these items is taken at XB."""
    return read_parcel(await receive(wire.b.node, None, Parcel(items=tuple((SEALED, one) for one in items)).to_bytes()))


def held(wire: Any) -> list[Any]:
    return [row for row in wire.b.node.store.look(lambda look: look.held_at(int(Stage.TAKEN))) if row.sealed]


def queued(wire: Any) -> list[tuple[str, int]]:
    """(party, rows) of what waits to go out from XB."""
    return [(peer, rows) for peer, rows, _ in wire.b.node.store.look(lambda look: look.outbox_peers())]


def test_it_is_held_and_opened_at_unlock_and_its_sender_gets_the_receipt(play: Any) -> None:
    """The clocks of the note run from when it was taken, not from the unlock."""

    async def scene(wire: Any) -> None:
        node, vault = wire.b.node, wire.b.node.vault
        node.vault = None
        note = wire.note()
        back = await carry(wire, wire.sealed(note))
        assert [kind for kind, _ in back.items if kind == SEALED] == []  # nobody knows whom to answer
        assert wire.row(note) is None
        taken_at = wire.clock()
        wire.clock.sleep(3_600_000)
        assert await freshen.unlock(node, vault) == 1
        assert wire.row(note) is not None
        assert queued(wire) == [("XA", 1)]
        (row,) = [row for row in [node.store.look(lambda look: look.held_for(wire.row(note).note_id))] if row]
        assert (row.peer, Stage(row.stage), row.sealed) == ("XA", Stage.OPENED, None)
        state = node.store.look(lambda look: look.conversation(wire.row(note).note_id, "XA"))
        assert read_conversation(state.state).taken_at == taken_at
        assert held(wire) == []

    play(scene)


def test_without_the_unlock_nothing_of_it_is_opened(play: Any) -> None:
    """The control of the test above."""

    async def scene(wire: Any) -> None:
        wire.b.node.vault = None
        await carry(wire, wire.sealed(wire.note()))
        assert len(held(wire)) == 1
        assert wire.notes() == []
        assert queued(wire) == []

    play(scene)


def test_the_same_file_taken_twice_is_one_note_and_a_peer_may_bring_it_as_well(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, vault, note = wire.b.node, wire.b.node.vault, wire.note()
        node.vault = None
        sealed = wire.sealed(note)
        await carry(wire, sealed)
        await carry(wire, sealed)
        await wire.give(sealed)
        assert len(held(wire)) == 1
        await freshen.unlock(node, vault)
        assert len(wire.notes()) == 1
        await carry(wire, sealed)
        assert len(wire.notes()) == 1

    play(scene)


def test_what_a_stranger_sent_is_let_go_at_unlock_and_can_be_taken_again_once_it_is_no_stranger(play: Any) -> None:
    """Its share is free again too: what was let go is not charged to anybody."""

    async def scene(wire: Any) -> None:
        stranger = SimulatedParty("XC", wire.clock)
        await stranger.start()
        node, vault = wire.b.node, wire.b.node.vault
        sealed = wire.sealed(wire.signed(wire.note(), stranger.keys.office))
        garbage = wire.sealed(b"not even a signed thing")
        node.vault = None
        await carry(wire, sealed, garbage)
        assert len(held(wire)) == 2
        assert node.store.look(lambda look: look.stored_from("")) > 0
        await freshen.unlock(node, vault)
        assert held(wire) == []
        assert node.store.look(lambda look: look.stored_from("")) == 0
        assert await freshen.unlock(node, vault) == 0  # not once more at every unlock
        node.vault = None
        await carry(wire, garbage)
        assert len(held(wire)) == 1

    play(scene)


def test_what_finds_no_room_is_said_and_not_taken_for_held(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, vault, note = wire.b.node, wire.b.node.vault, wire.note()
        node.vault, node.limits = None, Limits(share=1)
        sealed = wire.sealed(note)
        with pytest.raises(DeskProblem) as told:
            await carry(wire, sealed)
        assert told.value.key == "desk.no_room_by_hand"
        assert node.store.look(lambda look: look.held(digest(sealed))) is None
        node.limits = Limits()
        await freshen.unlock(node, vault)
        await carry(wire, sealed)
        assert wire.row(note) is not None

    play(scene)
