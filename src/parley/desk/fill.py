"""Fill: an officer's `line = code` pairs into coded values, by the codes that stand in square brackets on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from parley.desk.problems import DeskProblem
from parley.forms import Form, Value, arranged
from parley.forms.form import Line
from parley.forms.kinds import KINDS
from parley.forms.kinds.judged import nothing_code, nothing_of
from parley.terms.nothing import Nothing
from parley.terms.problem import Problem


def fill(
    form: Form, codes: Iterable[tuple[int, str]], words: Mapping[int, tuple[str, str]] | None = None
) -> dict[int, Value]:
    """Coded lines of a form.

    Args:
        codes: (line, code) pairs in order; a line that takes several is named several times. ``-unknown`` and the like
            say a kind of nothing, where the line allows it.
        words: own words by line: (language, text).

    Raises DeskProblem("unfilled") naming the line, what was given, and what would have been possible.
    """
    lines: dict[int, Value] = {}
    for number, code in codes:
        line = _line(form, number, code)
        value = _value(form, line, code)
        nothing = isinstance(value, int) and code.startswith("-") and bool(line.nothing)
        before = lines.get(number)
        if before is not None and (nothing or not line.many or not isinstance(before, list)):
            raise DeskProblem("unfilled", line=number, given=code[:40], possible="one value, and one stands there")
        if line.many and not nothing:
            lines[number] = [*(before if isinstance(before, list) else []), value]
        else:
            lines[number] = value
    for number, (language, text) in (words or {}).items():
        line = _line(form, number, text)
        lines[number] = _parsed(form, line, language, tuple(text.split("\n")))
    return arranged(form, lines)


def codes_of(form: Form, lines: Mapping[int, Value]) -> dict[int, tuple[str, ...]]:
    """The codes that stand for filled lines, as `fill` takes them; a value that fits no line of the form has none.

    Own words have no code beside their language: `words_of`.
    """
    return {number: found for number, value in lines.items() if (found := _codes(form.line(number), value))}


def words_of(form: Form, lines: Mapping[int, Value]) -> dict[int, str]:
    """The own words of filled lines, paragraphs apart by line ends."""
    found: dict[int, str] = {}
    for number, value in lines.items():
        line = form.line(number)
        if line is not None and not line.many and not _is_nothing(line, value):
            with suppress(ValueError, LookupError, TypeError, Problem):
                found[number] = "\n".join(KINDS[line.kind].paragraphs(value))
    return {number: text for number, text in found.items() if text}


def _codes(line: Line | None, value: Value) -> tuple[str, ...]:
    if line is None or value is None:
        return ()
    try:
        if isinstance(value, int) and _is_nothing(line, value):
            return (f"-{nothing_code(Nothing(value))}",)
        return tuple(map(KINDS[line.kind].code, value if line.many and isinstance(value, list) else [value]))
    except (ValueError, LookupError, TypeError, Problem):
        return ()


def _is_nothing(line: Line, value: Value) -> bool:
    return type(value) is int and value in line.nothings()


def _line(form: Form, number: int, given: str) -> Line:
    line = form.line(number)
    if line is None or number < 10:
        known = ", ".join(str(one.number) for one in form.lines)
        raise DeskProblem("unfilled", line=number, given=given[:40], possible=f"lines {known}")
    return line


def _value(form: Form, line: Line, code: str) -> Value:
    if code.startswith("-") and line.nothing:
        try:
            return int(nothing_of(code[1:]))
        except (LookupError, ValueError, Problem) as error:
            raise _unfit(form, line, code) from error
    return _parsed(form, line, code, ())


def _parsed(form: Form, line: Line, code: str, paragraphs: tuple[str, ...]) -> Value:
    try:
        value = KINDS[line.kind].parse(code, paragraphs)
    except (ValueError, LookupError, Problem) as error:
        raise _unfit(form, line, code) from error
    if line.kind in ("code", "effect") and value not in form.codes(line):
        raise _unfit(form, line, code)
    return value


def _unfit(form: Form, line: Line, code: str) -> DeskProblem:
    possible = ", ".join(form.codes(line)) or f"a {line.kind}; see parley forms {form.number}"
    return DeskProblem("unfilled", line=line.number, given=code[:40], possible=possible)
