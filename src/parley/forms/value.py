"""One line's value as it stands on a page: words with the code beside, lists joined, kinds of nothing, and back.

A value is said as ``words [code]``, a list as such pairs joined by the language's separator. Read back, the code is
believed only if the words beside it are those that the code has in that language; words without a code are read by the
tables of the language, where the kind of line allows it. Leaves out labels, numbers of lines and wrapping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from parley.forms.kinds import KINDS, Place
from parley.forms.kinds.judged import nothing_code, nothing_of
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice, without_isolates
from parley.terms.nothing import Nothing
from parley.terms.problem import Problem

ABSENT = "-"
"""The code of a header line that is empty."""
_PAIR = re.compile(r"(?:([^\[\]]*) )?\[([^\[\]]*)\]")
_EMPTY: tuple[Value, ...] = (None, [])


@dataclass(frozen=True)
class Said:
    """A value in words: its text, the codes in it, and the own words that stand under it, one text a paragraph."""

    text: str
    codes: tuple[str, ...]
    paragraphs: tuple[str, ...] = ()


def say(value: Value, place: Place, voice: Voice) -> Said:
    """A checked value in a language."""
    if value in _EMPTY:
        return _pair(voice.say(f"absent.{place.line.name}"), ABSENT, voice)
    if is_nothing(value, place):
        return _say_nothing(Nothing(value), voice)
    kind = KINDS[place.line.kind]
    if place.line.many:
        said = [_pair(kind.words(item, place, voice), kind.code(item), voice) for item in _items(value)]
        text = voice.separator.join(one.text for one in said)
        return Said(text, tuple(code for one in said for code in one.codes))
    pair = _pair(kind.words(value, place, voice), kind.code(value), voice)
    return Said(pair.text, pair.codes, kind.paragraphs(value))


def hear(text: str, paragraphs: tuple[str, ...], place: Place, voice: Voice) -> Value:
    """The value that `say` put into these words; `text` without isolates.

    Raises FormProblem ``page_line``, ``page_word``, ``page_differs``, or a problem of the value itself.
    """
    try:
        return _hear(text, paragraphs, place, voice)
    except (ValueError, LookupError, Problem) as error:
        if isinstance(error, FormProblem) and error.key.startswith("form.page_"):
            raise
        raise FormProblem("page_line", line=place.line.number) from error


def words(value: Value, place: Place, voice: Voice) -> str:
    """The words of one value without its code: for the options of a question."""
    if is_nothing(value, place):
        return voice.say(f"codes.nothing.{nothing_code(Nothing(value))}")
    return KINDS[place.line.kind].words(value, place, voice)


def is_nothing(value: Value, place: Place) -> TypeGuard[int]:
    """Whether the value says a kind of nothing that the line allows."""
    return type(value) is int and value in place.line.nothings()


def _hear(text: str, paragraphs: tuple[str, ...], place: Place, voice: Voice) -> Value:
    if "[" not in text:
        return _hear_words(text, place, voice)
    pairs = _pairs(text, place, voice)
    value = _of_codes([code for _, code in pairs], paragraphs, place)
    _check(value, place)
    said = say(value, place, voice)
    if without_isolates(said.text) != text or said.paragraphs != paragraphs:
        raise FormProblem("page_differs", line=place.line.number)
    return value


def _check(value: Value, place: Place) -> None:
    """Whether the words of a value can be asked for at all: a code may be any text that somebody typed."""
    if value in _EMPTY or is_nothing(value, place):
        return
    for item in _items(value) if place.line.many else [value]:
        KINDS[place.line.kind].check(item, place)


def _of_codes(codes: list[str], paragraphs: tuple[str, ...], place: Place) -> Value:
    kind = KINDS[place.line.kind]
    if codes == [ABSENT]:
        return [] if place.line.many else None
    if len(codes) == 1 and codes[0].startswith("-") and place.line.nothing:
        return int(nothing_of(codes[0][1:]))
    if place.line.many:
        return [kind.parse(code, ()) for code in codes]
    if len(codes) != 1:
        raise FormProblem("page_line", line=place.line.number)
    return kind.parse(codes[0], paragraphs)


def _pairs(text: str, place: Place, voice: Voice) -> list[tuple[str, str]]:
    """The pairs of words and code of a text, which must be nothing but pairs and separators."""
    pairs, at = [], 0
    while match := _PAIR.match(text, at):
        pairs.append((match[1] or "", match[2]))
        at = match.end()
        if at == len(text):
            return pairs
        if not text.startswith(voice.separator, at):
            break
        at += len(voice.separator)
    raise FormProblem("page_line", line=place.line.number)


def _hear_words(text: str, place: Place, voice: Voice) -> Value:
    """A value from its words alone: for lines whose values are few enough to be listed."""
    line, table = place.line, words_of_line(place, voice)
    if voice.has(f"absent.{line.name}") and text == without_isolates(voice.say(f"absent.{line.name}")):
        return [] if line.many else None
    for kind in line.nothings():
        if text == without_isolates(voice.say(f"codes.nothing.{nothing_code(kind)}")):
            return int(kind)
    found = [_look_up(item, table, place) for item in (text.split(voice.separator) if line.many else [text])]
    return found if line.many else found[0]


def words_of_line(place: Place, voice: Voice) -> Mapping[str, Value]:
    """From words to values, for a line whose values are few enough to be listed; empty for any other.

    Raises FormProblem ``same_words`` if the language cannot tell two values apart, or a list from one of its entries.
    """
    line, values = place.line, KINDS[place.line.kind].values
    if values is None:
        return {}
    key = (line.kind, line.list, place.codes, place.library.numbers if line.kind == "form" else ())
    table = voice.backwards(key, lambda: ((words(value, place, voice), value) for value in values(place)))
    if line.many and (mixed := next((text for text in table if voice.separator in text), None)):
        raise FormProblem("same_words", language=voice.code, one=mixed, other=voice.separator)
    return table


def _look_up(item: str, table: Mapping[str, Value], place: Place) -> Value:
    if item not in table:
        raise FormProblem("page_word", line=place.line.number, given=item[:40])
    return table[item]


def _say_nothing(kind: Nothing, voice: Voice) -> Said:
    code = nothing_code(kind)
    return _pair(voice.say(f"codes.nothing.{code}"), f"-{code}", voice)


def _pair(said: str, code: str, voice: Voice) -> Said:
    return Said(f"{said} {voice.isolate(f'[{code}]')}", (code,))


def _items(value: Value) -> list[Value]:
    assert isinstance(value, list)
    return value
