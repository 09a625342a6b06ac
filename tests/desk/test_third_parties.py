"""What peers tell each other of third parties: newer versions are asked for, contradictions kept and told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from parley.desk import doctor, learn, sight
from parley.desk.receive import receive
from parley.directory import Sighting, Standing, Wanted, write_request, write_sightings
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.seal import SigningKey, encode
from parley.testing import DAY, FakeClock, SimulatedParty, settle

Three = tuple[SimulatedParty, SimulatedParty, SimulatedParty]


async def three() -> Three:
    """XA, XB and XC have met each other, and have nothing more to say."""
    clock = FakeClock()
    found = tuple(SimulatedParty(code, clock) for code in ("XA", "XB", "XC"))
    for party in found:
        await party.start()
    a, b, c = found
    await a.meet(b)
    await a.meet(c)
    await b.meet(c)
    await settle(a, b, c)
    return a, b, c


def scene(play: Callable[[SimulatedParty, SimulatedParty, SimulatedParty], Coroutine[Any, Any, None]]) -> None:
    """Run it with three parties."""

    async def main() -> None:
        await play(*await three())

    asyncio.run(asyncio.wait_for(main(), 60))


async def next_version(of: SimulatedParty, **changes: Any) -> bytes:
    """The party's next particulars, signed; nobody has them yet, not even itself."""
    of.clock.sleep(60_000)
    found = of.keys.particulars(of.clock(), of.particulars, **changes)
    of.particulars = found
    return of.keys.signed(found)


def version(at: SimulatedParty, of: str) -> int:
    return at.node.directory.entry(of).current.version


async def talk(here: SimulatedParty, there: SimulatedParty, times: int = 3) -> None:
    """Exchanges in which both may speak."""
    for _ in range(times):
        here.clock.sleep(11_000)
        await here.deliver_to(there)
        await there.deliver_to(here)


@pytest.mark.parametrize("dials", ["a", "b"])
def test_a_newer_version_seen_elsewhere_is_asked_for(dials: str) -> None:
    """XC told XA alone. XB learns it from XA, whoever of the two dials, and takes it since XC's roots signed it."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        await learn.learn_particulars(a.node, await next_version(c))
        assert (version(a, "XC"), version(b, "XC")) == (2, 1)
        first, second = (a, b) if dials == "a" else (b, a)
        for _ in range(3):
            a.clock.sleep(11_000)
            await first.deliver_to(second)
        assert version(b, "XC") == 2
        assert sight.differing(b.node) == []

    scene(play)


def test_a_hand_over_of_roots_that_was_missed_is_fetched_in_order() -> None:
    """XB holds version 1, XA has 2 (other roots) and 3: both come, and one that was missed is asked for at a gap."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        old = c.keys.roots
        new = [SigningKey.generate(c.rng) for _ in range(3)]
        roots = tuple(key.public for key in new)
        c.clock.sleep(60_000)
        second = c.particulars.successor(issued_at=c.clock(), expires_at=c.clock() + DAY, roots=roots)
        c.keys.roots = [*new[:2], *old[:2]]
        await learn.learn_particulars(a.node, c.keys.signed(second, 4))
        c.clock.sleep(60_000)
        third = second.successor(issued_at=c.clock(), expires_at=c.clock() + DAY)
        c.keys.roots = new
        await learn.learn_particulars(a.node, c.keys.signed(third))
        gap = Parcel(items=((int(ItemKind.PARTICULARS), c.keys.signed(third)),))
        asked = read_parcel(await receive(b.node, "XA", gap.to_bytes()))
        assert [kind for kind, _ in asked.items if kind == ItemKind.WANTED] == [ItemKind.WANTED]
        assert version(b, "XC") == 1
        b.node.sights.asked.clear()
        await talk(b, a)
        assert version(b, "XC") == 3

    scene(play)


def test_a_contradiction_is_kept_as_evidence_and_told_on_both_sides() -> None:
    """XC's roots signed two second versions, one for each. Both see it, with nobody's word to rely on."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        first = c.particulars
        await learn.learn_particulars(a.node, await next_version(c))
        c.particulars = first
        await learn.learn_particulars(b.node, await next_version(c, names={"en": "Another face"}))
        await talk(a, b)
        for desk in (a, b):
            assert desk.node.directory.standing("XC", desk.clock()) is Standing.FORKED
            assert len(desk.node.directory.entry("XC").evidence) == 1
            told = [found.what for found in doctor.examine(desk.node, serving=True) if not found.ok]
            assert "XC: forked" in told
            await desk.restart()
            assert len(desk.node.directory.entry("XC").evidence) == 1

    scene(play)


def test_a_party_learns_what_its_stolen_roots_signed() -> None:
    """A thief gave XA a version of XC. XC is told of itself, asks, and has the signed bytes."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        stolen = await next_version(c, names={"en": "A thief's face"})
        await learn.learn_particulars(a.node, stolen)
        await talk(a, c)
        assert c.node.directory.entry("XC").versions[-1].signed.raw == stolen

    scene(play)


def test_what_is_unspoken_is_not_told_not_asked_and_not_answered() -> None:
    """On either side."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        a.node.unspoken = frozenset({"XC"})
        await learn.learn_particulars(a.node, await next_version(c))
        await talk(a, b)
        assert version(b, "XC") == 1
        wanted = (int(ItemKind.WANTED), write_request([Wanted("XC", 0)]))
        reply = read_parcel(await receive(a.node, "XB", Parcel(items=(wanted,)).to_bytes()))
        assert [kind for kind, _ in reply.items if kind == ItemKind.PARTICULARS] == []
        a.node.unspoken, b.node.unspoken = frozenset(), frozenset({"XC"})
        a.node.sights.generation += 1
        await talk(a, b)
        assert version(b, "XC") == 1
        b.node.unspoken = frozenset()  # the control
        a.node.sights.generation += 1
        await talk(a, b)
        assert version(b, "XC") == 2

    scene(play)


def test_an_officer_may_ask_for_the_particulars_of_a_party_that_is_not_accepted() -> None:
    """They are kept for a look and change nothing by themselves."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        d = SimulatedParty("XD", a.clock)
        await d.start()
        await a.meet(d)
        await talk(a, b)
        assert b.node.store.look(lambda look: look.record(learn.OFFERED, "XD")) is None  # a sighting alone asks nothing
        sight.ask_by_officer(b.node, "XD", "XA")
        await talk(b, a)
        assert learn.party_of(b.node.store.look(lambda look: look.record(learn.OFFERED, "XD")) or b"") == "XD"
        assert b.node.directory.parties == ("XA", "XB", "XC")

    scene(play)


# -- hostile


def kinds(reply: bytes) -> list[int]:
    return [kind for kind, _ in read_parcel(reply).items]


def test_a_liar_causes_one_question_an_hour_and_one_row() -> None:
    """Whatever it tells, however often; what it cannot show is believed by nobody."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        lie = (int(ItemKind.SIGHTINGS), write_sightings([Sighting("XC", 7, bytes(32))]))
        asked = 0
        for _ in range(20):
            a.clock.sleep(1_000)
            asked += kinds(await receive(b.node, "XA", Parcel(items=(lie, lie)).to_bytes())).count(ItemKind.WANTED)
        assert asked == 1
        a.clock.sleep(sight.HOUR)
        assert ItemKind.WANTED in kinds(await receive(b.node, "XA", Parcel(items=(lie,)).to_bytes()))
        assert [(party, peer, row.version) for party, peer, row in sight.differing(b.node)] == [("XC", "XA", 7)]
        assert any("XA tells of version 7" in found.what for found in doctor.examine(b.node, serving=True))
        assert version(b, "XC") == 1

    scene(play)


def test_a_thousand_different_lies_are_remembered_as_one_row_and_bounded() -> None:
    """Each asks once; what is remembered of questions is bounded, what is stored is one row."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        for number in range(sight.MOST_ASKED + 50):
            body = write_sightings([Sighting("XC", 9, number.to_bytes(32, "big"))])
            await sight.take_sightings(b.node, "XA", body)
        assert len(b.node.sights.asked) == sight.MOST_ASKED
        assert len(b.node.store.look(lambda look: look.records(sight.KIND))) == 1

    scene(play)


def test_sightings_of_parties_that_nobody_accepted_cause_nothing() -> None:
    """Anybody may invent three hundred."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        invented = [Sighting(f"O-{number:04}", 1, bytes(32)) for number in range(300)]
        item = (int(ItemKind.SIGHTINGS), write_sightings(invented))
        assert ItemKind.WANTED not in kinds(await receive(b.node, "XA", Parcel(items=(item,)).to_bytes()))
        assert b.node.store.look(lambda look: look.records(sight.KIND)) == []

    scene(play)


def test_a_peer_that_asks_on_and_on_is_answered_once_in_ten_seconds() -> None:
    """And never with more than a parcel holds."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        wanted = (int(ItemKind.WANTED), write_request([Wanted("XC", 0)]))
        parcel = Parcel(items=(wanted, wanted, wanted)).to_bytes()
        answers = [kinds(await receive(b.node, "XA", parcel)).count(ItemKind.PARTICULARS) for _ in range(5)]
        assert sum(answers) == 1
        a.clock.sleep(sight.ANSWER_EVERY)
        assert kinds(await receive(b.node, "XA", parcel)).count(ItemKind.PARTICULARS) == 1

    scene(play)


@pytest.mark.parametrize("kind", [ItemKind.SIGHTINGS, ItemKind.WANTED])
@pytest.mark.parametrize("body", [b"", b"\xff" * 99, encode({0: 2, 1: []}), encode({0: 1, 1: [7]}), b"\x81" * 5000])
def test_items_that_cannot_be_read_stop_nothing(kind: ItemKind, body: bytes) -> None:
    """They are recorded, and a note in the same parcel is taken."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        note = await a.write(b, 1, {10: "drill"})
        a.node.news["XB"] = [(int(kind), body)]
        await a.deliver_to(b)
        assert b.node.store.look(lambda look: look.note(note)) is not None
        assert len(b.node.store.look(lambda look: look.records("refused-news", "XA "))) == 1

    scene(play)


def test_by_hand_sightings_and_questions_are_left_alone() -> None:
    """Nobody is there to be asked or answered."""

    async def play(a: SimulatedParty, b: SimulatedParty, c: SimulatedParty) -> None:
        told = (int(ItemKind.SIGHTINGS), write_sightings([Sighting("XC", 7, bytes(32))]))
        wanted = (int(ItemKind.WANTED), write_request([Wanted("XC", 0)]))
        assert kinds(await receive(b.node, None, Parcel(items=(told, wanted)).to_bytes())) == []

    scene(play)
