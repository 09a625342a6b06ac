"""Clocks that are wrong: a peer's by two days, and our own set back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from parley.desk import freshen, learn, watch
from parley.line.conversation import read_conversation
from parley.line.ports import Origin
from parley.outside.clock import SystemClock
from parley.outside.store import open_sqlite
from parley.testing import DAY, START, FakeClock, SimulatedParty, settle


class Wall:
    """A machine's clock that a test may set, and the time that really passes."""

    def __init__(self) -> None:
        self.ms, self.elapsed = START, 0

    def sleep(self, ms: int) -> None:
        self.ms += ms
        self.elapsed += ms

    def clock(self, floor: int = 0) -> SystemClock:
        return SystemClock(floor, wall=lambda: self.ms, elapsed=lambda: self.elapsed)


async def met(a_clock: FakeClock, b_clock: FakeClock) -> tuple[SimulatedParty, SimulatedParty]:
    a, b = SimulatedParty("XA", a_clock), SimulatedParty("XB", b_clock)
    await a.start()
    await b.start()
    await a.meet(b)
    return a, b


@pytest.mark.parametrize("days", [2, -2])
def test_a_peer_whose_clock_is_two_days_off_is_understood_and_the_skew_shown(days: int) -> None:
    """Late or early is marked with the measured skew where it is provable, and refused nowhere."""

    async def story() -> None:
        ours, theirs = FakeClock(), FakeClock(START + days * DAY)
        a, b = await met(ours, theirs)
        first = await a.write(b, 1, {10: "timetable"})
        await settle(a, b)
        answer = await b.write(a, 1, {10: "drill"})
        await settle(a, b)
        for holder, note in ((b, first), (a, answer)):
            assert holder.node.store.look(lambda look, n=note: look.note(n)) is not None
            assert holder.node.store.look(lambda look: look.records("refusal")) == []
        ahead, behind = ((b, first), (a, answer)) if days < 0 else ((a, answer), (b, first))
        row = ahead[0].node.store.look(lambda look: look.note(ahead[1]))
        assert row is not None
        assert f"clock-skew:{2 * DAY // 1000}" in row.marks
        row = behind[0].node.store.look(lambda look: look.note(behind[1]))
        assert row is not None
        assert not any(mark.startswith("clock-skew") for mark in row.marks)  # the way may have taken two days

    asyncio.run(story())


def test_receipts_of_a_peer_two_days_off_are_reckoned_by_our_own_clock() -> None:
    """When our note was taken is shown by our clock; their time is kept as theirs."""

    async def story() -> None:
        ours, theirs = FakeClock(), FakeClock(START - 2 * DAY)
        a, b = await met(ours, theirs)
        note = await a.write(b, 1, {10: "timetable"})
        ours.sleep(5_000)
        theirs.sleep(5_000)
        await a.deliver_to(b)
        row = a.node.store.look(lambda look: look.conversation(note, "XB"))
        assert row is not None
        found = read_conversation(row.state)
        assert found.delivery.name == "OPENED"
        assert found.taken_at is not None
        assert START <= found.taken_at <= START + 5_000
        assert found.skew < -DAY

    asyncio.run(story())


def test_our_own_clock_set_back_does_not_take_back_what_was_signed(tmp_path: Path) -> None:
    """After a restart too: time goes on from the highest that was acted at, until the clock has caught up."""

    async def story() -> None:
        wall = Wall()
        a, b = await met(FakeClock(), FakeClock())
        clock = wall.clock()
        a.node.clock = clock.now
        wall.sleep(DAY)
        before = await a.write(b, 1, {10: "timetable"})
        await watch.keep_floor(a.node)
        wall.ms -= 400 * DAY  # the battery was empty
        after = await a.write(b, 1, {10: "timetable"})
        floor = a.node.store.look(watch.last_seen)
        assert floor == START + DAY
        a.node.clock = wall.clock(floor).now  # the process starts again
        later = await a.write(b, 1, {10: "timetable"})
        rows = [a.node.store.look(lambda look, n=note: look.note(n)) for note in (before, after, later)]
        times = [row.signed_at for row in rows if row is not None]
        assert times == sorted(times)
        assert times[0] >= START + DAY
        b.clock.sleep(DAY)
        await a.deliver_to(b)
        assert len(b.node.store.look(lambda look: look.notes())) == 3
        assert b.node.store.look(lambda look: look.records("refusal")) == []

    asyncio.run(story())


def test_peers_go_on_believing_the_freshness_of_a_node_whose_clock_was_set_back() -> None:
    """A freshness with an earlier time than the last would be taken for an old one, and the new prekey not be used."""

    async def story() -> None:
        wall = Wall()
        a, b = await met(FakeClock(), FakeClock())
        clock = wall.clock()
        b.node.clock = clock.now
        wall.sleep(60_000)
        await freshen.freshen(b.node, force=True)
        await learn.learn_freshness(a.node, b.node.freshness)
        wall.ms -= 30 * DAY
        wall.sleep(60_000)
        await freshen.freshen(b.node, force=True)
        await learn.learn_freshness(a.node, b.node.freshness)
        heard = a.node.directory.entry("XB").heard
        assert heard is not None
        assert heard.raw == b.node.freshness

    asyncio.run(story())


def test_a_store_that_was_never_written_has_no_floor(tmp_path: Path) -> None:
    """A new node believes its clock."""

    async def story() -> None:
        store = open_sqlite(tmp_path / "store.sqlite", Origin("XA", "node-1", bytes(16)))
        assert store.look(watch.last_seen) == 0
        await store.close()

    asyncio.run(story())
