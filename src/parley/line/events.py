"""What can happen to a conversation, and what it asks to be done: both are data.

Nothing here acts. An effect is a proposal to the desk, which knows bearers, keys and officers; what is higher than a
change of bearer is only ever proposed to our own officer. Leaves out the rules: `states` and `conversation`.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from parley.line.clocks import DEFAULT, Settings
from parley.line.note import Precedence
from parley.line.receipt import Entry
from parley.line.states import AnswerNews


class SealedAndQueued(msgspec.Struct, frozen=True):
    """Our note was sealed for this counterpart and queued; `sealed` is the SHA-256 of the sealed bytes."""

    sealed: bytes


class ReceiptCame(msgspec.Struct, frozen=True):
    """One entry of a verified receipt; `signed_at` (ms) and `withheld` (stage numbers) are those of the receipt."""

    entry: Entry
    signed_at: int
    withheld: tuple[int, ...] = ()


class ReadBackJudged(msgspec.Struct, frozen=True):
    """Their read-back, compared with the codes: `differs` holds line numbers; empty and not declined is understood."""

    attempt: int
    differs: tuple[int, ...] = ()
    declined: bool = False


class ClarificationSent(msgspec.Struct, frozen=True):
    """Our clarification of this note went out."""


class ClarificationCame(msgspec.Struct, frozen=True):
    """Their clarification of their note came: the read-back may be answered once more."""


class NoteAnswered(msgspec.Struct, frozen=True):
    """An answer to this note, theirs to ours or ours to theirs.

    `signed_at` is the answer's own time, which orders answers that overtook each other on the way; `next_word_by` is by
    when the answering side promised its next word (both ms UTC).
    """

    outcome: AnswerNews
    signed_at: int
    next_word_by: int | None = None


class Opened(msgspec.Struct, frozen=True):
    """Their note was opened here; an exercise rings only if `drill_rings`."""

    drill_rings: bool = False


class Refused(msgspec.Struct, frozen=True):
    """Their note was refused here; `reason` is a problem key."""

    reason: str


class Shown(msgspec.Struct, frozen=True):
    """Their note was shown to a signed-in person of ours, in `language`."""

    language: str


class ReadBackGiven(msgspec.Struct, frozen=True):
    """A person of ours answered, or declined, the read-back of their note, read in `language`."""

    language: str
    declined: bool = False


class HandledAs(msgspec.Struct, frozen=True):
    """Our officer handles their note with this precedence from now on; may be lower than the one it came with."""

    precedence: Precedence


class Voided(msgspec.Struct, frozen=True):
    """The serial of our note was declared void before the note was sealed for this counterpart."""


class ClockRang(msgspec.Struct, frozen=True):
    """The next clock is due. `telephone` and `alternates` are those that their particulars name for the office.

    In an exercise a call is proposed without a number, unless `drill_calls`.
    """

    telephone: str | None = None
    alternates: tuple[str, ...] = ()
    drill_calls: bool = False
    settings: Settings = DEFAULT


class Closed(msgspec.Struct, frozen=True):
    """Our officer closed the matter."""


Event: TypeAlias = (
    SealedAndQueued
    | ReceiptCame
    | ReadBackJudged
    | ClarificationSent
    | ClarificationCame
    | NoteAnswered
    | Opened
    | Refused
    | Shown
    | ReadBackGiven
    | HandledAs
    | Voided
    | ClockRang
    | Closed
)


class Reseal(msgspec.Struct, frozen=True):
    """Seal the same signed note again, to their newest prekey, and queue it (then: SealedAndQueued)."""


class OfferClarification(msgspec.Struct, frozen=True):
    """Tell our officer that these lines came across differently, and offer the clarification form."""

    lines: tuple[int, ...]


class ChangeBearer(msgspec.Struct, frozen=True):
    """Use the next bearer too; done without asking."""


class ProposeCall(msgspec.Struct, frozen=True):
    """Propose to our officer to telephone them; never done by the machine.

    `reason` is what is awaited: "taken", "read", "answer", "next-word", or "unopenable". `telephone` None: look it up,
    or, in an exercise that allows no call, show only that a call would be proposed now.
    """

    reason: str
    telephone: str | None = None


class TryAlternateOffice(msgspec.Struct, frozen=True):
    """Propose or send to this other office, which the receiver's own particulars name as alternate."""

    office: str


class Ring(msgspec.Struct, frozen=True):
    """Ring at our desk, once: a FLASH note was opened."""


class Remind(msgspec.Struct, frozen=True):
    """Show to our officer what awaits us: their note "unread", "our-answer" hoped for, or "our-word" promised."""

    reason: str


class Nothing(msgspec.Struct, frozen=True):
    """The news was late or repeated and asks for nothing."""


Effect: TypeAlias = (
    Reseal | OfferClarification | ChangeBearer | ProposeCall | TryAlternateOffice | Ring | Remind | Nothing
)
