"""The machine under anything: events in any order, repeated and out of place."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from parley.line import (
    ClarificationCame,
    ClarificationSent,
    ClockRang,
    Closed,
    Conversation,
    Delivery,
    Entry,
    Event,
    HandledAs,
    LineProblem,
    NoteAnswered,
    Nothing,
    OfferClarification,
    Opened,
    Precedence,
    ProposeCall,
    ReadBack,
    ReadBackGiven,
    ReadBackJudged,
    ReceiptCame,
    Refused,
    Reseal,
    Ring,
    SealedAndQueued,
    Shown,
    Stage,
    Voided,
    next_clock,
    read_conversation,
)
from parley.line.copies import MOST_COPIES
from parley.line.states import Answer, AnswerNews
from parley.seal import digest

START = 1_795_457_460_000
HOUR = 3_600_000
COPIES = [digest(b"copy %d" % number) for number in range(4)]
BACK = ReadBack(1, "en", "duty officer", 20, ((6, "not-accusation"),))
NAMED = (Stage.OPENED, Stage.READ, Stage.READ_BACK)


def entry(stage: Stage, copy: bytes, at: int) -> Entry:
    """An entry whose parts fit its stage."""
    return Entry(
        sealed=copy,
        stage=stage,
        at=at,
        note=bytes(32) if stage in NAMED else None,
        language="en" if stage is Stage.READ else "",
        read_back=BACK if stage is Stage.READ_BACK else None,
    )


instants = st.integers(0, START + 100 * HOUR)
receipts = st.builds(
    lambda stage, copy, at, signed, withheld: ReceiptCame(entry(stage, copy, at), signed, withheld),
    st.sampled_from(Stage),
    st.sampled_from(COPIES),
    instants,
    instants,
    st.sampled_from([(), (2,), (3,), (2, 3)]),
)
lines = st.lists(st.integers(1, 99), max_size=3).map(tuple)
ours = st.one_of(
    receipts,
    st.builds(SealedAndQueued, st.sampled_from(COPIES)),
    st.builds(ReadBackJudged, st.integers(0, 4), lines, st.booleans()),
    st.just(ClarificationSent()),
    st.just(Voided()),
)
theirs = st.one_of(
    st.builds(Opened, st.booleans()),
    st.builds(Refused, st.sampled_from(["line.serial_fork", "line.wrong_recipient"])),
    st.builds(Shown, st.sampled_from(["en", "fr"])),
    st.builds(ReadBackGiven, st.sampled_from(["en", "fr"]), st.booleans()),
    st.builds(HandledAs, st.sampled_from(Precedence)),
    st.just(ClarificationCame()),
)
both = st.one_of(
    st.builds(NoteAnswered, st.sampled_from(AnswerNews), st.integers(1, 5), st.none() | instants),
    st.builds(
        ClockRang, st.none() | st.just("+41 22 555 01 00"), st.sampled_from([(), ("night",), ("night", "legal")])
    ),
    st.just(Closed()),
)


class Correspondence(RuleBasedStateMachine):
    """One conversation and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.effects: list[Any] = []
        self.events: list[Event] = []

    @initialize(
        outgoing=st.booleans(),
        precedence=st.sampled_from(Precedence),
        exercise=st.booleans(),
        answer_by=st.none() | instants,
        asks=st.booleans(),
        awaits=st.booleans(),
    )
    def begin(self, outgoing: bool, asks: bool, awaits: bool, **fields: Any) -> None:
        """Ours or theirs."""
        fields |= {"asks_read_back": asks, "awaits_answer": awaits}
        begin = Conversation.begin_outgoing if outgoing else Conversation.begin_incoming
        self.c = begin(bytes(32), "XB", **fields, **({} if outgoing else {"taken_at": START}))

    @rule(event=st.one_of(ours, both), forward=st.integers(0, HOUR))
    def something_of_our_note_happens(self, event: Event, forward: int) -> None:
        """Fitting or not."""
        self.happens(event, forward)

    @rule(event=st.one_of(theirs, both), forward=st.integers(0, HOUR))
    def something_of_their_note_happens(self, event: Event, forward: int) -> None:
        """Fitting or not."""
        self.happens(event, forward)

    @rule(data=st.data())
    def something_happens_again(self, data: Any) -> None:
        """Repeated at once it changes nothing more, and asks for nothing more."""
        if not self.events:
            return
        event = data.draw(st.sampled_from(self.events))
        self.happens(event, 0)
        once = self.c
        effects = self.happens(event, 0)
        if not isinstance(event, ReadBackGiven | ClockRang):  # a second reader; a second office
            assert self.c == once
            assert not [e for e in effects if not isinstance(e, Nothing)]

    def happens(self, event: Event, forward: int) -> tuple[Any, ...]:
        """Play an event; refusals by name are the only exceptions."""
        self.now += forward
        before = self.c
        try:
            self.c, effects = before.on(event, self.now)
        except LineProblem as problem:
            if problem.key not in ("line.not_for_this_state", "line.receipt_mismatch"):
                raise
            return ()
        self.events.append(event)
        self.effects += effects
        self.check(before, event, effects)
        return effects

    def check(self, before: Conversation, event: Event, effects: tuple[Any, ...]) -> None:
        """What holds of every step."""
        if self.c.delivery < before.delivery and before.delivery is not Delivery.HELD:
            opened_after_all = (before.delivery, self.c.delivery) == (Delivery.REFUSED, Delivery.OPENED)
            assert isinstance(event, SealedAndQueued) or opened_after_all
        if before.answer is Answer.CLOSED:
            assert self.c.answer is Answer.CLOSED
        if effects == (Nothing(),):
            assert self.c == before
        for effect in effects:
            if isinstance(effect, OfferClarification):
                assert effect.lines == self.c.differs != ()
            if isinstance(effect, ProposeCall) and self.c.exercise:
                assert effect.telephone is None
        if isinstance(event, ClockRang):  # no clock rings twice
            at = next_clock(self.c)
            assert at is None or at > self.now
        others = {"delivery", "understanding", "answer"} - self.moved(before)
        assert len(others) >= 2  # one event moves one axis

    def moved(self, before: Conversation) -> set[str]:
        """The axes that changed."""
        return {
            axis for axis in ("delivery", "understanding", "answer") if getattr(before, axis) != getattr(self.c, axis)
        }

    @invariant()
    def it_survives_the_store(self) -> None:
        """Every value that can come about is written and read back."""
        if hasattr(self, "c"):
            assert read_conversation(self.c.to_bytes()) == self.c

    @invariant()
    def what_is_bounded_is_bounded(self) -> None:
        """Rings once; copies and resealings do not grow for ever."""
        if hasattr(self, "c"):
            assert self.effects.count(Ring()) <= 1
            assert len(self.c.copies) <= MOST_COPIES
            assert len(self.c.rang) == len(set(self.c.rang))
            assert self.effects.count(Reseal()) <= len(COPIES)


Correspondence.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestCorrespondence = Correspondence.TestCase


@settings(max_examples=200, deadline=None)
@given(st.lists(receipts, max_size=12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_same_receipts_in_any_order_end_in_the_same_delivery(
    news: list[ReceiptCame], sealed: int, order: random.Random
) -> None:
    """Given which copies were sealed, delivery is a function of the set of receipts (copies.py says why)."""
    ends = set()
    for _ in range(3):
        c = Conversation.begin_outgoing(
            bytes(32),
            "XB",
            precedence=Precedence.FLASH,
            exercise=False,
            answer_by=None,
            asks_read_back=True,
            awaits_answer=True,
        )
        for copy in COPIES[:sealed]:
            c, _ = c.on(SealedAndQueued(copy), START)
        for receipt in news:
            if receipt.entry.sealed in COPIES[:sealed]:
                c, _ = c.on(receipt, START)
        ends.add((c.delivery, c.withheld))
        order.shuffle(news)
    assert len(ends) == 1


words = st.builds(NoteAnswered, st.sampled_from([n for n in AnswerNews if n is not AnswerNews.CLOSED]), st.just(0))


@settings(max_examples=200, deadline=None)
@given(st.lists(words, max_size=8), st.randoms(use_true_random=False))
def test_answers_that_overtake_each_other_end_alike(said: list[NoteAnswered], order: random.Random) -> None:
    """The word on the matter signed last counts; without one, the last of the others."""
    numbered = [NoteAnswered(word.outcome, at) for at, word in enumerate(said, start=1)]
    ends = set()
    for _ in range(3):
        c = Conversation.begin_incoming(
            bytes(32),
            "XA",
            precedence=Precedence.FLASH,
            exercise=False,
            answer_by=None,
            asks_read_back=True,
            awaits_answer=True,
            taken_at=START,
        )
        for word in numbered:
            c, _ = c.on(word, START)
        ends.add((c.answer, c.outcome))
        order.shuffle(numbered)
    assert len(ends) == 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(lines, st.booleans()), max_size=6), st.randoms(use_true_random=False))
def test_read_backs_that_overtake_each_other_end_alike(
    given_back: list[tuple[tuple[int, ...], bool]], order: random.Random
) -> None:
    """Without a clarification in between, the last read-back that was not declined counts."""
    news = [ReadBackJudged(at, differs, declined) for at, (differs, declined) in enumerate(given_back, start=1)]
    ends = set()
    for _ in range(3):
        c = Conversation.begin_outgoing(
            bytes(32),
            "XB",
            precedence=Precedence.FLASH,
            exercise=False,
            answer_by=None,
            asks_read_back=True,
            awaits_answer=True,
        )
        for judged in news:
            c, _ = c.on(judged, START)
        ends.add((c.understanding, c.differs))
        order.shuffle(news)
    assert len(ends) == 1
