"""The words of one language that a drafter should look at again: one TOML file, with reasons and plainer words.

A file of its own beside the catalogue, because correcting it must not change the digest that notes carry (as for the
sentences about problems). An entry names words or phrases that have one reason and one alternative; ``…`` in a phrase
stands for up to three words (in Chinese eight characters) of the same sentence. Leaves out the looking (`plain`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

import msgspec

from parley.forms.catalogue import About, Catalogue, Review
from parley.forms.problems import FormProblem
from parley.forms.tokens import key, tokens
from parley.forms.voice import Voice
from parley.terms.problem import Problem
from parley.terms.text import check_line

Kind: TypeAlias = Literal["loaded", "ambiguous", "escalatory", "idiom", "accusation"]
"""Of words: they judge, they have no one meaning, they threaten, they are a figure of speech, they accuse."""
SHEET_KINDS = ("no-ask", "no-answer-by")
"""Of a whole note: what is missing from it."""
KINDS: tuple[str, ...] = (*get_args(Kind), *SHEET_KINDS)
REASONS = (
    *("presumes-deed", "presumes-guilt", "judges", "doubts", "names-government", "reproach", "beyond-doubt"),
    *("demand", "threat", "ultimatum", "legal-term", "duty"),
    *("no-time", "no-amount", "no-scale", "no-content", "two-meanings"),
    *("figure", "accuses", "ask-in-words", "no-ask", "no-answer-by"),
)
"""Keys of the sentences that say why; the same in every language."""
GAP = "…"


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that share kind, reason and alternative, which is in their language. All forms of a word count; one with
    ``=`` in front counts as it is written. `unless`: phrases with one of the words in which it is harmless."""

    words: tuple[str, ...]
    kind: Kind
    reason: str
    instead: str
    unless: tuple[str, ...] = ()
    review: Review = "none"


class Phrase(msgspec.Struct, frozen=True):
    """A phrase as keys of tokens, GAP among them, with the entry that it belongs to."""

    keys: tuple[str, ...]
    word: Word


class Plain(msgspec.Struct, frozen=True):
    """The list of one language. `phrases`, `unless`, `asks`: by their first key. `says`: kinds, reasons, frames."""

    language: str
    words: tuple[Word, ...]
    phrases: dict[str, tuple[Phrase, ...]]
    unless: dict[str, tuple[Phrase, ...]]
    asks: dict[str, tuple[Phrase, ...]]
    says: Voice


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: dict[str, str]
    frames: dict[str, str]
    kinds: dict[str, str]
    reasons: dict[str, str]
    instead: dict[str, str]
    asks: Word
    word: tuple[Word, ...]


def read_plain(name: str, data: bytes, about: About) -> Plain:
    """The list that a file holds, of the language of `about`; raises FormProblem ``bad_catalogue_file``."""
    try:
        file = msgspec.convert(tomllib.loads(data.decode("utf-8")), _File)
        if file.language != {"code": about.code}:
            raise ValueError(f"it is not of {about.code}")
        _check(file)
        return Plain(
            language=about.code,
            words=file.word,
            phrases=_by_first(_phrases(word, word.words, about.code) for word in file.word),
            unless=_by_first(_phrases(word, word.unless, about.code) for word in file.word),
            asks=_by_first([_phrases(file.asks, file.asks.words, about.code)]),
            says=_voice(file, about),
        )
    except (ValueError, RecursionError) as error:
        raise FormProblem("bad_catalogue_file", file=name, detail=str(error)) from error


def _check(file: _File) -> None:
    if set(file.reasons) != set(REASONS) or set(file.kinds) != set(KINDS):
        raise ValueError("its reasons or kinds are not those that Parley knows")
    if set(file.instead) != {"ask-in-words", *SHEET_KINDS}:
        raise ValueError("it lacks an alternative of a whole note")
    if unknown := {word.reason for word in file.word} - set(REASONS):
        raise ValueError(f"unknown reasons {', '.join(sorted(unknown))}")
    for word in file.word:
        for text in (*word.words, *word.unless, word.instead):
            try:
                check_line(text, 200)
            except Problem as problem:
                raise ValueError(f"{text!r}: {problem}") from problem


def _phrases(word: Word, texts: tuple[str, ...], language: str) -> Iterator[Phrase]:
    for text in texts:
        yield Phrase(tuple(_keys(text, language)), word)


def _keys(text: str, language: str) -> Iterator[str]:
    exact = text.startswith("=")
    parts = re.split(f"({GAP})", text.removeprefix("="))
    for part in parts:
        if part == GAP:
            yield GAP
        else:
            yield from (key(part[one.at : one.end], language, exact=exact) for one in tokens(part, language))


def _by_first(groups: Iterator[Iterator[Phrase]] | list[Iterator[Phrase]]) -> dict[str, tuple[Phrase, ...]]:
    table: dict[str, tuple[Phrase, ...]] = {}
    for group in groups:
        for phrase in group:
            if not phrase.keys or GAP in (phrase.keys[0], phrase.keys[-1]):
                raise ValueError(f"a phrase of {phrase.word.words[0]!r} has no word at one end")
            table[phrase.keys[0]] = (*table.get(phrase.keys[0], ()), phrase)
    return table


def _voice(file: _File, about: About) -> Voice:
    sections = {"frames": file.frames, "kinds": file.kinds, "reasons": file.reasons, "instead": file.instead}
    entries = {f"{section}.{path}": text for section, texts in sections.items() for path, text in texts.items()}
    return Voice(Catalogue(about, b"", entries, {}, {}))
