"""Compose: files in a draft, states by name, faults at their lines, versions, two clicks, sessions that end."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from parley.desk import attachment, clear, draft, page
from parley.desk.fill import fill
from parley.desk.find import open_note
from parley.forms import load
from parley.line.attachment import LARGEST_FILE
from parley.line.note import read_note
from parley.seal import digest
from parley.terms.languages import LANGUAGES
from parley.terms.marking import Tlp
from parley.terms.states import state_name

HEAD = {
    "version": "new", "written-in": "en", "office": "duty", "to": "XB/duty", "reality": "exercise",
    "precedence": "IMMEDIATE", "marking": "AMBER", "nature": "not-accusation",
}  # fmt: skip
FILLED = {
    "line-10": "stop-traffic", "line-11": "XB", "line-12": "from-territory", "line-13": "icd_203.likely",
    "line-15": "XA", "line-16": ["health", "energy"], "line-17": "data.encrypted", "line-18": "began 2017-05-12T07:44Z",
    "line-19": "going-on", "line-23": ["13c", "13h"],
}  # fmt: skip
LOG = b"07:44 first seen\n"
BOUNDARY = "----parley"


def multipart(fields: dict[str, Any], files: list[tuple[str, str, bytes]], boundary: str = BOUNDARY) -> bytes:
    """As a browser sends it (RFC 7578); `files`: field, file name, content. Files stand before the last field."""
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            parts.append((f'form-data; name="{name}"', str(one).encode()))
    for name, file, data in files:
        quoted = file.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.insert(-1, (f'form-data; name="{name}"; filename="{quoted}"', data))
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: {head}\r\n\r\n".encode() + data + b"\r\n" for head, data in parts
    )
    return body + f"--{boundary}--\r\n".encode()


def upload(visitor: Any, path: str, fields: dict[str, Any], *files: tuple[str, str, bytes], kind: str = "") -> Any:
    sent = {"Origin": f"http://{visitor.host}", "Content-Type": kind or f"multipart/form-data; boundary={BOUNDARY}"}
    return visitor.ask("POST", path, multipart(fields, list(files)), **sent)


def begun(visitor: Any, form: int = 11) -> tuple[str, dict[str, Any]]:
    page = visitor.get(f"/drafts/new/{form}")
    draft = page.text.partition('action="/drafts/')[2].partition('"')[0]
    return f"/drafts/{draft}", {**HEAD, "form": str(form), "token": page.hidden("token")}


def kept(visitor: Any, **more: Any) -> tuple[str, dict[str, Any]]:
    """A draft in order, and what its page sends."""
    address, fields = begun(visitor)
    assert visitor.post(address, {**fields, **FILLED, **more}).status == 303
    return address, {**fields, **FILLED, **more, "version": visitor.get(address).hidden("version")}


def link(page: Any, address: str) -> str:
    found = re.search(rf'href="({address}/files/[0-9a-f]+)"', page.text)
    assert found, page.plain
    return found[1]


@pytest.fixture(scope="module")
def amal(shared: Any) -> Any:
    return shared.officer("amal")


# -- files


def test_a_file_is_uploaded_named_by_digest_and_taken_out_as_an_attachment(amal: Any) -> None:
    address, fields = begun(amal)
    got = upload(amal, address, {**fields, **FILLED, "do": "attach"}, ("file-27", "log.txt", LOG))
    assert (got.status, got.header("location")) == (303, f"{address}?saved=yes#line-27")
    page = amal.get(address)
    assert f'value="text/plain {len(LOG)} {digest(LOG).hex()}" checked' in page.text
    file = amal.get(link(page, address))
    assert (file.status, file.body) == (200, LOG)
    assert file.header("content-security-policy") == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert file.header("content-disposition") == 'attachment; filename="log.txt"'
    assert file.header("x-content-type-options") == "nosniff"
    assert file.header("cache-control") == "no-store"
    assert "log.txt" in amal.get(f"{address}/preview").plain


TRICKS = {
    "../../../etc/passwd": "passwd.txt",
    "C:\\fakepath\\log.txt": "log.txt",
    "invoice\u202etxt.exe": "invoicetxt.exe.txt",
    '<script>alert(1)</script>".txt': "script&gt;%22.txt",
    "a\r\nSet-Cookie: x=1.txt": "a%0D%0ASet-Cookie: x=1.txt",
    "x" * 300: "x" * 76 + ".txt",
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_file_name_is_shown_without_its_tricks(amal: Any, name: str) -> None:
    address, fields = begun(amal)
    assert upload(amal, address, {**fields, **FILLED}, ("file-27", name, LOG)).status == 303
    page = amal.get(address)
    assert f"<bdi>{TRICKS[name]}</bdi>" in page.text
    assert not set(page.text) & set("\u202e\u202a\u202d")
    shown = amal.get(link(page, address)).header("content-disposition").partition('filename="')[2]
    assert re.fullmatch(r'[A-Za-z0-9._-]{1,100}"', shown)


REFUSED = {
    "a page": ("report.html", b"<!doctype html><script>alert(1)</script>", "no kind of file"),
    "a program": ("letter.pdf", b"MZ\x90\x00", "no kind of file"),
    "an archive": ("all.zip", b"PK\x03\x04", "no kind of file"),
    "nothing": ("empty.txt", b"", "is empty"),
    "too large": ("big.txt", b"x" * (LARGEST_FILE + 1), "larger than 4 MiB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_taken_is_said_at_its_line_and_the_draft_survives_whole(amal: Any, case: str) -> None:
    """Fields that stand behind the file in what the browser sends are kept too."""
    name, data, said = REFUSED[case]
    address, fields = begun(amal)
    got = upload(amal, address, {**fields, **FILLED, "line-29": "our own words"}, ("file-27", name, data))
    assert got.status == 422
    at_line = got.text.partition('id="line-27"')[2].partition('id="line-28"')[0]
    assert said in html.unescape(at_line)
    assert 'aria-describedby="fault-27"' in at_line
    page = amal.get(address)
    assert "our own words" in page.text
    assert 'value="going-on" selected' in page.text
    assert not re.search(rf'href="{address}/files/', page.text)


def test_the_same_file_twice_is_one_and_says_so_and_unticked_it_is_gone(amal: Any) -> None:
    address, fields = begun(amal)
    upload(amal, address, {**fields, **FILLED}, ("file-27", "log.txt", LOG), ("file-27", "copy.txt", LOG))
    page = amal.get(address)
    file = link(page, address)
    assert page.text.count(f'{len(LOG)} {digest(LOG).hex()}" checked') == 1
    code = f"text/plain {len(LOG)} {digest(LOG).hex()}"
    again = {**fields, **FILLED, "version": page.hidden("version"), "line-27": code}
    got = upload(amal, address, again, ("file-27", "third.txt", LOG))
    assert got.header("location").startswith(f"{address}?saved=yes&again=yes")
    assert "not attached twice" in amal.get(got.header("location").partition("#")[0]).plain
    off = {**fields, **FILLED, "version": amal.get(address).hidden("version")}
    assert amal.post(address, off).status == 303
    assert amal.get(file).status == 404


def test_a_file_is_asked_for_through_what_names_it_and_never_by_digest_alone(amal: Any) -> None:
    address, fields = begun(amal)
    upload(amal, address, {**fields, **FILLED}, ("file-27", "log.txt", b"another log"))
    other, _ = kept(amal)
    file = link(amal.get(address), address).partition("/files/")[2]
    assert amal.get(f"{address}/files/{file}").status == 200
    assert amal.get(f"{other}/files/{file}").status == 404
    for wrong in ("..%2f..%2fetc", "0" * 64, file[:16], "%00", file.upper()):
        assert amal.get(f"{address}/files/{wrong}").status == 404


KIND = f"multipart/form-data; boundary={BOUNDARY}"
OPEN, CLOSE = f"--{BOUNDARY}".encode(), f"--{BOUNDARY}--\r\n".encode()
A_FIELD = b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
BROKEN = {
    "no boundary": ("multipart/form-data", b"x"),
    "another boundary": ("multipart/form-data; boundary=other", None),
    "cut off": (KIND, OPEN + b"\r\nContent-Dispo"),
    "a boundary too long": ("multipart/form-data; boundary=" + "x" * 300, None),
    "no disposition": (KIND, OPEN + b"\r\n\r\nx\r\n" + CLOSE),
    "a field that is no text": (KIND, OPEN + A_FIELD + b"\xff\r\n" + CLOSE),
    "too many parts": (KIND, (OPEN + A_FIELD + b"1\r\n") * 2_001 + CLOSE),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_form_with_files_is_refused_and_changes_nothing(amal: Any, case: str) -> None:
    kind, body = BROKEN[case]
    address, fields = begun(amal)
    sent = {"Origin": f"http://{amal.host}", "Content-Type": kind}
    body = multipart({**fields, **FILLED}, [("file-27", "log.txt", LOG)]) if body is None else body
    assert amal.ask("POST", address, body, **sent).status == 400
    assert amal.get(address).status == 404


def test_a_form_with_files_bears_the_token_of_its_page(amal: Any) -> None:
    address, fields = begun(amal)
    got = upload(amal, address, {**fields, **FILLED, "token": "x"}, ("file-27", "log.txt", LOG))
    assert got.status == 403
    assert amal.get(address).status == 404


def test_who_clears_reads_what_is_attached(shared: Any, amal: Any) -> None:
    address, fields = begun(amal)
    upload(amal, address, {**fields, **FILLED}, ("file-27", "log.txt", LOG))
    waits = amal.post(f"{address}/submit", {"token": fields["token"]}).header("location")
    assert f"{waits}/files" in amal.get(waits).text
    files = amal.get(f"{waits}/files")
    assert amal.get(link(files, waits)).body == LOG
    assert 'type="file"' not in files.text


def test_the_receiver_is_told_that_a_file_is_named_asks_for_it_and_brings_it_in_by_hand(served: Any) -> None:
    data = b"%PDF-1.7 the log"
    worm = [(10, "stop-traffic"), (11, "XA"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XB"),
            (16, "health"), (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"),
            (23, "13h"), (27, f"application/pdf {len(data)} {digest(data).hex()}")]  # fmt: skip
    note = served.note_from_them(form=11, lines=fill(load().form(11), worm))
    visitor = served.officer("amal")
    assert f"/notes/{note}/files" in visitor.get(f"/notes/{note}").text
    address = f"/notes/{note}/files"
    page = visitor.get(address)
    assert "named only; the file is not here" in page.plain
    asked = visitor.post(f"{address}/{digest(data).hex()}", {"token": page.hidden("token")})
    assert asked.status == 303
    assert f"asked for over the line: 0 bytes of {len(data)} bytes came" in visitor.get(address).plain
    assert visitor.post(f"{address}/{'ff' * 32}", {"token": page.hidden("token")}).status == 422
    token = {"token": page.hidden("token"), "do": "bring"}
    wrong = upload(visitor, address, token, ("file", "log.pdf", data + b"!"))
    assert wrong.status == 422
    assert "is not the file that the note names" in wrong.plain
    assert upload(visitor, address, token).status == 422
    assert upload(visitor, address, token, ("file", "log.pdf", data)).status == 303
    assert visitor.get(f"{address}/{digest(data).hex()}").body == data
    assert "not here" not in visitor.get(address).plain


def test_a_red_notes_file_is_for_those_who_deal_with_notes(served: Any) -> None:
    """The gate: an observer is refused the page and the file alike, and a registrar may look and bring nothing."""
    served.grant_all()
    red, amber = (served.note_from_them(tlp, **_naming_the_log()) for tlp in (Tlp.RED, Tlp.AMBER))
    node = served.ours.node
    for note in (red, amber):
        stored = node.store.look(lambda look, n=note: look.note(bytes.fromhex(n)))
        assert stored is not None
        brought = attachment.look_at(node, "log.txt", LOG, "legal")
        served.do(attachment.bring(node, open_note(node, stored), stored.note_id, brought))
    observer, legal, registrar = (served.officer(name) for name in ("observer", "legal", "registrar"))
    file = digest(LOG).hex()
    assert [observer.get(f"/notes/{red}/files{rest}").status for rest in ("", f"/{file}")] == [403, 403]
    assert [observer.get(f"/notes/{amber}/files{rest}").status for rest in ("", f"/{file}")] == [200, 200]
    assert legal.get(f"/notes/{red}/files/{file}").body == LOG
    assert upload(registrar, f"/notes/{amber}/files", {"token": "x"}, ("file", "log.txt", LOG)).status == 403


def _naming_the_log() -> dict[str, Any]:
    form = load().form(90)
    lines = {10: form.lists[form.lines[0].list][0], 11: ["en", "see the log"], 12: form.lists[form.lines[2].list][0]}
    return {"form": 90, "lines": {**lines, 15: [[digest(LOG), len(LOG), "text/plain"]]}}


# -- states by name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_is_named_in_each_language_from_a_list_or_typed(shared: Any, language: str) -> None:
    visitor = shared.officer("tarek", language=language)
    address, fields = begun(visitor)
    name = state_name("XB", language)
    assert f'<option value="{html.escape(name)} (XB)"></option>' in visitor.get("/drafts/new/11").text
    named = {**FILLED, "line-11": f"{name} (XB)", "line-15": [state_name("XA", language), "KE", "fr", "", ""]}
    got = visitor.post(address, {**fields, **named})
    assert got.status == 422  # "fr" is a code in small letters: nothing is guessed
    assert "(FR)" in html.unescape(got.text).partition('id="line-15"')[2].partition('id="line-16"')[0]
    named["line-15"] = [state_name("XA", language), "Germany", "KE, FR"]
    assert visitor.post(address, {**fields, **named, "version": got.hidden("version")}).status == 303
    page = visitor.get(address).text
    for code in ("XA", "DE", "KE", "FR"):
        assert html.escape(f"{state_name(code, language)} ({code})") in page


@pytest.mark.parametrize("entered", ["Beltovia", "Almara (XB)", "beltova?", "Republic"])
def test_an_imperfect_name_is_answered_with_the_nearest_and_kept_as_typed(amal: Any, entered: str) -> None:
    address, fields = begun(amal)
    got = amal.post(address, {**fields, **FILLED, "line-11": entered})
    assert got.status == 422
    assert f'value="{entered}"' in got.text
    assert re.search(r"nearest to it: [^.]*\([A-Z]{2}\)", got.plain)


# -- faults at their lines


TYPED = {
    "own words with a hidden character": {"line-29": "Before the override \u202e and after it"},
    "own words with a soft hyphen, as word processors leave them": {"line-29": "media\xadtion"},
    "a time in words": {"line-18": "yesterday <night>"},
    "a state that nobody knows": {"line-11": "Nowhereland"},
    "a level whose ground holds a hidden character": {"line-14": "low", "basis-14": "two\u200b sources"},
    "a ground without its level": {"line-14": "", "basis-14": "two sources, both good"},
}


@pytest.mark.parametrize("case", TYPED)
def test_what_fits_no_line_is_kept_with_the_draft_and_holds_it_back(shared: Any, amal: Any, case: str) -> None:
    """It was shown once beside its fault under "the draft is kept", and gone when the draft was opened again: a page of
    own words with one hidden character out of another program was lost, and a note without them could be handed in."""
    address, fields = begun(amal)
    typed = TYPED[case]
    words = [value for value in typed.values() if value]
    answers = [amal.post(address, {**fields, **FILLED, **typed}), amal.get(address)]
    for got in answers:
        assert all(one in html.unescape(got.text) for one in words), got.plain
        assert "Still to be mended before it can go out: 1" in got.plain
    preview = amal.get(f"{address}/preview")
    assert preview.header("location").partition("#line-")[0] == f"{address}?back=yes"
    assert amal.post(f"{address}/submit", {"token": fields["token"]}).status == 422
    mended = {name: FILLED.get(name, "") for name in typed}
    version = answers[1].hidden("version")
    assert amal.post(address, {**fields, **FILLED, **mended, "version": version, "do": "preview"}).status == 303
    assert amal.get(f"{address}/preview").status == 200


def test_a_hidden_character_is_named(amal: Any) -> None:
    """It said: “en” does not fit line 29."""
    address, fields = begun(amal)
    got = amal.post(address, {**fields, **FILLED, "line-29": "ab\u202ecd"})
    assert "U+202E" in got.plain
    assert "“en”" not in got.plain


def test_a_faulty_draft_leads_back_from_its_preview_to_the_first_line_at_fault(amal: Any) -> None:
    address, _ = kept(amal, **{"line-19": "", "line-18": ""})
    got = amal.get(f"{address}/preview")
    assert (got.status, got.header("location")) == (303, f"{address}?back=yes#line-18")
    page = amal.get(f"{address}?back=yes")
    assert 'href="#line-18"' in page.text
    for number in (18, 19):
        there = page.text.partition(f'id="line-{number}"')[2].partition(f'id="line-{number + 1}"')[0]
        assert f'aria-describedby="fault-{number}"' in there
        assert f'id="fault-{number}"' in there


def test_a_faulty_head_leads_back_to_its_line_too(amal: Any) -> None:
    address, _ = kept(amal, to="", **{"answer-by": "2001-01-01T00:00"})
    got = amal.get(f"{address}/preview")
    assert got.header("location") == f"{address}?back=yes#line-3"
    page = amal.get(address).text
    for number in (3, 5):
        assert f'id="line-{number}"' in page
        assert f'id="fault-{number}"' in page


def test_a_faulty_draft_that_is_handed_in_is_shown_with_its_faults(amal: Any) -> None:
    address, fields = kept(amal, **{"line-19": ""})
    got = amal.post(f"{address}/submit", {"token": fields["token"]})
    assert got.status == 422
    assert 'id="fault-19"' in got.text
    assert f'action="{address}"' in got.text


# -- preview


FORMS = {
    1: {"line-10": "timetable"},
    11: {**FILLED, "line-14": "moderate", "basis-14": "packets at our border", "line-29": "Please ring us."},
    90: {"line-10": "incident", "line-11": "See the log.", "line-12": "nothing"},
}


@pytest.mark.parametrize("form", FORMS)
def test_the_preview_is_what_the_receiver_sees_in_each_language(shared: Any, amal: Any, form: int) -> None:
    """But for line 9, since the serial and the moment of signing come with the release."""
    address, fields = begun(amal, form)
    assert amal.post(address, {**fields, **FORMS[form]}).status == 303
    note = read_note(shared.do(clear.submit(shared.ours.node, address.rpartition("/")[2], "amal")).payload)
    for language in LANGUAGES:
        there = page.rendered(shared.theirs.node, note, language)
        here = amal.get(f"{address}/preview?in={language}").text.partition('<article class="note"')[2]
        here = html.unescape(here.partition("</article>")[0])
        here = re.sub(r'<span class="coded">([^<]*)</span>', r"\1", here)  # a code in one piece
        for line in there.lines:
            if line.number != 9:
                assert f"</span> {line.label}</dt><dd><p>{line.text}</p>" in here, (language, line)
                assert all(words in here for words in line.paragraphs)
        assert here.count(there.banner) == 2
        assert all(said in here for said in (there.heading, *there.notes))


def test_the_preview_tells_bytes_and_times_of_the_sealed_copy(amal: Any) -> None:
    """6,295 bytes: a bucket of 5,120, X-Wing's 1,120, a tag, the frame; tests/line holds it against sealed bytes."""
    address, _ = kept(amal)
    page = amal.get(f"{address}/preview").plain
    assert "6,295 bytes for each recipient" in page
    assert re.search(r"2\.4 kbit/s 21 s 9\.6 kbit/s 6 s 64 kbit/s 1 s", page)
    assert "Languages that Beltova reads" in page


# -- two clicks, the back button, two officers, a session that ends


def test_keep_clicked_twice_is_one_saving(amal: Any) -> None:
    address, fields = kept(amal)
    changed = {**fields, "line-19": "contained"}
    assert [amal.post(address, changed).status for _ in range(2)] == [303, 303]
    assert amal.get(f"{address}/versions").text.count('class="items"') == 1
    assert "Versions and changes: 2" in amal.get(address).plain


def test_handed_in_twice_or_again_with_the_back_button_it_is_one_note(shared: Any, amal: Any) -> None:
    address, fields = kept(amal)
    before = len(clear.waiting(shared.ours.node))
    led = {amal.post(f"{address}/submit", {"token": fields["token"]}).header("location") for _ in range(3)}
    assert len(led) == 1
    assert len(clear.waiting(shared.ours.node)) == before + 1
    assert amal.post(address, {**fields, "do": "drop"}).status == 303
    again = amal.post(f"{address}/submit", {"token": fields["token"]})  # the back button, once the draft is gone
    assert again.status == 404
    assert "There is no draft" in again.plain


def test_the_later_of_two_officers_sees_what_the_other_changed_and_by_whom(shared: Any, amal: Any) -> None:
    basma = shared.officer("basma")
    address, fields = kept(amal)
    page = basma.get(address)
    theirs = {**fields, "token": page.hidden("token"), "line-19": "contained", "line-29": "<b>ring us</b>"}
    assert basma.post(address, theirs).status == 303
    mine = {**fields, "line-16": "water", "line-15": ["XA", "Kenia"]}
    got = upload(amal, address, mine, ("file-27", "log.txt", LOG))
    assert got.status == 409
    assert 'value="Kenia"' in got.text  # what fits no line is not lost either
    told = got.text.partition('class="notice" role="alert"')[2].partition("</section>")[0]
    assert "<bdi>basma</bdi>" in told
    assert "[going-on]" in told
    assert "[contained]" in told
    assert "&lt;b&gt;ring us&lt;/b&gt;" in told
    assert 'value="water" checked' in got.text
    assert "Choose it again" in got.plain
    again = {**fields, "line-16": "water", "version": got.hidden("version")}
    assert amal.post(address, again).status == 303
    assert "ring us" in amal.get(f"{address}/versions").plain  # theirs stays among the versions


def test_a_former_version_is_taken_up_again(amal: Any) -> None:
    address, fields = kept(amal)
    assert amal.post(address, {**fields, "line-19": "contained"}).status == 303
    page = amal.get(f"{address}/versions")
    assert "[going-on]" in page.plain
    wanted = re.search(r'name="wanted" value="([0-9a-f]+)"', page.text)
    assert wanted
    sent = {"token": page.hidden("token"), "version": page.hidden("version"), "wanted": wanted[1]}
    assert amal.post(f"{address}/versions", sent).status == 303
    assert 'value="going-on" selected' in amal.get(address).text
    assert "Versions and changes: 3" in amal.get(address).plain
    assert amal.post(f"{address}/versions", {**sent, "wanted": "f" * 32}).status == 404
    assert amal.get(f"{address}/versions?{urlencode({'newer': '<script>'})}").status == 404


def test_a_session_that_ends_while_a_file_is_on_its_way_costs_the_file_and_no_word(served: Any) -> None:
    visitor = served.officer("amal")
    address, fields = begun(visitor)
    visitor.cookies.pop("parley-desk")
    sent = {**fields, **FILLED, "line-29": "typed for half an hour & <more>"}
    got = upload(visitor, address, sent, ("file-27", "log.txt", LOG))
    assert got.status == 401
    served.ours.clock.sleep(30_000)
    entered = {"officer": "amal", "passphrase": "seven words of the tests", "code": served.code("amal"), "to": address}
    on = visitor.post("/sign-in", {**entered, "kept": got.hidden("kept")})
    assert on.status == 200, on.plain
    form = on.text.partition(f'action="{address}"')[2]
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    pairs: dict[str, list[str]] = {}
    for name, value in inputs:
        pairs.setdefault(html.unescape(name), []).append(html.unescape(value))
    done = visitor.post(address, pairs)
    assert (done.status, done.header("location")) == (303, f"{address}?saved=yes&lost=yes")
    page = visitor.get(done.header("location"))
    assert "typed for half an hour & <more>" in html.unescape(page.text)
    assert "A file that was chosen was not kept" in page.plain


def test_drafts_are_found_in_the_store_by_nobody_without_the_archive_key(shared: Any, amal: Any) -> None:
    address, fields = begun(amal)
    upload(amal, address, {**fields, **FILLED}, ("file-27", "canary.txt", b"the canary sang"))
    rows = shared.ours.node.store.look(
        lambda look: [row for kind in (attachment.BODY, attachment.HELD, draft.VERSION) for row in look.records(kind)]
    )
    assert rows
    assert not any(b"canary" in key.encode() + value for key, value in rows)
