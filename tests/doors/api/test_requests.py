"""Requests that are not in order: each is answered in the one shape, costs little, and changes nothing."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from parley.doors.api.limits import Bucket, Limits
from parley.doors.api.shapes import ProblemDetails
from parley.doors.problems import DoorProblem
from parley.forms import load
from parley.outside.bearers.https.limits import Limits as Listener

DRAFT = {"form": 1, "to": ["XB/duty"], "lines": {"10": "timetable"}, "exercise": True}
NEVER_SEEN = "parley_00000000_" + "A" * 43


def told(got: Any, status: int, key: str) -> Any:
    """The one shape: RFC 9457 with our key, whose fault, what to do; and the headers of every answer."""
    assert (got.status, got.value["key"]) == (status, key), got
    assert got.headers["content-type"] == "application/problem+json"
    assert set(got.value) == set(ProblemDetails.__struct_fields__)
    assert got.value["status"] == status
    assert got.value["type"] == f"/problems/{key}"
    assert got.value["fault"] in ("yours", "peer", "machine", "ours")
    assert got.value["detail"].endswith(".")
    assert got.value["do"]
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["x-content-type-options"] == "nosniff"
    return got.value


BODIES = {
    "no JSON": (b"{", 400, "door.not_json"),
    "not UTF-8": (b'{"form":1,"to":["XB/duty"],"office":"\xff"}', 400, "door.not_json"),
    "a thousand brackets": (b"[" * 100_000, 422, "door.bad_body"),
    "brackets within a line": (b'{"form":1,"to":["XB/duty"],"lines":{"10":' + b"[" * 100_000, 422, "door.bad_body"),
    "another type": (b"[]", 422, "door.bad_body"),
    "no form": (b'{"to":["XB/duty"]}', 422, "door.bad_body"),
    "an unknown field": (b'{"form":1,"to":["XB/duty"],"officer":"amal"}', 422, "door.bad_body"),
    "a marking smuggled in": (b'{"form":1,"to":["XB/duty"],"marking":[5,null,null,[]]}', 422, "door.bad_body"),
    "an override smuggled in": (b'{"form":1,"to":["XB/duty"],"override":"go"}', 422, "door.bad_body"),
    "no address": (b'{"form":1,"to":["XB"]}', 422, "door.bad_body"),
    "no such form": (b'{"form":999,"to":["XB/duty"]}', 404, "form.unknown_form"),
    "no such line": (b'{"form":1,"to":["XB/duty"],"lines":{"99":"x"}}', 422, "desk.unfilled"),
    "no such code": (b'{"form":1,"to":["XB/duty"],"lines":{"10":"x"}}', 422, "desk.unfilled"),
    "an office that is not ours": (b'{"form":1,"to":["XB/duty"],"office":"moon"}', 422, "desk.not_ours"),
    "a note that is not here": (
        json.dumps({**DRAFT, "refers_to": ["ab" * 32]}).encode(), 404, "desk.no_note",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_does_not_fit_is_refused_and_nothing_is_kept(served: Any, name: str) -> None:
    body, status, key = BODIES[name]
    before = served.ask("GET", "/v1/drafts").body
    told(served.ask("POST", "/v1/drafts", body, Idempotency_Key=f"bad {name}".replace(" ", "-")), status, key)
    assert served.ask("GET", "/v1/drafts").body == before


MEDIA = (
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
    "application/json; charset=latin-1", "application/merge-patch+json",
)  # fmt: skip


@pytest.mark.parametrize("media", MEDIA)
def test_a_body_of_another_media_type_is_refused(served: Any, media: str) -> None:
    """What a form of a web page could send without asking first is among them."""
    told(
        served.ask("POST", "/v1/drafts", DRAFT, Content_Type=media, Idempotency_Key="media"),
        415, "door.wrong_media_type",
    )  # fmt: skip


def test_a_huge_body_is_refused_by_its_announced_size_before_it_is_read(served: Any) -> None:
    head = _head(served, "POST", "/v1/drafts", "Content-Type: application/json", "Idempotency-Key: huge")
    with served.raw(head + b"Content-Length: 999999999\r\n\r\n") as connection:
        assert b"413" in _all(connection).split(b"\r\n")[0]


def test_a_huge_body_that_announces_nothing_is_cut(served: Any) -> None:
    head = _head(served, "POST", "/v1/drafts", "Content-Type: application/json", "Idempotency-Key: huge")
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with served.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + piece * 5) as connection:
        found = _all(connection)
    assert b"413" in found.split(b"\r\n")[0]
    assert b'"key":"door.body_too_large"' in found


def test_a_body_that_trickles_is_cut(alone: Any) -> None:
    with alone(limits=Limits(body_s=0.2)) as served:
        head = _head(served, "POST", "/v1/drafts", "Content-Type: application/json", "Idempotency-Key: slow")
        with served.raw(head + b"Content-Length: 10\r\n\r\n{") as connection:
            found = _all(connection)
    assert b"408" in found.split(b"\r\n")[0]
    assert b'"key":"door.body_too_slow"' in found


def test_headers_that_trickle_in_for_ever_end_the_connection(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same guard as at the peers' port; what answers others meanwhile is the same node."""
    monkeypatch.setattr("parley.outside.loopback.Limits", lambda: Listener(head_s=0.3))
    with alone() as served, served.raw(b"GET /v1/status HTTP/1.1\r\n") as connection:
        assert served.ask("GET", "/v1/status").status == 200
        assert _trickle(connection)


def test_a_connection_that_is_in_order_outlives_the_guard(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the test before: the guard cuts slow heads, not slow programs."""
    monkeypatch.setattr("parley.outside.loopback.Limits", lambda: Listener(head_s=0.3))
    with alone() as served:
        asked = _head(served, "GET", "/v1/status") + b"\r\n"
        with served.raw(asked) as connection:
            assert _one(connection).startswith(b"HTTP/1.1 200 OK")
            time.sleep(0.6)
            connection.sendall(asked)
            assert _one(connection).startswith(b"HTTP/1.1 200 OK")


def test_too_long_a_head_and_what_is_no_http_are_refused_in_the_one_shape(served: Any) -> None:
    for sent in (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, b"\x16\x03\x01 no http\r\n\r\n"):
        with served.raw(sent) as connection:
            found = _all(connection)
        assert b"400" in found.split(b"\r\n")[0]
        assert b"application/problem+json" in found
        assert b'"key":"door.bad_request"' in found


HOSTS = {
    "a name that leads here": "desk.example",
    "the right address, another port": "127.0.0.1:1",
    "without the port": "127.0.0.1",
    "none": "",
}


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_that_is_not_ours_is_refused(served: Any, name: str) -> None:
    """A web page whose name was made to lead to loopback (DNS rebinding) has its own name in Host."""
    told(served.ask("GET", "/v1/status", Host=HOSTS[name]), 421, "door.bad_host")
    told(served.ask("GET", "/openapi.json", Host=HOSTS[name], token=""), 421, "door.bad_host")


def test_hosts_of_loopback_and_those_of_the_settings_are_ours(alone: Any) -> None:
    with alone(api_hosts=("desk.example",)) as served:
        for host in (f"127.0.0.1:{served.port}", f"LOCALHOST:{served.port}", f"[::1]:{served.port}", "desk.example"):
            assert served.ask("GET", "/v1/status", Host=host).status == 200


def test_two_hosts_are_none(served: Any) -> None:
    here = f"Host: 127.0.0.1:{served.port}\r\n".encode()
    with served.raw(b"GET /openapi.json HTTP/1.1\r\n" + here + here + b"\r\n") as connection:
        assert connection.recv(100).split(b" ")[1] in (b"400", b"421")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8470", "file://"])
def test_a_web_page_that_is_not_listed_is_refused(served: Any, origin: str) -> None:
    got = served.ask("GET", "/v1/status", Origin=origin)
    told(got, 403, "door.bad_origin")
    assert "access-control-allow-origin" not in got.headers
    got = served.ask("OPTIONS", "/v1/status", Origin=origin, Access_Control_Request_Method="GET", token="")
    told(got, 403, "door.bad_origin")


def test_a_web_page_that_is_listed_may_ask_and_see(alone: Any) -> None:
    with alone(api_origins=("https://desk.example",)) as served:
        got = served.ask("GET", "/v1/status", Origin="https://desk.example")
        assert (got.status, got.headers["access-control-allow-origin"]) == (200, "https://desk.example")
        asked = {"Origin": "https://desk.example", "Access_Control_Request_Method": "PATCH"}
        before = served.ask("OPTIONS", "/v1/drafts/abcdabcd", token="", **asked)
        assert before.status == 204
        assert "PATCH" in before.headers["access-control-allow-methods"]
        assert "authorization" in before.headers["access-control-allow-headers"]
        assert served.ask("GET", "/v1/status", Origin="https://evil.example").status == 403


ADDRESSES = {
    "by its shape": "/v1/status?x={token}",
    "by the name": "/v1/status?access_token=abc",
    "in the path": "/v1/notes/{token}",
    "beside the right header": "/v1/notes?token={token}",
    "where nothing is": "/nowhere?q={token}",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_token_in_the_address_is_refused_even_if_it_is_a_good_one(served: Any, name: str) -> None:
    path = ADDRESSES[name].format(token=served.all_scopes)
    found = told(served.ask("GET", path), 400, "door.token_in_url")
    assert "tokens revoke" in found["do"]
    assert served.all_scopes not in json.dumps(found)
    told(served.ask("GET", path, token=""), 400, "door.token_in_url")


TOKENS = {
    "never made": NEVER_SEEN,
    "empty": " ",
    "of another kind": "abc",
    "with a letter more": "{token}A",
    "with one letter changed": "{changed}",
    "not ASCII": "parley_ä",
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_that_is_none_is_refused_without_saying_why(served: Any, name: str) -> None:
    right = served.all_scopes
    changed = right[:-1] + ("A" if right[-1] != "A" else "B")
    wrong = TOKENS[name].format(token=right, changed=changed)
    got = served.ask("GET", "/v1/status", Authorization=f"Bearer {wrong}".encode().decode("latin-1"), token="")
    assert got.status == 401
    assert got.value["key"] in ("desk.bad_token", "door.no_authorization")
    assert got.headers["www-authenticate"] == 'Bearer realm="parley"'


@pytest.mark.parametrize("shown", ["Basic {token}", "{token}", "Bearer", "Token {token}"])
def test_a_token_shown_in_another_way_is_not_taken(served: Any, shown: str) -> None:
    shown = shown.format(token=served.all_scopes)
    told(served.ask("GET", "/v1/status", Authorization=shown, token=""), 401, "door.no_authorization")


def test_an_expired_token_is_refused(alone: Any) -> None:
    with alone() as served:
        token = served.token("read", days=1)
        assert served.ask("GET", "/v1/status", token=token).status == 200
        served.ours.clock.sleep(86_400_000)
        told(served.ask("GET", "/v1/status", token=token), 401, "desk.bad_token")


QUERIES = {
    "unknown": "/v1/notes?colour=red",
    "twice": "/v1/notes?limit=1&limit=2",
    "no number": "/v1/notes?limit=many",
    "too many": "/v1/notes?limit=201",
    "none": "/v1/notes?limit=0",
    "no side": "/v1/notes?direction=sideways",
    "no language": "/v1/forms?language=tlh",
    "before everything": "/v1/notes?before=-1",
    "a number past all numbers": f"/v1/notes?before={1 << 70}",
    "where none is possible": "/v1/status?x=1",
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_parameter_that_does_not_fit_is_refused(served: Any, name: str) -> None:
    told(served.ask("GET", QUERIES[name]), 400, "door.bad_parameter")


NOWHERE = [
    "/",
    "/v1",
    "/v1/",
    "/v1/notes/",
    "/v2/status",
    "/v1/notes/a/b/c",
    "/v1/read-back",
    "/v1/release",
    "//v1/status",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_where_nothing_is_is_said_in_the_one_shape(served: Any, path: str) -> None:
    told(served.ask("GET", path), 404, "door.no_such_path")


@pytest.mark.parametrize("note", ["zz", "ab", "ab" * 32, "AB" * 40, "%00", "..%2f..", "a" * 4000])
def test_a_note_that_is_not_here(served: Any, note: str) -> None:
    assert served.ask("GET", f"/v1/notes/{note}").status in (404, 400)


def test_who_asks_too_often_waits_and_others_do_not(alone: Any) -> None:
    limits = Limits(rate=0.001, burst=3, failures=1e9, failures_burst=100)
    with alone(limits=limits) as served:
        busy, calm = served.token("read"), served.token("read")
        answers = [served.ask("GET", "/v1/status", token=busy) for _ in range(4)]
        assert [one.status for one in answers] == [200, 200, 200, 429]
        told(answers[-1], 429, "door.too_many_requests")
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert served.ask("GET", "/v1/status", token=calm).status == 200


def test_a_flood_of_wrong_tokens_keeps_no_right_one_out(alone: Any) -> None:
    with alone(limits=Limits(failures=0.001, failures_burst=2)) as served:
        right = served.token("read")
        statuses = [served.ask("GET", "/v1/status", token=NEVER_SEEN).status for _ in range(4)]
        assert statuses == [401, 401, 429, 429]
        assert served.ask("GET", "/v1/status", token=right).status == 200


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=2.0, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.take(0.5) == 0.0
    assert bucket.take(0.5) == 0.5
    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]  # no more than its burst is saved up


def test_a_locked_node_says_so_and_shows_nothing_of_a_note(alone: Any) -> None:
    with alone() as served:
        note, token = served.note_from_them(), served.all_scopes
        served.ours.node.vault = None
        for method, path in (("GET", "/v1/notes"), ("GET", f"/v1/notes/{note}"), ("GET", "/v1/drafts")):
            told(served.ask(method, path, token=token), 503, "desk.locked")
        told(served.ask("POST", "/v1/drafts", DRAFT, Idempotency_Key="locked"), 503, "desk.locked")
        assert served.ask("GET", "/v1/status").value["locked"] is True
        assert served.ask("GET", "/v1/parties").status == 200


def test_a_defect_is_said_as_ours_and_the_node_goes_on(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.doors.api.reading.archive.entries", lambda *_: 1 / 0)
    found = told(served.ask("GET", "/v1/journal"), 500, "door.defect_in_node")
    assert found["fault"] == "ours"
    assert "ZeroDivisionError" in found["detail"]
    assert "Traceback" not in json.dumps(found)
    assert served.ask("GET", "/v1/status").status == 200


def test_every_problem_of_this_door_has_a_place_where_its_type_leads(served: Any) -> None:
    for key in DoorProblem.TABLE:
        found = served.ask("GET", f"/problems/door.{key}", token="").value
        assert found["what"] == DoorProblem.TABLE[key].what
    told(served.ask("GET", "/problems/door.nothing", token=""), 404, "door.no_such_problem")


def test_faulty_lines_of_a_draft_are_all_named(served: Any) -> None:
    made = served.draft(form=11, lines={"10": "stop-traffic"}).value["draft"]
    found = told(served.ask("GET", f"/v1/drafts/{made}/page"), 422, "form.sheet")
    wanted = {line.number for line in load().form(11).lines if line.required} - {10}
    assert {line["line"] for line in found["lines"]} == wanted
    assert all(line["what"] and line["do"] and line["key"].startswith("form.") for line in found["lines"])


def test_what_did_not_change_is_not_sent_again(served: Any) -> None:
    for path in ("/v1/forms", "/v1/parties/XB", "/v1/parties/XB/particulars", "/v1/drafts"):
        first = served.ask("GET", path)
        again = served.ask("GET", path, If_None_Match=f'"0", {first.headers["etag"]}')
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert served.ask("GET", path, If_None_Match='"0"').body == first.body


def test_head_is_get_without_the_body(served: Any) -> None:
    for path in ("/v1/forms", "/openapi.json"):
        got, head = served.ask("GET", path), served.ask("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(got.body))
    assert served.ask("HEAD", "/v1/events").status == 405


def test_two_requests_in_one_packet_are_two(served: Any) -> None:
    """No smuggling: a body that is not looked at is not taken for a request."""
    head = _head(served, "GET", "/v1/status") + b"Content-Length: 20\r\n\r\nGET /v1/notes HTTP/1."
    with served.raw(head[:-1] + _head(served, "GET", "/v1/forms") + b"Connection: close\r\n\r\n") as connection:
        found = _all(connection)
    assert found.count(b"HTTP/1.1 200") == 2
    assert found.count(b'"forms"') == 1


def test_lengths_that_contradict_each_other_are_refused(served: Any) -> None:
    head = _head(served, "POST", "/v1/drafts", "Content-Type: application/json", "Idempotency-Key: smuggle")
    with served.raw(head + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}") as connection:
        assert b"400" in _all(connection).split(b"\r\n")[0]


def _head(served: Any, method: str, path: str, *more: str) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        f"Authorization: Bearer {served.all_scopes}",
        *more,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _all(connection: Any) -> bytes:
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


def _one(connection: Any) -> bytes:
    """One answer of a connection that goes on."""
    found = b""
    while not found.endswith(b"}"):
        found += connection.recv(65536)
    return found


def _trickle(connection: Any) -> bool:
    """A header a little at a time; True once the other side has closed."""
    connection.settimeout(0.05)
    for _ in range(400):
        try:
            connection.sendall(b"X-Slow: 1\r\n")
            if connection.recv(1024) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False
