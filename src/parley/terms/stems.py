"""Words as they are looked up: what a text is cut into, and what of each piece is kept, in six languages.

Latin, Cyrillic and Arabic words are kept by their stem (Snowball), so that "sanctions" finds "sanctioned" and "санкции"
finds "санкций". Chinese has no blanks between words: runs of Han letters are kept as overlapping pairs, the usual unit
where nothing may be guessed from a dictionary. Letters are compared without case and accents. Simplified and
traditional Chinese are not brought together, and compounds are not split.

A Latin word of a question may be English, French or Spanish; it is looked for under the stem that each of the three
gives it. What a text is kept under depends on its own language alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import snowballstemmer

STEMMERS = {"ar": "arabic", "en": "english", "fr": "french", "ru": "russian", "es": "spanish"}
LATIN = ("en", "fr", "es")
LONGEST = 40
"""Letters of a piece that are kept: hashes and addresses are found by their beginning."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_MARKS = r"\u0610-\u061a\u0640\u064b-\u065f\u0670"  # of Arabic: vowels, and the stroke that only fills a line
_LETTER = rf"(?:(?!{_HAN.pattern})[^\W_]|[{_MARKS}])"
_PIECE = re.compile(rf"{_HAN.pattern}+|{_LETTER}+(?:['’ʼ]{_LETTER}+)*")
_ARABIC_MARKS = re.compile(rf"[{_MARKS}]")
_ARABIC_LETTERS = str.maketrans("أإآٱىة", "ااااي" + "ه")
_ARTICLE = re.compile(r"^[وف]?(?:[بك]?ال|لل)(?=.{3})")
_NISBA = re.compile(r"(?<=.{3})ية$")
_ELISION = re.compile(r"^(?:l|d|j|m|n|s|t|c|qu|jusqu|lorsqu|puisqu)['’ʼ]", re.IGNORECASE)


def pieces(text: str) -> Iterator[str]:
    """Words of a text as written, and runs of Han letters."""
    for match in _PIECE.finditer(unicodedata.normalize("NFKC", text)):
        yield match[0]


def is_han(piece: str) -> bool:
    """Whether a piece is Chinese writing."""
    return _HAN.match(piece) is not None


def pairs(run: str) -> list[str]:
    """Overlapping pairs of a run of Han letters; a single letter stands alone."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def kept_as(text: str, language: str) -> str:
    """What a text in a language is kept under: stems and pairs, separated by blanks, in the text's order."""
    return " ".join(stem for piece in pieces(text) for stem in _kept(piece, language))


def _kept(piece: str, language: str) -> tuple[str, ...]:
    if is_han(piece):
        # the last letter alone as well: it begins no pair, and a single letter is looked for by what begins with it
        return (*pairs(piece), piece[-1]) if len(piece) > 1 else (piece,)
    return (stem(piece, language_of(piece, language)),)


def asked_as(piece: str) -> tuple[str, ...]:
    """Every stem under which a word of a question may have been kept; the first is the likeliest."""
    spoken = language_of(piece, "")
    return tuple(dict.fromkeys(stem(piece, one) for one in ((spoken,) if spoken else LATIN)))


def language_of(piece: str, told: str) -> str:
    """The language by which a word is stemmed: its script decides where it can, else what we were told."""
    first = ord(piece[0])
    if 0x0400 <= first <= 0x052F:
        return "ru"
    if 0x0600 <= first <= 0x06FF or 0x0750 <= first <= 0x077F or 0xFB50 <= first <= 0xFEFF:
        return "ar"
    return told if told in LATIN or told not in STEMMERS else ""


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The stem of one word, without case and accents; in a language without a stemmer, the whole word."""
    word = word.casefold()
    if language == "ar":
        return _arabic(word)[:LONGEST]
    if language == "fr":
        word = _ELISION.sub("", word)
    if language in STEMMERS and not any(letter.isdigit() for letter in word):
        word = _stemmer(language).stemWord(word)
    return plain(word)[:LONGEST]


def _arabic(word: str) -> str:
    """Snowball's stem, taken until it stays the same, without article and with one form of the adjective's ending.

    One pass keeps the stem with and without its article apart (العقوبات, عقوبات), which is no difference to a reader.
    """
    word, before = _NISBA.sub("ي", _ARTICLE.sub("", _ARABIC_MARKS.sub("", word))), ""
    while word != before and len(word) > 3:
        before, word = word, _stemmer("ar").stemWord(word)
    return (word or before).translate(_ARABIC_LETTERS)


def plain(word: str) -> str:
    """Without case, accents and apostrophes."""
    parts = unicodedata.normalize("NFD", word.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one) and one not in "'’ʼ")


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(STEMMERS[language])


def trigrams(word: str) -> frozenset[str]:
    """Its runs of three letters, with a mark before and after: how alike two spellings are is how many they share."""
    padded = f"\x02{plain(word)}\x03"
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared trigrams of all (Jaccard), 0 to 1."""
    return len(one & other) / len(one | other) if one | other else 0.0
