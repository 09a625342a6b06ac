"""The exact alias table of states: names in six languages, and the way back from a spelling to a code.

A spelling is in the table or it is not: nothing here guesses, because a fuzzy match in a tool for attribution invents
accusations. What is not found goes to quarantine, where a person decides. The codes are those of ISO 3166-1 with six
invented states for exercises; being listed says nothing about the status of any state or area. Two-letter codes are
not spellings: the word "no" is not Norway and a cell "NA" need not be Namibia, so `resolve` takes names and `from_iso`
takes codes. Leaves out organisations.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

from parley.terms.languages import LANGUAGES, language
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import check_line, shown

LONGEST = 200
"""Characters of the longest spelling looked up, and of a display name that a ministry may set."""


class State(msgspec.Struct, frozen=True):
    """One row: ISO 3166-1 alpha-2 and alpha-3 codes, M49 number, who named it, name per language, further spellings.

    `named_by` is ``unterm`` (United Nations terminology), ``m49`` (UN statistics) or ``fictional``; the last has
    neither an alpha-3 code nor an M49 number (both "").
    """

    code: str
    alpha3: str
    m49: str
    named_by: str
    names: Mapping[str, str]
    aliases: tuple[str, ...]


def key(name: str) -> str:
    """What two spellings must share to be the same: NFC, single blanks, case-folded.

    Up to three plain letters keep their case: "US" is a name, "us" is a pronoun.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if len(name) <= 3 and name.isascii():
        return name
    return unicodedata.normalize("NFC", name.casefold())


@cache
def all_states() -> Mapping[str, State]:
    """Every row by its two-letter code, fictional ones included."""
    return MappingProxyType({row.code: row for file in ("states.csv", "fictional.csv") for row in _rows(file)})


def state(code: str) -> State:
    """The row of a two-letter code; raises TermsProblem ``unknown_state``."""
    try:
        return all_states()[code]
    except KeyError:
        raise TermsProblem("unknown_state", given=shown(code)) from None


def state_name(code: str, in_language: str, names: Mapping[str, str] | None = None) -> str:
    """The display name in one of the six languages.

    Args:
        names: a ministry's own display names by code, in that language; they win over the table.

    Raises TermsProblem ``unknown_state``, ``unknown_language``; for an entry of `names` that hides characters
    ``text_hidden`` and so on, and ``names_another_state`` if another state bears it in the table.
    """
    row = state(code)
    language(in_language)
    if names and code in names:
        return _own_name(code, names[code])
    return row.names[in_language]


def state_label(code: str, in_language: str, names: Mapping[str, str] | None = None) -> str:
    """The name with the code beside it, ``Kenya [KE]``, as a note shows it; raises as `state_name`."""
    return f"{state_name(code, in_language, names)} [{code}]"


def resolve(name: str, *, exercise: bool = False) -> str:
    """The code of the state with this spelling in any of the six languages; fictional states only for an exercise.

    Raises TermsProblem ``unknown_state`` for everything that is not in the table: quarantine it.
    """
    code = _spellings(exercise).get(key(name)) if len(name) <= LONGEST else None
    if code is None:
        raise TermsProblem("unknown_state", given=shown(name))
    return code


def from_iso(code: str) -> str:
    """The two-letter code for a two- or three-letter code of ISO 3166-1, in capitals; raises ``unknown_state``."""
    found = code if code in all_states() else _three_letters().get(code)
    if found is None:
        raise TermsProblem("unknown_state", given=shown(code))
    return found


def _own_name(code: str, name: str) -> str:
    """A ministry may rename a place, but not give it the name under which another state is known."""
    check_line(name, LONGEST)
    other = _spellings(exercise=True).get(key(name), code)
    if other != code:
        raise TermsProblem("names_another_state", given=shown(name), code=code, other=other)
    return name


def _rows(file: str) -> Iterator[State]:
    text = (resources.files("parley.terms") / "data" / file).read_text(encoding="utf-8")
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        names = MappingProxyType({code: row[code] for code in LANGUAGES})
        aliases = tuple(row["aliases"].split("|")) if row["aliases"] else ()
        yield State(row["code"], row["alpha3"], row["m49"], row["named_by"], names, aliases)


@cache
def _spellings(exercise: bool) -> Mapping[str, str]:
    rows = [row for row in all_states().values() if exercise or row.named_by != "fictional"]
    return {key(name): row.code for row in rows for name in (*row.names.values(), *row.aliases)}


@cache
def _three_letters() -> Mapping[str, str]:
    return {row.alpha3: row.code for row in all_states().values() if row.alpha3}
