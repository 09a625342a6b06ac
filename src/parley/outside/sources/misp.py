"""MISP galaxies: threat actors with their suspected sponsors and victims; countries, regions, sectors.

A cluster is a link, not an incident: the project holds that a group is suspected to be sponsored by a state (field
``cfr-suspected-state-sponsor``) or comes from a country (field ``country``), mostly with no date, author or basis. The
confidence value is 50 by default and is kept as written, not as a likelihood. Synonyms are kept as aliases: 27 names
belong to more than one actor, so an alias never makes one actor of two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from parley.outside.sources.documents import compact, read_json
from parley.outside.sources.files import Given
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.taking import Taking
from parley.precedents.names import by_code, nothing, other, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Named, Statement
from parley.precedents.report import Read
from parley.precedents.words import Facet, Kind, PassOn, Sort, Tie
from parley.terms.instant import Meaning, parse_iso
from parley.terms.nothing import Nothing
from parley.terms.problem import Problem
from parley.terms.text import Text, shown

_GALAXIES = ("threat-actor", "country", "region", "sector")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def read(givens: Sequence[Given]) -> Read:
    """The records of one galaxy cluster file; raises SourceProblem."""
    if len(givens) != 1:
        raise SourceProblem("same_part_twice", part="misp")
    given = givens[0]
    document = read_json(given)
    galaxy = document.get("type") if isinstance(document, dict) else None
    if galaxy not in _GALAXIES or not isinstance(document.get("values"), list):
        raise SourceProblem(
            "wrong_kind", kind="misp", file=given.name, why=f"it is no galaxy of {', '.join(_GALAXIES)}"
        )
    taking = Taking(_data_set(galaxy, document))
    for number, value in enumerate(document["values"], start=1):
        with taking.row(given.name, number, {"json": compact(value)}):
            _READERS[galaxy](taking, _checked(value))
    return taking.done([], whole="_quarantine" not in document)


def _data_set(galaxy: str, document: Mapping[str, Any]) -> DataSet:
    version = str(document.get("version", "unknown"))[:20]
    return DataSet(
        key=f"misp-{galaxy}",
        title=f"MISP galaxy {galaxy}",
        publisher="MISP Project",
        version=version,
        reference=f"https://github.com/MISP/misp-galaxy/blob/main/clusters/{galaxy}.json",
        licence="CC0 1.0 or BSD-2-Clause",
        pass_on=PassOn.FREELY,
        notice="MISP Project, misp-galaxy.",
        dated=parse_iso("2025-11", Meaning.RETRIEVED) if version == "336" else Nothing.NOT_CODED,
    )


def _checked(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("value"), str) or not value["value"].strip():
        raise PrecedentProblem("no_identifier", field="value")
    if not isinstance(value.get("uuid"), str) or not _UUID.fullmatch(value["uuid"]):
        raise PrecedentProblem("no_identifier", field="uuid")
    return {**value, "meta": value["meta"] if isinstance(value.get("meta"), dict) else {}}


def _several(meta: Mapping[str, Any], field: str) -> list[str]:
    """The values of a field that is sometimes a text and sometimes a list."""
    value = meta.get(field)
    return [str(one) for one in (value if isinstance(value, list) else [] if value is None else [value])]


def _link(taking: Taking, value: Mapping[str, Any], part: str, names: Sequence[Named], *codings: Coding) -> None:
    taking.put(
        Statement(
            name=f"{taking.data_set.key}:{value['uuid']}/{part}",
            kind=Kind.LINK,
            data_set=taking.data_set.key,
            place=f"uuid {value['uuid']}, {part}",
            holder=taking.data_set.coders,
            names=tuple(sorted(set(names))),
            words=_words(value) if part == "actor" else Nothing.NOT_CODED,
            codings=tuple(sorted(set(codings))),
            links=tuple(link[:500] for link in _several(value["meta"], "refs")) if part == "actor" else (),
        )
    )


def _words(value: Mapping[str, Any]) -> Text | Nothing:
    try:
        return Text.of("en", str(value.get("description", "")))
    except Problem:
        return Nothing.NOT_CODED


def _threat_actor(taking: Taking, value: dict[str, Any]) -> None:
    meta = value["meta"]
    taking.about(f"{taking.data_set.key}:{value['uuid']}")
    group = Named(other(Sort.GROUP, value["value"]), Tie.SUBJECT)
    _link(taking, value, "actor", [group], *_about_group(meta))
    sponsors = _states(taking, meta, "cfr-suspected-state-sponsor", Tie.SUSPECTED)
    if "cfr-suspected-state-sponsor" in meta:
        as_written = [Coding(Facet.OTHER, "sponsor-as-written", shown(one, 120)) for one in _several(meta, _SPONSOR)]
        _link(taking, value, "sponsor", [group, *sponsors], *as_written)
    if country := str(meta.get("country", "")).strip():
        origin = taking.part("country", country, lambda: by_code(country), None)
        if origin is not None:
            confidence = [Coding(Facet.OTHER, "misp-attribution-confidence", one) for one in _several(meta, _SURE)]
            _link(taking, value, "country", [group, Named(origin, Tie.ORIGIN)], *confidence)
    victims, as_written = _victims(meta)
    if victims or as_written:
        _link(taking, value, "victims", [group, *victims], *as_written)


_SPONSOR, _SURE = "cfr-suspected-state-sponsor", "attribution-confidence"


def _about_group(meta: Mapping[str, Any]) -> list[Coding]:
    found = [Coding(Facet.ALIAS, shown(one, 120)) for one in _several(meta, "synonyms") if one.strip()]
    for field, facet in (("cfr-type-of-incident", Facet.METHOD), ("cfr-target-category", Facet.SECTOR)):
        for one in _several(meta, field):
            found.append(Coding(facet, shown(one, 80).casefold().replace(" ", "-"), one))
    return found


def _states(taking: Taking, meta: Mapping[str, Any], field: str, tie: Tie) -> list[Named]:
    found = []
    for name in _several(meta, field):
        if nothing(name) is None:
            actor = taking.part(field, name, lambda name=name: place(name), None)  # type: ignore[misc]
            if isinstance(actor, Actor):
                found.append(Named(actor, tie))
    return found


def _victims(meta: Mapping[str, Any]) -> tuple[list[Named], list[Coding]]:
    """States, regions and organisations as such; companies and groups of people mixed among them stay as written."""
    found, as_written = [], []
    for name in _several(meta, "cfr-suspected-victims"):
        try:
            found.append(Named(place(name), Tie.HIT))
        except PrecedentProblem:
            as_written.append(Coding(Facet.OTHER, "victim-as-written", shown(name, 120)))
    return found, as_written


def _country(taking: Taking, value: dict[str, Any]) -> None:
    meta = value["meta"]
    state = Named(by_code(str(meta.get("ISO", ""))), Tie.SUBJECT)
    for standing in _several(meta, "budapest-convention"):
        _link(taking, value, "budapest-convention", [state], Coding(Facet.TREATY, f"budapest-convention/{standing}"))
    if "budapest-convention" not in meta:
        _link(taking, value, "country", [state])


def _region(taking: Taking, value: dict[str, Any]) -> None:
    """``001 - World``: a region of the M49 standard, with the regions and states in it by number."""
    number, _, name = value["value"].partition(" - ")
    region = Actor(Sort.REGION, f"R-M49-{number}", name or number)
    parts = [Coding(Facet.REGION, shown(one, 80)) for one in _several(value["meta"], "subregions")]
    _link(taking, value, "region", [Named(region, Tie.SUBJECT)], *parts)


def _sector(taking: Taking, value: dict[str, Any]) -> None:
    _link(taking, value, "sector", [], Coding(Facet.SECTOR, f"misp/{shown(value['value'], 80)}", value["value"]))


_READERS = {"threat-actor": _threat_actor, "country": _country, "region": _region, "sector": _sector}
