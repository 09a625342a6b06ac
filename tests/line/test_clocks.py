"""Which clock runs, when it rings, and what is proposed then; what a counterpart's clock can be shown to be off by."""

from __future__ import annotations

from typing import Any

import pytest

from parley.line import (
    ChangeBearer,
    Clock,
    ClockRang,
    Closed,
    Conversation,
    HandledAs,
    NoteAnswered,
    Nothing,
    Opened,
    Precedence,
    ProposeCall,
    ReadBackGiven,
    ReadBackJudged,
    ReceiptCame,
    Remind,
    SealedAndQueued,
    Settings,
    Shown,
    Stage,
    TryAlternateOffice,
    Voided,
    due,
    next_clock,
    skew,
    skew_mark,
)
from parley.line.states import AnswerNews
from parley.seal import digest

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
STATION = {"FLASH": 10 * MINUTE, "IMMEDIATE": 30 * MINUTE, "PRIORITY": 3 * HOUR, "ROUTINE": 6 * HOUR}


def queued(world: Any, **changes: Any) -> Conversation:
    """Ours, sealed now, without an answer-by unless asked for."""
    fields = {"answer_by": None} | changes
    return world.ours(**fields).on(SealedAndQueued(digest(b"copy 1")), world.NOW)[0]


def heard(world: Any, c: Conversation, stage: Stage, at: int | None = None, **changes: Any) -> Conversation:
    """A receipt, signed and arriving at `at`."""
    at = world.NOW if at is None else at
    return c.on(ReceiptCame(world.entry(stage, at=at), at, **changes), at)[0]


def after(world: Any, c: Conversation) -> int | None:
    """The next clock, counted from now."""
    at = next_clock(c)
    return None if at is None else at - world.NOW


@pytest.mark.parametrize("precedence", list(Precedence), ids=lambda p: p.name)
def test_in_station_times_are_those_of_acp_127(world: Any, precedence: Precedence) -> None:
    """10 minutes, 30 minutes, 3 hours, 6 hours; the first bearer is changed after a quarter of it."""
    c = queued(world, precedence=precedence)
    assert after(world, c) == STATION[precedence.name] // 4
    rings = due(c, world.NOW + STATION[precedence.name])
    assert rings == (Clock.BEARER, Clock.BEARER_AGAIN, Clock.OFFICE, Clock.CALL)


# what is known -> when the next clock of a FLASH note of ours rings, in minutes from now
OURS: dict[str, float | None] = {
    "signed, not sealed": None,
    "queued": 2.5,
    "full": 2.5,
    "unopenable": 2.5,
    "refused": None,
    "taken": 10,  # runs from taken: the receiver has the whole in-station time
    "taken 5 minutes later": 15,
    "opened": 10,
    "read": None,
    "taken, read withheld": None,  # silence was announced: nobody is called for it
    "taken, opened withheld": 10,
    "taken, read-back came": None,  # a person read it, whatever the receipts say
    "queued, answered": None,  # the answer shows that it arrived
    "queued, closed": None,
}


@pytest.mark.parametrize("known", OURS)
def test_the_delivery_clock_of_our_note(world: Any, known: str) -> None:
    """No clock outlives its reason."""
    c = world.ours(answer_by=None) if known == "signed, not sealed" else queued(world)
    match known:
        case "full" | "unopenable" | "refused" | "taken" | "opened" | "read":
            c = heard(world, c, Stage[known.upper()])
        case "taken 5 minutes later":
            c = heard(world, c, Stage.TAKEN, world.NOW + 5 * MINUTE)
        case "taken, read withheld":
            c = heard(world, c, Stage.TAKEN, withheld=(int(Stage.READ),))
        case "taken, opened withheld":
            c = heard(world, c, Stage.TAKEN, withheld=(int(Stage.OPENED),))
        case "taken, read-back came":
            c = heard(world, heard(world, c, Stage.TAKEN), Stage.READ_BACK)
        case "queued, answered":
            c = c.on(NoteAnswered(AnswerNews.ACCEPT, world.NOW), world.NOW)[0]
        case "queued, closed":
            c = c.on(Closed(), world.NOW)[0]
    expected = OURS[known]
    assert after(world, c) == (None if expected is None else expected * MINUTE)


def test_no_clock_runs_for_a_read_back(world: Any) -> None:
    """It may be declined without reason, and nothing follows: awaited, declined and differing set no clock."""
    read = heard(world, queued(world), Stage.READ)
    for event in (ReadBackJudged(1, declined=True), ReadBackJudged(2, (6,)), ReadBackJudged(3)):
        assert next_clock(read) is None
        read, _ = read.on(event, world.NOW)
    theirs = world.theirs(answer_by=None).on(Opened(), world.NOW)[0].on(Shown("en"), world.NOW)[0]
    assert next_clock(theirs) is None
    assert next_clock(theirs.on(ReadBackGiven("en", declined=True), world.NOW)[0]) is None


def test_the_answer_hoped_for_has_a_clock_of_its_own(world: Any) -> None:
    """It runs from the note's own field, and ends with any answer; a promise sets the next."""
    read = heard(world, queued(world, answer_by=world.NOW + 2 * HOUR), Stage.READ)
    assert after(world, read) == 2 * HOUR
    holding, _ = read.on(NoteAnswered(AnswerNews.HOLDING, world.NOW, world.NOW + 5 * HOUR), world.NOW)
    assert after(world, holding) == 5 * HOUR
    acted, _ = holding.on(NoteAnswered(AnswerNews.ACTED, world.NOW + 1), world.NOW)
    assert next_clock(acted) is None


def test_no_clock_runs_where_nothing_is_awaited(world: Any) -> None:
    """Not for an answer to what was refused, voided or never sealed; not for a promise in a closed matter."""
    hoping = {"answer_by": world.NOW + HOUR}
    assert next_clock(world.ours(**hoping)) is None
    assert next_clock(heard(world, queued(world, **hoping), Stage.REFUSED)) is None
    assert next_clock(world.ours(**hoping).on(Voided(), world.NOW)[0]) is None
    promised = queued(world).on(NoteAnswered(AnswerNews.HOLDING, 1, world.NOW + HOUR), world.NOW)[0]
    assert after(world, promised) == HOUR
    assert next_clock(promised.on(Closed(), world.NOW)[0]) is None


def test_the_clock_of_a_note_received_runs_from_taken(world: Any) -> None:
    """Not from its signing: it may have lain with a courier for a month."""
    c = world.theirs(answer_by=None, taken_at=world.NOW - 4 * MINUTE).on(Opened(), world.NOW)[0]
    assert after(world, c) == 6 * MINUTE
    assert next_clock(c.on(Shown("en"), world.NOW)[0]) is None


def test_handling_a_note_lower_moves_its_clock(world: Any) -> None:
    """The receiver's right."""
    c = world.theirs(answer_by=None).on(Opened(), world.NOW)[0].on(HandledAs(Precedence.ROUTINE), world.NOW)[0]
    assert after(world, c) == 6 * HOUR


def test_a_locked_node_sets_no_handling_clock(world: Any) -> None:
    """It does not know yet what it holds; the answer hoped for is known once it does."""
    assert next_clock(world.theirs(answer_by=None)) is None


def ring(c: Conversation, at: int, **event: Any) -> tuple[Conversation, tuple[Any, ...]]:
    """The clock rings at `at`."""
    return c.on(ClockRang(**event), at)


def test_clocks_ring_in_order_and_each_once(world: Any) -> None:
    """First other bearers, without asking; then an office they named; then the telephone, proposed."""
    c, said = queued(world), []
    for _ in range(4):
        at = next_clock(c)
        if at is None:
            break
        c, effects = ring(c, at, telephone="+41 22 555 01 00", alternates=("night",))
        said.append(((at - world.NOW) / MINUTE, effects))
        assert ring(c, at)[1] == (Nothing(),)
    assert said == [
        (2.5, (ChangeBearer(),)),
        (5, (ChangeBearer(),)),
        (10, (TryAlternateOffice("night"), ProposeCall("taken", "+41 22 555 01 00"))),
    ]
    assert next_clock(c) is None


def test_a_node_that_slept_for_a_week_does_each_thing_once(world: Any) -> None:
    """Two bearer clocks at once change the bearer once."""
    _, effects = ring(queued(world), world.NOW + 7 * DAY, alternates=("night",))
    assert effects == (ChangeBearer(), TryAlternateOffice("night"), ProposeCall("taken"))


def test_only_an_office_that_they_named_is_tried_and_each_once(world: Any) -> None:
    """None named, none tried; after the first, the second."""
    late = world.NOW + 10 * MINUTE
    assert TryAlternateOffice("night") not in ring(queued(world), late)[1]
    c, _ = ring(queued(world), late, alternates=("night", "legal"))
    assert c.tried == ("night",)
    c, effects = ring(heard(world, c, Stage.TAKEN, late), late + 10 * MINUTE, alternates=("night", "legal"))
    assert effects == (TryAlternateOffice("legal"), ProposeCall("read"))


def test_an_exercise_proposes_no_number_unless_its_script_does(world: Any) -> None:
    """An exercise never rings a real telephone by itself."""
    drill = queued(world, exercise=True)
    late = world.NOW + 10 * MINUTE
    assert ProposeCall("taken", None) in ring(drill, late, telephone="+41 22 555 01 00")[1]
    assert (
        ProposeCall("taken", "+41 22 555 01 00") in ring(drill, late, telephone="+41 22 555 01 00", drill_calls=True)[1]
    )


@pytest.mark.parametrize(
    ("clock", "effect"),
    [("answer", ProposeCall("answer")), ("next word", ProposeCall("next-word"))],
)
def test_an_answer_that_does_not_come_is_asked_for_by_telephone_if_our_officer_likes(
    world: Any, clock: str, effect: Any
) -> None:
    """Proposed, never done."""
    c = heard(world, queued(world, answer_by=world.NOW + HOUR), Stage.READ)
    if clock == "next word":
        c, _ = c.on(NoteAnswered(AnswerNews.HOLDING, world.NOW, world.NOW + HOUR), world.NOW)
    assert ring(c, world.NOW + HOUR)[1] == (effect,)


def test_our_own_desk_is_reminded_of_what_awaits_it(world: Any) -> None:
    """Unread, answer hoped for, word promised."""
    c, _ = world.theirs(answer_by=world.NOW + HOUR).on(Opened(), world.NOW)
    c, effects = ring(c, world.NOW + 10 * MINUTE)
    assert effects == (Remind("unread"),)
    c, effects = ring(c, world.NOW + HOUR)
    assert effects == (Remind("our-answer"),)
    c, _ = c.on(NoteAnswered(AnswerNews.HOLDING, world.NOW, world.NOW + 2 * HOUR), world.NOW)
    assert ring(c, world.NOW + 2 * HOUR)[1] == (Remind("our-word"),)


def test_a_promise_made_anew_has_a_clock_anew(world: Any) -> None:
    """Although the clock of the first has rung."""
    c, _ = queued(world).on(NoteAnswered(AnswerNews.HOLDING, 1, world.NOW + HOUR), world.NOW)
    c, _ = ring(c, world.NOW + HOUR)
    assert next_clock(c) is None
    c, _ = c.on(NoteAnswered(AnswerNews.HOLDING, 2, world.NOW + 3 * HOUR), world.NOW)
    assert after(world, c) == 3 * HOUR


def test_sealing_again_starts_the_ladder_again(world: Any) -> None:
    """The new copy has not been on its way yet."""
    c, _ = ring(heard(world, queued(world), Stage.UNOPENABLE), world.NOW + 10 * MINUTE)
    assert next_clock(c) is None
    c, _ = c.on(SealedAndQueued(digest(b"copy 2")), world.NOW + 11 * MINUTE)
    assert after(world, c) == 11 * MINUTE + 150_000


def test_times_are_settings(world: Any) -> None:
    """A ministry may set its own."""
    own = Settings(in_station=dict.fromkeys(Precedence, HOUR), ladder=((500, Clock.CALL),))
    assert next_clock(queued(world), own) == world.NOW + HOUR // 2
    assert ring(queued(world), world.NOW + HOUR // 2, settings=own)[1] == (ProposeCall("taken"),)


# -- skew


# signed at, arrives at, our time of what it answers -> provably off by
SKEWS: dict[str, tuple[int, int, int | None, int]] = {
    "at once": (100, 100, None, 0),
    "long on its way": (100, 10 * DAY, None, 0),
    "from the future": (100 + 2 * DAY, 100, None, 2 * DAY),
    "before what it answers": (100, 3 * DAY, 2 * DAY + 100, -2 * DAY),
    "after what it answers": (3 * DAY, 4 * DAY, 2 * DAY, 0),
    "ahead outweighs": (5 * DAY, 4 * DAY, 2 * DAY, DAY),
}


@pytest.mark.parametrize("case", SKEWS)
def test_only_what_the_way_cannot_explain_is_skew(case: str) -> None:
    """Lateness alone proves nothing about a clock."""
    signed_at, now, not_before, expected = SKEWS[case]
    assert skew(signed_at, now, not_before) == expected


def test_a_small_skew_is_not_marked_and_a_large_one_with_its_seconds() -> None:
    """Five minutes is the tolerance."""
    assert skew_mark(5 * MINUTE, 0) == ()
    assert skew_mark(5 * MINUTE + 1, 0) == ("clock-skew:300",)
    assert skew_mark(2 * DAY, 0) == ("clock-skew:172800",)
    assert skew_mark(0, DAY, not_before=DAY) == ("clock-skew:-86400",)
