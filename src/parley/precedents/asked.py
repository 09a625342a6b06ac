"""What the desk gets when it asks the record: shapes of answers, and the protocol of whoever keeps an index.

Leaves out how an index is made; `outside/store/precedents_search.py` and `precedents_counts.py` keep it in SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from parley.precedents.question import Question


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


class Index(Protocol):
    """What answers questions to the record."""

    def search(self, question: Question, *, limit: int, offset: int = 0) -> Hits:
        """Incidents that fit; raises PrecedentProblem ``unknown_filter``, ``question_too_long``."""

    def counts(self, statistic: str, question: Question) -> Iterator[tuple[object, ...]]:
        """The rows that a statistic is made from, among the incidents that fit the question."""
