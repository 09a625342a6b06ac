"""What happens to one note with one counterpart: stories as tables, expected outcome first."""

from __future__ import annotations

from typing import Any

import pytest

from parley.line import (
    ClarificationCame,
    ClarificationSent,
    Closed,
    Conversation,
    Event,
    HandledAs,
    NoteAnswered,
    Nothing,
    OfferClarification,
    Opened,
    Precedence,
    ProposeCall,
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
)
from parley.line.copies import MOST_COPIES
from parley.line.states import AnswerNews, Moment
from parley.seal import digest

MINUTE = 60_000
LATER = NoteAnswered(AnswerNews.HOLDING, 5, next_word_by=9_000)


def events(world: Any, story: str) -> list[Event]:
    """A story in words: ``sealed, taken, opened, read en, differs 1: 6``; ``sealed 2`` and ``taken 2`` name a copy."""
    return [event(world, step.strip()) for step in story.split(",") if step.strip()]


def event(world: Any, step: str) -> Event:
    """One step of a story."""
    word, *rest = step.split(" ", 1)
    detail = rest[0] if rest else ""
    copy = f"copy {detail or 1}"
    match word:
        case "sealed":
            return SealedAndQueued(digest(copy.encode()))
        case "taken" | "opened" | "refused" | "unopenable" | "full" if not detail or detail.isdigit():
            return ReceiptCame(world.entry(Stage[word.upper()], copy), world.NOW)
        case "read":
            return ReceiptCame(world.entry(Stage.READ, language=detail), world.NOW)
        case "read-back":
            return ReceiptCame(world.entry(Stage.READ_BACK), world.NOW)
        case "agrees":
            return ReadBackJudged(int(detail))
        case "differs":
            attempt, lines = detail.split(":")
            return ReadBackJudged(int(attempt), tuple(int(line) for line in lines.split()))
        case "declines":
            return ReadBackJudged(int(detail), declined=True)
        case "answer":
            outcome, at = detail.split(" @")
            return NoteAnswered(AnswerNews(outcome), int(at))
        case "given":
            return ReadBackGiven(detail)
        case "not-given":
            return ReadBackGiven(detail, declined=True)
    plain = {"clarified": ClarificationSent(), "clarification": ClarificationCame(), "voided": Voided()}
    plain |= {"closed": Closed(), "opened-here": Opened(), "refused-here": Refused("line.wrong_recipient")}  # type: ignore[dict-item]
    return plain[word] if word in plain else Shown(detail)


def play(world: Any, start: Conversation, story: str) -> tuple[Conversation, list[Any]]:
    """The conversation after a story, and every effect on the way but Nothing."""
    conversation, effects = start, []
    for step in events(world, story):
        conversation, found = conversation.on(step, world.NOW)
        effects += [effect for effect in found if effect != Nothing()]
    return conversation, effects


def stand(conversation: Conversation) -> str:
    """The three axes in words."""
    axes = (conversation.delivery, conversation.understanding, conversation.answer)
    return ", ".join(axis.name.lower().replace("_", " ") for axis in axes)


# story -> (where it stands, effects)
OURS: dict[str, tuple[str, list[Any]]] = {
    # delivery: each step is its own, and none implies the next
    "": ("signed, awaited, awaited", []),
    "sealed": ("queued, awaited, awaited", []),
    "sealed, taken": ("taken, awaited, awaited", []),
    "sealed, taken, opened": ("opened, awaited, awaited", []),
    "sealed, taken, opened, read en": ("read, awaited, awaited", []),
    "sealed, read en": ("read, awaited, awaited", []),  # taken and opened may be withheld, or late
    "sealed, read en, opened, taken": ("read, awaited, awaited", []),  # late news changes nothing
    "sealed, taken, taken, taken": ("taken, awaited, awaited", []),
    "sealed, read-back": ("opened, awaited, awaited", []),  # a read-back names the note; "read" stays theirs to say
    "sealed, full": ("full, awaited, awaited", []),
    "sealed, full, taken": ("taken, awaited, awaited", []),
    "sealed, refused": ("refused, awaited, awaited", []),
    "sealed, refused, sealed 2": ("queued, awaited, awaited", []),  # our officer sends it once more
    "sealed, refused, sealed 2, refused 1": ("queued, awaited, awaited", []),  # the old refusal, repeated
    "sealed, refused, opened": ("opened, awaited, awaited", []),  # they accepted us meanwhile
    "voided": ("voided, awaited, awaited", []),
    # sealed to a key that is gone: sealed again, as often as it takes, up to a bound
    "sealed, taken, unopenable": ("unopenable, awaited, awaited", [Reseal()]),
    "sealed, unopenable, unopenable": ("unopenable, awaited, awaited", [Reseal()]),
    "sealed, unopenable, sealed 2": ("queued, awaited, awaited", [Reseal()]),
    "sealed, unopenable, sealed 2, unopenable 1": ("queued, awaited, awaited", [Reseal()]),
    "sealed, unopenable, sealed 2, taken 1": ("queued, awaited, awaited", [Reseal()]),
    "sealed, unopenable, sealed 2, taken 2, opened 2": ("opened, awaited, awaited", [Reseal()]),
    "sealed, unopenable, sealed 2, unopenable 2": ("unopenable, awaited, awaited", [Reseal(), Reseal()]),
    "sealed, sealed 2, taken 1": ("taken, awaited, awaited", []),  # a newer prekey came before anything was heard
    "sealed, sealed 2, unopenable 1": ("queued, awaited, awaited", []),  # the newer copy is on its way already
    # sent once more to a node that was restored from a backup: what was heard stays heard, and is heard again
    "sealed, taken, sealed 2": ("taken, awaited, awaited", []),
    "sealed, read en, sealed 2": ("read, awaited, awaited", []),
    "sealed, opened, sealed 2, opened 2": ("opened, awaited, awaited", []),
    "sealed, opened, sealed 2, unopenable 2": ("opened, awaited, awaited", []),
    "sealed, opened, sealed 2, opened 2, read en 2": ("read, awaited, awaited", []),
    # understanding
    "sealed, opened, agrees 1": ("opened, understood, awaited", []),
    "sealed, opened, declines 1": ("opened, declined, awaited", []),
    "sealed, opened, differs 1: 6": ("opened, differs, awaited", [OfferClarification((6,))]),
    "sealed, opened, differs 1: 13 6": ("opened, differs, awaited", [OfferClarification((6, 13))]),
    "sealed, opened, differs 1: 6, differs 1: 6": ("opened, differs, awaited", [OfferClarification((6,))]),
    "sealed, opened, differs 1: 6, clarified": ("opened, clarified, awaited", [OfferClarification((6,))]),
    "sealed, opened, differs 1: 6, clarified, agrees 2": ("opened, understood, awaited", [OfferClarification((6,))]),
    "sealed, opened, differs 1: 6, clarified, differs 1: 6": ("opened, clarified, awaited", [OfferClarification((6,))]),
    "sealed, differs 1: 6, clarified, differs 2: 10": (
        "queued, differs, awaited",
        [OfferClarification((6,)), OfferClarification((10,))],
    ),
    "sealed, differs 1: 6, clarified, declines 2": ("queued, declined, awaited", [OfferClarification((6,))]),
    "sealed, differs 1: 6, declines 2": ("queued, differs, awaited", [OfferClarification((6,))]),
    "sealed, agrees 2, differs 1: 6": ("queued, understood, awaited", []),  # overtaken by the second attempt
    "sealed, agrees 1, declines 2": ("queued, understood, awaited", []),
    "sealed, agrees 1, differs 2: 6": ("queued, differs, awaited", [OfferClarification((6,))]),
    "sealed, clarified": ("queued, awaited, awaited", []),  # a clarification nobody asked for
    # answer
    "sealed, answer holding @1": ("queued, awaited, holding", []),
    "sealed, answer holding @1, answer accept @2, answer acted @3": ("queued, awaited, acted", []),
    "sealed, answer in-part @2": ("queued, awaited, in hand", []),
    "sealed, answer passed-to @2": ("queued, awaited, passed on", []),
    "sealed, answer decline @2": ("queued, awaited, declined", []),
    "sealed, answer acted @3, answer accept @2": ("queued, awaited, acted", []),  # overtaken on the way
    "sealed, answer accept @2, answer decline @3": ("queued, awaited, declined", []),
    "sealed, answer accept @2, answer holding @3": ("queued, awaited, in hand", []),
    "sealed, answer holding @3, answer accept @2": ("queued, awaited, in hand", []),
    "sealed, answer passed-to @2, answer holding @3": ("queued, awaited, holding", []),
    "sealed, closed": ("queued, awaited, closed", []),
    "sealed, closed, answer acted @3": ("queued, awaited, closed", []),
    # the three are independent
    "sealed, opened, answer acted @3": ("opened, awaited, acted", []),
    "sealed, read en, agrees 1": ("read, understood, awaited", []),
}

THEIRS: dict[str, tuple[str, list[Any]]] = {
    "": ("held, awaited, awaited", []),
    "opened-here": ("opened, awaited, awaited", [Ring()]),
    "opened-here, opened-here": ("opened, awaited, awaited", [Ring()]),  # rings once
    "refused-here": ("refused, awaited, awaited", []),
    "refused-here, opened-here": ("opened, awaited, awaited", [Ring()]),
    "opened-here, shown en": ("read, awaited, awaited", [Ring()]),
    "opened-here, shown en, shown fr, opened-here": ("read, awaited, awaited", [Ring()]),
    "opened-here, shown en, given en": ("read, given, awaited", [Ring()]),
    "opened-here, shown en, not-given en": ("read, declined, awaited", [Ring()]),
    "opened-here, shown en, given en, clarification": ("read, clarified, awaited", [Ring()]),
    "opened-here, shown en, given en, clarification, given en": ("read, given, awaited", [Ring()]),
    "opened-here, clarification": ("opened, awaited, awaited", [Ring()]),
    "opened-here, answer accept @2, answer acted @3": ("opened, awaited, acted", [Ring()]),
}


@pytest.mark.parametrize("story", OURS)
def test_our_note_stands_where_the_story_says(world: Any, story: str) -> None:
    """Delivery, understanding, answer; and what was asked for on the way."""
    conversation, effects = play(world, world.ours(), story)
    assert (stand(conversation), effects) == OURS[story]


@pytest.mark.parametrize("story", THEIRS)
def test_their_note_stands_where_the_story_says(world: Any, story: str) -> None:
    """The same at the receiver's desk."""
    conversation, effects = play(world, world.theirs(), story)
    assert (stand(conversation), effects) == THEIRS[story]


# (whose, story so far, step) -> problem
CANNOT: dict[str, tuple[str, str, str, str]] = {
    "a note that was queued cannot be voided": ("ours", "sealed", "voided", "line.not_for_this_state"),
    "a voided note is not sealed": ("ours", "voided", "sealed", "line.not_for_this_state"),
    "our own note is not shown as theirs": ("ours", "sealed", "shown en", "line.not_for_this_state"),
    "our own note is not opened here": ("ours", "sealed", "opened-here", "line.not_for_this_state"),
    "our own note is not refused here": ("ours", "sealed", "refused-here", "line.not_for_this_state"),
    "our own read-back is theirs to give": ("ours", "sealed", "given en", "line.not_for_this_state"),
    "a clarification of our note does not come": ("ours", "sealed", "clarification", "line.not_for_this_state"),
    "a receipt before any sealing is not about this": ("ours", "", "taken", "line.receipt_mismatch"),
    "a receipt about other bytes is not about this": ("ours", "sealed", "taken 2", "line.receipt_mismatch"),
    "their note gets no receipt from them": ("theirs", "opened-here", "taken", "line.receipt_mismatch"),
    "a note is not shown before it is opened": ("theirs", "", "shown en", "line.not_for_this_state"),
    "a refused note is not shown": ("theirs", "refused-here", "shown en", "line.not_for_this_state"),
    "a note that was opened is not refused": ("theirs", "opened-here", "refused-here", "line.not_for_this_state"),
    "nobody answers the read-back of a note unread": ("theirs", "opened-here", "given en", "line.not_for_this_state"),
    "their note is not ours to seal": ("theirs", "opened-here", "sealed", "line.not_for_this_state"),
    "their note is not ours to judge": ("theirs", "opened-here", "agrees 1", "line.not_for_this_state"),
    "their note is not ours to clarify": ("theirs", "opened-here", "clarified", "line.not_for_this_state"),
    "their note is not ours to void": ("theirs", "opened-here", "voided", "line.not_for_this_state"),
    "no answer form closes a matter": ("ours", "sealed", "answer closed @2", "line.not_for_this_state"),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_is_refused(world: Any, refused: Any, case: str) -> None:
    """With the state in which it was tried, and nothing changed."""
    whose, story, step, problem = CANNOT[case]
    conversation, _ = play(world, getattr(world, whose)(), story)
    with refused(problem):
        conversation.on(event(world, step), world.NOW)


def test_late_news_says_that_nothing_follows(world: Any) -> None:
    """So that a desk need not write the conversation again."""
    conversation, _ = play(world, world.ours(), "sealed, taken, read en")
    same, effects = conversation.on(event(world, "taken"), world.NOW)
    assert same == conversation
    assert effects == (Nothing(),)


def test_a_receipt_that_names_another_note_is_refused(world: Any, refused: Any) -> None:
    """Even if it names bytes that we sealed: the receiver would have opened something else."""
    conversation, _ = play(world, world.ours(), "sealed")
    with refused("line.receipt_mismatch"):
        conversation.on(ReceiptCame(world.entry(Stage.OPENED, note=b"\x01" * 32), world.NOW), world.NOW)


def test_a_note_without_questions_is_not_waiting_to_be_read_back(world: Any) -> None:
    """Their forms may ask more than ours; their answer then changes nothing."""
    start = world.ours(asks_read_back=False)
    assert stand(start) == "signed, not asked, awaited"
    assert stand(play(world, start, "sealed, agrees 1")[0]) == "queued, not asked, awaited"


def test_an_answer_that_nobody_waited_for_is_still_an_answer(world: Any) -> None:
    """An incident notification may be answered."""
    start = world.ours(awaits_answer=False)
    assert stand(start) == "signed, awaited, not awaited"
    assert stand(play(world, start, "sealed, answer acted @2")[0]) == "queued, awaited, acted"


def test_whoever_cannot_open_the_last_copy_is_called(world: Any) -> None:
    """A peer that answers "unopenable" for ever costs eight sealings, not one for each answer."""
    story = ", ".join(f"sealed {n}, unopenable {n}" for n in range(1, MOST_COPIES + 1))
    conversation, effects = play(world, world.ours(), story)
    assert effects == [Reseal()] * (MOST_COPIES - 1) + [ProposeCall("unopenable")]
    assert len(conversation.copies) == MOST_COPIES


def test_more_sealings_by_our_officer_forget_the_oldest_copies(world: Any) -> None:
    """What is kept of a conversation does not grow without bound."""
    story = ", ".join(f"sealed {n}, refused {n}" for n in range(1, 2 * MOST_COPIES))
    conversation, _ = play(world, world.ours(), story)
    assert len(conversation.copies) == MOST_COPIES


def test_a_real_flash_rings_and_a_routine_note_does_not(world: Any) -> None:
    """Precedence says so; an exercise rings only if its script does."""
    flash, routine = world.theirs(), world.theirs(precedence=Precedence.ROUTINE)
    drill = world.theirs(exercise=True)
    assert flash.on(Opened(), world.NOW)[1] == (Ring(),)
    assert routine.on(Opened(), world.NOW)[1] == ()
    assert drill.on(Opened(), world.NOW)[1] == ()
    assert drill.on(Opened(drill_rings=True), world.NOW)[1] == (Ring(),)


def test_the_receiver_may_handle_a_note_lower(world: Any) -> None:
    """It is taken and ordered as it came; how it is handled is the receiver's."""
    lower, _ = world.theirs().on(HandledAs(Precedence.ROUTINE), world.NOW)
    assert lower.precedence is Precedence.ROUTINE


def test_the_languages_in_which_it_was_read_are_kept_in_order(world: Any) -> None:
    """For the sender, who may want to clarify in one of them."""
    conversation, _ = play(world, world.ours(), "sealed, read fr, read en, read fr, read-back")
    assert conversation.read_in == ("fr", "en")


def test_lines_that_differ_are_kept_until_another_read_back(world: Any) -> None:
    """The screen says which lines came across differently."""
    differs, _ = play(world, world.ours(), "sealed, differs 1: 6 10")
    agrees, _ = play(world, world.ours(), "sealed, differs 1: 6 10, agrees 2")
    assert (differs.differs, differs.attempt) == ((6, 10), 1)
    assert (agrees.differs, agrees.attempt) == ((), 2)


def test_each_read_back_given_here_counts_as_one_attempt(world: Any) -> None:
    """The number travels with the answers, and orders them at the sender."""
    conversation, _ = play(world, world.theirs(), "opened-here, shown en, given en, clarification, given fr")
    assert conversation.attempt == 2


def test_what_they_keep_to_themselves_is_shown_as_withheld(world: Any) -> None:
    """And not as unread: nobody waits for it."""
    sealed, _ = play(world, world.ours(), "sealed")
    silent, _ = sealed.on(ReceiptCame(world.entry(Stage.TAKEN), world.NOW, withheld=(3,)), world.NOW)
    assert silent.withheld == (3,)
    assert not silent.awaits_read
    spoken, _ = sealed.on(ReceiptCame(world.entry(Stage.TAKEN), world.NOW), world.NOW)
    assert spoken.awaits_read


def test_the_reason_of_a_refusal_is_kept_and_goes_with_the_refusal(world: Any) -> None:
    """Our officer is told why."""
    sealed, _ = play(world, world.ours(), "sealed")
    why = world.entry(Stage.REFUSED, reason="line.serial_fork")
    no, _ = sealed.on(ReceiptCame(why, world.NOW), world.NOW)
    assert no.reason == "line.serial_fork"
    again, _ = play(world, no, "sealed 2")
    assert again.reason == ""


# -- times


def test_a_step_is_dated_by_our_clock(world: Any) -> None:
    """Their clock is two days ahead, but says by itself that the note was taken a minute before the receipt."""
    sealed, _ = world.ours().on(SealedAndQueued(digest(b"copy 1")), world.NOW)
    ahead = world.NOW + 2 * world.DAY
    entry = world.entry(Stage.TAKEN, at=ahead - MINUTE)
    taken, _ = sealed.on(ReceiptCame(entry, ahead), world.NOW + 10 * MINUTE)
    assert taken.taken_at == world.NOW + 9 * MINUTE
    assert taken.skew == ahead - (world.NOW + 10 * MINUTE)


def test_a_step_is_never_dated_before_the_sealing(world: Any) -> None:
    """A clock that stands years back between taking and signing would date it before the note existed."""
    sealed, _ = world.ours().on(SealedAndQueued(digest(b"copy 1")), world.NOW)
    taken, _ = sealed.on(ReceiptCame(world.entry(Stage.TAKEN, at=0), world.NOW), world.NOW + MINUTE)
    assert taken.taken_at == world.NOW


def test_a_late_receipt_may_only_move_a_date_back(world: Any) -> None:
    """The first report of a step is the step."""
    sealed, _ = world.ours().on(SealedAndQueued(digest(b"copy 1")), world.NOW)
    read, _ = sealed.on(ReceiptCame(world.entry(Stage.READ, at=world.NOW), world.NOW), world.NOW + 5 * MINUTE)
    earlier = world.entry(Stage.TAKEN, at=world.NOW - 3 * MINUTE)
    both, _ = read.on(ReceiptCame(earlier, world.NOW), world.NOW + 6 * MINUTE)
    assert read.taken_at == world.NOW + 5 * MINUTE
    assert both.taken_at == world.NOW + 3 * MINUTE
    assert Moment.OPENED not in both.times  # withheld, or late: not made up


def test_sealing_again_forgets_when_the_dead_copy_was_taken(world: Any) -> None:
    """What nobody can open does not count as taken."""
    conversation, _ = play(world, world.ours(), "sealed, taken, unopenable, sealed 2")
    assert conversation.taken_at is None


def test_a_promise_holds_until_the_next_word(world: Any) -> None:
    """ "Next word by" is asked for once more, or falls."""
    sealed, _ = play(world, world.ours(), "sealed")
    holding, _ = sealed.on(LATER, world.NOW)
    assert holding.next_word_by == 9_000
    assert play(world, holding, "answer accept @6")[0].next_word_by is None
