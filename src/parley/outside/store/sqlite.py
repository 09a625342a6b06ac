"""SQLite as the line needs it: how to connect, what its errors mean, and the engine of the one writer.

Write-ahead log, synchronous FULL, and only the writer's connection ever checkpoints (docs/decisions/0081). The process
never opens the database file or its -shm by other means while a connection is open: closing such a handle would drop
SQLite's locks, which belong to the process (https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from parley.line.ports import Origin
from parley.outside.store.origins import find_origin
from parley.outside.store.problems import Reach, StoreProblem, reach
from parley.outside.store.session import Session
from parley.outside.store.tables import MIGRATIONS, statements
from parley.outside.store.writes import Writing

APPLICATION_ID = 0x50524C59  # "PRLY": tells the file from any other SQLite database
WORDS = {"int": "INTEGER", "text": "TEXT", "bytes": "BLOB", "strict": "STRICT", "packed": "STRICT, WITHOUT ROWID"}
BUSY_MS = 5_000
OLDEST = (3, 37, 0)  # STRICT tables

BLANK_PAGES = 4096  # in one row, some 16 MB: free pages are filled with zeros after something was destroyed
CHECKPOINT_IN_A_PAUSE = 400
"""Changed rows after which the log is copied into the database at the next pause. A note changes about ten rows."""
CHECKPOINT_ALWAYS = 4_000
"""... and after which it is copied even if units wait: about 30 MB of log, so that it stays bounded under load."""


def connect(place: str, *, writable: bool = False) -> sqlite3.Connection:
    """A connection to the file at `place` (or ``:memory:``); raises sqlite3.Error.

    Transactions are begun and ended by hand; powersafe overwrite is demanded because group.py relies on SQLITE_FULL
    never coming after a commit frame was written (docs/decisions/0081).
    """
    uri = place if place == ":memory:" else f"{Path(place).as_uri()}?psow=1&mode={'rw' if writable else 'ro'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=BUSY_MS / 1000
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA mmap_size = 0")
    return connection


def make_writer(connection: sqlite3.Connection) -> None:
    """Set what a writing connection must have set; raises StoreProblem if the file system cannot do it."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StoreProblem("too_old", found=sqlite3.sqlite_version, needed=".".join(map(str, OLDEST)))
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode not in ("wal", "memory"):
        raise StoreProblem("unreadable", place="journal_mode", reason=f"SQLite offers {mode} only, not wal")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # its errors are swallowed inside SQLite; see `checkpoint`
    connection.execute("PRAGMA secure_delete = FAST")
    connection.execute("PRAGMA cell_size_check = ON")


def migrate(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the tables up to date, all in one transaction: an interrupted migration leaves the old version."""
    version = version_of(connection)
    if version >= len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for migration in migrations[version:]:
            for statement in statements(migration, WORDS):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def version_of(connection: sqlite3.Connection) -> int:
    """Which version of the tables the file has; 0 if it is new."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refuse_strangers(connection: sqlite3.Connection, place: str, *, empty: bool) -> None:
    """Raise ``not_ours`` or ``newer`` unless this is a store that we understand, or (if `empty`) nothing at all yet."""
    found = version_of(connection)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        is_empty = found == 0 and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if not (empty and is_empty):
            raise StoreProblem("not_ours", place=place)
    if found > len(MIGRATIONS):
        raise StoreProblem("newer", place=place, found=found, known=len(MIGRATIONS))


def checkpoint(connection: sqlite3.Connection, mode: str) -> bool:
    """Copy the log into the database; whether all of it was copied. Raises sqlite3.Error, also for a failed fsync."""
    blocked, logged, copied = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return not blocked and logged == copied


def explain(error: Exception) -> StoreProblem:
    """What an error of SQLite means for us (https://www.sqlite.org/rescode.html)."""
    name = str(getattr(error, "sqlite_errorname", type(error).__name__))
    match int(getattr(error, "sqlite_errorcode", 0)) & 0xFF:  # the low byte is the primary code
        case sqlite3.SQLITE_FULL:
            return StoreProblem("disk_full")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreProblem("busy")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreProblem("damaged", where=name)
        case sqlite3.SQLITE_CONSTRAINT | sqlite3.SQLITE_MISMATCH | sqlite3.SQLITE_TOOBIG | sqlite3.SQLITE_RANGE:
            return StoreProblem("conflict", reason=f"{name}: {error}"[:120])
        case sqlite3.SQLITE_ERROR | 0:
            return StoreProblem("conflict", reason=f"{name}: {error}"[:120])
    return StoreProblem("stopped", reason=name)  # I/O errors, no memory, file moved away: nobody knows what is on disk


def session(connection: sqlite3.Connection) -> Session:
    """`connection` as the row code sees it."""
    return Session(connection.execute, explain, sqlite3.Error)


class SqliteEngine:
    """The writer's connection; see `parley.outside.store.group.Engine`."""

    def __init__(self, connection: sqlite3.Connection, origin: Origin) -> None:
        self._connection = connection
        self._session = session(connection)
        self._origin = origin
        self._known: int | None = None  # the row of our origin, once it is committed
        self._tx: Writing | None = None
        self._swept = connection.total_changes
        self._scrub = False

    def begin(self) -> Writing:
        self._do("BEGIN IMMEDIATE")
        known = self._known or find_origin(self._session, self._origin)
        self._tx = Writing(self._session, self._origin.incarnation, known)
        return self._tx

    def mark(self) -> None:
        self._do("SAVEPOINT unit")

    def keep(self) -> None:
        self._do("RELEASE unit")

    def undo(self) -> None:
        self._do("ROLLBACK TO unit")
        self._do("RELEASE unit")

    def commit(self) -> None:
        """Durable on return. SQLITE_FULL is known not to have committed; every other error leaves it unknown."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            problem = explain(error)
            if reach(problem) is Reach.UNIT:
                raise StoreProblem("stopped", reason=str(problem.arguments["reason"])) from error
            raise problem from error
        if self._tx is not None:
            self._known = self._tx.origin
            self._scrub = self._scrub or self._tx.destroyed

    def abandon(self) -> bool:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        return False

    def tidy(self, paused: bool) -> bool:
        """Checkpoint when it is time, after the callers were woken; True: a pause would be used for more.

        Done by hand: SQLite ignores errors of its automatic checkpoint, and a failed fsync has to stop the store.
        """
        changed = self._connection.total_changes - self._swept
        if self._scrub:
            self._scrub = not (self._blank_free_pages() and self._checkpoint("TRUNCATE"))
        elif changed >= (CHECKPOINT_IN_A_PAUSE if paused else CHECKPOINT_ALWAYS):
            self._checkpoint("PASSIVE")
        return self._scrub or self._connection.total_changes - self._swept >= CHECKPOINT_IN_A_PAUSE

    def close(self) -> None:
        try:
            self._checkpoint("TRUNCATE")
        finally:
            self._connection.close()

    def _blank_free_pages(self) -> bool:
        """Fill the pages that hold nothing now with zeros: what was let go earlier (receipts on their way) stood there.

        Two transactions: pages that are filled and freed in one are never written. False if there was no room for it;
        what is left behind then, or by a crash between the two, goes at the next attempt.
        """
        free = int(self._connection.execute("PRAGMA freelist_count").fetchone()[0])
        size = int(self._connection.execute("PRAGMA page_size").fetchone()[0])
        origin = self._known
        if not free or origin is None:
            return True
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for start in range(0, free, BLANK_PAGES):
                self._connection.execute(
                    "INSERT OR REPLACE INTO records (place, kind, key, origin, value) VALUES ("
                    "(SELECT coalesce(max(place), 0) + 1 FROM records), 'blank', ?, ?, zeroblob(?))",
                    (
                        str(start),
                        origin,
                        (min(BLANK_PAGES, free - start) + 1) * (size - 4),
                    ),  # a part lies in the table's page
                )
            self._connection.execute("COMMIT")
            self._connection.execute("DELETE FROM records WHERE kind = 'blank'")
        except sqlite3.Error as error:
            self.abandon()
            problem = explain(error)
            if reach(problem) is Reach.STORE:
                raise problem from error
            return False
        return True

    def _checkpoint(self, mode: str) -> bool:
        self._swept = self._connection.total_changes
        self._connection.execute("PRAGMA busy_timeout = 0")  # never wait for readers: what is left is copied next time
        try:
            return checkpoint(self._connection, mode)
        except sqlite3.Error as error:
            problem = explain(error)
            if reach(problem) is Reach.STORE:
                raise problem from error
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def _do(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            problem = explain(error)
            if reach(problem) is Reach.UNIT:  # not the unit's fault: the transaction itself is gone
                raise StoreProblem("stopped", reason=str(problem.arguments.get("reason", ""))) from error
            raise problem from error
