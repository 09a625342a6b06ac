"""The forms that ship: their numbers are fixed, their answers exist, their digests are those of the files."""

from __future__ import annotations

import hashlib

import pytest

from parley.forms import FormProblem, load
from parley.forms.kinds import KINDS
from parley.forms.library import packaged

LIBRARY = load()
# Number, name, default precedence (0 ROUTINE to 3 FLASH). The numbers are on the wire and never change.
FORMS = [
    (1, "link-check", 0),
    (2, "link-check-answer", 0),
    (10, "incident-notification", 2),
    (11, "request-mitigation", 2),
    (12, "request-information", 1),
    (13, "request-assistance", 2),
    (20, "answer", 1),
    (21, "clarification", 2),
    (90, "own-words", 0),
]


def test_the_forms_are_these() -> None:
    """Each in version 1, with the precedence that a draft begins with."""
    assert [(form.number, form.name, form.default_precedence) for form in LIBRARY.forms] == FORMS
    assert {form.version for form in LIBRARY.forms} == {1}


def test_the_file_of_a_form_is_named_by_it() -> None:
    """``011-request-mitigation.toml`` holds form 11."""
    assert {name.removesuffix(".toml") for name in packaged()[0]} == {f"{n:03}-{name}" for n, name, _ in FORMS}


def test_a_digest_is_that_of_the_files_bytes() -> None:
    """So that a definition that was asked for over the line can be compared with what was signed."""
    for name, data in packaged()[0].items():
        assert LIBRARY.form(int(name[:3])).digest == hashlib.sha256(data).digest()


def test_the_catalogue_digest_is_that_of_all_language_files() -> None:
    """SHA-256 over one line a language: code, blank, SHA-256 of its file, LF."""
    files = packaged()[1]
    lines = [f"{name.removesuffix('.toml')} {hashlib.sha256(files[name]).hexdigest()}\n" for name in sorted(files)]
    assert LIBRARY.catalogue_digest == hashlib.sha256("".join(lines).encode()).digest()
    assert LIBRARY.catalogue_version == 1


def test_what_may_answer_a_form_is_a_form() -> None:
    """Every fitting answer exists, and every form that asks can be answered with form 20 and asked back with 21."""
    numbers = set(LIBRARY.numbers)
    for form in LIBRARY.forms:
        assert set(form.fitting_answers) <= numbers
        assert len(set(form.fitting_answers)) == len(form.fitting_answers)
        assert 21 in form.fitting_answers
    assert all(20 in LIBRARY.form(number).fitting_answers for number in (10, 11, 12, 13, 20, 90))


def test_a_request_for_mitigation_rests_on_both_norms() -> None:
    """Norms 13 (c) and 13 (h) of A/70/174 cannot be left out of it."""
    form = LIBRARY.form(11)
    line = next(line for line in form.lines if line.name == "norms")
    assert line.required
    assert line.must == ("13c", "13h")


@pytest.mark.parametrize("form", LIBRARY.forms, ids=lambda form: form.name)
def test_a_form_uses_every_list_that_it_defines(form: object) -> None:
    """A list that no line uses is a slip."""
    from parley.forms import Form

    assert isinstance(form, Form)
    used = {line.list for line in form.all_lines}
    assert set(form.lists) <= used


def test_lists_of_one_name_agree_between_forms() -> None:
    """The words of a code are shared by name, so the same list means the same codes in the same order."""
    seen: dict[str, tuple[str, ...]] = {}
    for form in LIBRARY.forms:
        for name, codes in form.lists.items():
            known = seen.setdefault(name, codes)
            if name != "measure":  # each form counts what it needs
                assert codes == known, (form.number, name)


def test_every_kind_is_used_by_some_form() -> None:
    """A kind without a form could not be tested by the properties."""
    used = {line.kind for form in LIBRARY.forms for line in form.all_lines}
    assert used == set(KINDS)


def test_the_library_is_read_once() -> None:
    """Asking again costs nothing and gives the same object."""
    assert load() is load()


def test_an_unknown_form_is_named() -> None:
    """Number and version stand in the problem."""
    with pytest.raises(FormProblem) as caught:
        LIBRARY.form(11, 9)
    assert caught.value.arguments == {"number": "11", "version": "9"}
