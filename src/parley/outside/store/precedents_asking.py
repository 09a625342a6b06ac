"""The record with its index, as the desk asks it (`parley.precedents.asked.Asking`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from parley.outside.store.precedents import PrecedentStore
from parley.outside.store.precedents_comparable import Comparing
from parley.outside.store.precedents_counts import Counts
from parley.outside.store.precedents_index import current, prepare
from parley.outside.store.precedents_search import Search
from parley.precedents.asked import Hits
from parley.precedents.comparable import Case, Traits
from parley.precedents.question import Question
from parley.precedents.record import Incident

CACHE = "PRAGMA cache_size = -16000"
"""16 MB of pages of the file: enough for the index of some ten thousand incidents, little on an idle node."""


SAVED = (
    "CREATE TABLE IF NOT EXISTS saved_search (name TEXT PRIMARY KEY, question BLOB NOT NULL, saved_by TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID"
)
"""Questions that officers keep. Not derived from anything, so never dropped with the index."""


class Asking:
    """Over an open store. An index that is missing or of another version is made anew, which writes to the file."""

    def __init__(self, store: PrecedentStore) -> None:
        self.shelf = store
        if not current(store.connection):
            store.connection.execute("BEGIN IMMEDIATE")
            prepare(store.connection)
            store.connection.execute("COMMIT")
        store.connection.execute(CACHE)
        store.connection.execute(SAVED)
        self.counts = Counts(store.connection)
        self._search, self._comparing = Search(store.connection), Comparing(store.connection)

    def search(self, question: Question, *, limit: int, offset: int = 0) -> Hits:
        """Incidents that fit; raises PrecedentProblem ``unknown_filter``."""
        return self._search.search(question, limit=limit, offset=offset)

    def records(self, numbers: Sequence[int]) -> tuple[Incident, ...]:
        """The incidents of these numbers, in their order."""
        return self.shelf.by_number(numbers)

    def same(self, name: str) -> tuple[str, ...]:
        """All accounts that a person joined with this one, itself first."""
        return self.shelf.same(name)

    def traits(self, name: str) -> Traits | None:
        """What is compared of an incident; None if there is none of that name."""
        return self._comparing.traits(name)

    def comparable(
        self, asked: Traits, points: Mapping[str, float], limit: int, without: Sequence[str] = ()
    ) -> tuple[list[Case], int]:
        """The most alike, and how many were compared."""
        return self._comparing.comparable(asked, points, limit, without)

    def save(self, name: str, question: Question, by: str) -> None:
        """Keep a question under a name; one that had the name is replaced."""
        row = (name, msgspec.msgpack.encode(question), by)
        self.shelf.connection.execute("INSERT OR REPLACE INTO saved_search VALUES (?, ?, ?)", row)

    def saved(self) -> tuple[tuple[str, Question, str], ...]:
        """Each kept question with its name and who kept it, by name."""
        rows = self.shelf.connection.execute("SELECT name, question, saved_by FROM saved_search ORDER BY name")
        return tuple((name, msgspec.msgpack.decode(kept, type=Question), by) for name, kept, by in rows)

    def forget(self, name: str) -> bool:
        """Keep a question no longer; whether there was one of that name."""
        return self.shelf.connection.execute("DELETE FROM saved_search WHERE name = ?", (name,)).rowcount > 0
