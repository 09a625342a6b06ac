"""PostgreSQL as the line needs it: connections, what the server's errors mean, and the engine of the one writer.

One writer at a time, by two means: an advisory lock that lives as long as the writer's session, and an epoch that each
new writer raises and that every transaction has to match. A writer whose session ended without its knowledge holds
neither, so it cannot commit any more. The unit number in the same row tells, after a lost connection, whether the last
COMMIT took place (docs/decisions/0084).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from parley.line.ports import Origin
from parley.outside.store.origins import find_origin
from parley.outside.store.problems import Reach, StoreProblem, reach
from parley.outside.store.session import Cell, Session
from parley.outside.store.tables import MIGRATIONS, statements
from parley.outside.store.writes import Writing

Connection = psycopg.Connection[tuple[Any, ...]]
WORDS = {"int": "BIGINT", "text": 'TEXT COLLATE "C"', "bytes": "BYTEA", "strict": "", "packed": ""}
LOCK = "hashtextextended('parley store ' || current_schema(), 1)"
"""The advisory lock's number: one per schema, so that stores of several parties may share a database."""

ABOUT = (
    "CREATE TABLE IF NOT EXISTS about (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL,"
    " epoch BIGINT NOT NULL, unit BIGINT NOT NULL)"
)
PATIENCE_S = 30.0
"""How long to look for the outcome of a COMMIT before giving up."""


def connect(address: str, *, writable: bool = False) -> Connection:
    """A session of our own settings; raises StoreProblem ``unreachable`` or ``not_durable``."""
    try:
        connection: Connection = psycopg.connect(_with_timeouts(address), autocommit=True)
    except psycopg.Error as error:
        raise StoreProblem("unreachable", reason=_reason(error)) from error
    for setting, value in (
        ("default_transaction_read_only", "off" if writable else "on"),
        ("synchronous_commit", "on"),  # a server may have been told to confirm early
        ("idle_in_transaction_session_timeout", "60s"),  # a writer that hangs must not hold the lock for ever
        ("tcp_keepalives_idle", "10"),  # the server notices a vanished writer, and so frees its lock
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
    ):
        connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
    return connection


def _with_timeouts(address: str) -> str:
    """`address` with time limits where it names none: a server that vanished is noticed in half a minute, not hours."""
    limits: dict[str, Any] = {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    return make_conninfo(**{**limits, **conninfo_to_dict(address)})


def take_lock(connection: Connection, *, patience_s: float = 0.0, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Whether this session now is the writer's.

    `patience_s` is how long to wait for another one to go: the server needs a moment to notice that a process ended.
    """
    waited = 0.0
    while True:
        row = connection.execute(f"SELECT pg_try_advisory_lock({LOCK})".encode()).fetchone()
        if row and row[0]:
            return True
        if waited >= patience_s:
            return False
        sleep(0.05)
        waited += 0.05


def hang_up(connection: Connection) -> None:
    """Give back the lock and close: the server frees it by itself only some time after a session ended."""
    with suppress(psycopg.Error):
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock_all()")
    with suppress(psycopg.Error):
        connection.close()


def require_durability(connection: Connection) -> None:
    """Raise ``not_durable`` if the server may lose what it has confirmed."""
    for setting in ("fsync", "full_page_writes"):
        if _setting(connection, setting) != "on":
            raise StoreProblem("not_durable", setting=setting)


def require_unicode(connection: Connection) -> None:
    """Raise ``not_unicode`` if the database cannot hold all of Unicode."""
    encoding = _setting(connection, "server_encoding")
    if encoding != "UTF8":
        raise StoreProblem("not_unicode", encoding=encoding)


def _setting(connection: Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return str(row[0]) if row else ""


def version_of(connection: Connection) -> int:
    """Which version of the tables the schema has; 0 if it holds no store."""
    row = connection.execute("SELECT to_regclass('about')").fetchone()
    if row is None or row[0] is None:
        return 0
    found = connection.execute("SELECT version FROM about").fetchone()
    return int(found[0]) if found else 0


def migrate(connection: Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the tables up to date in one transaction; the caller holds the lock."""
    with connection.transaction():
        connection.execute(ABOUT.encode())
        connection.execute("INSERT INTO about VALUES (1, 0, 0, 0) ON CONFLICT (id) DO NOTHING")
        for migration in migrations[version_of(connection) :]:
            for statement in statements(migration, WORDS):
                connection.execute(statement.encode())
        connection.execute("UPDATE about SET version = %s", (len(migrations),))


def explain(error: Exception) -> StoreProblem:
    """What an error of the server or of the connection means for us (PostgreSQL manual, appendix A)."""
    state = str(getattr(error, "sqlstate", None) or "")
    reason = f"{state} {_reason(error)}".strip()[:120]
    if state == "53100":  # disk_full; the statement failed, so its transaction cannot commit
        return StoreProblem("disk_full")
    if not state or state[:2] in ("08", "53") or state.startswith("57P"):
        return StoreProblem("unreachable", reason=reason)
    if state in ("55P03", "40P01"):
        return StoreProblem("busy")
    if state.startswith("XX00") and state != "XX000":
        return StoreProblem("damaged", where=reason)
    if state.startswith("58"):
        return StoreProblem("stopped", reason=reason)
    return StoreProblem("conflict", reason=reason)


def _reason(error: Exception) -> str:
    """The first line of a driver's message: the rest quotes rows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:100]


@cache
def _percent(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()


def session(connection: Connection) -> Session:
    """`connection` as the row code sees it."""
    return Session(lambda sql, cells: _execute(connection, sql, cells), explain, psycopg.Error)


def _execute(connection: Connection, sql: str, cells: Sequence[Cell]) -> Any:
    cursor = connection.execute(_percent(sql), cells)
    return cursor if cursor.description is not None else _NoRows(cursor.rowcount)


class _NoRows:
    """The outcome of a statement that yields no rows, whose psycopg cursor would refuse to be asked for them."""

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount

    def fetchall(self) -> list[Any]:
        return []


class PostgresEngine:
    """The writer's session; see `parley.outside.store.group.Engine`.

    Args:
        address: where to connect again.
        connection: a session that holds the lock.
        epoch: the epoch that this writer raised the store to.
        sleep, patience_s: how to wait, and for how long at most, for the server to come back after a lost COMMIT.
    """

    def __init__(
        self,
        address: str,
        connection: Connection,
        origin: Origin,
        epoch: int,
        *,
        sleep: Callable[[float], None] = time.sleep,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._address = address
        self._connection: Connection | None = connection
        self._origin = origin
        self._epoch = epoch
        self._unit = 0
        self._lost = False  # the last COMMIT is known not to have taken place
        self._sleep = sleep
        self._patience_s = patience_s

    def begin(self) -> Writing:
        connection = self._connected()
        self._unit += 1
        self._do("BEGIN ISOLATION LEVEL READ COMMITTED")
        mine = session(connection)
        # The row lock orders us against a new writer that raises the epoch: whoever comes second sees the other.
        if not mine.run("UPDATE about SET unit = ? WHERE id = 1 AND epoch = ?", self._unit, self._epoch):
            raise StoreProblem("stopped", reason="another writer has taken over")
        return Writing(mine, self._origin.incarnation, find_origin(mine, self._origin))

    def mark(self) -> None:
        self._do("SAVEPOINT unit")

    def keep(self) -> None:
        self._do("RELEASE SAVEPOINT unit")

    def undo(self) -> None:
        self._do("ROLLBACK TO SAVEPOINT unit")
        self._do("RELEASE SAVEPOINT unit")

    def commit(self) -> None:
        """Durable on return. If the connection is lost meanwhile, the store is read back before anything is said."""
        assert self._connection is not None
        try:
            said = self._connection.execute("COMMIT", prepare=False).statusmessage
        except psycopg.Error as error:
            problem = explain(error)
            if problem.key != "store.unreachable" and not self._connection.broken:
                raise _harder(problem) from error
            if not self._took_place():
                self._lost = True
                raise StoreProblem("unreachable", reason=_reason(error)) from error
            return
        if said != "COMMIT":  # the server answers ROLLBACK, without an error, if the transaction was aborted
            raise StoreProblem("stopped", reason=f"COMMIT answered {said}")

    def abandon(self) -> bool:
        """Roll back; True if the connection was lost, so that the group may be tried once more on a new one."""
        lost, self._lost = self._lost, False
        if self._connection is None:  # there was none when the group began, so another try would not help
            return lost
        with suppress(psycopg.Error):
            self._connection.execute("ROLLBACK", prepare=False)
        if self._connection.broken:
            self._drop()
            return True
        return lost

    def tidy(self, paused: bool) -> bool:
        """Nothing to do: the server sees to its own log."""
        return False

    def close(self) -> None:
        self._drop()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._again()
        return self._connection

    def _again(self) -> Connection:
        """A new session that is the writer's; raises ``unreachable`` (or ``stopped`` if another took over)."""
        connection = connect(self._address, writable=True)
        try:
            if not take_lock(connection):  # our old session, not yet noticed to be dead, or another writer
                raise StoreProblem("unreachable", reason="the server still holds the lock of another session")
            row = connection.execute("SELECT epoch FROM about").fetchone()
            if row is None or row[0] != self._epoch:
                raise StoreProblem("stopped", reason="another writer has taken over")
        except BaseException:
            hang_up(connection)
            raise
        return connection

    def _took_place(self) -> bool:
        """Whether the COMMIT whose answer was lost took place; raises ``stopped`` if that cannot be found out.

        The lock is taken again first: it is free only once the old session is gone, and with it any COMMIT still on its
        way. Without that, "not yet" could be taken for "not".
        """
        self._drop()
        waited, pause = 0.0, 0.05
        while True:
            try:
                self._connection = self._again()
                row = self._connection.execute("SELECT unit FROM about").fetchone()
                return row is not None and int(row[0]) == self._unit
            except (StoreProblem, psycopg.Error) as error:
                self._drop()
                if isinstance(error, StoreProblem) and reach(error) is Reach.STORE:
                    raise
                if waited >= self._patience_s:
                    raise StoreProblem("stopped", reason="the outcome of the last commit is unknown") from error
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 2.0)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            hang_up(connection)

    def _do(self, sql: str) -> None:
        assert self._connection is not None
        try:
            self._connection.execute(sql.encode(), prepare=False)
        except psycopg.Error as error:
            raise _harder(explain(error)) from error


def _harder(problem: StoreProblem) -> StoreProblem:
    """A problem of the transaction itself is never the unit's."""
    if reach(problem) is Reach.UNIT:
        return StoreProblem("stopped", reason=str(problem.arguments.get("reason", problem.key)))
    return problem
