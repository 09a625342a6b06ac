"""A store in a PostgreSQL database: the same rows and the same writer as on SQLite."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
from psycopg.pq import TransactionStatus

from parley.line.ports import Look, Origin, Tx
from parley.outside.store.backup import copy_rows, insert, read_rows
from parley.outside.store.facts import Facts, examine_promises
from parley.outside.store.group import Probe
from parley.outside.store.origins import choose_origin
from parley.outside.store.postgres import (
    Connection,
    connect,
    explain,
    hang_up,
    migrate,
    require_durability,
    require_unicode,
    session,
    take_lock,
    version_of,
)
from parley.outside.store.postgres_engine import PATIENCE_S, PostgresEngine
from parley.outside.store.problems import Reach, StoreProblem, reach
from parley.outside.store.reads import Reading
from parley.outside.store.tables import COLUMNS, MIGRATIONS
from parley.outside.store.writer import Writer

T = TypeVar("T")
LOCK_PATIENCE_S = 2.0
"""How long an opener waits for a writer that just ended; one that goes on is reported after that."""


class PostgresStore:
    """`parley.line.ports.Store` on a server; made by `open_postgres`."""

    def __init__(self, address: str, origin: Origin, engine: PostgresEngine) -> None:
        self.origin = origin
        self.probe: Probe | None = None
        self._readers = _Readers(address)
        self._writer = Writer(engine, lambda: self.probe)

    async def write(self, unit: Callable[[Tx], T], *, point: str) -> T:
        """As `SqliteStore.write`; also raises ``unreachable``: nothing was written, try again later."""
        value: T = await self._writer.write(unit, point)
        return value

    def look(self, read: Callable[[Look], T]) -> T:
        """What `read` returns, given one moment of the store. Blocks while the server answers."""
        self._writer.check()

        def ask(connection: Connection) -> T:
            return read(Reading(session(connection), self.origin.incarnation))

        with self._noticing():
            try:
                return self._readers.read(ask)
            except StoreProblem as problem:
                if problem.key != "store.unreachable":
                    raise
            return self._readers.read(ask)  # an old connection was lost; this is a new one

    async def close(self) -> None:
        """Commit what waits, then let others in; may be called twice."""
        self._readers.close()
        await self._writer.close()

    def backup(self, path: str) -> None:
        """Write a copy of one moment of the store to the SQLite file `path`; raises ``not_backed_up``."""
        self._writer.check()
        with self._noticing():
            self._readers.read(lambda connection: copy_rows(lambda *table: _fetch(connection, *table), Path(path)))

    def check(self) -> None:
        """Check what the tables promise beyond what the server enforces; raises ``damaged``."""
        self._writer.check()
        with self._noticing():
            self._readers.read(lambda connection: examine_promises(session(connection)))

    def facts(self) -> Facts:
        """What an operator should know of the database underneath."""
        self._writer.check()
        with self._noticing():
            return self._readers.read(_facts)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """What a reader finds broken stops the writer too."""
        try:
            yield
        except StoreProblem as problem:
            if reach(problem) is Reach.STORE:
                self._writer.stop(problem)
            raise


class _Readers:
    """One read-only session per thread, made when first needed and made anew when it was lost."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._mine = threading.local()
        self._all: WeakSet[Connection] = WeakSet()
        self._door = threading.Lock()
        self._closed = False

    def read(self, ask: Callable[[Connection], T]) -> T:
        """What `ask` returns inside one read-only transaction."""
        try:
            connection = self._connection()
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                return ask(connection)  # a look within a look sees the same moment
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                return ask(connection)
            finally:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
        except psycopg.Error as error:
            raise explain(error) from error

    def close(self) -> None:
        """Close all of them."""
        with self._door:
            self._closed = True
            for connection in list(self._all):
                connection.close()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is not None and not connection.closed:
            return connection
        with self._door:
            if self._closed:
                raise StoreProblem("closed")
            connection = self._mine.connection = connect(self._address)
            self._all.add(connection)
        return connection


def open_postgres(
    address: str, origin: Origin | None = None, *, check: bool = False, patience_s: float = PATIENCE_S
) -> PostgresStore:
    """See `parley.outside.store.open.open_postgres`."""
    connection = connect(address, writable=True)
    try:
        place = _prepare(connection)
        if check:
            examine_promises(session(connection))
        origin = choose_origin(session(connection), place, origin)
        row = connection.execute("UPDATE about SET epoch = epoch + 1, unit = 0 RETURNING epoch").fetchone()
        assert row is not None
    except psycopg.Error as error:
        hang_up(connection)
        raise explain(error) from error
    except BaseException:
        hang_up(connection)
        raise
    engine = PostgresEngine(address, connection, origin, int(row[0]), patience_s=patience_s)
    return PostgresStore(address, origin, engine)


def restore_postgres(backup: Path, address: str) -> None:
    """See `parley.outside.store.open.restore_postgres`."""
    connection = connect(address, writable=True)
    try:
        _lock(connection)
        require_durability(connection)
        require_unicode(connection)
        if version_of(connection):
            raise StoreProblem("not_empty", place=_place(connection))
        with connection.transaction():
            migrate(connection)
            connection.execute("DELETE FROM counters")
            read_rows(backup, lambda *table: _fill(connection, *table))
            examine_promises(session(connection))
    except psycopg.Error as error:
        raise explain(error) from error
    finally:
        hang_up(connection)


def _prepare(connection: Connection) -> str:
    """Lock, check and bring up to date; the name of the place."""
    place = _lock(connection)
    require_durability(connection)
    require_unicode(connection)
    found = version_of(connection)
    if found > len(MIGRATIONS):
        raise StoreProblem("newer", place=place, found=found, known=len(MIGRATIONS))
    migrate(connection)
    return place


def _lock(connection: Connection) -> str:
    place = _place(connection)
    if not take_lock(connection, patience_s=LOCK_PATIENCE_S):
        raise StoreProblem("in_use", place=place, holder="its session holds the writer's lock")
    return place


def _place(connection: Connection) -> str:
    row = connection.execute("SELECT current_database() || '.' || current_schema()").fetchone()
    return str(row[0]) if row else "?"


def _fetch(connection: Connection, table: str, columns: tuple[str, ...]) -> Iterable[Any]:
    with connection.cursor(name="backup") as cursor:  # on the server's side: a table may be larger than memory
        yield from cursor.execute(f"SELECT {', '.join(columns)} FROM {table}".encode())


def _fill(connection: Connection, table: str, columns: tuple[str, ...], rows: Iterator[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(insert(table, columns, "%s").encode(), rows)


def _facts(connection: Connection) -> Facts:
    names = ("fsync", "full_page_writes", "synchronous_commit", "server_encoding", "wal_sync_method")
    value = session(connection).value
    return Facts(
        engine="postgresql",
        engine_version=str(value("SELECT current_setting('server_version')")),
        store_version=version_of(connection),
        settings={name: str(value("SELECT current_setting(?)", name)) for name in names},
        bytes=int(value("SELECT pg_database_size(current_database())")),
        log_bytes=0,
        rows={table: int(value(f"SELECT count(*) FROM {table}")) for table in COLUMNS},
        warnings=(),
    )
