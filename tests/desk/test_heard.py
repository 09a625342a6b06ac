"""A peer was silent, and is heard from: what waits out a pause for it goes at once; nothing spins."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk import heard
from parley.desk.deliver import deliver
from parley.outside.bearers.problems import BearerProblem
from parley.testing import MemoryBearer, NoEndpoint

LONG = 20  # failed attempts: the pause is at its longest then


class Silent:
    """A bearer that reaches nobody."""

    async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
        raise BearerProblem("unreachable", address="127.0.0.1:1", reason="refused")


async def try_in_vain(wire: Any) -> None:
    with pytest.raises(BearerProblem):
        await deliver(wire.a.node, "XB", Silent(), NoEndpoint())


async def give_up_for_long(wire: Any) -> int:
    """A note waits at XA, and its pause has grown to the longest; returns how long it still waits (ms)."""
    await wire.a.write(wire.b, 1, {10: "timetable"})
    for _ in range(LONG):
        await try_in_vain(wire)
        wire.clock.sleep(120_000)
    await wire.a.write(wire.b, 1, {10: "timetable"})  # so that another attempt has something to carry
    await try_in_vain(wire)
    return due(wire) - wire.clock()


def due(wire: Any) -> int:
    """When the last of what waits at XA is due."""
    rows = wire.a.node.store.look(lambda look: look.outbox_next("XB", 1 << 62, most=99, most_bytes=1 << 30))
    return max(row.due for row in rows)


def test_without_a_word_from_the_peer_the_pause_is_waited_out(play: Any) -> None:
    """The control: otherwise the tests below would show nothing."""

    async def scene(wire: Any) -> None:
        assert await give_up_for_long(wire) > 30_000
        wire.clock.sleep(heard.CALM)
        assert await wire.a.deliver_to(wire.b, flash_only=True) == 0
        assert due(wire) - wire.clock() > 20_000

    play(scene)


def test_a_parcel_from_the_peer_makes_its_rows_due_and_wakes_the_courier(play: Any) -> None:
    async def scene(wire: Any) -> None:
        await give_up_for_long(wire)
        woken: list[str] = []
        wire.a.node.wake = woken.append
        wire.clock.sleep(heard.CALM)
        await wire.give(peer=wire.b, to=wire.a)
        assert due(wire) <= wire.clock()
        assert woken == ["XB"]
        assert await wire.a.deliver_to(wire.b) == 2

    play(scene)


def test_an_exchange_of_our_own_that_succeeds_makes_the_rest_due(play: Any) -> None:
    async def scene(wire: Any) -> None:
        await give_up_for_long(wire)
        wire.clock.sleep(heard.CALM)
        await wire.a.write(wire.b, 1, {10: "timetable"})
        await deliver(wire.a.node, "XB", MemoryBearer("XA", wire.b.node), NoEndpoint())
        assert due(wire) <= wire.clock()

    play(scene)


def test_what_fails_every_time_is_tried_again_no_sooner_than_after_the_calm(play: Any) -> None:
    """The peer talks to us all the time, and no attempt of ours arrives: one for each calm, not for each word."""

    async def scene(wire: Any) -> None:
        await give_up_for_long(wire)
        attempts = 0
        for _ in range(60):  # a minute in which the peer speaks every second
            wire.clock.sleep(1000)
            await wire.give(peer=wire.b, to=wire.a)
            if due(wire) <= wire.clock():
                attempts += 1
                await try_in_vain(wire)
        assert 0 < attempts <= 60_000 // heard.CALM

    play(scene)


def test_while_nothing_fails_being_heard_from_writes_nothing(play: Any) -> None:
    async def scene(wire: Any) -> None:
        points: list[str] = []
        wire.a.node.store.probe = lambda point, moment: points.append(point)
        await wire.give(peer=wire.b, to=wire.a)
        assert "postpone" not in points

    play(scene)
