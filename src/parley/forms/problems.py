"""What can be wrong with a sheet, a form, a catalogue or a rendered page: the room's one table of problems.

Leaves out how a problem is shown: the sentence in the reader's language is in the catalogue, under ``messages``.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from parley.terms.problem import Fault, Problem, Says

_DATA = "Correct the file; docs/forms/README.md says how it is built."
_PAGE = "Do not act on the text; ask the sender for the signed note or for another copy."


class LineFault(NamedTuple):
    """One faulty line: its number (0: the sheet as a whole), the full key of the problem, what the sentence names."""

    line: int
    key: str
    arguments: dict[str, str | int]


class FormProblem(Problem):
    """A sheet, a form, a catalogue or a page that is not in order.

    `faults` lists every faulty line when the key is ``form.sheet``; it is empty for every other key.
    """

    ROOM: ClassVar[str] = "form"
    TABLE: ClassVar[dict[str, Says]] = {
        "sheet": Says(
            Fault.YOURS,
            "{count} lines of the form are not in order; the first is line {line}.",
            "Correct the lines that are named.",
        ),
        # A line of a sheet.
        "missing": Says(Fault.YOURS, "Line {line} must be filled in.", "Fill it in."),
        "not_on_form": Says(Fault.YOURS, "This form has no line {line}.", "Leave the line out."),
        "not_in_list": Says(
            Fault.YOURS, "“{given}” is not one of the codes of line {line}.", "Choose a code from the list."
        ),
        "shape": Says(
            Fault.YOURS,
            "The value of line {line} does not have the shape that the line needs.",
            "Fill the line in again.",
        ),
        "too_many": Says(
            Fault.YOURS, "Line {line} has {count} entries; at most {limit} are taken.", "Keep the most important."
        ),
        "empty_list": Says(Fault.YOURS, "Line {line} is an empty list.", "Fill it in or leave the line out."),
        "repeated": Says(Fault.YOURS, "Line {line} names the same thing twice.", "Name it once."),
        "not_in_order": Says(
            Fault.YOURS,
            "The entries of line {line} are not in their fixed order.",
            "Put them in the order of the list, or let Parley sort them.",
        ),
        "must_have": Says(Fault.YOURS, "Line {line} must contain “{code}”.", "Add it."),
        "no_nothing": Says(
            Fault.YOURS, "Line {line} cannot be answered with this kind of nothing.", "Fill it in or leave it out."
        ),
        "unknown_state": Says(Fault.YOURS, "“{given}” is not the code of a state.", "Choose a state from the list."),
        "fictional_in_real": Says(
            Fault.YOURS,
            "{given} is a fictional state of exercises, and this note is real (line {line}).",
            "Mark the note as an exercise, or name the real state.",
        ),
        "too_long": Says(
            Fault.YOURS,
            "Line {line} has {length} characters; at most {limit} are taken.",
            "Shorten it or attach a document.",
        ),
        "blanks": Says(Fault.YOURS, "A paragraph of line {line} begins or ends with a blank.", "Remove the blank."),
        "range": Says(Fault.YOURS, "Line {line} must be from {low} to {high}.", "Correct the number."),
        "identifier": Says(
            Fault.YOURS,
            "“{given}” in line {line} is not a {sort} in its usual spelling.",
            "Correct it; a range of addresses is written 203.0.113.0/24, an AS number 64496.",
        ),
        "bracket": Says(
            Fault.YOURS,
            "Line {line} has a square bracket, which is kept for codes.",
            "Use round brackets.",
        ),
        "not_an_option": Says(
            Fault.YOURS,
            "“{given}” in line {line} is not an answer that the read-back offers.",
            "Take the answer from the read-back itself.",
        ),
        "same_as": Says(
            Fault.YOURS, "Line {line} says the same as line {other}; they must differ.", "Correct one of the two."
        ),
        # The header.
        "accusation_here": Says(
            Fault.YOURS, "This form never carries an accusation (line 6).", "Use another form to make one."
        ),
        "accusation_needed": Says(
            Fault.YOURS,
            "This form always makes an accusation, and line 6 says that it makes none.",
            "Mark it as an accusation, or use a form that reports what was seen: 10 or 11.",
        ),
        "alone": Says(
            Fault.YOURS,
            "Line {line} says that others are not named, and line 3 names more than one recipient.",
            "Send one note to each recipient.",
        ),
        "refers_needed": Says(
            Fault.YOURS, "This form answers a note, and line 7 does not say which.", "Name the note that it answers."
        ),
        "answer_before_signing": Says(
            Fault.YOURS, "An answer is hoped for before the note was signed (line 5).", "Name a later time, or none."
        ),
        "answer_in_past": Says(
            Fault.YOURS, "The time by which an answer is hoped for has passed (line 5).", "Name a later time, or none."
        ),
        # Forms and languages.
        "unknown_form": Says(
            Fault.PEER,
            "Form {number} in version {version} is not known here.",
            "Read it as coded lines; ask the sender for the definition of the form.",
        ),
        "no_question": Says(Fault.OURS, "The read-back has no question about line {line}.", "Report this as a defect."),
        "unknown_catalogue": Says(
            Fault.YOURS, "There is no catalogue for the language “{given}”.", "Choose one of: {known}."
        ),
        # Pages read back.
        "page_heading": Says(Fault.PEER, "The page does not begin as a rendered note does.", _PAGE),
        "page_line": Says(Fault.PEER, "Line {line} of the page cannot be read.", _PAGE),
        "page_word": Says(Fault.PEER, "“{given}” in line {line} of the page is in no list.", _PAGE),
        "page_differs": Says(Fault.PEER, "In line {line} of the page the words do not say what the code says.", _PAGE),
        "page_nature": Says(
            Fault.PEER, "The page is not marked alike, real or exercise, at both ends and in line 1.", _PAGE
        ),
        # Data files.
        "bad_form_file": Says(Fault.MACHINE, "The form file {file} is not in order: {detail}.", _DATA),
        "bad_catalogue_file": Says(Fault.MACHINE, "The language file {file} is not in order: {detail}.", _DATA),
        "no_entry": Says(Fault.MACHINE, "The language file for {language} has no entry “{entry}”.", _DATA),
        "same_words": Says(
            Fault.MACHINE, "The language file for {language} says the same for “{one}” and “{other}”.", _DATA
        ),
    }

    def __init__(self, key: str, *, faults: tuple[LineFault, ...] = (), **arguments: str | int) -> None:
        super().__init__(key, **arguments)
        self.faults = faults


def fault_of(line: int, problem: Problem) -> LineFault:
    """The fault of one line from the problem that its value raised."""
    return LineFault(line, problem.key, {"line": line, **problem.arguments})
