"""Name states: a state by its name in any of the six languages, or by its code, as an officer enters it.

A name is in the table or it is not: nothing is guessed. What is not found comes back with the names nearest to it, for
the officer to choose; the choice is the officer's.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from parley.desk.problems import DeskProblem
from parley.forms import Library
from parley.terms.states import LONGEST, all_states, resolve
from parley.terms.states import key as spelling
from parley.terms.terms_problem import TermsProblem

MOST_NEAREST = 4
LIKE = 0.6
"""How alike a spelling must be to be offered (difflib's ratio)."""
_WITH_CODE = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<code>[A-Z]{2})[)\]]", re.DOTALL)
_UNSEEN = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
"""Marks of direction that a browser or a copied page brings along; they are no part of a name."""


def listed(library: Library, language: str) -> tuple[tuple[str, str], ...]:
    """Every state as (code, name in the language), by name; fictional ones are for exercises."""
    return _listed(library.catalogue_digest, library, language)


@lru_cache(maxsize=16)
def _listed(digest: bytes, library: Library, language: str) -> tuple[tuple[str, str], ...]:
    voice = library.voice(language)
    return tuple(sorted(((code, voice.party(code)) for code in all_states()), key=lambda one: spelling(one[1])))


def shown(name: str, code: str) -> str:
    """As a list offers it: the name, the code beside it."""
    return f"{name} ({code})"


def code_of(library: Library, given: str, language: str) -> str:
    """The code for what an officer entered: a code, a name, or a name with its code; raises DeskProblem("no_state")."""
    entered = " ".join(_UNSEEN.sub("", given).split())
    if entered in all_states():
        return entered
    if (found := _WITH_CODE.fullmatch(entered)) and _by_name(library, found["name"], language) == found["code"]:
        return found["code"]
    code = _by_name(library, entered, language)
    if code is None:
        raise DeskProblem("no_state", given=entered[:40], nearest=nearest(library, entered, language))
    return code


def _by_name(library: Library, name: str, language: str) -> str | None:
    """By the name that this desk shows first, then by the table."""
    own = {spelling(shown): code for code, shown in listed(library, language)}
    try:
        return own.get(spelling(name)) or resolve(name, exercise=True)
    except TermsProblem:
        return None


def nearest(library: Library, given: str, language: str) -> str:
    """The states whose code, name in this language or another spelling is nearest to what was given, for a message."""
    wanted, names = spelling(given[:LONGEST]).casefold(), dict(listed(library, language))
    spellings = _spellings()
    codes = [code for code in names if code == given.strip().upper()[:2] and len(given.strip()) == 2]
    codes += [code for text, code in spellings.items() if len(wanted) > 1 and text.startswith(wanted)]
    codes += [spellings[text] for text in get_close_matches(wanted, spellings, MOST_NEAREST, LIKE)]
    offered = list(dict.fromkeys(codes))[:MOST_NEAREST]
    return ", ".join(shown(names[code], code) for code in offered) or "–"


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    rows = all_states().values()
    return {spelling(name).casefold(): row.code for row in rows for name in (*row.names.values(), *row.aliases)}
