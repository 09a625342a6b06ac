"""The gate for text: what hides, turns or piles up is refused; the six scripts and others pass."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import TermsProblem, Text, shown
from parley.terms.text import LONGEST, PILE, check, check_line, normal

GOOD = {
    "Arabic with a direction mark": ("ar", "وزارة الخارجية \u200fXB\u200f"),
    "Chinese": ("zh", "外交部：请确认第七行。"),
    "English": ("en", "Line 7 came across differently."),
    "French": ("fr", "L’État accréditaire « prend note »."),
    "Russian with combining stress": ("ru", "за́мок"),
    "Spanish": ("es", "¿Emana de su territorio?"),
    "Persian with a zero-width non-joiner": ("fa", "می\u200cخواهم"),
    "a region": ("pt-BR", "Itamaraty"),
    "a script": ("sr-Latn", "Ministarstvo"),
    "a script and a UN region number": ("es-Latn-419", "Cancillería"),
    "a language nobody recorded": ("und", "?"),
    "two lines": ("en", "first\nsecond"),
    "an emoji sequence with joiners": ("en", "👩\u200d💻"),
    "Mongolian with a variation selector": ("mn", "ᠠ\u180b"),
    "exactly the longest": ("en", "a" * LONGEST),
    "exactly as many marks as may pile": ("en", "a" + "\u0338" * PILE),
}


@pytest.mark.parametrize(("language", "text"), GOOD.values(), ids=GOOD)
def test_honest_text_passes_unchanged(language: str, text: str) -> None:
    assert Text.of(language, text).text == unicodedata.normalize("NFC", text)


HIDDEN = {
    "NUL": "\x00",
    "bell": "\x07",
    "tab": "\t",
    "carriage return": "\r",
    "escape, which drives terminals": "\x1b[31m",
    "delete": "\x7f",
    "next line of C1": "\x85",
    "soft hyphen": "\xad",
    "combining grapheme joiner": "\u034f",
    "Hangul filler": "\u3164",
    "zero-width space": "\u200b",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "left-to-right embedding": "\u202a",
    "pop": "\u202c",
    "right-to-left override": "\u202e",
    "left-to-right isolate": "\u2066",
    "first strong isolate": "\u2068",
    "pop isolate": "\u2069",
    "deprecated shaping": "\u206a",
    "interlinear annotation": "\ufff9",
    "high surrogate alone": "\ud83d",
    "low surrogate alone": "\udc00",
    "private use": "\ue000",
    "private use of plane 15": "\U000f0000",
    "last code point": "\U0010ffff",
    "noncharacter": "\ufdd0",
    "noncharacter of plane 0": "\uffff",
    "noncharacter of plane 1": "\U0001fffe",
    "tag letter": "\U000e0041",
    "supplementary variation selector": "\U000e0100",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_a_hidden_or_turning_character_is_refused_and_placed(hidden: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        Text("en", f"at{hidden}tack")
    assert caught.value.key == "terms.text_hidden"
    assert caught.value.arguments["place"] == 3


def test_no_control_surrogate_or_line_separator_of_unicode_passes_save_the_line_break() -> None:
    """A second opinion by category, independent of the ranges in the gate."""
    for point in range(0x110000):
        if unicodedata.category(chr(point)) in {"Cc", "Cs", "Co", "Zl", "Zp"} and chr(point) != "\n":
            with pytest.raises(TermsProblem):
                check(chr(point))


def test_every_bidirectional_control_but_the_three_marks_is_refused() -> None:
    """Bidi_Control of the Unicode Character Database (PropList): twelve characters, of which LRM, RLM, ALM pass."""
    marks = "\u061c\u200e\u200f"
    for mark in marks:
        check(f"a{mark}b")
    for control in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        with pytest.raises(TermsProblem):
            check(f"a{control}b")


EMPTY = ["", " ", "\n\n", "\u200f", "\u200d\u200c", "\u3000", "\u2800", "\ufe0f", " \u061c\n"]


@pytest.mark.parametrize("text", EMPTY)
def test_a_text_that_leaves_no_mark_on_paper_is_empty(text: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        Text("en", text)
    assert caught.value.key == "terms.text_empty"


BAD_TAGS = [
    "",
    "EN",
    "e",
    "english",
    "en-us",
    "en_US",
    "en-",
    "en-Latn-",
    "x-private",
    "ar-EGY",
    "en\n",
    "ен",
    "en-US-x",
]


@pytest.mark.parametrize("tag", BAD_TAGS)
def test_what_is_not_a_short_canonical_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        Text(tag, "text")
    assert caught.value.key == "terms.bad_language"


def test_decomposed_text_is_refused_as_received_and_mended_as_typed() -> None:
    decomposed = "e\u0301tat"
    with pytest.raises(TermsProblem) as caught:
        Text("fr", decomposed)
    assert caught.value.key == "terms.text_not_normal"
    assert Text.of("fr", decomposed).text == "état"


def test_a_text_longer_than_the_limit_is_refused_before_anything_else_is_looked_at() -> None:
    for gate in (check, normal):
        with pytest.raises(TermsProblem) as caught:
            gate("\x00" + "\u0338" * LONGEST)
        assert caught.value.key == "terms.text_too_long"


@pytest.mark.parametrize("gate", [check, normal])
def test_a_pile_of_marks_is_refused_before_it_is_sorted(gate: object) -> None:
    """Without the bound, bringing alternating marks to NFC takes time with the square of their number."""
    assert callable(gate)
    with pytest.raises(TermsProblem) as caught:
        gate("a" + "\u0338\u0316" * 9000)
    assert caught.value.key == "terms.text_piled"


def test_one_line_means_one_line() -> None:
    assert check_line("RESTRICTED", 20) == "RESTRICTED"
    with pytest.raises(TermsProblem):
        check_line("RESTRICTED\n10 ACCEPT", 40)


@given(st.text(max_size=60))
def test_typed_text_is_either_refused_or_passes_and_stays_as_it_is(typed: str) -> None:
    try:
        text = Text.of("en", typed)
    except TermsProblem:
        return
    assert Text("en", text.text) == text
    assert Text.of("en", text.text) == text
    text.text.encode("utf-8")


@given(st.text(alphabet=st.characters(), max_size=60))
def test_a_stranger_s_text_is_always_fit_to_be_shown(raw: str) -> None:
    cleaned = shown(raw)
    assert len(cleaned) <= 40
    assert check_line(cleaned, 40) == cleaned


def test_shown_survives_surrogates_and_marks_what_it_took_out() -> None:
    assert shown("a\ud800\u202eb\nc") == "a\ufffd\ufffdb\ufffdc"
    assert len(shown("x" * 1000)) == 40
