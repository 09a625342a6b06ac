"""The one writer of a store: a thread that takes whatever waits, commits it as one group, and then tells the callers.

What it leaves out: what a unit may do and how a database commits. Nothing here blocks an event loop: a caller hands
over its unit through a queue and is woken through its own loop, once per group and loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from parley.line.ports import Tx
from parley.outside.store.group import Done, Engine, Failed, Outcome, Probe, Waiting, commit_group
from parley.outside.store.problems import StoreProblem, again

MOST_UNITS = 256
"""How many units one commit takes at most: enough to share an fsync, short enough that a FLASH does not wait long."""

PAUSE_S = 0.05
"""How long nothing has to wait before the writer uses the time to tidy up, so that a unit seldom waits for that."""


class WritingEngine(Engine, Protocol):
    """An engine of a writer thread."""

    def tidy(self, paused: bool) -> bool: ...  # after each group, and in a pause; True: a pause would be used for more
    def close(self) -> None: ...


class Writer:
    """Runs units in the order in which they were handed over.

    Args:
        engine: used by the writer's thread alone from now on.
        probe: asked for anew with every group, so that a test may set it later.

    A unit that was handed over runs even if its caller no longer waits.
    """

    def __init__(self, engine: WritingEngine, probe: Callable[[], Probe | None]) -> None:
        self._engine = engine
        self._probe = probe
        self._queue: SimpleQueue[_Caller | None] = SimpleQueue()
        self._door = threading.Lock()
        self._refusal: StoreProblem | None = None
        self._closing = False
        self._untidy = False
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def stopped(self) -> StoreProblem | None:
        """Why nothing is accepted any more, or None."""
        return self._refusal

    def check(self) -> None:
        """Raise if nothing is accepted any more."""
        if self._refusal is not None:
            raise again(self._refusal)
        if self._closing:
            raise StoreProblem("closed")

    def stop(self, problem: StoreProblem) -> None:
        """Accept nothing any more, because of `problem`; the first reason stays."""
        with self._door:
            self._refusal = self._refusal or problem

    async def write(self, unit: Callable[[Tx], Any], point: str) -> Any:
        """What `unit` returns, once it is durable; raises what it raised, or StoreProblem."""
        caller = _Caller(unit, point, asyncio.get_running_loop())
        with self._door:  # so that nothing enters the queue behind its end
            self.check()
            self._queue.put(caller)
        return await caller.future

    async def close(self) -> None:
        """Commit what waits, then close the database; may be called twice."""
        with self._door:
            if not self._closing:
                self._closing = True
                self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    # the thread

    def _work(self) -> None:
        try:
            while group := self._take():
                self._commit(group)
        finally:
            self._end()

    def _take(self) -> list[_Caller]:
        """The units that wait now, at least one; none at the end."""
        first = self._next()
        group = [] if first is None else [first]
        while group and len(group) < MOST_UNITS:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                break
            if waiting is None:
                self._queue.put(None)  # the end comes after this group
                break
            group.append(waiting)
        return group

    def _next(self) -> _Caller | None:
        """The next that waits; if there is a pause before it, and something to tidy up, that is done first."""
        while self._untidy:
            try:
                return self._queue.get(timeout=PAUSE_S)
            except Empty:
                self._tidy(paused=True)
        return self._queue.get()

    def _tidy(self, paused: bool) -> None:
        self._untidy = False
        if self._refusal is None:
            self._guard(lambda: setattr(self, "_untidy", self._engine.tidy(paused)))

    def _commit(self, group: list[_Caller]) -> None:
        _settle(group, self._outcomes(group))
        self._tidy(paused=False)

    def _outcomes(self, group: list[_Caller]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        if self._refusal is None:
            self._guard(lambda: outcomes.extend(commit_group(self._engine, group, self._probe())))
        if outcomes:
            return outcomes
        assert self._refusal is not None
        return [Failed(again(self._refusal)) for _ in group]

    def _guard(self, step: Callable[[], None]) -> None:
        """Run `step`; whatever it raises stops the store, for the thread must never die silently."""
        try:
            step()
        except StoreProblem as problem:
            self.stop(problem)
        except BaseException as error:
            self.stop(StoreProblem("stopped", reason=type(error).__name__))

    def _end(self) -> None:
        self._guard(self._engine.close)


class _Caller(Waiting):
    """A unit and who waits for it in which event loop."""

    __slots__ = ("future", "loop")

    def __init__(self, unit: Callable[[Tx], Any], point: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(unit, point)
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()


def _settle(group: list[_Caller], outcomes: list[Outcome]) -> None:
    """Wake the callers: one call per loop, for each such call costs a wake-up."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = {}
    for caller, outcome in zip(group, outcomes, strict=True):
        loops.setdefault(caller.loop, []).append((caller.future, outcome))
    for loop, pairs in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, pairs)


def _resolve(pairs: list[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for future, outcome in pairs:
        if future.done():  # the caller was cancelled
            continue
        if isinstance(outcome, Done):
            future.set_result(outcome.value)
        elif isinstance(outcome.error, StopIteration):  # a future cannot carry it
            future.set_exception(RuntimeError("the unit raised StopIteration"))
        else:
            future.set_exception(outcome.error)
