"""A new form and a seventh language are files: from temporary ones the whole path runs, with no Python changed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.forms import (
    FormProblem,
    Header,
    Library,
    Sheet,
    back_read_sheet,
    build,
    check,
    compare,
    findings,
    questions,
    render,
    right_answer,
)
from parley.forms.catalogue import read_about, read_catalogue
from parley.forms.form import read_form
from parley.forms.library import packaged

from ..effort import examples
from .drawing import sheets
from .stories import header

NEW_FORM = """
number = 77
version = 3
name = "naval-visit"
default_precedence = "routine"
accusation = "never"
refers_to = "optional"
fitting_answers = [20]
awaits_answer = true

[lists]
vessel = ["frigate", "survey-ship"]

[[line]]
number = 10
name = "vessel"
kind = "code"
list = "vessel"
required = true

[[line]]
number = 11
name = "host"
kind = "state"
required = true

[[line]]
number = 12
name = "own-words"
kind = "text"

[[question]]
line = 10
key = "vessel"
right = "{value}"
wrong = ["{other}", "fleet"]

[[question]]
line = 11
key = "host"
right = "{value}"
wrong = ["{other}"]
"""
ENTRIES = """
[labels]
vessel = "Vessel"
host = "Host state"

[forms.naval-visit]
title = "notice of a naval visit"

[codes.vessel]
frigate = "one frigate"
survey-ship = "one survey ship"

[questions.vessel]
text = "Which vessel is to come?"
[questions.vessel.options]
fleet = "A fleet."

[questions.host]
text = "Which state is to be visited?"
"""
_ENTRY = re.compile(r'^((?:"[^"]*"|[\w-]+) = )"(.*)"$', re.MULTILINE)
_VOWELS = str.maketrans("aeiouAEIOU", "eioauEIOAU")


def toy(english: str) -> str:
    """Another language made from English by changing every vowel outside the placeholders: "Vissil" for "Vessel"."""
    head, _, rest = english.partition("[review]")
    head = re.sub('code = "en"', 'code = "eo"', head).replace('"en_GB"', '"eo"').replace('"English"', '"Inglosh"')

    def changed(match: re.Match[str]) -> str:
        parts = re.split(r"(\{[a-z_]+\})", match[2])
        return f'{match[1]}"{"".join(part if part.startswith("{") else part.translate(_VOWELS) for part in parts)}"'

    review, _, entries = rest.partition("[banners]")
    return head + "[review]" + review + _ENTRY.sub(changed, "[banners]" + entries)


def english_with_the_new_form() -> str:
    """en.toml with the entries of the new form put into its tables."""
    text = packaged()[1]["en.toml"].decode()
    labels, rest = ENTRIES.split("[forms.", 1)
    text = text.replace("[labels]\n", labels.strip("\n") + "\n", 1)
    return text + "\n[forms." + rest


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Everything from files in a temporary folder: the shipped forms, a new one, English and a toy language."""
    folder: Path = tmp_path_factory.mktemp("forms")
    english = english_with_the_new_form()
    files = {**packaged()[0], "077-naval-visit.toml": NEW_FORM.encode()}
    for name, data in {**files, "en.toml": english.encode(), "eo.toml": toy(english).encode()}.items():
        (folder / name).write_bytes(data)
    read = {path.name: path.read_bytes() for path in folder.iterdir()}
    forms = {name: data for name, data in read.items() if name[0].isdigit()}
    return build(forms, {name: data for name, data in read.items() if name not in forms})


def test_the_new_form_goes_the_whole_way_in_both_languages(library: Library) -> None:
    """Filled, checked, rendered, read back, asked about: form 77 in English and in the toy language."""
    sheet = Sheet(77, 3, header(), {10: "survey-ship", 11: "XB", 12: ["eo", "Attack"]})
    check(sheet, at_drafting_now=None, library=library)
    english = render(sheet, "en", library=library)
    assert "10. Vessel: one survey ship [survey-ship]\n11. Host state: Beltova [XB]\n" in english.text
    other = render(sheet, "eo", library=library)
    assert "10. Vissil: ani surviy shop [survey-ship]\n" in other.text
    assert english.text != other.text
    for page in (english, other):
        assert back_read_sheet(page.text, page.language, library=library) == sheet
        asked = questions(sheet, page.language, random.Random(1).randbytes, library=library)
        assert [question.line for question in asked] == [10, 11]
    assert asked[0].text == "Whoch vissil os ta cami?"
    assert right_answer(sheet, 11, library=library) == "XB"
    assert compare(sheet, {10: "survey-ship", 11: "XA"}, library=library) == (11,)
    assert findings(sheet, library=library) == ()


def test_a_fault_of_the_new_form_is_found(library: Library) -> None:
    """Control: the lists of the new form bind as those of the shipped ones do."""
    with pytest.raises(FormProblem):
        check(Sheet(77, 3, header(), {10: "submarine", 11: "XB"}), at_drafting_now=None, library=library)


@pytest.mark.parametrize("number", [77, 10, 11, 21])
def test_the_seventh_language_loses_no_code(library: Library, number: int) -> None:
    """Every form, the new one and the shipped ones, is back-read from the toy language."""

    @settings(deadline=None, max_examples=examples(6), suppress_health_check=list(HealthCheck))
    @given(st.data(), st.integers(30, 120))
    def comes_back(data: st.DataObject, width: int) -> None:
        sheet = data.draw(sheets(library, library.form(number)))
        page = render(sheet, "eo", width=width, library=library).text
        assert back_read_sheet(page, "eo", library=library) == sheet

    comes_back()


def test_the_seventh_language_names_states_as_its_file_says() -> None:
    """A language whose states UN terminology does not list takes them from its own table, else from English."""
    english = english_with_the_new_form()
    made = toy(english).replace("[review]", '[states]\nKE = "Kenjo"\n\n[review]', 1)
    library = build({"077.toml": NEW_FORM.encode()}, {"eo.toml": made.encode()})
    real = Header(**{**{name: getattr(header(), name) for name in Header.__struct_fields__}, "exercise": True})
    texts = [
        {
            line.number: line.text
            for line in render(Sheet(77, 3, real, {10: "frigate", 11: code}), "eo", library=library).lines
        }
        for code in ("KE", "UG")
    ]
    assert [text[11] for text in texts] == ["Kenjo [KE]", "Uganda [UG]"]


def _without(text: str, line: str) -> str:
    assert line in text
    return text.replace(line, "")


BROKEN_LANGUAGES = [
    ("an entry is missing", lambda text: _without(text, 'frigate = "one frigate"\n'), "form.no_entry"),
    (
        "two codes say the same",
        lambda text: text.replace('"one survey ship"', '"one frigate"'),
        "form.same_words",
    ),
    (
        "a text holds the separator",
        lambda text: text.replace('health = "health"', 'health = "health; care"'),
        "form.same_words",
    ),
    ("a square bracket", lambda text: text.replace('"one frigate"', '"one [1] frigate"'), "form.bad_catalogue_file"),
    ("a blank text", lambda text: text.replace('"one frigate"', '" "'), "form.bad_catalogue_file"),
    ("an override", lambda text: text.replace('"one frigate"', '"one \\u202efrigate"'), "form.bad_catalogue_file"),
    ("an open brace", lambda text: text.replace('"one frigate"', '"one {frigate"'), "form.bad_catalogue_file"),
    ("another language inside", lambda text: text.replace('code = "en"', 'code = "fr"'), "form.bad_catalogue_file"),
    ("no TOML", lambda text: text + "\n[", "form.bad_catalogue_file"),
    ("an unknown review", lambda text: text.replace('default = "none"', 'default = "yes"'), "form.bad_catalogue_file"),
    ("a plural form too few", lambda text: _without(text, 'one = "{n} site"\n'), "form.no_entry"),
]


@pytest.mark.parametrize(("what", "change", "key"), BROKEN_LANGUAGES, ids=[row[0] for row in BROKEN_LANGUAGES])
def test_a_language_file_that_is_not_in_order_is_refused(what: str, change: object, key: str) -> None:
    """Before the first note is shown in it, not at night in the middle of one."""
    assert callable(change)
    forms = {**packaged()[0], "077-naval-visit.toml": NEW_FORM.encode()}
    english = english_with_the_new_form()
    build(forms, {"en.toml": english.encode()})
    with pytest.raises(FormProblem) as caught:
        build(forms, {"en.toml": change(english).encode()})
    assert caught.value.key == key


BROKEN_FORMS = [
    ("no TOML", lambda text: text + "[", "bad"),
    ("a field that nobody knows", lambda text: text.replace("version = 3", "version = 3\ncolour = 1"), "colour"),
    ("a line in the header's numbers", lambda text: text.replace("number = 10", "number = 9"), "rise from 10"),
    ("two lines of one number", lambda text: text.replace("number = 11", "number = 10"), "rise from 10"),
    ("an unknown kind", lambda text: text.replace('kind = "state"', 'kind = "planet"'), "planet"),
    ("a list that is not there", lambda text: text.replace('list = "vessel"', 'list = "boat"'), "names a list"),
    ("a kind without its list", lambda text: text.replace('list = "vessel"\n', ""), "needs a list"),
    ("a question about no line", lambda text: text.replace("line = 11", "line = 13"), "question"),
    ("two questions about one line", lambda text: text.replace("line = 11", "line = 10"), "two questions"),
    (
        "a question about a list",
        lambda text: text.replace('kind = "state"', 'kind = "state"\nmany = true'),
        "one value",
    ),
    ("a list that repeats a code", lambda text: text.replace('"frigate", ', '"frigate", "frigate", '), "repeats"),
    (
        "a kind of nothing that does not exist",
        lambda text: text.replace('kind = "state"', 'kind = "state"\nnothing = ["void"]'),
        "kind of nothing",
    ),
    (
        "nothing where numbers stand",
        lambda text: text.replace('kind = "state"', 'kind = "moment"\nnothing = ["unknown"]'),
        "no kinds of nothing",
    ),
    ("an unknown precedence", lambda text: text.replace('"routine"', '"urgent"'), "precedence"),
    ("number nought", lambda text: text.replace("number = 77", "number = 0"), "1 or more"),
]


@pytest.mark.parametrize(("what", "change", "says"), BROKEN_FORMS, ids=[row[0] for row in BROKEN_FORMS])
def test_a_form_file_that_is_not_in_order_is_refused(what: str, change: object, says: str) -> None:
    """With the file and what contradicts itself in it."""
    assert callable(change)
    with pytest.raises(FormProblem) as caught:
        build({"077.toml": change(NEW_FORM).encode()}, {})
    assert caught.value.key == "form.bad_form_file"
    if what != "no TOML":
        assert says in str(caught.value.arguments["detail"])


def test_a_form_in_two_versions_keeps_both() -> None:
    """Old notes are read by the version that they were signed with; a new draft takes the newest."""
    later = NEW_FORM.replace("version = 3", "version = 4").encode()
    library = build({"077-3.toml": NEW_FORM.encode(), "077-4.toml": later}, {})
    assert [form.version for form in library.forms] == [3, 4]
    assert library.form(77).version == 4
    assert library.form(77, 3).version == 3
    assert library.form(77, 3).digest != library.form(77, 4).digest
    with pytest.raises(FormProblem):
        build({"a.toml": NEW_FORM.encode(), "b.toml": NEW_FORM.encode()}, {})


EXHAUSTING = {"brackets without end": b"a = " + b"[" * 5000, "a number without end": b"a = " + b"9" * 5000}
"""TOML that its parser gives up on with another error than its own."""


@pytest.mark.parametrize("data", EXHAUSTING.values(), ids=EXHAUSTING)
@pytest.mark.parametrize(
    ("read", "key"),
    [(read_form, "bad_form_file"), (read_catalogue, "bad_catalogue_file"), (read_about, "bad_catalogue_file")],
    ids=["form", "language", "head of a language"],
)
def test_a_file_that_exhausts_its_parser_is_named(read: Callable[[str, bytes], object], key: str, data: bytes) -> None:
    """As any other file that is not in order."""
    with pytest.raises(FormProblem) as caught:
        read("x.toml", data)
    assert caught.value.key == f"form.{key}"
