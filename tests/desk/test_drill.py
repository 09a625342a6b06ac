"""Drills at the desk: nothing goes out without a person's release, and what went out is reported as what it was."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from parley.desk import (
    answer,
    compose,
    decide,
    doctor,
    drill,
    drill_report,
    drill_run,
    inbox,
    read,
    read_back,
    restart,
    watch,
)
from parley.desk.compose import RESERVED
from parley.desk.follow import PROPOSAL
from parley.desk.receive import receive
from parley.directory.drill import Every, RunStage
from parley.directory.indicators import Silence
from parley.line.note import Precedence
from parley.line.ports import Look
from parley.testing import SimulatedParty

HOUR, DAY = 3_600_000, 86_400_000


async def scheduled(wire: Any, **changes: Any) -> Any:
    fields: dict[str, Any] = {"name": "Link check", "first_at": wire.clock(), "officer": "amal"}
    return await drill.schedule(wire.a.node, drill.Wanted(**fields | changes))


async def released(wire: Any, made: Any, **how: Any) -> Any:
    """An officer releases the next run through the signer."""
    node = wire.a.node
    batch = await drill_run.compose_run(node, made.id, officer="amal", **how)
    signed = [wire.a.keys.sign_note(one.payload) for one in batch.composed]
    return await drill_run.release_run(node, made.id, batch.number, batch.due_at, signed, batch.left_out, "amal")


def sent(wire: Any) -> list[Any]:
    return list(wire.a.node.store.look(lambda look: look.notes(direction="out")))


def stage_of(wire: Any, made: Any, number: int = 0) -> RunStage:
    return drill_report.report(wire.a.node, made.id, number).stage


def test_without_a_release_a_run_is_due_and_not_sent(play: Any) -> None:
    """However often the timer comes by; doctor and the report say so; the release sends it at once."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire)
        for _ in range(3):
            assert await drill_run.tend(wire.a.node) == 0
            wire.clock.sleep(HOUR)
        assert sent(wire) == []
        assert stage_of(wire, made) is RunStage.DUE
        assert [one.ok for one in doctor.examine(wire.a.node, serving=True) if one.what.startswith("drill")] == [False]
        card = drill_report.report(wire.a.node, made.id).cards[0]
        assert card.taken is Silence.NOT_ASKED
        await released(wire, made)
        assert stage_of(wire, made) is RunStage.UNDER_WAY
        (row,) = sent(wire)
        assert row.exercise
        assert [one for one in doctor.examine(wire.a.node, serving=True) if one.what.startswith("drill")] == []

    play(scene)


def test_what_is_released_ahead_waits_for_its_time_and_its_node(play: Any) -> None:
    """Signed today, sent in three days by the timer; a locked node sends it when it is unlocked. Its serial waits."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, first_at=wire.clock() + 3 * DAY)
        await released(wire, made)
        assert stage_of(wire, made) is RunStage.RELEASED
        wire.clock.sleep(3 * DAY - 1)
        await restart.settle(wire.a.node)  # would void a serial that waited for more than an hour
        await drill_run.tend(wire.a.node)
        assert sent(wire) == []
        wire.clock.sleep(1)
        vault, wire.a.node.vault = wire.a.node.vault, None
        assert await drill_run.tend(wire.a.node) == 0
        wire.a.node.vault = vault
        assert await drill_run.tend(wire.a.node) == 1
        assert len(sent(wire)) == 1
        assert await drill_run.tend(wire.a.node) == 0

    play(scene)


def test_a_crash_in_the_midst_of_sending_sends_each_note_once(play: Any) -> None:
    """The notes that had gone are in the journal; the others go after the restart."""

    async def scene(wire: Any) -> None:
        third = SimulatedParty("XC", wire.clock)
        await third.start()
        await wire.a.meet(third)
        made = await scheduled(wire, first_at=wire.clock() + HOUR)
        run = await released(wire, made)
        wire.clock.sleep(HOUR)
        address, identity = next(iter(run.notes.items()))
        await drill_run._send(wire.a.node, run, address, identity, rings=False)  # and there it died
        await wire.a.restart()
        assert len(sent(wire)) == 1
        assert await drill_run.tend(wire.a.node) == 1
        assert {row.note_id for row in sent(wire)} == set(run.notes.values())
        assert set(wire.a.node.traced) == set(run.notes.values())
        await wire.a.restart()
        assert set(wire.a.node.traced) == set(run.notes.values())

    play(scene)


def test_nothing_but_an_exercise_to_the_offices_of_the_drill_is_taken(play: Any, refused: Any) -> None:
    """A real note, a note to somebody else, a note of another form, one note twice: refused whole, nothing kept."""

    async def scene(wire: Any) -> None:
        third = SimulatedParty("XC", wire.clock)
        await third.start()
        await wire.a.meet(third)
        node, made = wire.a.node, await scheduled(wire, to=("XB/duty",))
        text = drill.Text({10: "drill"}, "en")
        good = drill.draft_of(made, text, "XB/duty", "amal")
        bad = {
            "to another": msgspec.structs.replace(good, to=("XC/duty",)),
            "another form": msgspec.structs.replace(good, form=90, lines={10: "other", 11: ["en", "x"], 12: "nothing"}),
        }
        for note in bad.values():
            signed = wire.a.keys.sign_note((await compose.compose(node, note)).payload)
            with refused("desk.not_of_drill"):
                await drill_run.release_run(node, made.id, 0, wire.clock(), [signed], {}, "amal")
        signed = wire.a.keys.sign_note((await compose.compose(node, good)).payload)
        with refused("desk.not_of_drill"):
            await drill_run.release_run(node, made.id, 0, wire.clock(), [signed, signed], {}, "amal")
        with refused("desk.nothing_to_release"):
            await drill_run.release_run(node, made.id, 1, wire.clock(), [signed], {}, "amal")
        with refused("seal.unknown_signer"):
            stranger = wire.b.keys.sign_note((await compose.compose(node, good)).payload)
            await drill_run.release_run(node, made.id, 0, wire.clock(), [stranger], {}, "amal")
        assert sent(wire) == []
        await drill_run.release_run(node, made.id, 0, wire.clock(), [signed], {}, "amal")
        assert len(sent(wire)) == 1

    play(scene)


def test_a_real_note_is_never_a_drill(play_for_real: Any, refused: Any) -> None:
    """Two parties that may write real notes: the signed field says exercise, or it is not taken."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire)
        real = msgspec.structs.replace(
            drill.draft_of(made, drill.Text({10: "drill"}, "en"), "O-BBB/duty", "amal"), exercise=False
        )
        signed = wire.a.keys.sign_note((await compose.compose(wire.a.node, real)).payload)
        with refused("desk.not_of_drill"):
            await drill_run.release_run(wire.a.node, made.id, 0, wire.clock(), [signed], {}, "amal")

    play_for_real(scene)


def test_a_run_that_nobody_released_is_not_held_and_stays_so(play: Any) -> None:
    """A month later it is passed over: in the trend nobody was asked, which is not that nobody answered."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, every=Every.WEEKLY)
        wire.clock.sleep(15 * DAY)
        await drill_run.tend(wire.a.node)
        first, second = drill_report.reports(wire.a.node, made.id)
        assert [first.stage, second.stage] == [RunStage.NOT_HELD] * 2
        assert first.cards[0].answered is Silence.NOT_ASKED
        assert stage_of(wire, made, 2) is RunStage.DUE
        await released(wire, made)
        assert stage_of(wire, made, 2) is RunStage.UNDER_WAY

    play(scene)


def test_cancelling_explains_the_serials_of_what_was_released(play: Any, refused: Any) -> None:
    """They are declared void, and no release is taken any more."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, first_at=wire.clock() + DAY)
        await released(wire, made)
        await drill.cancel(wire.a.node, made.id)
        wire.clock.sleep(2 * HOUR)
        assert await restart.settle(wire.a.node) == 1
        wire.clock.sleep(2 * DAY)
        await drill_run.tend(wire.a.node)
        assert sent(wire) == []
        assert wire.a.node.store.look(lambda look: look.records(RESERVED)) == []
        with refused("desk.nothing_to_release"):
            await released(wire, made)

    play(scene)


def test_too_early_a_release_is_refused(play: Any, refused: Any) -> None:
    async def scene(wire: Any) -> None:
        made = await scheduled(wire, first_at=wire.clock() + 15 * DAY)
        with refused("desk.too_early"):
            await released(wire, made)
        wire.clock.sleep(DAY)
        await released(wire, made)

    play(scene)


def test_who_is_suspended_is_left_out_and_not_reported_as_silent(play: Any) -> None:
    """Suspended at the release, or between the release and its time."""

    async def scene(wire: Any) -> None:
        third = SimulatedParty("XC", wire.clock)
        await third.start()
        await wire.a.meet(third)
        await decide.suspend(wire.a.node, "XB", "registrar")
        made = await scheduled(wire, first_at=wire.clock() + HOUR)
        await released(wire, made)
        await decide.suspend(wire.a.node, "XC", "registrar")
        wire.clock.sleep(HOUR)
        await drill_run.tend(wire.a.node)
        assert sent(wire) == []
        found = {
            card.address: (card.left_out, card.answered) for card in drill_report.report(wire.a.node, made.id).cards
        }
        assert found == dict.fromkeys(("XB/duty", "XC/duty"), ("directory.suspended", Silence.NOT_ASKED))

    play(scene)


class Yielding:
    """A store whose writer lets others run first, as one with a thread of its own does."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write(self, unit: Any, *, point: str) -> Any:
        await asyncio.sleep(0)
        return await self._store.write(unit, point=point)


def test_the_timer_and_an_officer_at_the_same_moment_send_once(play: Any) -> None:
    """Neither finds the other's note half sent and takes it for one that could not go."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, first_at=wire.clock() + HOUR)
        run = await released(wire, made)
        wire.clock.sleep(HOUR)
        wire.a.node.store = Yielding(wire.a.node.store)
        assert sum(await asyncio.gather(*(drill_run.tend(wire.a.node) for _ in range(4)))) == 1
        assert {row.note_id for row in sent(wire)} == set(run.notes.values())
        assert drill_report.report(wire.a.node, made.id).cards[0].left_out == ""

    play(scene)


def test_a_run_of_which_nothing_could_go_awaits_another_release(play: Any) -> None:
    """As after a restore, which gives up every serial that was reserved: nobody was asked, and it can be held again."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, first_at=wire.clock() + HOUR)
        run = await released(wire, made)
        for identity in run.notes.values():
            await wire.a.node.store.write(lambda tx, one=identity: tx.drop(RESERVED, one.hex()), point="restore")
        wire.clock.sleep(HOUR)
        assert await drill_run.tend(wire.a.node) == 0
        assert stage_of(wire, made) is RunStage.DUE
        await released(wire, made)
        assert stage_of(wire, made) is RunStage.UNDER_WAY

    play(scene)


def test_an_answered_link_check_is_reported_with_its_bearer(play: Any) -> None:
    """Read, read back, answered, and a call by hand: each cell from what really came."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire)
        run = await released(wire, made)
        note = run.notes["XB/duty"].hex()
        wire.clock.sleep(1000)
        await wire.a.deliver_to(wire.b)
        wire.clock.sleep(60_000)
        await read.read(wire.b.node, note, "fr", officer="boris")
        await read_back.give(
            wire.b.node, note, {10: "only-answer"}, language="fr", role="duty officer", seconds=9, by_person=True
        )
        reply = answer.reply_draft(wire.b.node, note, 2, {10: "in-order", 11: "both"}, language="en", officer="boris")
        composed = await compose.compose(wire.b.node, reply)
        from parley.desk import release

        await release.release(wire.b.node, wire.b.keys.sign_note(composed.payload))
        await wire.b.deliver_to(wire.a)
        await drill.enter_call(wire.a.node, made.id, "XB", "answered", at=wire.clock(), officer="amal")
        (card,) = drill_report.report(wire.a.node, made.id).cards
        assert card.reached == {"https": 1000}
        assert (card.taken, card.opened) == (1000, 1000)
        assert (card.read, card.understood, card.answered) == (61_000, 61_000, 61_000)
        assert (card.in_time, card.right_office, card.on_duty) == (True, True, "both")
        assert (card.understanding, card.telephone) == ("understood", "answered")

    play(scene)


CALLS = {"a drill that says so": (True, "+41225550100"), "any other drill": (False, None)}


@pytest.mark.parametrize("name", CALLS)
def test_a_number_to_call_is_proposed_only_if_the_drill_says_so(play: Any, name: str) -> None:
    """When the in-station time ran out: a call is proposed, and the number only stands there if telephones may ring."""
    rings, number = CALLS[name]

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, rings=rings, precedence=int(Precedence.IMMEDIATE))
        run = await released(wire, made)
        wire.clock.sleep(31 * 60_000)
        await watch.ring_due(wire.a.node)
        note = next(iter(run.notes.values())).hex()

        def calls(look: Look) -> list[Any]:
            found = [msgspec.msgpack.decode(value) for _, value in look.records(PROPOSAL, note)]
            return [one["telephone"] for one in found if one["effect"] == "ProposeCall"]

        assert wire.a.node.store.look(calls) == [number]

    play(scene)


MISTAKES = {
    "no such drill": ("ffff", "XB", "answered", "desk.no_drill"),
    "no digits at all": ("", "XB", "answered", "desk.no_drill"),
    "somebody whom it does not ask": (None, "XC", "answered", "desk.not_in_drill"),
    "what cannot come of a call": (None, "XB", "engaged", "desk.no_outcome"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_call_that_cannot_be_entered_is_named(play: Any, refused: Any, name: str) -> None:
    given, who, outcome, key = MISTAKES[name]

    async def scene(wire: Any) -> None:
        made = await scheduled(wire)
        with refused("desk.no_run"):
            await drill.enter_call(wire.a.node, made.id, "XB", "answered", at=wire.clock(), officer="amal")
        await released(wire, made)
        with refused(key):
            chosen = made.id if given is None else given
            await drill.enter_call(wire.a.node, chosen, who, outcome, at=wire.clock(), officer="amal")

    play(scene)


def test_the_text_of_a_drill_does_not_stand_in_the_store_in_clear(play: Any) -> None:
    """Own words of a larger drill are locked as a draft's are, before and after its release."""

    async def scene(wire: Any) -> None:
        lines = {10: "other", 11: ["en", "canary of the drill"], 12: "nothing"}
        made = await scheduled(wire, form=90, lines=lines, first_at=wire.clock() + HOUR)
        await released(wire, made)
        kinds = (drill.DRILL, drill.RUN, drill.TEXT, drill.SIGNED, RESERVED)
        stored = [v for kind in kinds for _, v in wire.a.node.store.look(lambda look, kind=kind: look.records(kind))]
        assert len(stored) == 5
        assert not any(b"canary" in value for value in stored)
        assert drill.text_of(wire.a.node, made).lines == lines

    play(scene)


# over one bearer


def reached(wire: Any, made: Any) -> dict[str, Any]:
    return drill_report.report(wire.a.node, made.id).cards[0].reached


def test_a_drill_by_hand_goes_by_nothing_else_and_the_file_is_written_down(play: Any) -> None:
    """HTTPS works all the while and is left alone: it is not what this drill tries."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, over="by-hand")
        await released(wire, made)
        assert await wire.a.deliver_to(wire.b) == 0
        assert reached(wire, made)["by-hand"] is Silence.NOT_ASKED
        data = await inbox.parcel_for(wire.a.node, "XB")
        assert reached(wire, made)["by-hand"] is Silence.AWAITED
        await receive(wire.a.node, None, await receive(wire.b.node, None, data))
        card = drill_report.report(wire.a.node, made.id).cards[0]
        assert isinstance(card.reached["by-hand"], int)
        assert isinstance(card.opened, int)

    play(scene)


def test_after_a_restart_it_still_goes_by_nothing_else(play: Any) -> None:
    async def scene(wire: Any) -> None:
        await released(wire, await scheduled(wire, over="by-hand"))
        await wire.a.restart()
        assert await wire.a.deliver_to(wire.b) == 0

    play(scene)


def test_a_drill_over_https_waits_for_https(play: Any) -> None:
    """The control of the two above: the same drill, and it goes."""

    async def scene(wire: Any) -> None:
        made = await scheduled(wire, over="https", to=("XB/duty",))
        node = wire.a.node
        listed = {bearer.kind for bearer in node.directory.entry("XB").current.bearers}
        assert "https" in listed
        await released(wire, made)
        assert await wire.a.deliver_to(wire.b) == 1

    play(scene)


def test_a_party_that_lists_no_such_bearer_is_left_out_and_told_so(play: Any) -> None:
    async def scene(wire: Any) -> None:
        made = await scheduled(wire, over="mail")
        batch = await drill_run.compose_run(wire.a.node, made.id, officer="amal")
        assert batch.left_out == {"XB/duty": "desk.bearer_not_listed"}

    play(scene)


def test_a_drill_over_a_bearer_that_is_none_is_refused(play: Any, refused: Any) -> None:
    async def scene(wire: Any) -> None:
        with refused("directory.bad_value"):
            await scheduled(wire, over="pigeon")

    play(scene)
