"""The bell at the desk: who rings, that it rings once, what a crash leaves, and what doctor says."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from parley.desk import bell, doctor, freshen, read
from parley.desk.bell import Ring

HOUR = 3_600_000


class Counting:
    """A bell that counts, and fails with `failure`."""

    def __init__(self, failure: str = "") -> None:
        self.rung, self.failure, self.going_on = 0, failure, asyncio.Event()
        self.going_on.set()

    async def ring(self) -> str:
        self.rung += 1
        await self.going_on.wait()
        return self.failure


def fitted(wire: Any, failure: str = "") -> Counting:
    """XB's node with a bell."""
    made = Counting(failure)
    wire.b.node.bell = made
    return made


WHO = {
    "a FLASH note": ({"precedence": 3, "exercise": False}, (), 1),
    "an IMMEDIATE note": ({"precedence": 2, "exercise": False}, (), 0),
    "a FLASH exercise": ({"precedence": 3, "exercise": True}, (), 0),
    "a FLASH exercise of a party whose exercises ring here": ({"precedence": 3, "exercise": True}, ("O-AAA",), 1),
    "a FLASH exercise of another": ({"precedence": 3, "exercise": True}, ("O-CCC",), 0),
    "a ROUTINE exercise of such a party": ({"precedence": 0, "exercise": True}, ("O-AAA",), 0),
}


@pytest.mark.parametrize("name", WHO)
def test_who_rings(play_for_real: Any, name: str) -> None:
    """An exercise only by our own setting: who is woken here is decided here."""
    changes, ring_for, expected = WHO[name]

    async def scene(wire: Any) -> None:
        made, told = fitted(wire), []
        wire.b.node.exercises_ring = frozenset(ring_for)
        wire.b.node.flash_hook = told.append
        await wire.give(wire.sealed(wire.note(**changes)))
        await bell.ring_waiting(wire.b.node)
        assert (made.rung, len(told)) == (expected, expected)

    play_for_real(scene)


def test_one_note_rings_once_however_often_it_comes(play_for_real: Any) -> None:
    """Repeated, sealed again, carried by hand besides; and two notes ring twice."""

    async def scene(wire: Any) -> None:
        made, signed = fitted(wire), wire.signed(wire.note(precedence=3, exercise=False))
        for sealed in (wire.sealed(signed), wire.sealed(signed)):
            await wire.give(sealed)
            await wire.give(sealed)
            await bell.ring_waiting(wire.b.node)
        assert made.rung == 1
        await wire.give(wire.sealed(wire.note(precedence=3, exercise=False)))
        await bell.ring_waiting(wire.b.node)
        await bell.ring_waiting(wire.b.node)
        assert made.rung == 2

    play_for_real(scene)


def test_a_hundred_notes_that_come_while_it_rings_ring_once_more(play_for_real: Any) -> None:
    """A flood of an accepted peer is not a siren for an hour, and none of its notes is passed over."""

    async def scene(wire: Any) -> None:
        made = fitted(wire)
        await wire.give(wire.sealed(wire.note(precedence=3, exercise=False)))
        made.going_on.clear()
        first = asyncio.create_task(bell.ring_waiting(wire.b.node))
        await asyncio.sleep(0)
        for _ in range(20):
            await wire.give(wire.sealed(wire.note(precedence=3, exercise=False)))
        others = [asyncio.create_task(bell.ring_waiting(wire.b.node)) for _ in range(20)]
        made.going_on.set()
        assert await first == 1
        assert sum(await asyncio.gather(*others)) == 20
        assert made.rung == 2

    play_for_real(scene)


def test_a_crash_between_taking_and_ringing_loses_no_ring(play_for_real: Any) -> None:
    """Due is durable with the note. Begun and not ended: rung again, for twice is better than never; read: not."""

    async def scene(wire: Any) -> None:
        made, node = fitted(wire), wire.b.node
        note = wire.note(precedence=3, exercise=False)
        await wire.give(wire.sealed(note))
        await node.store.write(lambda tx: bell._begin(tx, wire.clock()), point="crash")  # and there it died
        assert made.rung == 0
        assert await bell.ring_waiting(node) == 1
        assert await bell.ring_waiting(node) == 0
        second = wire.note(precedence=3, exercise=False)
        await wire.give(wire.sealed(second))
        await read.read(node, wire.row(second).note_id.hex(), "en", officer="boris")
        assert await bell.ring_waiting(node) == 0
        assert made.rung == 1

    play_for_real(scene)


def test_rings_that_are_over_do_not_pile_up(play_for_real: Any) -> None:
    async def scene(wire: Any) -> None:
        node = wire.b.node
        fitted(wire)
        over = msgspec.msgpack.encode(Ring(1, 1, 2))
        await node.store.write(
            lambda tx: [tx.put(bell.KIND, f"{number:064x}", over) for number in range(200)], point="many"
        )
        await wire.give(wire.sealed(wire.note(precedence=3, exercise=False)))
        await bell.ring_waiting(node)
        assert len(node.store.look(lambda look: look.records(bell.KIND))) == bell.MOST_KEPT

    play_for_real(scene)


def findings(node: Any) -> list[tuple[bool, str]]:
    return [(one.ok, one.what) for one in doctor.examine(node, serving=True) if one.what.startswith("bell")]


def test_doctor_says_what_is_wrong_with_the_bell(play_for_real: Any) -> None:
    """None is set; never tested; rang; a shift later; the test failed; nobody heard it; a FLASH did not ring."""

    async def scene(wire: Any) -> None:
        node = wire.b.node
        assert findings(node) == [(True, "bell: no command is set (on_flash); a FLASH note shows on the screen only")]
        made = fitted(wire)
        assert findings(node) == [(False, "bell: never tested")]
        await bell.self_test(node, "boris")
        assert findings(node) == [(True, "bell: tested 0 s ago")]
        wire.clock.sleep(12 * HOUR + 1)
        assert findings(node) == [(False, "bell: tested 12 h ago")]
        made.failure = "exit code 3"
        await bell.self_test(node, "boris")
        assert findings(node) == [(False, "bell: the last test failed (exit code 3)")]
        made.failure = ""
        await bell.self_test(node, "boris")
        await bell.say_heard(node, False)
        assert findings(node) == [(False, "bell: the last test failed (nobody heard it)")]
        await bell.say_heard(node, True)
        made.failure = "not done within 20 s"
        await freshen.freshen(node)
        await wire.give(wire.sealed(wire.note(precedence=3, exercise=False)))
        await bell.ring_waiting(node)
        assert findings(node)[0] == (False, "bell: the last FLASH did not ring (not done within 20 s)")
        assert bell.facts(node)["ring_failure"] == "not done within 20 s"

    play_for_real(scene)


def test_without_a_command_there_is_nothing_to_test(play: Any, refused: Any) -> None:
    async def scene(wire: Any) -> None:
        with refused("desk.no_bell"):
            await bell.self_test(wire.b.node, "boris")
        await wire.give(wire.sealed(wire.note()))
        assert await bell.ring_waiting(wire.b.node) == 0

    play(scene)
