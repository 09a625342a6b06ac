"""A problem is said in the reader's language, or in English where the language has no sentence for it."""

from __future__ import annotations

import pytest

from parley.forms import FormProblem, LineFault, build, explain, explain_fault, load, phrase
from parley.forms.library import packaged
from parley.forms.voice import without_isolates
from parley.terms.terms_problem import TermsProblem

LIBRARY = load()


@pytest.mark.parametrize("language", LIBRARY.languages)
def test_a_problem_is_said_in_the_language(language: str) -> None:
    """With its arguments filled in."""
    message = explain(FormProblem("unknown_form", number="777", version="1"), language)
    assert message.language == language
    assert "777" in message.what
    assert message.do


def test_what_has_no_entry_is_said_in_english() -> None:
    """So is a language without a file of messages: the answer says that it is English, so that a screen can mark it."""
    library = build(*packaged())
    message = explain(TermsProblem("unknown_language", given="tlh"), "ar", library=library)
    assert message.language == "en"
    assert message.what == "“tlh” is not one of the six languages."
    fault = LineFault(9, "terms.instant_range", {"line": 9, "ms": 1})
    assert explain_fault(fault, "ar", library=library).language == "en"


def test_a_language_that_is_not_there_is_named() -> None:
    """Nothing is guessed."""
    with pytest.raises(FormProblem) as caught:
        explain(TermsProblem("text_empty"), "tlh")
    assert caught.value.key == "form.unknown_catalogue"


def test_a_sentence_whose_argument_is_missing_falls_back() -> None:
    """What the sentence of a line names and the problem does not say is left to the sentence without a line."""
    assert explain(TermsProblem("national_marking", line=3, given="x", limit=9), "fr").what.startswith("Ligne 3")
    unsaid = explain(TermsProblem("too_fine", line=0, ms=1, precision="DAY"), "fr")
    assert "DAY" in unsaid.what


def test_messages_are_not_part_of_what_a_note_signs() -> None:
    """A corrected sentence about a problem must not make two nodes of one version differ in their catalogue."""
    assert build(*packaged()).catalogue_digest == LIBRARY.catalogue_digest


def test_a_word_of_a_fixed_set_is_said_in_the_language() -> None:
    """The kind of object is ours to translate; where it went wrong is a detail for whoever reports it."""
    from parley.line.problems import LineProblem

    said = explain(LineProblem("bad_shape", object="receipt", where="field 3"), "fr").what
    assert "accusé de réception" in said
    assert "field 3" in said


def test_a_door_may_ask_for_any_phrase() -> None:
    """The read-back's own words are in the catalogue too."""
    assert phrase("readback.differs", "en", line="7") == "Line 7 came across differently."
    assert "7" in without_isolates(phrase("readback.differs", "ar", line="7"))
