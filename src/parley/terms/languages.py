"""The six languages of the United Nations, with script and writing direction.

Leaves out plural forms, dates and numbers, which the doors and `forms` take from CLDR.
"""

from __future__ import annotations

import msgspec

from parley.terms.terms_problem import TermsProblem
from parley.terms.text import shown


class Language(msgspec.Struct, frozen=True):
    """One of the six: BCP 47 code, ISO 15924 script, whether it runs right to left, its English and its own name."""

    code: str
    script: str
    right_to_left: bool
    english: str
    own: str


_TABLE = (
    Language("ar", "Arab", True, "Arabic", "العربية"),
    Language("zh", "Hans", False, "Chinese", "中文"),
    Language("en", "Latn", False, "English", "English"),
    Language("fr", "Latn", False, "French", "français"),
    Language("ru", "Cyrl", False, "Russian", "русский"),
    Language("es", "Latn", False, "Spanish", "español"),
)

SIX: dict[str, Language] = {language.code: language for language in _TABLE}
"""By code, in the order in which the United Nations lists them (by their English names)."""

LANGUAGES: tuple[str, ...] = tuple(SIX)


def language(code: str) -> Language:
    """The one of the six with this code; raises TermsProblem ``unknown_language``."""
    try:
        return SIX[code]
    except KeyError:
        raise TermsProblem("unknown_language", given=shown(code, 20)) from None


def is_right_to_left(code: str) -> bool:
    """Whether this one of the six is written from right to left; raises TermsProblem ``unknown_language``."""
    return language(code).right_to_left
