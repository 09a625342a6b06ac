"""The public record at this desk: import files, enter a statement, match accounts, pass on, look at what was set aside.

Works on a shelf of its own and needs no node. Leaves out search and statistics.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from parley.desk.problems import DeskProblem
from parley.precedents.matching import Candidate, Comparing, Match, Verdict, sketches
from parley.precedents.official import Noticed, noticed
from parley.precedents.passing_on import COLUMNS, LeftOut, heading, lines, refusal, row
from parley.precedents.ports import Filling
from parley.precedents.record import DataSet, Record
from parley.precedents.report import Quarantined, Read, Report
from parley.terms.instant import Instant, Meaning, Precision, iso

MOST_GONE = 0.2
"""A file that lacks more than this part of what the shelf has of its data set is taken for one that was cut off."""
FEW = 20

Progress = Callable[[int, int], None]


class Sources(Protocol):
    """What reads files: `outside/sources` behind the two calls that the desk makes."""

    def read(self, kind: str, places: Sequence[Path], data_set: DataSet | None) -> Read:
        """The records of the files of one import; raises a Problem, and then nothing was taken."""

    def enter(self, cells: Mapping[str, str], data_set: DataSet, page: Path | None) -> Read:
        """The records of one row in the form of a ministry's own list, its words compared with a saved page."""

    def mend(self, rows: Sequence[Quarantined], data_set: str) -> dict[str, bytes]:
        """The files to mend, by name."""


class PublicRecord:
    """The verbs, over a shelf, readers of files, and a clock in milliseconds UTC."""

    def __init__(self, shelf: Filling, sources: Sources, now: Callable[[], int]) -> None:
        self.shelf = shelf
        self._sources = sources
        self._now = now

    def take(
        self,
        kind: str,
        places: Sequence[Path],
        *,
        data_set: DataSet | None = None,
        shrunk: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Import the files of one data set, whole or not at all.

        Args:
            shrunk: the officer says that the data set has become smaller; without it, a file that lacks a fifth of
                what is here is refused (``many_gone``).

        Raises DeskProblem, and the Problem of what is wrong with a file.
        """
        read = self._sources.read(kind, places, data_set)
        if read.whole and not shrunk:
            self._check_gone(read)
        return self._put(read, progress)

    def enter(self, cells: Mapping[str, str], data_set: DataSet, page: Path | None = None) -> tuple[Report, Noticed]:
        """Enter one statement, incident or both by hand; what its words hold is returned beside the report.

        Raises DeskProblem ``not_entered`` with the reason if the row cannot be a record.
        """
        read = self._sources.enter(cells, data_set, page)
        if read.report.rows:
            raise DeskProblem("not_entered", why=read.report.rows[0].why)
        return self._put(read, None), noticed(cells.get("words", ""))

    def _put(self, read: Read, progress: Progress | None) -> Report:
        return self.shelf.fill(
            read.data_set,
            read.incidents,
            read.statements,
            read.report,
            whole=read.whole,
            at=self._now(),
            progress=progress,
        )

    def _check_gone(self, read: Read) -> None:
        held = self.shelf.held(read.data_set.key)
        names = {one.name for one in read.incidents} | {one.name for one in read.statements}
        gone = sum(one.name not in names for one in self.shelf.incidents(read.data_set.key))
        gone += sum(one.name not in names for one in self.shelf.statements(read.data_set.key))
        if held >= FEW and gone > held * MOST_GONE:
            raise DeskProblem("many_gone", gone=gone, held=held, data_set=read.data_set.key)

    def set_aside(self, data_set: str) -> tuple[Quarantined, ...]:
        """What the last import of a data set left out."""
        return self.shelf.quarantined(data_set)

    def files_to_mend(self, data_set: str) -> dict[str, bytes]:
        """The same as files, by name, in the form of their source."""
        return self._sources.mend(self.set_aside(data_set), data_set)

    def candidates(self, name: str, most: int = 10) -> list[tuple[Candidate, Match | None]]:
        """Accounts of other sources that may be of the same incident, with what was already decided about each.

        Raises PrecedentProblem ``unknown_record``.
        """
        self.shelf.incident(name)
        comparing = Comparing(sketches(self.shelf.incidents(), self.shelf.statements()))
        decided = {(match.first, match.second): match for match in self.shelf.decisions()}
        found = comparing.candidates(name, most)
        return [(one, decided.get((min(name, one.name), max(name, one.name)))) for one in found]

    def decide(self, first: str, second: str, verdict: Verdict, by: str) -> None:
        """Record an officer's decision about two accounts, with the reasons shown; raises PrecedentProblem."""
        reasons = next((one.reasons for one, _ in self.candidates(first, 1000) if one.name == second), ())
        self.shelf.decide(first, second, verdict, by=by, at=self._now(), reasons=reasons)

    def pass_on(self, data_sets: Sequence[str], *, non_commercial: bool, form: str) -> tuple[str, list[LeftOut]]:
        """An export as text, and what was left out and why.

        Args:
            data_sets: keys; empty for all.
            form: ``jsonl``, everything, one record a line after a line about the export; ``csv``, statements only.

        Raises DeskProblem ``no_data_set``.
        """
        known = {one.key: one for one in self.shelf.data_sets()}
        for key in data_sets:
            if key not in known:
                raise DeskProblem("no_data_set", given=key[:60], known=", ".join(known))
        chosen = [known[key] for key in (data_sets or known)]
        left_out = [
            LeftOut(one.key, one.title, self.shelf.held(one.key), why)
            for one in chosen
            if (why := refusal(one, non_commercial=non_commercial)) is not None
        ]
        passed = [one for one in chosen if one.key not in {out.data_set for out in left_out}]
        return (self._csv(passed) if form == "csv" else self._json(passed, left_out)), left_out

    def _json(self, passed: Sequence[DataSet], left_out: Sequence[LeftOut]) -> str:
        day = iso(Instant.at(self._now(), Precision.SECOND, Meaning.RECORDED))
        by_key = {one.key: one for one in passed}
        rows: list[Any] = [heading(passed, left_out, day), *lines(self._records(passed), by_key)]
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)

    def _csv(self, passed: Sequence[DataSet]) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for one in passed:
            writer.writerows(row(statement, one) for statement in self.shelf.statements(one.key))
        return out.getvalue()

    def _records(self, passed: Sequence[DataSet]) -> Iterator[Record]:
        for one in passed:
            yield from self.shelf.incidents(one.key)
            yield from self.shelf.statements(one.key)

    def sources(self) -> list[dict[str, Any]]:
        """Each data set with its licence, its date, how many records it has here, and its last import."""
        return [self._source(one) for one in self.shelf.data_sets()]

    def _source(self, data_set: DataSet) -> dict[str, Any]:
        reports = self.shelf.reports(data_set.key)
        at, report = reports[-1] if reports else (0, Report(data_set=data_set.key))
        return {
            **msgspec.to_builtins(data_set),
            "dated": iso(data_set.dated) if isinstance(data_set.dated, Instant) else "",
            "records": self.shelf.held(data_set.key),
            "imported_at": at,
            "last": {field: getattr(report, field) for field in ("read", "accepted", "quarantined", "in_part")},
        }
