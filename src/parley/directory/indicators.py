"""Indicators: what a run showed of one party, and where it showed nothing, which nothing that is.

Silence is no number. Whoever was not asked has not failed to answer; whoever keeps "read" to itself has not failed to
read; a letter handed to a mail server has not failed to arrive. So every cell holds a value or one of five kinds of
nothing, and none of them is ever counted or shown as zero. Times are ms from the moment at which our note was sent,
by our own clock. Leaves out where observations come from (desk) and how cells are added up (`report_card`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

import msgspec

from parley.directory.drill import Call, CallOutcome


class Silence(Enum):
    """Why there is no value: five kinds of nothing of a drill, told apart."""

    NOT_ASKED = "not asked"  # the question was never put: no note left for them, no such bearer, no call was made
    AWAITED = "no answer yet"  # it was put, and nothing has come; never "overdue"
    WITHHELD = "withheld"  # they say that they keep it to themselves, or declined: their right
    UNREACHABLE = "unreachable"  # every attempt failed as seen from here, and nothing is known to have arrived
    CANNOT_TELL = "cannot tell"  # something came, and what we recorded does not show how or when


Cell: TypeAlias = int | bool | str | Silence
"""A time in ms, a yes or no, a word, or a kind of nothing."""
REFUSED = "refused"
"""The word of a cell when their node said, signed, that it will not take the note: heard, and no silence."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded of one note over one bearer; instants in ms, None: it did not happen.

    `handed_at`: the bearer took it (a mail server's word, a file written). `there_at`: the other node itself said, in
    the same exchange, that it has these bytes. `unsure`: an attempt failed in such a way that they may have arrived.
    """

    kind: str
    tries: int = 0
    handed_at: int | None = None
    there_at: int | None = None
    unsure: bool = False
    problem: str = ""

    @property
    def may_have_brought_it(self) -> bool:
        """Whether a receipt that came may be due to this bearer."""
        return self.handed_at is not None or self.there_at is not None or self.unsure


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """All that one run showed of one party; instants in ms by our clock.

    Args:
        asked_at: when the note was sealed and queued; None: it never was, and `left_out` says why.
        ways: one for each bearer that the party lists or that was used.
        times: "taken", "opened", "read", "read_back", "answered", as far as they are known.
        withheld: of "opened" and "read".
        refused: the key of the problem with which their node refused it, or "".
        understanding: not_asked, awaited, understood, differs, declined, clarified.
        answered_by: the address whose signature the answer bears, or "".
        on_duty: who they say is there (form 2, line 11), or "".
    """

    address: str
    asked_at: int | None
    left_out: str = ""
    ways: tuple[Way, ...] = ()
    times: Mapping[str, int] = {}
    withheld: frozenset[str] = frozenset()
    refused: str = ""
    understanding: str = "not_asked"
    answered_by: str = ""
    on_duty: str = ""
    calls: tuple[Call, ...] = ()


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One party's line of the report card; `reached` by kind of bearer. See `INDICATORS` for what each cell says."""

    address: str
    reached: dict[str, Cell]
    taken: Cell
    opened: Cell
    read: Cell
    understood: Cell
    understanding: Cell
    answered: Cell
    in_time: Cell
    right_office: Cell
    on_duty: Cell
    telephone: Cell
    left_out: str = ""


INDICATORS: Mapping[str, str] = {
    "taken": "durable at their node (time)",
    "opened": "unsealed and verified there (time)",
    "read": "shown to a person there (time)",
    "understood": "the read-back agreed with the codes (time)",
    "understanding": "what the read-back said: understood, differs, declined",
    "answered": "an answer form came (time, on arrival here)",
    "in_time": "the answer came within the time hoped for",
    "right_office": "the office that was addressed answered, not another of theirs",
    "on_duty": "who they said is there: diplomatic, technical, both, nobody-now",
    "telephone": "a call was answered, as an officer entered it by hand",
}


def card(contact: Contact, hoped_by: int, now: int) -> Card:
    """The line of one party, as of `now`; `hoped_by` is when the time hoped for ends (ms)."""
    reached = {way.kind: _reached(contact, way) for way in contact.ways}
    if contact.asked_at is None:
        nothing = dict.fromkeys((*_ALL, "on_duty"), Silence.NOT_ASKED)
        return Card(
            address=contact.address,
            reached=reached,
            telephone=_telephone(contact),
            left_out=contact.left_out,
            **nothing,
        )
    arrival = _arrival(contact)
    answered = _since(contact, "answered", arrival)
    return Card(
        address=contact.address,
        reached=reached,
        taken=_since(contact, "taken", arrival),
        opened=_withholdable(contact, "opened", arrival),
        read=_withholdable(contact, "read", arrival),
        understood=_understood(contact, arrival),
        understanding=_understanding(contact, arrival),
        answered=answered,
        in_time=_in_time(contact, arrival, hoped_by, now),
        right_office=_by_office(contact, answered),
        on_duty=contact.on_duty or (Silence.NOT_ASKED if _is_time(answered) else answered),
        telephone=_telephone(contact),
    )


_ALL = ("taken", "opened", "read", "understood", "understanding", "answered", "in_time", "right_office")


def _arrival(c: Contact) -> Cell:
    """What to say of anything that has not come: nothing yet, never asked, unreachable, or refused."""
    if c.refused:
        return REFUSED
    if c.times or any(way.handed_at is not None or way.there_at is not None for way in c.ways):
        return Silence.AWAITED
    return Silence.UNREACHABLE if any(way.tries for way in c.ways) else Silence.NOT_ASKED


def _reached(c: Contact, way: Way) -> Cell:
    """Whether the note came over this bearer; their signed receipt is needed, the bearer's word alone is not enough."""
    receipt = c.times.get("taken")
    if c.asked_at is None or not way.tries:
        return Silence.NOT_ASKED
    if receipt is None and not c.refused:
        return Silence.UNREACHABLE if way.handed_at is None and way.there_at is None else Silence.AWAITED
    if way.there_at is not None:
        return max(0, way.there_at - c.asked_at)
    if not way.may_have_brought_it:
        return Silence.UNREACHABLE
    if receipt is None or sum(other.may_have_brought_it for other in c.ways) > 1:
        return Silence.CANNOT_TELL  # two bearers had it: the receipt does not say which of them brought it
    return max(0, receipt - c.asked_at)


def _since(c: Contact, step: str, otherwise: Cell) -> Cell:
    at = c.times.get(step)
    return otherwise if at is None or c.asked_at is None else max(0, at - c.asked_at)


def _withholdable(c: Contact, step: str, arrival: Cell) -> Cell:
    return _since(c, step, Silence.WITHHELD if step in c.withheld else arrival)


def _understood(c: Contact, arrival: Cell) -> Cell:
    said = _understanding(c, arrival)
    if said == "declined":
        return Silence.WITHHELD
    if said == "understood":
        return _since(c, "read_back", Silence.CANNOT_TELL)
    return said


def _understanding(c: Contact, arrival: Cell) -> Cell:
    if c.understanding == "not_asked":
        return Silence.NOT_ASKED
    if c.understanding == "clarified":
        return "differs"  # a clarification went out, and the second read-back is awaited
    return arrival if c.understanding == "awaited" else c.understanding


def _in_time(c: Contact, arrival: Cell, hoped_by: int, now: int) -> Cell:
    at = c.times.get("answered")
    if at is not None:
        return at <= hoped_by
    if arrival is not Silence.AWAITED or now <= hoped_by:
        return arrival
    return False if "taken" in c.times else Silence.AWAITED  # without a receipt nobody knows that they were asked


def _by_office(c: Contact, answered: Cell) -> Cell:
    return c.answered_by == c.address if _is_time(answered) else answered


def _telephone(c: Contact) -> Cell:
    return c.calls[-1].outcome.value if c.calls else Silence.NOT_ASKED


def _is_time(cell: Cell) -> bool:
    return type(cell) is int


def is_yes(name: str, cell: Cell) -> bool:
    """Whether a cell counts for its indicator: a time, a yes, "understood", "answered"; a word of `on_duty`."""
    if isinstance(cell, Silence) or cell == REFUSED:
        return False
    if name == "understanding":
        return cell == "understood"
    if name == "telephone":
        return cell == CallOutcome.ANSWERED.value
    if name == "on_duty":
        return cell != "nobody-now"
    return cell is True or type(cell) is int
