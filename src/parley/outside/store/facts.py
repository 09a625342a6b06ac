"""What an operator should know of the database underneath, and whether what it holds hangs together."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from parley.outside.store.problems import StoreProblem
from parley.outside.store.session import Session
from parley.outside.store.tables import COLUMNS


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts for `doctor`.

    `warnings` are keys of WARNINGS. `settings` are the database's own words. Sizes are in bytes; `log_bytes` is the
    write-ahead log that was not yet copied into the database (0 on PostgreSQL, which keeps its own).
    """

    engine: str  # "sqlite", "memory" or "postgresql"
    engine_version: str
    store_version: int
    settings: dict[str, str]
    bytes: int
    log_bytes: int
    rows: dict[str, int]
    warnings: tuple[str, ...]


WARNINGS = {
    "wal_reset_bug": (
        "This SQLite can lose committed rows if two connections checkpoint at once. Parley's never do; open the file"
        " in another program only for reading and only while the node is stopped."
    ),
    "not_wal": "The store is not in write-ahead mode: start the node again (parley stop, parley serve), which sets it.",
    "large_log": "The write-ahead log is larger than 256 MB: a reader does not finish, or the disk is full."
    " Close other programs that read the store, free some space, then parley stop and parley serve.",
}
"""What each warning means, in English; catalogues translate by key."""

LARGE_LOG = 256 * 1024 * 1024


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Whether an SQLite of `version` has the WAL-reset bug (https://www.sqlite.org/wal.html#walresetbug).

    Versions 3.7.0 to 3.51.2; repaired in 3.51.3 and, for older lines, in 3.50.7 and 3.44.6. A distribution may carry
    the repair under an older number; the number is all that can be seen from here.
    """
    if version[:2] in ((3, 50), (3, 44)):
        return version < ((3, 50, 7) if version[1] == 50 else (3, 44, 6))
    return (3, 7, 0) <= version < (3, 51, 3)


def sqlite_facts(connection: sqlite3.Connection, place: Path | None) -> Facts:
    """Facts of the store behind `connection`; `place` is None for one in memory."""
    mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    size, log = _size(place), _size(place and place.with_name(f"{place.name}-wal"))
    found = {
        "wal_reset_bug": place is not None and has_wal_reset_bug(sqlite3.sqlite_version_info),
        "not_wal": place is not None and mode != "wal",
        "large_log": log > LARGE_LOG,
    }
    return Facts(
        engine="sqlite" if place else "memory",
        engine_version=sqlite3.sqlite_version,
        store_version=int(connection.execute("PRAGMA user_version").fetchone()[0]),
        settings={"journal_mode": mode, "page_size": str(connection.execute("PRAGMA page_size").fetchone()[0])},
        bytes=size,
        log_bytes=log,
        rows={table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COLUMNS},
        warnings=tuple(name for name, is_so in found.items() if is_so),
    )


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path else 0
    except FileNotFoundError:
        return 0


def examine(session: Session) -> None:
    """Check every page and index of an SQLite store, then what the tables promise; raises ``damaged``."""
    verdict = str(session.value("PRAGMA integrity_check(1)"))
    if verdict != "ok":
        raise StoreProblem("damaged", where=verdict[:120])
    if session.one("PRAGMA foreign_key_check"):
        raise StoreProblem("damaged", where="a row refers to nothing")
    examine_promises(session)


_PROMISES = {
    "the journal has a gap": "SELECT origin FROM leaves GROUP BY origin HAVING count(*) <> max(idx) + 1",
    "a total of the outbox is wrong": (
        "SELECT peer FROM (SELECT peer, 1 AS n FROM outbox UNION ALL SELECT peer, -waiting FROM peers) AS both_ways"
        " GROUP BY peer HAVING sum(n) <> 0"
    ),
    "a total of what peers store here is wrong": (
        "SELECT peer FROM (SELECT peer, size AS n FROM held UNION ALL SELECT peer, -stored FROM peers) AS both_ways"
        " GROUP BY peer HAVING sum(n) <> 0"
    ),
    "the outbox's counter is behind": (
        "SELECT 1 FROM counters WHERE name = 'outbox' AND value < (SELECT coalesce(max(seq), 0) FROM outbox)"
    ),
}


def examine_promises(session: Session) -> None:
    """Check what the tables promise beyond what either database enforces; raises ``damaged``."""
    for promise, broken in _PROMISES.items():
        if session.one(broken):
            raise StoreProblem("damaged", where=promise)
