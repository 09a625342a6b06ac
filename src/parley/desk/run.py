"""Run: the tasks of a node that is serving: one courier per peer, and the timers.

A courier sleeps until something waits for its peer or the next attempt is due. Peers never share a courier, so that one
peer's silence or flood delays nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from parley.desk import (
    alert,
    bell,
    drill_run,
    freshen,
    give_back,
    heads,
    restart,
    restore,
    retention,
    watch,
    witness,
)
from parley.desk.deliver import deliver
from parley.desk.log import Log
from parley.desk.node import Bearer, Endpoint, Node
from parley.desk.roads import HTTPS
from parley.directory import DirectoryProblem
from parley.line.parcel import ItemKind
from parley.terms.problem import Problem

LOG = Log("parley.line")
IDLE = 30.0  # s between looks without a wake-up: a peer without an address of ours is polled this often
CALM = 5.0  # s before a failed peer without anything due is tried again
Route = Callable[[str], tuple[Bearer, Endpoint] | None]


class Courier:
    """Delivers to one peer: an ordinary lane and a lane of its own for FLASH."""

    def __init__(self, node: Node, party: str, route: Route) -> None:
        self.node, self.party, self.route = node, party, route
        self._ordinary, self._flash = asyncio.Event(), asyncio.Event()
        self._polled = 0
        self._tasks = [
            asyncio.create_task(self._lane(self._ordinary, flash_only=False)),
            asyncio.create_task(self._lane(self._flash, flash_only=True)),
        ]

    def wake(self, *, flash: bool) -> None:
        """Something may be due for this peer; `flash`: in the lane of its own."""
        (self._flash if flash else self._ordinary).set()

    async def stop(self) -> None:
        """End both lanes; what they carried stays in the outbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _lane(self, event: asyncio.Event, *, flash_only: bool) -> None:
        while True:
            wait = await self._pass(flash_only=flash_only)
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):  # wait_for of 3.11 forgets a cancellation that meets a wake-up
                        await event.wait()
            event.clear()

    async def _pass(self, *, flash_only: bool) -> float:
        """One attempt; returns how long to wait for a wake-up before the next."""
        try:
            way = self.route(self.party)  # a peer may list an address that is none
            if way is None or self.party in self.node.held_back:
                return IDLE
            poll = not flash_only and self._time_to_poll()
            carried = await deliver(self.node, self.party, *way, flash_only=flash_only, poll=poll)
        except Problem as problem:
            LOG.info("not delivered", party=self.party, problem=problem.key)
            self.node.roads.fails(self.party, HTTPS, self.node.clock(), problem.key)
            return max(0.05, min(CALM, self._until_due()))
        except Exception:
            LOG.exception("defect in delivery", party=self.party)
            return CALM
        # A full parcel may have left more behind; what was queued meanwhile has set the event.
        return 0 if carried >= self.node.limits.parcel_items else self._until_due()

    def _time_to_poll(self) -> bool:
        """Peers cannot reach a node without a public address: it asks them what they hold."""
        every = self.node.poll_every
        if not every or self.node.clock() - self._polled < every * 1000:
            return False
        self._polled = self.node.clock()
        return True

    def _until_due(self) -> float:
        """Seconds until the earliest row of this peer is due again, or until the next idle look."""
        now = self.node.clock()
        waiting = self.node.store.look(lambda look: look.outbox_peers())
        due = [at for peer, _, at in waiting if peer == self.party and at > now]
        return max(0.01, min([(at - now) / 1000 for at in due] + [self.node.poll_every or IDLE, IDLE]))


class Couriers:
    """A courier for every accepted peer, made when first needed."""

    def __init__(self, node: Node, route: Route) -> None:
        self.node, self.route = node, route
        self._by_party: dict[str, Courier] = {}

    def wake(self, party: str, *, flash: bool = False) -> None:
        """Called by verbs after something was committed for `party`."""
        if party not in self._by_party:
            self._by_party[party] = Courier(self.node, party, self.route)
        self._by_party[party].wake(flash=flash)

    def wake_all(self) -> None:
        """At start, after an unlock, and when particulars changed."""
        for party in self.node.directory.parties:
            if party != self.node.party:
                self.wake(party)

    async def stop(self) -> None:
        """End all couriers."""
        await asyncio.gather(*(courier.stop() for courier in self._by_party.values()))


async def timers(node: Node, couriers: Couriers, pace: float = 1.0) -> None:
    """Freshness and prekeys, checkpoints shown to peers, clocks of conversations, for as long as the node serves.

    `pace`: how many times faster than usual, for simulations whose clock runs faster than time.
    """
    acts: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
        "freshen": (60.0, lambda: _freshen(node, couriers)),
        "checkpoint": (node.limits.checkpoint_every / 1000, lambda: _checkpoint(node, couriers)),
        "heads": ((node.limits.heads_every or 3_600_000) / 1000, lambda: _heads(node, couriers)),
        "clocks": (5.0, lambda: watch.ring_due(node)),
        "give back": (2.0, lambda: give_back.tend(node)),
        "retention": (21_600.0, lambda: retention.on_schedule(node)),
        "settle": (600.0, lambda: restart.settle(node)),
        "time floor": (30.0, lambda: watch.keep_floor(node)),
        "drills": (5.0, lambda: drill_run.tend(node)),
        "bell": (5.0, lambda: bell.ring_waiting(node)),
        "alert": (5.0, lambda: alert.send_waiting(node)),
        "roads": (30.0, lambda: node.roads.keep(node.store)),
    }
    async with asyncio.TaskGroup() as group:
        for name, (seconds, act) in acts.items():
            group.create_task(_every(seconds / pace, name, act))


async def _freshen(node: Node, couriers: Couriers) -> None:
    if node.vault is None:
        return
    if await freshen.freshen(node):
        couriers.wake_all()
    await restore.ask(node)


async def _checkpoint(node: Node, couriers: Couriers) -> None:
    if await witness.checkpoint(node) is None:
        return
    for party in node.directory.parties:
        if party != node.party and (items := witness.show_to(node, party)):
            waiting = [item for item in node.news.get(party, []) if item[0] != ItemKind.CHECKPOINT]
            node.news[party] = [*waiting, *items]  # the newest takes the place of one that never left
            couriers.wake(party)


async def _heads(node: Node, couriers: Couriers) -> None:
    told = heads.tell(node) if node.limits.heads_every else set()
    for party in told | await heads.tend(node):
        couriers.wake(party)


async def _every(seconds: float, name: str, act: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await act()
        except (Problem, DirectoryProblem) as problem:
            LOG.warning("timer", name=name, problem=problem.key)
        except Exception:  # one timer's defect must not end the others, and the node with them
            LOG.exception("defect in a timer", name=name)
