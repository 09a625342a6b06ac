"""One note with one counterpart: where it stands on three axes, since when, and its canonical encoding for the store.

A conversation is a value. `on` takes an event and our time and returns the next value with the effects it asks for;
nothing else changes one. The bytes are local: they never travel, and spec/line.md states them so that a backup can be
read by other means. Leaves out what each event does (`turns`), the tables (`states`) and the note itself.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.line.clocks import Clock
from parley.line.copies import Copy
from parley.line.events import Effect, Event
from parley.line.fields import INT64, WIRE_VERSION, Fields
from parley.line.note import Precedence
from parley.line.receipt import Stage
from parley.line.states import Answer, AnswerNews, Delivery, Moment, Understanding
from parley.line.turns import turn
from parley.seal import Value, decode, encode

CONVERSATION_KIND: Final = 5
LARGEST_CONVERSATION: Final = 64 * 1024
MOST_RECENT: Final = 1024
_RECENT: Final[dict[bytes, Conversation]] = {}  # what was written last is read again at the note's next step


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """Where one note stands with one counterpart. All times are ours, in milliseconds since the Unix epoch, UTC.

    Args:
        outgoing: whether the note is ours.
        precedence: how it is handled here, at first as it was sent.
        copies: the sealings of our note, oldest first.
        attempt: the number of the last read-back that counted (theirs), or that was given (ours).
        differs: the lines that came across differently in that read-back.
        read_in: the languages in which it was read, in order of first reading.
        withheld: the stages that the counterpart says it keeps to itself; shown as withheld, never as not done.
        reason: the problem key of a refusal, or of "full".
        outcome: the last word that counted; `matter_at` and `interim_at` order words by the time they were signed.
        next_word_by: the promise in the last word.
        rang: clocks that have rung; tried: alternate offices already proposed.
        skew: the most that was measured of their clock (`clocks.skew`, ms).
    """

    note_id: bytes
    party: str
    outgoing: bool
    precedence: Precedence
    exercise: bool
    answer_by: int | None
    delivery: Delivery
    understanding: Understanding
    answer: Answer
    copies: tuple[Copy, ...] = ()
    times: dict[int, int] = {}
    attempt: int = 0
    differs: tuple[int, ...] = ()
    read_in: tuple[str, ...] = ()
    withheld: tuple[int, ...] = ()
    reason: str = ""
    outcome: AnswerNews | None = None
    matter_at: int = 0
    interim_at: int = 0
    next_word_by: int | None = None
    rang: tuple[Clock, ...] = ()
    tried: tuple[str, ...] = ()
    skew: int = 0

    @classmethod
    def begin_outgoing(
        cls,
        note_id: bytes,
        party: str,
        *,
        precedence: Precedence,
        exercise: bool,
        answer_by: int | None,
        asks_read_back: bool,
        awaits_answer: bool,
    ) -> Conversation:
        """Ours, signed, not yet sealed for `party`; follow with SealedAndQueued."""
        return cls(
            note_id=note_id,
            party=party,
            outgoing=True,
            precedence=precedence,
            exercise=exercise,
            answer_by=answer_by,
            delivery=Delivery.SIGNED,
            understanding=Understanding.AWAITED if asks_read_back else Understanding.NOT_ASKED,
            answer=Answer.AWAITED if awaits_answer else Answer.NOT_AWAITED,
        )

    @classmethod
    def begin_incoming(
        cls,
        note_id: bytes,
        party: str,
        *,
        precedence: Precedence,
        exercise: bool,
        answer_by: int | None,
        asks_read_back: bool,
        awaits_answer: bool,
        taken_at: int,
    ) -> Conversation:
        """Theirs, durable here since `taken_at`; follow with Opened or Refused."""
        return cls(
            note_id=note_id,
            party=party,
            outgoing=False,
            precedence=precedence,
            exercise=exercise,
            answer_by=answer_by,
            delivery=Delivery.HELD,
            understanding=Understanding.AWAITED if asks_read_back else Understanding.NOT_ASKED,
            answer=Answer.AWAITED if awaits_answer else Answer.NOT_AWAITED,
            times={int(Moment.TAKEN): taken_at},
        )

    def on(self, event: Event, now: int) -> tuple[Conversation, tuple[Effect, ...]]:
        """The conversation after `event`, and what it asks for: ``(Nothing(),)`` if the news was late or repeated.

        Raises LineProblem ``receipt_mismatch`` for a receipt that is not about this note, ``not_for_this_state`` for
        what our officer or node cannot do now.
        """
        return turn(self, event, now)

    @property
    def queued_at(self) -> int | None:
        """When the latest copy was sealed and queued."""
        return self.times.get(Moment.QUEUED)

    @property
    def taken_at(self) -> int | None:
        """When the note was first durable at its receiver: theirs reckoned by our clock, or ours."""
        return self.times.get(Moment.TAKEN)

    @property
    def awaits_read(self) -> bool:
        """Whether we may still expect to hear that a person read our note; never once "read" is withheld."""
        silent = Stage.READ not in self.withheld and Moment.READ_BACK not in self.times
        return self.delivery in (Delivery.TAKEN, Delivery.OPENED) and silent

    def to_bytes(self) -> bytes:
        """The canonical bytes (spec/line.md, the stored conversation)."""
        copies: list[Value] = [[copy.sealed, int(copy.delivery)] for copy in self.copies]
        outcome = self.outcome.value if self.outcome else None
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: CONVERSATION_KIND,
            3: self.note_id,
            4: self.party,
            5: self.outgoing,
            6: int(self.precedence),
            7: self.exercise,
            8: self.answer_by,
            9: [int(self.delivery), int(self.understanding), int(self.answer)],
            10: copies,
            11: {int(moment): at for moment, at in sorted(self.times.items())},
            12: self.attempt,
            13: list(self.differs),
            14: list(self.read_in),
            15: list(self.withheld),
            16: self.reason,
            17: [outcome, self.matter_at, self.interim_at],
            18: self.next_word_by,
            19: [int(clock) for clock in self.rang],
            20: list(self.tried),
            21: self.skew,
        }
        return _remembered(encode(fields), self)


def _remembered(data: bytes, conversation: Conversation) -> bytes:
    """`data`, with its value kept for the next reading; nobody changes a Conversation."""
    if len(_RECENT) >= MOST_RECENT:
        _RECENT.clear()
    _RECENT[data] = conversation
    return data


def read_conversation(data: bytes) -> Conversation:
    """Read back what `Conversation.to_bytes` wrote; raises LineProblem or SealProblem if the store is damaged."""
    if (recent := _RECENT.get(data)) is not None:
        return recent
    fields = Fields("conversation", decode(data, limit=LARGEST_CONVERSATION), CONVERSATION_KIND)
    try:
        conversation = _read(fields)
    except (ValueError, TypeError) as error:  # a number that is no state, an array of other things
        raise fields.bad("a state, a moment or a clock cannot be one") from error
    fields.same(conversation.to_bytes(), data)
    return conversation


def _read(f: Fields) -> Conversation:
    delivery, understanding, answer = f.items(9, 3)
    outcome, matter_at, interim_at = f.items(17, 3)
    return msgspec.convert(
        {
            "note_id": f.octets(3, 32),
            "party": f.text(4, 16),
            "outgoing": f.flag(5),
            "precedence": f.whole(6, 0, 3),
            "exercise": f.flag(7),
            "answer_by": f.maybe_whole(8),
            "delivery": delivery,
            "understanding": understanding,
            "answer": answer,
            "copies": [_copy(item) for item in f.items(10, 64)],
            "times": f.mapping(11, 64),
            "attempt": f.whole(12),
            "differs": f.items(13, 256),
            "read_in": f.items(14, 64),
            "withheld": f.items(15, 16),
            "reason": f.text(16, 64),
            "outcome": outcome,
            "matter_at": matter_at,
            "interim_at": interim_at,
            "next_word_by": f.maybe_whole(18),
            "rang": f.items(19, 64),
            "tried": f.items(20, 64),
            "skew": f.whole(21, -INT64),
        },
        Conversation,
    )


def _copy(item: Value) -> Copy:
    match item:
        case [bytes(sealed), int(delivery)]:
            return Copy(sealed, Delivery(delivery))
    raise TypeError("a copy is a digest and a state")
