"""The words of one language: one TOML file, read into entries by path, with the review that each entry had.

An entry is a text with a path, for example ``codes.sector.health`` or ``units.site.one``. The sentences about problems
stand in a file of their own (`read_messages`): no note is made of them, so correcting one must not change the digest
that notes carry. So do the words to look at again before release (`plain_words`). Leaves out dates, numbers and plural
rules, which come from CLDR (`voice`), and names of states, which come from `parley.terms.states` unless the file's
section ``states`` says otherwise.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import Literal, TypeAlias

import msgspec

from parley.forms.problems import FormProblem
from parley.terms.problem import Problem
from parley.terms.text import check_line

REVIEWS = ("none", "native", "ministry")
"""Who looked at an entry: nobody, an officer who grew up with the language, the ministry that adopted it."""
Review: TypeAlias = Literal["none", "native", "ministry"]

_APART = ("language", "review", "states")
# Syntax, UTF-8, types, numbers of too many digits are all ValueErrors; brackets within brackets exhaust the parser.
_NOT_A_FILE = (ValueError, RecursionError)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``language``: what a file says of itself.

    Args:
        code: BCP 47, e.g. ``ar``. locale: the CLDR locale for dates, numbers and plurals. script: ISO 15924.
        separator: between the entries of a list. label_separator: between a label and its value.
        same_as_english: paths of entries that are rightly spelt as in English.
    """

    code: str
    name: str
    locale: str
    script: str
    version: int
    separator: str
    label_separator: str
    same_as_english: tuple[str, ...] = ()


class AboutMessages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``language`` of a file of messages; the rest is said by the language's own file."""

    code: str
    same_as_english: tuple[str, ...] = ()


class Catalogue(msgspec.Struct, frozen=True):
    """One language. `digest` is the SHA-256 of the file's bytes; `entries` holds every text by its path."""

    about: About
    digest: bytes
    entries: dict[str, str]
    states: dict[str, str]
    reviews: dict[str, Review]

    @property
    def code(self) -> str:
        """The language's code."""
        return self.about.code

    def entry(self, path: str) -> str:
        """The text at `path`; raises FormProblem ``no_entry``."""
        try:
            return self.entries[path]
        except KeyError:
            raise FormProblem("no_entry", language=self.code, entry=path) from None

    def under(self, path: str) -> dict[str, str]:
        """The texts whose path goes on after `path`, by what follows."""
        start = f"{path}."
        return {key.removeprefix(start): text for key, text in self.entries.items() if key.startswith(start)}

    def review_of(self, path: str) -> Review:
        """The review of one entry: of its own path, else of the nearest section above it, else the default."""
        while path:
            if path in self.reviews:
                return self.reviews[path]
            path = path.rpartition(".")[0]
        return self.reviews.get("default", "none")

    @property
    def review(self) -> Review:
        """The least review that any entry had: what may be said of a page as a whole."""
        return min((self.review_of(path) for path in self.entries), key=REVIEWS.index, default="none")


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces of an entry, sorted."""
    return tuple(sorted(_PLACEHOLDER.findall(text)))


def read_catalogue(name: str, data: bytes) -> Catalogue:
    """The language that a file holds; `name` is for the message. Raises FormProblem ``bad_catalogue_file``."""
    try:
        file = tomllib.loads(data.decode("utf-8"))
        return Catalogue(
            about=msgspec.convert(file.get("language"), About),
            digest=hashlib.sha256(data).digest(),
            entries=_entries(file),
            states=msgspec.convert(file.get("states", {}), dict[str, str]),
            reviews=_flat(file.get("review", {}), dict[str, Review]),
        )
    except _NOT_A_FILE as error:
        raise FormProblem("bad_catalogue_file", file=name, detail=str(error)) from error


def read_messages(name: str, data: bytes, about: About) -> Catalogue:
    """The sentences about problems that a file holds, in the language of `about`; raises as `read_catalogue`."""
    try:
        file = tomllib.loads(data.decode("utf-8"))
        said = msgspec.convert(file.get("language"), AboutMessages)
        if said.code != about.code:
            raise ValueError(f"it says that it is {said.code}")
        return Catalogue(
            about=msgspec.structs.replace(about, same_as_english=said.same_as_english),
            digest=hashlib.sha256(data).digest(),
            entries=_entries(file, brackets=True),  # a message is never read back, and commands have brackets
            states={},
            reviews=_flat(file.get("review", {}), dict[str, Review]),
        )
    except _NOT_A_FILE as error:
        raise FormProblem("bad_catalogue_file", file=name, detail=str(error)) from error


def read_about(name: str, data: bytes) -> About:
    """The first table of a language file, ``language``, without reading the rest; raises as `read_catalogue`."""
    try:
        head = re.split(r"^\[(?!language\])", data.decode("utf-8"), maxsplit=1, flags=re.MULTILINE)[0]
        return msgspec.convert(tomllib.loads(head).get("language"), About)
    except _NOT_A_FILE as error:
        raise FormProblem("bad_catalogue_file", file=name, detail=str(error)) from error


def _entries(file: dict[str, object], *, brackets: bool = False) -> dict[str, str]:
    if next(iter(file), "") != "language":
        raise ValueError("the first table must be language")
    entries = _flat({section: value for section, value in file.items() if section not in _APART}, dict[str, str])
    for path, text in entries.items():
        _check_entry(path, text, brackets=brackets)
    return entries


def _flat(section: object, kind: type[dict[str, str]] | type[dict[str, Review]]) -> dict:  # type: ignore[type-arg]
    flat: dict[str, object] = {}
    _walk(section, "", flat)
    return msgspec.convert(flat, kind)


def _walk(value: object, path: str, flat: dict[str, object]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _walk(inner, f"{path}.{key}" if path else key, flat)
    else:
        flat[path] = value


def _check_entry(path: str, text: str, *, brackets: bool) -> None:
    # Square brackets are kept for codes: an entry with one could pass for a code when a page is read back.
    if not text.strip() or text != text.strip() or (not brackets and ("[" in text or "]" in text)):
        raise ValueError(f"entry {path} is blank, begins or ends with a blank, or has a square bracket")
    if {"{", "}"} & set(_PLACEHOLDER.sub("", text)):
        raise ValueError(f"entry {path} has a brace that is not a placeholder")
    try:
        check_line(text, 1000)
    except Problem as problem:
        raise ValueError(f"entry {path}: {problem}") from problem
