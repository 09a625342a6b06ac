"""The board: every note's row and what is open about it, in memory, for the pages that list and count.

Built once from the store, in a thread, so that the line and the other pages go on meanwhile; then kept up: a unit that
writes a conversation says which note it touches, and that note is read again at the next look. It is said before the
unit is durable, so a touched note is read again until some while after its unit can have ended: a look between finds
the old state, and the next one the new. What is touched while the board is filled is read again as soon as it is full.
It holds ids, forms, parties, times and markings; never text. Of a locked node it knows no marking, and then nothing of
it passes the gate.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable

import msgspec

from parley.desk import handover
from parley.desk.find import open_note
from parley.desk.handover import Item
from parley.desk.node import Node, Vault
from parley.desk.proposals import Proposal, proposals_of
from parley.line.conversation import Conversation, read_conversation
from parley.line.ports import Look, NoteRow
from parley.line.states import Delivery
from parley.terms.problem import Problem

SETTLED_MS = 5_000
PIECE = 50
"""Notes that are read in one moment of the store: long readers keep its log from shrinking."""
BREATH_S = 0.001
"""Between pieces the thread lets go of the interpreter, so that whoever waits for it is served first."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One note as lists show it. `marking`: coded, `kind`: the same for the same marking; `readable`: whether the note
    could be opened to know it; `unread`: it is theirs and nobody here was shown it."""

    note_id: bytes
    direction: str
    office: str
    form: int
    precedence: int
    exercise: bool
    signed_at: int
    stored_at: int
    order: tuple[int, int]
    thread: bytes
    problem: str
    marks: tuple[str, ...]
    marking: object
    kind: str
    readable: bool
    unread: bool
    parties: tuple[str, ...]
    conversations: tuple[Conversation, ...]
    awaited: tuple[Item, ...]
    with_us: tuple[Item, ...]
    proposed: tuple[Proposal, ...]


class Board:
    """One node's. `ticks`: ms of a clock that does not step back."""

    def __init__(self, node: Node, ticks: Callable[[], int]) -> None:
        self._node, self._ticks = node, ticks
        self._entries: dict[bytes, Entry] = {}
        self._touched: dict[bytes, int] = {}
        self._lock = threading.Lock()  # units run in the writer's thread
        self._sorted: list[Entry] | None = None
        self._vault: Vault | None = None  # with which it was filled
        self.version = 0  # rises when anything of it changes
        self._filling = asyncio.Lock()

    def touch(self, note_id: bytes) -> None:
        """A unit writes a conversation of this note: read it again from now on, until that has settled."""
        with self._lock:
            self._touched[note_id] = self._ticks()

    async def entries(self) -> list[Entry]:
        """Every note, newest first. Waits while the board is filled: at the first look, and after an unlock."""
        async with self._filling:
            while self._node.vault is not self._vault or not self._entries:
                await self._fill()
                if not self._entries:
                    break
            self._look_again()
        if self._sorted is None:
            self._sorted = sorted(self._entries.values(), key=lambda one: one.order, reverse=True)
        return self._sorted

    def _look_again(self) -> None:
        if not self._touched:
            return
        now = self._ticks()
        with self._lock:
            again = list(self._touched)
            self._touched = {key: at for key, at in self._touched.items() if now - at < SETTLED_MS}
        found = self._node.store.look(lambda look: [self._entry(look, row) for row in _rows(look, again)])
        for one in found:
            if self._entries.get(one.note_id) != one:
                self._entries[one.note_id] = one
                self._sorted = None
                self.version += 1

    async def _fill(self) -> None:
        """All of it or nothing: a fill that is given up half-way leaves the board as it was.

        A note that comes meanwhile is touched, whether or not its row was among those that were listed.
        """
        vault = self._node.vault
        found = await asyncio.to_thread(self._read_everything)
        self._entries, self._sorted, self._vault = found, None, vault
        self.version += 1

    def _read_everything(self) -> dict[bytes, Entry]:
        found: dict[bytes, Entry] = {}
        ids = self._node.store.look(lambda look: look.note_ids())
        for start in range(0, len(ids), PIECE):
            piece = ids[start : start + PIECE]
            entries = self._node.store.look(
                lambda look, piece=piece: [self._entry(look, row) for row in _rows(look, piece)]  # type: ignore[misc]
            )
            found |= {one.note_id: one for one in entries}
            time.sleep(BREATH_S)
        return found

    def _entry(self, look: Look, row: NoteRow) -> Entry:
        states = tuple(read_conversation(state.state) for state in look.conversations(row.note_id))
        before = self._entries.get(row.note_id)
        marking, readable = (before.marking, True) if before and before.readable else self._marking(row)
        parties = tuple(c.party for c in states) or ((row.sender,) if row.direction == "in" else ())
        return Entry(
            note_id=row.note_id,
            direction=row.direction,
            office=row.office,
            form=row.form,
            precedence=row.precedence,
            exercise=row.exercise,
            signed_at=row.signed_at,
            stored_at=row.stored_at,
            order=(row.stored_at, row.leaf),
            thread=row.thread,
            problem=row.problem,
            marks=row.marks,
            marking=marking,
            kind=repr(marking),
            readable=readable,
            unread=row.direction == "in" and any(c.delivery is Delivery.OPENED for c in states),
            parties=parties,
            conversations=states,
            awaited=tuple(item for c in states if c.outgoing for item in handover.awaited_of(row, c)),
            with_us=tuple(item for c in states for item in handover.with_us_of(row, c)),
            proposed=tuple(item for c in states for item in proposals_of(look, row, c)),
        )

    def _marking(self, row: NoteRow) -> tuple[object, bool]:
        if self._node.vault is None or row.body is None:
            return None, False
        try:
            return open_note(self._node, row).marking, True
        except Problem:
            return None, False


def _rows(look: Look, ids: Iterable[bytes]) -> list[NoteRow]:
    return [row for row in (look.note(one) for one in ids) if row is not None]
