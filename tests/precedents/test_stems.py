"""What a word is looked up by: one row for each pair of forms that an officer would take for the same word."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.terms.stems import LONGEST, asked_as, kept_as, likeness, pieces, plain, stem, trigrams

SAME = [  # (language, as asked, as it stands in a text)
    ("en", "sanctions", "sanctioned"),
    ("en", "attribution", "attributed"),
    ("en", "Indictments", "indicted"),
    ("fr", "l’attaque", "attaques"),
    ("fr", "élections", "election"),
    ("fr", "attributions", "attribution"),
    ("es", "sanción", "sanciones"),
    ("es", "ataques", "ataque"),
    ("ru", "санкции", "санкций"),
    ("ru", "атакой", "Атака"),
    ("ar", "عقوبات", "العقوبات"),
    ("ar", "بالهجوم", "هُجُومٌ"),
    ("ar", "السيبرانية", "سيبراني"),
    ("ar", "أوكرانيا", "الأوكرانية"),
    ("zh", "制裁", "美国财政部制裁网络攻击者"),
    ("zh", "裁", "实施制裁"),
    ("de", "APT28", "apt28"),
]
OTHER = [  # near in letters, other in meaning
    ("en", "norms", "normal"),
    ("en", "Niger", "Nigeria"),
    ("en", "Iran", "Iraq"),
    ("ru", "Иран", "Ирак"),
    ("ar", "إيران", "العراق"),
    ("zh", "制裁", "裁制"),
]


def found(language: str, asked: str, text: str) -> bool:
    """Whether each piece of the question has a stem among those under which the text is kept."""
    kept = kept_as(text, language).split()
    wanted = [set(asked_as(piece)) | set(kept_as(piece, language).split()) for piece in pieces(asked)]
    return all(any(one in kept for one in stems) for stems in wanted)


@pytest.mark.parametrize(("language", "asked", "text"), SAME)
def test_forms_of_one_word_find_each_other(language: str, asked: str, text: str) -> None:
    assert found(language, asked, text)


@pytest.mark.parametrize(("language", "asked", "text"), OTHER)
def test_other_words_do_not(language: str, asked: str, text: str) -> None:
    assert not found(language, asked, text)


def test_a_latin_word_is_asked_under_each_stem_that_three_languages_give_it() -> None:
    assert {stem("attributions", one) for one in ("en", "fr", "es")} == set(asked_as("attributions"))


def test_a_run_of_chinese_next_to_latin_letters_is_cut_there() -> None:
    assert list(pieces("制裁APT28的成员")) == ["制裁", "APT28", "的成员"]


def test_an_identifier_stays_whole_and_is_not_stemmed() -> None:
    assert kept_as("APT28s", "en") == "apt28s"


def test_an_endless_word_is_cut() -> None:
    assert kept_as("a" * 5000, "en") == "a" * LONGEST


def test_likeness_ranks_a_slip_of_the_pen_above_another_word() -> None:
    slip, other = (
        likeness(trigrams("notpeyta"), trigrams("NotPetya")),
        likeness(trigrams("notpeyta"), trigrams("Petrobras")),
    )
    assert slip > 0.3 > other


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["", "ar", "zh", "en", "fr", "ru", "es", "de"]))
def test_any_text_is_kept_under_pieces_without_blanks_or_capitals(text: str, language: str) -> None:
    for piece in kept_as(text, language).split():
        assert piece == plain(piece) or not piece.isascii()
    assert all(asked_as(piece) for piece in pieces(text))
