"""Writing out what an import set aside, in the form of its source, so that it can be mended and imported again.

A table comes back as CSV with four headings of ours in front (``_row``, ``_field``, ``_whole``, ``_why``); a document
as JSON with the elements that were set aside. Cells that a spreadsheet would compute have an apostrophe before them,
which the reader of a mended file takes away again. Mend the cells, leave ``_row`` as it is, and import the file with
the same word, alone or beside its original.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import msgspec

from parley.precedents.passing_on import guarded
from parley.precedents.report import Quarantined

OURS = ("_row", "_field", "_whole", "_why")


def written(rows: Sequence[Quarantined], data_set: str) -> dict[str, bytes]:
    """The files to mend, by name: one for each file of the import that had rows set aside; none if none had."""
    by_file: dict[str, list[Quarantined]] = {}
    for row in rows:
        by_file.setdefault(row.file, []).append(row)
    return dict(_file(file, found, data_set) for file, found in by_file.items())


def _file(file: str, rows: list[Quarantined], data_set: str) -> tuple[str, bytes]:
    stem = re.sub(r"[^\w.-]+", "-", file).removesuffix(".csv").removesuffix(".json").removesuffix(".xml")
    if rows[0].cells and rows[0].cells[0][0] == "json":
        return f"{stem}.mend.json", _document(rows, data_set)
    return f"{stem}.mend.csv", _table(rows)


def _table(rows: list[Quarantined]) -> bytes:
    headings = tuple(heading for heading, _ in rows[0].cells)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*OURS, *(re.sub(r"\.\d$", "", heading) for heading in headings)])
    for number in dict.fromkeys(row.row for row in rows):
        of = [row for row in rows if row.row == number]
        cells = dict(of[0].cells)
        fields, whys = "; ".join(row.field for row in of), "; ".join(dict.fromkeys(row.why for row in of))
        whole = "yes" if any(row.whole for row in of) else "no"
        writer.writerow(
            [number, fields, whole, guarded(whys), *(guarded(cells.get(heading, "")) for heading in headings)]
        )
    return out.getvalue().encode("utf-8-sig")


def _document(rows: list[Quarantined], data_set: str) -> bytes:
    values = list(dict.fromkeys(dict(row.cells)["json"] for row in rows))
    found = [msgspec.Raw(value.encode()) for value in values]
    noted = [{"row": row.row, "field": row.field, "why": row.why} for row in rows]
    if data_set.startswith("misp-"):
        document = {"type": data_set.removeprefix("misp-"), "values": found, "_quarantine": noted}
    else:
        document = {"objects": found, "_quarantine": noted}
    return msgspec.json.format(msgspec.json.encode(document), indent=1)
