"""A numbered form: its lines, their lists of codes, which forms answer it, and the questions of its read-back.

A form is one TOML file and nothing else: all the codes that may stand on its lines are in it, so that the digest of
the file fixes what a note can say. Leaves out every word of every language, which are in the catalogue.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Literal

import msgspec

from parley.forms.problems import FormProblem
from parley.forms.sheet import NATURES, PRECEDENCES, REALITIES, Value
from parley.terms.nothing import Nothing

# Syntax, UTF-8, types, numbers of too many digits are all ValueErrors; brackets within brackets exhaust the parser.
_NOT_A_FILE = (ValueError, RecursionError)


class RequiredIf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line is required when `line` carries one of the codes `has`."""

    line: int
    has: tuple[str, ...]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a form.

    Args:
        number: 10 and up for a form's own lines. name: key of its label in the catalogue.
        kind: a name from the table of kinds. list: the name of the list of codes, for kinds that need one.
        many: the value is a list of values of that kind, at most `most`. must: codes that may not be missing.
        nothing: the kinds of nothing that may stand instead of a value (`parley.terms.nothing`, small letters).
        low, high: bounds of a number; `high` is also the most characters of a text.
        differs_from: a line that must say something else.
        alone_if: with one of these codes the note has one recipient: it says that others are not named.
    """

    number: int
    name: str
    kind: str
    list: str = ""
    many: bool = False
    most: int = 32
    required: bool = False
    required_if: RequiredIf | None = None
    must: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    low: int = 0
    high: int = 4000
    differs_from: int = 0
    alone_if: tuple[str, ...] = ()

    def nothings(self) -> tuple[Nothing, ...]:
        """The kinds of nothing that may stand on this line."""
        return tuple(Nothing[name.upper().replace("-", "_")] for name in self.nothing)


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right option of a question and the wrong ones, as templates: ``{value}``, ``demand:{value}``, ``{other}``."""

    right: str
    wrong: tuple[str, ...]


class QuestionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question of the read-back, about one line.

    Args:
        key: where the catalogue keeps its wording. others: codes for ``{other}``, the first that is not the value.
        if_nothing: the choice when the line is empty or says a kind of nothing; without it the question is left out.
    """

    line: int
    key: str
    right: str
    wrong: tuple[str, ...]
    others: tuple[str, ...] = ()
    if_nothing: Choice | None = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a code of a list comes from, and whether the document was opened for it (DESIGN, section 7)."""

    list: str
    code: str
    document: str
    paragraph: str
    status: Literal["verified", "unverified"]


class Addressing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between which offices a form travels; the directory, which knows offices, holds a note to it.

    Args:
        offices: kinds of office at either end (`parley.directory.offices.OFFICE_KINDS`); () any.
        ceremony: only where the other side's particulars were accepted by ceremony, not by vouching.
    """

    offices: tuple[str, ...] = ()
    ceremony: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    version: int
    name: str
    default_precedence: str
    accusation: Literal["never", "open", "always"]
    refers_to: Literal["required", "optional"]
    fitting_answers: tuple[int, ...]
    awaits_answer: bool
    line: tuple[Line, ...]
    question: tuple[QuestionRule, ...] = ()
    lists: dict[str, tuple[str, ...]] = {}
    source: tuple[Source, ...] = ()
    awaits_if: RequiredIf | None = None
    addressing: Addressing = Addressing()


HEADER = (
    Line(1, "reality", "code", list="reality", required=True),
    Line(2, "from", "address", required=True),
    Line(3, "to", "address", many=True, required=True),
    Line(4, "precedence", "code", list="precedence", required=True),
    Line(5, "answer-by", "moment"),
    Line(6, "nature", "code", list="nature", required=True),
    Line(7, "refers-to", "digest", many=True, most=16),
    Line(8, "marking", "marking", required=True),
    Line(9, "stamp", "stamp", required=True),
)
"""Lines 1 to 9 of every form: they come from `Header`, which is why they are here and not in a file."""
HEADER_LISTS = {"reality": REALITIES, "precedence": PRECEDENCES, "nature": NATURES}


class Form(msgspec.Struct, frozen=True):
    """A numbered form as read from its file; `digest` is the SHA-256 of the file's bytes and is signed with a note.

    `lines` are the form's own lines in order; `all_lines` begins with the header's. `fitting_answers` are numbers of
    forms. `default_precedence` is 0 to 3. `awaits_answer` and `awaits_if` say whether an answer is awaited although
    line 5 names no time (`awaits`).
    """

    number: int
    version: int
    name: str
    digest: bytes
    default_precedence: int
    accusation_allowed: bool
    accusation_needed: bool
    refers_required: bool
    fitting_answers: tuple[int, ...]
    lines: tuple[Line, ...]
    questions: tuple[QuestionRule, ...]
    lists: dict[str, tuple[str, ...]]
    sources: tuple[Source, ...]
    by_number: dict[int, Line]
    awaits_answer: bool = False
    awaits_if: RequiredIf | None = None
    addressing: Addressing = Addressing()

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """The lines of the header and the form's own."""
        return (*HEADER, *self.lines)

    def line(self, number: int) -> Line | None:
        """The line with this number, header included; None if the form has none."""
        return self.by_number.get(number)

    def codes(self, line: Line) -> tuple[str, ...]:
        """The codes that may stand on a line, in their fixed order; () if its kind needs no list."""
        return self.lists.get(line.list, ())

    def awaits(self, lines: Mapping[int, Value], answer_by: int | None) -> bool:
        """Whether an answer to a note with these lines is awaited: by its form, by a code on it, or by line 5."""
        if self.awaits_answer or answer_by is not None:
            return True
        return self.awaits_if is not None and lines.get(self.awaits_if.line) in self.awaits_if.has

    def question(self, line: int) -> QuestionRule | None:
        """The question about a line, if there is one."""
        return next((question for question in self.questions if question.line == line), None)


def read_form(name: str, data: bytes) -> Form:
    """The form that a definition file holds; `name` is for the message. Raises FormProblem ``bad_form_file``."""
    try:
        file = msgspec.convert(tomllib.loads(data.decode("utf-8")), _File)
    except _NOT_A_FILE as error:
        raise FormProblem("bad_form_file", file=name, detail=str(error)) from error
    if detail := _disorder(file):
        raise FormProblem("bad_form_file", file=name, detail=detail)
    return Form(
        number=file.number,
        version=file.version,
        name=file.name,
        digest=hashlib.sha256(data).digest(),
        default_precedence=PRECEDENCES.index(file.default_precedence),
        accusation_allowed=file.accusation != "never",
        accusation_needed=file.accusation == "always",
        refers_required=file.refers_to == "required",
        fitting_answers=file.fitting_answers,
        lines=file.line,
        questions=file.question,
        lists={**HEADER_LISTS, **file.lists},
        sources=file.source,
        by_number={line.number: line for line in (*HEADER, *file.line)},
        awaits_answer=file.awaits_answer,
        awaits_if=file.awaits_if,
        addressing=file.addressing,
    )


def _disorder(file: _File) -> str:
    """What contradicts itself in a file; "" if nothing does."""
    numbers = [line.number for line in file.line]
    lists = {**HEADER_LISTS, **file.lists}
    known = {*range(1, 10), *numbers}
    nothings = {kind.name.lower().replace("_", "-") for kind in Nothing}
    findings = {
        "line numbers must rise from 10": numbers != sorted(set(numbers)) or any(number < 10 for number in numbers),
        "a line names a list that is not in the file": any(line.list not in {"", *lists} for line in file.line),
        "a list of the header is defined again": bool(HEADER_LISTS.keys() & file.lists.keys()),
        "a list repeats a code": any(len(set(codes)) != len(codes) for codes in file.lists.values()),
        "a line requires a code that its list lacks": any(
            not set(line.must) <= set(lists.get(line.list, ())) for line in file.line
        ),
        "a line has a code for one recipient that its list lacks": any(
            not set(line.alone_if) <= set(lists.get(line.list, ())) for line in file.line
        ),
        "an answer depends on a line that is missing": file.awaits_if is not None and file.awaits_if.line not in known,
        "a line depends on a line that is missing": any(
            line.required_if is not None and line.required_if.line not in known for line in file.line
        ),
        "an unknown kind of nothing": any(not set(line.nothing) <= nothings for line in file.line),
        "a question is about a line that is missing": any(question.line not in known for question in file.question),
        "two questions are about one line": len({question.line for question in file.question}) != len(file.question),
        "an unknown precedence": file.default_precedence not in PRECEDENCES,
        "the number and the version must be 1 or more": file.number < 1 or file.version < 1,
    }
    return "; ".join(detail for detail, found in findings.items() if found)
