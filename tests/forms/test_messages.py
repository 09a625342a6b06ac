"""A problem is said in the reader's language, or in English where it has no entry."""

from __future__ import annotations

import re

import pytest

from parley.forms import FormProblem, LineFault, explain, explain_fault, load, phrase
from parley.forms.voice import without_isolates
from parley.terms.party import PartyProblem
from parley.terms.problem import Fault, Says
from parley.terms.terms_problem import TermsProblem

LIBRARY = load()
TABLES = {"form": FormProblem.TABLE, "terms": TermsProblem.TABLE, "party": PartyProblem.TABLE}
SAID = sorted({path.rpartition(".")[0] for path in LIBRARY.catalogue("en").entries if path.startswith("messages.")})


def test_every_problem_that_an_officer_meets_has_its_sentences() -> None:
    """All problems of this room but those of its own files and code are in the catalogue."""
    there = {path.removeprefix("messages.form.") for path in SAID}
    for key, says in FormProblem.TABLE.items():
        if says.fault in (Fault.YOURS, Fault.PEER):
            assert key in there, key


@pytest.mark.parametrize("path", SAID)
def test_sentences_name_what_the_problem_says(path: str) -> None:
    """An entry exists for a row of a table, and asks for nothing that the row (or its line) does not give."""
    _, room, key = path.split(".")
    row: Says = TABLES[room][key]
    given = {*re.findall(r"\{(\w+)\}", row.what + row.do), "line"}
    entries = LIBRARY.catalogue("en").entries
    assert set(re.findall(r"\{(\w+)\}", entries[f"{path}.what"] + entries[f"{path}.do"])) <= given


@pytest.mark.parametrize("language", LIBRARY.languages)
def test_a_problem_is_said_in_the_language(language: str) -> None:
    """With its arguments filled in."""
    message = explain(FormProblem("unknown_form", number="777", version="1"), language)
    assert message.language == language
    assert "777" in message.what
    assert message.do


def test_what_has_no_entry_is_said_in_english() -> None:
    """And says that it is English, so that a screen can mark it."""
    message = explain(TermsProblem("unknown_language", given="tlh"), "ar")
    assert message.language == "en"
    assert message.what == "“tlh” is not one of the six languages."
    fault = LineFault(9, "terms.instant_range", {"line": 9, "ms": 1})
    assert explain_fault(fault, "ar").language == "en"


def test_a_sentence_whose_argument_is_missing_falls_back() -> None:
    """A fault that does not say what the entry names is said by its own table, or not at all, but never crashes."""
    fault = LineFault(3, "party.bad_party", {"given": "x"})
    assert explain_fault(fault, "en").what == "“x” is not the code of a party."
    unsaid = explain(TermsProblem("text_empty"), "en")  # the entry wants a line, the problem has none
    assert (unsaid.what, unsaid.language) == ("The text is empty.", "en")


def test_a_door_may_ask_for_any_phrase() -> None:
    """The read-back's own words are in the catalogue too."""
    assert phrase("readback.differs", "en", line="7") == "Line 7 came across differently."
    assert "7" in without_isolates(phrase("readback.differs", "ar", line="7"))
