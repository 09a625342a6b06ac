"""Proposals: what the line proposes to our officer and never does by itself: to telephone, to try another office.

They are written when a clock rings (`follow`), and shown as long as what they are about is still awaited: a receipt
that came meanwhile, or an answer, settles them without anybody's click. Clarifications and reminders stand among what
is awaited from us (`handover`) and are not repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from parley.desk.follow import PROPOSAL
from parley.line.conversation import Conversation
from parley.line.ports import Look, NoteRow
from parley.line.states import Answer, Delivery

CALL, OFFICE = "ProposeCall", "TryAlternateOffice"
_WAITING = frozenset({Delivery.QUEUED, Delivery.FULL, Delivery.UNOPENABLE})
_OPEN = frozenset({Answer.AWAITED, Answer.HOLDING, Answer.PASSED_ON})
_STANDS: dict[str, Callable[[Conversation], bool]] = {
    "taken": lambda c: c.delivery in _WAITING,
    "unopenable": lambda c: c.delivery is Delivery.UNOPENABLE,
    "read": lambda c: c.awaits_read,
    "answer": lambda c: c.answer is Answer.AWAITED,
    "next-word": lambda c: c.answer in _OPEN,
}
"""What each reason of a call awaits (parley.line.events.ProposeCall), and when it still does."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal about a note of ours. `what`: "call" or "office"; `reason`: what is awaited; `since`: when the clock
    rang (ms UTC); `telephone` as the counterpart's particulars name it, "" if they name none; `office`: the alternate,
    to which a draft is prepared."""

    what: str
    reason: str
    party: str
    since: int
    note: str
    form: int
    precedence: int
    exercise: bool
    telephone: str = ""
    office: str = ""


def proposals_of(look: Look, row: NoteRow, c: Conversation) -> Iterator[Proposal]:
    """What is proposed about a note and a counterpart, and still makes sense."""
    if not c.outgoing or not (c.rang or c.delivery is Delivery.UNOPENABLE):
        return  # no clock rang: nothing was proposed, and nothing is looked up
    for key, value in look.records(PROPOSAL, f"{row.note_id.hex()} {c.party} "):
        found = msgspec.msgpack.decode(value)
        effect, reason = key.rpartition(" ")[2], str(found.get("reason") or "taken")
        if not _stands(effect, reason, c):
            continue
        yield Proposal(
            what="call" if effect == CALL else "office",
            reason=reason,
            party=c.party,
            since=int(found["at"]),
            note=row.note_id.hex()[:8],
            form=row.form,
            precedence=int(c.precedence),
            exercise=row.exercise,
            telephone=str(found.get("telephone") or ""),
            office=str(found.get("office") or ""),
        )


def _stands(effect: str, reason: str, c: Conversation) -> bool:
    if effect == OFFICE:  # tried while it was not taken there, or not read
        return c.answer in (Answer.NOT_AWAITED, Answer.AWAITED) and (c.delivery in _WAITING or c.awaits_read)
    return effect == CALL and _STANDS.get(reason, _STANDS["taken"])(c)


def urgency(one: Proposal) -> tuple[bool, int, int]:
    """Real before exercise, then by precedence, then what has waited longest."""
    return one.exercise, -one.precedence, one.since
