"""Whether a sheet is in order: every faulty line is found and named, not only the first.

A sheet in order can be rendered and read back exactly. Leaves out whether its sender may say so (directory, clearance)
and whether its wording is wise (`wording`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from parley.forms.form import HEADER, HEADER_LISTS, Form, Line
from parley.forms.kinds import KINDS, Place
from parley.forms.library import Library, load
from parley.forms.problems import FormProblem, LineFault, fault_of
from parley.forms.sheet import Header, Sheet, Value
from parley.forms.value import is_nothing
from parley.terms.problem import Problem
from parley.terms.text import shown

MOST_LINES = 100
FIRST_OWN = 10  # lines below are the header's: there an empty value is an absent one
_SORTED = ("state", "address", "digest")
"""Kinds whose lists are sorted, so that the same content is the same bytes; lists of codes keep the list's order."""


def check(sheet: Sheet, *, at_drafting_now: int | None, library: Library | None = None) -> None:
    """Raise FormProblem ``sheet`` with every fault in `.faults` unless the sheet is in order.

    Args:
        at_drafting_now: the present in milliseconds (UTC) when the note is being drafted; None for a received note,
            where an answer-by in the past is merely late and not refused.

    Raises FormProblem ``unknown_form`` for a form or version that the library does not have: such a note is shown as
    coded lines (`render_coded`) after `check_header`.
    """
    library = library or load()
    form = library.form(sheet.form_number, sheet.form_version)
    lines = sheet.all_lines()
    faults = [
        *_header_faults(sheet.header, form, at_drafting_now),
        *_unknown_lines(sheet, form),
        *_alone_faults(sheet, form),
        *_line_faults(form.all_lines, form, lines, library),
    ]
    _raise(faults)


def check_header(header: Header, *, library: Library | None = None) -> None:
    """As `check` for a received note whose form is not known here: its lines 1 to 9 only."""
    library = library or load()
    form = headers_form()
    lines = header.to_lines()
    _raise([*_header_faults(header, form, None), *_line_faults(HEADER, form, lines, library)])


def arranged(form: Form, lines: Mapping[int, Value]) -> dict[int, Value]:
    """The lines of a form with their lists in the order that `check` asks for, and without repetitions.

    For what a person filled in; a received sheet is never changed, only checked.
    """
    return {number: _arranged(form.line(number), form, value) for number, value in lines.items()}


def _arranged(line: Line | None, form: Form, value: Value) -> Value:
    if line is None or not line.many or not isinstance(value, list):
        return value
    once = [item for at, item in enumerate(value) if item not in value[:at]]
    try:
        ordered = _in_order(once, line, form)
    except TypeError:  # values of different types cannot be sorted; `check` will name them
        return value
    return ordered if len(ordered) == len(once) else value  # a code outside the list stays for `check` to name


def headers_form() -> Form:
    """A form that has the header and no line of its own."""
    numbers = {line.number: line for line in HEADER}
    return Form(0, 0, "", b"", 0, True, False, False, (), (), (), dict(HEADER_LISTS), (), numbers)


def _raise(faults: list[LineFault]) -> None:
    if faults:
        faults = sorted(_without_repetition(faults), key=lambda fault: fault.line)
        raise FormProblem("sheet", faults=tuple(faults), count=len(faults), line=faults[0].line)


def _without_repetition(faults: list[LineFault]) -> list[LineFault]:
    return [fault for at, fault in enumerate(faults) if fault not in faults[:at]]


def _fault(line: int, key: str, **arguments: str | int) -> LineFault:
    return LineFault(line, f"{FormProblem.ROOM}.{key}", {"line": line, **arguments})


def _header_faults(header: Header, form: Form, now: int | None) -> Iterator[LineFault]:
    if header.accusation and not form.accusation_allowed:
        yield _fault(6, "accusation_here")
    if form.accusation_needed and not header.accusation:
        yield _fault(6, "accusation_needed")
    if form.refers_required and not header.refers_to:
        yield _fault(7, "refers_needed")
    if header.answer_by is not None and header.answer_by < header.signed_at:
        yield _fault(5, "answer_before_signing")
    elif header.answer_by is not None and now is not None and header.answer_by <= now:
        yield _fault(5, "answer_in_past")


def _unknown_lines(sheet: Sheet, form: Form) -> Iterator[LineFault]:
    own = {line.number for line in form.lines}
    unknown = [number for number in sheet.lines if number not in own]
    yield from (_fault(number, "not_on_form") for number in sorted(unknown)[:MOST_LINES])


def _line_faults(
    asked: Iterable[Line], form: Form, lines: Mapping[int, Value], library: Library
) -> Iterator[LineFault]:
    for line in asked:
        if line.number not in lines or (line.number < FIRST_OWN and lines[line.number] in (None, [])):
            if _is_required(line, lines):
                yield _fault(line.number, "missing")
            continue
        try:
            _check_value(lines[line.number], Place(line, form, lines, library))
        except Problem as problem:
            yield _named(line, problem)


def _alone_faults(sheet: Sheet, form: Form) -> Iterator[LineFault]:
    """A line that says that others are not named, on a note that names them as recipients."""
    for line in form.lines:
        if sheet.lines.get(line.number) in line.alone_if and len(sheet.header.recipients) != 1:
            yield _fault(line.number, "alone")


def _named(line: Line, problem: Problem) -> LineFault:
    # `terms` wraps the rule that a coded value broke; an officer who drafts wants to hear the rule itself.
    if problem.key == "terms.coded_value" and isinstance(problem.__cause__, Problem):
        problem = problem.__cause__
    # A wrong type is one fault to an officer, whichever room noticed it.
    if problem.key.startswith("terms.coded_"):
        return _fault(line.number, "shape")
    found = fault_of(line.number, problem)
    return LineFault(found.line, found.key, {**found.arguments, "line": line.number})


def _is_required(line: Line, lines: Mapping[int, Value]) -> bool:
    if line.required_if is None:
        return line.required
    given = lines.get(line.required_if.line)
    codes = given if isinstance(given, list) else [given]
    return line.required or any(code in line.required_if.has for code in codes)


def _check_value(value: Value, place: Place) -> None:
    line, number = place.line, place.line.number
    if is_nothing(value, place):
        return
    if type(value) is int and line.nothing and not line.many:
        raise FormProblem("no_nothing", line=number)
    if line.many:
        _check_list(value, place)
    else:
        KINDS[line.kind].check(value, place)
    if line.differs_from and value == place.lines.get(line.differs_from):
        raise FormProblem("same_as", line=number, other=line.differs_from)


def _check_list(value: Value, place: Place) -> None:
    line, number = place.line, place.line.number
    if not isinstance(value, list):
        raise FormProblem("shape", line=number)
    if not value:
        raise FormProblem("empty_list", line=number)
    if len(value) > line.most:
        raise FormProblem("too_many", line=number, count=len(value), limit=line.most)
    for item in value:
        KINDS[line.kind].check(item, place)
    if any(item in value[:at] for at, item in enumerate(value)):
        raise FormProblem("repeated", line=number)
    if value != _in_order(value, line, place.form):
        raise FormProblem("not_in_order", line=number)
    for code in line.must:
        if code not in value:
            raise FormProblem("must_have", line=number, code=shown(code))


def _in_order(value: list[Value], line: Line, form: Form) -> list[Value]:
    if line.kind in ("code", "effect"):
        return [code for code in form.codes(line) if code in value]
    return sorted(value) if line.kind in _SORTED else value  # type: ignore[type-var]
