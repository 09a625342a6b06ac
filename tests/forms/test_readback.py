"""The read-back shows which line came across differently, in any language, whatever the order of the options."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.forms import (
    CANNOT_TELL,
    FormProblem,
    Sheet,
    compare,
    load,
    option_ids,
    question_lines,
    questions,
    right_answer,
)
from parley.forms.kinds import Place
from parley.forms.kinds.options import option_words
from parley.forms.readback import shuffled
from parley.terms.likelihood import Likelihood

from ..effort import examples
from .drawing import sheets
from .stories import header, hospitals

LIBRARY = load()
ASKING = [form for form in LIBRARY.forms if form.questions]
SLOW = settings(deadline=None, max_examples=examples(5), suppress_health_check=list(HealthCheck))

# What must be asked at least: nature, what is asked, by when, from or by the state, likely or certain.
QUESTIONS = {
    1: (10,),
    2: (),
    3: (10, 11, 12, 13),
    4: (10, 11, 12),
    5: (10, 12, 5),
    10: (6, 21, 5, 18, 19),
    11: (6, 10, 5, 12, 13),
    12: (6, 10, 5, 15, 16),
    13: (6, 10, 5, 14, 13),
    14: (10, 11, 14, 5),
    15: (10, 11, 17, 5),
    16: (12, 13, 14, 15, 5),
    20: (6, 10, 12),
    21: (6, 11, 5),
    22: (10, 13, 5),
    23: (10, 12, 19, 17),
    24: (6, 10, 14, 5),
    30: (10, 11, 13, 14, 15),
    31: (13, 14, 12, 17),
    32: (10, 11, 14, 15, 16),
    33: (10, 12, 14, 15, 13),
    34: (10, 15, 14, 16, 5),
    35: (10, 12, 11, 13, 14),
    36: (6, 15, 16, 13, 5),
    40: (6, 11, 12, 19, 20),
    41: (6, 13, 14, 15, 5),
    42: (6, 10, 11, 13, 14),
    43: (6, 10, 15, 16, 5),
    90: (6, 12, 5),
}


def rng(seed: int = 1) -> random.Random:
    return random.Random(seed)


@pytest.mark.parametrize("number", QUESTIONS)
def test_each_form_asks_about_these_lines(number: int) -> None:
    """Three to five questions on distinct lines; a link check needs one, its answer none."""
    asked = [question.line for question in LIBRARY.form(number).questions]
    assert tuple(asked) == QUESTIONS[number]
    assert len(set(asked)) == len(asked)
    assert number in (1, 2) or 3 <= len(asked) <= 5


def test_the_storys_questions_and_their_right_answers() -> None:
    """A hospital's worm: not an accusation, a request, hoped for, from the territory, very likely."""
    sheet = hospitals()
    assert {line: right_answer(sheet, line) for line in question_lines(sheet)} == {
        6: "not-accusation",
        10: "request:stop-traffic",
        5: "hoped:2026-11-23T20:11Z",
        12: "from-territory",
        13: "icd_203.very_likely",
    }


def test_the_wrong_options_are_the_real_confusions() -> None:
    """Request or demand, hoped for or demanded, UTC or local, from or by your state, likely or certain."""
    sheet = hospitals()
    assert option_ids(sheet, 6) == ("accusation", CANNOT_TELL, "not-accusation", "warning-of-measures")
    assert option_ids(sheet, 10) == (
        CANNOT_TELL,
        "demand:stop-traffic",
        "request:stop-traffic",
        "request:take-offline",
    )
    assert option_ids(sheet, 5) == (
        CANNOT_TELL,
        "demanded:2026-11-23T20:11Z",
        "hoped:2026-11-23T20:11Z",
        "local:2026-11-23T20:11Z",
        "none",
    )
    assert option_ids(sheet, 12) == ("by-state", CANNOT_TELL, "from-territory", "through-territory")
    assert option_ids(sheet, 13) == (CANNOT_TELL, "certain", "icd_203.almost_certain", "icd_203.very_likely")


def test_a_line_that_says_nothing_has_other_options() -> None:
    """No time named: the confusions are an answer at once, or within a day; no likelihood: certain, or likely."""
    sheet = hospitals(answer_by=None)
    sheet = Sheet(11, 1, sheet.header, {**sheet.lines, 13: 2})
    assert right_answer(sheet, 5) == "none"
    assert option_ids(sheet, 5) == ("at-once", CANNOT_TELL, "none", "within-a-day")
    assert right_answer(sheet, 13) == "not-said"


def test_a_range_without_a_word_has_its_own_confusions() -> None:
    """A likelihood that came without a word is asked as its range."""
    sheet = hospitals()
    sheet = Sheet(11, 1, sheet.header, {**sheet.lines, 13: Likelihood(200, 400).to_coded()})
    assert right_answer(sheet, 13) == "200-400"
    assert len(option_ids(sheet, 13)) == 4


@pytest.mark.parametrize("language", LIBRARY.languages)
@pytest.mark.parametrize("form", ASKING, ids=lambda form: form.name)
def test_every_question_can_be_answered_rightly_and_wrongly(form: object, language: str) -> None:
    """For any sheet: the right answer is on offer, all texts differ, ids do not depend on language or order,
    the right answers compare as understood, and any wrong one names its line and no other."""

    @SLOW
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        sheet = data.draw(sheets(LIBRARY, form))  # type: ignore[arg-type]
        asked = questions(sheet, language, rng().randbytes)
        assert tuple(question.line for question in asked) == question_lines(sheet)
        right = {question.line: right_answer(sheet, question.line) for question in asked}
        assert compare(sheet, right) == ()
        for question in asked:
            ids = [option.id for option in question.options]
            assert tuple(sorted(ids)) == option_ids(sheet, question.line)
            assert ids[-1] == CANNOT_TELL
            assert right[question.line] in ids
            assert len({option.text for option in question.options}) == len(ids) >= 3
            for wrong in set(ids) - {right[question.line]}:
                assert compare(sheet, {**right, question.line: wrong}) == (question.line,)

    holds()


def test_what_was_not_answered_or_not_offered_differs() -> None:
    """Silence on a line is not agreement, and an id that nobody offered is not right by accident."""
    sheet = hospitals()
    right = {line: right_answer(sheet, line) for line in question_lines(sheet)}
    assert compare(sheet, {}) == question_lines(sheet)
    assert compare(sheet, {**right, 6: "NOT-ACCUSATION"}) == (6,)
    assert compare(sheet, {**right, 99: "x"}) == ()


def test_the_order_is_even() -> None:
    """Over many shuffles each option comes first about as often: chi-squared below its 99.9 % point for 3 options."""
    generator = rng(7)
    counts = dict.fromkeys("abc", 0)
    for _ in range(3000):
        counts[shuffled(("a", "b", "c"), generator.randbytes)[0]] += 1
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 13.8


def test_the_order_comes_from_the_randomness_given() -> None:
    """The same bytes give the same order; another seed gives another one sooner or later."""
    sheet = hospitals()
    orders = {
        tuple(option.id for option in questions(sheet, "en", rng(seed).randbytes)[2].options) for seed in range(20)
    }
    assert len(orders) > 3
    assert questions(sheet, "en", rng(3).randbytes) == questions(sheet, "en", rng(3).randbytes)


def test_a_line_without_a_question_has_no_answer() -> None:
    """Asking for the right answer of such a line is a defect of the caller and is named."""
    assert option_ids(hospitals(), 16) == ()
    with pytest.raises(FormProblem) as caught:
        right_answer(hospitals(), 16)
    assert caught.value.key == "form.no_question"


def test_a_link_check_asks_once() -> None:
    """One question: does it want anything but an answer?"""
    sheet = Sheet(1, 1, header(), {10: "timetable"})
    (question,) = questions(sheet, "en", rng().randbytes)
    assert question.line == 10
    assert right_answer(sheet, 10) == "only-answer"


def test_to_ask_nothing_is_said_as_a_sentence() -> None:
    """“As a demand: nothing” says nothing that a reader could mean; each language has a sentence for these options."""
    for number in (10, 90):
        form = LIBRARY.form(number)
        rule = next(rule for rule in form.questions if rule.key in ("notice-ask", "message-ask"))
        place = Place(form.by_number[rule.line], form, {}, LIBRARY)
        for language in LIBRARY.languages:
            voice = LIBRARY.voice(language)
            nothing = voice.say(f"codes.{form.by_number[rule.line].list}.nothing")
            said = [option_words(f"{head}:nothing", place, voice) for head in ("request", "demand")]
            assert len(set(said)) == 2
            for head, words in zip(("request", "demand"), said, strict=True):
                assert words != voice.say(f"questions.{rule.key}.options.{head}", value=nothing)
            # Control: any other value is said by the sentence for all.
            other = option_words("demand:meeting" if number == 90 else "demand:watch-for", place, voice)
            assert other not in said
