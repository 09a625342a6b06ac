"""What is derived from the public record so that it answers quickly: words, and facts that statistics count.

Kept in the record's own file by `on_change`, inside the transaction that changed the record: an answer never lags
behind it, and nothing is cached. Each incident has one row in the full-text table. The row's number holds the
incident's day in its high half, so that "newest first" and "between two days" are ranges of numbers and cost nothing.
Filters are words too, in a column of their own (``t12``: actor 12 was hit): words and filters are one question.

Dropped and made anew where `VERSION` differs: nothing in it is original.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from parley.outside.store.precedents_facts import Account, accounts, facts_of, traits_of
from parley.terms.stems import kept_as

VERSION = 1
_CHUNK = 400
NUMBER = (1 << 32) - 1
"""The low half of a row's number: the incident."""
_EPOCH = 800_000  # days added so that the year 1 has a positive number

FACTS = {
    "ask_wait": "incident INTEGER NOT NULL, data_set INTEGER NOT NULL, what TEXT NOT NULL, outcome INTEGER NOT NULL,"
    " days INTEGER",
    "ask_did": "incident INTEGER NOT NULL, data_set INTEGER NOT NULL, what TEXT NOT NULL",
    "ask_pair": "incident INTEGER NOT NULL, data_set INTEGER NOT NULL, holder INTEGER NOT NULL, named INTEGER NOT NULL,"
    " tie TEXT NOT NULL",
    "ask_joint": "incident INTEGER NOT NULL, data_set INTEGER NOT NULL, one INTEGER NOT NULL, other INTEGER NOT NULL,"
    " days INTEGER",
    "ask_hit": "incident INTEGER NOT NULL, data_set INTEGER NOT NULL, hit INTEGER NOT NULL",
    "ask_dyad": "incident INTEGER NOT NULL, data_set INTEGER NOT NULL, named INTEGER NOT NULL, hit INTEGER NOT NULL,"
    " year INTEGER",
}
"""Tables of facts, each with one row per fact and incident."""
_COVER = {
    "ask_wait": "what, data_set, outcome, days, incident",
    "ask_did": "what, data_set, incident",
    "ask_pair": "data_set, holder, named, tie, incident",
    "ask_joint": "data_set, one, other, days, incident",
    "ask_hit": "data_set, hit, incident",
    "ask_dyad": "data_set, named, hit, year, incident",
}
TABLES = [
    "CREATE TABLE ask_version (version INTEGER NOT NULL) STRICT",
    "CREATE TABLE ask_place (incident INTEGER PRIMARY KEY, place INTEGER NOT NULL UNIQUE, data_set INTEGER NOT NULL)"
    " STRICT",
    "CREATE INDEX ask_place_of ON ask_place (data_set)",
    "CREATE TABLE ask_about (statement INTEGER NOT NULL, incident INTEGER NOT NULL, PRIMARY KEY (statement, incident))"
    " STRICT, WITHOUT ROWID",
    "CREATE INDEX ask_about_of ON ask_about (incident)",
    "CREATE TABLE ask_stem (stem TEXT PRIMARY KEY, incidents INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE ask_traits (incident INTEGER PRIMARY KEY, traits BLOB NOT NULL) STRICT",
    "CREATE VIRTUAL TABLE ask_words USING fts5"
    " (title, account, said, codes, tokenize = 'unicode61 remove_diacritics 2')",
    *(f"CREATE TABLE {name} ({columns}) STRICT" for name, columns in FACTS.items()),
    *(f"CREATE INDEX {name}_cover ON {name} ({columns})" for name, columns in _COVER.items()),
    *(f"CREATE INDEX {name}_of ON {name} (incident)" for name in FACTS),
]
_NAMES = ("ask_version", "ask_place", "ask_about", "ask_stem", "ask_words", "ask_traits", *FACTS)


def on_change(connection: sqlite3.Connection, incidents: Sequence[int], statements: Sequence[int]) -> None:
    """Bring the index up to date; see `parley.outside.store.precedents.OnChange`."""
    if prepare(connection):
        return
    numbers = {*incidents, *_touched(connection, statements)}
    for some in _chunks(sorted(numbers)):
        _forget(connection, some)
        _take_in(connection, some)


def prepare(connection: sqlite3.Connection) -> bool:
    """Make the index if it is not here in this version; True if it was made, and then it is complete."""
    if current(connection):
        return False
    for name in _NAMES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO ask_version VALUES (?)", (VERSION,))
    everything = [no for (no,) in connection.execute("SELECT no FROM incident WHERE gone IS NULL ORDER BY no")]
    for some in _chunks(everything):
        _take_in(connection, some)
    return True


def current(connection: sqlite3.Connection) -> bool:
    """Whether the index is here, in this version."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'ask_version'").fetchone() is None:
        return False
    found = connection.execute("SELECT version FROM ask_version").fetchone()
    return found is not None and int(found[0]) == VERSION


def place_of(day: int | None, incident: int) -> int:
    """The row number of an incident with this day (since 1970); undated ones come before all others."""
    return ((0 if day is None else day + _EPOCH) << 32) | incident


def _touched(connection: sqlite3.Connection, statements: Sequence[int]) -> Iterator[int]:
    """Incidents that these statements are about, or were before they changed."""
    for some in _chunks(statements):
        for table in ("about", "ask_about"):
            found = connection.execute(
                f"SELECT DISTINCT incident FROM {table} WHERE statement IN ({marks(some)}) AND incident IS NOT NULL",
                some,
            )
            yield from (no for (no,) in found)


def _forget(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    places = [
        place for (place,) in connection.execute(
            f"SELECT place FROM ask_place WHERE incident IN ({marks(numbers)})", numbers
        )
    ]  # fmt: skip
    held = connection.execute(f"SELECT title, account, said FROM ask_words WHERE rowid IN ({marks(places)})", places)
    _count_stems(connection, held.fetchall(), -1)
    connection.execute(f"DELETE FROM ask_words WHERE rowid IN ({marks(places)})", places)
    for table in ("ask_place", "ask_about", "ask_traits", *FACTS):
        connection.execute(f"DELETE FROM {table} WHERE incident IN ({marks(numbers)})", numbers)


def _take_in(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    found = list(accounts(connection, numbers))
    connection.executemany(
        "INSERT INTO ask_place VALUES (?, ?, ?)",
        [(one.no, place_of(one.day, one.no), one.data_set) for one in found],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO ask_about VALUES (?, ?)", [(said.no, one.no) for one in found for said in one.said]
    )
    rows = [(place_of(one.day, one.no), *_words_of(one)) for one in found]
    connection.executemany("INSERT INTO ask_words (rowid, title, account, said, codes) VALUES (?, ?, ?, ?, ?)", rows)
    _count_stems(connection, [row[1:4] for row in rows], 1)
    connection.executemany("INSERT INTO ask_traits VALUES (?, ?)", [(one.no, traits_of(one)) for one in found])
    for table, facts in facts_of(found).items():
        columns = ", ".join("?" * len(FACTS[table].split(",")))
        connection.executemany(f"INSERT INTO {table} VALUES ({columns})", facts)


def _count_stems(connection: sqlite3.Connection, rows: Iterable[Sequence[str]], by: int) -> None:
    """Keep count of how many incidents have a word: how rare it is, and what a slip of the pen may have meant."""
    counted = Counter(stem for row in rows for stem in {stem for text in row for stem in text.split()})
    connection.executemany(
        "INSERT INTO ask_stem VALUES (?, ?)"
        " ON CONFLICT (stem) DO UPDATE SET incidents = incidents + excluded.incidents",
        [(stem, by * count) for stem, count in counted.items()],
    )


def _words_of(one: Account) -> tuple[str, str, str, str]:
    """Title, account, what was said, and the codes of an incident, as they are looked up."""
    names = " ".join(kept_as(name, "") for name in one.names)
    said = " ".join(kept_as(text, language) for text, language in one.texts)
    return (
        kept_as(one.title, one.language),
        f"{kept_as(one.description, one.language)} {names}",
        said,
        " ".join(sorted(one.codes)),
    )


def _chunks(items: Sequence[int]) -> Iterator[Sequence[int]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def marks(items: Iterable[object]) -> str:
    """As many question marks as there are items."""
    return ",".join("?" for _ in items)
