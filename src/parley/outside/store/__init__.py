"""What a node keeps, on SQLite or PostgreSQL: it implements `parley.line.ports.Store`.

It knows how to make a unit of work durable before anyone is told of it, how several share one commit, how to notice
that a disk no longer keeps what it is given, and how to copy one moment of everything into a file.
It refuses to know what a note says (bodies arrive locked), what a state or a stage means, and what time it is.

open_store      a place (a path or a postgresql:// address) -> a store that writes
open_sqlite     the same for a file; read_sqlite: for reading only, beside a running node
open_postgres   the same for a PostgreSQL database
restore_store   a backup -> a new store at an empty place (restore_sqlite, restore_postgres)
MemoryStore     for tests and notebooks
StoreProblem    what can go wrong; Facts: what `doctor` reports, with WARNINGS
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parley.outside.store.backup import restore_sqlite
    from parley.outside.store.facts import WARNINGS, Facts
    from parley.outside.store.memory import MemoryStore
    from parley.outside.store.open import open_postgres, open_store, restore_postgres, restore_store
    from parley.outside.store.problems import Reach, StoreProblem, reach
    from parley.outside.store.sqlite_store import SqliteStore, open_sqlite, read_sqlite

__all__ = [
    "WARNINGS",
    "Facts",
    "MemoryStore",
    "Reach",
    "SqliteStore",
    "StoreProblem",
    "open_postgres",
    "open_sqlite",
    "open_store",
    "reach",
    "read_sqlite",
    "restore_postgres",
    "restore_sqlite",
    "restore_store",
]

_WHERE = {
    "Facts": "facts",
    "MemoryStore": "memory",
    "Reach": "problems",
    "SqliteStore": "sqlite_store",
    "StoreProblem": "problems",
    "WARNINGS": "facts",
    "open_postgres": "open",
    "open_sqlite": "sqlite_store",
    "open_store": "open",
    "reach": "problems",
    "read_sqlite": "sqlite_store",
    "restore_postgres": "open",
    "restore_sqlite": "backup",
    "restore_store": "open",
}
"""Loaded when first asked for: whoever only reads an atlas beside it does not load a database."""


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
