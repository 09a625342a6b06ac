"""From the rendered text of each language alone, every code can be recovered."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.forms import FormProblem, Sheet, back_read, back_read_sheet, check, load, render
from parley.forms.voice import FSI, PDI

from ..effort import examples
from .drawing import sheets
from .stories import hospitals

LIBRARY = load()
LANGUAGES = LIBRARY.languages
FORMS = [form.number for form in LIBRARY.forms]
WORDS_SUFFICE = ("code", "effect", "state", "form")
_CODE = re.compile(rf" {FSI}?\[[^\[\]]*\]{PDI}?")
SLOW = settings(deadline=None, max_examples=examples(7), suppress_health_check=list(HealthCheck))


def without_codes(sheet: Sheet, language: str) -> str:
    """The page with the codes taken away from every line whose words must suffice; lines are unbroken."""
    page = render(sheet, language, width=100_000).text.split("\n")
    form = LIBRARY.form(sheet.form_number)
    numbers = {line.number for line in form.all_lines if line.kind in WORDS_SUFFICE}
    found = (re.match(r"\u200f?([0-9]+)\. ", line) for line in page)
    return "\n".join(
        _CODE.sub("", line) if match and int(match[1]) in numbers else line
        for line, match in zip(page, found, strict=True)
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", FORMS)
def test_every_code_comes_back_from_the_page(number: int, language: str) -> None:
    """Any sheet in order, rendered at any width, is read back to the very sheet, own words included."""

    @SLOW
    @given(st.data(), st.integers(30, 120))
    def comes_back(data: st.DataObject, width: int) -> None:
        sheet = data.draw(sheets(LIBRARY, LIBRARY.form(number)))
        check(sheet, at_drafting_now=None)
        page = render(sheet, language, width=width).text
        assert back_read(page, language) == sheet.all_lines()
        assert back_read_sheet(page, language) == sheet

    comes_back()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", FORMS)
def test_words_alone_suffice_where_a_line_is_coded(number: int, language: str) -> None:
    """With the bracketed codes taken away, the words of coded lines still give every code: no two say the same."""

    @SLOW
    @given(st.data())
    def comes_back(data: st.DataObject) -> None:
        sheet = data.draw(sheets(LIBRARY, LIBRARY.form(number)))
        page = without_codes(sheet, language)
        assert back_read(page, language) == sheet.all_lines()

    comes_back()


def test_the_stripped_page_really_lacks_the_codes() -> None:
    """Control: what the test above reads has no code left on a coded line."""
    page = without_codes(hospitals(), "en")
    assert "[stop-traffic]" not in page
    assert "[health]" not in page
    assert "[XA]" not in page


CHANGED = (
    ("10. What we request: to stop or reduce", "10. What we request: to go on with", "words altered"),
    ("[stop-traffic]", "[take-offline]", "code altered"),
    ("61 sites", "16 sites", "figure altered"),
    ("[not-accusation]", "[accusation]", "nature altered"),
    ("20:11 UTC", "22:11 UTC", "time altered"),
    ("Almara [XA]", "Beltova [XA]", "state altered"),
)


@pytest.mark.parametrize(("before", "after", "what"), CHANGED, ids=[what for _, _, what in CHANGED])
def test_words_and_code_that_disagree_are_refused(before: str, after: str, what: str) -> None:
    """A page on which somebody changed the words or the code alone is not read as either."""
    page = render(hospitals(), "en", width=100_000).text
    assert before in page
    with pytest.raises(FormProblem) as caught:
        back_read(page.replace(before, after, 1), "en")
    assert caught.value.key == "form.page_differs"


BROKEN = (
    (lambda page: page.replace("EXERCISE EXERCISE EXERCISE", "REAL, NOT AN EXERCISE", 1), "form.page_nature"),
    (lambda page: page[: page.rindex("=== EXERCISE")], "form.page_nature"),
    (lambda page: page.replace("[11/1]", "[11/9]"), "form.unknown_form"),
    (lambda page: page.replace("[11/1]", ""), "form.page_heading"),
    (lambda page: page.replace("4. Precedence: ", "4. Priority: "), "form.page_line"),
    (lambda page: page.replace("4. Precedence", "3. Precedence"), "form.page_line"),
    (lambda page: page.replace("[flash]", "[bright]"), "form.page_line"),
    (lambda page: page.replace("19. Stage: going on [going-on]\n", ""), "form.sheet"),
    (lambda page: page.replace(" [flash]", "!"), "form.page_word"),
    (lambda page: page.replace("[XA/duty]", "[XA]"), "form.page_line"),
    (lambda page: page.replace("health [health]; ", "health [health]/ "), "form.page_line"),
    (lambda page: "", "form.page_heading"),
)


@pytest.mark.parametrize(("change", "key"), BROKEN)
def test_a_page_that_is_not_in_order_is_refused_by_name(change: object, key: str) -> None:
    """Each kind of damage has its own problem; none crashes and none is read as something."""
    page = render(hospitals(), "en", width=100_000).text
    assert callable(change)
    with pytest.raises(FormProblem) as caught:
        back_read(change(page), "en")
    assert caught.value.key == key


@settings(deadline=None, max_examples=examples(120))
@given(st.text(), st.sampled_from(LANGUAGES))
def test_any_text_is_read_or_refused_but_never_crashes(text: str, language: str) -> None:
    """Back-reading meets whatever a mailbox holds."""
    with pytest.raises(FormProblem):
        back_read(text, language)


@settings(deadline=None, max_examples=examples(120))
@given(st.data(), st.sampled_from(LANGUAGES))
def test_a_page_damaged_anywhere_is_read_rightly_or_refused(data: st.DataObject, language: str) -> None:
    """One replaced stretch of a good page leads to a Problem or to a sheet in order, never to another error."""
    page = render(hospitals(), language).text
    at = data.draw(st.integers(0, len(page)))
    length = data.draw(st.integers(0, 10))
    damaged = page[:at] + data.draw(st.text(max_size=5)) + page[at + length :]
    try:
        sheet = back_read_sheet(damaged, language)
    except FormProblem:
        return
    assert sheet.form_number in FORMS
