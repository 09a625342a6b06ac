"""MITRE ATT&CK: groups, campaigns and which campaign is attributed to which group; STIX 2.1 bundles, or their extract.

ATT&CK has no states: a campaign is attributed to a group, and that is all that is taken. First and last seen are
written as instants but known by month (their hours are time zones), and are read as months.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from parley.outside.sources.documents import compact, read_json
from parley.outside.sources.files import Given
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.taking import Taking
from parley.precedents.names import other
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Coding, DataSet, Dated, Incident, Named, Statement
from parley.precedents.report import Read
from parley.precedents.words import Basis, Facet, Kind, PassOn, Sort, Tie
from parley.terms.instant import Instant, Meaning, Precision, parse_iso
from parley.terms.moment import from_parts
from parley.terms.nothing import Nothing
from parley.terms.text import Text, shown

NOTICE = (
    "© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."
)
_ID = re.compile(r"[GC]\d{4}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})-\d{2}T", re.ASCII)
_CITED = re.compile(r"\(Citation: ([^)]{1,200})\)")


class _Object(msgspec.Struct, frozen=True):
    """A group or campaign, from whichever of the two forms."""

    stix: str
    number: str
    name: str
    aliases: tuple[str, ...]
    description: str
    first: str
    last: str
    links: tuple[str, ...]


class _Tied(msgspec.Struct, frozen=True):
    stix: str
    source: str
    target: str
    description: str


def read(givens: Sequence[Given]) -> Read:
    """The records of a bundle, or of an extract with its file of links; raises SourceProblem."""
    objects: list[tuple[Given, int, Any, _Object | _Tied]] = []
    version, domain, whole = "", "enterprise", True
    for given in givens:
        document = read_json(given)
        version = _version(document) or version
        domain = "ics" if _is_ics(document) else domain
        whole = whole and not (isinstance(document, dict) and "_quarantine" in document)
        objects += [(given, *one) for one in _objects(given, document)]
    taking = Taking(_data_set(domain, version or "unknown"))
    known = {one.stix: one for *_, one in objects if isinstance(one, _Object)}
    for given, number, raw, one in objects:
        with taking.row(given.name, number, {"json": compact(raw)}):
            if isinstance(one, _Object):
                _take(taking, one)
            else:
                _tie(taking, one, known)
    return taking.done([], whole=whole)


def _data_set(domain: str, version: str) -> DataSet:
    return DataSet(
        key=f"attack-{domain}",
        title=f"MITRE ATT&CK {domain}",
        publisher="The MITRE Corporation",
        version=version,
        reference="https://attack.mitre.org/",
        licence="MITRE ATT&CK licence: free use, the notice kept",
        pass_on=PassOn.WITH_NOTICE,
        notice=NOTICE,
        dated=parse_iso("2025-11", Meaning.PUBLISHED) if version == "18.1" else Nothing.NOT_CODED,
    )


def _version(document: Any) -> str:
    if isinstance(document, dict):
        found = re.search(r"attack-(\d+\.\d+)", str(document.get("_metadata", {}).get("source_file", "")))
        for one in document.get("objects", ()) if isinstance(document.get("objects"), list) else ():
            if isinstance(one, dict) and one.get("type") == "x-mitre-collection":
                return str(one.get("x_mitre_version", ""))[:20]
        return found[1] if found else ""
    return ""


def _is_ics(document: Any) -> bool:
    objects = document.get("objects", ()) if isinstance(document, dict) else ()
    return any(isinstance(one, dict) and one.get("name") == "ICS ATT&CK" for one in objects)


def _objects(given: Given, document: Any) -> Iterator[tuple[int, Any, _Object | _Tied]]:
    found = _listed(document)
    if found is None:
        raise SourceProblem(
            "wrong_kind", kind="attack", file=given.name, why="it is no STIX 2.1 bundle and no extract of one"
        )
    for number, one in enumerate(found, start=1):
        if not isinstance(one, dict) or one.get("revoked") is True or _deprecated(one):
            continue
        sort = one.get("type") or one.get("stix_type") or one.get("relationship_type")
        if sort in ("intrusion-set", "campaign"):
            yield number, one, _object(one)
        elif sort == "attributed-to" or (sort == "relationship" and one.get("relationship_type") == "attributed-to"):
            yield number, one, _tied(one)


def _listed(document: Any) -> list[Any] | None:
    if isinstance(document, list):
        return document if all(isinstance(one, dict) and "relationship_type" in one for one in document) else None
    for key in ("objects", "groups_campaigns"):
        if isinstance(document, dict) and isinstance(document.get(key), list):
            listed: list[Any] = document[key]
            return listed
    return None


def _deprecated(one: Mapping[str, Any]) -> bool:
    return one.get("x_mitre_deprecated") is True or one.get("deprecated") is True


def _object(one: Mapping[str, Any]) -> _Object:
    references = [ref for ref in one.get("external_references", ()) if isinstance(ref, dict)]
    number = next((ref.get("external_id", "") for ref in references if ref.get("source_name") == "mitre-attack"), "")
    links = tuple(str(ref["url"])[:500] for ref in references if ref.get("url"))
    return _Object(
        stix=str(one.get("id") or one.get("stix_id", "")),
        number=str(number or one.get("external_id") or one.get("attack_id") or ""),
        name=str(one.get("name", "")),
        aliases=tuple(str(alias) for alias in one.get("aliases") or ()),
        description=str(one.get("description", "")),
        first=str(one.get("first_seen") or ""),
        last=str(one.get("last_seen") or ""),
        links=links,
    )


def _tied(one: Mapping[str, Any]) -> _Tied:
    stix = str(one.get("id") or one.get("stix_id", ""))
    return _Tied(stix, str(one.get("source_ref")), str(one.get("target_ref")), str(one.get("description", "")))


def _take(taking: Taking, one: _Object) -> None:
    if not _ID.fullmatch(one.number):
        raise PrecedentProblem("no_identifier", field="external_id")
    name = f"{taking.data_set.key}:{one.number}"
    taking.about(name)
    described = taking.part("description", "", lambda: taking.text("description", _plain(one.description)), None)
    aliases = tuple(sorted({Coding(Facet.ALIAS, shown(alias, 120)) for alias in one.aliases if alias != one.name}))
    if one.number[0] == "C":
        title = taking.text("name", one.name)
        taking.put(
            Incident(
                name=name,
                data_set=taking.data_set.key,
                place=f"{one.number}, {one.stix}",
                title=title or Text("en", one.number),
                description=described or Nothing.NOT_CODED,
                dates=tuple(seen for cell in (one.first, one.last) if (seen := _seen(cell)) is not None),
                codings=aliases,
                links=one.links,
            )
        )
        return
    taking.put(
        Statement(
            name=f"{name}/actor",
            kind=Kind.LINK,
            data_set=taking.data_set.key,
            place=f"{one.number}, {one.stix}",
            holder=taking.data_set.coders,
            names=(Named(other(Sort.GROUP, one.name), Tie.SUBJECT),),
            words=described or Nothing.NOT_CODED,
            codings=(*aliases, Coding(Facet.OTHER, f"attack-group/{one.number}")),
            links=one.links,
        )
    )


def _seen(cell: str) -> Dated | None:
    found = _MONTH.match(cell)
    if found is None:
        return None
    return Dated(Instant(from_parts((int(found[1]), int(found[2]))), Precision.MONTH, Meaning.OBSERVED), cell)


def _tie(taking: Taking, one: _Tied, known: Mapping[str, _Object]) -> None:
    campaign, group = known.get(one.source), known.get(one.target)
    if campaign is None or group is None:
        raise PrecedentProblem("no_incident", given=shown(one.source if campaign is None else one.target, 80))
    incident = f"{taking.data_set.key}:{campaign.number}"
    taking.about(incident)
    cited = tuple(Coding(Facet.OTHER, "cited", shown(found, 200)) for found in _CITED.findall(one.description))
    taking.put(
        Statement(
            name=f"{incident}/attributed-to/{group.number}",
            kind=Kind.ATTRIBUTION,
            data_set=taking.data_set.key,
            place=one.stix,
            holder=taking.data_set.coders,
            about=(incident,),
            names=(Named(other(Sort.GROUP, group.name), Tie.UNSAID),),
            basis=Basis.CODERS,
            codings=(*cited, Coding(Facet.OTHER, f"attack-group/{group.number}")),
        )
    )


def _plain(text: str) -> str:
    """A description without the marks of its citations and the addresses of its links."""
    return re.sub(r"\[([^\]]{1,200})\]\(https?://[^)\s]{1,500}\)", r"\1", _CITED.sub("", text)).strip()
