"""Real nodes as processes: what a killed one keeps, what an idle one loads, and where one connects to."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from parley.doors.local import LocalClient

KEYS = [f"key-{number}" for number in range(24)]
BODY = {"form": 1, "to": ["XB/duty"], "lines": {"10": "timetable"}, "exercise": True}
WATCH = '''
"""Loaded by the interpreter before anything else: writes down every address and, at the end, every module."""
import atexit, json, os, socket, sys
sys.modules["uvloop"] = None  # it connects without telling the interpreter; asyncio's own loop tells
folder = os.environ["WATCHED_IN"]
file = os.open(os.path.join(folder, f"sockets-{os.getpid()}"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
TO = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
TOLD = TO | {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
def told(event, arguments):
    if event in TOLD:
        where = arguments[1] if event in TO else arguments[:2]
        os.write(file, (json.dumps([event, where], default=lambda b: os.fsdecode(b)) + "\\n").encode())
sys.addaudithook(told)
def modules():
    with open(os.path.join(folder, f"modules-{os.getpid()}"), "w") as out:
        json.dump([sys.argv, sorted(sys.modules)], out)
atexit.register(modules)
if os.environ.get("TELLTALE") and "serve" in getattr(sys, "orig_argv", []):
    import threading
    threading.Thread(target=lambda: socket.socket().connect_ex(("127.0.0.1", int(os.environ["TELLTALE"])))).start()
'''


def set_up(desk: Any, **settings: Any) -> None:
    """Settings into parley.toml."""
    path = desk.home / "parley.toml"
    kept = [line for line in path.read_text().splitlines() if line.split(" ")[0] not in settings]
    path.write_text("\n".join([f"{name} = {json.dumps(value)}" for name, value in settings.items()] + kept) + "\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def token(desk: Any, *scopes: str) -> str:
    done = desk("--json", "tokens", "make", "script", *(part for one in scopes for part in ("--scope", one)))
    assert done.code == 0, done.err
    return str(done.value["token"])


def ask(port: int, token: str, method: str, path: str, key: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    body = json.dumps(BODY) if method == "POST" else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def drafts(port: int, token: str) -> list[str]:
    return [one["draft"] for one in json.loads(ask(port, token, "GET", "/v1/drafts")[1])["drafts"]]


def test_the_api_is_off_unless_the_settings_name_an_address(desk: Any, serving: Any) -> None:
    process, port = serving(desk), free_port()
    with pytest.raises(ConnectionRefusedError):
        ask(port, "x", "GET", "/openapi.json")
    process.terminate()
    process.communicate(timeout=120)
    set_up(desk, api=f"127.0.0.1:{port}")
    serving(desk)
    assert ask(port, "x", "GET", "/openapi.json")[0] == 200
    assert ask(port, "x", "GET", "/v1/status")[0] == 401


@pytest.mark.parametrize("settings", [{"api": "0.0.0.0:8470"}, {"api": "127.0.0.1:8470", "api_level": "TLP:RED"}])
def test_settings_that_would_let_too_much_out_stop_the_start(desk: Any, settings: dict[str, str]) -> None:
    set_up(desk, **settings)
    done = desk("serve")
    assert done.code == 2
    assert "This can be mended here." in done.err


def test_the_peers_port_knows_nothing_of_programs_and_theirs_nothing_of_peers(desk: Any, serving: Any) -> None:
    port, peers = free_port(), free_port()
    desk.listen(peers)
    set_up(desk, api=f"127.0.0.1:{port}")
    serving(desk)
    shown = token(desk, "read")
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(peers, shown, "GET", "/v1/status")  # TLS is spoken there
    assert ask(port, shown, "POST", "/line")[0] == 404
    assert ask(port, shown, "GET", "/particulars")[0] == 404


def test_what_was_answered_before_a_kill_is_answered_again_and_done_once(desk: Any, serving: Any) -> None:
    port = free_port()
    set_up(desk, api=f"127.0.0.1:{port}")
    process = serving(desk)
    shown = token(desk, "draft")
    first = ask(port, shown, "POST", "/v1/drafts", "once")
    process.kill()
    process.communicate(timeout=120)
    serving(desk)
    assert ask(port, shown, "POST", "/v1/drafts", "once") == first
    assert drafts(port, shown) == [json.loads(first[1])["draft"]]
    assert desk.drafts() == drafts(port, shown)  # and an officer finds it


def test_killed_amid_many_requests_each_has_one_effect_in_the_end(desk: Any, serving: Any) -> None:
    """Some were answered, some done and not answered, some neither; afterwards nobody can tell, and nobody needs to."""
    port = free_port()
    set_up(desk, api=f"127.0.0.1:{port}")
    process = serving(desk)
    shown = token(desk, "draft")

    def post(key: str) -> tuple[int, bytes] | None:
        try:
            return ask(port, shown, "POST", "/v1/drafts", key)
        except (OSError, http.client.HTTPException):
            return None

    with ThreadPoolExecutor(8) as many:
        running = [many.submit(post, key) for key in KEYS]
        while sum(one.done() for one in running) < 6:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        before = {key: one.result() for key, one in zip(KEYS, running, strict=True)}
    process.communicate(timeout=120)
    serving(desk)
    after = {key: post(key) for key in KEYS}
    assert all(after[key] == answer for key, answer in before.items() if answer is not None)
    made = [json.loads(answer[1])["draft"] for answer in after.values() if answer is not None]
    assert sorted(drafts(port, shown)) == sorted(made)
    assert len(set(made)) == len(KEYS)


def test_a_command_that_revokes_a_token_cuts_its_stream(desk: Any, serving: Any) -> None:
    port = free_port()
    set_up(desk, api=f"127.0.0.1:{port}")
    serving(desk)
    shown = token(desk, "read")
    with socket.create_connection(("127.0.0.1", port), timeout=120) as stream:
        head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {shown}\r\n\r\n"
        stream.sendall(head.encode())
        assert b"200 OK" in stream.recv(4096)
        assert desk("tokens", "revoke", shown.split("_")[1]).code == 0
        rest = b""
        while not rest.endswith(b"0\r\n\r\n"):
            piece = stream.recv(4096)
            assert piece, "the connection was cut where only the stream should end"
            rest += piece
    assert ask(port, shown, "GET", "/v1/status")[0] == 401


def test_a_node_that_ends_with_an_open_stream_ends(desk: Any, serving: Any) -> None:
    port = free_port()
    set_up(desk, api=f"127.0.0.1:{port}")
    process = serving(desk)
    shown = token(desk, "read")
    with socket.create_connection(("127.0.0.1", port), timeout=120) as stream:
        head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {shown}\r\n\r\n"
        stream.sendall(head.encode())
        assert b"200 OK" in stream.recv(4096)
        process.terminate()
        process.communicate(timeout=120)
    assert process.returncode == 0


def test_what_is_kept_of_a_token_is_not_the_token(desk: Any, serving: Any) -> None:
    port = free_port()
    set_up(desk, api=f"127.0.0.1:{port}")
    process = serving(desk)
    shown = token(desk, "draft")
    assert ask(port, shown, "POST", "/v1/drafts", "kept")[0] == 201
    process.terminate()
    out, err = process.communicate(timeout=120)
    secret = shown.split("_", 2)[2]
    assert secret not in out + err
    for path in desk.home.iterdir():
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path.name


# -- what is loaded, and where it connects to


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a node whose modules and addresses are written down; so are those of the signers that it starts."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    started: list[subprocess.Popen[str]] = []

    def start(desk: Any, folder: Path, **more: str) -> subprocess.Popen[str]:
        folder.mkdir(exist_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")},
            "PARLEY_CHEAP_PASSPHRASES": "tests", "PYTHONPATH": str(tmp_path), "WATCHED_IN": str(folder), **more,
        }  # fmt: skip
        process = subprocess.Popen(
            desk.line("--json", "serve", "--while-stdin"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=environment, cwd=desk.folder,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith('{"party"')
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=120)


def loaded(folder: Path) -> set[str]:
    """The modules of the node itself when it ended."""
    found = [json.loads(path.read_text()) for path in folder.glob("modules-*")]
    (modules,) = [modules for arguments, modules in found if "serve" in arguments]
    return set(modules)


ONLY_FOR_PROGRAMS = ("parley.doors.api", "parley.program_door", "parley.outside.loopback", "parley.desk.repeats")
HEAVY = ("numba", "numpy", "polars", "pandas", "altair", "vl_convert", "schemathesis", "hypothesis")


def test_an_idle_node_without_an_api_loads_none_of_it(desk: Any, watched: Any, tmp_path: Path) -> None:
    process = watched(desk, tmp_path / "seen")
    process.terminate()
    process.wait(timeout=120)
    modules = loaded(tmp_path / "seen")
    assert "parley.wiring" in modules
    assert [one for one in sorted(modules) if one.startswith(ONLY_FOR_PROGRAMS)] == []
    assert [one for one in sorted(modules) if one.split(".")[0] in HEAVY] == []


def test_with_an_api_it_is_loaded(desk: Any, watched: Any, tmp_path: Path) -> None:
    """Control of the test before; and what is heavy is not loaded then either."""
    set_up(desk, api=f"127.0.0.1:{free_port()}")
    process = watched(desk, tmp_path / "seen")
    process.terminate()
    process.wait(timeout=120)
    modules = loaded(tmp_path / "seen")
    assert {"parley.doors.api.app", *ONLY_FOR_PROGRAMS} <= modules
    assert [one for one in sorted(modules) if one.split(".")[0] in HEAVY] == []


def strangers(folder: Path, allowed: set[tuple[str, int]], home: Path) -> list[Any]:
    """What was connected or sent to, looked up or bound: neither a configured address nor a socket of `home`."""
    found = []
    for path in folder.glob("sockets-*"):
        for line in path.read_text().splitlines():
            event, where = json.loads(line)
            if isinstance(where, str):
                known = where.startswith(f"{home}/") or where == ""
            else:
                known = (where[0], int(where[1] or 0)) in allowed
            if not known:
                found.append((event, where))
    return found


def test_a_node_connects_to_nobody_but_the_peers_that_are_configured(desk: Any, watched: Any, tmp_path: Path) -> None:
    """The whole story with every door open: a note, its receipts, reading, read-back, checkpoint, API, stop."""
    other = desk.other("XB", "boris")
    ours, theirs, api = free_port(), free_port(), free_port()
    for one, port in ((desk, ours), (other, theirs)):
        one.listen(port)
    particulars_with_ports(desk, ours, theirs)
    set_up(desk, api=f"127.0.0.1:{api}")
    first, second = watched(desk, tmp_path / "XA"), watched(other, tmp_path / "XB")
    note = tell_the_story(desk, other, api)
    assert desk("--json", "state", note).value["with"][0]["understanding"] in ("understood", "differs")
    for process in (first, second):
        process.terminate()
        process.wait(timeout=120)
    for one, folder, mine in ((desk, "XA", {ours, api}), (other, "XB", {theirs})):
        allowed = {("127.0.0.1", port) for port in (ours, theirs, *mine)}
        assert strangers(tmp_path / folder, allowed, one.home) == []
    # That it saw them at all: XA connected to XB's port, and bound its own two.
    seen = "".join(path.read_text() for path in (tmp_path / "XA").glob("sockets-*"))
    assert f'["socket.connect", ["127.0.0.1", {theirs}]]' in seen
    assert f'["socket.bind", ["127.0.0.1", {api}]]' in seen


def test_a_node_that_connected_elsewhere_would_be_seen(desk: Any, watched: Any, tmp_path: Path) -> None:
    """Control: something in the same process connects to an address that nobody configured."""
    ours, elsewhere = free_port(), free_port()
    desk.listen(ours)
    process = watched(desk, tmp_path / "XA", TELLTALE=str(elsewhere))
    process.terminate()
    process.wait(timeout=120)
    allowed = {("127.0.0.1", ours), ("127.0.0.1", peer_port(desk))}
    assert ("socket.connect", ["127.0.0.1", elsewhere]) in strangers(tmp_path / "XA", allowed, desk.home)


def peer_port(desk: Any) -> int:
    return int(desk("--json", "particulars", "show", "XB", "--no-qr").value["bearers"][0]["address"].rpartition(":")[2])


def particulars_with_ports(desk: Any, ours: int, theirs: int) -> None:
    """Both parties' next particulars name the ports of this test; each node is given the other's."""
    for one, port in ((desk, ours), (desk.other("XB", "boris"), theirs)):
        code = one.home.name
        assert one("particulars", "propose", f"{code}.next", "--https", f"127.0.0.1:{port}").code == 0
        for number in (1, 2):
            signed = one(
                "particulars", "sign", f"{code}.next", f"{code}.s{number}", "--root", f"{code}-root-{number}.key"
            )
            assert signed.code == 0, signed.err
        shares = ["--share", f"{code}.s1", "--share", f"{code}.s2"]
        done = one("particulars", "combine", f"{code}.next", f"{code}.new", *shares)
        assert done.code == 0, done.err
    for one, there in ((desk, "XB"), (desk.other("XB", "boris"), "XA")):
        shown = desk.other(there, "x")("--json", "particulars", "show", "--no-qr").value["phrase"]
        done = one("particulars", "accept", f"{there}.new", "--heard", shown, "--confirmed")
        assert done.code == 0, done.err


def tell_the_story(desk: Any, other: Any, api: int) -> str:
    """A note of XA that XB reads and answers the read-back of; returns its id, once the read-back is judged."""
    shown = token(desk, "read", "draft", "journal", "directory", "export")
    door = LocalClient(desk.home / "node.sock")
    until(lambda: door.call("can_seal", party="XB"))
    sent = desk("--json", "send", desk.draft(), "--yes", "--wait", "20")
    assert sent.code == 0, sent.err
    note: str = sent.value["note"]
    assert other("show", note).code == 0
    questions = other("--json", "read-back", note).value
    answers = [part for one in questions for part in ("--answer", f"{one['line']}={one['options'][0]['id']}")]
    done = other("read-back", note, *answers)
    assert done.code == 0, done.err
    door.call("show_checkpoint")
    assert ask(api, shown, "GET", f"/v1/notes/{note}")[0] == 200
    assert ask(api, shown, "POST", "/v1/drafts", "story")[0] == 201
    assert ask(api, shown, "GET", "/v1/journal/verification")[0] == 200
    until(lambda: door.call("state", note=note)["with"][0]["understanding"] in ("understood", "differs"))
    until(lambda: ask(api, shown, "GET", f"/v1/notes/{note}/archive")[0] == 200)
    door.close()
    return note


def until(true: Callable[[], Any], seconds: float = 120.0) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)
