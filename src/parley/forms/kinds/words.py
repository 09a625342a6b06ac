"""Own words: free text with its language, shown under its line, never authoritative.

A paragraph is one line of the text. It may not begin or end with a blank, because a page that is wrapped, mailed and
read back keeps no such blank.
"""

from __future__ import annotations

from parley.forms.kinds.base import Kind, Place, whole
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice
from parley.terms.text import Text


def split(text: str) -> tuple[str, ...]:
    """The paragraphs of a text."""
    return tuple(text.split("\n"))


def joined(paragraphs: tuple[str, ...]) -> str:
    """The text of paragraphs: `split` backwards."""
    return "\n".join(paragraphs)


def own_words(language: str, typed: str) -> Value:
    """The coded value of typed text: put in order (line ends, blanks at the ends of paragraphs, NFC) and checked.

    Raises TermsProblem for what cannot be put in order, e.g. a bidirectional override.
    """
    tidy = "\n".join(line.strip() for line in typed.strip().splitlines())
    return Text.of(language, tidy).to_coded()


def check_paragraphs(text: str, place: Place) -> None:
    """Refuse a text that is too long for its line, or whose blanks would not survive a page."""
    if len(text) > place.line.high:
        raise FormProblem("too_long", line=0, length=len(text), limit=place.line.high)
    if any(paragraph != paragraph.strip(" ") for paragraph in split(text)):
        raise FormProblem("blanks", line=0)


def _check_text(value: Value, place: Place) -> None:
    check_paragraphs(Text.from_coded(value).text, place)


def _text_words(value: Value, place: Place, voice: Voice) -> str:
    return voice.say("phrases.own-words", language=voice.language_name(Text.from_coded(value).language))


TEXT = Kind(
    _check_text,
    lambda value: Text.from_coded(value).language,
    lambda code, paragraphs: Text(code, joined(paragraphs)).to_coded(),
    _text_words,
    paragraphs=lambda value: split(Text.from_coded(value).text),
    entries=lambda form, line: ["phrases.own-words"],
)


# -- a whole number ----------------------------------------------------------------------------------------------


def _check_number(value: Value, place: Place) -> None:
    if not place.line.low <= whole(value) <= place.line.high:
        raise FormProblem("range", line=0, low=place.line.low, high=place.line.high)


NUMBER = Kind(
    _check_number,
    lambda value: str(whole(value)),
    lambda code, paragraphs: int(code),
    lambda value, place, voice: voice.number(whole(value)),
)
