"""Who may open which page: a table written by hand, and a walk over every address of the application by every role."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from parley.clearance import Role
from parley.desk import witness
from parley.doors.web.app import make_app
from parley.doors.web.table import PLACES
from parley.terms.marking import Tlp

TABLE: dict[str, str] = tomllib.loads(Path(__file__).with_name("access.toml").read_text("utf-8"))
LETTERS = {
    "d": Role.DRAFTER, "t": Role.TECHNICAL, "l": Role.LEGAL, "p": Role.POLITICAL, "r": Role.RELEASER,
    "g": Role.REGISTRAR, "o": Role.OBSERVER, "a": Role.ADMINISTRATOR,
}  # fmt: skip
REFUSED = "do not cover"  # of a role; other refusals (no such note) are not about who asks


def offered(app: Any) -> set[str]:
    """Every method of every route of the application that is served, without the files that every page loads."""
    return {
        f"{method} {route.path}"
        for route in app.routes
        if route.path != "/static/{name}"
        for method in route.app.methods
    }


def differing(routes: set[str]) -> set[str]:
    """What is offered and not in the table, or the other way round."""
    return routes ^ set(TABLE)


def test_every_page_is_in_the_table_and_no_other(shared: Any) -> None:
    assert differing(offered(make_app(shared.desk))) == set()


def test_a_page_that_nobody_listed_would_be_noticed() -> None:
    """Control: a page more, and a page less."""
    assert differing({*TABLE, "POST /notes/{note}/release"}) == {"POST /notes/{note}/release"}
    assert differing(set(TABLE) - {"GET /line"}) == {"GET /line"}


def test_every_role_opens_what_the_table_says_and_nothing_else(served: Any) -> None:
    """Allowed is whatever is not refused for the role: an address that names nothing is still not found."""
    served.grant_all()
    note = served.note_from_them()
    visitors = {role: served.officer(role.value) for role in Role}
    filled = {"{note}": note, "{draft}": "00000000", "{form}": "1", "{party}": "XB", "{drill}": "none"}
    filled |= {"{link}": "x", "{passkey}": "00", "{officer}": "nobody", "{digest}": "0" * 64}
    tokens = {role: visitor.get("/settings").hidden("token") for role, visitor in visitors.items()}
    wrong = []
    for address, allowed in TABLE.items():
        method, _, path = address.partition(" ")
        if path in ("/events", "/sign-out") or allowed == "public":
            continue
        for part, value in filled.items():
            path = path.replace(part, value)
        for role, visitor in visitors.items():
            got = _asked(visitor, method, path, tokens[role])
            may = allowed == "signed" or role in {LETTERS[letter] for letter in allowed.split()}
            refused = got.status == 403
            if may is refused:
                wrong.append((address, role.value, got.status, got.plain[-200:]))
    assert wrong == []


TAKES_A_FILE = {place.path for place in PLACES if place.takes == "file"}


def _is_json(path: str) -> bool:
    return "passkeys/" in path or path.endswith(("/word", "/release"))


def _asked(visitor: Any, method: str, path: str, token: str) -> Any:
    if method == "GET":
        return visitor.get(path)
    if _is_json(path):
        headers = {"Content-Type": "application/json", "X-Parley-Token": token, "Origin": f"http://{visitor.host}"}
        return visitor.ask("POST", path, b"{}", **headers)
    if path in TAKES_A_FILE:
        return visitor.upload(path, b"none", {"token": token})
    return visitor.post(path, {"token": token, "form": "2", "party": "XB", "line": "1"})


@pytest.mark.parametrize("address", [a for a, allowed in TABLE.items() if allowed != "public"])
def test_nobody_opens_anything_without_signing_in(shared: Any, address: str) -> None:
    """The sign-in page instead, with 401, for every address."""
    method, _, path = address.partition(" ")
    visitor = shared.visitor()
    got = visitor.get(path) if method == "GET" else visitor.post(path)
    if method == "POST" and _is_json(path):
        headers = {"Content-Type": "application/json", "Origin": f"http://{visitor.host}"}
        got = visitor.ask("POST", path, b"{}", **headers)
    assert got.status == 401, got.plain
    assert "Sign in" in got.text or got.text.startswith('{"what":"You are not signed in')


def test_an_officer_who_left_the_roster_is_out_at_once(served: Any) -> None:
    visitor = served.officer("amal")
    assert visitor.get("/today").status == 200
    served.grant_all()
    assert visitor.get("/today").status == 401


def test_an_officer_without_a_role_is_shown_the_frame_and_nothing_in_it(served: Any) -> None:
    served.grant_all("nura")
    visitor = served.officer("nura")
    assert visitor.get("/settings").status == 200
    assert {visitor.get(path).status for path in ("/today", "/line", "/officers", "/journal")} == {403}


EXITS = ("/today", "/line", "/handover", "/drafts")


def test_red_is_for_those_who_deal_with_notes(served: Any) -> None:
    """Object by object: an observer is told nothing of a RED note, neither that it is there nor how many there are."""
    served.grant_all()
    red, amber = served.note_from_them(Tlp.RED), served.note_from_them(Tlp.AMBER)
    served.do(witness.checkpoint(served.ours.node))
    observer, legal = served.officer("observer"), served.officer("legal")
    assert observer.get(f"/notes/{red}").status == 403
    assert observer.get(f"/notes/{amber}").status == 200
    assert red[:8] not in observer.get("/handover").text
    assert f"/notes/{red}" not in observer.get("/line").text
    assert f"/notes/{red}" not in observer.get("/today").text
    assert legal.get(f"/notes/{red}").status == 200
    assert legal.get(f"/notes/{red}/archive").status == 403  # RED leaves by no export
    assert legal.get(f"/notes/{amber}/archive").status == 200


def test_a_registrar_reads_back_nothing_and_an_administrator_reads_nothing(served: Any) -> None:
    served.grant_all()
    note = served.note_from_them()
    assert served.officer("registrar").get(f"/notes/{note}/read-back").status == 403
    page = served.officer("administrator").get("/today")
    assert page.status == 200
    assert note[:8] not in page.text
    assert "Unread" not in page.text
