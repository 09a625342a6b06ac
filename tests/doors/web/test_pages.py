"""The pages as officers use them, without JavaScript: read, read back, draft, answer; in six languages; two at once."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from parley.desk.fill import fill
from parley.forms import load
from parley.line.conversation import read_conversation
from parley.terms.languages import LANGUAGES

WORM = [
    (10, "stop-traffic"), (11, "XA"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XB"), (16, "health"),
    (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"), (23, "13h"),
]  # fmt: skip
HEAD = {
    "version": "new", "written-in": "en", "office": "duty", "to": "XB/duty", "reality": "exercise",
    "precedence": "IMMEDIATE", "marking": "AMBER", "nature": "not-accusation",
}  # fmt: skip
PLACES = ("/today", "/line", "/drafts", "/drafts/new", "/drafts/new/10", "/clear", "/directory", "/directory/XB",
          "/directory/bring", "/directory/contacts", "/directory/parcels",
          "/drills", "/drills/wording", "/journal", "/journal/verify", "/journal/checkpoints", "/journal/evidence",
          "/journal/retention", "/officers", "/officers/policy", "/officers/programs", "/settings", "/settings/node",
          "/settings/doctor", "/handover", "/bell", "/talks", "/talks/new", "/unlock", "/precedents",
          "/precedents/open:wannacry", "/precedents/statistics", "/precedents/statistics/base-rates")  # fmt: skip


def worm() -> dict[int, Any]:
    return fill(load().form(11), WORM)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_shown_in_every_language_and_runs_its_way(shared: Any, language: str) -> None:
    visitor = shared.officer("amal", language=language)
    for path in PLACES:
        got = visitor.get(path)
        assert got.status == 200, (path, got.plain)
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in got.text
        assert "\u007b\u007b" not in got.text


def test_a_language_that_is_chosen_stays(shared: Any) -> None:
    visitor = shared.officer("amal", language="de, sw")
    assert '<html lang="en"' in visitor.get("/today").text
    got = visitor.post("/language", {"language": "ru", "to": "/line?party=XB"})
    assert (got.status, got.header("location")) == (303, "/line?party=XB")
    assert '<html lang="ru"' in visitor.get("/line").text
    visitor.post("/language", {"language": "xx", "to": "https://evil.example"})
    assert '<html lang="ru"' in visitor.get("/line").text


def test_a_note_is_shown_in_six_languages_with_its_codes_beside_and_counts_as_read(served: Any) -> None:
    visitor, note = served.officer(), served.note_from_them(form=11, lines=worm())
    assert 'class="unread"' in visitor.get("/line").text
    for language in LANGUAGES:
        page = visitor.get(f"/notes/{note}?in={language}").text
        assert "stop-traffic" in page
        assert f'<article class="note" lang="{language}"' in page
    assert 'class="unread"' not in visitor.get("/line").text
    assert 'data-unread="ROUTINE">0<' in visitor.get("/today").text


@pytest.mark.parametrize("words", ["mitigation", "salud", "卫生", "здравоохранение", "الصحة"])
def test_a_note_is_found_by_a_word_of_any_language(served: Any, words: str) -> None:
    visitor, note = served.officer(), served.note_from_them(form=11, lines=worm())
    served.note_from_them(form=1, lines={10: "timetable"})
    page = visitor.get("/line?" + urlencode({"words": words})).text
    assert f"/notes/{note}" in page
    assert page.count('href="/notes/') == 1
    nothing = visitor.get("/line?" + urlencode({"words": f"{words} sabotage"}))
    assert 'href="/notes/' not in nothing.text
    assert f'value="{words} sabotage"' in nothing.text


def questions_of(page: str) -> dict[str, list[str]]:
    """The options of each question by name of the field, in the order in which they are shown."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="radio" name="(line-\d+)" value="([^"]+)"', page):
        found.setdefault(name, []).append(value)
    return found


def test_a_read_back_hides_the_lines_that_it_asks_about_and_travels_back(served: Any) -> None:
    """DESIGN 3.2: three to five questions, the note in view but not the answering line, "cannot tell" always there."""
    visitor, note = served.officer(), served.note_from_them(form=11, lines=worm())
    page = visitor.get(f"/notes/{note}/read-back")
    asked = questions_of(page.text)
    assert 3 <= len(asked) <= 5
    assert all("cannot-tell" in options for options in asked.values())
    shown = page.text.partition('<article class="note"')[2]
    assert "stop-traffic" not in shown
    assert "data.encrypted" in shown
    orders = {tuple(questions_of(visitor.get(f"/notes/{note}/read-back").text)["line-10"]) for _ in range(12)}
    assert len(orders) > 1
    sent = visitor.post(
        f"/notes/{note}/read-back?in=en",
        {"token": page.hidden("token"), "began": page.hidden("began"), **dict.fromkeys(asked, "cannot-tell")},
    )
    assert sent.status == 303
    assert "read-back given" in visitor.get(f"/notes/{note}").plain


def test_a_question_left_open_is_named_and_what_was_chosen_stays(served: Any) -> None:
    visitor, note = served.officer(), served.note_from_them(form=11, lines=worm())
    page = visitor.get(f"/notes/{note}/read-back")
    name, options = next(iter(questions_of(page.text).items()))
    got = visitor.post(f"/notes/{note}/read-back", {"token": page.hidden("token"), name: options[0]})
    assert got.status == 422
    assert re.search(rf'name="{name}" value="{options[0]}" checked', got.text)


def test_a_read_back_may_be_declined_without_a_reason(served: Any) -> None:
    visitor, note = served.officer(), served.note_from_them(form=11, lines=worm())
    page = visitor.get(f"/notes/{note}/read-back")
    assert visitor.post(f"/notes/{note}/read-back", {"token": page.hidden("token"), "do": "decline"}).status == 303
    assert "read-back declined" in visitor.get(f"/notes/{note}").plain


def begun(visitor: Any, form: int) -> tuple[str, dict[str, str]]:
    """The address of a new draft, and the fields that its page has filled in."""
    page = visitor.get(f"/drafts/new/{form}")
    draft = page.text.partition('action="/drafts/')[2].partition('"')[0]
    return f"/drafts/{draft}", {**HEAD, "form": str(form), "token": page.hidden("token")}


FILLED = {
    "line-10": "stop-traffic", "line-11": "XB", "line-12": "from-territory", "line-13": "icd_203.likely",
    "line-15": "XA", "line-16": ["health", "energy"], "line-17": "data.encrypted", "line-18": "began 2017-05-12T07:44Z",
    "line-19": "going-on", "line-23": ["13c", "13h"],
}  # fmt: skip


def test_a_note_is_drafted_and_previewed_as_the_receiver_will_see_it(served: Any) -> None:
    visitor = served.officer()
    address, fields = begun(visitor, 11)
    got = visitor.post(address, {**fields, **FILLED, "answer-by": "2017-05-12T12:00", "do": "preview"})
    assert (got.status, got.header("location")) == (303, f"{address}/preview")
    for language in LANGUAGES:
        page = visitor.get(f"{address}/preview?in={language}").text
        assert "[icd_203.likely]" in page
        assert "2017-05-12T12:00Z" in page


def test_a_faulty_line_is_named_beside_it_in_the_officers_language_and_nothing_typed_is_lost(served: Any) -> None:
    visitor = served.officer(language="ar")
    address, fields = begun(visitor, 11)
    wrong = {**FILLED, "line-18": "began last <night>", "line-11": "Germony"}
    got = visitor.post(address, {**fields, **wrong})
    assert got.status == 422
    assert "began last &lt;night&gt;" in got.text
    assert "Germony" in got.text
    assert 'id="fault-18"' in got.text
    assert "السطر" in got.plain
    assert 'value="icd_203.likely" selected' in visitor.get(address).text


def test_the_same_new_draft_sent_twice_is_one(served: Any) -> None:
    """A double click, or the back button and the same button again."""
    visitor = served.officer()
    address, fields = begun(visitor, 11)
    assert [visitor.post(address, {**fields, **FILLED}).status for _ in range(3)] == [303] * 3
    assert visitor.get("/drafts").text.count(f'"{address}"') == 1


def test_two_officers_on_one_draft_lose_nothing(served: Any) -> None:
    """Who saves second keeps on the page what was typed, beside what the other has kept."""
    amal, basma = served.officer("amal"), served.officer("basma")
    address, fields = begun(amal, 11)
    amal.post(address, {**fields, **FILLED})
    mine, theirs = amal.get(address), basma.get(address)
    now = {**HEAD, "form": "11", **FILLED}
    changed = {**now, "token": theirs.hidden("token"), "version": theirs.hidden("version"), "line-19": "contained"}
    assert basma.post(address, changed).status == 303
    late = {**now, "token": mine.hidden("token"), "version": mine.hidden("version"), "line-19": "ended"}
    got = amal.post(address, late)
    assert got.status == 409
    assert 'value="ended" selected' in got.text
    assert "[contained]" in got.text
    again = {**late, "version": got.hidden("version"), "token": got.hidden("token")}
    assert amal.post(address, again).status == 303


def test_a_draft_that_is_gone_is_not_lost_to_whoever_is_writing_it(served: Any) -> None:
    amal = served.officer()
    address, fields = begun(amal, 11)
    amal.post(address, {**fields, **FILLED})
    page = amal.get(address)
    kept = {**fields, **FILLED, "version": page.hidden("version")}
    assert amal.post(address, {**kept, "do": "drop"}).status == 303
    got = amal.post(address, kept)
    assert got.status == 409
    assert 'value="icd_203.likely" selected' in got.text
    assert got.hidden("version") == "new"


def test_a_note_of_theirs_is_answered_by_a_draft_that_refers_to_it(served: Any) -> None:
    visitor, note = served.officer(), served.note_from_them(form=11, lines=worm())
    got = visitor.send(f"/notes/{note}", f"/notes/{note}/reply", {"form": "20"})
    assert got.status == 303
    page = visitor.get(got.header("location"))
    assert 'value="XB/duty" checked' in page.text
    assert "in one" not in page.plain


@pytest.mark.soak
def test_each_line_of_each_form_can_be_filled_and_comes_back_as_it_was_filled(shared: Any) -> None:
    """Every option that a page offers is one that the form takes."""
    visitor = shared.officer()
    for form in load().forms:
        address, fields = begun(visitor, form.number)
        page = visitor.get(f"/drafts/new/{form.number}").text
        chosen: dict[str, Any] = {}
        for name, inner in re.findall(r'<select name="(line-\d+)"[^>]*>(.*?)</select>', page, re.S):
            chosen[name] = re.findall(r'<option value="([^"]+)"', inner)[0]
        for name, value in re.findall(r'<input type="checkbox" name="(line-\d+)" value="([^"]+)"', page):
            chosen.setdefault(name, []).append(value) if isinstance(chosen.get(name, []), list) else None
        got = visitor.post(address, {**fields, **chosen})
        assert got.status == 303, (form.number, got.plain)
        kept = visitor.get(address).text
        for name, value in chosen.items():
            for one in value if isinstance(value, list) else [value]:
                assert re.search(rf'value="{re.escape(one)}" (?:selected|checked)', kept), (form.number, name, one)


def test_a_locked_node_lets_officers_in_to_unlock_it_and_shows_no_note(served: Any) -> None:
    note = served.note_from_them()
    served.do(served.ours.restart(locked=True))
    served.desk.node = served.ours.node
    served.desk.board._node = served.ours.node
    visitor = served.officer()
    assert visitor.get("/today").status == 200
    assert note[:8] not in visitor.get("/today").text
    got = visitor.get(f"/notes/{note}")
    assert (got.status, got.header("location")) == (303, "/unlock")
    assert visitor.send("/unlock", "/unlock", {"passphrase": "another one"}).status == 422
    assert visitor.send("/unlock", "/unlock", {"passphrase": "seven words of the tests"}).status == 303
    assert visitor.get(f"/notes/{note}").status == 200


def test_pages_with_nothing_on_them_teach_the_next_step(served: Any) -> None:
    visitor = served.officer()
    assert "/drafts/new" in visitor.get("/line").text.partition("empty")[2]
    assert "A registrar schedules one here" in visitor.get("/drills").plain
    assert "Nothing leaves without a release" in visitor.get("/drafts").plain


def test_a_suspended_line_is_shown_so_and_opened_again(served: Any) -> None:
    visitor = served.officer()

    def decide(wanted: str) -> int:
        seen = visitor.get("/directory/XB").hidden("seen")
        return int(visitor.send("/directory/XB", "/directory/XB", {"do": wanted, "seen": seen}).status)

    assert decide("suspend") == 303
    assert "suspended" in visitor.get("/directory").plain
    assert decide("resume") == 303
    assert "suspended" not in visitor.get("/directory").plain
    assert decide("forget") == 422


@pytest.mark.parametrize("second", ["amal", "basma"])
def test_answers_that_come_twice_from_one_page_count_once(served: Any, second: str) -> None:
    """A double click without JavaScript, or two officers who had the questions before them at once; said to the second,
    who may look and answer once more: that is another attempt."""
    first = served.officer("amal")
    other = first if second == "amal" else served.officer(second)
    note = served.note_from_them(form=11, lines=fill(load().form(11), WORM))
    place = f"/notes/{note}/read-back"
    pages = [(visitor, visitor.get(place)) for visitor in (first, other)]
    answers = dict(re.findall(r'name="(line-\d+)" value="([^"]+)"', pages[0][1].text))

    def give(visitor: Any, page: Any) -> Any:
        hidden = {name: page.hidden(name) for name in ("token", "began", "after")}
        return visitor.post(place, {**hidden, **answers, "do": "give"})

    def attempts() -> int:
        row = served.ours.node.store.look(lambda look: look.conversation(bytes.fromhex(note), "XB"))
        return int(read_conversation(row.state).attempt)

    assert [give(*pages[0]).status, attempts()] == [303, 1]
    late = give(*pages[1])
    assert [late.status, attempts()] == [422, 1]
    assert "answered meanwhile (attempt 1)" in late.plain
    assert [give(other, late).status, attempts()] == [303, 2]  # the page that said so shows one attempt
