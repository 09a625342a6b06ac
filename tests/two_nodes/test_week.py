"""A week of partition, and more: two nodes are cut off from each other and catch up by themselves."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from parley.desk import archive, freshen, watch, witness
from parley.directory import Standing
from parley.line.conversation import read_conversation
from parley.testing import DAY, SimulatedParty, pair, settle

from .real_node import RealNode, until

# -- with a fake clock, in memory


async def daily(party: SimulatedParty, peer: SimulatedParty) -> bytes:
    """What a node does by itself in a day, and one note."""
    await freshen.freshen(party.node)
    await witness.checkpoint(party.node)
    party.node.news[peer.node.party] = witness.show_to(party.node, peer.node.party)
    await watch.ring_due(party.node)
    return await party.write(peer, 1, {10: "timetable"})


def delivery(party: SimulatedParty, note: bytes, other: SimulatedParty) -> str:
    row = party.node.store.look(lambda look: look.conversation(note, other.node.party))
    assert row is not None
    return read_conversation(row.state).delivery.name


@pytest.mark.parametrize(("days", "rotation"), [(7, 2), (12, 2), (30, None)])
def test_two_nodes_cut_off_for_days_catch_up_by_themselves(days: int, rotation: int | None) -> None:
    """Through prekey expiry, a rotation, checkpoints nobody cosigned; after a fortnight prekeys are erased, too."""

    async def story() -> None:
        a, b = await pair()
        await settle(a, b)
        written: dict[bytes, tuple[SimulatedParty, SimulatedParty]] = {}
        for day in range(days):
            a.clock.sleep(DAY)
            for here, there in ((a, b), (b, a)):
                written[await daily(here, there)] = (here, there)
            if day == rotation:
                await a.rotate()
        assert a.node.directory.standing("XB", a.clock()) is Standing.STALE
        states = {delivery(here, note, there) for note, (here, there) in written.items()}
        assert states == ({"QUEUED"} if days < 9 else {"QUEUED", "SIGNED"})
        a.clock.sleep(DAY // 2)
        await settle(a, b)
        assert {delivery(here, note, there) for note, (here, there) in written.items()} == {"OPENED"}
        assert a.node.directory.standing("XB", a.clock()) is Standing.CURRENT
        assert b.node.directory.standing("XA", b.clock()) is Standing.CURRENT
        for here, there in ((a, b), (b, a)):
            assert len(there.node.store.look(lambda look: look.notes(direction="in", limit=999))) == days
            assert there.node.store.look(lambda look: look.records("refusal")) == []
            assert there.node.store.look(lambda look: look.records("refused-news")) == []
            assert archive.cosigners(here.node) == [f"parley/{there.node.party}"]
            archive.verify_own(here.node)

    asyncio.run(story())


def test_what_a_replaced_key_signed_more_than_a_fortnight_ago_is_refused_and_its_sender_told() -> None:
    """The stated grace (spec/particulars.md) ends: the officer sees it refused, and why, and may send it anew."""

    async def story() -> None:
        a, b = await pair()
        await settle(a, b)
        a.clock.sleep(DAY)
        before = await daily(a, b)
        a.clock.sleep(DAY)
        await a.rotate()
        a.clock.sleep(20 * DAY)
        await settle(a, b)
        row = a.node.store.look(lambda look: look.conversation(before, "XB"))
        assert row is not None
        found = read_conversation(row.state)
        assert (found.delivery.name, found.reason) == ("REFUSED", "directory.key_superseded")
        after = await daily(a, b)
        await settle(a, b)
        assert delivery(a, after, b) == "OPENED"

    asyncio.run(story())


def test_a_node_that_slept_is_told_of_a_rotation_before_it_needs_it() -> None:
    """XB sleeps: no timer of its own runs. What XA wrote with its new keys is opened on waking, without a refusal."""

    async def story() -> None:
        a, b = await pair()
        await settle(a, b)
        notes = []
        for day in range(8):
            a.clock.sleep(DAY)
            notes.append(await daily(a, b))
            if day == 4:
                await a.rotate()
        await settle(a, b)
        assert {delivery(a, note, b) for note in notes} == {"OPENED"}
        assert b.node.directory.entry("XA").current.version == 2

    asyncio.run(story())


# -- with real processes


def test_a_process_that_sleeps_through_a_week_catches_up_by_itself(nodes: tuple[RealNode, RealNode]) -> None:
    """XB is stopped; for XA nine days pass: prekeys run out, keys rotate, checkpoints are signed. Then it wakes."""
    a, b = nodes
    assert a.arrives(a.write("XB"), "XB")
    until(lambda: "parley/XB" in a.door.call("cosigners"))

    b.process.send_signal(signal.SIGSTOP)
    notes = []
    for day in (1, 3, 6, 9):
        a.go_ahead(day * DAY)
        if day == 3:
            a.rotate()
        time.sleep(0.3)
        notes.append(a.write("XB"))
    assert not a.door.call("can_seal", party="XB")  # its last prekey may be erased before a note arrives
    assert a.door.call("await", note=notes[-1], party="XB", deliveries=["signed"], seconds=0.0)
    assert not a.arrives(notes[0], "XB", seconds=0.1)

    b.go_ahead(9 * DAY)
    b.process.send_signal(signal.SIGCONT)
    for note in notes:
        assert a.arrives(note, "XB", seconds=40)
    assert b.arrives(b.write("XA"), "XA")
    size = a.door.call("verify")["entries"]
    assert size > 0
    until(lambda: "parley/XB" in a.door.call("cosigners"))
    assert b.door.call("verify")["entries"] > 0
    assert b.door.call("particulars", party="XA")["version"] == 2
