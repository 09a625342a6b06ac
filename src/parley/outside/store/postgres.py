"""PostgreSQL as the line needs it: sessions, the writer's lock, migrations, and what the server's errors mean.

What it leaves out: the order of a writer's steps (postgres_engine.py) and the store itself (postgres_store.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from parley.outside.store.problems import StoreProblem
from parley.outside.store.session import Cell, Session
from parley.outside.store.tables import MIGRATIONS, statements

Connection = psycopg.Connection[tuple[Any, ...]]
WORDS = {"int": "BIGINT", "text": 'TEXT COLLATE "C"', "bytes": "BYTEA", "strict": "", "packed": ""}
LOCK = "hashtextextended('parley store ' || current_schema(), 1)"
"""The advisory lock's number: one per schema, so that stores of several parties may share a database."""

ABOUT = (
    "CREATE TABLE IF NOT EXISTS about (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL,"
    " epoch BIGINT NOT NULL, unit BIGINT NOT NULL)"
)


def connect(address: str, *, writable: bool = False) -> Connection:
    """A session of our own settings; raises StoreProblem ``unreachable``."""
    try:
        return _set_up(psycopg.connect(_with_timeouts(address), autocommit=True), writable)
    except psycopg.Error as error:
        raise StoreProblem("unreachable", reason=first_line(error)) from error


def _set_up(connection: Connection, writable: bool) -> Connection:
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
    reason = f"{state} {first_line(error)}".strip()[:120]
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


def first_line(error: Exception) -> str:
    """What a driver's message begins with: the rest quotes rows."""
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
