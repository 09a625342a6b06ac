"""The statements in one row of EuRepoC: the coders' verdict, the attributions that they found, and the responses.

Who holds an attribution is read narrowly. A state is the holder only where the coders say that a government spoke (or
a third party by a political statement or in court); a company's country is where it sits and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from parley.outside.sources import eurepoc_words as words
from parley.outside.sources.eurepoc_columns import Columns, Said, addresses, line_up
from parley.outside.sources.sheets import Row
from parley.outside.sources.taking import Taking, mark
from parley.precedents.cells import dated, joined
from parley.precedents.names import nothing, other, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, Dated, LawNamed, Named, Statement
from parley.precedents.words import Basis, Facet, Instrument, Kind, Manner, Sort, Tie
from parley.terms.instant import Meaning
from parley.terms.nothing import Nothing
from parley.terms.text import shown

_W = TypeVar("_W")
_NOT = Nothing.NOT_CODED
_BODIES = {
    "R-EU": Actor(Sort.ORGANISATION, "O-EU", "EU (region)"),
    "R-NATO": Actor(Sort.ORGANISATION, "O-NATO", "NATO (region)"),
}
"""An area cannot speak: where the coders let it answer or attribute, its organisation does."""


class Found(msgspec.Struct, frozen=True):
    """One row of the global file, while its statements are read."""

    taking: Taking
    columns: Columns
    incident: str
    file: str
    row: Row

    def name(self, kind: str, *parts: object) -> str:
        """The name of a statement of this row, the same whenever the same cells are read."""
        return f"{self.incident}/{kind}/{mark(*parts)}"


class _Line(msgspec.Struct, frozen=True, order=True):
    """One attribution: what rows of a cross product share."""

    date: str
    manner: str
    basis: str
    actor: str
    state: str


def verdict(found: Found) -> list[Statement]:
    """Whom the coders hold to be the initiator, as their statement."""
    cells = found.row.cells
    columns, part = found.columns, found.taking.part
    rows = part("initiator_country", cells["initiator_country"], lambda: columns.initiators(cells), None)
    if rows is None:
        rows = part("initiator_country", cells["initiator_country"], lambda: columns.initiating_states(cells), [])
    if not rows:
        return []
    names = _named(found, "initiator_country", rows) or _nobody(rows)
    return [
        Statement(
            name=found.name("coded"),
            kind=Kind.ATTRIBUTION,
            data_set=found.taking.data_set.key,
            place=f"row {found.row.number}",
            holder=found.taking.data_set.coders,
            about=(found.incident,),
            names=names,
            basis=Basis.CODERS,
            codings=_categories(rows),
        )
    ]


def attributions(found: Found, table: Sequence[Row] | None, file: str) -> list[Statement]:
    """The attributions of an incident, from the table of attributions if it was given, else from the row itself."""
    made = []
    for line, told in sorted(_lines(found, table).items()):
        row = told.row or found.row
        with found.taking.within(file if told.row else found.file, row.number, row.cells):
            made.append(_attribution(found, line, told.named, told.numbers))
    return made


class _Told(msgspec.Struct):
    """What the rows of one line say: whom they name, their numbers, and the first of them if they are of the table."""

    row: Row | None
    named: list[tuple[str, str, str]] = []
    numbers: list[str] = []


def _lines(found: Found, table: Sequence[Row] | None) -> dict[_Line, _Told]:
    lines: dict[_Line, _Told] = {}
    for line, named, row in _from_table(found, table) if table is not None else _from_row(found):
        told = lines.setdefault(line, _Told(row))
        if named not in told.named:
            told.named.append(named)
        number = row.cells["attribution_ID"].removesuffix(".0") if row else ""
        if number and number not in told.numbers:
            told.numbers.append(number)
    return lines


_One = tuple[_Line, tuple[str, str, str], "Row | None"]


def _from_table(found: Found, table: Sequence[Row]) -> Iterable[_One]:
    columns = found.columns
    for row in table:
        cells = row.cells
        line = _line(columns, cells, cells["attribution_type"], cells[columns.basis])
        named = (cells[columns.named or ""], cells[columns.named_state], cells[columns.named_category])
        yield line, named, row


def _line(columns: Columns, cells: dict[str, str], manner: str, basis: str) -> _Line:
    said = columns.attributing
    actor = cells[said.actor].strip()
    return _Line(cells[said.date].strip(), manner.strip(), basis.strip(), actor, cells[said.state].strip())


def _from_row(found: Found) -> list[_One]:
    columns, cells, said = found.columns, found.row.cells, found.columns.attributing
    names = [said.date, said.sort, columns.basis, said.actor, said.state]
    names += [columns.named or "", columns.named_state, columns.named_category]
    lists = [joined(cells[name]) if name else [] for name in names]
    if not any(any(one) for one in lists):
        return []
    rows = found.taking.part("attribution_date", cells[said.date], lambda: line_up("attribution", lists), [])
    return [(_Line(*row[:5]), (row[5], row[6], row[7]), None) for row in rows]


def _attribution(found: Found, line: _Line, rows: list[tuple[str, str, str]], numbers: list[str]) -> Statement:
    part = found.taking.part
    basis = part("attribution_basis", line.basis, lambda: _word(words.BASES, "attribution_basis", line.basis), _NOT)
    manner = part("attribution_type", line.manner, lambda: _word(words.MANNERS, "attribution_type", line.manner), _NOT)
    holder = part("attributing_country", line.state, lambda: _holder(line, basis, manner, rows), _NOT)
    on = part("attribution_date", line.date, lambda: _date(line.date, Meaning.ATTRIBUTED), _NOT)
    reference = found.row.cells[found.columns.reference]
    return Statement(
        name=found.name("attribution", *msgspec.structs.astuple(line)),
        kind=Kind.CLAIM if basis is Basis.ATTACKER else Kind.ATTRIBUTION,
        data_set=found.taking.data_set.key,
        place=f"row {found.row.number}" + (f", attribution {', '.join(numbers)[:120]}" if numbers else ""),
        holder=holder,
        speaker=None if nothing(line.actor) is not None else line.actor[:300],
        about=(found.incident,),
        names=_named(found, "attributed_initiator_country", rows) or _nobody(rows),
        on=on,
        basis=_basis(basis, holder),
        manner=manner,
        law=_law(reference),
        links=tuple(addresses(found.row.cells[found.columns.attribution_links])),
        codings=(*_categories(rows), Coding(Facet.OTHER, "attribution-type", line.manner)),
    )


def _basis(basis: Basis | Nothing, holder: Actor | Nothing) -> Basis | Nothing:
    """A third party that is a state is another government."""
    states = isinstance(holder, Actor) and holder.sort is Sort.STATE
    return Basis.OTHER_GOVERNMENT if basis is Basis.THIRD_PARTY and states else basis


def _holder(
    line: _Line, basis: Basis | Nothing, manner: Manner | Nothing, rows: list[tuple[str, str, str]]
) -> Actor | Nothing:
    """Whose statement it is; raises PrecedentProblem ``unknown_place``."""
    spoke = manner in (Manner.POLITICAL_STATEMENT, Manner.LEGAL_ACTION)
    if basis is Basis.GOVERNMENT_HIT or (basis is Basis.THIRD_PARTY and spoke):
        return _speaks(line.state, line.actor)
    if basis is Basis.ORGANISATION:
        return _speaks(line.state, line.actor) if nothing(line.state) is None else _body(line.actor, Sort.BODY)
    if basis is Basis.ATTACKER:
        return _body(next((name for name, _, _ in rows if nothing(name) is None), ""), Sort.GROUP)
    return _body(line.actor, Sort.COMPANY if basis is Basis.SECURITY_COMMUNITY else Sort.BODY)


def _speaks(state: str, actor: str) -> Actor | Nothing:
    kind = nothing(state)
    if kind is not None:
        return kind if nothing(actor) is not None else other(Sort.BODY, actor)
    found = place(state)
    return _BODIES.get(found.code, found) if found.sort is Sort.REGION else found


def _body(name: str, sort: Sort) -> Actor | Nothing:
    kind = nothing(name)
    return other(sort, name) if kind is None else kind


def responses(found: Found) -> list[Statement]:
    """The political and legal responses of the row."""
    return [*_responses(found, found.columns.political, False), *_responses(found, found.columns.legal, True)]


def _responses(found: Found, said: Said, legal: bool) -> list[Statement]:
    cells = found.row.cells
    names = [said.date, said.sort, said.part or "", said.actor, said.state]
    lists = [joined(cells[name]) for name in names]
    if not any(any(nothing(one) is None for one in column) for column in lists[1:]):
        return []
    rows = found.taking.part(said.sort, cells[said.sort], lambda: line_up(said.sort, lists), [])
    made = {statement.name: statement for row in rows if (statement := _response(found, said, row, legal))}
    return list(made.values())


def _response(found: Found, said: Said, row: tuple[str, ...], legal: bool) -> Statement | None:
    date, sort, part, actor, state = row
    if all(nothing(cell) is not None for cell in row[1:]):
        return None
    set_aside = found.taking.part
    instrument = set_aside(said.sort, sort, lambda: _instrument(said.sort, sort, part), None)
    if instrument is None:
        return None
    return Statement(
        name=found.name("legal-response" if legal else "response", *row),
        kind=Kind.RESPONSE,
        data_set=found.taking.data_set.key,
        place=f"row {found.row.number}",
        holder=set_aside(said.state, state, lambda: _speaks(state, actor), _NOT),
        speaker=None if nothing(actor) is not None else actor[:300],
        about=(found.incident,),
        on=set_aside(said.date, date, lambda: _date(date, Meaning.ANSWERED), _NOT),
        instrument=instrument,
        codings=(Coding(Facet.OTHER, "legal" if legal else "political", f"{sort}: {part}" if part else sort),),
    )


def _instrument(field: str, sort: str, part: str) -> Instrument:
    """What the response was; raises PrecedentProblem ``unknown_word``."""
    if part in words.RESPONSES:
        return words.RESPONSES[part]
    kind = sort.rpartition(": ")[2] if sort not in words.RESPONSE_TYPES else sort
    if kind in words.RESPONSE_TYPES and nothing(part) is not None:
        return words.RESPONSE_TYPES[kind]
    raise PrecedentProblem("unknown_word", field=field, given=shown(part if nothing(part) is None else sort, 120))


def _named(found: Found, field: str, rows: Sequence[tuple[str, str, str]]) -> tuple[Named, ...]:
    """The states and, beside them, the groups, persons or bodies that the rows name, each with its tie."""
    names: dict[tuple[str, Tie], Named] = {}
    for name, state, category in rows:
        tie = words.TIES.get(category.strip(), Tie.UNSAID)
        for one in (_state(found, field, state), _group(found, name)):
            if one is not None:
                names.setdefault((one.key, tie), Named(one, tie))
    return tuple(sorted(names.values()))


def _nobody(rows: Sequence[tuple[str, str, str]]) -> Nothing:
    """Which kind of nothing, where no name was taken: said not to be attributed, not known, or not coded."""
    kinds = {nothing(cell) for row in rows for cell in (row[2], row[1])} - {None}
    for kind in (Nothing.NOT_ATTRIBUTED, Nothing.UNKNOWN, Nothing.NONE):
        if kind in kinds:
            return kind
    return Nothing.NOT_CODED


def _state(found: Found, field: str, state: str) -> Actor | None:
    if nothing(state) is not None:
        return None
    return found.taking.part(field, state, lambda: place(state), None)


def _group(found: Found, name: str) -> Actor | None:
    if nothing(name) is not None:
        return None
    return found.taking.part("initiator_name", name, lambda: other(Sort.GROUP, name), None)


def _categories(rows: Sequence[tuple[str, str, str]]) -> tuple[Coding, ...]:
    """The coders' categories of those named; a word that is not known has the tie `unsaid` and stands here as given."""
    given = sorted({category.strip() for _, _, category in rows} - {""})
    return tuple(Coding(Facet.INITIATOR_CATEGORY, mark(category), category) for category in given)


def _law(reference: str) -> tuple[LawNamed, ...] | Nothing:
    """``Not available``: nobody says that the attribution was looked through; a rule named is a rule named."""
    given = [one for one in joined(reference) if nothing(one) is None]
    if not given:
        return Nothing.NOT_CODED
    return tuple(dict.fromkeys(LawNamed("law/" + one.casefold().replace(" ", "-")[:80], one) for one in given))


def _date(cell: str, meaning: Meaning) -> Dated | Nothing:
    return dated(cell, meaning, first_is_coarse=True)


def _word(table: dict[str, _W], field: str, given: str) -> _W:
    try:
        return table[given]
    except KeyError:
        raise PrecedentProblem("unknown_word", field=field, given=shown(given, 120)) from None
