"""Cyber sanctions of the European Union and of the United States: who is listed, under which programme, since when.

Read are the publishers' own XML (the Commission's consolidated financial sanctions file, OFAC's SDN list), of which
the entries of cyber programmes are taken, and CSV cuts of them. A listing names persons and bodies; it names no
incident, and none is inferred. A nationality is where somebody is from, not whom the listing accuses. OFAC's file has
no dates. A CSV cut of the EU's file dates the regulation that it names, which may be a later amendment; the day of
listing is read from ``designationDate``, or from
``designationDetails`` where that is a day, only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from parley.outside.sources.documents import elements, local
from parley.outside.sources.files import Given
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Sheet, read_csv
from parley.outside.sources.taking import Taking
from parley.precedents.cells import dated
from parley.precedents.names import by_code, other, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Named, Statement
from parley.precedents.report import Read
from parley.precedents.words import Facet, Instrument, Kind, PassOn, Sort, Tie
from parley.terms.instant import Meaning, parse_iso
from parley.terms.nothing import Nothing
from parley.terms.text import shown

EU = DataSet(
    key="eu-cyber-sanctions",
    title="EU consolidated financial sanctions list, programme CYB",
    publisher="European Commission",
    version="2021-03-02",
    reference="https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-eu-"
    "financial-sanctions",
    licence="Commission reuse policy (Decision 2011/833/EU), with credit",
    pass_on=PassOn.WITH_NOTICE,
    notice="European Commission, consolidated list of persons, groups and entities subject to EU financial sanctions.",
    dated=parse_iso("2021-03-02", Meaning.PUBLISHED),
)
OFAC = DataSet(
    key="ofac-cyber-sanctions",
    title="OFAC Specially Designated Nationals, cyber programmes",
    publisher="US Department of the Treasury, Office of Foreign Assets Control",
    version="2021-03-10",
    reference="https://sanctionslist.ofac.treas.gov/",
    licence="work of the US government, public domain",
    pass_on=PassOn.FREELY,
    notice="US Department of the Treasury, OFAC, SDN list.",
    dated=parse_iso("2021-03-10", Meaning.PUBLISHED),
)
PROGRAMMES = frozenset({"CYBER", "CYBER2", "CYBER3", "ELECTION-EO13848", "CAATSA - RUSSIA"})
_EU_CSV = {"euRef", "type", "name", "regulation", "entryIntoForce", "countries"}
_OFAC_CSV = {"uid", "type", "name", "programs", "nationalities", "address_countries"}
_SORTS = {"person": Sort.PERSON, "P": Sort.PERSON, "Individual": Sort.PERSON}


class _Listing(msgspec.Struct, frozen=True):
    """One entry, from whichever form."""

    number: str
    sort: Sort
    name: str
    aliases: tuple[str, ...]
    programmes: tuple[str, ...]
    states: tuple[str, ...]
    by_code: bool
    date: str
    instrument: str
    remarks: str
    links: tuple[str, ...]


def read_eu(givens: Sequence[Given]) -> Read:
    """The EU's cyber listings, from the Commission's XML or a CSV cut; raises SourceProblem."""
    given = _only(givens, "eu-sanctions")
    if _is_xml(given):
        return _read(EU, Actor(Sort.ORGANISATION, "O-EU", "European Union"), given, _eu_xml(given), None)
    sheet = _csv(given, _EU_CSV, "eu-sanctions")
    return _read(EU, Actor(Sort.ORGANISATION, "O-EU", "European Union"), given, _eu_rows(sheet), sheet)


def read_ofac(givens: Sequence[Given]) -> Read:
    """OFAC's cyber listings, from the SDN XML or a CSV cut; raises SourceProblem."""
    given = _only(givens, "ofac-sanctions")
    if _is_xml(given):
        return _read(OFAC, Actor(Sort.STATE, "US", "United States"), given, _ofac_xml(given), None)
    sheet = _csv(given, _OFAC_CSV, "ofac-sanctions")
    return _read(OFAC, Actor(Sort.STATE, "US", "United States"), given, _ofac_rows(sheet), sheet)


_One = tuple[int, dict[str, str], _Listing]


def _read(data_set: DataSet, holder: Actor, given: Given, listings: Iterator[_One], sheet: Sheet | None) -> Read:
    taking = Taking(data_set)
    seen = 0
    for number, cells, listing in listings:
        seen += 1
        with taking.row(given.name, number, cells):
            taking.put(_statement(taking, holder, listing))
    if sheet is not None:
        taking.short(sheet)
    if not seen:
        raise SourceProblem(
            "wrong_kind", kind=data_set.key, file=given.name, why="it has no entry of a cyber programme"
        )
    return taking.done([], whole=sheet is None or not sheet.mended)


def _statement(taking: Taking, holder: Actor, listing: _Listing) -> Statement:
    if not listing.number:
        raise PrecedentProblem("no_identifier", field="uid or euRef")
    taking.about(f"{taking.data_set.key}:{listing.number}")
    names = [Named(other(listing.sort, listing.name), Tie.LISTED)]
    reader = by_code if listing.by_code else place
    for state in listing.states:
        actor = taking.part("countries", state, lambda state=state: reader(state), None)  # type: ignore[misc]
        if isinstance(actor, Actor):
            names.append(Named(actor, Tie.ORIGIN))
    on = taking.part(
        "date", listing.date, lambda: dated(listing.date, Meaning.TOOK_EFFECT, first_is_coarse=False), None
    )
    return Statement(
        name=f"{taking.data_set.key}:{listing.number}",
        kind=Kind.SANCTION,
        data_set=taking.data_set.key,
        place=f"entry {listing.number}" + (f", {listing.instrument}" if listing.instrument else ""),
        holder=holder,
        names=tuple(sorted(set(names))),
        on=on if isinstance(on, Dated) else Nothing.NOT_CODED,
        instrument=Instrument.SANCTION,
        codings=tuple(sorted(set(_codings(listing)))),
        links=listing.links,
    )


def _codings(listing: _Listing) -> Iterator[Coding]:
    for programme in listing.programmes:
        yield Coding(Facet.PROGRAMME, programme)
    for alias in listing.aliases:
        yield Coding(Facet.ALIAS, shown(alias, 120))
    if listing.instrument:
        yield Coding(Facet.OTHER, "regulation", listing.instrument)
    if listing.remarks.strip():
        yield Coding(Facet.OTHER, "remarks", shown(listing.remarks, 500))


def _only(givens: Sequence[Given], kind: str) -> Given:
    if len(givens) != 1:
        raise SourceProblem("same_part_twice", part=kind)
    return givens[0]


def _is_xml(given: Given) -> bool:
    return given.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" or given.body[:6] in (
        b"\xff\xfe<\0?\0",
        b"\xfe\xff\0<\0?",
    )


def _csv(given: Given, needed: set[str], kind: str) -> Sheet:
    sheet = read_csv(given)
    missing = needed - {heading.strip() for heading in sheet.headings}
    if missing:
        why = f"no column {', '.join(sorted(missing)[:3])}"
        raise SourceProblem("wrong_kind", kind=kind, file=given.name, why=why)
    return sheet


def _eu_rows(sheet: Sheet) -> Iterator[_One]:
    for row in sheet.rows:
        c = row.cells
        yield (
            row.number,
            c,
            _Listing(
                number=c["euRef"],
                sort=_SORTS.get(c["type"], Sort.BODY),
                name=c["name"],
                aliases=_parts(c.get("aliases", "")),
                programmes=("CYB",),
                states=_parts(c["countries"]),
                by_code=True,
                date=_designated(c.get("designationDate", ""), c.get("designationDetails", "")),
                instrument=f"{c['regulation']}, in force {c['entryIntoForce']}",
                remarks=c.get("remark", ""),
                links=(),
            ),
        )


def _ofac_rows(sheet: Sheet) -> Iterator[_One]:
    for row in sheet.rows:
        c = row.cells
        yield (
            row.number,
            c,
            _Listing(
                number=c["uid"],
                sort=_SORTS.get(c["type"], Sort.BODY),
                name=c["name"],
                aliases=_parts(c.get("aliases", "")),
                programmes=_parts(c["programs"]),
                states=tuple(dict.fromkeys((*_parts(c["nationalities"]), *_parts(c["address_countries"])))),
                by_code=False,
                date="",
                instrument="",
                remarks=c.get("remarks", ""),
                links=(),
            ),
        )


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in cell.split(";") if one.strip()))


def _eu_xml(given: Given) -> Iterator[_One]:
    for number, entity in enumerate(elements(given, "sanctionEntity"), start=1):
        found = _children(entity, "regulation")
        if not any(one.get("programme") == "CYB" for one in found):
            continue
        names = [one.get("wholeName", "") for one in _children(entity, "nameAlias") if one.get("wholeName")]
        sort = next((one.get("code", "") for one in _children(entity, "subjectType")), "")
        states = [
            one.get("countryIso2Code", "") for tag in ("citizenship", "address") for one in _children(entity, tag)
        ]
        regulation = found[0]
        listing = _Listing(
            number=entity.get("euReferenceNumber", ""),
            sort=_SORTS.get(sort, Sort.BODY),
            name=names[0] if names else "",
            aliases=tuple(dict.fromkeys(names[1:])),
            programmes=("CYB",),
            states=tuple(dict.fromkeys(state for state in states if state and state != "00")),
            by_code=True,
            date=_designated(entity.get("designationDate", ""), entity.get("designationDetails", "")),
            instrument=f"{regulation.get('numberTitle', '')}, in force {regulation.get('entryIntoForceDate', '')}",
            remarks=" ".join(one.text or "" for one in _children(entity, "remark")),
            links=tuple((one.text or "").strip()[:500] for one in regulation if local(one.tag) == "publicationUrl"),
        )
        yield number, _as_cells(listing, "euRef", "countries") | {"regulation": listing.instrument}, listing


def _ofac_xml(given: Given) -> Iterator[_One]:
    for number, entry in enumerate(elements(given, "sdnEntry"), start=1):
        programmes = tuple(_texts(entry, "program"))
        if not PROGRAMMES & set(programmes):
            continue
        listing = _Listing(
            number=_text(entry, "uid"),
            sort=_SORTS.get(_text(entry, "sdnType"), Sort.BODY),
            name=_whole_name(entry),
            aliases=tuple(dict.fromkeys(_whole_name(aka) for aka in entry.iter() if local(aka.tag) == "aka")),
            programmes=programmes,
            states=tuple(dict.fromkeys(_texts(entry, "country"))),
            by_code=False,
            date="",
            instrument="",
            remarks=_text(entry, "remarks"),
            links=(),
        )
        yield number, _as_cells(listing, "uid", "address_countries") | {"nationalities": ""}, listing


def _as_cells(listing: _Listing, number: str, states: str) -> dict[str, str]:
    """An entry of the XML as a row of the CSV cut: what the quarantine writes out can be imported again."""
    kind = next((word for word, sort in _SORTS.items() if sort is listing.sort and len(word) > 1), "other")
    return {
        number: listing.number,
        "type": kind,
        "name": listing.name,
        "aliases": ";".join(listing.aliases),
        "programs": ";".join(listing.programmes),
        states: ";".join(listing.states),
        "designationDate": listing.date,
        "entryIntoForce": "",
        "remarks": listing.remarks,
    }


def _designated(date: str, details: str) -> str:
    """The day of listing: the attribute, or the details where they are a day (``30.7.2020``) and nothing else."""
    return date or (details.strip() if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", details.strip(), re.ASCII) else "")


def _children(element: Any, tag: str) -> list[Any]:
    return [child for child in element if local(child.tag) == tag]


def _text(element: Any, tag: str) -> str:
    return next(((child.text or "").strip() for child in _children(element, tag)), "")


def _texts(element: Any, tag: str) -> list[str]:
    return [(one.text or "").strip() for one in element.iter() if local(one.tag) == tag and (one.text or "").strip()]


def _whole_name(element: Any) -> str:
    return " ".join(part for part in (_text(element, "lastName"), _text(element, "firstName")) if part)
