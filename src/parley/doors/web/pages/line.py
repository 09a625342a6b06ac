"""Line: every correspondence, newest first, narrowed by party, kind, what is open and words; the list shows no text."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from parley.clearance import Exit
from parley.desk import search
from parley.desk.board import Entry
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.passing import allowed, passing
from parley.line.note import Precedence

SHOWN = 25


class Correspondence(msgspec.Struct, frozen=True):
    """One thread in the list: its notes that may be seen, newest first."""

    thread: bytes
    notes: tuple[Entry, ...]

    @property
    def newest(self) -> Entry:
        """The note that came or went last."""
        return self.notes[0]

    @property
    def highest(self) -> int:
        """The highest precedence of a note that somebody still has to do with, else the newest one's."""
        still = [one.precedence for one in self.notes if one.unread or one.with_us or one.awaited]
        return max(still, default=self.newest.precedence)


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The list, a piece at a time."""
    wanted = {name: asked.query.get(name, "") for name in ("party", "kind", "open", "words")}
    everything, parties = _all(desk, asked, await desk.board.entries())
    found = [one for one in everything if _fits(one, wanted)] if any(wanted.values()) else everything
    if wanted["words"].strip():
        found = await _with_words(desk, asked, wanted["words"], found)
    start = _start(asked)
    return page(
        desk, asked, "line.html",
        threads=found[start : start + SHOWN],
        count=len(found),
        start=start,
        step=SHOWN,
        wanted=wanted,
        any_notes=bool(everything),
        parties=parties,
        precedences=[one.name for one in Precedence],
    )  # fmt: skip


def _all(desk: WebDesk, asked: Asked, entries: list[Entry]) -> tuple[list[Correspondence], list[str]]:
    """Every correspondence that may pass, and with whom; worked out again only when the board or the gate changed."""
    readable = [one for one in entries if one.readable]
    key = (desk.board.version, allowed(asked.eyes, Exit.PAGE, readable))
    found: tuple[list[Correspondence], list[str]] | None = desk.lines.get(key)
    if found is None:
        seen = [one for one in readable if one.kind in key[1]]
        found = threads(seen), sorted({party for one in seen for party in one.parties})
        desk.lines = {key: found}
    return found


def threads(entries: Iterable[Entry]) -> list[Correspondence]:
    """Notes of one thread together, the threads by their newest note; `entries` newest first."""
    found: dict[bytes, list[Entry]] = {}
    for one in entries:
        found.setdefault(one.thread, []).append(one)
    return [Correspondence(thread, tuple(notes)) for thread, notes in found.items()]


async def _with_words(
    desk: WebDesk, asked: Asked, words: str, among: list[Correspondence]
) -> list[Correspondence]:
    """Those with a note in which all these words stand and which may pass as a hit."""
    hits = await search.of(desk.node).find(words)
    return [
        one
        for one in among
        if passing(asked.eyes, Exit.SEARCH, [note for note in one.notes if note.note_id in hits])
    ]


def _fits(one: Correspondence, wanted: dict[str, str]) -> bool:
    if wanted["party"] and not any(wanted["party"] in note.parties for note in one.notes):
        return False
    if wanted["kind"] and one.newest.exercise is not (wanted["kind"] == "exercise"):
        return False
    states = {
        "unread": lambda: any(note.unread for note in one.notes),
        "ours": lambda: any(note.with_us for note in one.notes),
        "theirs": lambda: any(note.awaited for note in one.notes),
    }
    return wanted["open"] not in states or states[wanted["open"]]()


def _start(asked: Asked) -> int:
    given = asked.query.get("from", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 0
