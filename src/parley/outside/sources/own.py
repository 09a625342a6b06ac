"""A ministry's own list, in a CSV form that docs/precedents.md describes: one row an incident, a statement, or both.

States are written by ISO code or exact name, several values parted by ``|``, dates as precisely as they are known
(``2017``, ``2017-06``, ``2017-06-27``, ``2017-06-27T10:30Z``). The shipped record is written in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Sheet
from parley.outside.sources.taking import Taking, mark
from parley.precedents.names import code_or_place, nothing, other
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Incident, LawNamed, Named, Statement, line_of
from parley.precedents.report import Read
from parley.precedents.words import (
    Basis,
    Facet,
    Instrument,
    Kind,
    Manner,
    PassOn,
    Sort,
    Tie,
)
from parley.terms.confidence import Confidence, Level
from parley.terms.instant import Meaning, parse_iso
from parley.terms.likelihood import BANDS, Likelihood
from parley.terms.nothing import Nothing
from parley.terms.source import Checked, Source, SourceKind
from parley.terms.statement import Stance
from parley.terms.text import Text, shown

INCIDENT = (
    "incident",
    "title",
    "language",
    "description",
    "began",
    "took_effect",
    "discovered",
    "disclosed",
    "ended",
    "receivers",
    "sectors",
    "methods",
    "layers",
    "incident_links",
)
STATEMENT = (
    "statement",
    "kind",
    "about",
    "holder",
    "joined",
    "speaker",
    "account",
    "on",
    "names",
    "words",
    "words_language",
    "verb",
    "confidence_word",
    "likelihood",
    "confidence",
    "basis",
    "manner",
    "instrument",
    "law",
    "links",
    "answers",
    "replaces",
    "stance",
    "capture",
)
SOURCE = (
    "source_kind",
    "source_title",
    "source_reference",
    "source_place",
    "source_opened",
    "source_licence",
    "checked",
)
COLUMNS = (*INCIDENT, *STATEMENT, *SOURCE)
"""Every heading of the form, in its order; all but ``incident`` may be left out of a file."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)
_DATES = {
    "began": Meaning.BEGAN,
    "took_effect": Meaning.TOOK_EFFECT,
    "discovered": Meaning.DISCOVERED,
    "disclosed": Meaning.DISCLOSED,
    "ended": Meaning.ENDED,
}
_ON = {
    Kind.ATTRIBUTION: Meaning.ATTRIBUTED,
    Kind.CLAIM: Meaning.ATTRIBUTED,
    Kind.SANCTION: Meaning.TOOK_EFFECT,
}
_FACETS = {"sectors": Facet.SECTOR, "methods": Facet.METHOD, "layers": Facet.LAYER}
_OTHERS = {"company": Sort.COMPANY, "group": Sort.GROUP, "body": Sort.BODY, "person": Sort.PERSON}
_SCALES = {band.key: band for band in BANDS.values()}
_Word = TypeVar("_Word", bound=StrEnum)


def own_data_set(key: str, publisher: str, licence: str, pass_on: PassOn = PassOn.NO) -> DataSet:
    """The data set of a ministry's own list; nothing of it is exported unless `pass_on` allows it."""
    return DataSet(
        key=key,
        title=f"Own record of {publisher}",
        publisher=publisher,
        version="1",
        reference="entered at this desk",
        licence=licence,
        pass_on=pass_on,
    )


def read(sheets: Sequence[Sheet], data_set: DataSet) -> Read:
    """The records of a file in the form; raises SourceProblem ``wrong_kind``, ``same_part_twice``."""
    if len(sheets) != 1:
        raise SourceProblem("same_part_twice", part="own")
    sheet = sheets[0]
    have = [heading.strip() for heading in sheet.headings]
    strange = [heading for heading in have if heading not in COLUMNS]
    if "incident" not in have or strange:
        why = f"“{shown(strange[0])}” is no heading of the form" if strange else "no column incident"
        raise SourceProblem("wrong_kind", kind="own", file=sheet.file, why=why)
    taking = Taking(data_set)
    for row in sheet.rows:
        with taking.row(sheet.file, row.number, row.cells):
            take(taking, row.cells, f"row {row.number}")
    taking.short(sheet)
    return taking.done([], whole=not sheet.mended)


def take(taking: Taking, cells: Mapping[str, str], place: str) -> tuple[Incident | None, Statement | None]:
    """Take the incident, the statement, or both that the cells of one row make.

    Raises PrecedentProblem, TermsProblem, PartyProblem: the row is wrong as a whole.
    """
    c = {name: cells.get(name, "").strip() for name in COLUMNS}
    number = _name(c["incident"], "incident") if c["incident"] else ""
    name = f"{taking.data_set.key}:{number}"
    taking.about(name if number else "")
    incident = statement = None
    if number and c["title"]:
        incident = _incident(taking.data_set, name, c, place)
        taking.put(incident)
    if c["kind"]:
        statement = _statement(taking.data_set, name if number else "", c, place)
        taking.put(statement)
    if incident is None and statement is None:
        raise PrecedentProblem("no_identifier", field="title or kind")
    return incident, statement


def _incident(data_set: DataSet, name: str, c: Mapping[str, str], place: str) -> Incident:
    language = c["language"] or "en"
    return Incident(
        name=name,
        data_set=data_set.key,
        place=place,
        title=Text.of(language, c["title"]),
        description=Text.of(language, c["description"]) if c["description"] else Nothing.NOT_CODED,
        dates=tuple(Dated(parse_iso(c[field], meaning), c[field]) for field, meaning in _DATES.items() if c[field]),
        receivers=tuple(_actor(one) for one in _several(c["receivers"])),
        codings=tuple(sorted({Coding(facet, one) for field, facet in _FACETS.items() for one in _several(c[field])})),
        links=tuple(_several(c["incident_links"])),
        source=None if c["kind"] else _source(data_set, c),
    )


def _statement(data_set: DataSet, incident: str, c: Mapping[str, str], place: str) -> Statement:
    kind = _word(Kind, c["kind"], "kind")
    source = _source(data_set, c)
    about = _references(data_set, c["about"])
    words = Text.of(c["words_language"] or "en", c["words"]) if c["words"] else Nothing.NOT_CODED
    return Statement(
        name=_statement_name(data_set, incident, c),
        kind=kind,
        data_set=data_set.key,
        place=place,
        holder=_holder(c["holder"]),
        joined=tuple(_actor(one) for one in _several(c["joined"])),
        speaker=line_of(c["speaker"]) if c["speaker"] else None,
        account=line_of(c["account"]) if c["account"] else None,
        about=about or ((incident,) if incident else ()),
        names=_named(c["names"]),
        on=Dated(parse_iso(c["on"], _ON.get(kind, Meaning.ANSWERED)), c["on"]) if c["on"] else Nothing.NOT_CODED,
        words=words,
        verb=c["verb"] or None,
        confidence_word=c["confidence_word"] or None,
        likelihood=_likelihood(c["likelihood"]),
        confidence=_confidence(c["confidence"]),
        basis=_word(Basis, c["basis"], "basis") if c["basis"] else Nothing.NOT_CODED,
        manner=_word(Manner, c["manner"], "manner") if c["manner"] else Nothing.NOT_CODED,
        instrument=_word(Instrument, c["instrument"], "instrument") if c["instrument"] else Nothing.NOT_CODED,
        law=_law(c["law"]),
        links=tuple(_several(c["links"])),
        source=source,
        checked=source.checked if source else Checked.UNVERIFIED,
        capture=c["capture"] or None,
        answers=_references(data_set, c["answers"]),
        stance=Stance.WITHDRAWS if c["stance"] == "withdraws" else Stance.HOLDS,
        replaces=(c["replaces"] if ":" in c["replaces"] else f"{data_set.key}:{c['replaces']}")
        if c["replaces"]
        else None,
    )


def _statement_name(data_set: DataSet, incident: str, c: Mapping[str, str]) -> str:
    if c["statement"]:
        return f"{data_set.key}:{_name(c['statement'], 'statement')}"
    made = mark(*(c[name] for name in ("kind", "holder", "on", "names", "words", "instrument", "speaker")))
    return f"{incident or data_set.key + ':said'}/{c['kind']}/{made}"


def _source(data_set: DataSet, c: Mapping[str, str]) -> Source | None:
    """The document of the row. It is verified only if its place and the day it was opened stand there."""
    if not c["source_title"] and not c["source_reference"]:
        return None
    opened = parse_iso(c["source_opened"], Meaning.RETRIEVED) if c["source_opened"] else Nothing.NOT_CODED
    return Source(
        kind=SourceKind.PRESS if c["source_kind"] == "press" else SourceKind.DOCUMENT,
        checked=Checked.VERIFIED if c["checked"] == "verified" else Checked.UNVERIFIED,
        title=c["source_title"] or c["source_reference"],
        reference=c["source_reference"] or c["source_title"],
        place=c["source_place"] or None,
        retrieved=opened,
        licence=c["source_licence"] or data_set.licence[:200],
    )


def _references(data_set: DataSet, cell: str) -> tuple[str, ...]:
    """Names of records; one without a colon is of this data set."""
    return tuple(one if ":" in one else f"{data_set.key}:{one}" for one in _several(cell))


def _several(cell: str) -> list[str]:
    return [one.strip() for one in cell.split("|") if one.strip()]


def _name(given: str, field: str) -> str:
    if not _ID.fullmatch(given.split("/")[0]) or not all(_ID.fullmatch(part) for part in given.split("/")):
        raise PrecedentProblem("bad_field", field=field, given=shown(given))
    return given


def _actor(written: str) -> Actor:
    """``UA``, ``Ukraine``, ``O-EU``, ``R-ASIA``; ``company …``, ``group …``, ``body …``, ``person …`` and a name."""
    sort, _, name = written.partition(" ")
    if sort in _OTHERS and name.strip():
        return other(_OTHERS[sort], name)
    return code_or_place(written)


def _holder(cell: str) -> Actor | Nothing:
    kind = nothing(cell)
    return _actor(cell) if kind is None else kind


def _named(cell: str) -> tuple[Named, ...] | Nothing:
    kind = nothing(cell)
    if kind is not None:
        return kind
    return tuple(sorted(_tied(one) for one in _several(cell)))


def _tied(written: str) -> Named:
    """``RU:affiliated``: an actor and its tie; no tie is ``unsaid``."""
    name, colon, tie = written.rpartition(":")
    if not colon:
        return Named(_actor(written), Tie.UNSAID)
    return Named(_actor(name.strip()), _word(Tie, tie.strip(), "names"))


def _law(cell: str) -> tuple[LawNamed, ...] | Nothing:
    """``none``: looked through, and no norm or rule is named. Blank: nobody looked."""
    if cell == "none":
        return ()
    return tuple(LawNamed(one) for one in _several(cell)) or Nothing.NOT_CODED


def _likelihood(cell: str) -> Likelihood | Nothing:
    """A word with its scale, ``icd_203.likely``, or a range per hundred, ``55-80``."""
    if not cell:
        return Nothing.NOT_CODED
    if cell in _SCALES:
        band = _SCALES[cell]
        return Likelihood.of(band.scale, band.word)
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})", cell, re.ASCII)
    if found is None:
        raise PrecedentProblem("unknown_word", field="likelihood", given=shown(cell))
    return Likelihood(int(found[1]) * 10, int(found[2]) * 10)


def _confidence(cell: str) -> Confidence | Nothing:
    if not cell:
        return Nothing.NOT_CODED
    if cell.upper() not in Level.__members__:
        raise PrecedentProblem("unknown_word", field="confidence", given=shown(cell))
    return Confidence(Level[cell.upper()], Nothing.NOT_CODED)


def _word(words: type[_Word], given: str, field: str) -> _Word:
    try:
        return words(given)
    except ValueError:
        raise PrecedentProblem("unknown_word", field=field, given=shown(given)) from None
