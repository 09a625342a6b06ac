"""What the room needs from whoever keeps the record: a shelf of its own, usable without a node.

Leaves out SQL; `outside/store/precedents.py` keeps it in one SQLite file beside the node's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from parley.precedents.matching import Match, Verdict
from parley.precedents.record import DataSet, Incident, Statement
from parley.precedents.report import Quarantined, Report


class Shelf(Protocol):
    """Reading."""

    def data_sets(self) -> tuple[DataSet, ...]:
        """Every data set that has records here, by key."""

    def incident(self, name: str) -> Incident:
        """One incident; raises PrecedentProblem ``unknown_record``."""

    def statement(self, name: str) -> Statement:
        """One statement; raises PrecedentProblem ``unknown_record``."""

    def incidents(self, data_set: str | None = None) -> Iterator[Incident]:
        """All that are in their source now, in order of entry."""

    def statements(self, data_set: str | None = None) -> Iterator[Statement]:
        """All that are in their source now, in order of entry."""

    def about(self, names: Iterable[str]) -> tuple[Statement, ...]:
        """The statements about any of these incidents, earliest first; undated ones last."""

    def reports(self, data_set: str | None = None) -> tuple[tuple[int, Report], ...]:
        """When each import was, and its account, oldest first."""

    def earlier(self, name: str) -> tuple[Incident | Statement, ...]:
        """What the record of that name said before its source was changed, oldest first."""


class Filling(Shelf, Protocol):
    """Writing: one data set at a time, whole or not at all."""

    def fill(
        self,
        data_set: DataSet,
        incidents: Sequence[Incident],
        statements: Sequence[Statement],
        report: Report,
        *,
        whole: bool,
        at: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Put the records of a data set on the shelf in one transaction; the report with added, changed, gone.

        Args:
            whole: the records are all that the data set has: what is on the shelf and not among them is marked as gone
                (and stays readable). False for mended rows and records entered one by one.
            at: when, milliseconds since the epoch, UTC.
            progress: told how many of how many records were put.
        """

    def decide(self, first: str, second: str, verdict: Verdict, *, by: str, at: int, reasons: Sequence[str]) -> None:
        """Record what a person decided about two accounts; raises PrecedentProblem."""

    def decisions(self) -> tuple[Match, ...]:
        """Every decision about two accounts, by their names."""

    def held(self, data_set: str) -> int:
        """How many records of a data set are in their source now."""

    def quarantined(self, data_set: str) -> tuple[Quarantined, ...]:
        """What the last import of a data set left out."""
