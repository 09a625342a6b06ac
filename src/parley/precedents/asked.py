"""What the desk gets when it asks the record: shapes of answers, and the protocol of whoever keeps an index.

Leaves out how an index is made; `outside/store/precedents_search.py` and `precedents_counts.py` keep it in SQLite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from parley.precedents.comparable import Case, Traits
from parley.precedents.ports import Shelf
from parley.precedents.question import Question
from parley.precedents.record import Incident


class LookedFor(msgspec.Struct, frozen=True):
    """How one part of the words was read: the spellings (stems) and the codes under which it was looked for."""

    given: str
    stems: tuple[tuple[str, ...], ...]
    codes: tuple[str, ...]
    without: bool


class Hits(msgspec.Struct, frozen=True):
    """An answer: how many incidents fit, the numbers of those on this page, and in which order.

    `order` is ``words`` (best fit first, BM25) or ``newest``: where very many fit, an order by words says little.
    `instead`: words of the record that look like those that were not found; looked for only if nothing fits.
    """

    total: int
    numbers: tuple[int, ...]
    order: str
    looked_for: tuple[LookedFor, ...] = ()
    instead: tuple[str, ...] = ()


class Counted(msgspec.Struct, frozen=True):
    """Rows as they were counted, and the question in SQL with its parameters."""

    rows: tuple[tuple[Any, ...], ...]
    sql: str
    given: tuple[str, ...]


class Counts(Protocol):
    """What statistics are made from; each raises PrecedentProblem ``unknown_filter``."""

    def grouped(self, of: str, question: Question) -> Counted:
        """Groups with how many incidents each has, among those that fit; the data set comes first."""

    def each(self, of: str, question: Question) -> Counted:
        """The same, one row per fact and incident, with the incident's name first."""

    def coded(self) -> frozenset[tuple[str, str]]:
        """Data set and each kind of answer that it has of any incident."""

    def set_aside(self) -> dict[str, int]:
        """By data set, how many rows or cells its last import set aside."""

    def ballots(self) -> Counted:
        """Data set, roll call, day (ms, UTC), state, how it voted."""


class Asking(Protocol):
    """The record with its index."""

    @property
    def shelf(self) -> Shelf:
        """The records themselves."""

    @property
    def counts(self) -> Counts:
        """What statistics are made from."""

    def search(self, question: Question, *, limit: int, offset: int = 0) -> Hits:
        """Incidents that fit; raises PrecedentProblem ``unknown_filter``."""

    def records(self, numbers: Sequence[int]) -> tuple[Incident, ...]:
        """The incidents of these numbers, in their order."""

    def same(self, name: str) -> tuple[str, ...]:
        """All accounts that a person joined with this one, itself first."""

    def traits(self, name: str) -> Traits | None:
        """What is compared of an incident; None if there is none of that name."""

    def comparable(
        self, asked: Traits, points: Mapping[str, float], limit: int, without: Sequence[str] = ()
    ) -> tuple[list[Case], int]:
        """The most alike, and how many were compared."""

    def save(self, name: str, question: Question, by: str) -> None:
        """Keep a question under a name; one that had the name is replaced."""

    def saved(self) -> tuple[tuple[str, Question, str], ...]:
        """Each kept question with its name and who kept it, by name."""

    def forget(self, name: str) -> bool:
        """Keep a question no longer; whether there was one of that name."""
