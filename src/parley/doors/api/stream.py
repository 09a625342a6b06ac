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

from parley.clearance import Exit
from parley.desk import access, happened, tokens
from parley.desk.find import open_note
from parley.desk.tokens import Token
from parley.doors.api import shapes
from parley.doors.api.answers import ALWAYS, STREAM
from parley.doors.problems import DoorProblem
from parley.doors.streaming import EventStream
from parley.terms.problem import Problem

if TYPE_CHECKING:
    from parley.doors.api.app import Desk
    from parley.doors.api.asked import Asked

ID = re.compile(r"([0-9a-f]{16})-(\d{1,15})")
RETRY_MS = 2000
MOST_KNOWN = 20_000


class Stream(EventStream):
    """One program's stream, from the event after `number`."""

    def __init__(self, desk: Desk, token: Token, number: int, *, gap: bool) -> None:
        headers = {**ALWAYS, "content-type": STREAM}
        super().__init__(token.id, desk.streams, headers, retry_ms=RETRY_MS, stuck_s=desk.limits.stuck_s)
        self._desk, self._token, self._number, self._gap = desk, token, number, gap
        self._ahead = number  # up to here a locked node has told what it took

    async def _go_on(self, gone: asyncio.Task[None]) -> None:
        if self._gap:
            await self._event(f"{self._life}-{self._number}", shapes.Happened(what="gap", at=self._desk.node.clock()))
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
        """Send what came since; of a locked node only that it took something: nobody can tell how notes are marked."""
        node = self._desk.node
        if node.vault is None:
            return await self._taken()
        found = list(node.store.look(lambda look: list(happened.after(look, self._number))))
        for one in found:
            if not self._may_go_on():
                return False
            told = one.what == happened.TAKEN and one.number <= self._ahead
            if not told and (one.what == happened.TAKEN or self._passes(bytes.fromhex(one.note))):
                shape = msgspec.convert(one, shapes.Happened, from_attributes=True)
                await self._event(f"{self._life}-{one.number}", shape)
            self._number = one.number
        return bool(found)

    async def _taken(self) -> bool:
        """What is about no note overtakes what waits for the unlock, under the id of the event before all of that."""
        start = max(self._ahead, self._number)
        found = list(self._desk.node.store.look(lambda look: list(happened.after(look, start))))
        for one in found:
            if not self._may_go_on():
                return False
            if one.what == happened.TAKEN:
                shape = msgspec.convert(one, shapes.Happened, from_attributes=True)
                await self._event(f"{self._life}-{self._number}", shape)
            self._ahead = one.number
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
