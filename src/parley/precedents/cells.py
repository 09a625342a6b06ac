"""What stands in the cells of data sets: dates without a precision column, and three ways to write several values.

Leaves out files and columns: those belong to the readers in `outside/sources`.
"""

from __future__ import annotations

import ast
import re
from datetime import date

from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Dated
from parley.terms.instant import Instant, Meaning, Precision
from parley.terms.moment import from_parts
from parley.terms.nothing import Nothing
from parley.terms.text import shown

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?)?", re.ASCII)
_DMY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_MDY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_NO_DATE = {"", "NaT", "nan", "Not available", "Unknown", "None"}
_FORMULA = re.compile(r"=|[+@-][^()|!]{0,200}[(|!]")
_MOJIBAKE = re.compile("Ã[\x80-\xbf]|Â[\xa0-\xbf°]|â€|ï¿½|\ufffd")
LONGEST_LIST = 100_000


def dated(cell: str, meaning: Meaning, *, first_is_coarse: bool) -> Dated | Nothing:
    """A date cell: ``2017-06-27``, ``2017-06-27 00:00:00``, ``27.06.2017`` or ``6/27/2017`` (month first).

    Args:
        first_is_coarse: the source has no precision column and writes years and months as their first day: 1 January
            is read as the year, the 1st of another month as that month.

    Raises PrecedentProblem ``bad_date_cell``.

    >>> dated("2017-01-01", Meaning.BEGAN, first_is_coarse=True).instant.precision.name
    'YEAR'
    """
    text = cell.strip()
    if text in _NO_DATE:
        return Nothing.UNKNOWN if text == "Unknown" else Nothing.NOT_CODED
    year, month, day = _parts(text)
    known: tuple[int, ...] = (year, month, day)
    if first_is_coarse and day == 1:
        known = (year,) if month == 1 else (year, month)
    return Dated(Instant(from_parts(known), Precision(len(known)), meaning), cell)


def _parts(text: str) -> tuple[int, int, int]:
    for shape, order in ((_ISO, (1, 2, 3)), (_DMY, (3, 2, 1)), (_MDY, (3, 1, 2))):
        if match := shape.fullmatch(text):
            year, month, day = (int(match[group]) for group in order)
            try:
                date(year, month, day)
            except ValueError:
                break
            return year, month, day
    raise PrecedentProblem("bad_date_cell", given=shown(text, 60))


def listed(cell: str) -> list[str]:
    """A Python list of texts, ``['Armenia', None]``; an empty cell is an empty list; raises ``bad_list_cell``."""
    return ["" if item is None else str(item) for item in _literal(cell)]


def listed_deep(cell: str) -> list[list[str]]:
    """A list of lists, ``[['NATO', 'NORTHAM'], []]``; a plain item counts as a list of one; raises as `listed`."""
    return [
        ["" if part is None else str(part) for part in item]
        if isinstance(item, list)
        else ["" if item is None else str(item)]
        for item in _literal(cell)
    ]


def _literal(cell: str) -> list[object]:
    if not cell.strip():
        return []
    if len(cell) > LONGEST_LIST:
        raise PrecedentProblem("bad_list_cell", given=shown(cell, 60))
    try:
        value = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise PrecedentProblem("bad_list_cell", given=shown(cell, 60)) from None
    if not isinstance(value, list):
        raise PrecedentProblem("bad_list_cell", given=shown(cell, 60))
    return value


def joined(cell: str, mark: str = ";") -> list[str]:
    """Values joined by semicolons; one inside brackets does not part them: ``Minister (FCDO; GBR); ESET`` is two.

    Empty values keep their place, so that parallel lists line up; an empty cell is an empty list.
    """
    if not cell.strip():
        return []
    values, depth, start = [], 0, 0
    for place, letter in enumerate(cell):
        depth += (letter == "(") - (letter == ")")
        if letter == mark and depth <= 0:
            values.append(cell[start:place].strip())
            start, depth = place + 1, 0
    values.append(cell[start:].strip())
    return values


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute this cell (``=HYPERLINK(…)``, ``+cmd|…``); Parley never does."""
    return bool(cell) and cell[0] in "=+@-" and _FORMULA.match(cell) is not None


def is_mojibake(cell: str) -> bool:
    """Whether a cell has the marks of text that was decoded with the wrong table (``Â°``, ``â€™``)."""
    return _MOJIBAKE.search(cell) is not None
