"""A bearer that loses, repeats and reorders, and three sabotages that the counting of `mesh.py` must notice."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from parley.desk import take
from parley.desk.node import Node
from parley.desk.receive import receive
from parley.journal import LeafKind
from parley.line.ports import Store, Tx
from parley.outside.bearers.problems import BearerProblem
from parley.outside.store.reads import Reading
from parley.seal import digest

DROPPED, AFTER_DELIVERY, REPEATED, REORDERED = 0.2, 0.5, 0.1, 0.2


class Weather:
    """What the network does to parcels: a seed, who is cut off, and how often each fault came."""

    def __init__(self, seed: int) -> None:
        self.random, self.faults, self.cut = random.Random(seed), Counter[str](), set[str]()
        self.parcels = 0  # that were sent while the link was not cut
        self._overtaken: list[asyncio.Future[None]] = []

    def happens(self, share: float, fault: str) -> bool:
        """Whether it happens this time; counted if so."""
        found = self.random.random() < share
        self.faults[fault] += found
        return found

    async def be_overtaken(self) -> None:
        """Wait until other parcels have gone first."""
        future = asyncio.get_running_loop().create_future()
        self._overtaken.append(future)
        await future

    async def carry_all(self, exchanges: list[asyncio.Task[None]]) -> None:
        """Let exchanges run, several at once; whenever all that are left were overtaken, one of them goes on."""
        while exchanges:
            await asyncio.sleep(0)
            exchanges = [task for task in exchanges if not task.done() or task.result()]
            if exchanges and len(exchanges) == len(self._overtaken):
                self._overtaken.pop(self.random.randrange(len(self._overtaken))).set_result(None)


class ChaosBearer:
    """Carries parcels from one node to another in this process, through the weather."""

    def __init__(self, weather: Weather, us: str, to: Node) -> None:
        self._weather, self._us, self._to = weather, us, to

    async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
        """Perhaps give the parcel to the other node, and perhaps bring back what it answers."""
        weather = self._weather
        if weather.cut & {self._us, self._to.party}:
            weather.faults["cut_off"] += 1
            raise _silence("the link is cut")
        weather.parcels += 1
        if weather.happens(REORDERED, "reordered"):
            await weather.be_overtaken()
        if weather.random.random() < DROPPED:
            if weather.happens(AFTER_DELIVERY, "dropped_after_delivery"):
                await receive(self._to, self._us, parcel)
            else:
                weather.faults["dropped_before_delivery"] += 1
            raise _silence("nothing came back")
        answer = await receive(self._to, self._us, parcel)
        if weather.happens(REPEATED, "repeated"):
            answer = await receive(self._to, self._us, parcel)
        return answer


def _silence(reason: str) -> BearerProblem:
    return BearerProblem("unreachable", address="memory", reason=reason)


class Hasty:
    """Sabotage: a store that lets the receipt go before the commit, and whose node now and then dies in between."""

    def __init__(self, store: Store, weather: Weather) -> None:
        self._store, self._weather = store, weather

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write(self, unit: Callable[[Tx], Any], *, point: str) -> Any:
        """As Store.write, but for every fourth parcel that came in."""
        if point != "receive" or self._weather.random.random() > 0.25:
            return await self._store.write(unit, point=point)
        given = []

        def undone(tx: Tx) -> None:
            given.append(unit(tx))
            raise _Died

        with contextlib.suppress(_Died):
            await self._store.write(undone, point=point)
        return given[0]


class _Died(Exception):
    pass


@contextlib.contextmanager
def forgetful() -> Iterator[None]:
    """Sabotage: nodes that do not know again what came before, and write it down once more."""
    honest = take._take_note

    def careless(node: Node, tx: Tx, outcome: Any, now: int, written: take.Written) -> Any:
        if tx.note(outcome.note_id) is None:
            return honest(node, tx, outcome, now, written)
        leaf, _ = node.write_leaf(tx, LeafKind.NOTE_IN, digest(outcome.signed), now)
        return take._opened(node, outcome, leaf, now)

    with patch.object(take, "_take_note", careless), patch.object(Reading, "held", lambda *_: None):
        yield
