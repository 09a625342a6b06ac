"""The tour: six steps of one story over two desks, shown on the demonstration's pages; on any other desk there is none.

Which step it is, is read from the conversation itself, as it stands at this desk: nothing is counted, so that going
back, two browsers, or doing something else in between cannot bring the tour out of step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from parley.clearance import Exit, Right
from parley.desk import access, clear
from parley.desk.find import open_note
from parley.doors.web.asked import Asked
from parley.line.conversation import Conversation, read_conversation
from parley.line.ports import Look, NoteRow
from parley.line.states import Answer, Delivery, Moment, Understanding

if TYPE_CHECKING:
    from parley.doors.web.desk import WebDesk

FORM = 11
"""Request for mitigation: the note that the story is about."""
STEPS = 6
DONE = STEPS + 1
HIDDEN = "parley-tour"
"""The cookie of a browser in which the tour was put away."""
LOOKED_AT = 500


class Tour(msgspec.Struct, frozen=True):
    """Which part is played at this desk, and the address of the other."""

    side: Literal["sender", "receiver"]
    other: str


def step(c: Conversation | None, side: str) -> int:
    """1 to 6, or DONE, by how the conversation about the note stands at this side; None: no note yet."""
    if c is None:
        return 1
    if c.answer in (Answer.ACTED, Answer.CLOSED):
        return DONE
    if c.delivery is not Delivery.READ and c.understanding is Understanding.AWAITED:
        return 2
    return _SENDER[c.understanding] if side == "sender" else _receiver(c)


_SENDER: Mapping[Understanding, int] = {
    Understanding.NOT_ASKED: 6,
    Understanding.AWAITED: 3,
    Understanding.DECLINED: 3,
    Understanding.DIFFERS: 4,
    Understanding.CLARIFIED: 5,
    Understanding.UNDERSTOOD: 6,
    Understanding.GIVEN: 6,
}


def _receiver(c: Conversation) -> int:
    """The receiver is not told whether its answers agreed: after the first read-back it waits for a clarification."""
    if c.understanding in (Understanding.AWAITED, Understanding.DECLINED):
        return 3
    if c.understanding is Understanding.CLARIFIED:
        return 5
    answering = c.answer in (Answer.IN_HAND, Answer.HOLDING) or Moment.CLARIFIED in c.times
    return 6 if answering else 4


def here(number: int, side: str) -> bool:
    """Whether that step is taken at this side's desk."""
    return number == DONE or (number in (1, 4)) is (side == "sender")


def shown(desk: WebDesk, asked: Asked) -> dict[str, Any] | None:
    """What a page shows of the tour: nothing on a desk that is no demonstration's, or to who reads no notes."""
    node, tour = desk.node, desk.tour
    if tour is None or asked.signed is None or node.vault is None or not access.may(node, asked.officer, Right.READ):
        return None
    found = node.store.look(lambda look: _note(desk, asked, look, tour.side))
    number = step(found[1] if found else None, tour.side)
    ours = here(number, tour.side)
    other = next((party for party in node.directory.parties if party != node.party), node.party)
    return {
        "hidden": asked.cookies.get(HIDDEN) == "hidden",
        "step": number,
        "of": STEPS,
        "done": number == DONE,
        "here": ours,
        "other": other,
        "sender": node.party if tour.side == "sender" else other,
        "receiver": other if tour.side == "sender" else node.party,
        "address": tour.other,
        "to": _to(desk, asked, number, found[0].note_id.hex() if found else "") if ours else "",
    }


def _note(desk: WebDesk, asked: Asked, look: Look, side: str) -> tuple[NoteRow, Conversation] | None:
    """The newest note of the story that this officer may see, and how it stands."""
    way = "out" if side == "sender" else "in"
    for row in look.notes(limit=LOOKED_AT):
        states = look.conversations(row.note_id) if (row.form, row.direction) == (FORM, way) else ()
        if states and row.body is not None:
            noted = [open_note(desk.node, row)]
            if access.let_out(asked.eyes, Exit.PAGE, noted, access.note_thing):
                return row, read_conversation(states[0].state)
    return None


def _to(desk: WebDesk, asked: Asked, number: int, note: str) -> str:
    """The page of this step; a note that waits for its release comes first."""
    if waiting := clear.waiting(desk.node, asked.eyes):
        return f"/clear/{waiting[0].note_id.hex()}"
    if number == DONE:
        return "/journal"
    return {1: "/drafts", 3: f"/notes/{note}/read-back"}.get(number, f"/notes/{note}")
