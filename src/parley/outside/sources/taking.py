"""One import being read: records taken, rows set aside, and the account of both.

A reader hands each row to `Taking.row`; what raises within it sets the row aside whole, what the reader passes to
`part` sets one cell aside and lets the record stand without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from parley.outside.sources.sheets import Sheet, short_row
from parley.precedents.cells import is_formula, is_mojibake
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import DataSet, Incident, Record, Statement
from parley.precedents.report import Quarantined, Read, Report, quarantine
from parley.terms.problem import Problem
from parley.terms.text import Text, normal, shown

_Value = TypeVar("_Value")
_Other = TypeVar("_Other")


class Taking:
    """The records and the quarantine of one import."""

    def __init__(self, data_set: DataSet, *, typed: bool = False) -> None:
        self.data_set = data_set
        self._typed = typed  # by a person, word for word: what begins like a formula is none
        self.incidents: dict[str, Incident] = {}
        self.statements: dict[str, Statement] = {}
        self.aside: list[Quarantined] = []
        self.notes: list[str] = []
        self._counts = {"read": 0, "accepted": 0, "quarantined": 0, "in_part": 0, "empty": 0}
        self._file, self._number, self._cells, self._name = "", 0, dict[str, str](), ""
        self._parts = 0
        self._mojibake = 0
        self._staged: list[Record] = []

    @contextmanager
    def row(self, file: str, number: int, cells: Mapping[str, str]) -> Iterator[None]:
        """While one row is read; a Problem raised within sets it aside, whole."""
        self._file, self._number, self._cells, self._name, self._parts = file, number, dict(cells), "", 0
        self._counts["read"] += 1
        self._staged = []
        try:
            yield
            self._look(cells)
            self._check_names()
        except Problem as problem:
            self._aside(problem, str(problem.arguments.get("field", "")), "", whole=True)
            self._counts["quarantined"] += 1
            return
        for record in self._staged:
            self._held(record)[record.name] = record
        self._counts["accepted"] += 1
        self._counts["in_part"] += bool(self._parts)

    @contextmanager
    def within(self, file: str, number: int, cells: Mapping[str, str]) -> Iterator[None]:
        """While a row of another table is read for the record of this row: what is set aside is set aside as its."""
        before = self._file, self._number, self._cells
        self._file, self._number, self._cells = file, number, dict(cells)
        try:
            yield
        finally:
            self._file, self._number, self._cells = before

    def short(self, sheet: Sheet) -> None:
        """Set the rows aside that do not have the heading's number of cells."""
        for row in sheet.short:
            with self.row(sheet.file, row.number, row.cells):
                raise short_row(row, len(sheet.headings))

    def about(self, name: str) -> None:
        """Name the record that the row belongs to, for the account."""
        self._name = name

    def part(self, field: str, given: str, read: Callable[[], _Value], instead: _Other) -> _Value | _Other:
        """What `read` gives; a Problem sets the cell aside, and the record gets `instead`."""
        try:
            return read()
        except Problem as problem:
            self._parts += 1
            self._aside(problem, field, given, whole=False)
            return instead

    def put(self, record: Record) -> None:
        """Take a record with its row, if the row stands.

        The same again is one; a different one of the same name sets the row aside (``same_row_twice``).
        """
        self._staged.append(record)

    def text(self, field: str, given: str, language: str = "en") -> Text | None:
        """A text from a cell: None if it is blank; hidden characters are refused (``bad_text``)."""
        if not given.strip():
            return None
        try:
            return Text(language, normal(given))
        except Problem as problem:
            raise PrecedentProblem("bad_text", field=field, why=problem.key) from None

    def done(self, files: Iterable[tuple[str, str]], *, whole: bool) -> Read:
        """Everything taken, with its account."""
        if self._mojibake:
            self.notes.append(f"{self._mojibake} rows hold marks of wrongly decoded text; they were kept as they are.")
        report = Report(
            data_set=self.data_set.key,
            files=tuple(files),
            rows=tuple(self.aside),
            notes=tuple(self.notes),
            **self._counts,
        )
        records = tuple(self.incidents.values()), tuple(self.statements.values())
        return Read(self.data_set, *records, report, whole)

    def _look(self, cells: Mapping[str, str]) -> None:
        for field, cell in cells.items():
            if is_formula(cell) and not self._typed:
                raise PrecedentProblem("formula", given=shown(cell), field=field)
        self._mojibake += any(is_mojibake(cell) for cell in cells.values() if not cell.isascii())

    def _held(self, record: Record) -> dict[str, Any]:
        return self.incidents if isinstance(record, Incident) else self.statements

    def _check_names(self) -> None:
        fresh: dict[str, Record] = {}
        for record in self._staged:
            if self._held(record).get(record.name, record) != record or fresh.setdefault(record.name, record) != record:
                raise PrecedentProblem("same_row_twice", given=record.name)

    def _aside(self, problem: Problem, field: str, given: str, *, whole: bool) -> None:
        given = given or self._cells.get(field, "")
        one = quarantine(self._file, self._number, self._name, field, shown(given, 200), problem, whole=whole)
        self.aside.append(msgspec.structs.replace(one, cells=tuple(self._cells.items())))


def mark(*parts: object) -> str:
    """Twelve hexadecimal digits that stand for these values: part of the name of a record without a number."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]
