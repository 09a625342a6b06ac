"""One connection as the row code sees it: statements with ``?`` in, rows out, problems instead of a driver's errors.

What the two databases would judge differently is refused here for both: a NUL or a lone surrogate in text, a whole
number beyond 64 bits. Statements are written once, in the words both understand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from parley.outside.store.problems import StoreProblem

Cell = int | str | bytes | None
"""What may stand in a column."""

_LIMIT = 1 << 63
_NONE = type(None)


class Cursor(Protocol):
    """The little that both drivers' cursors share."""

    @property
    def rowcount(self) -> int: ...
    def fetchall(self) -> list[Any]: ...


class Session:
    """A connection inside a transaction that somebody else began and will end.

    Args:
        execute: runs one statement.
        explain: turns an error of the driver into a problem of the store.
        errors: the driver's base class of errors.

    `fault` is the first error that the database itself raised. A unit may catch a problem and go on, but once the
    database refused a statement the unit cannot be kept: PostgreSQL would have aborted it, so SQLite has to as well.
    """

    def __init__(
        self,
        execute: Callable[[str, Sequence[Cell]], Cursor],
        explain: Callable[[Exception], StoreProblem],
        errors: type[Exception],
    ) -> None:
        self._execute = execute
        self._explain = explain
        self._errors = errors
        self.fault: StoreProblem | None = None

    def rows(self, sql: str, *cells: Cell) -> list[tuple[Any, ...]]:
        """All rows that `sql` yields."""
        _check(cells)
        try:
            return self._execute(sql, cells).fetchall()
        except self._errors as error:
            raise self._blame(error) from error

    def one(self, sql: str, *cells: Cell) -> tuple[Any, ...] | None:
        """The first row, or None; the statement should yield no more than one."""
        rows = self.rows(sql, *cells)
        return rows[0] if rows else None

    def value(self, sql: str, *cells: Cell) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, *cells)
        return row[0] if row else None

    def run(self, sql: str, *cells: Cell) -> int:
        """How many rows `sql` changed."""
        _check(cells)
        try:
            return self._execute(sql, cells).rowcount
        except self._errors as error:
            raise self._blame(error) from error

    def _blame(self, error: Exception) -> StoreProblem:
        problem = self._explain(error)
        self.fault = self.fault or problem
        return problem


def _check(cells: Sequence[Cell]) -> None:
    for cell in cells:
        kind = type(cell)
        if kind is bytes or kind is _NONE:  # by exact type first: most cells are bytes, and there are many
            continue
        if isinstance(cell, str):
            if "\0" in cell or not _encodable(cell):
                raise StoreProblem("bad_text")
        elif isinstance(cell, int) and not -_LIMIT <= cell < _LIMIT:
            raise StoreProblem("out_of_range")


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
