"""What a hostile peer, page or visitor puts into every text that is shown: it stays text."""

from __future__ import annotations

import html
from typing import Any

import pytest

from parley.doors.web import static
from parley.doors.web.answers import attachment
from parley.forms import FormProblem

MARKUP = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "an attribute's end": "\" autofocus onfocus=alert(1) x=\"'",
    "a template's": "{{ 1379*1381 }}{% if 1 %}${1379*1381}",
    "an entity": "&lt;b&gt; &#60;b&#62;",
    "a closing tag": "</textarea></title></script><h1>here</h1>",
}
TURNS = {"an override": "invoice\u202efdp.exe", "an isolate left open": "\u2067abc", "a mark": "\u200fabc\u200e"}
REFUSED = ("an override", "an isolate left open")
HIDDEN = "\u202a\u202b\u202c\u202d\u202e"


def spoils(page: str, tricked: str) -> list[str]:
    """Ways in which the text left its place."""
    found = []
    if tricked in page and html.escape(tricked) != tricked:
        found.append("unescaped")
    if "1904399" in page:
        found.append("evaluated")
    if "<h1>here" in page or "<script>alert" in page:
        found.append("markup")
    return found


def test_what_would_be_a_fault_is_seen() -> None:
    """Control: a page that does not escape."""
    for tricked in (MARKUP["markup"], MARKUP["a closing tag"], MARKUP["an entity"]):
        assert spoils(f"<p>{tricked}</p>", tricked)
    quoted = MARKUP["an attribute's end"]
    assert spoils(f'<input value="{quoted}">', quoted)
    assert spoils("<p>1904399</p>", MARKUP["a template's"])


@pytest.mark.parametrize("case", [*MARKUP, *TURNS])
def test_own_words_of_a_peer_stay_words_in_every_place(served: Any, case: str) -> None:
    """A peer's note whose own words are a trick; what the gate of texts refuses does not arrive at all."""
    tricked = {**MARKUP, **TURNS}[case]
    visitor = served.officer()
    lines = {10: "greeting", 11: ["en", tricked], 12: "nothing"}
    form = served.ours.node.library.form(90)
    lines[10], lines[12] = form.lists[form.lines[0].list][0], form.lists[form.lines[2].list][0]
    if case in REFUSED:  # the text gate: what turns the writing around never becomes a note
        with pytest.raises(FormProblem):
            served.note_from_them(form=90, lines=lines)
        return
    note = served.note_from_them(form=90, lines=lines)
    for path in (f"/notes/{note}", f"/notes/{note}?in=ar", "/line", "/today", "/handover"):
        page = visitor.get(path).text
        assert spoils(page, tricked) == []
        assert not set(HIDDEN) & set(page)


@pytest.mark.parametrize("case", [*MARKUP, *TURNS])
def test_what_an_officer_types_stays_words_in_every_field(served: Any, case: str) -> None:
    """Every field of a draft at once, and the page that shows it again."""
    tricked = {**MARKUP, **TURNS}[case]
    visitor = served.officer()
    page = visitor.get("/drafts/new/10")
    address = "/drafts/" + page.text.partition('action="/drafts/')[2].partition('"')[0]
    form = served.ours.node.library.form(10)
    fields = {f"line-{line.number}": tricked for line in form.lines}
    fields |= {f"nothing-{line.number}": "" for line in form.lines}
    fields |= {f"basis-{line.number}": tricked for line in form.lines}
    head = {"token": page.hidden("token"), "form": "10", "version": "new", "office": "duty", "to": tricked}
    others = ("reality", "precedence", "marking", "nature", "answer-by", "override", "written-in")
    head |= dict.fromkeys(others, tricked)
    got = visitor.post(address, {**head, **fields})
    assert got.status in (303, 422), got.plain
    for text in (got.text, visitor.get(address).text, visitor.get("/drafts").text):
        assert spoils(text, tricked) == []


@pytest.mark.parametrize("case", MARKUP)
def test_every_parameter_and_every_field_before_sign_in_stays_text(shared: Any, case: str) -> None:
    from urllib.parse import quote

    tricked = MARKUP[case]
    visitor = shared.visitor()
    assert spoils(visitor.get(f"/sign-in?to={quote(tricked)}").text, tricked) == []
    assert spoils(visitor.get(f"/{quote(tricked)}").text, tricked) == []
    got = visitor.post("/sign-in", {"officer": tricked, "passphrase": tricked, "code": tricked, "to": tricked})
    assert spoils(got.text, tricked) == []
    got = visitor.post("/drafts/1", {"line-10": tricked})
    assert got.status == 401
    assert spoils(got.text, tricked) == []


def test_the_name_of_a_browser_is_shown_as_text(served: Any) -> None:
    visitor = served.visitor()
    visitor.get("/sign-in")
    made = served.officer("amal")
    thief = served.visitor(cookies=dict(made.cookies))
    thief.get("/today", **{"User-Agent": "<b>Mozilla\u00ad"})
    agent = MARKUP["markup"]
    served.ours.clock.sleep(60_000)
    fields = {"officer": "amal", "passphrase": "seven words of the tests", "code": served.code("amal")}
    assert made.post("/sign-in", fields, **{"User-Agent": agent}).status == 303
    assert spoils(made.get("/settings").text, agent) == []
    assert "&lt;script&gt;" in made.get("/settings").text


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\x", 'a"; filename="b.html', "a\r\nset-cookie: x=1", ".htaccess", "", "и" * 300]
)
def test_a_file_goes_out_under_a_plain_name_as_an_attachment_in_a_sandbox(name: str) -> None:
    headers = attachment(name, "text/html", b"<script>").response().headers
    assert headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    kind, _, shown = headers["content-disposition"].partition('; filename="')
    assert kind == "attachment"
    assert set(shown.removesuffix('"')) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
    assert not shown.startswith((".", '"'))


SINKS = (b"innerHTML", b"outerHTML", b"insertAdjacent", b"document.write", b"eval(", b"Function(", b"srcdoc")


def test_no_module_of_ours_turns_text_into_markup() -> None:
    """Trusted Types forbid it in browsers that know them; this forbids it in all."""
    for name in ("live.js", "passkey.js", "release.js"):
        found = static.answer(static.address(name).removeprefix("/static/"))
        assert found is not None
        for sink in SINKS:
            assert sink not in found.body
