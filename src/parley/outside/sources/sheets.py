"""Rows of CSV and XLSX files, as text, with the headings told apart even where two are equal.

Any line end (also CR alone), any BOM. A cell is never computed, converted or taken for missing: ``NA`` is two letters.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from parley.outside.sources.files import Given, check_archive, text_of
from parley.outside.sources.problems import SourceProblem
from parley.precedents.problems import PrecedentProblem

CELL = 1_000_000
MARK = "_"
"""Headings that begin so are ours: a mended file of the quarantine has them, and they are passed over."""
ROW, FILE = "_row", "_file"


class Row(msgspec.Struct, frozen=True):
    """One row: its number in the file (the heading is row 1) and its cells by heading.

    The second column of the same heading is ``heading.2``.
    """

    number: int
    cells: dict[str, str]


class Sheet(msgspec.Struct, frozen=True):
    """A table: file, headings as written (duplicates too), rows, and whether it is a mended file of the quarantine.

    `short` are rows that have fewer or more cells than the heading; `open_end`: the last row has no end of line, as
    many programs leave it, and as it is too when the file was cut off within the last cell.
    """

    file: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    short: tuple[Row, ...] = ()
    mended: bool = False
    encoding: str = "UTF-8"
    open_end: bool = False


def sheets(given: Given) -> tuple[Sheet, ...]:
    """The tables of a CSV (one) or XLSX file; raises SourceProblem."""
    if given.body[:4] == b"PK\x03\x04":
        return _workbook(given)
    return (read_csv(given),)


def read_csv(given: Given) -> Sheet:
    """A CSV file with headings; raises SourceProblem ``not_csv``, ``half``, ``not_text``, ``empty``."""
    text, encoding = text_of(given)
    with _long_cells():
        rows = list(_csv_rows(given.name, text))
    if not rows:
        raise SourceProblem("empty", file=given.name)
    # A file cut off in its last row: fewer cells, and no end of line after them.
    if len(rows) > 1 and len(rows[-1]) < len(rows[0]) and text[-1] not in "\r\n":
        raise SourceProblem("half", file=given.name, why=f"row {len(rows)} has {len(rows[-1])} of {len(rows[0])} cells")
    return msgspec.structs.replace(_sheet(given.name, rows, encoding), open_end=text[-1] not in "\r\n")


def by_heading(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings without blanks around them, the second of a name as ``name.2``."""
    seen: dict[str, int] = {}
    result = []
    for heading in headings:
        name = heading.strip()
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return tuple(result)


def _csv_rows(name: str, text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise SourceProblem("half", file=name, why=f"row {reader.line_num}, inside quotes") from None
            raise SourceProblem("not_csv", file=name, row=reader.line_num, why=str(error)[:80]) from None


def _sheet(name: str, rows: list[list[str]], encoding: str) -> Sheet:
    written = tuple(rows[0])
    headings = by_heading(written)
    mended = ROW in headings
    whole: list[Row] = []
    short: list[Row] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(headings, row, strict=False))
        given = Row(_number(cells, number), {key: _raw(cell, mended) for key, cell in cells.items() if key[:1] != MARK})
        (whole if len(row) == len(headings) else short).append(given)
    kept = tuple(heading for heading in written if not heading.strip().startswith(MARK))
    return Sheet(name, kept, tuple(whole), tuple(short), mended, encoding)


def _number(cells: dict[str, str], number: int) -> int:
    given = cells.get(ROW, "")
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given, re.ASCII) else number


def _raw(cell: str, mended: bool) -> str:
    """A cell of a mended file without the apostrophe that kept a spreadsheet from computing it (`mending`)."""
    return cell[1:] if mended and cell[:1] == "'" and cell[1:2] in set("=+-@'\t\r") else cell


def _workbook(given: Given) -> tuple[Sheet, ...]:
    check_archive(given)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(given.body))
        found = [
            _sheet(f"{given.name}:{name}", [[_cell(cell) for cell in row] for row in rows], "XLSX")
            for name in book.sheet_names
            if (rows := book.get_sheet_by_name(name).to_python())
        ]
    except (CalamineError, ValueError, OSError) as error:
        raise SourceProblem("not_xlsx", file=given.name, why=str(error)[:80]) from None
    if not found:
        raise SourceProblem("empty", file=given.name)
    return tuple(found)


def _cell(value: object) -> str:
    """A cell of a workbook as text: whole numbers without a point, days as ISO 8601."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@contextmanager
def _long_cells() -> Iterator[None]:
    """The csv module's limit is one for the process: put back as it was."""
    before = csv.field_size_limit(CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def short_row(row: Row, needed: int) -> PrecedentProblem:
    """What is wrong with a row of `Sheet.short`."""
    return PrecedentProblem("short_row", found=len(row.cells), needed=needed)
