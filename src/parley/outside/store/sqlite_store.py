"""A store in one SQLite file: one writer thread, readers per thread, and a lock against a second process."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

from parley.line.ports import Look, Origin, Tx
from parley.outside.durable import sync_folder
from parley.outside.store.backup import copy_sqlite
from parley.outside.store.facts import Facts, examine, sqlite_facts
from parley.outside.store.group import Probe
from parley.outside.store.lock import StoreLock
from parley.outside.store.origins import choose_origin
from parley.outside.store.problems import Reach, StoreProblem, reach
from parley.outside.store.reads import Reading
from parley.outside.store.sqlite import (
    SqliteEngine,
    checkpoint,
    connect,
    explain,
    make_writer,
    migrate,
    refuse_strangers,
    session,
    version_of,
)
from parley.outside.store.tables import MIGRATIONS
from parley.outside.store.writer import Writer

T = TypeVar("T")


class SqliteStore:
    """`parley.line.ports.Store` on a file; made by `open_sqlite` and `read_sqlite`."""

    def __init__(self, place: Path, origin: Origin, engine: SqliteEngine | None, lock: StoreLock | None) -> None:
        self.place = place
        self.origin = origin
        self.probe: Probe | None = None
        self._lock = lock
        self._closed = False
        self._readers = _Readers(place)
        self._writer = Writer(engine, lambda: self.probe) if engine else None

    async def write(self, unit: Callable[[Tx], T], *, point: str) -> T:
        """Run `unit` in the writer and return what it returned, once it is durable.

        Raises:
            StoreProblem: ``disk_full`` or ``busy``: nothing was written, try again; ``stopped`` or ``damaged``: the
                store accepts nothing any more.
            Exception: what the unit raised; nothing of it was kept.
        """
        if self._writer is None:
            raise StoreProblem("read_only")
        value: T = await self._writer.write(unit, point)
        return value

    def look(self, read: Callable[[Look], T]) -> T:
        """What `read` returns, given one moment of the store; it must be short, for the log cannot shrink meanwhile."""
        self._check()
        with self._reading() as connection:
            looking = Reading(session(connection), self.origin.incarnation)
            if connection.in_transaction:
                return read(looking)  # a look within a look sees the same moment
            connection.execute("BEGIN")
            try:
                return read(looking)
            finally:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")

    async def close(self) -> None:
        """Commit what waits, copy the log into the database, let others in; may be called twice."""
        self._closed = True
        self._readers.close()
        if self._writer is not None:
            await self._writer.close()
        if self._lock is not None:
            self._lock.release()

    def backup(self, path: str) -> None:
        """Write a copy of one moment of the store to `path`, which it replaces; raises ``not_backed_up``."""
        self._check()
        with self._reading() as connection:
            copy_sqlite(connection, Path(path), self.place)

    def check(self) -> None:
        """Read the whole store and compare it with its indexes and totals; raises ``damaged``."""
        self._check()
        with self._reading() as connection:
            examine(session(connection))

    def facts(self) -> Facts:
        """What an operator should know of the database underneath."""
        self._check()
        with self._reading() as connection:
            return sqlite_facts(connection, self.place)

    def _check(self) -> None:
        if self._writer is not None:
            self._writer.check()
        if self._closed:
            raise StoreProblem("closed")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A reader's connection; what it finds broken stops the writer too."""
        try:
            try:
                with self._readers.mine() as connection:
                    yield connection
            except sqlite3.Error as error:
                raise explain(error) from error
        except StoreProblem as problem:
            if self._writer is not None and reach(problem) is Reach.STORE:
                self._writer.stop(problem)
            raise


class _Reader:
    """A read-only connection of one thread, and the lock that keeps it from being closed in the middle of a read."""

    def __init__(self, place: str) -> None:
        self.door = threading.RLock()
        self.connection = connect(place)


class _Readers:
    """One reader per thread, made when first needed. A read-only connection can neither write nor checkpoint."""

    def __init__(self, place: Path) -> None:
        self._place = str(place)
        self._mine = threading.local()
        self._all: WeakSet[_Reader] = WeakSet()  # a thread that ends takes its reader with it
        self._door = threading.Lock()
        self._closed = False

    @contextmanager
    def mine(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; raises ``closed``."""
        reader = self._reader()
        with reader.door:
            if self._closed:
                raise StoreProblem("closed")
            yield reader.connection

    def close(self) -> None:
        """Close all of them, waiting for reads that have begun."""
        with self._door:
            self._closed = True
            readers = list(self._all)
        for reader in readers:
            with reader.door:
                reader.connection.close()

    def _reader(self) -> _Reader:
        reader: _Reader | None = getattr(self._mine, "reader", None)
        if reader is None:
            with self._door:
                if self._closed:
                    raise StoreProblem("closed")
                reader = self._mine.reader = _Reader(self._place)
                self._all.add(reader)
        return reader


def open_sqlite(path: str | Path, origin: Origin | None = None, *, check: bool = False) -> SqliteStore:
    """Open the store at `path` for writing, or make a new one.

    Args:
        origin: whose records are written from now on. None: as they were last, and there must be a store. A new
            incarnation is taken up with the first unit that is committed; an earlier one is refused.
        check: read the whole file first (seconds for a large one).

    Raises:
        StoreProblem: ``in_use``, ``unreadable``, ``not_ours``, ``newer``, ``no_origin``, ``other_node``,
            ``old_incarnation``, ``damaged``, ``disk_full``.
    """
    place = Path(os.path.realpath(path))
    lock = StoreLock(place)
    try:
        _make_file(place, origin is not None)
        with _as_problems(place):
            connection = connect(str(place), writable=True)
            try:
                origin = _prepare(connection, place, origin, check)
            except BaseException:
                connection.close()
                raise
        return SqliteStore(place, origin, SqliteEngine(connection, origin), lock)
    except BaseException:
        lock.release()
        raise


def read_sqlite(path: str | Path) -> SqliteStore:
    """Open the store at `path` for reading only, also while a node writes to it; raises as `open_sqlite` does."""
    place = Path(os.path.realpath(path))
    with _as_problems(place):
        connection = connect(str(place))
        try:
            refuse_strangers(connection, str(place), empty=False)
            found = version_of(connection)
            if found < len(MIGRATIONS):
                raise StoreProblem("older", place=str(place), found=found)
            origin = choose_origin(session(connection), str(place), None)
        finally:
            connection.close()
    return SqliteStore(place, origin, None, None)


def _make_file(place: Path, new: bool) -> None:
    """An empty file that only its owner can read, if there is none and `new` allows it; its folder remembers it."""
    try:
        handle = os.open(place, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if new else 0), 0o600)
        os.close(handle)  # nobody in this process has the file open: the lock says so
        sync_folder(place.parent)
    except OSError as error:
        raise StoreProblem("unreadable", place=str(place), reason=error.strerror or "") from error


def _prepare(connection: sqlite3.Connection, place: Path, origin: Origin | None, check: bool) -> Origin:
    refuse_strangers(connection, str(place), empty=True)
    make_writer(connection)
    migrate(connection)
    if check:
        examine(session(connection))
    # After a crash SQLite shows commits whose log was perhaps never forced to the medium. Nothing may be built on
    # them (a receipt, say) before they are durable: copying the log forces it first (docs/decisions/0081).
    if not checkpoint(connection, "TRUNCATE"):
        raise StoreProblem("in_use", place=str(place), holder="a reader that does not finish")
    return choose_origin(session(connection), str(place), origin)


@contextmanager
def _as_problems(place: Path) -> Iterator[None]:
    """Errors of SQLite while opening, as problems that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        match int(getattr(error, "sqlite_errorcode", 0)) & 0xFF:
            case sqlite3.SQLITE_NOTADB:
                raise StoreProblem("not_ours", place=str(place)) from error
            case sqlite3.SQLITE_BUSY:
                raise StoreProblem("in_use", place=str(place), holder="another program") from error
            case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_ERROR:
                raise StoreProblem("unreadable", place=str(place), reason=str(error)[:120]) from error
        raise explain(error) from error
