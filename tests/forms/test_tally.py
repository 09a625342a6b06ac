"""How wording came across: counted by form, line, language and option, with no value of any note in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.forms import Header, Sheet, load, question_lines, right_answer
from parley.forms.readback import offered
from parley.forms.tally import UNANSWERED, UNLISTED, Came, came_across, tally
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address
from parley.terms.share import Share

AT = 1_494_576_000_000


def answer(outcome: str, next_word: int | None = None) -> Sheet:
    """A sheet of form 20 (questions about lines 6, 10 and 12)."""
    lines: dict[int, Any] = {10: outcome} | ({} if next_word is None else {12: next_word})
    header = Header(
        exercise=False, sender=Address("XA", "duty"), recipients=(Address("XB", "duty"),), serial=1, precedence=1,
        answer_by=None, accusation=False, marking=Marking(Tlp.AMBER), refers_to=(bytes(32),), written_in="en",
        signed_at=AT,
    )  # fmt: skip
    return Sheet(20, load().form(20).version, header, lines)


def test_an_option_of_a_list_keeps_its_code_and_any_other_loses_its_value() -> None:
    """ "holding" is a word of the form; the instant of a promise is a word of the note."""
    named = offered(answer("holding", AT))
    assert set(named[10].values()) >= {"holding", "admits", "cannot-tell"}
    assert set(named[12].values()) == {"by:{value}", "local:{value}", "act-by:{value}", "none", "cannot-tell"}
    assert not any(str(AT) in name or "2017" in name for options in named.values() for name in options.values())


ANSWERED = {
    "as meant": ({}, {6: ("not-accusation", True), 10: ("holding", True), 12: ("by:{value}", True)}),
    "taken for an admission": ({10: "admits"}, {10: ("admits", False)}),
    "cannot tell": ({10: "cannot-tell"}, {10: ("cannot-tell", False)}),
    "an option of another version": ({10: "perhaps"}, {10: (UNLISTED, False)}),
    "not answered": ({10: None}, {10: (UNANSWERED, False)}),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_is_named_by_what_the_form_offers(name: str) -> None:
    changes, expected = ANSWERED[name]
    sheet = answer("holding", AT)
    given = {line: right_answer(sheet, line) for line in question_lines(sheet)} | changes
    found = {one.line: one for one in came_across(sheet, {k: v for k, v in given.items() if v is not None}, "fr")}
    assert set(found) == set(question_lines(sheet))
    for line, (option, right) in expected.items():
        assert (found[line].option, found[line].right, found[line].language) == (option, right, "fr")


def came(line: int, language: str, option: str, right: bool) -> Came:
    return Came(10, 1, line, language, option, right)


def test_a_count_by_hand() -> None:
    """Line 6 in French: of three, one read an accusation. In Russian: one, and it was as meant."""
    meant, otherwise = ("not-accusation", True), ("accusation", False)
    given = (("fr", meant), ("fr", otherwise), ("ru", meant), ("fr", meant))
    entries = [came(6, language, *answer) for language, answer in given]
    french, russian = tally(entries)
    assert (french.language, french.differed, french.as_options) == ("fr", Share(1, 3), {"accusation": 1})
    assert (russian.language, russian.differed, russian.as_options) == ("ru", Share(0, 1), {})
    assert french.differed.too_few


@given(
    st.lists(st.builds(came, st.integers(1, 3), st.sampled_from(("ar", "zh")), st.sampled_from("ab"), st.booleans()))
)
def test_every_answer_is_counted_once(entries: list[Came]) -> None:
    found = tally(entries)
    assert sum(line.differed.of for line in found) == len(entries)
    assert sum(sum(line.as_options.values()) for line in found) == sum(not one.right for one in entries)
