"""The writer of a PostgreSQL store: fenced, and sure of the outcome of every COMMIT.

One writer at a time, by two means: an advisory lock that lives as long as the writer's session, and an epoch that each
new writer raises and that every transaction has to match. A writer whose session ended without its knowledge holds
neither, so it cannot commit any more. The unit number in the same row tells, after a lost connection, whether the last
COMMIT took place (docs/decisions/0084).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg

from parley.line.ports import Origin
from parley.outside.store.origins import find_origin
from parley.outside.store.postgres import Connection, connect, explain, first_line, hang_up, session, take_lock
from parley.outside.store.problems import Reach, StoreProblem, reach
from parley.outside.store.writes import Writing

PATIENCE_S = 30.0
"""How long to look for the outcome of a COMMIT before giving up."""


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
                raise StoreProblem("unreachable", reason=first_line(error)) from error
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
            return self._checked(connection)
        except psycopg.Error as error:
            hang_up(connection)
            raise explain(error) from error
        except BaseException:
            hang_up(connection)
            raise

    def _checked(self, connection: Connection) -> Connection:
        if not take_lock(connection):  # our old session, not yet noticed to be dead, or another writer
            raise StoreProblem("unreachable", reason="the server still holds the lock of another session")
        row = connection.execute("SELECT epoch FROM about").fetchone()
        if row is None or row[0] != self._epoch:
            raise StoreProblem("stopped", reason="another writer has taken over")
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
