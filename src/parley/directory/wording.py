"""Checks of single values, called by every constructor of the room: whoever holds a record holds a good one.

Each takes the name of the field and raises DirectoryProblem ``bad_value`` with that name and a rule, never the value:
it may be a peer's. Leaves out relations between fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

from parley.directory import rules
from parley.directory.problems import DirectoryProblem
from parley.terms.languages import LANGUAGES
from parley.terms.party import OFFICE, PARTY
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import check_line

_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9.-]{0,63}", re.ASCII)
_TELEPHONE = re.compile(r"\+[0-9](?:[ -]?[0-9()]){4,29}", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", re.ASCII)


def refuse(field: str, rule: str) -> NoReturn:
    """Raise ``bad_value``."""
    raise DirectoryProblem("bad_value", field=field, rule=rule)


def kind(field: str, value: Any, wanted: type) -> None:
    """Exactly this type: a bool is an int to Python, and neither is meant for the other."""
    if type(value) is not wanted:
        refuse(field, "type")


def whole(field: str, value: int, low: int, high: int) -> None:
    """A whole number from `low` to `high`."""
    kind(field, value, int)
    if not low <= value <= high:
        refuse(field, "range")


def instant(field: str, value: int) -> None:
    """Milliseconds since the Unix epoch, UTC, between the years 2000 and 2100."""
    whole(field, value, rules.EARLIEST, rules.LATEST)


def octets(field: str, value: bytes, low: int, high: int) -> None:
    """Bytes of a length from `low` to `high`."""
    kind(field, value, bytes)
    if not low <= len(value) <= high:
        refuse(field, "length")


def line(field: str, value: str, longest: int) -> None:
    """One line of shown text: the gate of `terms.text`, not blank, no outer blanks."""
    kind(field, value, str)
    if not value or value != value.strip():
        refuse(field, "empty" if not value.strip() else "outer-blanks")
    try:
        check_line(value, longest)
    except TermsProblem as problem:
        refuse(field, problem.key.removeprefix("terms.text_").replace("_", "-"))


def matching(field: str, value: str, pattern: re.Pattern[str]) -> None:
    """A text that the whole `pattern` fits."""
    kind(field, value, str)
    if not pattern.fullmatch(value):
        refuse(field, "characters")


def code(field: str, value: str) -> None:
    """A word of an open list: small letters, digits, hyphens and points, at most 64."""
    matching(field, value, _CODE)


def party(field: str, value: str) -> None:
    """The code of a party (`terms.party`)."""
    matching(field, value, PARTY)


def office(field: str, value: str) -> None:
    """The name of an office (`terms.party`)."""
    matching(field, value, OFFICE)


def telephone(field: str, value: str) -> None:
    """An international number (ITU-T E.123): plus sign, digits, single blanks or hyphens between; ASCII only."""
    matching(field, value, _TELEPHONE)


def zone(field: str, value: str) -> None:
    """The form of an IANA time zone name; whether it exists is not asked, since tables differ between machines."""
    matching(field, value, _ZONE)


def dates(field: str, value: tuple[str, ...], most: int) -> None:
    """Days of the calendar, ``2026-12-25``, ascending, none twice."""
    several(field, value, str, 0, most)
    for day in value:
        matching(field, day, _DATE)
        try:
            date.fromisoformat(day)
        except ValueError:
            refuse(field, "no-such-day")
    if list(value) != sorted(value):
        refuse(field, "order")


def language(field: str, value: str) -> None:
    """One of the six."""
    if value not in LANGUAGES:
        refuse(field, "unknown-language")


def names(field: str, value: Mapping[str, str]) -> None:
    """One name at least, by language of the six."""
    if not isinstance(value, Mapping):
        refuse(field, "type")
    if not value:
        refuse(field, "missing")
    for spoken, name in value.items():
        language(field, spoken)
        line(field, name, rules.NAME)


def several(field: str, items: tuple[Any, ...], wanted: type, low: int, high: int) -> None:
    """A tuple of `low` to `high` items of one type, none twice."""
    kind(field, items, tuple)
    if not low <= len(items) <= high:
        refuse(field, "count")
    for item in items:
        kind(field, item, wanted)
    if len(set(items)) != len(items):
        refuse(field, "repeated")
