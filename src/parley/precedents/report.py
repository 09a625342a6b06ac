"""What an import did: read, accepted, quarantined and why, row by row.

A quarantined row keeps its cells, so that it can be written out, mended and imported again. Leaves out writing files.
"""

from __future__ import annotations

import msgspec

from parley.precedents.record import DataSet, Incident, Statement
from parley.terms.problem import Problem


class Quarantined(msgspec.Struct, frozen=True, order=True):
    """One row that was not taken, or of which a part was not taken.

    Args:
        file: which file of the import.
        row: the row (or element) in it, counted as its own program counts, the heading being row 1.
        name: the record that it belongs to, or "".
        field: the column or field at fault.
        given: the cell, cut to what fits a line.
        key: key of the problem, for example ``terms.unknown_state``.
        why: the same in English.
        whole: the row was left out as a whole; False: the record stands without this cell.
        cells: the row as read, column by column, for mending.
    """

    file: str
    row: int
    name: str
    field: str
    given: str
    key: str
    why: str
    whole: bool
    cells: tuple[tuple[str, str], ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one import.

    `read` counts rows; `accepted` those of which a record came; `quarantined` those left out whole; `in_part` those
    whose record stands without a cell that is in quarantine. read = accepted + quarantined + `empty`.
    """

    data_set: str
    files: tuple[tuple[str, str], ...] = ()  # name and SHA-256
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    in_part: int = 0
    empty: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    rows: tuple[Quarantined, ...] = ()
    notes: tuple[str, ...] = ()


class Read(msgspec.Struct, frozen=True):
    """What was read of the files of one import, before anything is kept.

    `whole`: all that the data set has was in the files; False for mended rows and records entered one by one.
    """

    data_set: DataSet
    incidents: tuple[Incident, ...]
    statements: tuple[Statement, ...]
    report: Report
    whole: bool


def quarantine(file: str, row: int, name: str, field: str, given: str, problem: Problem, *, whole: bool) -> Quarantined:
    """A row for the quarantine from the problem that its cell raised."""
    return Quarantined(file, row, name, field, given[:200], problem.key, problem.what, whole)
