"""Clocks: when a conversation should be looked at again, and how far a counterpart's clock is provably off.

A clock is computed from what the conversation already records, so that a restart forgets none. The receiver's handling
runs from *taken*, never from the signing time: a note may have lain with a courier for a month. No clock ever runs for
a read-back, for it may be declined without reason. What is late or skewed is marked, never refused here.
Leaves out what is done when a clock rings: `conversation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec

from parley.line.note import Precedence
from parley.line.precedence import IN_STATION, MINUTE
from parley.line.states import Answer, Delivery

if TYPE_CHECKING:
    from parley.line.conversation import Conversation


class Clock(IntEnum):
    """What a clock is for. The numbers are stored."""

    BEARER = 1  # ours, not taken: add a bearer
    BEARER_AGAIN = 2
    OFFICE = 3  # ours, not taken within the in-station time: an alternate office
    CALL = 4  # the same moment: propose the telephone
    UNREAD_OFFICE = 5  # ours, taken but not shown to be read within the in-station time from taken
    UNREAD_CALL = 6
    ANSWER = 7  # ours, the answer hoped for by now
    NEXT_WORD = 8  # ours, the word they promised
    HANDLING = 9  # theirs, here, not read within the in-station time from taken
    OUR_ANSWER = 10
    OUR_WORD = 11


class Settings(msgspec.Struct, frozen=True):
    """Times as data. `ladder` says at which part (permille) of the in-station time each clock of delivery rings.

    `tolerance` (ms) is how far a clock may be off without a mark.
    """

    in_station: Mapping[Precedence, int] = msgspec.field(default_factory=lambda: dict(IN_STATION))
    ladder: tuple[tuple[int, Clock], ...] = (
        (250, Clock.BEARER),
        (500, Clock.BEARER_AGAIN),
        (1000, Clock.OFFICE),
        (1000, Clock.CALL),
    )
    unread_ladder: tuple[tuple[int, Clock], ...] = ((1000, Clock.UNREAD_OFFICE), (1000, Clock.UNREAD_CALL))
    tolerance: int = 5 * MINUTE


DEFAULT: Final = Settings()

# A word on the matter shows that the note arrived, whatever the receipts say.
_UNANSWERED: Final = frozenset({Answer.NOT_AWAITED, Answer.AWAITED})
_WAITING: Final = frozenset({Delivery.QUEUED, Delivery.FULL, Delivery.UNOPENABLE})
_OPEN: Final = frozenset({Answer.AWAITED, Answer.HOLDING, Answer.PASSED_ON})


def next_clock(conversation: Conversation, settings: Settings = DEFAULT) -> int | None:
    """When (ms UTC) the next clock of this conversation rings; None if none is set. May lie in the past."""
    return min((at for at, _ in running(conversation, settings)), default=None)


def due(conversation: Conversation, now: int, settings: Settings = DEFAULT) -> tuple[Clock, ...]:
    """The clocks that ring at `now` or should have rung before, in order of their times."""
    return tuple(clock for at, clock in sorted(running(conversation, settings)) if at <= now)


def running(conversation: Conversation, settings: Settings = DEFAULT) -> list[tuple[int, Clock]]:
    """All clocks that are set and have not rung: (ms UTC, which)."""
    if conversation.delivery in (Delivery.REFUSED, Delivery.VOIDED, Delivery.SIGNED):
        return []
    found = _outgoing(conversation, settings) if conversation.outgoing else _incoming(conversation, settings)
    return [(at, clock) for at, clock in found if clock not in conversation.rang]


def _outgoing(c: Conversation, settings: Settings) -> list[tuple[int, Clock]]:
    station = settings.in_station[c.precedence]
    found: list[tuple[int, Clock]] = []
    if c.answer in _UNANSWERED:
        if c.delivery in _WAITING and c.queued_at is not None:
            found += [(c.queued_at + station * part // 1000, clock) for part, clock in settings.ladder]
        elif c.awaits_read and c.taken_at is not None:
            found += [(c.taken_at + station * part // 1000, clock) for part, clock in settings.unread_ladder]
    return found + _answer_clocks(c, Clock.ANSWER, Clock.NEXT_WORD)


def _incoming(c: Conversation, settings: Settings) -> list[tuple[int, Clock]]:
    found: list[tuple[int, Clock]] = []
    if c.delivery is Delivery.OPENED and c.answer in _UNANSWERED and c.taken_at is not None:
        found.append((c.taken_at + settings.in_station[c.precedence], Clock.HANDLING))
    return found + _answer_clocks(c, Clock.OUR_ANSWER, Clock.OUR_WORD)


def _answer_clocks(c: Conversation, answer: Clock, word: Clock) -> list[tuple[int, Clock]]:
    found: list[tuple[int, Clock]] = []
    if c.answer is Answer.AWAITED and c.answer_by is not None:
        found.append((c.answer_by, answer))
    if c.answer is not Answer.CLOSED and c.next_word_by is not None:
        found.append((c.next_word_by, word))
    return found


def skew(signed_at: int, now: int, not_before: int | None = None) -> int:
    """How far (ms) a counterpart's clock is *provably* off: ahead > 0, behind < 0, 0 if the way explains it.

    Args:
        signed_at: the time that the counterpart signed under.
        now: our time at arrival.
        not_before: our time of something that the signed object answers to, and so cannot precede.
    """
    if signed_at > now:
        return signed_at - now
    if not_before is not None and signed_at < not_before:
        return signed_at - not_before
    return 0


def skew_mark(signed_at: int, now: int, not_before: int | None = None, settings: Settings = DEFAULT) -> tuple[str, ...]:
    """``("clock-skew:<seconds>",)`` if the measured skew is beyond the tolerance, else nothing."""
    measured = skew(signed_at, now, not_before)
    seconds = abs(measured) // 1000 * (1 if measured > 0 else -1)
    return (f"clock-skew:{seconds}",) if abs(measured) > settings.tolerance else ()
