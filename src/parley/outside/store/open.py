"""Which database a place means. PostgreSQL's driver is optional and loaded only when a place asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parley.line.ports import Origin
from parley.outside.store.backup import restore_sqlite
from parley.outside.store.problems import StoreProblem
from parley.outside.store.sqlite_store import SqliteStore, open_sqlite

if TYPE_CHECKING:
    from parley.outside.store.postgres_store import PostgresStore


def open_store(place: str | Path, origin: Origin | None = None, *, check: bool = False) -> SqliteStore | PostgresStore:
    """Open `place` for writing: ``postgresql://...`` or the path of a file; arguments as for `open_sqlite`."""
    if _is_address(place):
        return open_postgres(str(place), origin, check=check)
    return open_sqlite(place, origin, check=check)


def restore_store(backup: str | Path, place: str | Path) -> None:
    """Make a store at the empty `place` from a backup; raises ``not_empty``, ``not_ours``, ``damaged``, ``newer``.

    It must then be opened under a new incarnation: peers may have seen more than the backup knows.
    """
    if _is_address(place):
        restore_postgres(backup, str(place))
    else:
        restore_sqlite(backup, place)


def _is_address(place: str | Path) -> bool:
    return str(place).startswith(("postgresql://", "postgres://"))


def open_postgres(
    address: str, origin: Origin | None = None, *, check: bool = False, patience_s: float = 30.0
) -> PostgresStore:
    """Open a PostgreSQL database for writing; `address` is a connection string of libpq.

    `patience_s` is how long to look for the outcome of a COMMIT whose answer was lost before the store stops.

    Raises:
        StoreProblem: ``no_driver``, ``unreachable``, ``in_use``, ``not_durable``, ``not_unicode``, and as
            `open_sqlite`.
    """
    try:
        from parley.outside.store import postgres_store
    except ImportError as error:
        raise StoreProblem("no_driver") from error
    return postgres_store.open_postgres(address, origin, check=check, patience_s=patience_s)


def restore_postgres(backup: str | Path, address: str) -> None:
    """Fill an empty PostgreSQL database from a backup; raises ``not_empty`` and as `open_postgres`."""
    try:
        from parley.outside.store import postgres_store
    except ImportError as error:
        raise StoreProblem("no_driver") from error
    postgres_store.restore_postgres(Path(backup), address)
