"""Words of the pages: one file a language beside this one, read as the sentences about problems are.

English is the pattern: every language has its entries and no others, and a test looks. `review` says who read a text
through; none was read through yet, and the pages say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from parley.forms import load
from parley.forms.catalogue import Catalogue, read_about, read_messages
from parley.forms.library import packaged
from parley.forms.voice import Voice
from parley.terms.languages import LANGUAGES

FALLBACK = "en"


@lru_cache(maxsize=8)
def voice(language: str) -> Voice:
    """The pages' words in one of the six languages."""
    return Voice(catalogue(language))


@lru_cache(maxsize=8)
def review(language: str) -> str:
    """The least review that any entry of a language had."""
    return voice(language).catalogue.review


def catalogue(language: str) -> Catalogue:
    """One file."""
    name = f"{language}.toml"
    about = read_about(name, packaged()[1][name])
    return read_messages(name, (files(__package__) / "words" / name).read_bytes(), about)


def speaks(language: str) -> bool:
    """Whether the pages are in this language."""
    return language in LANGUAGES


def wanted(accept: str, fallback: str) -> str:
    """The first of the six that a browser asks for (Accept-Language, RFC 9110 12.5.4), else `fallback`."""
    return next((code for code in _ranked(accept) if speaks(code)), fallback)


def _ranked(accept: str) -> Iterable[str]:
    found = []
    for place, part in enumerate(accept[:400].split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        found.append((-weight, place, tag.split("-")[0].lower()))
    return [code for weight, _, code in sorted(found) if weight < 0]


def own_name(language: str) -> str:
    """A language's name in itself."""
    return load().catalogue(language).about.name
