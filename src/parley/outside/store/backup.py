"""Backups: always one SQLite file, whatever the store runs on, so that any of them can be restored anywhere.

A backup is one moment of the store. It is written beside its place under another name, checked by reading all of it,
forced to the medium, and only then given its name. It holds what the store holds: bodies locked under the archive key,
and in clear who wrote to whom and when (spec/store.md); permissions are 0600.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from parley.outside.durable import sync_folder
from parley.outside.store.facts import examine
from parley.outside.store.problems import StoreProblem
from parley.outside.store.sqlite import explain, migrate, refuse_strangers, session
from parley.outside.store.tables import COLUMNS, MIGRATIONS

Table = tuple[str, tuple[str, ...]]


def copy_sqlite(source: sqlite3.Connection, path: Path, store: Path | None) -> None:
    """Copy what `source` shows now to `path`; raises ``not_backed_up``.

    VACUUM INTO and not the page-by-page backup interface: it holds one moment while others write, reads every row (so a
    damaged store is noticed), and leaves out free pages, in which remains of destroyed bodies could stand.
    """
    with _new_file(path, store) as file:
        source.execute("VACUUM INTO ?", (str(file),))


def copy_rows(fetch: Callable[[str, tuple[str, ...]], Iterable[Any]], path: Path) -> None:
    """Make a backup at `path` from rows: `fetch` yields those of a table, the columns in the order given."""
    with _new_file(path, None) as file, closing(sqlite3.connect(file, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = OFF")  # the finished file is forced as a whole
        target.execute("PRAGMA foreign_keys = ON")
        migrate(target)
        target.execute("BEGIN")
        target.execute("DELETE FROM counters")
        for table, columns in COLUMNS.items():
            target.executemany(insert(table, columns, "?"), fetch(table, columns))
        target.execute("COMMIT")


def read_rows(path: Path, put: Callable[[str, tuple[str, ...], Iterator[Any]], None]) -> None:
    """Give every table of the backup at `path` to `put`, referenced tables first; raises ``not_ours``, ``damaged``."""
    with closing(_open_backup(path)) as source:
        for table, columns in COLUMNS.items():
            put(table, columns, iter(source.execute(f"SELECT {', '.join(columns)} FROM {table}")))


def restore_sqlite(backup: str | Path, place: str | Path) -> None:
    """Put a checked copy of the backup where a store shall be; raises ``not_empty``, ``not_ours``, ``damaged``.

    The store must then be opened under a new incarnation: peers may have seen more than the backup knows.
    """
    target = Path(os.path.realpath(place))
    if target.exists():
        raise StoreProblem("not_empty", place=str(target))
    with closing(_open_backup(Path(backup))) as source:
        copy_sqlite(source, target, None)


def insert(table: str, columns: tuple[str, ...], place: str) -> str:
    """The statement that inserts a whole row; `place` is the driver's placeholder."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([place] * len(columns))})"


def _open_backup(path: Path) -> sqlite3.Connection:
    """The backup, checked; one from an earlier release is brought up to date in memory, the file stays as it is."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            refuse_strangers(file, str(path), empty=False)
            connection = sqlite3.connect(":memory:", isolation_level=None)
            file.backup(connection)
        migrate(connection)
        examine(session(connection))
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            raise StoreProblem("not_ours", place=str(path)) from error
        problem = explain(error)
        if problem.key == "store.damaged":
            raise problem from error
        raise StoreProblem("unreadable", place=str(path), reason=str(error)[:120]) from error
    return connection


@contextmanager
def _new_file(path: Path, store: Path | None) -> Iterator[Path]:
    """A file that gets the name `path` once it is written, checked and forced; otherwise nothing is left of it."""
    path = Path(os.path.realpath(path))
    if store is not None and path.name.startswith(store.name) and path.parent == store.parent:
        raise StoreProblem("not_backed_up", path=str(path), reason="the name is one of the store's own files")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        os.close(handle)
        file = Path(name)
        try:
            yield file
            _verify(file)
            _force(file)
            os.rename(file, path)
            sync_folder(path.parent)
        finally:
            for left in (file, file.with_name(f"{file.name}-journal")):
                with suppress(FileNotFoundError):
                    left.unlink()
    except OSError as error:
        raise StoreProblem("not_backed_up", path=str(path), reason=error.strerror or type(error).__name__) from error
    except sqlite3.Error as error:
        raise StoreProblem("not_backed_up", path=str(path), reason=str(error)[:120]) from error


def _verify(file: Path) -> None:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as copy:
        found = copy.execute("PRAGMA user_version").fetchone()[0]
        if found != len(MIGRATIONS):
            raise StoreProblem("newer", place=str(file), found=found, known=len(MIGRATIONS))
        examine(session(copy))


def _force(file: Path) -> None:
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
