"""Happened: what moved conversations, in order, written in the unit that moved them; for programs that follow along.

Nothing of a note's text is in it: its id, with whom, what happened, and where the conversation stands since. That a
locked node took something is told too, without a note. It is kept only while the API is on, and only the newest:
whoever asks for older ones is told that there is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from parley.line.conversation import Conversation
from parley.line.events import (
    ClarificationCame,
    ClarificationSent,
    ClockRang,
    Closed,
    Event,
    HandledAs,
    NoteAnswered,
    Opened,
    ReadBackGiven,
    ReadBackJudged,
    ReceiptCame,
    Refused,
    SealedAndQueued,
    Shown,
    Voided,
)
from parley.line.ports import Look, Tx

KIND, HEAD = "happened", "happened-head"
TAKEN = "taken"  # the one event that is about no note
MOST = 10_000
PRUNE_EVERY = 256
_NAMES: dict[type[Any], str] = {
    SealedAndQueued: "queued",
    ReceiptCame: "receipt",
    ReadBackJudged: "read-back",
    ClarificationSent: "clarification",
    ClarificationCame: "clarification",
    NoteAnswered: "answer",
    Opened: "note",
    Refused: "refused",
    Shown: "read",
    ReadBackGiven: "read-back-given",
    HandledAs: "handled-as",
    Voided: "voided",
    ClockRang: "clock",
    Closed: "closed",
}


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `number` rises by one from 1 within an incarnation; `at` in ms UTC; `stage` is that of a receipt."""

    number: int
    what: str
    at: int
    note: str = ""
    party: str = ""
    outgoing: bool = False
    stage: str = ""
    delivery: str = ""
    understanding: str = ""
    answer: str = ""
    differs: tuple[int, ...] = ()
    attempt: int = 0


def write_down(tx: Tx, after: Conversation, event: Event, now: int) -> None:
    """Number one event and keep it, inside the unit; every so often the oldest go."""
    number = newest(tx) + 1
    made = Happened(
        number=number,
        what=_NAMES[type(event)],
        at=now,
        note=after.note_id.hex(),
        party=after.party,
        outgoing=after.outgoing,
        stage=event.entry.stage.name.lower() if isinstance(event, ReceiptCame) else "",
        delivery=after.delivery.name.lower(),
        understanding=after.understanding.name.lower(),
        answer=after.answer.name.lower(),
        differs=after.differs,
        attempt=after.attempt,
    )
    _keep(tx, made)


def write_taken(tx: Tx, now: int) -> None:
    """A locked node took sealed bytes: that, and when. What it is, from whom and how urgent lies inside the seal."""
    _keep(tx, Happened(number=newest(tx) + 1, what=TAKEN, at=now))


def _keep(tx: Tx, made: Happened) -> None:
    number = made.number
    tx.put(KIND, _key(number), msgspec.msgpack.encode(made))
    tx.put(HEAD, "newest", number.to_bytes(8, "big"))
    if number % PRUNE_EVERY == 0:
        for old in range(max(1, number - MOST - PRUNE_EVERY + 1), number - MOST + 1):
            tx.drop(KIND, _key(old))


def newest(look: Look) -> int:
    """The number of the newest event; 0 while there is none."""
    return int.from_bytes(look.record(HEAD, "newest") or b"", "big")


def oldest(look: Look) -> int:
    """The number of the oldest event that is surely kept."""
    return max(1, newest(look) // PRUNE_EVERY * PRUNE_EVERY - MOST + 1)


def after(look: Look, number: int, most: int = 64) -> Iterator[Happened]:
    """The events that follow `number`, in order, at most `most`."""
    for following in range(number + 1, min(newest(look), number + most) + 1):
        kept = look.record(KIND, _key(following))
        if kept is not None:
            yield msgspec.msgpack.decode(kept, type=Happened)


def _key(number: int) -> str:
    return f"{number:016d}"
