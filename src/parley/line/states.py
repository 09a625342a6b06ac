"""The three axes of a conversation and their tables: (state, news) -> state.

Delivery, understanding and answer are separate because none implies the next: a note can be answered that nobody was
asked to read back, and read by a party that keeps "read" to itself. For each axis there are two literal tables: what
news changes, and, listed by name, what late or repeated news leaves as it is. What stands in neither is refused.
The diagram in spec/line.md is written from these tables. Leaves out times, clocks and effects.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Final, Generic, TypeVar

import msgspec


class Delivery(IntEnum):
    """How far the note came. From QUEUED to READ the numbers are the order in which news outweighs other news."""

    SIGNED = 0  # ours, signed, not yet sealed for this counterpart (no prekey of theirs is at hand)
    QUEUED = 1  # ours, sealed, waiting for a receipt
    FULL = 2  # their storage share for us is used up; waiting
    TAKEN = 3  # durable at their node
    UNOPENABLE = 4  # taken, but sealed to a key that is gone; to be sealed again
    REFUSED = 5  # will not be opened, or not be accepted: the reason is named
    OPENED = 6  # unsealed, verified, journalled
    READ = 7  # shown to a signed-in person
    VOIDED = 8  # ours, never sealed, its serial declared void
    HELD = 9  # theirs, durable here, not opened yet (this node is locked)


class Understanding(IntEnum):
    """What the read-back said. An incoming note is judged by its sender, so that here it is GIVEN, no more."""

    NOT_ASKED = 0  # the form has no questions
    AWAITED = 1
    UNDERSTOOD = 2
    DIFFERS = 3
    DECLINED = 4  # without reason, and nothing follows from it
    CLARIFIED = 5  # a clarification went out (or came), a second read-back is awaited
    GIVEN = 6  # we answered the read-back of their note


class Answer(IntEnum):
    """The last word on the matter itself. For an incoming note: what we answered."""

    NOT_AWAITED = 0
    AWAITED = 1
    HOLDING = 2  # "we have it, more follows"
    PASSED_ON = 3  # not the competent office
    IN_HAND = 4  # accepted, wholly or in part
    DECLINED = 5
    ACTED = 6
    CLOSED = 7  # our officer closed it


class Moment(IntEnum):
    """A step whose time is kept. The numbers are stored."""

    QUEUED = 1  # the latest sealing
    TAKEN = 2  # by our clock, reckoned back from the receipt's own times
    OPENED = 3
    READ = 4
    READ_BACK = 5
    CLARIFIED = 6
    ANSWERED = 7
    ACTED = 8
    CLOSED = 9
    REFUSED = 10
    FULL = 11
    UNOPENABLE = 12
    VOIDED = 13


class DeliveryNews(Enum):
    """What can happen to delivery; the first seven are the stages of a receipt about our note."""

    RECEIPT_TAKEN = "receipt: taken"
    RECEIPT_OPENED = "receipt: opened"
    RECEIPT_READ = "receipt: read"
    RECEIPT_READ_BACK = "receipt: read-back"
    RECEIPT_REFUSED = "receipt: refused"
    RECEIPT_UNOPENABLE = "receipt: unopenable"
    RECEIPT_FULL = "receipt: full"
    SEALED = "sealed and queued"
    VOIDED = "voided"
    OPENED_HERE = "opened here"
    REFUSED_HERE = "refused here"
    SHOWN_HERE = "shown here"


class UnderstandingNews(Enum):
    """What can happen to understanding."""

    AGREES = "read-back agrees"
    DIFFERS = "read-back differs"
    DECLINED = "read-back declined"
    CLARIFICATION_SENT = "clarification sent"
    GIVEN_HERE = "read-back given here"
    DECLINED_HERE = "read-back declined here"
    CLARIFICATION_CAME = "clarification came"


class AnswerNews(Enum):
    """What can happen to the answer; the values are the outcome codes of the answer form, but for the last."""

    HOLDING = "holding"
    PASSED_TO = "passed-to"
    ACCEPT = "accept"
    IN_PART = "in-part"
    DECLINE = "decline"
    ACTED = "acted"
    CLOSED = "closed"


S = TypeVar("S", bound=IntEnum)
N = TypeVar("N", bound=Enum)


class Axis(msgspec.Struct, Generic[S, N], frozen=True):
    """One axis: `changes` gives the next state; `unchanged` lists the pairs that are late or repeated news."""

    name: str
    changes: Mapping[tuple[S, N], S]
    unchanged: frozenset[tuple[S, N]]

    def next(self, state: S, news: N) -> S | None:
        """The next state; None if the pair stands in neither table."""
        if (state, news) in self.unchanged:
            return state
        return self.changes.get((state, news))


_D, _Q = Delivery, DeliveryNews
DELIVERY: Final = Axis[Delivery, DeliveryNews](
    "delivery",
    {
        # ours, on its way out
        (_D.SIGNED, _Q.SEALED): _D.QUEUED,
        (_D.SIGNED, _Q.VOIDED): _D.VOIDED,
        (_D.FULL, _Q.SEALED): _D.QUEUED,
        (_D.UNOPENABLE, _Q.SEALED): _D.QUEUED,
        (_D.REFUSED, _Q.SEALED): _D.QUEUED,
        # what their receipts say of one sealed copy: the greater state wins, in whatever order they come
        (_D.QUEUED, _Q.RECEIPT_FULL): _D.FULL,
        (_D.QUEUED, _Q.RECEIPT_TAKEN): _D.TAKEN,
        (_D.QUEUED, _Q.RECEIPT_UNOPENABLE): _D.UNOPENABLE,
        (_D.QUEUED, _Q.RECEIPT_REFUSED): _D.REFUSED,
        (_D.QUEUED, _Q.RECEIPT_OPENED): _D.OPENED,
        (_D.QUEUED, _Q.RECEIPT_READ_BACK): _D.OPENED,  # names the note, so it was opened; "read" may be withheld
        (_D.QUEUED, _Q.RECEIPT_READ): _D.READ,
        (_D.FULL, _Q.RECEIPT_TAKEN): _D.TAKEN,
        (_D.FULL, _Q.RECEIPT_UNOPENABLE): _D.UNOPENABLE,
        (_D.FULL, _Q.RECEIPT_REFUSED): _D.REFUSED,
        (_D.FULL, _Q.RECEIPT_OPENED): _D.OPENED,
        (_D.FULL, _Q.RECEIPT_READ_BACK): _D.OPENED,
        (_D.FULL, _Q.RECEIPT_READ): _D.READ,
        (_D.TAKEN, _Q.RECEIPT_UNOPENABLE): _D.UNOPENABLE,
        (_D.TAKEN, _Q.RECEIPT_REFUSED): _D.REFUSED,
        (_D.TAKEN, _Q.RECEIPT_OPENED): _D.OPENED,
        (_D.TAKEN, _Q.RECEIPT_READ_BACK): _D.OPENED,
        (_D.TAKEN, _Q.RECEIPT_READ): _D.READ,
        (_D.UNOPENABLE, _Q.RECEIPT_REFUSED): _D.REFUSED,
        (_D.UNOPENABLE, _Q.RECEIPT_OPENED): _D.OPENED,
        (_D.UNOPENABLE, _Q.RECEIPT_READ_BACK): _D.OPENED,
        (_D.UNOPENABLE, _Q.RECEIPT_READ): _D.READ,
        (_D.REFUSED, _Q.RECEIPT_OPENED): _D.OPENED,  # they lifted the refusal, for instance by accepting us
        (_D.REFUSED, _Q.RECEIPT_READ_BACK): _D.OPENED,
        (_D.REFUSED, _Q.RECEIPT_READ): _D.READ,
        (_D.OPENED, _Q.RECEIPT_READ): _D.READ,
        # theirs, here
        (_D.HELD, _Q.OPENED_HERE): _D.OPENED,
        (_D.HELD, _Q.REFUSED_HERE): _D.REFUSED,
        (_D.REFUSED, _Q.OPENED_HERE): _D.OPENED,
        (_D.OPENED, _Q.SHOWN_HERE): _D.READ,
    },
    frozenset(
        {
            (_D.QUEUED, _Q.SEALED),  # sealed anew to a newer prekey before anything was heard
            (_D.TAKEN, _Q.SEALED),  # sent once more: their node was restored from a backup that lacks it
            (_D.OPENED, _Q.SEALED),
            (_D.READ, _Q.SEALED),
            (_D.FULL, _Q.RECEIPT_FULL),
            (_D.TAKEN, _Q.RECEIPT_FULL),
            (_D.TAKEN, _Q.RECEIPT_TAKEN),
            (_D.UNOPENABLE, _Q.RECEIPT_FULL),
            (_D.UNOPENABLE, _Q.RECEIPT_TAKEN),
            (_D.UNOPENABLE, _Q.RECEIPT_UNOPENABLE),
            (_D.REFUSED, _Q.RECEIPT_FULL),
            (_D.REFUSED, _Q.RECEIPT_TAKEN),
            (_D.REFUSED, _Q.RECEIPT_UNOPENABLE),
            (_D.REFUSED, _Q.RECEIPT_REFUSED),
            (_D.OPENED, _Q.RECEIPT_FULL),
            (_D.OPENED, _Q.RECEIPT_TAKEN),
            (_D.OPENED, _Q.RECEIPT_UNOPENABLE),
            (_D.OPENED, _Q.RECEIPT_REFUSED),
            (_D.OPENED, _Q.RECEIPT_OPENED),
            (_D.OPENED, _Q.RECEIPT_READ_BACK),
            (_D.READ, _Q.RECEIPT_FULL),
            (_D.READ, _Q.RECEIPT_TAKEN),
            (_D.READ, _Q.RECEIPT_UNOPENABLE),
            (_D.READ, _Q.RECEIPT_REFUSED),
            (_D.READ, _Q.RECEIPT_OPENED),
            (_D.READ, _Q.RECEIPT_READ_BACK),
            (_D.READ, _Q.RECEIPT_READ),  # shown again, or to a second person
            (_D.VOIDED, _Q.VOIDED),
            (_D.OPENED, _Q.OPENED_HERE),  # came again over another bearer
            (_D.READ, _Q.OPENED_HERE),
            (_D.REFUSED, _Q.REFUSED_HERE),
            (_D.READ, _Q.SHOWN_HERE),
        }
    ),
)

_U, _R = Understanding, UnderstandingNews
UNDERSTANDING: Final = Axis[Understanding, UnderstandingNews](
    "understanding",
    {
        (_U.AWAITED, _R.AGREES): _U.UNDERSTOOD,
        (_U.AWAITED, _R.DIFFERS): _U.DIFFERS,
        (_U.AWAITED, _R.DECLINED): _U.DECLINED,
        (_U.DIFFERS, _R.CLARIFICATION_SENT): _U.CLARIFIED,
        (_U.DIFFERS, _R.AGREES): _U.UNDERSTOOD,
        (_U.CLARIFIED, _R.AGREES): _U.UNDERSTOOD,
        (_U.CLARIFIED, _R.DIFFERS): _U.DIFFERS,
        (_U.CLARIFIED, _R.DECLINED): _U.DECLINED,
        (_U.DECLINED, _R.AGREES): _U.UNDERSTOOD,
        (_U.DECLINED, _R.DIFFERS): _U.DIFFERS,
        (_U.UNDERSTOOD, _R.DIFFERS): _U.DIFFERS,  # a later reader read it otherwise: that is worth knowing
        # theirs, answered here
        (_U.AWAITED, _R.GIVEN_HERE): _U.GIVEN,
        (_U.AWAITED, _R.DECLINED_HERE): _U.DECLINED,
        (_U.CLARIFIED, _R.GIVEN_HERE): _U.GIVEN,
        (_U.CLARIFIED, _R.DECLINED_HERE): _U.DECLINED,
        (_U.DECLINED, _R.GIVEN_HERE): _U.GIVEN,
        (_U.GIVEN, _R.CLARIFICATION_CAME): _U.CLARIFIED,
        (_U.DECLINED, _R.CLARIFICATION_CAME): _U.CLARIFIED,
    },
    frozenset(
        {
            (_U.DIFFERS, _R.DIFFERS),  # other lines perhaps, the same state
            (_U.DIFFERS, _R.DECLINED),  # a second reader does not answer: the difference is still there
            (_U.UNDERSTOOD, _R.AGREES),
            (_U.UNDERSTOOD, _R.DECLINED),  # a second reader does not answer: what was understood stays understood
            (_U.DECLINED, _R.DECLINED),
            (_U.NOT_ASKED, _R.AGREES),  # their forms may ask more than ours do
            (_U.NOT_ASKED, _R.DIFFERS),
            (_U.NOT_ASKED, _R.DECLINED),
            (_U.NOT_ASKED, _R.CLARIFICATION_SENT),  # a clarification may go out unasked
            (_U.AWAITED, _R.CLARIFICATION_SENT),
            (_U.UNDERSTOOD, _R.CLARIFICATION_SENT),
            (_U.DECLINED, _R.CLARIFICATION_SENT),
            (_U.CLARIFIED, _R.CLARIFICATION_SENT),
            (_U.NOT_ASKED, _R.CLARIFICATION_CAME),
            (_U.AWAITED, _R.CLARIFICATION_CAME),
            (_U.CLARIFIED, _R.CLARIFICATION_CAME),
            (_U.GIVEN, _R.GIVEN_HERE),  # answered once more, by a second reader
            (_U.GIVEN, _R.DECLINED_HERE),
            (_U.DECLINED, _R.DECLINED_HERE),
        }
    ),
)

_A, _W = Answer, AnswerNews
ANSWER: Final = Axis[Answer, AnswerNews](
    "answer",
    {
        # a first word; an answer that nobody waited for is one too
        (_A.NOT_AWAITED, _W.HOLDING): _A.HOLDING,
        (_A.NOT_AWAITED, _W.PASSED_TO): _A.PASSED_ON,
        (_A.NOT_AWAITED, _W.ACCEPT): _A.IN_HAND,
        (_A.NOT_AWAITED, _W.IN_PART): _A.IN_HAND,
        (_A.NOT_AWAITED, _W.DECLINE): _A.DECLINED,
        (_A.NOT_AWAITED, _W.ACTED): _A.ACTED,
        (_A.NOT_AWAITED, _W.CLOSED): _A.CLOSED,
        (_A.AWAITED, _W.HOLDING): _A.HOLDING,
        (_A.AWAITED, _W.PASSED_TO): _A.PASSED_ON,
        (_A.AWAITED, _W.ACCEPT): _A.IN_HAND,
        (_A.AWAITED, _W.IN_PART): _A.IN_HAND,
        (_A.AWAITED, _W.DECLINE): _A.DECLINED,
        (_A.AWAITED, _W.ACTED): _A.ACTED,
        (_A.AWAITED, _W.CLOSED): _A.CLOSED,
        # after words that leave the matter open
        (_A.HOLDING, _W.PASSED_TO): _A.PASSED_ON,
        (_A.HOLDING, _W.ACCEPT): _A.IN_HAND,
        (_A.HOLDING, _W.IN_PART): _A.IN_HAND,
        (_A.HOLDING, _W.DECLINE): _A.DECLINED,
        (_A.HOLDING, _W.ACTED): _A.ACTED,
        (_A.HOLDING, _W.CLOSED): _A.CLOSED,
        (_A.PASSED_ON, _W.HOLDING): _A.HOLDING,
        (_A.PASSED_ON, _W.ACCEPT): _A.IN_HAND,
        (_A.PASSED_ON, _W.IN_PART): _A.IN_HAND,
        (_A.PASSED_ON, _W.DECLINE): _A.DECLINED,
        (_A.PASSED_ON, _W.ACTED): _A.ACTED,
        (_A.PASSED_ON, _W.CLOSED): _A.CLOSED,
        # after words on the matter: the one signed last counts
        (_A.IN_HAND, _W.DECLINE): _A.DECLINED,
        (_A.IN_HAND, _W.ACTED): _A.ACTED,
        (_A.IN_HAND, _W.CLOSED): _A.CLOSED,
        (_A.DECLINED, _W.ACCEPT): _A.IN_HAND,
        (_A.DECLINED, _W.IN_PART): _A.IN_HAND,
        (_A.DECLINED, _W.ACTED): _A.ACTED,
        (_A.DECLINED, _W.CLOSED): _A.CLOSED,
        (_A.ACTED, _W.ACCEPT): _A.IN_HAND,
        (_A.ACTED, _W.IN_PART): _A.IN_HAND,
        (_A.ACTED, _W.DECLINE): _A.DECLINED,
        (_A.ACTED, _W.CLOSED): _A.CLOSED,
    },
    frozenset(
        {
            (_A.HOLDING, _W.HOLDING),  # the next word is promised anew
            (_A.PASSED_ON, _W.PASSED_TO),
            (_A.IN_HAND, _W.ACCEPT),
            (_A.IN_HAND, _W.IN_PART),
            (_A.DECLINED, _W.DECLINE),
            (_A.ACTED, _W.ACTED),  # a second thing was done
            (_A.IN_HAND, _W.HOLDING),  # a word on the matter is not undone by one that leaves it open
            (_A.IN_HAND, _W.PASSED_TO),
            (_A.DECLINED, _W.HOLDING),
            (_A.DECLINED, _W.PASSED_TO),
            (_A.ACTED, _W.HOLDING),
            (_A.ACTED, _W.PASSED_TO),
            (_A.CLOSED, _W.HOLDING),  # a closed matter stays closed; the note itself is shown all the same
            (_A.CLOSED, _W.PASSED_TO),
            (_A.CLOSED, _W.ACCEPT),
            (_A.CLOSED, _W.IN_PART),
            (_A.CLOSED, _W.DECLINE),
            (_A.CLOSED, _W.ACTED),
            (_A.CLOSED, _W.CLOSED),
        }
    ),
)
