"""The stream of what happened (server-sent events, WHATWG HTML 9.2): resumable, and cut when its token ends.

An event's id is the journal's incarnation and a number; a program that comes back with Last-Event-ID misses nothing
that is kept, and is told ``gap`` where something is not. ``Last-Event-ID: 0`` asks for everything that is kept.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from starlette.types import Message, Receive, Scope, Send

from parley.clearance import Exit
from parley.desk import access, happened, tokens
from parley.desk.find import open_note
from parley.desk.tokens import Token
from parley.doors.api import shapes
from parley.doors.api.answers import ALWAYS, STREAM
from parley.doors.problems import DoorProblem
from parley.terms.problem import Problem

if TYPE_CHECKING:
    from parley.doors.api.app import Desk
    from parley.doors.api.asked import Asked

ID = re.compile(r"([0-9a-f]{16})-(\d{1,15})")
RETRY_MS = 2000
MOST_KNOWN = 20_000


class Stream:
    """One open stream, as an ASGI application that answers one request."""

    def __init__(self, desk: Desk, token: Token, number: int, *, gap: bool) -> None:
        self._desk, self._token, self._number, self._gap = desk, token, number, gap
        self._send: Send | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the caller is gone, the token has ended, or the node stops."""
        self._send = send
        gone = asyncio.create_task(_until_gone(receive))
        self._desk.streams[self._token.id] += 1
        try:
            await self._begin()
            await self._go_on(gone)
            await self._give({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            scope["state"]["abort"]()  # it takes nothing: what is still to be written would keep the connection
        finally:
            gone.cancel()
            self._desk.streams[self._token.id] -= 1

    async def _begin(self) -> None:
        headers = [(name.encode(), value.encode()) for name, value in {**ALWAYS, "content-type": STREAM}.items()]
        await self._give({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(f"retry: {RETRY_MS}\n\n")
        if self._gap:
            await self._event(f"{self._life}-{self._number}", shapes.Happened(what="gap", at=self._desk.node.clock()))

    async def _go_on(self, gone: asyncio.Task[None]) -> None:
        last = time.monotonic()
        while self._may_go_on() and not gone.done():
            moved = self._desk.node.moved
            if await self._news():
                last = time.monotonic()
                continue
            if time.monotonic() - last > self._desk.limits.beat_s:
                await self._write(": still here\n\n")
                last = time.monotonic()
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), self._desk.limits.look_s)

    def _may_go_on(self) -> bool:
        """Asked before every event: what was revoked gets none."""
        now = tokens.held(self._desk.node, self._token.id)
        return now is not None and now.standing(self._desk.node) == "valid" and not self._desk.closing

    async def _news(self) -> bool:
        """Send what came since; nothing while the node is locked, for nobody can then tell how it is marked."""
        node = self._desk.node
        if node.vault is None:
            return False
        found = list(node.store.look(lambda look: list(happened.after(look, self._number))))
        for one in found:
            if not self._may_go_on():
                return False
            if self._passes(bytes.fromhex(one.note)):
                shape = msgspec.convert(one, shapes.Happened, from_attributes=True)
                await self._event(f"{self._life}-{one.number}", shape)
            self._number = one.number
        return bool(found)

    def _passes(self, identity: bytes) -> bool:
        """Whether the note may pass; a marking is signed and never changes."""
        known = self._desk.passing
        if len(known) > MOST_KNOWN:
            known.clear()
        if identity not in known:
            try:
                known[identity] = self._marked_so(identity)
            except Problem:
                return False
        return known[identity]

    def _marked_so(self, identity: bytes) -> bool:
        node = self._desk.node
        row = node.store.look(lambda look: look.note(identity))
        if row is None:
            return False
        return access.passes(self._desk.reader, Exit.STREAM, access.note_thing(open_note(node, row)))

    async def _event(self, identity: str, found: shapes.Happened) -> None:
        await self._write(f"id: {identity}\nevent: {found.what}\ndata: {msgspec.json.encode(found).decode()}\n\n")

    async def _write(self, text: str) -> None:
        await self._give({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _give(self, message: Message) -> None:
        assert self._send is not None
        async with asyncio.timeout(self._desk.limits.stuck_s):
            await self._send(message)

    @property
    def _life(self) -> str:
        return life(self._desk)


def life(desk: Desk) -> str:
    """The beginning of every id: numbers count anew in a new incarnation of the journal."""
    return desk.node.incarnation.hex()[:16]


async def events(desk: Desk, asked: Asked) -> Stream:
    """A stream that goes on where the caller left off, else from now; raises DoorProblem("too_many_streams")."""
    if desk.streams[asked.by.id] >= desk.limits.streams_per_token:
        raise DoorProblem("too_many_streams", most=desk.limits.streams_per_token)
    oldest, newest = desk.node.store.look(lambda look: (happened.oldest(look), happened.newest(look)))
    if not asked.last_event:
        return Stream(desk, asked.by, newest, gap=False)
    if asked.last_event == "0":
        return Stream(desk, asked.by, oldest - 1, gap=oldest > 1)
    found = ID.fullmatch(asked.last_event)
    if found is None or found[1] != life(desk) or not oldest - 1 <= int(found[2]) <= newest:
        return Stream(desk, asked.by, oldest - 1, gap=True)
    return Stream(desk, asked.by, int(found[2]), gap=False)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
