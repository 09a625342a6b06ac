"""A store in memory, for tests and notebooks: the same tables and the same rules, no disk and no thread.

Units run at once in the caller's task, so that a simulation with a fake clock has one order only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from parley.line.ports import Look, Origin, Tx
from parley.outside.store.backup import copy_sqlite
from parley.outside.store.facts import Facts, examine, sqlite_facts
from parley.outside.store.group import Failed, Probe, Waiting, commit_group
from parley.outside.store.problems import StoreProblem, again
from parley.outside.store.reads import Reading
from parley.outside.store.sqlite import SqliteEngine, connect, make_writer, migrate, session

T = TypeVar("T")


class MemoryStore:
    """`parley.line.ports.Store` without a file; everything is gone when it is closed."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.probe: Probe | None = None
        self._door = threading.RLock()  # one connection for all: a reader must not see a unit that is half done
        self._connection = connect(":memory:", writable=True)
        make_writer(self._connection)
        migrate(self._connection)
        self._engine = SqliteEngine(self._connection, origin)
        self._refusal: StoreProblem | None = None

    async def write(self, unit: Callable[[Tx], T], *, point: str) -> T:
        """Run `unit` now and return what it returned; raises what it raised, and then nothing of it is kept."""
        with self._door:
            self._check()
            try:
                outcome = commit_group(self._engine, [Waiting(unit, point)], self.probe)[0]
            except StoreProblem as problem:
                self._refusal = problem
                raise
        if isinstance(outcome, Failed):
            raise outcome.error
        value: T = outcome.value
        return value

    def look(self, read: Callable[[Look], T]) -> T:
        """What `read` returns."""
        with self._door:
            self._check()
            return read(Reading(session(self._connection), self.origin.incarnation))

    async def close(self) -> None:
        """Forget everything; may be called twice."""
        with self._door:
            self._refusal = self._refusal or StoreProblem("closed")
            self._connection.close()

    def backup(self, path: str) -> None:
        """Write a copy to `path`; raises ``not_backed_up``."""
        with self._door:
            self._check()
            copy_sqlite(self._connection, Path(path), None)

    def check(self) -> None:
        """As `SqliteStore.check`."""
        with self._door:
            self._check()
            examine(session(self._connection))

    def facts(self) -> Facts:
        """As `SqliteStore.facts`."""
        with self._door:
            self._check()
            return sqlite_facts(self._connection, None)

    def _check(self) -> None:
        if self._refusal is not None:
            raise again(self._refusal)
