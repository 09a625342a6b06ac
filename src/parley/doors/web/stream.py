"""The stream of the desk's pages (server-sent events): that something moved, and how much is unread; never what.

A page that hears it loads itself again, through every gate that a page passes. It ends when its session does, at the
latest `look_s` afterwards, and one stream is shared by the tabs of a browser (static/live.js).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from parley.clearance import Exit
from parley.desk.sign_in import sessions
from parley.doors.streaming import EventStream
from parley.doors.web.answers import ALWAYS, STREAM
from parley.doors.web.asked import SESSION, Asked
from parley.doors.web.passing import passing
from parley.doors.web.problems import WebProblem
from parley.line.note import Precedence

if TYPE_CHECKING:
    from parley.doors.web.desk import WebDesk

RETRY_MS = 3000


class Moved(msgspec.Struct, frozen=True):
    """One event: how many notes are unread by precedence, and how many of them are a FLASH that is real; how much a
    locked node took since its start and cannot read; the node's time (ms UTC), so that a wrong clock is noticed."""

    unread: dict[str, int]
    flash: int
    sealed: int
    at: int


async def moved(desk: WebDesk, asked: Asked) -> Moved:
    """What this officer would be told now."""
    seen = passing(asked.eyes, Exit.COUNT, [one for one in await desk.board.entries() if one.unread])
    counts = {one.name: sum(entry.precedence == one for entry in seen) for one in reversed(Precedence)}
    real = sum(entry.precedence == Precedence.FLASH and not entry.exercise for entry in seen)
    return Moved(counts, real, desk.node.taken_locked, desk.node.clock())


class Stream(EventStream):
    """One browser's stream."""

    def __init__(self, desk: WebDesk, asked: Asked) -> None:
        headers = {**ALWAYS, "content-type": STREAM, "content-security-policy": "default-src 'none'"}
        super().__init__(
            asked.officer, desk.streams, headers, retry_ms=RETRY_MS, stuck_s=desk.limits.stuck_s
        )
        self._desk, self._asked = desk, asked

    async def _go_on(self, gone: asyncio.Task[None]) -> None:
        name, last = "now", time.monotonic()
        while self._may_go_on() and not gone.done():
            waiting = self._desk.node.moved
            if name:
                found = await moved(self._desk, self._asked)
                if not self._may_go_on():
                    break
                await self._write(f"event: {name}\ndata: {msgspec.json.encode(found).decode()}\n\n")
                last = time.monotonic()
            elif time.monotonic() - last > self._desk.limits.beat_s:
                await self._write(": still here\n\n")
                last = time.monotonic()
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting.wait(), self._desk.limits.look_s)
            name = "moved" if waiting.is_set() else ""

    def _may_go_on(self) -> bool:
        """Asked before every event: a session that was ended gets none."""
        node, hours = self._desk.node, self._desk.keeper.hours
        secret = self._asked.cookies[SESSION]
        now = node.store.look(lambda look: sessions.stands(node, look, secret, hours))
        return now is not None and not self._desk.closing


async def events(desk: WebDesk, asked: Asked) -> Stream:
    """A stream for this officer; raises WebProblem("too_many_pages")."""
    if desk.streams[asked.officer] >= desk.limits.streams_per_officer:
        raise WebProblem("too_many_pages")
    return Stream(desk, asked)
