"""What each event does to a conversation: looked up in the tables, then the times, the details and the effects.

Guards before the tables order news that overtook each other: a receipt counts for the very sealed bytes that it names,
a read-back by its attempt, an answer by its signing time. Leaves out the record itself (`conversation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from parley.line.clocks import Clock, due, skew
from parley.line.copies import MOST_COPIES, delivery_of, heard, with_copy
from parley.line.events import (
    ChangeBearer,
    ClarificationCame,
    ClarificationSent,
    ClockRang,
    Closed,
    Effect,
    Event,
    HandledAs,
    NoteAnswered,
    Nothing,
    OfferClarification,
    Opened,
    ProposeCall,
    ReadBackGiven,
    ReadBackJudged,
    ReceiptCame,
    Refused,
    Remind,
    Reseal,
    Ring,
    SealedAndQueued,
    Shown,
    TryAlternateOffice,
    Voided,
)
from parley.line.note import Precedence
from parley.line.problems import LineProblem
from parley.line.receipt import Stage
from parley.line.states import (
    ANSWER,
    DELIVERY,
    UNDERSTANDING,
    AnswerNews,
    Delivery,
    DeliveryNews,
    Moment,
    UnderstandingNews,
)

if TYPE_CHECKING:
    from parley.line.conversation import Conversation

Turned = tuple["Conversation", tuple[Effect, ...]]
NOTHING: Final[tuple[Effect, ...]] = (Nothing(),)
MOST_NAMED: Final = 64
"""Languages of reading, and alternate offices, kept of one conversation: no more are read back from the store."""

_STAGES: Final[Mapping[Stage, DeliveryNews]] = {
    Stage.TAKEN: DeliveryNews.RECEIPT_TAKEN,
    Stage.OPENED: DeliveryNews.RECEIPT_OPENED,
    Stage.READ: DeliveryNews.RECEIPT_READ,
    Stage.READ_BACK: DeliveryNews.RECEIPT_READ_BACK,
    Stage.REFUSED: DeliveryNews.RECEIPT_REFUSED,
    Stage.UNOPENABLE: DeliveryNews.RECEIPT_UNOPENABLE,
    Stage.FULL: DeliveryNews.RECEIPT_FULL,
}
# The moments that a stage dates. Who opened it had taken it; "read" dates nothing before it: opening may be withheld.
_DATES: Final[Mapping[Stage, tuple[Moment, ...]]] = {
    Stage.TAKEN: (Moment.TAKEN,),
    Stage.OPENED: (Moment.TAKEN, Moment.OPENED),
    Stage.READ: (Moment.TAKEN, Moment.READ),
    Stage.READ_BACK: (Moment.TAKEN, Moment.READ_BACK),
    Stage.REFUSED: (Moment.REFUSED,),
    Stage.UNOPENABLE: (Moment.UNOPENABLE,),
    Stage.FULL: (Moment.FULL,),
}
_OF_DELIVERY: Final = frozenset(
    {Clock.BEARER, Clock.BEARER_AGAIN, Clock.OFFICE, Clock.CALL, Clock.UNREAD_OFFICE, Clock.UNREAD_CALL}
)
_INTERIM: Final = frozenset({AnswerNews.HOLDING, AnswerNews.PASSED_TO})


def turn(c: Conversation, event: Event, now: int) -> Turned:
    """The next conversation and its effects; `Conversation.on` is its public name."""
    turned, effects = _TURNS[type(event)](c, event, now)
    return (c, NOTHING) if turned == c and not effects else (turned, effects)


def _cannot(c: Conversation) -> LineProblem:
    return LineProblem("not_for_this_state", state=c.delivery.name.lower(), note=c.note_id.hex()[:16])


def _ours(c: Conversation) -> None:
    if not c.outgoing:
        raise _cannot(c)


def _theirs(c: Conversation) -> None:
    if c.outgoing:
        raise _cannot(c)


def _dated(c: Conversation, at: int, *moments: Moment) -> dict[int, int]:
    """The times with `moments` at `at`; what was dated earlier stays: the first report of a step is the step."""
    return c.times | {int(moment): min(at, c.times.get(moment, at)) for moment in moments}


def _deliver(c: Conversation, news: DeliveryNews) -> Delivery:
    state = DELIVERY.next(c.delivery, news)
    if state is None:
        raise _cannot(c)
    return state


# -- delivery of ours


def _sealed(c: Conversation, event: SealedAndQueued, now: int) -> Turned:
    _ours(c)
    if any(copy.sealed == event.sealed for copy in c.copies):
        return c, ()
    _deliver(c, DeliveryNews.SEALED)
    copies = with_copy(c.copies, event.sealed)
    delivery = delivery_of(copies)
    if delivery is c.delivery and delivery is not Delivery.QUEUED:  # an older copy arrived: what was heard stays heard
        return replace(c, copies=copies), ()
    times = {at: ms for at, ms in c.times.items() if at != Moment.TAKEN or delivery is Delivery.TAKEN}
    rang = tuple(clock for clock in c.rang if clock not in _OF_DELIVERY)
    times[Moment.QUEUED] = now
    return replace(c, delivery=delivery, copies=copies, times=times, rang=rang, reason=""), ()


def _voided(c: Conversation, _: Voided, now: int) -> Turned:
    _ours(c)
    state = _deliver(c, DeliveryNews.VOIDED)
    return replace(c, delivery=state, times=_dated(c, now, Moment.VOIDED)), ()


def _receipt(c: Conversation, event: ReceiptCame, now: int) -> Turned:
    entry = event.entry
    if entry.note is not None and entry.note != c.note_id:
        raise LineProblem("receipt_mismatch", party=c.party)
    copies = heard(c.copies, entry.sealed, _STAGES[entry.stage], c.party)
    state = delivery_of(copies)
    language = entry.read_back.language if entry.read_back else entry.language
    turned = replace(
        c,
        delivery=state,
        copies=copies,
        times=_dated(c, _by_our_clock(c, event, now), *_DATES[entry.stage]),
        read_in=_with(c.read_in, language),
        withheld=tuple(sorted({*c.withheld, *event.withheld})),
        reason=entry.reason if state is not c.delivery else c.reason,
        skew=max(c.skew, skew(event.signed_at, now, c.queued_at), key=abs),
    )
    return turned, _on_unopenable(turned) if _newly(Delivery.UNOPENABLE, c, turned) else ()


def _newly(state: Delivery, before: Conversation, after: Conversation) -> bool:
    return after.delivery is state and before.delivery is not state


def _on_unopenable(c: Conversation) -> tuple[Effect, ...]:
    return (Reseal(),) if len(c.copies) < MOST_COPIES else (ProposeCall("unopenable"),)


def _by_our_clock(c: Conversation, event: ReceiptCame, now: int) -> int:
    """When the step happened, by our clock: their clock may be days off, but tells how long ago by itself."""
    ago = max(0, event.signed_at - event.entry.at)
    earliest = min(now, now if c.queued_at is None else c.queued_at)
    return max(now - ago, earliest)


def _with(seen: tuple[str, ...], new: str) -> tuple[str, ...]:
    """`seen` and, if there is room, `new`: a counterpart may name as many languages as it likes."""
    return seen if not new or new in seen or len(seen) >= MOST_NAMED else (*seen, new)


# -- delivery of theirs


def _opened(c: Conversation, event: Opened, now: int) -> Turned:
    _theirs(c)
    state = _deliver(c, DeliveryNews.OPENED_HERE)
    if state is c.delivery:
        return c, ()
    rings = c.precedence is Precedence.FLASH and (not c.exercise or event.drill_rings)
    turned = replace(c, delivery=state, reason="", times=_dated(c, now, Moment.OPENED))
    return turned, (Ring(),) if rings else ()


def _refused(c: Conversation, event: Refused, now: int) -> Turned:
    _theirs(c)
    state = _deliver(c, DeliveryNews.REFUSED_HERE)
    if state is c.delivery:
        return c, ()
    return replace(c, delivery=state, reason=event.reason, times=_dated(c, now, Moment.REFUSED)), ()


def _shown(c: Conversation, event: Shown, now: int) -> Turned:
    _theirs(c)
    state = _deliver(c, DeliveryNews.SHOWN_HERE)
    read_in = _with(c.read_in, event.language)
    return replace(c, delivery=state, read_in=read_in, times=_dated(c, now, Moment.READ)), ()


def _handled_as(c: Conversation, event: HandledAs, now: int) -> Turned:
    _theirs(c)
    return replace(c, precedence=event.precedence), ()


# -- understanding


def _understand(c: Conversation, news: UnderstandingNews, now: int, *moments: Moment, **also: Any) -> Conversation:
    state = UNDERSTANDING.next(c.understanding, news)
    if state is None:
        raise _cannot(c)
    return replace(c, understanding=state, times=_dated(c, now, *moments), **also)


def _judged(c: Conversation, event: ReadBackJudged, now: int) -> Turned:
    _ours(c)
    if event.attempt <= c.attempt:  # overtaken by a later read-back
        return c, ()
    if event.declined:  # does not count as an attempt: whoever answers afterwards is heard, in whatever order they come
        return _understand(c, UnderstandingNews.DECLINED, now, Moment.READ_BACK), ()
    lines = tuple(sorted(set(event.differs)))
    news = UnderstandingNews.DIFFERS if lines else UnderstandingNews.AGREES
    turned = _understand(c, news, now, Moment.READ_BACK, attempt=event.attempt, differs=lines)
    return turned, (OfferClarification(lines),) if lines else ()


def _clarification_sent(c: Conversation, _: ClarificationSent, now: int) -> Turned:
    _ours(c)
    return _understand(c, UnderstandingNews.CLARIFICATION_SENT, now, Moment.CLARIFIED), ()


def _clarification_came(c: Conversation, _: ClarificationCame, now: int) -> Turned:
    _theirs(c)
    return _understand(c, UnderstandingNews.CLARIFICATION_CAME, now, Moment.CLARIFIED), ()


def _given(c: Conversation, event: ReadBackGiven, now: int) -> Turned:
    _theirs(c)
    if c.delivery is not Delivery.READ:
        raise _cannot(c)
    news = UnderstandingNews.DECLINED_HERE if event.declined else UnderstandingNews.GIVEN_HERE
    read_in = _with(c.read_in, event.language)
    return _understand(c, news, now, Moment.READ_BACK, attempt=c.attempt + 1, read_in=read_in), ()


# -- answer


def _answered(c: Conversation, event: NoteAnswered, now: int) -> Turned:
    if event.outcome is AnswerNews.CLOSED:
        raise _cannot(c)  # no outcome of the answer form: only our own officer closes
    interim = event.outcome in _INTERIM
    if c.matter_at >= event.signed_at or (interim and (c.matter_at or c.interim_at >= event.signed_at)):
        return c, ()
    state = ANSWER.next(c.answer, event.outcome)
    moments = (Moment.ANSWERED, Moment.ACTED) if event.outcome is AnswerNews.ACTED else (Moment.ANSWERED,)
    turned = replace(
        c,
        answer=state if state is not None else c.answer,
        outcome=event.outcome,
        next_word_by=event.next_word_by,
        rang=tuple(clock for clock in c.rang if clock not in (Clock.NEXT_WORD, Clock.OUR_WORD)),
        times=_dated(c, now, *moments),
        **({"interim_at": event.signed_at} if interim else {"matter_at": event.signed_at}),
    )
    return turned, ()


def _closed(c: Conversation, _: Closed, now: int) -> Turned:
    state = ANSWER.next(c.answer, AnswerNews.CLOSED)
    if state is None or state is c.answer:
        return c, ()
    return replace(c, answer=state, times=_dated(c, now, Moment.CLOSED)), ()


# -- clocks


def _rang(c: Conversation, event: ClockRang, now: int) -> Turned:
    clocks = due(c, now, event.settings)
    if not clocks:
        return c, ()
    effects: dict[Effect, None] = {}
    tried = c.tried
    for clock in clocks:
        for effect in _ring(c, clock, event, tried):
            effects[effect] = None
            tried = _with(tried, effect.office) if isinstance(effect, TryAlternateOffice) else tried
    return replace(c, rang=(*c.rang, *clocks), tried=tried), tuple(effects)


def _ring(c: Conversation, clock: Clock, event: ClockRang, tried: tuple[str, ...]) -> tuple[Effect, ...]:
    if clock in (Clock.OFFICE, Clock.UNREAD_OFFICE):
        left = [office for office in event.alternates if office not in tried]
        return (TryAlternateOffice(left[0]),) if left else ()
    if clock in _CALLS:
        number = event.telephone if not c.exercise or event.drill_calls else None
        return (ProposeCall(_CALLS[clock], number),)
    return (_RINGS[clock],)


_CALLS: Final[Mapping[Clock, str]] = {
    Clock.CALL: "taken",
    Clock.UNREAD_CALL: "read",
    Clock.ANSWER: "answer",
    Clock.NEXT_WORD: "next-word",
}
_RINGS: Final[Mapping[Clock, Effect]] = {
    Clock.BEARER: ChangeBearer(),
    Clock.BEARER_AGAIN: ChangeBearer(),
    Clock.HANDLING: Remind("unread"),
    Clock.OUR_ANSWER: Remind("our-answer"),
    Clock.OUR_WORD: Remind("our-word"),
}

_TURNS: Final[Mapping[type, Callable[[Conversation, Any, int], Turned]]] = {
    SealedAndQueued: _sealed,
    ReceiptCame: _receipt,
    ReadBackJudged: _judged,
    ClarificationSent: _clarification_sent,
    ClarificationCame: _clarification_came,
    NoteAnswered: _answered,
    Opened: _opened,
    Refused: _refused,
    Shown: _shown,
    ReadBackGiven: _given,
    HandledAs: _handled_as,
    Voided: _voided,
    ClockRang: _rang,
    Closed: _closed,
}
