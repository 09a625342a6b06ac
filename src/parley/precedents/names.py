"""Names of states, organisations and regions as data sets write them: exact tables, or a problem.

A spelling is in one of the tables (states in `terms/states` and a few further spellings, organisations, regions), or
it is one of the known words for nothing, or it is refused and the row goes to quarantine. Nothing is matched by
likeness: a fuzzy match in a record of attributions invents accusations. Leaves out companies and groups, which are
nobody but their spelling.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib import resources

from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor
from parley.precedents.words import Sort
from parley.terms.nothing import Nothing
from parley.terms.party import is_fictional
from parley.terms.states import from_iso, key, resolve
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import shown

NOTHING: Mapping[str, Nothing] = {
    "": Nothing.NOT_CODED,
    "nan": Nothing.NOT_CODED,
    "NaN": Nothing.NOT_CODED,
    "NaT": Nothing.NOT_CODED,
    "Not available": Nothing.NOT_CODED,
    "Not Available": Nothing.NOT_CODED,
    "Unknown": Nothing.UNKNOWN,
    "unknown": Nothing.UNKNOWN,
    "none": Nothing.NONE,
    "None": Nothing.NONE,
    "No": Nothing.NONE,
    "Not attributed": Nothing.NOT_ATTRIBUTED,
    "Unknown - not attributed": Nothing.NOT_ATTRIBUTED,
    "Withheld": Nothing.WITHHELD,
}
"""Words for nothing, told apart. ``None`` is also what Python writes for an empty cell: a reader that knows its source
to be written so says which is meant."""


def nothing(cell: str) -> Nothing | None:
    """Which kind of nothing a cell says, None if it says something; outer blanks do not count."""
    return NOTHING.get(cell.strip())


_EXERCISE: ContextVar[bool] = ContextVar("exercise", default=False)


@contextmanager
def exercise() -> Iterator[None]:
    """While an exercise's file is read: the fictional states of exercises have names too. Never for a real file."""
    token = _EXERCISE.set(True)
    try:
        yield
    finally:
        _EXERCISE.reset(token)


def place(name: str) -> Actor:
    """The state, organisation or region of exactly this spelling; raises PrecedentProblem ``unknown_place``.

    >>> place("EU (region)").key, place("Russia").key
    ('region:R-EU', 'state:RU')
    """
    return _place(name, _EXERCISE.get())


@lru_cache(maxsize=20_000)
def _place(name: str, for_exercise: bool) -> Actor:
    spelling = key(name) if len(name) <= 200 else ""
    for sort, table in ((Sort.ORGANISATION, "organisations.csv"), (Sort.REGION, "regions.csv")):
        if spelling in (known := _table(table)):
            return Actor(sort, known[spelling], name.strip())
    if spelling in (met := _met()):
        return Actor(Sort.STATE, met[spelling], name.strip())
    try:
        return Actor(Sort.STATE, resolve(name, exercise=for_exercise), name.strip())
    except TermsProblem:
        raise PrecedentProblem("unknown_place", given=shown(name, 120)) from None


def by_number(number: int) -> str:
    """The ISO 3166 code of a Correlates of War number; raises ``unknown_place``."""
    try:
        return _numbers()[number]
    except KeyError:
        raise PrecedentProblem("unknown_place", given=f"COW {number}") from None


def by_code(code: str, name: str = "") -> Actor:
    """The state of an ISO 3166 code, or the organisation or region of ours; raises ``unknown_place``.

    ``NA`` is Namibia: codes are read only where a source says that the column holds codes.
    """
    for sort, table in ((Sort.ORGANISATION, "organisations.csv"), (Sort.REGION, "regions.csv")):
        if code in (names := _names(table)):
            return Actor(sort, code, name or names[code])
    try:
        if is_fictional(code) and not _EXERCISE.get():
            raise TermsProblem("unknown_state", given=shown(code))
        return Actor(Sort.STATE, from_iso(code), name or code)
    except TermsProblem:
        raise PrecedentProblem("unknown_place", given=shown(code, 40)) from None


def code_or_place(written: str) -> Actor:
    """A code (``NA``, ``O-EU``, ``R-ASIA``) or an exact name; raises ``unknown_place``."""
    try:
        return by_code(written.strip())
    except PrecedentProblem:
        return place(written)


def other(sort: Sort, name: str) -> Actor:
    """A company, group, body or person: nobody but its spelling; raises ``bad_actor``."""
    line = " ".join(name.split())
    return Actor(sort, line.casefold().replace(":", " ")[:200].strip(), line)


@cache
def _table(file: str) -> Mapping[str, str]:
    return {key(spelling): row["code"] for row in _rows(file) for spelling in (row["name"], *row["aliases"].split("|"))}


@cache
def _met() -> Mapping[str, str]:
    return {key(row["spelling"]): row["code"] for row in _rows("spellings.csv")}


@cache
def _numbers() -> Mapping[int, str]:
    return {int(row["number"]): row["code"] for row in _rows("cow.csv")}


@cache
def _names(file: str) -> Mapping[str, str]:
    return {row["code"]: row["name"] for row in _rows(file)}


def _rows(file: str) -> list[dict[str, str]]:
    text = (resources.files("parley.precedents") / "data" / file).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
