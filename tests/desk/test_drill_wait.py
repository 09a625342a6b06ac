"""A run that waits for words and its release: composed once, released whole, by whomever of two officers is first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.clearance import Role, Verdict, Word, run_digest
from parley.clearance.policy import How
from parley.desk import decide, drill, drill_run, drill_wait, restart
from parley.desk.compose import RESERVED
from parley.desk.problems import DeskProblem
from parley.directory.drill import Every
from parley.line.note import note_id
from parley.terms.problem import Problem

HOUR = 3_600_000


class Signer:
    """Signs whatever it is given, and remembers over which digest each proof was: the rules are the real signer's."""

    def __init__(self, party: Any) -> None:
        self.party, self.asked = party, list[bytes]()

    async def release_run(self, payloads: Any, officer: str, proof: Any, reason: str) -> Any:
        self.asked.append(run_digest(note_id(one) for one in payloads))
        verdict = Verdict(how=How.LONE, releaser=officer, reason=reason)
        return [(self.party.keys.sign_note(one), verdict) for one in payloads]

    async def say_run(self, payloads: Any, officer: str, role: Role, proof: Any) -> Word:
        return Word(officer=officer, role=role, at=self.party.clock())


async def scheduled(wire: Any, **changes: Any) -> Any:
    wire.a.node.signers = {"duty": Signer(wire.a)}
    fields: dict[str, Any] = {"name": "Link check", "first_at": wire.clock(), "officer": "amal"}
    return await drill.schedule(wire.a.node, drill.Wanted(**fields | changes))


def reserved(wire: Any) -> int:
    return len(wire.a.node.store.look(lambda look: look.records(RESERVED)))


async def told(doing: Any) -> str:
    with pytest.raises(Problem) as caught:
        await doing
    return caught.value.key


def test_a_run_is_handed_in_given_words_and_released_whole(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire)
        one = await drill_wait.hand_in(node, made.id, "dana", now_at_once=True)
        assert one.digest == run_digest(one.ids.values())
        assert one.missing == (Role.DRAFTER,)
        assert drill_wait.waiting(node) == {made.id}
        after = await drill_wait.say(node, made.id, "dana", Role.DRAFTER, None)  # type: ignore[arg-type]
        assert (after.missing, [word.officer for word in after.words]) == ((), ["dana"])
        run = await drill_wait.release(node, made.id, "amal", None)  # type: ignore[arg-type]
        assert (run.notes, run.released_by) == (one.ids, "amal")
        assert run.notes.keys() == {"XB/duty"}
        assert node.signers["duty"].asked == [one.digest]
        assert drill_wait.waiting(node) == frozenset()

    play(scene)


def test_two_officers_who_hand_in_at_once_hand_in_one_run_and_the_others_serials_are_void(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire)
        one, two = await asyncio.gather(*(drill_wait.hand_in(node, made.id, name) for name in ("dana", "amal")))
        assert (one.digest, one.by) == (two.digest, two.by)
        assert reserved(wire) == 1
        again = await drill_wait.hand_in(node, made.id, "amal")  # the button a second time
        assert again.digest == one.digest

    play(scene)


def test_of_two_who_release_the_second_is_told(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire)
        await drill_wait.hand_in(node, made.id, "dana")
        both = [drill_wait.release(node, made.id, name, None) for name in ("amal", "basma")]  # type: ignore[arg-type]
        done = await asyncio.gather(*both, return_exceptions=True)
        problems = [one.key for one in done if isinstance(one, DeskProblem)]
        assert len(problems) == 1
        assert problems[0] in ("desk.nothing_to_release", "desk.no_run_waits")
        assert await told(drill_wait.release(node, made.id, "amal", None)) == "desk.no_run_waits"  # type: ignore[arg-type]

    play(scene)


def test_what_is_taken_back_can_be_handed_in_anew_with_other_serials(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire)
        first = await drill_wait.hand_in(node, made.id, "dana")
        await drill_wait.take_back(node, made.id)
        assert await told(drill_wait.take_back(node, made.id)) == "desk.no_run_waits"
        assert reserved(wire) == 0
        second = await drill_wait.hand_in(node, made.id, "dana")
        assert second.digest != first.digest

    play(scene)


def test_a_run_that_waited_a_day_waits_no_longer(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire, every=Every.YEARLY)
        await drill_wait.hand_in(node, made.id, "dana")
        wire.clock.sleep(23 * HOUR)
        await restart.settle(node)
        assert drill_wait.waiting(node) == {made.id}  # the control
        wire.clock.sleep(2 * HOUR)
        assert drill_wait.waiting(node) == frozenset()
        await restart.settle(node)
        assert reserved(wire) == 0
        assert (await drill_wait.hand_in(node, made.id, "dana")).number == 0

    play(scene)


def test_a_cancelled_drill_has_no_run_that_waits(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire)
        await drill_wait.hand_in(node, made.id, "dana")
        await drill.cancel(node, made.id)
        assert drill_wait.waiting(node) == frozenset()
        assert await told(drill_wait.release(node, made.id, "amal", None)) == "desk.no_run_waits"  # type: ignore[arg-type]

    play(scene)


def test_where_nobody_can_be_asked_nothing_waits(play: Any) -> None:
    async def scene(wire: Any) -> None:
        node, made = wire.a.node, await scheduled(wire, to=("XB/duty",))
        await decide.suspend(node, "XB", "registrar")
        assert await told(drill_wait.hand_in(node, made.id, "dana")) == "desk.nobody_to_ask"

    play(scene)


def test_the_own_words_of_a_drill_are_looked_through_before_its_run_is_released(play: Any) -> None:
    """Form 90, in own words; "blatant" is on the list of loaded words (forms/data/plain/en.toml)."""

    async def scene(wire: Any) -> None:
        node, own = wire.a.node, {10: "exercise", 11: ["en", "A blatant attack has begun."], 12: "answer"}
        made = await scheduled(wire, form=90, lines=own)
        one = await drill_wait.hand_in(node, made.id, "dana")
        assert "blatant" in [finding.found for finding in one.wording]
        await drill_wait.take_back(node, made.id)
        assert (await drill_run.compose_run(node, made.id, officer="amal")).wording == one.wording
        plain = await scheduled(wire)
        assert (await drill_wait.hand_in(node, plain.id, "dana")).wording == ()  # the control: a link check has none

    play(scene)


def test_a_drill_that_is_scheduled_twice_under_one_id_is_one(play: Any) -> None:
    """A double click. An id that is none is refused, so that nobody writes over another record."""

    async def scene(wire: Any) -> None:
        one = await scheduled(wire, id="0123abcd", name="first")
        two = await scheduled(wire, id="0123abcd", name="second")
        assert (one.name, two.name) == ("first", "first")
        assert len(wire.a.node.store.look(drill.all_drills)) == 1
        assert await told(scheduled(wire, id="../../up")) == "desk.no_drill"

    play(scene)
