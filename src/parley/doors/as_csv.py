"""A table as CSV, for the doors that hand one out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """In UTF-8 with a mark, CR LF; a cell that a spreadsheet would compute gets an apostrophe."""
    text = io.StringIO()
    csv.writer(text).writerows([columns, *([_cell(cell) for cell in row] for row in rows)])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
