"""Line: every correspondence, newest first, narrowed by party, form, kind, standing, day, what is open and words.

The list shows no text. Every filter is a parameter of the address, so that a narrowed list can be kept as a bookmark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import IntEnum
from urllib.parse import urlencode

import msgspec

from parley.clearance import Exit
from parley.desk import search
from parley.desk.board import Entry
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.talks import seen as talks_seen
from parley.doors.web.passing import allowed, passing
from parley.line import states
from parley.line.conversation import Conversation

SHOWN = 25
DAY_MS = 86_400_000
FILTERS = ("party", "form", "kind", "open", "state", "since", "until", "words")
STATES: dict[str, tuple[str, ...]] = {
    "delivery": ("queued", "full", "unopenable", "refused", "taken", "opened", "read"),
    "understanding": ("awaited", "given", "understood", "differs", "declined", "clarified"),
    "answer": ("awaited", "holding", "passed_on", "in_hand", "declined", "answered", "acted", "closed"),
}
"""Where a note stands, on each of its three axes (parley.line.states), as far as somebody would look for it."""


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
    wanted = {name: asked.query.get(name, "").strip()[:200] for name in FILTERS}
    everything, parties, forms = _all(desk, asked, await desk.board.entries())
    fits = _tests(wanted)
    found = [one for one in everything if all(any(map(test, one.notes)) for test in fits)] if fits else everything
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
        forms=forms,
        states=STATES,
        filtered=any(wanted.values()),
        query=urlencode({name: value for name, value in wanted.items() if value}),
        pages=(len(found) + SHOWN - 1) // SHOWN,
        number=start // SHOWN + 1,
        talks=len(talks_seen(desk, asked)),
    )  # fmt: skip


Lists = tuple[list[Correspondence], list[str], list[int]]


def _all(desk: WebDesk, asked: Asked, entries: list[Entry]) -> Lists:
    """Every correspondence that may pass, with whom, and with which forms; worked out again only when the board or the
    gate changed."""
    readable = [one for one in entries if one.readable]
    key = (desk.board.version, allowed(asked.eyes, Exit.PAGE, readable))
    found: Lists | None = desk.lines.get(key)
    if found is None:
        seen = [one for one in readable if one.kind in key[1]]
        parties = sorted({party for one in seen for party in one.parties})
        found = threads(seen), parties, sorted({one.form for one in seen})
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


Test = Callable[[Entry], bool]


def _tests(wanted: dict[str, str]) -> list[Test]:
    """What some note of a correspondence has to be, each test for itself; form, standing and day are one test, so that
    one and the same note has to be all three. What is no value of a filter narrows nothing."""
    same: list[Test] = []
    if wanted["form"].isascii() and wanted["form"].isdigit() and len(wanted["form"]) < 6:
        form = int(wanted["form"])
        same.append(lambda one: one.form == form)
    if state := _state(wanted["state"]):
        same.append(lambda one: any(map(state, one.conversations)))
    if (since := _day(wanted["since"])) is not None:
        same.append(lambda one: one.stored_at >= since)
    if (until := _day(wanted["until"])) is not None:
        same.append(lambda one: one.stored_at < until + DAY_MS)
    found: list[Test] = [lambda one: all(test(one) for test in same)] if same else []
    if wanted["party"]:
        found.append(lambda one: wanted["party"] in one.parties)
    if wanted["kind"] in ("real", "exercise"):
        found.append(lambda one: one.exercise is (wanted["kind"] == "exercise"))
    opens: dict[str, Test] = {
        "unread": lambda one: one.unread,
        "ours": lambda one: bool(one.with_us),
        "theirs": lambda one: bool(one.awaited),
        "proposed": lambda one: bool(one.proposed),
    }
    return [*found, opens[wanted["open"]]] if wanted["open"] in opens else found


def _state(given: str) -> Callable[[Conversation], bool] | None:
    """``delivery.taken`` and the like."""
    axis, _, name = given.partition(".")
    if name not in STATES.get(axis, ()):
        return None
    kinds: dict[str, type[IntEnum]] = {
        "delivery": states.Delivery, "understanding": states.Understanding, "answer": states.Answer,
    }  # fmt: skip
    value = kinds[axis][name.upper()]
    return lambda c: getattr(c, axis) is value


def _day(given: str) -> int | None:
    """The beginning of a day in UTC (``2026-11-28``), in ms."""
    try:
        return int(datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None


def _start(asked: Asked) -> int:
    given = asked.query.get("from", "0")
    return int(given) // SHOWN * SHOWN if given.isascii() and given.isdigit() and len(given) < 8 else 0
