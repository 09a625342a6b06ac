"""The door itself: for which host, from which page, with which headers; bodies, cookies, files."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

from parley.doors.web.limits import Limits

HOSTS = {
    "another name": "desk.example", "a name that leads here": "rebound.example:{port}", "no port": "localhost",
    "another port": "localhost:1", "two in one": "localhost:{port}, evil.example", "none": " ",
    "with a user": "x@localhost:{port}",
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTS)
def test_a_request_for_another_host_is_refused_before_anything(shared: Any, case: str) -> None:
    visitor = shared.visitor(host=HOSTS[case].format(port=shared.port))
    got = visitor.get("/sign-in")
    assert got.status in (400, 421)
    assert b"<" not in got.body


def test_each_name_of_loopback_is_ours(shared: Any) -> None:
    """Control for the test above."""
    for name in ("localhost", "127.0.0.1", "LOCALHOST"):
        assert shared.visitor(host=f"{name}:{shared.port}").get("/sign-in").status == 200


FOREIGN = {
    "another page": {"Origin": "https://evil.example"},
    "a page without origin": {"Origin": "null"},
    "another port of this machine": {"Origin": "http://localhost:1"},
    "the same name with TLS": {"Origin": "https://{host}"},
    "no origin at all": {"Origin": ""},
    "the browser says so": {"Sec-Fetch-Site": "cross-site"},
    "a sister name": {"Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_post_from_elsewhere_is_not_carried_out(shared: Any, case: str) -> None:
    """With the officer's own cookie, as from a browser that does not know SameSite, and even with the token."""
    visitor = shared.officer()
    token = visitor.get("/settings").hidden("token")
    headers = {name: value.format(host=visitor.host) for name, value in FOREIGN[case].items()}
    assert visitor.post("/settings/sessions", {"session": "others", "token": token}, **headers).status == 403
    assert visitor.post("/sign-out", {"token": token}, **headers).status == 403
    assert visitor.get("/today").status == 200


def test_a_post_without_the_token_of_its_page_is_not_carried_out(shared: Any) -> None:
    visitor, other = shared.officer("amal"), shared.officer("basma")
    foreign = other.get("/settings").hidden("token")
    for token in ("", "0" * 40, foreign, "é"):
        assert visitor.post("/sign-out", {"token": token}).status == 403
    assert visitor.get("/today").status == 200


def test_going_to_a_page_from_elsewhere_is_allowed_and_loading_it_into_one_is_not(shared: Any) -> None:
    visitor = shared.visitor()
    going = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert visitor.get("/sign-in", **going).status == 200
    assert visitor.get("/sign-in", **{**going, "Sec-Fetch-Dest": "iframe"}).status == 403
    assert visitor.get("/sign-in", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}).status == 403


def test_a_note_fetched_ahead_is_not_read(served: Any) -> None:
    """Showing is reading, and a page that a browser fetches by itself was shown to nobody."""
    visitor, note = served.officer(), served.note_from_them()
    assert visitor.get(f"/notes/{note}", **{"Sec-Purpose": "prefetch;prerender"}).status == 403
    assert visitor.get("/line?open=unread").text.count("/notes/") == 1


def test_every_page_bears_the_headers_of_the_one_builder(shared: Any) -> None:
    visitor = shared.officer()
    for path in ("/sign-in", "/today", "/line", "/nowhere", "/drafts/new/11", f"/notes/{shared.note_from_them()}"):
        got = visitor.get(path)
        policy = got.header("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
        assert "unsafe" not in policy
        assert got.header("cache-control") == "no-store"
        assert got.header("x-content-type-options") == "nosniff"
        assert got.header("referrer-policy") == "same-origin"
        assert got.header("cross-origin-opener-policy") == "same-origin"


def test_no_page_has_a_script_or_a_style_of_its_own(shared: Any) -> None:
    """What the policy forbids is not there: it would not run, and its absence shows that nothing depends on it."""
    visitor = shared.officer()
    for path in ("/sign-in", "/today", "/line", "/settings", "/drafts/new/10", f"/notes/{shared.note_from_them()}"):
        page = visitor.get(path).text
        assert re.search(r"<script(?![^>]*\bsrc=)", page) is None
        assert re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", page) is None


def test_the_sign_in_page_may_run_one_script_only(shared: Any) -> None:
    policy = shared.visitor().get("/sign-in").header("content-security-policy")
    sources = re.search("script-src ([^;]*)$", policy)
    assert sources
    assert re.fullmatch(rf"http://localhost:{shared.port}/static/passkey\.[0-9a-f]{{12}}\.js", sources[1])


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(shared: Any) -> None:
    visitor = shared.visitor()
    got = shared.make_account(visitor, shared.link("amal"), "amal")
    lines = [value for name, value in got.headers if name.lower() == "set-cookie"]
    assert len(lines) == 2
    for line in lines:
        assert "HttpOnly" in line
        assert "SameSite=Strict" in line
        assert "Path=/" in line


def test_files_are_those_of_the_package_and_no_path_leads_elsewhere(shared: Any) -> None:
    visitor = shared.visitor()
    page = visitor.get("/sign-in").text
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        got = visitor.get(path)
        assert got.status == 200
        assert "immutable" in got.header("cache-control")
    others = ("desk.css", "..%2fapp.py", "%2e%2e/app.py", "", "x.000000000000.js")
    for path in (f"/static/{name}" for name in others):
        assert visitor.get(path).status == 404


def test_a_body_that_is_too_large_is_refused_in_words(shared: Any) -> None:
    visitor = shared.officer()
    got = visitor.post("/drafts/00000000", {"token": "x", "line-26": "x" * (600 << 10)})
    assert got.status == 413
    assert "larger than" in got.plain


def test_a_body_of_another_kind_is_no_form(shared: Any) -> None:
    visitor = shared.officer()
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json", ""):
        got = visitor.ask("POST", "/sign-out", b"token=x", **{"Origin": f"http://{visitor.host}", "Content-Type": kind})
        assert got.status in (400, 403), kind
    for body in (b"%ff=%ff", b"\xff", b"&".join([b"a=1"] * 3000)):
        headers = {"Origin": f"http://{visitor.host}", "Content-Type": "application/x-www-form-urlencoded"}
        assert visitor.ask("POST", "/sign-out", body, **headers).status in (400, 403)


def test_a_head_that_never_ends_and_what_is_no_http_are_answered_in_words(shared: Any) -> None:
    """The guards are the peers' own (outside/bearers/https); here only that they stand before this door too."""
    for data, expected in ((b"HELO x\r\n\r\n", b"400"), (b"GET /" + b"a" * 20_000, b"400")):
        with socket.create_connection(("127.0.0.1", shared.port), timeout=30) as raw:
            raw.sendall(data)
            assert expected in raw.recv(4096).split(b"\r\n")[0]


def test_strangers_share_a_rate_and_an_officer_has_another(served: Any) -> None:
    visitor = served.officer()
    served.desk.limits = Limits(strangers=0.01, strangers_burst=3, rate=100, burst=100)
    served.desk.__dict__.pop("strangers", None)
    stranger = served.visitor()
    assert [stranger.get("/sign-in").status for _ in range(5)] == [200, 200, 200, 429, 429]
    assert visitor.get("/today").status == 200


def test_no_address_of_a_note_or_draft_is_believed_beyond_its_shape(shared: Any) -> None:
    visitor = shared.officer()
    notes = ("/notes/..%2f..%2fetc", "/notes/" + "0" * 64, "/notes/zz")
    for path in (*notes, "/drafts/'%20or%201", "/directory/%00", "/directory/ZZ"):
        assert visitor.get(path).status in (404, 422, 400), path
