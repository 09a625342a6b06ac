"""The CFR Cyber Operations Tracker: one row an operation that became known, with its suspected sponsor.

``Date`` is mostly the day of disclosure, and is read as that. The response column says what somebody answered, not who
or when; a response that several rows share word for word, with its address, is one statement about all of them (a
Belgian one of July 2022 concerns four groups). Rows whose columns are shifted go to quarantine whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from parley.outside.sources.eurepoc_columns import addresses
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Row, Sheet
from parley.outside.sources.taking import Taking, mark
from parley.precedents.cells import dated
from parley.precedents.names import nothing, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Incident, Named, Statement
from parley.precedents.report import Read
from parley.precedents.words import Basis, Facet, Instrument, Kind, PassOn, Tie
from parley.terms.instant import Instant, Meaning, Precision, parse_iso
from parley.terms.nothing import Nothing
from parley.terms.text import shown

DATA_SET = DataSet(
    key="cfr-2022",
    title="Cyber Operations Tracker",
    publisher="Council on Foreign Relations",
    version="to December 2022",
    reference="https://www.cfr.org/cyber-operations/",
    licence="copyright Council on Foreign Relations; no licence of the data was seen",
    pass_on=PassOn.NO,
    notice="Council on Foreign Relations, Cyber Operations Tracker.",
    dated=parse_iso("2022-12-24", Meaning.PUBLISHED),
)
_NEEDED = {"Title", "Date", "Affiliations", "Description", "Response", "Victims", "Sponsor", "Type", "Category"}
_TYPES = {
    "Espionage": ("espionage", "data"),
    "Sabotage": ("sabotage", "logical"),
    "Denial of service": ("denial-of-service", "logical"),
    "Data destruction": ("destruction", "data"),
    "Financial Theft": ("financial-theft", "data"),
    "Defacement": ("defacement", "social"),
    "Doxing": ("doxing", "social"),
}
_CATEGORIES = {
    "Private sector": "private-sector",
    "Government": "government",
    "Civil society": "civil-society",
    "Military": "military",
}
_RESPONSES: dict[str, tuple[Kind, Instrument | None] | None] = {
    "Denouncement": (Kind.RESPONSE, Instrument.STATEMENT),
    "Criminal charges": (Kind.RESPONSE, Instrument.INDICTMENT),
    "Sanctions": (Kind.RESPONSE, Instrument.SANCTION),
    "Hack Back": (Kind.RESPONSE, Instrument.HACK_BACK),
    "Confirmation": (Kind.CONFIRMATION, None),
    "Denial": (Kind.DENIAL, None),
    "Unknown": None,
}


def read(sheets: Sequence[Sheet]) -> Read:
    """The records of the tracker; raises SourceProblem ``wrong_kind``, ``same_part_twice``."""
    if len(sheets) != 1:
        raise SourceProblem("same_part_twice", part="cfr")
    sheet = sheets[0]
    have = {heading.strip() for heading in sheet.headings}
    if not have >= _NEEDED:
        why = f"no column {', '.join(sorted(_NEEDED - have)[:3])}"
        raise SourceProblem("wrong_kind", kind="cfr", file=sheet.file, why=why)
    taking = Taking(DATA_SET)
    for row in sheet.rows:
        with taking.row(sheet.file, row.number, row.cells):
            _take(taking, row)
    taking.short(sheet)
    return taking.done([], whole=not sheet.mended)


def _take(taking: Taking, row: Row) -> None:
    cells = row.cells
    _check_columns(cells)
    title = taking.text("Title", cells["Title"])
    if title is None:
        raise PrecedentProblem("no_identifier", field="Title")
    name = f"{DATA_SET.key}:{mark(cells['Title'], cells['Date'], cells['Affiliations'])}"
    taking.about(name)
    described = taking.part("Description", "", lambda: taking.text("Description", cells["Description"]), None)
    disclosed = taking.part("Date", cells["Date"], lambda: _date(cells["Date"]), Nothing.NOT_CODED)
    incident = Incident(
        name=name,
        data_set=DATA_SET.key,
        place=f"row {row.number}",
        title=title,
        description=described or Nothing.NOT_CODED,
        dates=(disclosed,) if isinstance(disclosed, Dated) else (),
        receivers=_victims(cells["Victims"]),
        codings=_codings(cells),
        links=tuple(dict.fromkeys(link for column in _LINKS for link in addresses(cells.get(column, "")))),
    )
    taking.put(incident)
    _sponsor(taking, name, row)
    _response(taking, name, row)


_LINKS = ("Sources_1", "Sources_2", "Sources_3")


def _check_columns(cells: dict[str, str]) -> None:
    """Raise ``shifted_row`` if a column holds what belongs under another heading."""
    for field, words in (("Type", _TYPES), ("Category", _CATEGORIES)):
        for given in _several(cells[field]):
            if given not in words:
                raise PrecedentProblem("shifted_row", field=field, given=shown(given, 80))
    for field in ("Sponsor", "Victims"):
        several = set(_several(cells[field]))
        if several & _TYPES.keys() or (several and field == "Sponsor" and several <= _CATEGORIES.keys()):
            raise PrecedentProblem("shifted_row", field=field, given=shown(cells[field], 80))
    word = _answer(cells["Response"])[0]
    if word and word not in _RESPONSES:
        raise PrecedentProblem("shifted_row", field="Response", given=shown(word, 80))


def _several(cell: str) -> list[str]:
    return [one.strip() for one in cell.split(",") if one.strip()]


def _answer(cell: str) -> tuple[str, str]:
    """The word and the address of a cell like ``Denial   https://…``."""
    found = re.fullmatch(r"\s*(.*?)(?:\s{2,}(https?://\S+.*))?\s*", cell, re.DOTALL)
    return (found[1], (found[2] or "").strip()) if found else (cell, "")


def _date(cell: str) -> Dated | Nothing:
    """The day of disclosure. Only 1 January is taken for a year: the 1st is no commoner than other days here."""
    found = dated(cell, Meaning.DISCLOSED, first_is_coarse=False)
    if isinstance(found, Dated) and found.given.startswith("1/1/"):
        return Dated(Instant.at(found.instant.ms, Precision.YEAR, Meaning.DISCLOSED), cell)
    return found


def _victims(cell: str) -> tuple[Actor, ...]:
    """The states hit, if the cell is a list of places and nothing else; prose is kept as prose (`_codings`)."""
    found: dict[str, Actor] = {}
    for name in places(cell):
        try:
            actor = place(name)
        except PrecedentProblem:
            return ()
        found.setdefault(actor.key, actor)
    return tuple(found.values())


def places(cell: str) -> list[str]:
    """The names of a list joined by commas, where a name may hold one: ``Palestine, State of, Israel`` is two."""
    parts, names = _several(cell), []
    while parts:
        length = next((n for n in range(min(4, len(parts)), 1, -1) if _is_place(", ".join(parts[:n]))), 1)
        names.append(", ".join(parts[:length]))
        parts = parts[length:]
    return names


def _is_place(name: str) -> bool:
    try:
        place(name)
    except PrecedentProblem:
        return False
    return True


def _codings(cells: dict[str, str]) -> tuple[Coding, ...]:
    found = []
    for given in _several(cells["Type"]):
        code, layer = _TYPES[given]
        found += [Coding(Facet.METHOD, code, given), Coding(Facet.LAYER, layer, given)]
    found += [Coding(Facet.SECTOR, _CATEGORIES[given], given) for given in _several(cells["Category"])]
    for column, code in (("Victims", "victims-as-written"), ("Affiliations", "affiliations-as-written")):
        if cells[column].strip():
            found.append(Coding(Facet.OTHER, code, shown(cells[column], 500)))
    return tuple(found)


def _sponsor(taking: Taking, incident: str, row: Row) -> None:
    cell = row.cells["Sponsor"]
    names = taking.part("Sponsor", cell, lambda: [Named(place(name), Tie.SUSPECTED) for name in places(cell)], None)
    if names is None:
        return
    taking.put(
        Statement(
            name=f"{incident}/coded",
            kind=Kind.ATTRIBUTION,
            data_set=DATA_SET.key,
            place=f"row {row.number}, Sponsor",
            holder=DATA_SET.coders,
            about=(incident,),
            names=tuple(sorted(names)) or nothing(cell) or Nothing.NOT_CODED,
            basis=Basis.CODERS,
            codings=(Coding(Facet.OTHER, "affiliations-as-written", shown(row.cells["Affiliations"], 500)),),
        )
    )


def _response(taking: Taking, incident: str, row: Row) -> None:
    word, link = _answer(row.cells["Response"])
    found = _RESPONSES.get(word)
    if found is None:
        return
    kind, instrument = found
    name = f"{DATA_SET.key}:response/{mark(word, link or incident)}"
    earlier = taking.statements.get(name)
    if earlier is not None:
        about = tuple(sorted({*earlier.about, incident}))
        place_of = f"{earlier.place}, {row.number}"[:200]
        taking.statements[name] = msgspec.structs.replace(earlier, about=about, place=place_of)
        return
    taking.put(
        Statement(
            name=name,
            kind=kind,
            data_set=DATA_SET.key,
            place=f"Response, row {row.number}",
            holder=Nothing.NOT_CODED,
            about=(incident,),
            instrument=instrument or Nothing.NOT_CODED,
            links=tuple(addresses(link)),
            codings=(Coding(Facet.OTHER, "response", word),),
        )
    )
