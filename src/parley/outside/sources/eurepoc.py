"""EuRepoC, the European Repository of Cyber Incidents: the global file of releases 1.1 and 1.3, with two tables of 1.1.

One row is an incident as its coders tell it. From it come the incident, the coders' own verdict on the author (basis
``coders``), the attributions that they found, the responses, and their view of the law. The attribution table of 1.1 is
a cross product (one incident has 237 rows): rows that share date, form, basis, speaker and state are one statement that
names several. Years and months are written as their first day; they are read as years and months.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from parley.outside.sources import eurepoc_words as words
from parley.outside.sources.eurepoc_columns import V1_1, V1_3, Columns
from parley.outside.sources.eurepoc_said import Found, attributions, responses, verdict
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Row, Sheet
from parley.outside.sources.taking import Taking
from parley.precedents.cells import dated
from parley.precedents.names import NOTHING, nothing, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Incident
from parley.precedents.report import Read
from parley.precedents.words import Facet, PassOn
from parley.terms.instant import Instant, Meaning, parse_iso
from parley.terms.nothing import Nothing

_LICENCE = "CC BY-NC 4.0 (stated by EuRepoC since April 2025; the licence of release 1.1 itself was not seen)"
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.0)?", re.ASCII)

DATA_SETS = {
    V1_1: DataSet(
        key="eurepoc-1.1",
        title="EuRepoC Global Database",
        publisher="European Repository of Cyber Incidents",
        version="1.1",
        reference="https://doi.org/10.5281/zenodo.7848941",
        licence=_LICENCE,
        pass_on=PassOn.NON_COMMERCIAL,
        notice="European Repository of Cyber Incidents (EuRepoC), Global Database 1.1, 2023.",
        dated=parse_iso("2023-03-30", Meaning.OBSERVED),  # the last day of an attribution in it; no day of release seen
    ),
    V1_3: DataSet(
        key="eurepoc-1.3",
        title="EuRepoC Global Database",
        publisher="European Repository of Cyber Incidents",
        version="1.3",
        reference="https://doi.org/10.5281/zenodo.14965395",
        licence="CC BY-NC 4.0",
        pass_on=PassOn.NON_COMMERCIAL,
        notice="European Repository of Cyber Incidents (EuRepoC), Global Database 1.3, 2025.",
        dated=parse_iso("2024-12-31", Meaning.OBSERVED),  # reported as the last day that it covers
    ),
}


def read(sheets: Sequence[Sheet]) -> Read:
    """The records of a global file, with the attribution and receiver tables of 1.1 if they are given too.

    Raises SourceProblem ``wrong_kind``, ``wrong_version``, ``missing_part``, ``same_part_twice``.
    """
    parts = _parts(sheets)
    main = parts.get("global")
    if main is None:
        raise SourceProblem("missing_part", kind="eurepoc", needed="the global file (with the columns of incidents)")
    columns = _version(main)
    taking = Taking(DATA_SETS[columns])
    said = _by_incident(taking, parts.get("attributions"), "incident_ID")
    hit = _by_incident(taking, parts.get("receivers"), "ID")
    backwards = 0
    table = parts["attributions"].file if "attributions" in parts else ""
    for row in main.rows:
        with taking.row(main.file, row.number, row.cells):
            number = _identifier(row.cells, columns.number)
            incident = _incident(taking, columns, number, row, hit.get(number))
            taking.put(incident)
            backwards += _ends_before(incident)
            found = Found(taking, columns, incident.name, main.file, row)
            for statement in (*verdict(found), *attributions(found, said.get(number), table), *responses(found)):
                taking.put(statement)
    for sheet in sheets:
        taking.short(sheet)
    _orphans(taking, parts, said | hit)
    if backwards:
        taking.notes.append(f"{backwards} incidents end before they begin, by the cells; both dates were kept.")
    mended = any(sheet.mended for sheet in sheets)
    return taking.done([], whole=not mended)


def _parts(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    parts: dict[str, Sheet] = {}
    for sheet in sheets:
        have = {heading.strip() for heading in sheet.headings}
        if "start_date" in have and "name" in have:
            part = "global"
        elif {"incident_ID", "attribution_ID"} <= have:
            part = "attributions"
        elif {"ID", "receiver_country", "receiver_category"} <= have:
            part = "receivers"
        else:
            raise SourceProblem(
                "wrong_kind", kind="eurepoc", file=sheet.file, why="its headings are those of no EuRepoC table"
            )
        if parts.setdefault(part, sheet) is not sheet:
            raise SourceProblem("same_part_twice", part=part)
    return parts


def _version(sheet: Sheet) -> Columns:
    have = {heading.strip() for heading in sheet.headings}
    for columns in (V1_1, V1_3):
        if columns.needed <= have:
            return columns
    missing = min((columns.needed - have for columns in (V1_1, V1_3)), key=len)
    raise SourceProblem(
        "wrong_version",
        file=sheet.file,
        kind="eurepoc",
        known="releases 1.1 and 1.3",
        found=f"another release, or not EuRepoC at all (no column {', '.join(sorted(missing)[:3])})",
    )


def _by_incident(taking: Taking, sheet: Sheet | None, column: str) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in sheet.rows if sheet else ():
        with taking.row(sheet.file if sheet else "", row.number, row.cells):
            rows[_identifier(row.cells, column)].append(row)
    return rows


def _orphans(taking: Taking, parts: dict[str, Sheet], rows: dict[str, list[Row]]) -> None:
    """Rows of the two tables that belong to no incident of the global file were read and go nowhere: say so."""
    held = {name.partition(":")[2] for name in taking.incidents}
    lost = sum(len(of) for number, of in rows.items() if number not in held)
    if lost:
        taking.notes.append(f"{lost} rows of the tables belong to incidents that were not taken from the global file.")


def _identifier(cells: dict[str, str], column: str) -> str:
    number = cells[column].strip()
    if not _NUMBER.fullmatch(number):
        raise PrecedentProblem("no_identifier", field=column)
    return number.removesuffix(".0")


def _incident(taking: Taking, columns: Columns, number: str, row: Row, hit: list[Row] | None) -> Incident:
    key = taking.data_set.key
    name = f"{key}:{number}"
    taking.about(name)
    cells = row.cells
    title = taking.text("name", cells["name"])
    if title is None:
        raise PrecedentProblem("no_identifier", field="name")
    described = taking.part("description", "", lambda: taking.text("description", cells["description"]), None)
    return Incident(
        name=name,
        data_set=key,
        place=f"row {row.number}, id {number}",
        title=title,
        description=described or Nothing.NOT_CODED,
        dates=_dates(taking, columns, cells),
        receivers=_receivers(taking, columns, cells, hit),
        codings=tuple(sorted(set(_codings(columns, cells, hit)))),
        links=tuple(dict.fromkeys(columns.links(cells))),
    )


def _dates(taking: Taking, columns: Columns, cells: dict[str, str]) -> tuple[Dated, ...]:
    found = []
    for column, meaning in (("start_date", Meaning.BEGAN), ("end_date", Meaning.ENDED)):
        one = taking.part(column, cells[column], _date_reader(cells[column], meaning), Nothing.NOT_CODED)
        if isinstance(one, Dated):
            found.append(one)
    return tuple(found)


def _date_reader(cell: str, meaning: Meaning):  # type: ignore[no-untyped-def]
    return lambda: dated(cell, meaning, first_is_coarse=True)


def _ends_before(incident: Incident) -> bool:
    by: dict[Meaning, Instant] = {one.instant.meaning: one.instant for one in incident.dates}
    began, ended = by.get(Meaning.BEGAN), by.get(Meaning.ENDED)
    return began is not None and ended is not None and ended.ms < began.ms


def _receivers(taking: Taking, columns: Columns, cells: dict[str, str], hit: list[Row] | None) -> tuple[Actor, ...]:
    column = "receiver_country"
    names = (
        [row.cells[column] for row in hit]
        if hit
        else taking.part(column, cells[column], lambda: columns.receivers(cells), [])
    )
    found: dict[str, Actor] = {}
    for name in names:
        if name.strip() in NOTHING:
            continue
        actor = taking.part(column, name, _place_reader(name), None)
        if actor is not None:
            found.setdefault(actor.key, actor)
    return tuple(found.values())


def _place_reader(name: str):  # type: ignore[no-untyped-def]
    return lambda: place(name)


def _codings(columns: Columns, cells: dict[str, str], hit: list[Row] | None) -> list[Coding]:
    found = []
    for method in columns.split(cells["incident_type"]):
        if method in words.METHODS:
            code, layer = words.METHODS[method]
            found += [Coding(Facet.METHOD, code, method), Coding(Facet.LAYER, layer, method)]
    for technique in (
        *columns.split(cells[columns.initial_access]),
        *columns.split(cells[columns.impact]),
    ):
        if nothing(technique) is None:
            found.append(Coding(Facet.TECHNIQUE, _code(technique), technique))
            if technique in words.TECHNIQUES:
                found.append(Coding(Facet.METHOD, words.TECHNIQUES[technique], technique))
    if cells["data_theft"].startswith("For private") or "sensitive information" in cells["data_theft"]:
        found.append(Coding(Facet.LAYER, "data", cells["data_theft"]))
    spatial = cells["physical_effects_spatial"]
    if nothing(spatial) is None:
        found.append(Coding(Facet.LAYER, "physical", spatial))
    found += _sectors(columns, cells, hit)
    found += _severities(columns, cells)
    found += _headings(columns, cells)
    return found


def _sectors(columns: Columns, cells: dict[str, str], hit: list[Row] | None) -> list[Coding]:
    pairs = (
        [(row.cells["receiver_category"], row.cells["receiver_category_subcode"]) for row in hit]
        if hit
        else columns.sectors(cells)
    )
    found = []
    for category, part in pairs:
        for given, code in ((part, words.SECTORS.get(part)), (category, words.CATEGORIES.get(category))):
            if code:
                found.append(Coding(Facet.SECTOR, code, given))
    return found


def _severities(columns: Columns, cells: dict[str, str]) -> list[Coding]:
    found = []
    for scale, column in (
        ("eurepoc-unweighted", columns.unweighted),
        ("eurepoc-weighted", columns.weighted),
        ("eurepoc-impact", columns.impact_score),
    ):
        given = cells[column]
        if re.fullmatch(r"[0-9]{1,3}(?:\.0)?", given, re.ASCII):
            found.append(Coding(Facet.SEVERITY, f"{scale}/{given.removesuffix('.0')}", given, float(given)))
    return found


def _headings(columns: Columns, cells: dict[str, str]) -> list[Coding]:
    found = []
    for facet, column in columns.facets:
        for given in dict.fromkeys(columns.split(cells[column])):
            if nothing(given) is None:
                prefix = "law/" if facet is Facet.LAW else ""
                found.append(Coding(facet, prefix + _code(given), given))
    return found


def _code(given: str) -> str:
    """A word of the coders as a code: what stands before a bracket, small letters and hyphens."""
    short = given.partition("(")[0].strip() or given
    return re.sub(r"[^\w]+", "-", short.casefold()).strip("-")[:80]
