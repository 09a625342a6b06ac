"""Every form has a filled example that could be sent as it stands, and the pages drawn from them are current."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from parley.forms import Sheet, back_read_sheet, compare, findings, load, question_lines, render, right_answer

LIBRARY = load()
FORMS = Path(__file__).parents[2] / "docs" / "forms"


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_examples", FORMS / "make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MAKER = _maker()


def test_every_form_has_one() -> None:
    """Old forms and new ones."""
    assert tuple(sorted(MAKER.EXAMPLES)) == LIBRARY.numbers


@pytest.mark.parametrize("number", LIBRARY.numbers)
def test_an_example_could_be_sent(number: int) -> None:
    """In order while drafting, nothing loaded in its own words, an answer hoped for where the form awaits one."""
    sheet: Sheet = MAKER.sheet_of(number)
    assert findings(sheet) == ()
    assert sheet.header.exercise
    form = LIBRARY.form(number)
    assert not form.awaits_answer or sheet.header.answer_by is not None
    assert compare(sheet, {line: right_answer(sheet, line) for line in question_lines(sheet)}) == ()


@pytest.mark.parametrize("number", LIBRARY.numbers)
def test_an_example_is_read_back_from_its_page_in_every_language(number: int) -> None:
    """As drawn, each page gives the very sheet."""
    sheet: Sheet = MAKER.sheet_of(number)
    for language in LIBRARY.languages:
        assert back_read_sheet(render(sheet, language, width=MAKER.WIDTH).text, language) == sheet


def test_the_pages_are_current() -> None:
    """After a change of forms, words or examples: python docs/forms/make_examples.py"""
    folder = FORMS / "examples"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == MAKER.pages()


def test_a_page_that_is_not_current_is_found() -> None:
    """Control: a page of other words is another page."""
    page = MAKER.page_of(41)
    assert page != page.replace("[publication]", "[statement]")
    assert "41. " not in page.partition("```text")[0]
