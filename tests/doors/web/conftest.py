"""The desk over a real listener on loopback, behind it two simulated parties; a visitor is a cookie jar."""

from __future__ import annotations

import asyncio
import contextlib
import html
import http.client
import re
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest

from parley.clearance import Grant, Officer, Role, Roster
from parley.desk import by_hand, clear, draft, drill, drill_run, drill_wait, evidence, particulars, take_in
from parley.desk.fill import fill
from parley.desk.sign_in import codes, links
from parley.doors.web.desk import WebDesk
from parley.doors.web.limits import Limits
from parley.forms import load
from parley.journal import Checkpoint, fork_of_checkpoints, origin, sign_checkpoint
from parley.outside.settings import Desk, Home, Settings
from parley.precedents.asked import Asking
from parley.public_record import open_asking
from parley.seal import CHEAP_FOR_TESTS, digest
from parley.terms.marking import Marking, Tlp
from parley.testing import PartyKeys, SimulatedParty, pair, settle
from parley.web_door import open_desk

T = TypeVar("T")
PASSPHRASE = "seven words of the tests"
ROOMY = Limits(rate=10_000, burst=10_000, strangers=10_000, strangers_burst=10_000)
LINK_CHECK = {10: "timetable"}


@dataclass
class Got:
    """An answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def plain(self) -> str:
        """The words of the page, without markup."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.text)).split())

    def hidden(self, name: str) -> str:
        """The value of the last hidden field of that name: those of the frame come first."""
        found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        return html.unescape(found[-1]) if found else ""


@dataclass
class Visitor:
    """A browser as the desk sees one: cookies, the Origin that it sends, a language."""

    port: int
    host: str = ""
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.host = self.host or f"localhost:{self.port}"

    def get(self, path: str, **headers: str) -> Got:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> Got:
        data = urlencode(fields or {}, doseq=True).encode()
        sent = {"Origin": f"http://{self.host}", "Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", path, data, **sent)

    def upload(self, path: str, content: bytes, fields: dict[str, str], name: str = "file.parley") -> Got:
        """A form with a file, as a browser sends it (RFC 7578)."""
        parts = [f'name="{field}"\r\n\r\n{value}'.encode() for field, value in fields.items()]
        head = f'name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts += [head.encode() + content]
        body = b"".join(b"--edge\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
        kind = "multipart/form-data; boundary=edge"
        return self.ask("POST", path, body + b"--edge--\r\n", **{"Content-Type": kind, "Origin": f"http://{self.host}"})

    def send(self, page: str, path: str, fields: dict[str, Any] | None = None) -> Got:
        """A form of a page: with the token that the page carries."""
        return self.post(path, {"token": self.get(page).hidden("token"), **(fields or {})})

    def ask(self, method: str, path: str, data: bytes | None, **headers: str) -> Got:
        sent = {"Host": self.host, "Accept-Language": self.language}
        sent |= {name.replace("_", "-"): value for name, value in headers.items() if value}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            got = Got(answer.status, answer.getheaders(), answer.read())
        for name, line in got.headers:
            if name.lower() == "set-cookie":
                key, _, value = line.partition(";")[0].partition("=")
                if "Max-Age=0" in line:
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = value
        return got


@dataclass
class Served:
    """XA's node with its desk, in a thread with a loop of its own; XB is its peer."""

    ours: SimulatedParty
    theirs: SimulatedParty
    desk: WebDesk
    port: int
    loop: asyncio.AbstractEventLoop
    secrets: dict[str, bytes] = field(default_factory=dict)

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Something in the node's loop."""
        return asyncio.run_coroutine_threadsafe(act, self.loop).result(180)

    def link(self, officer: str) -> str:
        """The path of a new link for an officer."""
        return f"/set-up/{self.do(links.make(self.ours.node, officer, 'the machine'))}"

    def visitor(self, **fields: Any) -> Visitor:
        return Visitor(self.port, **fields)

    def officer(self, name: str = "amal", **fields: Any) -> Visitor:
        """A browser in which an officer has just made an account, and so is signed in."""
        made = self.visitor(**fields)
        done = self.make_account(made, self.link(name), name)
        assert done.status == 200, done.plain
        return made

    def make_account(self, visitor: Visitor, path: str, name: str, passphrase: str = PASSPHRASE) -> Got:
        page = visitor.get(path)
        assert page.status == 200, page.plain
        spelt = re.search(r'<code class="secret" dir="ltr">([A-Z2-7 ]+)</code>', page.text)
        assert spelt
        self.secrets[name] = decoded(spelt[1])
        given = {"officer": name, "passphrase": passphrase, "again": passphrase, "code": self.code(name)}
        return visitor.post(path, given)

    def code(self, name: str) -> str:
        """What the officer's device shows now, by the node's clock."""
        return codes.code_at(self.secrets[name], self.ours.clock() // codes.STEP_MS)

    def sign_in(self, name: str = "amal", visitor: Visitor | None = None, **fields: Any) -> Visitor:
        """Sign in with passphrase and code, half a minute later so that the code is a new one."""
        made = visitor or self.visitor()
        self.ours.clock.sleep(codes.STEP_MS)
        given = {"officer": name, "passphrase": PASSPHRASE, "code": self.code(name), "to": "/today", **fields}
        done = made.post("/sign-in", given)
        assert done.status == 303, done.plain
        return made

    def grant_all(self, *officers: str) -> None:
        """One officer for each role, named by it; `officers` besides, without any."""
        names = [role.value for role in Role] + list(officers)
        two = ("amal", "basma")
        grants = tuple(Grant(officer=role.value, role=role, since=0, given_by=two) for role in Role)
        self.ours.node.roster = Roster(officers=tuple(Officer(name=name) for name in names), grants=grants)

    def note_from_them(self, tlp: Tlp = Tlp.AMBER, form: int = 1, lines: Any = None, **fields: Any) -> str:
        """A note of XB that arrived here; returns its id."""
        marking = Marking(tlp, fields.pop("national", None)).to_coded()
        sent = self.do(self.theirs.write(self.ours, form, lines or LINK_CHECK, marking=marking, **fields))
        self.do(settle(self.ours, self.theirs))
        return sent.hex()

    def note_of_ours(self, form: int = 1, lines: Any = None, tlp: Tlp = Tlp.AMBER, **fields: Any) -> str:
        """A note of XA that arrived there."""
        coded = Marking(tlp).to_coded()
        sent = self.do(self.ours.write(self.theirs, form, lines or LINK_CHECK, marking=coded, **fields))
        self.do(settle(self.ours, self.theirs))
        return sent.hex()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def decoded(spelt: str) -> bytes:
    import base64

    text = spelt.replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


def shipped() -> Asking:
    """The public record as it is shipped."""
    return open_asking(":memory:")


@contextlib.contextmanager
def serving(
    folder: Path = Path("/nonexistent"), limits: Limits = ROOMY, asking: Any = shipped, **wanted: Any
) -> Iterator[Served]:  # fmt: skip
    """A node with a desk, ended with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stack = contextlib.AsyncExitStack()

    async def start() -> Served:
        ours, theirs = await pair()

        async def unlock(passphrase: str) -> int:
            from parley.seal import SealProblem

            if passphrase != PASSPHRASE:
                raise SealProblem("wrong_passphrase")
            return await ours.unlock()

        settings = Settings(party="XA", desk=Desk(**{"listen": f"127.0.0.1:{free_port()}", **wanted}))
        desk, address = await open_desk(stack, ours.node, Home(folder), settings, unlock, CHEAP_FOR_TESTS, asking)
        desk.limits = limits
        return Served(ours, theirs, desk, int(address.rpartition(":")[2]), loop)

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(180)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(180)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(180)
        loop.close()


@pytest.fixture
def served() -> Iterator[Served]:
    """A node of the test's own."""
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def alone() -> Any:
    """A node with settings of the test's own: ``with alone(folder, name=…) as served``."""
    return serving


@pytest.fixture(scope="session")
def shared() -> Iterator[Served]:
    """One node for the tests that change nothing that another one sees."""
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def lived_in() -> Iterator[tuple[Served, Visitor, dict[str, str]]]:
    """A desk in the middle of a night: a note of theirs, a faulty draft, a note that waits; with their ids."""
    swapped = [(10, "stop-traffic"), (11, "XA"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XB"),
               (16, "health"), (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"),
               (23, "13h"), (27, f"text/plain 5 {'0a' * 32}")]  # fmt: skip
    with serving() as served:
        visitor = served.officer("amal")
        lines = fill(load().form(11), swapped)
        note = served.note_from_them(form=11, lines=lines, precedence=3)
        served.note_of_ours()
        page = visitor.get("/drafts/new/10")
        drafts = page.text.partition('action="/drafts/')[2].partition('"')[0]
        head = {"form": "10", "version": "new", "written-in": "en", "office": "duty", "to": "XB/duty"}
        more = {"reality": "exercise", "precedence": "IMMEDIATE", "marking": "AMBER", "line-18": "yesterday <night>"}
        visitor.post(f"/drafts/{drafts}", {"token": page.hidden("token"), **head, **more})
        made = draft.Draft(
            form=1, office="duty", to=("XB/duty",), lines=LINK_CHECK, written_in="en", officer="amal", exercise=True
        )
        waits = served.do(draft.save(served.ours.node, made))
        waiting = served.do(clear.submit(served.ours.node, waits, "amal")).note_id.hex()
        stranger = PartyKeys("XC")
        served.do(particulars.bring(served.ours.node, stranger.signed(stranger.particulars(served.ours.clock()))))
        contact = by_hand.Contact(party="XE", office="duty", language="ar", entered_by="amal", at=served.ours.clock())
        served.do(by_hand.add_contact(served.ours.node, contact))
        lines = fill(load().form(11), [(number, {"XA": "XE"}.get(code, code)) for number, code in swapped])
        carried = served.do(served.ours.write("XE", 11, lines))
        ids = {"{note}": note, "{draft}": drafts, "{good}": waits, "{waiting}": waiting, "{carried}": carried.hex()}
        ids |= {"{held}": served.do(_held(served)), "{drill}": served.do(_handed_in(served))}
        served.do(_evidence(served))
        yield served, visitor, ids


async def _held(served: Served) -> str:
    """A drill of which a run was held, unanswered."""
    node = served.ours.node
    made = await drill.schedule(node, drill.Wanted(name="Link check", first_at=node.clock(), officer="amal"))
    batch = await drill_run.compose_run(node, made.id, officer="amal", now_at_once=True)
    signed = [served.ours.keys.sign_note(one.payload) for one in batch.composed]
    await drill_run.release_run(node, made.id, batch.number, batch.due_at, signed, {}, "amal")
    return made.id


async def _handed_in(served: Served) -> str:
    """A drill in own words, of which a run waits."""
    own = {10: "exercise", 11: ["en", "A blatant attack has begun."], 12: "answer"}
    wanted = drill.Wanted(
        name="Own words", first_at=served.ours.clock(), officer="amal", form=90, lines=own, every=drill.Every.YEARLY
    )
    made = await drill.schedule(served.ours.node, wanted)
    await drill_wait.hand_in(served.ours.node, made.id, "amal")
    return made.id


async def _evidence(served: Served) -> None:
    """Two faces of XB's journal, kept here."""
    journal, now = origin("XB", served.theirs.node.incarnation), served.ours.clock()
    faces = [Checkpoint(journal, 3, digest(word)) for word in (b"one", b"two")]
    heads = [sign_checkpoint(one, served.theirs.keys.node, now) for one in faces]
    data = fork_of_checkpoints(*heads, "XB", evidence.chain_of(served.ours.node, "XB")).to_bytes()
    await take_in.take_in(served.ours.node, data)


def until(found: Any, seconds: float = 20.0) -> Any:
    """Wait until `found()` is something."""
    ends = time.monotonic() + seconds
    while not (it := found()):
        assert time.monotonic() < ends
        time.sleep(0.05)
    return it
