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
