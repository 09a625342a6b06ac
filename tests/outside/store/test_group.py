"""Group commit: units that wait share one commit, and still stand or fall alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from itertools import groupby

import pytest

from parley.line.ports import Tx
from parley.outside.store import StoreProblem
from parley.outside.store.writer import MOST_UNITS

from .conftest import AnyStore, Shelf
from .rows import digest, leaf, note


class Gate:
    """A unit that holds the writer until it is let go, so that others gather behind it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()

    def __call__(self, tx: Tx) -> None:
        self.entered.set()
        assert self.leave.wait(30)


async def behind_a_gate(store: AnyStore, units: list[Callable[[Tx], object]]) -> list[object]:
    """The outcomes of `units`, all of which waited while the writer was busy with another."""
    gate = Gate()
    first = asyncio.create_task(store.write(gate, point="gate"))
    await asyncio.to_thread(gate.entered.wait, 30)
    tasks = [asyncio.create_task(store.write(unit, point=f"unit {n}")) for n, unit in enumerate(units)]
    await asyncio.sleep(0)
    gate.leave.set()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


def watch(store: AnyStore) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    store.probe = lambda point, moment: told.append((point, moment))
    return told


def runs_of(told: list[tuple[str, str]]) -> list[tuple[str, int]]:
    return [(moment, len(list(some))) for moment, some in groupby(moment for _, moment in told)]


def test_units_that_wait_share_one_commit_in_their_order(durable: Shelf) -> None:
    store = durable.open()
    told = watch(store)
    outcomes = durable.run(behind_a_gate(store, [lambda tx, n=n: tx.append(leaf(str(n))) for n in range(32)]))  # type: ignore[misc]
    assert outcomes == list(range(32))
    alone = [("before", 1), ("written", 1), ("after", 1)]
    assert runs_of(told) == [*alone, ("before", 32), ("written", 32), ("after", 32)]


def test_no_commit_takes_more_than_its_share(durable: Shelf) -> None:
    store = durable.open()
    told = watch(store)
    durable.run(behind_a_gate(store, [lambda tx: tx.append(leaf("x"))] * (MOST_UNITS + 5)))
    assert [count for moment, count in runs_of(told) if moment == "after"] == [1, MOST_UNITS, 5]


def test_a_unit_that_fails_in_a_group_takes_only_itself_back(durable: Shelf) -> None:
    def good(tx: Tx) -> int:
        return tx.append(leaf("good"))

    def raises(tx: Tx) -> int:
        tx.append(leaf("bad"))
        raise LookupError("mine")

    def refused(tx: Tx) -> None:
        tx.append(leaf("bad"))
        tx.add_note(note("a", 999))

    store = durable.open()
    told = watch(store)
    outcomes = durable.run(behind_a_gate(store, [good, raises, good, refused, good]))
    assert [outcomes[0], outcomes[2], outcomes[4]] == [0, 1, 2]
    assert isinstance(outcomes[1], LookupError)
    assert isinstance(outcomes[3], StoreProblem)
    assert [point for point, moment in told if moment == "after"] == ["gate", "unit 0", "unit 2", "unit 4"]
    assert durable.see(lambda look: look.leaf_hashes(0, 9)) == [leaf("good").hash] * 3


def test_a_unit_sees_what_earlier_ones_of_its_group_wrote_and_nothing_that_was_taken_back(durable: Shelf) -> None:
    def first(tx: Tx) -> None:
        tx.put("k", "kept", b"")

    def second(tx: Tx) -> None:
        tx.put("k", "taken back", b"")
        raise LookupError

    def third(tx: Tx) -> list[str]:
        return [key for key, _ in tx.records("k")]

    assert durable.run(behind_a_gate(durable.open(), [first, second, third]))[2] == ["kept"]


def test_a_group_in_which_every_unit_fails_writes_nothing(durable: Shelf) -> None:
    def bad(tx: Tx) -> None:
        tx.append(leaf("bad"))
        raise LookupError

    store = durable.open()
    assert all(isinstance(error, LookupError) for error in durable.run(behind_a_gate(store, [bad, bad])))
    assert durable.do(lambda tx: tx.append(leaf("good"))) == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_even_what_usually_ends_a_program_only_fails_its_unit(durable: Shelf, error: type[BaseException]) -> None:
    def unit(tx: Tx) -> None:
        raise error

    async def catch() -> str:
        try:
            await durable.store.write(unit, point="test")
        except BaseException as caught:
            return type(caught).__name__
        return "nothing"

    durable.open()
    assert durable.run(catch()) == error.__name__
    assert durable.do(lambda tx: tx.append(leaf("a"))) == 0


def test_what_a_future_cannot_carry_comes_as_something_it_can(durable: Shelf) -> None:
    def unit(tx: Tx) -> None:
        next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        durable.do(unit)


def test_a_caller_that_no_longer_waits_does_not_take_its_unit_back(durable: Shelf) -> None:
    store = durable.open()

    async def give_up() -> None:
        gate = Gate()
        first = asyncio.create_task(store.write(gate, point="gate"))
        await asyncio.to_thread(gate.entered.wait, 30)
        second = asyncio.create_task(store.write(lambda tx: tx.append(leaf("a")), point="second"))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        gate.leave.set()
        await first
        await store.write(lambda tx: None, point="third")

    durable.run(give_up())
    assert durable.see(lambda look: look.leaf_count()) == 1


def test_callers_in_several_event_loops_are_each_woken_in_their_own(durable: Shelf) -> None:
    store = durable.open()
    found: list[tuple[int, bool]] = []

    async def work() -> None:
        mine = threading.get_ident()
        index = await store.write(lambda tx: tx.append(leaf("a")), point="test")
        found.append((index, mine == threading.get_ident()))

    threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(n, True) for n in range(6)]


def test_a_loop_that_is_closed_before_its_unit_is_done_hinders_nobody(durable: Shelf) -> None:
    store = durable.open()
    gate = Gate()

    async def walk_away() -> None:
        asyncio.ensure_future(store.write(gate, point="gate"))  # noqa: RUF006
        await asyncio.to_thread(gate.entered.wait, 30)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(walk_away())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    gate.leave.set()
    assert durable.do(lambda tx: tx.append(leaf("a"))) == 0


def test_closing_commits_what_was_handed_over(durable: Shelf) -> None:
    store = durable.open()

    async def close_behind() -> list[object]:
        gate = Gate()
        tasks = [asyncio.create_task(store.write(gate, point="gate"))]
        await asyncio.to_thread(gate.entered.wait, 30)
        tasks += [asyncio.create_task(store.write(lambda tx: tx.append(leaf("a")), point="late")) for _ in range(3)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
        refused = asyncio.create_task(store.write(lambda tx: tx.append(leaf("a")), point="too late"))
        await asyncio.sleep(0)
        gate.leave.set()
        await closing
        return await asyncio.gather(*tasks, refused, return_exceptions=True)

    *done, refused = durable.run(close_behind())
    assert done == [None, 0, 1, 2]
    assert isinstance(refused, StoreProblem)
    assert refused.key == "store.closed"
    durable.open()
    assert durable.see(lambda look: look.leaf_count()) == 3


def test_a_reader_sees_nothing_of_a_unit_before_its_commit(durable: Shelf) -> None:
    store = durable.open()
    seen: list[int] = []

    def unit(tx: Tx) -> None:
        tx.append(leaf("a"))
        reader = threading.Thread(target=lambda: seen.append(store.look(lambda look: look.leaf_count())))
        reader.start()
        reader.join(30)

    durable.do(unit)
    assert seen == [0]
    assert durable.see(lambda look: look.leaf_count()) == 1


def test_one_look_sees_one_moment(durable: Shelf) -> None:
    """What is committed between two reads of the same look is not seen by the second."""
    store = durable.open()

    def read(look: object) -> tuple[int, int]:
        before = look.leaf_count()  # type: ignore[attr-defined]
        writing = threading.Thread(
            target=lambda: asyncio.run(store.write(lambda tx: tx.append(leaf("a")), point="test"))  # type: ignore[arg-type]
        )
        writing.start()
        writing.join(30)
        return before, look.leaf_count()  # type: ignore[attr-defined]

    assert store.look(read) == (0, 0)
    assert durable.see(lambda look: look.leaf_count()) == 1


def test_readers_in_many_threads_do_not_disturb_the_writer(durable: Shelf) -> None:
    store = durable.open()
    stop = threading.Event()
    wrong: list[object] = []

    def unit(tx: Tx) -> None:
        tx.append(leaf("a"))
        tx.put("k", str(tx.leaf_count()), b"")

    def read() -> None:
        while not stop.is_set():
            leaves, records = store.look(lambda look: (look.leaf_count(), len(look.records("k"))))
            if leaves != records:
                wrong.append((leaves, records))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(40):
        durable.do(unit)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert durable.see(lambda look: look.leaf_count()) == 40


def test_a_probe_that_raises_stops_the_store_and_not_the_program(durable: Shelf) -> None:
    store = durable.open()

    def probe(point: str, moment: str) -> None:
        raise ZeroDivisionError

    store.probe = probe
    for _ in range(2):
        with pytest.raises(StoreProblem, match="ZeroDivisionError") as caught:
            durable.do(lambda tx: tx.append(leaf("a")))
        assert caught.value.key == "store.stopped"
    assert digest("a")
