"""What may leave: records whose licence allows it, each with its source, licence and date; and what stays, and why.

Leaves out files; `desk/public_record.py` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from parley.precedents.record import DataSet, Incident, Record, Statement, cite
from parley.precedents.words import PassOn
from parley.terms.instant import Instant, iso
from parley.terms.source import Checked

_GUARDED = tuple("=+-@\t\r")


class LeftOut(msgspec.Struct, frozen=True):
    """A data set that an export does not carry: how many records, and why."""

    data_set: str
    title: str
    records: int
    why: str


def refusal(data_set: DataSet, *, non_commercial: bool) -> str | None:
    """Why nothing of a data set may be passed on, None if it may.

    Args:
        non_commercial: the officer says that the export is not for a commercial purpose.
    """
    if data_set.pass_on is PassOn.NO:
        return f"licence: {data_set.licence}"
    if data_set.pass_on is PassOn.NON_COMMERCIAL and not non_commercial:
        return f"licence: {data_set.licence}; only where the purpose is said not to be commercial"
    return None


def heading(data_sets: Sequence[DataSet], left_out: Sequence[LeftOut], at: str) -> dict[str, Any]:
    """The first line of an export: what it is, which data sets with licence, notice and date, and what was left out."""
    return {
        "parley": "precedents",
        "exported": at,
        "data_sets": [_described(one) for one in data_sets],
        "left_out": [msgspec.to_builtins(one) for one in left_out],
    }


def lines(records: Iterable[Record], data_sets: dict[str, DataSet]) -> Iterator[dict[str, Any]]:
    """Each record with its source, licence and date."""
    for record in records:
        source = cite(record, data_sets[record.data_set])
        sort = "incident" if isinstance(record, Incident) else "statement"
        yield {sort: msgspec.to_builtins(record), "source": _source(source, data_sets[record.data_set])}


COLUMNS = (
    "statement", "kind", "about", "holder", "speaker", "on", "names", "basis", "manner", "instrument", "ballot", "law",
    "words", "checked", "source", "reference", "place", "licence", "data_set", "dated",
)  # fmt: skip


def row(statement: Statement, data_set: DataSet) -> list[str]:
    """A statement as a row under COLUMNS, source and licence with it; several values are parted by ``|``."""
    source = cite(statement, data_set)
    holder = statement.holder.key if hasattr(statement.holder, "key") else statement.holder.name.lower()
    names = [f"{one.actor.key}:{one.tie}" for one in statement.names] if isinstance(statement.names, tuple) else []
    law = [one.code for one in statement.law] if isinstance(statement.law, tuple) else []
    on = iso(statement.on.instant) if hasattr(statement.on, "instant") else ""
    words = statement.words.text if hasattr(statement.words, "text") else ""
    plain = [_word(statement.basis), _word(statement.manner), _word(statement.instrument), statement.ballot or ""]
    cells = [statement.name, str(statement.kind), "|".join(statement.about), holder, statement.speaker or "", on]
    cells += ["|".join(names), *plain, "|".join(law), words, statement.checked.name.lower(), source.title]
    cells += [source.reference, source.place or "", source.licence or data_set.licence, data_set.key, _day(data_set)]
    return [guarded(cell) for cell in cells]


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe stands before what would begin a formula."""
    return f"'{cell}" if cell.startswith(_GUARDED) else cell


def _word(word: object) -> str:
    return str(word) if isinstance(word, str) else ""


def _day(data_set: DataSet) -> str:
    return iso(data_set.dated) if isinstance(data_set.dated, Instant) else ""


def _described(data_set: DataSet) -> dict[str, str]:
    fields = ("key", "title", "publisher", "version", "reference", "licence", "notice")
    return {field: str(getattr(data_set, field)) for field in fields} | {"dated": _day(data_set)}


def _source(source: Any, data_set: DataSet) -> dict[str, str]:
    return {
        "title": source.title,
        "reference": source.reference,
        "place": source.place or "",
        "licence": source.licence or data_set.licence,
        "checked": "verified" if source.checked is Checked.VERIFIED else "unverified",
        "opened": iso(source.retrieved) if isinstance(source.retrieved, Instant) else "",
        "data_set": data_set.key,
        "dated": _day(data_set),
    }
