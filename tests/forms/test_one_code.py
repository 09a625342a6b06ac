"""One code changed is one place changed: nothing else on the page moves, in any language, and the read-back sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from parley.forms import (
    Form,
    FormProblem,
    Header,
    Rendered,
    Sheet,
    Value,
    check,
    compare,
    load,
    question_lines,
    render,
    right_answer,
)
from parley.forms.voice import RLM
from parley.terms.nothing import Nothing

from ..effort import examples
from .drawing import _listed, of_kind, sheets
from .stories import hospitals

LIBRARY = load()
FORMS = LIBRARY.forms
SLOW = settings(deadline=None, max_examples=examples(8), suppress_health_check=list(HealthCheck))
_NUMBERED = re.compile(rf"{RLM}?([0-9]+)\. ")
HEADER = {
    1: ("real", "exercise"),
    4: ("routine", "priority", "immediate", "flash"),
    6: ("not-accusation", "accusation"),
}
"""Lines of the header that are codes. The others are compared by the back-reading tests."""
BOTH_ENDS = {"first", "last"}


def places(page: str) -> dict[str, str]:
    """The page by place: "first" and "last" banner, "head", each numbered line with what stands under it, "foot"."""
    first, *body, last = page.rstrip("\n").split("\n")
    empty = [at for at, line in enumerate(body) if line == ""]
    begins, ends = empty[0], empty[-1]
    found = {"first": first, "head": "\n".join(body[:begins]), "foot": "\n".join(body[ends:]), "last": last}
    number = ""
    for line in body[begins + 1 : ends]:
        if match := _NUMBERED.match(line):
            number = match[1]
        found[number] = f"{found.get(number, '')}{line}\n"
    return found


def expected(form: Form, number: int, value: Mapping[int, Value]) -> set[str]:
    """Where the code of a line is rendered: on its line; line 1 also on both ends; what an option is about also in
    the words of the option."""
    return {str(number)} | (BOTH_ENDS if number == 1 else set()) | may_differ(form, number, value)


def may_differ(form: Form, number: int, value: Mapping[int, Value]) -> set[str]:
    """Where the words of an option depend on the line: they may be the same for two forms or two lines all the same."""
    named = {line.name: line.number for line in form.lines}
    options = {str(line.number) for line in form.lines if line.kind == "option" and line.number in value}
    return options if number in (named.get("about-form"), named.get("about-line")) else set()


def changed(sheet: Sheet, number: int, value: Value) -> Sheet:
    """The sheet with one line of the header or of the form changed."""
    if number >= 10:
        return msgspec.structs.replace(sheet, lines={**sheet.lines, number: value})
    return msgspec.structs.replace(sheet, header=Header.from_lines({**sheet.header.to_lines(), number: value}))


@st.composite
def pairs(draw: st.DrawFn, form: Form) -> tuple[Sheet, Sheet, int]:
    """A sheet in order, the same with one code changed and in order too, and the number of the line."""
    before = draw(sheets(LIBRARY, form))
    options = [line.number for line in form.lines if line.kind in ("option", "number")]
    own = [number for number in before.lines if number not in options]
    number = draw(st.sampled_from([*HEADER, *own]))
    if number in HEADER:
        value: Value = draw(st.sampled_from(HEADER[number]))
    else:
        line = form.by_number[number]
        one = of_kind(line, form, before.header, LIBRARY)
        value = draw(_listed(line, form, one) if line.many else one)
        if line.nothing and draw(st.integers(0, 4)) == 0:
            value = int(Nothing[draw(st.sampled_from(line.nothing)).upper().replace("-", "_")])
    assume(value != before.all_lines()[number])
    after = changed(before, number, value)
    try:
        check(after, at_drafting_now=None)
    except FormProblem:
        assume(False)
    return before, after, number


Renders = Callable[[Sheet, str], Rendered]


def one_place_differs(before: Sheet, after: Sheet, number: int, language: str, renders: Renders = render) -> None:
    """Assert that the two pages differ where the code of that line stands and nowhere else."""
    form = LIBRARY.form(before.form_number)
    old, new = places(renders(before, language).text), places(renders(after, language).text)
    assert old.keys() == new.keys()
    differing = {place for place in old if old[place] != new[place]}
    wanted, free = expected(form, number, before.lines), may_differ(form, number, before.lines)
    assert wanted - free <= differing <= wanted


def old_answers_differ(
    before: Sheet, after: Sheet, number: int, compares: Callable[[Sheet, Mapping[int, str]], Any] = compare
) -> None:
    """Assert that right answers to the old sheet, held against the new one, differ at that line and at no other; at
    none if no question is about the line, or its right option does not name the value."""
    rule = LIBRARY.form(before.form_number).question(number)
    answers = {line: right_answer(before, line) for line in question_lines(before)}
    names_value = rule is not None and "{" in rule.right and number in question_lines(after)
    assert compares(after, answers) == ((number,) if names_value else ())


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_one_code_is_one_place(form: Form) -> None:
    """In every language; and a read-back that holds the old code differs at exactly that line."""

    @SLOW
    @given(pairs(form))
    def holds(pair: tuple[Sheet, Sheet, int]) -> None:
        for language in LIBRARY.languages:
            one_place_differs(*pair, language)
        old_answers_differ(*pair)

    holds()


CHANGES = [(1, None), (4, "routine"), (6, "accusation"), (10, "take-offline"), (16, ["health"]), (19, "ended")]


@pytest.mark.parametrize("language", LIBRARY.languages)
@pytest.mark.parametrize(("number", "value"), CHANGES)
def test_the_story_changed_by_one_code(number: int, value: Value, language: str) -> None:
    """The same on a sheet that stays the same from run to run."""
    before = hospitals()
    if number == 1:
        before = msgspec.structs.replace(before, header=_real_parties(before.header))
        before = msgspec.structs.replace(before, lines={**before.lines, 11: "NA", 15: ["KE"]})
        value = "real"
    after = changed(before, number, value)
    one_place_differs(before, after, number, language)
    old_answers_differ(before, after, number)


def _real_parties(header: Header) -> Header:
    from parley.terms.marking import Marking, Tlp
    from parley.terms.party import Address

    sender, recipient = Address("KE", "duty"), Address("NA", "duty")
    return msgspec.structs.replace(header, sender=sender, recipients=(recipient,), marking=Marking(Tlp.AMBER))


def _stale(sheet: Sheet, language: str) -> Rendered:
    """A renderer that says a line's old words whatever its code is."""
    return render(changed(sheet, 10, "stop-traffic"), language)


def _talkative(sheet: Sheet, language: str) -> Rendered:
    """A renderer that repeats a code in the notes below."""
    page = render(sheet, language)
    foot = page.text.rstrip("\n").rpartition("\n")
    return msgspec.structs.replace(page, text=f"{foot[0]}\n{sheet.lines[10]}\n{foot[2]}\n")


@pytest.mark.parametrize("renders", [_stale, _talkative])
def test_a_page_that_says_too_little_or_too_much_is_found(renders: Renders) -> None:
    """Control: renderers with a defect do not pass, on a change that the right one passes."""
    before, after = hospitals(), changed(hospitals(), 10, "take-offline")
    one_place_differs(before, after, 10, "en")
    with pytest.raises(AssertionError):
        one_place_differs(before, after, 10, "en", renders)


def test_two_codes_are_two_places() -> None:
    """Control: a second change is not overlooked, on the page or in the read-back."""
    before = hospitals()
    after = changed(changed(before, 10, "take-offline"), 12, "through-territory")
    with pytest.raises(AssertionError):
        one_place_differs(before, after, 10, "en")
    with pytest.raises(AssertionError):
        old_answers_differ(before, after, 10)
    with pytest.raises(AssertionError):
        old_answers_differ(before, changed(before, 10, "take-offline"), 10, lambda *_: ())
