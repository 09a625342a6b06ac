"""Who may do what: a table written by hand before the program's own, and a walk over every address of the program."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk import read, read_back
from parley.desk.tokens import Scope
from parley.doors.api.app import make_app
from parley.doors.api.table import ENDPOINTS
from parley.line.conversation import read_conversation
from parley.line.receipt import Stage, read_receipt
from parley.seal import peek

# method, address: which scopes are enough by themselves; "any" any valid token; "public" needs none.
ACCESS = {
    ("GET", "/openapi.json"): "public",  # shapes only, the same for everybody
    ("GET", "/problems/{key}"): "public",  # where the type of a problem leads
    ("GET", "/v1/status"): "any",
    ("GET", "/v1/forms"): "any",  # public knowledge
    ("GET", "/v1/forms/{form}"): "any",
    ("GET", "/v1/notes"): "read",
    ("GET", "/v1/notes/{note}"): "read",
    ("GET", "/v1/notes/{note}/archive"): "export",  # leaves the house
    ("GET", "/v1/events"): "read",
    ("GET", "/v1/drafts"): "draft",
    ("POST", "/v1/drafts"): "draft",
    ("GET", "/v1/drafts/{draft}"): "draft",
    ("PATCH", "/v1/drafts/{draft}"): "draft",
    ("DELETE", "/v1/drafts/{draft}"): "draft",
    ("GET", "/v1/drafts/{draft}/page"): "draft",
    ("POST", "/v1/notes/{note}/replies"): "draft",
    ("POST", "/v1/notes/{note}/clarifications"): "draft",
    ("GET", "/v1/parties"): "directory",
    ("GET", "/v1/parties/{party}"): "directory",
    ("GET", "/v1/parties/{party}/particulars"): "directory",
    ("GET", "/v1/journal"): "journal",
    ("GET", "/v1/journal/verification"): "journal",
    ("GET", "/v1/precedents/incidents"): "precedents",  # public, but an imported data set has its licence
    ("GET", "/v1/precedents/incidents/{incident}"): "precedents",
    ("GET", "/v1/precedents/comparable"): "precedents",
    ("GET", "/v1/precedents/statistics/{statistic}"): "precedents",
}
SCOPES = ("read", "draft", "directory", "journal", "export", "precedents")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY")
BODIES: dict[str, Any] = {
    "/v1/drafts": {"form": 1, "to": ["XB/duty"], "lines": {"10": "timetable"}, "exercise": True},
    "/v1/drafts/{draft}": {"lines": {"10": "drill"}},
    "/v1/notes/{note}/replies": {"form": 2, "lines": {"10": "clear"}},
    "/v1/notes/{note}/clarifications": {"party": "XB", "line": 6},
}


def unlisted(routes: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What the program offers and the table does not name, or the other way round."""
    return routes ^ set(ACCESS)


def offered(app: Any) -> set[tuple[str, str]]:
    """Every method of every route of the application itself."""
    found = set()
    for route in app.routes:
        methods = ["GET"] if route.app.fixed else route.app.methods
        found |= {(method, route.path) for method in methods}
    return found


def test_every_address_is_in_the_table_and_no_other(served: Any) -> None:
    """The routes are those of the application that is served, not of the list that it was made from."""
    from parley.doors.api.app import Desk
    from parley.terms.marking import Tlp

    app = make_app(Desk(served.ours.node, Tlp.AMBER, set()))
    assert unlisted(offered(app)) == set()


def test_an_address_that_nobody_listed_would_be_noticed() -> None:
    """Control: a route more, and a route less."""
    assert unlisted({*ACCESS, ("POST", "/v1/notes/{note}/release")}) == {("POST", "/v1/notes/{note}/release")}
    assert unlisted(set(ACCESS) - {("GET", "/v1/notes")}) == {("GET", "/v1/notes")}


def test_the_scopes_are_those_of_the_table() -> None:
    assert tuple(scope.value for scope in Scope) == SCOPES


@pytest.fixture(scope="module")
def tokens(served: Any) -> dict[str, str]:
    return {scope: served.token(scope) for scope in SCOPES}


@pytest.mark.parametrize("scope", [*SCOPES, "none at all"])
@pytest.mark.parametrize(("method", "path"), ACCESS)
def test_a_token_with_one_scope_does_what_the_table_allows(
    served: Any, tokens: dict[str, str], method: str, path: str, scope: str
) -> None:
    """Allowed: anything but 401 and 403. Refused: 403 with the scope that is lacking, or 401 without a token."""
    needs = ACCESS[method, path]
    if path == "/v1/events":
        return  # see test_stream: an answer that does not end
    got = served.ask(method, _filled(path), BODIES.get(path), token=tokens.get(scope, ""), **_headers(method))
    if needs == "public" or needs == scope or (needs == "any" and scope in SCOPES):
        assert got.status not in (401, 403), got
    elif scope not in SCOPES:
        assert (got.status, got.value["key"]) == (401, "door.no_authorization")
        assert got.headers["www-authenticate"].startswith("Bearer")
    else:
        assert (got.status, got.value["key"], got.value["arguments"]) == (403, "door.not_in_scope", {"scope": needs})


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope != "read"])
def test_the_stream_needs_the_scope_read(served: Any, tokens: dict[str, str], scope: str) -> None:
    assert served.ask("GET", "/v1/events", token=tokens[scope]).status == 403
    assert served.ask("GET", "/v1/events", token="").status == 401


@pytest.mark.parametrize("path", sorted({path for _, path in ACCESS}))
def test_a_method_that_is_not_listed_is_refused(served: Any, path: str) -> None:
    """405 with the methods that there are, for a token that may do everything."""
    here = {method for method, listed in ACCESS if listed == path}
    for method in METHODS:
        if method in here or method == "CONNECT":
            continue
        got = served.ask(method, _filled(path), **_headers(method))
        assert (got.status, got.value["key"]) == (405, "door.no_such_method"), method
        assert set(got.headers["allow"].split(", ")) - {"HEAD"} == here


def _filled(path: str) -> str:
    return path.format(
        key="desk.no_note", form="1", note="ab" * 32, draft="ab" * 4, party="XB", incident="open:notpetya",
        statistic="votes",
    )  # fmt: skip


def _headers(method: str) -> dict[str, str]:
    _headers.count = getattr(_headers, "count", 0) + 1  # type: ignore[attr-defined]
    return {"Idempotency_Key": f"walk-{_headers.count}", "If_Match": f'"{"0" * 32}"'}  # type: ignore[attr-defined]


# -- no token answers a read-back or releases a note


def standing(served: Any) -> Any:
    """Everything that a release, a reading or a read-back would change: notes, conversations, receipts, outbox."""
    node = served.ours.node

    def look(look: Any) -> Any:
        rows = look.notes(limit=1000)
        moved = {row.note_id: [read_conversation(one.state) for one in look.conversations(row.note_id)] for row in rows}
        receipts = [signed for row in rows for _, _, signed in look.receipts(row.note_id)]
        return len(rows), moved, receipts, look.outbox_peers(), look.records("reserved"), look.leaf_count()

    return node.store.look(look)


def walk(served: Any, note: str) -> int:
    """Every address with a token that may do everything and values that fit; returns how many did something."""
    made = served.draft()
    done = 0
    for endpoint in ENDPOINTS:
        if endpoint.path == "/v1/events":
            continue
        known = {"incident": "open:notpetya", "statistic": "votes", "note": note, "draft": made.value["draft"]}
        path = endpoint.path.format(key="desk.no_note", form="1", party="XB", **known)
        version = served.ask("GET", f"/v1/drafts/{made.value['draft']}").headers.get("etag", "")
        headers = {**_headers(endpoint.method), "If_Match": version}
        if endpoint.method == "DELETE":
            continue
        done += served.ask(endpoint.method, path, BODIES.get(endpoint.path), **headers).status < 300
    assert served.ask("DELETE", f"/v1/drafts/{made.value['draft']}", If_Match=version).status == 204
    return done + 1


@pytest.mark.parametrize("note", ["theirs", "ours"])
def test_no_address_releases_a_note_or_answers_a_read_back(alone: Any, note: str) -> None:
    """Every route with every scope, on a note of theirs that awaits a read-back and on one of ours."""
    with alone() as served:
        served.ours.clock.sleep(1000)
        identity = served.note_from_them() if note == "theirs" else served.note_of_ours()
        before = standing(served)
        assert walk(served, identity) >= 15  # of 21: archive and verification want a checkpoint, and so on
        assert standing(served) == before


def test_a_read_back_a_reading_and_a_release_would_be_noticed(alone: Any) -> None:
    """Control: what a person does moves what the walk compares."""
    with alone() as served:
        identity = served.note_from_them()
        node = served.ours.node
        before = standing(served)
        served.do(read.read(node, identity, "en", officer="amal"))
        after_reading = standing(served)
        assert after_reading != before
        assert Stage.READ in _stages(served, identity)
        asked = read_back.ask(node, identity, "en")
        answers = {question.line: question.options[0].id for question in asked}
        give = read_back.give(node, identity, answers, language="en", role="duty", seconds=1, by_person=True)
        served.do(give)
        after_answering = standing(served)
        assert after_answering != after_reading
        assert Stage.READ_BACK in _stages(served, identity)
        served.note_of_ours()
        assert standing(served) != after_answering


def _stages(served: Any, identity: str) -> set[Stage]:
    found = served.ours.node.store.look(lambda look: look.receipts(bytes.fromhex(identity)))
    return {one.stage for _, _, signed in found for one in read_receipt(peek(signed).payload).entries}


def test_looking_at_a_note_tells_its_sender_nothing(alone: Any) -> None:
    with alone() as served:
        identity = served.note_from_them()
        assert served.ask("GET", f"/v1/notes/{identity}").value["with"][0]["delivery"] == "opened"
        assert served.ask("GET", f"/v1/notes/{identity}").value["with"][0]["read_in"] == []
        assert Stage.READ not in _stages(served, identity)


def test_a_draft_of_an_officer_or_of_another_token_is_not_there(served: Any) -> None:
    other = served.token("draft", name="other")
    made = served.draft().value["draft"]
    assert served.ask("GET", f"/v1/drafts/{made}").status == 200
    for method in ("GET", "DELETE", "PATCH"):
        got = served.ask(method, f"/v1/drafts/{made}", {}, token=other, **_headers(method))
        assert (got.status, got.value["key"]) == (404, "desk.no_draft")
    assert made not in [one["draft"] for one in served.ask("GET", "/v1/drafts", token=other).value["drafts"]]
