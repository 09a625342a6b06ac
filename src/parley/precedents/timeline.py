"""What was said of an incident, holder by holder in time, and where it does not fit together.

A contradiction is not an error and none is resolved: both statements stand, named beside each other. Leaves out who is
right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import msgspec

from parley.precedents.lag import day_of
from parley.precedents.record import Actor, Dated, Incident, Statement
from parley.precedents.words import Basis, Kind, Sort
from parley.terms.instant import Meaning, iso
from parley.terms.nothing import Nothing


class Lane(msgspec.Struct, frozen=True):
    """One holder's statements in the order of their dates; undated ones last, marked by having none."""

    holder: Actor | None
    statements: tuple[Statement, ...]

    @property
    def title(self) -> str:
        """The holder's name as its source spells it."""
        return "nobody named" if self.holder is None else self.holder.name


class Contradiction(msgspec.Struct, frozen=True):
    """Two records that do not fit together, by name, and in which way."""

    way: str
    one: str
    other: str
    says: str


class Timeline(msgspec.Struct, frozen=True):
    """An incident: accounts of it that a person joined, lanes, and contradictions among all of them."""

    accounts: tuple[Incident, ...]
    lanes: tuple[Lane, ...]
    contradictions: tuple[Contradiction, ...]


def timeline(accounts: Sequence[Incident], statements: Iterable[Statement]) -> Timeline:
    """Lanes in the order in which their holders first spoke by a known date; coders of data sets last."""
    found = tuple(dict.fromkeys(statements))
    lanes: dict[str, list[Statement]] = {}
    holders: dict[str, Actor | None] = {}
    for one in found:
        holder = one.holder if isinstance(one.holder, Actor) else None
        key = holder.key if holder else ""
        holders.setdefault(key, holder)
        lanes.setdefault(key, []).append(one)
    made = [Lane(holders[key], tuple(sorted(each, key=_when))) for key, each in lanes.items()]
    made.sort(key=lambda lane: (_rank(lane.holder), _when(lane.statements[0]), lane.title))
    return Timeline(tuple(accounts), tuple(made), tuple(contradictions(accounts, found)))


def contradictions(accounts: Sequence[Incident], statements: Sequence[Statement]) -> Iterator[Contradiction]:
    """Every two records that do not fit together."""
    yield from _denied(statements)
    yield from _named_differently([one for one in statements if _names(one)])
    yield from _contested(statements)
    yield from _dated_differently(accounts)


def _denied(statements: Sequence[Statement]) -> Iterator[Contradiction]:
    for denial in statements:
        for said in statements if denial.kind is Kind.DENIAL else ():
            holder = denial.holder
            named = isinstance(holder, Actor) and holder.key in {one.key for one in _all_named(said)}
            if said.name in denial.answers or (named and said.kind in (Kind.ATTRIBUTION, Kind.SANCTION)):
                says = f"{_who(said)} names {_list(_all_named(said))}; {_who(denial)} denies."
                yield Contradiction("denied", said.name, denial.name, says)


def _named_differently(attributions: Sequence[Statement]) -> Iterator[Contradiction]:
    for one, other in combinations(attributions, 2):
        first, second = _names(one), _names(other)
        if one.holder != other.holder and not {a.code for a in first} & {a.code for a in second}:
            says = f"{_who(one)} names {_list(first)}; {_who(other)} names {_list(second)}."
            yield Contradiction("named differently", one.name, other.name, says)


def _contested(statements: Sequence[Statement]) -> Iterator[Contradiction]:
    for one in statements:
        if one.kind is Kind.ATTRIBUTION and one.basis is Basis.CONTESTED:
            says = f"Its source says that this attribution to {_list(_all_named(one))} is contested."
            yield Contradiction("contested", one.name, one.name, says)


def _dated_differently(accounts: Sequence[Incident]) -> Iterator[Contradiction]:
    """Beginnings that are both known by day and differ: with another meaning they would be no contradiction."""
    began = [(one, date) for one in accounts for date in one.dates if date.instant.meaning is Meaning.BEGAN]
    for (one, first), (other, second) in combinations(began, 2):
        days = day_of(first.instant), day_of(second.instant)
        if one.name != other.name and None not in days and days[0] != days[1]:
            says = f"{one.data_set} dates the beginning {_day(first)}, {other.data_set} {_day(second)}."
            yield Contradiction("dated differently", one.name, other.name, says)


def _names(one: Statement) -> list[Actor]:
    """The states that an attribution names."""
    return [actor for actor in _all_named(one) if actor.sort is Sort.STATE] if one.kind is Kind.ATTRIBUTION else []


def _all_named(one: Statement) -> list[Actor]:
    return [] if isinstance(one.names, Nothing) else [named.actor for named in one.names]


def _who(one: Statement) -> str:
    return one.holder.name if isinstance(one.holder, Actor) else "somebody"


def _list(actors: Sequence[Actor]) -> str:
    return ", ".join(sorted({actor.name for actor in actors})) or "nobody"


def _day(dated: Dated) -> str:
    return iso(dated.instant)


def _when(one: Statement) -> tuple[int, int, str]:
    if isinstance(one.on, Nothing):
        return 1, 0, one.name
    return 0, one.on.instant.ms, one.name


def _rank(holder: Actor | None) -> int:
    """States and organisations first, then others, coders of data sets last."""
    if holder is None or holder.sort is Sort.CODERS:
        return 2
    return 0 if holder.sort in (Sort.STATE, Sort.ORGANISATION) else 1
