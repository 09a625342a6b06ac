"""DCID 2.0, the Dyadic Cyber Incident and Campaign Data: incidents between rivals, and their reactions by weight.

The coders name an initiator and say nothing of who attributed, when or how surely: it is their verdict. The two
sheets number incidents differently (72 of 431 numbers agree), so a pair of rows of the second belongs to the one
incident of the first that has the same dyad and the name of the pair's first row; what has none goes to quarantine.
That sheet weighs diplomatic, economic and military reactions of the dyad; it does not say which side reacted (the
codebook was not at hand), so a reaction has no holder here. Names of methods are from memory of the codebook; the
code stands beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from parley.outside.sources.eurepoc_columns import addresses
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Row, Sheet
from parley.outside.sources.taking import Taking
from parley.precedents.cells import dated
from parley.precedents.names import by_number, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Incident, Named, Statement
from parley.precedents.report import Read
from parley.precedents.words import Basis, Facet, Instrument, Kind, PassOn, Tie
from parley.terms.instant import Meaning, parse_iso
from parley.terms.nothing import Nothing

DATA_SET = DataSet(
    key="dcid-2.0",
    title="Dyadic Cyber Incident and Campaign Data",
    publisher="Valeriano and Maness (DCID)",
    version="2.0, February 2023",
    reference="Cyber Defense Review 8(2), 2023",
    licence="none stated; academic, to be cited",
    pass_on=PassOn.NO,
    notice="DCID 2.0 (Valeriano, Maness and others), 2023.",
    dated=parse_iso("2023-02", Meaning.PUBLISHED),
)
_NEEDED = {"Cyberincidentnum", "Dyadpair", "StateA", "StateB", "initiator", "method", "severity"}
_METHODS = {"1": "defacement", "2": "denial-of-service", "3": "intrusion", "4": "infiltration"}
_REACTIONS = (
    (Instrument.DIPLOMATIC_NEGATIVE, ("Ddeny/reject-", "Dthreat/demand-")),
    (Instrument.DIPLOMATIC_POSITIVE, ("Dnegotiate+", "Dagreement+")),
    (Instrument.ECONOMIC_NEGATIVE, ("Ereduce-", "Ethreat-", "Eemb/sanc-")),
    (Instrument.ECONOMIC_POSITIVE, ("Ecoop+", "Eease+", "Eaid+")),
    (Instrument.MILITARY_NEGATIVE, ("Mthreat-", "Mdisplay-", "Musage-")),
    (Instrument.MILITARY_POSITIVE, ("Mpromise+", "Mcoop+", "Mconfid+")),
)


def read(sheets: Sequence[Sheet]) -> Read:
    """The records of the workbook, or of its sheets as CSV; raises SourceProblem."""
    first, second = _parts(sheets)
    taking = Taking(DATA_SET)
    if first is None:
        raise SourceProblem("missing_part", kind="dcid", needed="the sheet of incidents (interactionenddate)")
    for row in first.rows if first else ():
        with taking.row(first.file if first else "", row.number, row.cells):
            _incident(taking, row)
    if second:
        _read_reactions(taking, second, _by_name(first) if first else {})
    for sheet in sheets:
        taking.short(sheet)
    taking.notes.append("Reactions have no holder: the sheet does not say which side reacted.")
    return taking.done([], whole=not any(sheet.mended for sheet in sheets))


def _parts(sheets: Sequence[Sheet]) -> tuple[Sheet | None, Sheet | None]:
    first = second = None
    for sheet in sheets:
        have = {heading.strip() for heading in sheet.headings}
        if not have >= _NEEDED:
            why = f"no column {', '.join(sorted(_NEEDED - have)[:3])}"
            raise SourceProblem("wrong_kind", kind="dcid", file=sheet.file, why=why)
        if "interactionenddate" in have and first is None:
            first = sheet
        elif "Diplo_Negative" in have and second is None:
            second = sheet
        else:
            raise SourceProblem("same_part_twice", part=sheet.file)
    return first, second


def _number(row: Row) -> str:
    number = row.cells["Cyberincidentnum"]
    if not number.isascii() or not number.isdigit():
        raise PrecedentProblem("no_identifier", field="Cyberincidentnum")
    return number


def _sides(row: Row) -> tuple[Actor, Actor]:
    """Initiator and the other side; raises ``unknown_place``, and ``third_initiator`` if it is neither."""
    pair = [place(row.cells[name]) for name in ("StateA", "StateB")]
    code = row.cells["initiator"]
    initiator = by_number(int(code)) if code.isascii() and code.isdigit() else place(code).code
    for one, other in (pair, pair[::-1]):
        if one.code == initiator:
            return one, other
    raise PrecedentProblem("third_initiator", dyad=" and ".join(actor.name for actor in pair), code=initiator)


def _incident(taking: Taking, row: Row) -> None:
    number, cells = _number(row), row.cells
    name = f"{DATA_SET.key}:{number}"
    taking.about(name)
    sides = taking.part("initiator", cells["initiator"], lambda: _sides(row), None)
    title = taking.text("Name", cells["Name"])
    if title is None:
        raise PrecedentProblem("no_identifier", field="Name")
    goal = taking.text("Political Objective", cells["Political Objective"])
    dyad = "-".join(sorted(place(cells[name]).code for name in ("StateA", "StateB")))
    incident = Incident(
        name=name,
        data_set=DATA_SET.key,
        place=f"sheet 1, row {row.number}, incident {number}",
        title=title,
        description=goal or Nothing.NOT_CODED,
        dates=_dates(taking, cells),
        receivers=sides[1:] if sides else (),
        codings=(
            *_codings(cells),
            Coding(Facet.DYAD, dyad, cells["Dyadpair"]),
        ),
        links=tuple(dict.fromkeys(link for column in _LINKS for link in addresses(cells.get(column, "")))),
    )
    taking.put(incident)
    if sides is None:
        return
    taking.put(
        Statement(
            name=f"{name}/coded",
            kind=Kind.ATTRIBUTION,
            data_set=DATA_SET.key,
            place=f"sheet 1, row {row.number}",
            holder=DATA_SET.coders,
            about=(name,),
            names=(Named(sides[0], Tie.STATE),),
            basis=Basis.CODERS,
            codings=(Coding(Facet.OTHER, "third-party-initiator", cells["3rdpartyinitiator"]),),
        )
    )


_LINKS = ("Sources1", "Sources2", "Sources3", "Sources4", "Sources5", "Justice", "Cert", "FBI")


def _dates(taking: Taking, cells: dict[str, str]) -> tuple[Dated, ...]:
    found: list[Dated] = []
    for column, meaning in (("interactionstartdate", Meaning.BEGAN), ("interactionenddate", Meaning.ENDED)):
        one = taking.part(column, cells[column], lambda c=column, m=meaning: _date(cells[c], m), None)  # type: ignore[misc]
        if isinstance(one, Dated):
            found.append(one)
    return tuple(found)


def _date(cell: str, meaning: Meaning) -> Dated | Nothing:
    return dated(cell, meaning, first_is_coarse=True)


def _codings(cells: dict[str, str]) -> tuple[Coding, ...]:
    method, severity = cells["method"], cells["severity"]
    found = []
    if method[:1] in _METHODS:
        found.append(Coding(Facet.METHOD, _METHODS[method[:1]], method))
    if severity.isascii() and severity.isdigit():
        found.append(Coding(Facet.SEVERITY, f"dcid/{severity}", severity, float(severity)))
    for column, code in (("Supply Ch", "supply-chain"), ("Ransomware", "ransomware")):
        if cells.get(column) == "1":
            found.append(Coding(Facet.METHOD, code, f"{column}: 1"))
    if cells.get("information_operation") == "1":
        found.append(Coding(Facet.LAYER, "social", "information_operation: 1"))
    for column in ("targettype", "cyber_objective", "damage type", "Crit Inf", "objective_achievement", "Concession"):
        if cells.get(column):
            code = f"dcid-{column.casefold().replace(' ', '-').replace('_', '-')}/{cells[column]}"
            found.append(Coding(Facet.OTHER, code, cells[column]))
    return tuple(found)


def _by_name(sheet: Sheet) -> dict[tuple[str, str], set[str]]:
    """The numbers of the incidents of the first sheet by dyad and name."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in sheet.rows:
        found[_key(row)].add(row.cells["Cyberincidentnum"])
    return found


def _key(row: Row) -> tuple[str, str]:
    return row.cells["Dyadpair"], " ".join(row.cells["Name"].split()).casefold()


def _read_reactions(taking: Taking, sheet: Sheet, by_name: dict[tuple[str, str], set[str]]) -> None:
    pairs: dict[str, set[str]] = {}
    for row in sheet.rows:
        pair = row.cells["Cyberincidentnum"]
        numbers = pairs.setdefault(pair, by_name.get(_key(row), set()))
        with taking.row(sheet.file, row.number, row.cells):
            _reactions(taking, row, numbers)


def _reactions(taking: Taking, row: Row, numbers: set[str]) -> None:
    pair = _number(row)
    name = f"{DATA_SET.key}:{next(iter(numbers), pair)}"
    taking.about(name)
    initiator, other = _sides(row)
    if len(numbers) != 1 or name not in taking.incidents:
        raise PrecedentProblem("no_incident", given=f"{row.cells['Dyadpair']} {row.cells['Name']}"[:80])
    for instrument, columns in _REACTIONS:
        weights = [(column, _weight(row.cells[column], column)) for column in columns]
        found = tuple(
            Coding(Facet.REACTION, column.casefold(), row.cells[column], weight) for column, weight in weights if weight
        )
        if found:
            taking.put(
                Statement(
                    name=f"{name}/{instrument}/{pair}-{initiator.code}",
                    kind=Kind.RESPONSE,
                    data_set=DATA_SET.key,
                    place=f"sheet 2, row {row.number}, initiator {initiator.code}, target {other.code}",
                    holder=Nothing.NOT_CODED,
                    about=(name,),
                    instrument=instrument,
                    codings=found,
                )
            )


def _weight(cell: str, field: str) -> float:
    try:
        return float(cell or 0)
    except ValueError:
        raise PrecedentProblem("unknown_word", field=field, given=cell[:60]) from None
