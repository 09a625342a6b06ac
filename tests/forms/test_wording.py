"""Loaded and ambiguous words are pointed out to the drafter, in the language of the text, and block nothing."""

from __future__ import annotations

import msgspec
import pytest

from parley.forms import check, load, look, warnings
from parley.terms.confidence import Confidence, Level
from parley.terms.text import Text

from .stories import hospitals

CASES = [
    ("en", "Your attackers must stop this attack immediately.", ["attackers", "must", "attack", "immediately"]),
    ("en", "We saw traffic from these addresses.", []),
    ("en", "mustard and notable heartaches", []),
    ("en", "As soon as\npossible", ["As soon as\npossible", "soon"]),
    ("en", "ULTIMATUM", ["ULTIMATUM"]),
    ("ar", "نطالبكم بوقف هذا الهجوم فورًا.", ["نطالبكم", "الهجوم", "فورًا"]),
    ("ar", "نرجو وقف حركة البيانات.", []),
    ("tlh", "attack", []),
]


@pytest.mark.parametrize(("language", "text", "found"), CASES)
def test_these_words_are_found(language: str, text: str, found: list[str]) -> None:
    """Whole words, in any case, with their endings; nothing in a language without a file."""
    if language not in load().languages and language != "tlh":
        pytest.skip("that language is not there yet")
    assert [warning.found for warning in look(text, language)] == found


def test_a_warning_names_the_line_the_place_and_what_could_stand_instead() -> None:
    """Both own words and the basis of a confidence are looked through; the sheet stays in order."""
    basis = Confidence(Level.LOW, Text("en", "Probably proof.")).to_coded()
    sheet = msgspec.structs.replace(
        hospitals(), lines={**hospitals().lines, 14: basis, 29: ["en", "We demand an answer."]}
    )
    check(sheet, at_drafting_now=None)
    assert [(found.line, found.at, found.found, found.kind) for found in warnings(sheet)] == [
        (14, 0, "Probably", "ambiguous"),
        (14, 9, "proof", "ambiguous"),
        (29, 3, "demand", "loaded"),
    ]
    assert warnings(sheet)[2].instead == "request"


def test_coded_lines_give_no_warning() -> None:
    """The catalogue's own words are not a drafter's."""
    sheet = hospitals()
    assert warnings(msgspec.structs.replace(sheet, lines={n: v for n, v in sheet.lines.items() if n < 29})) == ()
