"""Own words looked through for loaded and ambiguous wording before release.

A warning is advice to the drafter and blocks nothing. The words to look for are data, in each language's file.
Leaves out grammar, tone, and every language that has no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from parley.forms.kinds import KINDS
from parley.forms.library import Library, load
from parley.forms.sheet import Sheet, Value


class Warning(msgspec.Struct, frozen=True):
    """One finding: the line, the words found, whether ``loaded`` or ``ambiguous``, and what could stand instead.

    `line` is the number of the line, `at` the place of the first character within the text; `instead` is in the
    language of the text.
    """

    line: int
    at: int
    found: str
    kind: str
    instead: str


def warnings(sheet: Sheet, *, library: Library | None = None) -> tuple[Warning, ...]:
    """What a drafter should look at again in the own words of a sheet; () also if nothing is known of the language."""
    library = library or load()
    form = library.form(sheet.form_number, sheet.form_version)
    found: list[Warning] = []
    for line in form.lines:
        value = sheet.lines.get(line.number)
        if value is None or line.many:
            continue
        for language, text in _own_words(line.kind, value):
            found += look(text, language, line=line.number, library=library)
    return tuple(found)


def look(text: str, language: str, *, line: int = 0, library: Library | None = None) -> tuple[Warning, ...]:
    """The loaded and ambiguous words of a text, in the order in which they stand."""
    library = library or load()
    if language not in library.languages:
        return ()
    words = library.catalogue(language).wording
    hits = [
        Warning(line, match.start(), match[0], word.kind, word.instead)
        for word in words
        for match in _pattern(word.word, language).finditer(text)
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.at, hit.found)))


def _own_words(kind: str, value: Value) -> Iterator[tuple[str, str]]:
    """The texts in a value of a kind that has own words: ``[language, text]`` itself, or as the last of a list."""
    if KINDS[kind].paragraphs is KINDS["code"].paragraphs or not isinstance(value, list):
        return
    text = value[-1] if isinstance(value[-1], list) else value
    if isinstance(text, list) and len(text) == 2 and all(isinstance(part, str) for part in text):
        yield str(text[0]), str(text[1])


@lru_cache(maxsize=2000)
def _pattern(word: str, language: str) -> re.Pattern[str]:
    """Whole words, small or capital; a star stands for any letters. Chinese has no blanks, so there a part counts."""
    body = re.escape(word.strip("*")).replace(r"\ ", r"\s+")
    if language == "zh":
        return re.compile(body)
    before = r"\w*" if word.startswith("*") else r"\b"
    after = r"\w*" if word.endswith("*") else r"\b"
    return re.compile(f"{before}{body}{after}", re.IGNORECASE)
