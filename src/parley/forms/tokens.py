"""Text cut into words as each language cuts it, each word with the keys under which a list may name it.

A key is a stem (Snowball's for English, French, Spanish and Russian; for Arabic the word without what is written on to
it), or the word itself behind ``=``. Chinese is written without blanks, so each of its characters is a word. Leaves out
meaning, and what looks like an address or a file name: a domain may be called as it likes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import msgspec

STOP = "."
"""The key of a mark that ends a sentence, or a clause of a Chinese one: nothing that is looked for reaches across."""

_STEMMERS = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian"}
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670"  # combining accents; the vowels of Arabic
_TOKEN = re.compile(
    r"(?P<technical>[A-Za-z0-9_-]+(?:(?:[./@\\]|:/*)[A-Za-z0-9_-]+)+)"
    r"|(?P<han>[\u3400-\u9fff])"
    rf"|(?P<word>(?:(?![\u3400-\u9fff])[^\W\d_]|[{_MARKS}])+)"
    r"|(?P<number>\d+)"
    r"|(?P<stop>[.!?;:\u3002\uff01\uff1f\uff1b\uff1a\uff0c\u061f\u061b])"
)


class Token(msgspec.Struct, frozen=True):
    """A word of a text: the places of its first character and behind its last, and its keys."""

    at: int
    end: int
    keys: frozenset[str]


def tokens(text: str, language: str) -> tuple[Token, ...]:
    """The words of a text, in order; `language` is one of the six, any other is cut at blanks and not stemmed."""
    return tuple(_tokens(text, language))


def key(word: str, language: str, *, exact: bool = False) -> str:
    """The one key by which a list names this word: its stem, or with `exact` the word as it is."""
    if language == "ar":
        plain = _plain_arabic(word)
        bare = plain.removeprefix("ال")
        return f"={plain}" if exact else bare if len(bare) >= _LEFT else plain
    plain = _plain(word, language)
    return f"={plain}" if exact else _stemmer(language)(plain)


def _tokens(text: str, language: str) -> Iterator[Token]:
    keys_of = _arabic_keys if language == "ar" else lambda word: _keys(word, language)
    for found in _TOKEN.finditer(text):
        if found["word"]:
            yield Token(found.start(), found.end(), keys_of(found["word"]))
        elif found["han"]:
            yield Token(found.start(), found.end(), _character(found["han"]))
        elif found["stop"]:
            yield Token(found.start(), found.end(), frozenset((STOP,)))
        else:  # a number or an address: no list names it, but it stands between its neighbours
            yield Token(found.start(), found.end(), frozenset())


@lru_cache(maxsize=10_000)
def _character(character: str) -> frozenset[str]:
    return frozenset((character, f"={character}"))


@lru_cache(maxsize=20_000)
def _keys(word: str, language: str) -> frozenset[str]:
    plain = _plain(word, language)
    return frozenset((f"={plain}", _stemmer(language)(plain)))


def _plain(word: str, language: str) -> str:
    """The word in small letters; in Russian ё is written е, as most write it."""
    plain = unicodedata.normalize("NFC", word).casefold()
    return plain.replace("ё", "е") if language == "ru" else plain


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language not in _STEMMERS:
        return str
    import snowballstemmer  # all its languages load at once: only a node whose officer drafts something needs that

    stem: Callable[[str], str] = snowballstemmer.stemmer(_STEMMERS[language]).stemWord
    return stem


# -- Arabic. "And", "so", prepositions, the article and the future are written on to a word in front, pronouns and
# endings behind. Every way to take them off is a key, as long as some letters stay; a list's words are taken bare. --

_LETTERS = str.maketrans(
    "أإآٱىةؤئ", "ااااي" + "هوي", "\u0640"
)  # seats of hamza, alif maqsura, ta marbuta; tatweel goes
_VOWELS = re.compile(f"[{_MARKS}]")
_CONJUNCTIONS = ("", "و", "ف")
_IN_FRONT = ("", "ال", "ب", "بال", "ك", "كال", "ل", "لل", "س")
_PRONOUNS = ("", "ه", "ها", "هم", "هن", "هما", "ك", "كم", "كن", "كما", "نا", "ي", "ني")
_ENDINGS = ("", "ون", "ين", "ان", "ات", "ه", "ا", "وا", "ت")
_LEFT = 2
"""How many letters stay at least: "by an answer" is written with three."""


def _plain_arabic(word: str) -> str:
    return _VOWELS.sub("", unicodedata.normalize("NFC", word)).translate(_LETTERS)


@lru_cache(maxsize=20_000)
def _arabic_keys(word: str) -> frozenset[str]:
    plain = _plain_arabic(word)
    bare = {plain, *(plain.removeprefix(one) for one in _CONJUNCTIONS)}
    stems = set(_without(bare, _IN_FRONT, str.removeprefix, _LEFT))
    ends = set(_without(stems, _PRONOUNS, str.removesuffix, _LEFT + 1))
    ends |= {f"{end[:-1]}ه" for end in ends if end.endswith("ت")}  # before a pronoun ta marbuta is written open
    return frozenset({*_without(ends, _ENDINGS, str.removesuffix, _LEFT + 1), *ends, *(f"={one}" for one in bare)})


def _without(words: set[str], affixes: tuple[str, ...], cut: Callable[[str, str], str], left: int) -> Iterator[str]:
    for word in words:
        for affix in affixes:
            if len(short := cut(word, affix)) >= left or short == word:
                yield short
