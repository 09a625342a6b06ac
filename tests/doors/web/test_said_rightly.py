"""What a stranger stumbled over: names instead of numbers, one word for one thing, codes in one piece."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from parley.desk import tokens
from parley.doors.web import words
from parley.doors.web.page import environment, pieces
from parley.forms import load
from parley.forms.voice import FSI, PDI
from parley.terms.languages import LANGUAGES

SHORT = "{% from 'macros.html' import short %}{{ short(voice, 'flash') }}"


@pytest.mark.parametrize(("language", "word"), [("en", "FLASH"), ("fr", "FLASH"), ("es", "FLASH"), ("ru", "МОЛНИЯ"),
                                                ("ar", "خاطف"), ("zh", "特急")])  # fmt: skip
def test_a_tag_says_the_precedence_in_one_word_and_warnings_say_the_same(language: str, word: str) -> None:
    """In French and Spanish the word ends at a comma; the tag was the whole sentence. ar, ru and zh said FLASH too."""
    assert environment().from_string(SHORT).render(voice=load().voice(language)) == word
    assert word.lower() in words.voice(language).say("live.flash").lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_call_precedence_what_line_4_of_a_note_calls_it(language: str) -> None:
    said = load().voice(language).say("labels.precedence")
    assert words.voice(language).say("policy.precedence") == said


def test_codes_stay_in_one_piece_where_writing_turns() -> None:
    code = f"{FSI}[began 2017-05-12T07:44Z]{PDI}"
    assert pieces(f"بدأ {code}، {FSI}UTC{PDI}") == ["بدأ ", code, f"، {FSI}UTC{PDI}"]
    assert pieces("began 12 May [began 2017-05-12T07:44Z]") == ["began 12 May [began 2017-05-12T07:44Z]"]


def test_a_drill_that_is_due_is_named_on_today_and_in_the_handover(lived_in: Any) -> None:
    _, visitor, ids = lived_in
    for path in ("/today", "/handover"):
        link = f'<a href="/drills/{ids["{drill}"]}"><bdi>Own words</bdi></a>'
        assert link in visitor.get(path).text, path


def test_our_phrase_is_shown_to_the_other_party(lived_in: Any) -> None:
    """Whoever holds the ceremony with XC was told to show ours to XA: to itself."""
    _, visitor, _ = lived_in
    assert "show it to XC" in visitor.get("/directory/XC/accept").plain


def test_the_way_back_from_a_release_says_where_it_leads(lived_in: Any) -> None:
    _, visitor, ids = lived_in
    page = visitor.get(f"/clear/{ids['{waiting}']}/release").text
    assert f'<a href="/clear/{ids["{waiting}"]}">Back to the note</a>' in page


def test_evidence_against_a_party_stands_on_its_page(lived_in: Any) -> None:
    _, visitor, _ = lived_in
    assert re.search(r'<dt>Evidence</dt><dd><a href="/journal/evidence/1">two faces of one journal</a>',
                     visitor.get("/directory/XB").text)  # fmt: skip


def test_times_on_a_card_are_said_in_the_language(lived_in: Any) -> None:
    """They were English ("0.0 s") on the page of a party, whatever its language."""
    _, visitor, _ = lived_in
    arabic = replace(visitor, cookies={**visitor.cookies, "parley-language": "ar"})
    page = arabic.get("/directory/XB")
    assert 'lang="ar"' in page.text
    assert not re.search(r"[0-9] s\b", page.plain)


def test_a_page_that_is_sent_again_makes_no_second_token(served: Any) -> None:
    """Reloading the page that showed a token made another one that was valid too."""
    visitor, page = served.officer("amal"), "/officers/programs"
    form = visitor.get(page)
    fields = {"token": form.hidden("token"), "once": form.hidden("once"), "name": "siem", "scope": "read", "days": "30"}
    assert "parley_" in visitor.post(page, fields).text
    assert visitor.post(page, fields).status == 303
    assert len(tokens.listed(served.ours.node)) == 1


def test_a_conversation_is_with_a_state_by_its_name_and_hidden_characters_are_called_so(served: Any) -> None:
    """It said that both were missing."""
    visitor = served.officer("amal")
    form = visitor.get("/talks/new")
    where = "/talks/" + form.text.partition('action="/talks/')[2].partition('"')[0]
    fields = {"token": form.hidden("token"), "origin": "telephone", "party": "Beltova", "began": "2017-05-12T07:59",
              "took-part": "duty officer", "written-in": "en", "reality": "exercise", "marking": "AMBER"}  # fmt: skip
    hidden = visitor.post(where, {**fields, "words": "They said \u202e yes."})
    assert (hidden.status, "U+202E" in hidden.plain, "lacks" in hidden.plain) == (422, True, False)
    kept = visitor.post(where, {**fields, "words": "They said yes."})
    assert (kept.status, kept.header("location")) == (303, where)
    assert "Beltova" in visitor.get(where).plain
