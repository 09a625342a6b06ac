"""How long the desk's pages take with many notes in store, and how much they weigh.

    python bench/web.py --json [--notes 10000] [--requests 60]

One node with a SQLite store on disk, filled with real signed notes under one archive key: half of them theirs, in
threads of four, one in twenty still open. Pages are asked for through the application itself, sign-in, gates and
templates included, without a socket; one request in five comes after a conversation was written. Times are of the
server alone. p95 of each page in each of three interleaved rounds, the best round counts. Beside each page: its ratio
to a bare query of as many rows with an empty template, in the same rounds. The page of precedents searches the public
record that is shipped. The weight is that of the page with the styles and modules that it loads. The board is filled in
two ways, in turns: as it is, and in pieces of the one loop as it was; with each, what the loop and a page wait.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from msgspec.structs import replace

from parley.desk import follow
from parley.desk.board import Board
from parley.desk.fill import fill
from parley.desk.sign_in import codes, links
from parley.doors.web import static
from parley.doors.web.app import make_app
from parley.doors.web.asked import SESSION
from parley.doors.web.desk import WebDesk
from parley.doors.web.limits import Limits
from parley.forms import load
from parley.journal import LeafKind
from parley.line.conversation import _RECENT, read_conversation
from parley.line.note import Note, Recipient, note_id
from parley.line.ports import ConversationRow, NoteRow, Origin, Tx
from parley.line.states import Answer, Delivery, Understanding
from parley.outside.settings import Desk, Home, Settings
from parley.outside.store import open_sqlite
from parley.public_record import open_asking
from parley.seal import CHEAP_FOR_TESTS, digest
from parley.testing import FakeClock, SeededRandomness, SimulatedParty
from parley.web_door import open_desk, ticks

ROUNDS, PIECE, OPEN_ONE_IN, THREAD, TOUCHED_ONE_IN = 3, 250, 20, 4, 5
WORM = [
    (10, "stop-traffic"), (11, "XA"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XB"), (16, "health"),
    (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"), (23, "13h"),
]  # fmt: skip
PASSPHRASE = "seven words of a bench"


class Filled:
    """The node, and the ids of its notes."""

    def __init__(self, ours: SimulatedParty, theirs: SimulatedParty) -> None:
        self.ours, self.theirs, self.ids = ours, theirs, list[bytes]()

    async def fill(self, template: Note, wanted: int) -> None:
        """Signed notes, their conversations and journal entries, as release and receive would have left them."""
        node = self.ours.node
        for start in range(0, wanted, PIECE):
            made = [self._note(template, number) for number in range(start, min(start + PIECE, wanted))]
            await node.store.write(lambda tx, made=made: [self._keep(tx, *one) for one in made], point="bench")
            self.ours.clock.sleep(60_000)

    def _note(self, template: Note, number: int) -> tuple[int, Note, bytes, bytes]:
        incoming = number % 2 == 0
        sender = self.theirs if incoming else self.ours
        place = number - number % THREAD
        thread = self.ids[place] if number % THREAD and place < len(self.ids) else None
        changes = {
            "sender": template.sender if incoming else template.recipients[0].address,
            "recipients": (Recipient(template.recipients[0].address if incoming else template.sender, 10**9 + number),),
            "signed_at": self.ours.clock() + number % PIECE,
            "incarnation": sender.node.incarnation,
            "answer_by": None,
            "thread": thread,
        }
        note = _changed(template, changes)
        payload = note.to_payload()
        self.ids.append(note_id(payload))
        return number, note, self.ids[-1], sender.keys.sign_note(payload)

    def _keep(self, tx: Tx, number: int, note: Note, identity: bytes, signed: bytes) -> None:
        node, now = self.ours.node, self.ours.clock()
        incoming = number % 2 == 0
        kind = LeafKind.NOTE_IN if incoming else LeafKind.NOTE_OUT
        leaf, _ = node.write_leaf(tx, kind, digest(signed), now)
        row = NoteRow(
            note_id=identity, direction="in" if incoming else "out", sender=note.sender.party, office="duty",
            form=note.form, precedence=int(note.precedence), exercise=True, signed_at=note.signed_at,
            thread=note.thread or identity, body=node.lock_body(identity, signed), leaf=leaf, stored_at=now,
        )  # fmt: skip
        tx.add_note(row)
        if incoming:
            follow.begin_their(node, tx, note, identity, now, now)
        else:
            follow.begin(node, tx, note, identity, "XB", digest(signed), now)
        if number % OPEN_ONE_IN:
            self._close(tx, identity)

    def _close(self, tx: Tx, identity: bytes) -> None:

        row = tx.conversation(identity, "XB")
        assert row is not None
        done = replace(
            read_conversation(row.state), delivery=Delivery.READ, understanding=Understanding.NOT_ASKED,
            answer=Answer.NOT_AWAITED,
        )  # fmt: skip
        tx.set_conversation(ConversationRow(note_id=identity, party="XB", state=done.to_bytes(), due=None))


def _changed(note: Note, changes: dict[str, Any]) -> Note:
    return replace(note, **changes)


async def ask(app: Any, host: str, path: str, cookie: str, method: str = "GET", data: bytes = b"") -> tuple[int, bytes]:
    """One request through the application."""
    headers = [(b"host", host.encode()), (b"accept-language", b"en"), (b"cookie", cookie.encode())]
    if method == "POST":
        headers += [(b"origin", f"http://{host}".encode()), (b"content-type", b"application/x-www-form-urlencoded")]
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": where, "raw_path": where.encode(), "query_string": query.encode(),
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 1), "client": None,
        "root_path": "", "state": {},
    }  # fmt: skip
    status, body = 0, bytearray()

    async def receive() -> Any:
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)
        body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return status, bytes(body)


async def signed_in(desk: WebDesk) -> str:
    """The cookie of an officer who has just made an account."""
    secret = await links.make(desk.node, "amal", "bench")
    _, first = links.open_link(desk.node, desk.keeper, secret)
    wanted = links.Wanted(
        officer="amal", language="en", passphrase=PASSPHRASE, again=PASSPHRASE,
        code=codes.code_at(first.secret, desk.node.clock() // codes.STEP_MS),
    )  # fmt: skip
    _, begun = await links.use(desk.node, desk.keeper, secret, wanted, "bench", "")
    return f"{SESSION}={begun.secret}"


def bare(node: Any) -> Callable[[], None]:
    """The floor: as many rows as a list shows, into a template that is empty."""
    template = jinja2.Environment(autoescape=True).from_string("")

    def once() -> None:
        rows = node.store.look(lambda look: look.notes(limit=25))
        template.render(rows=rows)

    return once


def weight(page: bytes) -> int:
    """A page with what it loads from this desk."""
    names = set(re.findall(r'(?:href|src)="/static/([^"]+)"', page.decode()))
    loaded = [static.answer(name) for name in names if not name.endswith(".svg")]
    return len(page) + sum(len(one.body) for one in loaded if one is not None)


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


async def measure(notes: int, requests: int, folder: Path) -> dict[str, Any]:
    clock = FakeClock()
    store = open_sqlite(folder / "store.sqlite", Origin("XA", "node-1", SeededRandomness("web")(16)))
    ours, theirs = SimulatedParty("XA", clock, store), SimulatedParty("XB", clock)
    await ours.start()
    await theirs.start()
    await ours.meet(theirs)
    await theirs.write(ours, 11, fill(load().form(11), WORM), precedence=2)
    template = follow.our_note(theirs.node, _Looking(theirs.node), theirs.node.store.look(_newest))
    filled = Filled(ours, theirs)
    began = time.perf_counter()
    await filled.fill(template, notes)
    filling = time.perf_counter() - began
    async with contextlib.AsyncExitStack() as stack:
        settings = Settings(party="XA", desk=Desk(listen="127.0.0.1:18471"))
        unlock = ours.unlock
        desk, address = await open_desk(
            stack, ours.node, Home(folder), settings, lambda _: unlock(), CHEAP_FOR_TESTS,
            lambda: open_asking(folder / "precedents.sqlite"),
        )  # fmt: skip
        desk.limits = Limits(rate=1e9, burst=10**9)
        cookie = await signed_in(desk)
        app, host = make_app(desk), address.removeprefix("http://")
        await desk.board.entries()
        boards = await _boards(app, host, cookie, desk)
        return await _rounds(app, host, cookie, desk, filled, requests) | boards | {
            "notes": notes, "filling_s": round(filling, 1),
        }


class InPieces(Board):
    """The board as it was filled before: in pieces between other work of the one loop."""

    async def _fill(self) -> None:
        rows = self._node.store.look(lambda look: look.notes(limit=1_000_000))
        for start in range(0, len(rows), 200):
            for row in rows[start : start + 200]:
                self._entries[row.note_id] = self._node.store.look(lambda look, row=row: self._entry(look, row))
            await asyncio.sleep(0)
        self._vault = self._node.vault


async def _boards(app: Any, host: str, cookie: str, desk: WebDesk) -> dict[str, Any]:
    """How long the board takes, and what the loop and another page wait meanwhile; both ways, in turns, the medians."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, kind in (("board_in_pieces", InPieces), ("board", Board)):
            _RECENT.clear()
            board = kind(desk.node, ticks)
            filling = asyncio.create_task(board.entries())
            began, lags, pages = time.perf_counter(), [], []
            while not filling.done():
                asked = time.perf_counter()
                await asyncio.sleep(0.01)
                slept = time.perf_counter()
                lags.append((slept - asked) * 1000 - 10)
                await ask(app, host, "/directory", cookie)
                pages.append((time.perf_counter() - asked) * 1000 - 10)
            values = {"s": time.perf_counter() - began, "loop_worst_ms": max(lags), "page_p95_ms": p95(pages)}
            for what, value in values.items():
                found.setdefault(f"{name}_{what}", []).append(value)
    return {name: round(sorted(values)[len(values) // 2], 2) for name, values in found.items()}


async def _rounds(
    app: Any, host: str, cookie: str, desk: WebDesk, filled: Filled, requests: int
) -> dict[str, Any]:
    pages: dict[str, Callable[[int], str]] = {
        "today": lambda number: "/today",
        "line": lambda number: f"/line?from={number % 10 * 25}",
        "thread": lambda number: f"/notes/{filled.ids[number * 37 % len(filled.ids)].hex()}",
        "compose": lambda number: "/drafts/new/11",
        "precedents": lambda number: "/precedents?words=" + ("ransomware", "worm", "election", "grid")[number % 4],
    }
    floor = bare(desk.node)
    found: dict[str, list[float]] = {name: [] for name in pages}
    ratios: dict[str, list[float]] = {name: [] for name in pages}
    heaviest: dict[str, int] = dict.fromkeys(pages, 0)
    for path in pages.values():  # templates are compiled once
        assert (await ask(app, host, path(0), cookie))[0] == 200
    for round_ in range(ROUNDS):
        times: dict[str, list[float]] = {name: [] for name in pages}
        bares = []
        for number in range(requests):
            for name, path in pages.items():
                if number % TOUCHED_ONE_IN == 0:
                    desk.board.touch(filled.ids[number])
                began = time.perf_counter()
                status, body = await ask(app, host, path(round_ * requests + number), cookie)
                times[name].append((time.perf_counter() - began) * 1000)
                assert status == 200, (name, status, body[-400:])
                heaviest[name] = max(heaviest[name], weight(body))
            began = time.perf_counter()
            floor()
            bares.append((time.perf_counter() - began) * 1000)
        for name in pages:
            found[name].append(p95(times[name]))
            ratios[name].append(p95(times[name]) / p95(bares))
    result: dict[str, Any] = {}
    for name in pages:
        best = min(range(ROUNDS), key=lambda number, name=name: found[name][number])
        result |= {
            f"{name}_p95_ms": round(found[name][best], 2), f"{name}_ratio": round(ratios[name][best], 1),
            f"{name}_rounds_ms": [round(one, 2) for one in found[name]], f"{name}_kb": round(heaviest[name] / 1000, 1),
        }
    return {
        "worst_p95_ms": max(result[f"{name}_p95_ms"] for name in pages),
        "worst_page_kb": max(result[f"{name}_kb"] for name in pages),
        **result,
    }


class _Looking:
    """What `follow.our_note` asks of a transaction, outside of one."""

    def __init__(self, node: Any) -> None:
        self._node = node

    def note(self, identity: bytes) -> Any:
        return self._node.store.look(lambda look: look.note(identity))


def _newest(look: Any) -> bytes:
    return look.notes(limit=1)[0].note_id


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=60, help="of each page in each round")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(given.notes, given.requests, Path(folder)))
    if not given.json:
        for name, value in found.items():
            print(f"{name:>20} {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
