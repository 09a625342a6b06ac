"""The kinds of file that can be imported, and the one way in: take, check, read, all before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from parley.outside.sources import attack, cfr, dcid, eurepoc, misp, own, sanctions, un_votes
from parley.outside.sources.files import LIMIT, Given, take
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Row, Sheet, by_heading, sheets
from parley.precedents.record import DataSet
from parley.precedents.report import Read


class SourceKind(msgspec.Struct, frozen=True):
    """A kind of file: its word, what it is, which files it takes, and its reader."""

    word: str
    what: str
    files: str
    read: Callable[[Sequence[Given], DataSet | None], Read]


def _of_tables(reader: Callable[[Sequence[Sheet]], Read]) -> Callable[[Sequence[Given], DataSet | None], Read]:
    def read(givens: Sequence[Given], _: DataSet | None) -> Read:
        found = [sheet for given in givens for sheet in sheets(given)]
        return _told(reader(merged(found)), found)

    return read


def _told(read: Read, found: Sequence[Sheet]) -> Read:
    """The same with what is to be said of the files themselves."""
    notes = [f"{sheet.file} was in {sheet.encoding}." for sheet in found if sheet.encoding == "UTF-16"]
    notes += [
        f"{sheet.file}: the last row has no end of line; see that it is whole." for sheet in found if sheet.open_end
    ]
    report = msgspec.structs.replace(read.report, notes=(*read.report.notes, *notes))
    return msgspec.structs.replace(read, report=report)


def _of_documents(reader: Callable[[Sequence[Given]], Read]) -> Callable[[Sequence[Given], DataSet | None], Read]:
    return lambda givens, _: reader(givens)


def _own(givens: Sequence[Given], data_set: DataSet | None) -> Read:
    found = data_set or own.own_data_set("own", "this desk", "own record; not to be passed on")
    tables = [sheet for given in givens for sheet in sheets(given)]
    return _told(own.read(merged(tables), found), tables)


KINDS: dict[str, SourceKind] = {
    kind.word: kind
    for kind in (
        SourceKind(
            "eurepoc",
            "European Repository of Cyber Incidents, releases 1.1 and 1.3",
            "the global CSV; for 1.1 also the attribution and receiver tables",
            _of_tables(eurepoc.read),
        ),
        SourceKind("dcid", "Dyadic Cyber Incident and Campaign Data 2.0", "the XLSX workbook", _of_tables(dcid.read)),
        SourceKind("cfr", "CFR Cyber Operations Tracker", "the CSV", _of_tables(cfr.read)),
        SourceKind(
            "misp",
            "MISP galaxy clusters: threat-actor, country, region, sector",
            "one cluster as JSON",
            _of_documents(misp.read),
        ),
        SourceKind(
            "attack",
            "MITRE ATT&CK groups and campaigns",
            "a STIX 2.1 bundle, or an extract with its file of links",
            _of_documents(attack.read),
        ),
        SourceKind(
            "eu-sanctions",
            "EU consolidated financial sanctions, programme CYB",
            "the XML, or a CSV cut",
            _of_documents(sanctions.read_eu),
        ),
        SourceKind(
            "ofac-sanctions",
            "OFAC SDN list, cyber programmes",
            "the XML, or a CSV cut",
            _of_documents(sanctions.read_ofac),
        ),
        SourceKind(
            "un-votes",
            "roll calls of the General Assembly on ICT resolutions",
            "the CSV of votes; also the CSV of roll calls",
            _of_tables(un_votes.read),
        ),
        SourceKind("own", "a ministry's own list", "a CSV in the form of docs/precedents.md", _own),
    )
}


def read_files(word: str, places: Sequence[Path], data_set: DataSet | None = None, limit: int = LIMIT) -> Read:
    """Read the files of one import; raises SourceProblem, and then nothing was taken."""
    kind = KINDS.get(word)
    if kind is None:
        raise SourceProblem("unknown_kind", kind=word[:40], known=", ".join(KINDS))
    givens = [take(place, limit) for place in places]
    read = kind.read(givens, data_set)
    files = tuple((given.name, given.digest) for given in givens)
    return msgspec.structs.replace(read, report=msgspec.structs.replace(read.report, files=files))


def merged(found: Sequence[Sheet]) -> list[Sheet]:
    """The sheets, with the rows of a mended file in place of the rows of its original where both are given."""
    result: list[Sheet] = [sheet for sheet in found if not sheet.mended]
    for mended in (sheet for sheet in found if sheet.mended):
        place = next((n for n, sheet in enumerate(result) if _same(sheet, mended)), None)
        if place is None:
            result.append(mended)
        else:
            result[place] = _with(result[place], mended)
    return result


def _same(one: Sheet, other: Sheet) -> bool:
    return by_heading(one.headings) == by_heading(other.headings)


def _with(original: Sheet, mended: Sheet) -> Sheet:
    rows: dict[int, Row] = {row.number: row for row in original.rows} | {row.number: row for row in mended.rows}
    short = tuple(row for row in original.short if row.number not in {row.number for row in mended.rows})
    return msgspec.structs.replace(original, rows=tuple(rows[number] for number in sorted(rows)), short=short)
