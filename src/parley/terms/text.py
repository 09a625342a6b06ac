"""Text that says its language, and the one gate that every typed or received text passes.

A character that cannot be seen can hide a word from the check for loaded wording; one that turns the writing direction
can make a line show the opposite of what is signed (Unicode Technical Report 36, 2.10; UTS 55). The gate refuses both.
A line break is allowed: whoever renders a text among numbered lines must indent it. Leaves out what the words mean.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from parley.terms.coded import Coded, listed, reading, word
from parley.terms.terms_problem import TermsProblem

LONGEST = 20_000
"""Characters of the longest text; a form may set less."""
PILE = 30
"""Combining marks in a row: the bound of the Stream-Safe Text Format (UAX 15, section 13)."""
UNDETERMINED = "und"
"""The language of a text whose language nobody recorded (BCP 47, ISO 639-2)."""

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", re.ASCII)

# Ranges, not Unicode categories: those grow with Python, and two nodes must refuse the same texts. Zero-width joiner
# and non-joiner (Persian, Urdu, Indic scripts) and the direction marks LRM, RLM, ALM pass: they turn nothing around.
_HIDDEN = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters, all but the line break
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # soft hyphen, joiners and fillers without a shape
    "\u200b\u2028\u2029\u2060-\u2064\ufeff"  # zero-width space, line and paragraph separators, word joiner, BOM
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates
    "\u206a-\u206f\ufff9-\ufffb"  # deprecated format characters, interlinear annotation
    "\ud800-\udfff"  # surrogates: never characters
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: every font shows something else
    "\ufdd0-\ufdef"
    + "".join(f"{chr(plane * 65536 + 65534)}{chr(plane * 65536 + 65535)}" for plane in range(15))
    + "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # invisible musical marks, tags and other ignorable characters
    "]"
)


# What leaves no mark on paper although it passes: blanks, joiners, direction marks, variation selectors.
_BLANK = re.compile("[\\s\u061c\u200c-\u200f\u2800\ufe00-\ufe0f]*")


class Text(msgspec.Struct, frozen=True, order=True):
    """A text and its language: one of the six, another short BCP 47 tag in canonical case, or ``und``.

    The text is NFC, not blank, at most LONGEST characters, without hidden characters.
    Raises TermsProblem ``bad_language``, ``text_empty``, ``text_too_long``, ``text_hidden``, ``text_piled``,
    ``text_not_normal``. For what a person typed, use `Text.of`.
    """

    language: str
    text: str

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.language):
            raise TermsProblem("bad_language", given=shown(self.language))
        if _BLANK.fullmatch(self.text):
            raise TermsProblem("text_empty")
        check(self.text)

    @classmethod
    def of(cls, language: str, typed: str) -> Text:
        """A text from the keyboard or a file: line ends, tabs and NFC are put right, outer blanks dropped."""
        return cls(language, normal(typed))

    def to_coded(self) -> list[Coded]:
        """``[language, text]``, what is signed."""
        return [self.language, self.text]

    @classmethod
    def from_coded(cls, value: object) -> Text:
        """Read ``[language, text]``; raises TermsProblem."""
        with reading("text"):
            language, text = listed(value, "text", 2)
            return cls(word(language, "text", 16), word(text, "text", LONGEST))


def check(text: str, limit: int = LONGEST) -> str:
    """`text` itself, if it is NFC, short enough and shows all it holds; raises TermsProblem."""
    # 1. Length first: everything after it takes time in proportion.
    if len(text) > limit:
        raise TermsProblem("text_too_long", length=len(text), limit=limit)
    # 2. Hidden and turning characters.
    if hidden := _HIDDEN.search(text):
        raise TermsProblem("text_hidden", point=f"U+{ord(hidden[0]):04X}", place=hidden.start() + 1)
    # 3. Piled marks, before 4: sorting a long pile takes time with its square.
    _check_piles(text)
    # 4. One text, one string of bytes.
    if not unicodedata.is_normalized("NFC", text):
        raise TermsProblem("text_not_normal")
    return text


def check_line(text: str, limit: int) -> str:
    """As `check`, for a text of one line."""
    if "\n" in text:
        raise TermsProblem("text_hidden", point="U+000A", place=text.index("\n") + 1)
    return check(text, limit)


def normal(typed: str) -> str:
    """Typed text with LF line ends, blanks for tabs, NFC, no outer blanks; raises as `check` does."""
    mended = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if len(mended) > LONGEST:
        raise TermsProblem("text_too_long", length=len(mended), limit=LONGEST)
    _check_piles(mended)
    return unicodedata.normalize("NFC", mended)


def shown(raw: str, limit: int = 40) -> str:
    """A stranger's text cut to `limit` characters, hidden ones replaced: fit for an error's arguments or a log."""
    seen = _HIDDEN.sub("\ufffd", raw[:limit]).replace("\n", "\ufffd")
    return unicodedata.normalize("NFC", seen)[:limit]


def _check_piles(text: str) -> None:
    if text.isascii():
        return  # nothing in it combines
    marks = 0
    for place, character in enumerate(text, start=1):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > PILE:
            raise TermsProblem("text_piled", limit=PILE, place=place)
