"""The e-mail without content: due with the note, tried again with bounds; and what a locked node tells."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from parley.desk import alert, bell, doctor, freshen, happened, read
from parley.desk.bell import LOCKED

MINUTE = 60_000


class Counting:
    """A bell, or a mail server, that counts, and fails with `failure`."""

    def __init__(self, failure: str = "") -> None:
        self.rung, self.failure = 0, failure

    async def ring(self) -> str:
        self.rung += 1
        return self.failure


def flash(wire: Any, **changes: Any) -> Any:
    return wire.note(**{"precedence": 3, "exercise": False, **changes})


async def given(wire: Any, failure: str = "") -> tuple[Any, Counting]:
    """XB's node with an alert, and a FLASH note that was taken."""
    node, made = wire.b.node, Counting(failure)
    node.alert = made
    await wire.give(wire.sealed(flash(wire)))
    return node, made


def test_one_letter_speaks_for_all_that_waits_and_is_sent_once(play_for_real: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = await given(wire)
        await wire.give(wire.sealed(flash(wire)))
        assert await alert.send_waiting(node) == 2
        assert await alert.send_waiting(node) == 0
        assert made.rung == 1
        assert alert.facts(node)["sent_at"] == wire.clock()

    play_for_real(scene)


@pytest.mark.parametrize("changes", [{"precedence": 2}, {"exercise": True}])
def test_what_does_not_ring_is_told_by_no_letter(play_for_real: Any, changes: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.b.node, Counting()
        node.alert = made
        await wire.give(wire.sealed(flash(wire, **changes)))
        assert await alert.send_waiting(node) == 0
        assert made.rung == 0

    play_for_real(scene)


def test_a_mail_server_that_fails_loses_nothing_and_is_asked_ever_more_rarely(play_for_real: Any) -> None:
    """30 s, 1, 2, 4, 8 and then 10 minutes between attempts; after 24 of them it is given up, and said so."""

    async def scene(wire: Any) -> None:
        node, made = await given(wire, "bearer.unreachable")
        began, at = wire.clock(), []
        while wire.clock() - began < 6 * 60 * MINUTE:
            before = made.rung
            await alert.send_waiting(node)
            if made.rung > before:
                at.append(wire.clock())
            wire.clock.sleep(5_000)
        pauses = [later - earlier for earlier, later in pairwise(at)]
        assert len(at) == alert.MOST_TRIES
        assert [round(pause / 5_000) for pause in pauses[:6]] == [6, 12, 24, 48, 96, 120]
        assert max(pauses) <= alert.LONGEST_WAIT + 5_000
        assert alert.facts(node)["given_up_at"] is not None
        assert [one.ok for one in doctor.examine(node, serving=True) if "given up" in one.what] == [False]

    play_for_real(scene)


def test_a_new_note_does_not_wait_for_the_pause_of_an_earlier_one(play_for_real: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = await given(wire, "bearer.timed_out")
        await alert.send_waiting(node)
        told = alert.facts(node)
        assert (told["waiting"], told["tries"], told["problem"]) == (1, 1, "bearer.timed_out")
        await wire.give(wire.sealed(flash(wire)))
        made.failure = ""
        assert await alert.send_waiting(node) == 2
        assert alert.facts(node)["waiting"] == 0

    play_for_real(scene)


def test_a_note_that_was_read_meanwhile_needs_no_letter(play_for_real: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.b.node, Counting()
        node.alert = made
        note = flash(wire)
        await wire.give(wire.sealed(note))
        await read.read(node, wire.row(note).note_id.hex(), "en", officer="boris")
        assert await alert.send_waiting(node) == 0
        assert made.rung == 0
        assert alert.facts(node)["sent_at"] is None

    play_for_real(scene)


def test_without_an_address_there_is_nothing_to_try(play: Any, refused: Any) -> None:
    async def scene(wire: Any) -> None:
        with refused("desk.no_alert"):
            await alert.self_test(wire.b.node, "boris")
        assert not [one for one in doctor.examine(wire.b.node, serving=True) if one.what.startswith("alert")]

    play(scene)


async def locked(wire: Any) -> tuple[Any, Counting, Counting]:
    """XB restarted and not unlocked, with a bell, an alert, and events."""
    sealed = [wire.sealed(flash(wire)) for _ in range(3)]
    await wire.b.restart(locked=True)
    node = wire.b.node
    node.bell, node.alert = Counting(), Counting()
    node.took_locked = happened.write_taken
    wire.waiting = sealed
    return node, node.bell, node.alert


def test_a_locked_node_rings_for_what_it_cannot_read_once_in_ten_minutes(play_for_real: Any) -> None:
    """Precedence lies inside the seal, so that anything may be FLASH: ten minutes is the time that a FLASH has."""

    async def scene(wire: Any) -> None:
        node, rung, told = await locked(wire)
        for sealed, after in zip(wire.waiting, (1_000, bell.RING_AGAIN, 0), strict=True):
            await wire.give(sealed)
            await wire.give(sealed)  # repeated: it is known already
            await bell.ring_waiting(node)
            await alert.send_waiting(node)
            wire.clock.sleep(after)
        assert (rung.rung, told.rung) == (2, 2)
        assert node.taken_locked == 3
        events = node.store.look(lambda look: list(happened.after(look, 0)))
        assert {(one.what, one.note, one.party) for one in events} == {("taken", "", "")}

    play_for_real(scene)


def test_an_unlock_before_the_ring_spares_the_ring_for_the_unknown(play_for_real: Any) -> None:
    """Somebody is there; what is FLASH among it then rings as itself."""

    async def scene(wire: Any) -> None:
        node, _, _ = await locked(wire)
        await wire.give(wire.waiting[0])
        await wire.b.unlock()
        rings = {key for key, _ in node.store.look(lambda look: look.records(bell.KIND))}
        assert len(rings - {LOCKED}) == 1
        assert await bell.ring_waiting(node) == 1
        assert await alert.send_waiting(node) == 1
        assert node.taken_locked == 0

    play_for_real(scene)


def test_a_setting_keeps_a_locked_node_quiet(play_for_real: Any) -> None:
    async def scene(wire: Any) -> None:
        node, _, _ = await locked(wire)
        node.locked_rings = False
        await wire.give(wire.waiting[0])
        assert await bell.ring_waiting(node) + await alert.send_waiting(node) == 0

    play_for_real(scene)


def test_an_open_node_tells_no_event_of_that_kind(play_for_real: Any) -> None:
    """Control: the same notes, taken by a node that can read them."""

    async def scene(wire: Any) -> None:
        node = wire.b.node
        node.took_locked = happened.write_taken
        await freshen.freshen(node)
        await wire.give(wire.sealed(flash(wire)))
        assert node.store.look(lambda look: list(happened.after(look, 0))) == []
        assert node.taken_locked == 0

    play_for_real(scene)
