"""Between notes and forms: a note is its sheet and back, a read-back is judged, a clarification fits its form."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.forms import CANNOT_TELL, check, load, option_ids, question_lines, right_answer
from parley.line import (
    Conversation,
    NoteAnswered,
    ReadBack,
    ReadBackJudged,
    Recipient,
    answered,
    begin_incoming,
    begin_outgoing,
    clarification_lines,
    clarifies,
    judge_read_back,
    judged,
    note_from_sheet,
    note_id,
    read_note,
    to_sheet,
)
from parley.line.states import Answer, AnswerNews, Delivery, Understanding
from parley.terms.party import Address

NOW = 1_795_457_460_000
HOUR = 3_600_000
QUESTIONS = (6, 10, 5, 12, 13)  # of form 11, in its order


def back(note: Any, attempt: int = 1, **wrong: str) -> ReadBack:
    """A read-back with the right answers, but for those given as l6="accusation"."""
    sheet = to_sheet(note)
    answers = {line: right_answer(sheet, line) for line in question_lines(sheet)}
    answers |= {int(name[1:]): option for name, option in wrong.items()}
    return ReadBack(attempt, "en", "duty officer", 40, tuple(answers.items()))


def test_a_note_is_its_sheet_and_back(world: Any) -> None:
    """Nothing is lost on the way to the signature and from it."""
    note = read_note(world.note().to_payload())
    again = note_from_sheet(
        to_sheet(note), recipients=note.recipients, incarnation=note.incarnation, particulars_version=1
    )
    assert again == note
    assert note.form_digest == load().form(11).digest
    assert note.catalogue_digest == load().catalogue_digest


def test_the_sheet_shows_the_serial_of_whoever_reads(world: Any) -> None:
    """With several recipients each has one of its own; the drafter sees none."""
    both = world.sheet(recipients=(world.B, world.C))
    serials = (Recipient(world.B, 7), Recipient(world.C, 8))
    note = note_from_sheet(both, recipients=serials, incarnation=bytes(16), particulars_version=1)
    assert to_sheet(note, "XB").header.serial == 7
    assert to_sheet(note, "XC").header.serial == 8
    assert to_sheet(note).header.serial is None
    assert to_sheet(world.note()).header.serial == 4711


def test_recipients_are_signed_in_their_order_whatever_the_drafter_wrote(world: Any) -> None:
    """One content, one byte string."""
    mixed = world.sheet(recipients=(world.C, world.B))
    serials = (Recipient(world.C, 8), Recipient(world.B, 7))
    note = note_from_sheet(mixed, recipients=serials, incarnation=bytes(16), particulars_version=1)
    assert [str(r.address) for r in note.recipients] == ["XB/duty", "XC/duty"]
    read_note(note.to_payload())


def test_serials_reserved_for_others_are_a_defect(world: Any) -> None:
    """The caller mixed up two drafts: nothing may be signed."""
    with pytest.raises(ValueError, match="other recipients"):
        note_from_sheet(world.sheet(), recipients=[Recipient(world.C, 1)], incarnation=bytes(16), particulars_version=1)


# -- the read-back


def test_right_answers_are_understood(world: Any) -> None:
    """All questions of the form, answered as the codes say."""
    note = world.note()
    assert question_lines(to_sheet(note)) == QUESTIONS
    assert judge_read_back(note, back(note)) == ()
    assert judged(note, back(note)) == ReadBackJudged(1)


@pytest.mark.parametrize("line", QUESTIONS)
def test_a_wrong_answer_names_its_line_and_only_that(world: Any, line: int) -> None:
    """For each option that is not the right one, "cannot tell" and nonsense among them."""
    note = world.note()
    right = right_answer(to_sheet(note), line)
    wrong = [option for option in option_ids(to_sheet(note), line) if option != right]
    assert CANNOT_TELL in wrong
    for option in [*wrong, "never-offered"]:
        assert judge_read_back(note, back(note, **{f"l{line}": option})) == (line,)


def test_a_question_left_out_differs(world: Any) -> None:
    """Silence is not understanding; declining is another thing."""
    note = world.note()
    silent = ReadBack(1, "en", "duty officer", 1, ())
    assert judge_read_back(note, silent) == QUESTIONS
    declined = ReadBack(1, "en", "duty officer", 1, (), declined=True)
    assert judge_read_back(note, declined) == ()
    assert judged(note, declined) == ReadBackJudged(1, declined=True)


def test_answers_about_lines_without_a_question_are_ignored(world: Any) -> None:
    """Their form may ask more."""
    note = world.note()
    assert judge_read_back(note, back(note, l77="anything")) == ()


# -- the clarification


@pytest.mark.parametrize("line", QUESTIONS)
def test_a_clarification_fits_its_form_for_every_line_and_option(world: Any, line: int) -> None:
    """What was meant, what was not, of which form and line."""
    note = world.note()
    right = right_answer(to_sheet(note), line)
    for option in option_ids(to_sheet(note), line):
        if option == right:
            continue
        found = clarification_lines(note, line, option)
        assert found == {10: line, 11: right, 12: option, 14: 11}
        clarification = world.answer_sheet("", note_id(note.to_payload()), sender=world.A, recipients=(world.B,))
        sheet = msgspec.structs.replace(clarification, form_number=21, form_version=1, lines=found)
        check(sheet, at_drafting_now=None)
        assert clarifies(world.note(sheet)) == line


def test_an_option_that_was_never_offered_is_not_repeated(world: Any) -> None:
    """It would be a peer's free text in our note."""
    assert clarification_lines(world.note(), 6, "you are liars") == {10: 6, 11: "not-accusation", 14: 11}


def test_own_words_may_be_added(world: Any) -> None:
    """Marked as not authoritative by the form."""
    assert clarification_lines(world.note(), 6, "accusation", ["ar", "نعتذر"])[13] == ["ar", "نعتذر"]


def test_what_came_across_needs_no_clarification(world: Any, refused: Any) -> None:
    """Nor has a line without a question one."""
    with refused("line.nothing_to_clarify"):
        clarification_lines(world.note(), 6, "not-accusation")
    with refused("form.no_question"):
        clarification_lines(world.note(), 11, "XA")


def test_a_request_clarifies_nothing(world: Any) -> None:
    """Only form 21 does, and only if it names a line."""
    assert clarifies(world.note()) is None
    assert clarifies(world.note(form=21, lines={10: True})) is None


# -- the answer


# outcome line -> what it does to the note it answers
OUTCOMES: dict[str, AnswerNews | None] = {
    "accept": AnswerNews.ACCEPT,
    "in-part": AnswerNews.IN_PART,
    "decline": AnswerNews.DECLINE,
    "holding": AnswerNews.HOLDING,
    "passed-to": AnswerNews.PASSED_TO,
    "acted": AnswerNews.ACTED,
    "closed": None,  # no outcome of the form: only our own officer closes
    "a-later-code": None,
}


@pytest.mark.parametrize("code", OUTCOMES)
def test_an_outcome_is_an_event(world: Any, code: str) -> None:
    """With the time of its signing, and the promise if there is one."""
    note = world.note(world.answer_sheet(code, bytes(32), {12: NOW + HOUR}))
    news = OUTCOMES[code]
    assert answered(note) == (None if news is None else NoteAnswered(news, NOW, NOW + HOUR))


def test_the_outcomes_are_those_of_the_form() -> None:
    """A code that the form gets must get a place in the table."""
    codes = {code for code, news in OUTCOMES.items() if news is not None}
    assert set(load().form(20).lists["outcome"]) == codes


def test_a_link_check_is_answered_by_its_own_form(world: Any) -> None:
    """The check asked for an answer, and this is it."""
    assert answered(world.note(form=2)) == NoteAnswered(AnswerNews.ACTED, NOW)


MINUTES = [
    ("agreed", AnswerNews.ACTED),
    ("agreed-with-correction", AnswerNews.IN_PART),
    ("not-agreed", AnswerNews.DECLINE),
    ("a code of a later version", None),
]


@pytest.mark.parametrize(("code", "news"), MINUTES)
def test_a_countersignature_answers_the_record_of_a_talk(world: Any, code: str, news: AnswerNews | None) -> None:
    """Agreed: nothing more is to be done. It promises no next word, whatever stands on its line 12."""
    note = world.note(form=22, lines={10: code, 12: NOW + HOUR})
    assert answered(note) == (None if news is None else NoteAnswered(news, NOW))


def test_the_outcomes_of_a_countersignature_are_those_of_the_form() -> None:
    """As for the answer form."""
    assert set(load().form(22).lists["minute-outcome"]) == {code for code, news in MINUTES if news is not None}


def test_a_request_answers_nothing(world: Any) -> None:
    """Even if its line 10 holds a word of the answer form."""
    assert answered(world.note(lines={10: "accept"})) is None
    assert answered(world.note(form=20, lines={10: ["accept"]})) is None


# -- the conversation that a note begins


def begun(world: Any, **changes: Any) -> Conversation:
    """Ours, from a note."""
    return begin_outgoing(world.note(**changes), bytes(32), "XB")


def test_a_request_waits_for_understanding_and_answer(world: Any) -> None:
    """At both desks alike."""
    ours = begun(world)
    theirs = begin_incoming(world.note(), bytes(32), NOW - 5)
    assert (ours.understanding, ours.answer) == (Understanding.AWAITED, Answer.AWAITED)
    assert (theirs.understanding, theirs.answer) == (Understanding.AWAITED, Answer.AWAITED)
    assert (ours.delivery, theirs.delivery) == (Delivery.SIGNED, Delivery.HELD)
    assert (ours.party, theirs.party, theirs.taken_at) == ("XB", "XA", NOW - 5)
    assert ours.answer_by == NOW + 2 * HOUR


def test_an_answer_waits_for_no_answer_unless_it_hopes_for_one(world: Any) -> None:
    """Its form refers to another note; its answer-by may still ask."""
    answer = world.note(world.answer_sheet("accept", bytes(32)))
    asking = world.note(world.answer_sheet("accept", bytes(32), answer_by=NOW + HOUR))
    assert begin_outgoing(answer, bytes(32), "XA").answer is Answer.NOT_AWAITED
    assert begin_outgoing(asking, bytes(32), "XA").answer is Answer.AWAITED


def test_an_unknown_form_has_no_questions_here(world: Any) -> None:
    """It is shown as coded lines; an answer is awaited if it names a time."""
    unknown = begun(world, form=777)
    assert (unknown.understanding, unknown.answer) == (Understanding.NOT_ASKED, Answer.AWAITED)
    assert begun(world, form=777, answer_by=None).answer is Answer.NOT_AWAITED


def test_the_answer_to_a_link_check_is_not_read_back(world: Any) -> None:
    """Form 2 has no questions."""
    note = world.note(form=2, form_version=1, lines={10: "in-order", 11: "both"}, refers_to=(bytes(32),))
    assert begin_outgoing(note, bytes(32), "XB").understanding is Understanding.NOT_ASKED
    assert Address("XB", "duty") == note.recipients[0].address
