"""What a kind of line is: how its values are checked, coded for the page, put into words, and read back.

Leaves out lists and kinds of nothing, which every kind has alike (`parley.forms.value`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from parley.forms.form import Form, Line
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice
from parley.terms.party import is_fictional
from parley.terms.states import all_states
from parley.terms.text import shown

if TYPE_CHECKING:
    from parley.forms.library import Library


class Place(msgspec.Struct, frozen=True):
    """Where a value stands: its line, its form, the sheet's coded values (header included), and the library."""

    line: Line
    form: Form
    lines: Mapping[int, Value]
    library: Library

    @property
    def exercise(self) -> bool:
        """Whether the sheet is an exercise."""
        return self.lines.get(1) == "exercise"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the line's list."""
        return self.form.codes(self.line)


def _no_paragraphs(value: Value) -> tuple[str, ...]:
    return ()


def _no_entries(form: Form, line: Line) -> Iterable[str]:
    return ()


def _no_others(value: Value, place: Place) -> Sequence[Value]:
    return ()


def _no_parts(value: Value, voice: Voice) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Kind:
    """One kind of line. A value of it is a coded value as `Sheet` carries it.

    Args:
        check: raises FormProblem (or a problem of `terms`) if the value is not in order.
        code: what stands in square brackets, the same in every language; holds no square bracket.
        parse: the value of a code and the paragraphs under it; raises ValueError, LookupError or a Problem.
        words: the value in a language; holds no square bracket.
        paragraphs: own words that stand under the line, one text a paragraph.
        values: every value that the line can carry, if they are few: then words alone can be read back.
        others: values that could be mistaken for this one, nearest first: for the read-back.
        parts: further placeholders that an option of a question may use beside {value}, e.g. {time}.
        entries: paths of the catalogue's entries that the kind needs on this line.
        needs_list: whether the line must name a list of codes.
    """

    check: Callable[[Value, Place], None]
    code: Callable[[Value], str]
    parse: Callable[[str, tuple[str, ...]], Value]
    words: Callable[[Value, Place, Voice], str]
    paragraphs: Callable[[Value], tuple[str, ...]] = _no_paragraphs
    values: Callable[[Place], Sequence[Value]] | None = None
    others: Callable[[Value, Place], Sequence[Value]] = _no_others
    parts: Callable[[Value, Voice], Mapping[str, str]] = _no_parts
    entries: Callable[[Form, Line], Iterable[str]] = _no_entries
    needs_list: bool = False


def text(value: Value) -> str:
    """`value` if it is a str; raises FormProblem ``shape``."""
    if not isinstance(value, str):
        raise FormProblem("shape", line=0)
    return value


def whole(value: Value) -> int:
    """`value` if it is an int and no bool; raises FormProblem ``shape``."""
    if type(value) is not int:
        raise FormProblem("shape", line=0)
    return value


def items(value: Value, length: int) -> list[Value]:
    """`value` if it is a list of that length; raises FormProblem ``shape``."""
    if not isinstance(value, list) or len(value) != length:
        raise FormProblem("shape", line=0)
    return value


def listed(value: Value, codes: Iterable[str]) -> str:
    """`value` if it is one of the codes; raises FormProblem ``shape`` or ``not_in_list``."""
    code = text(value)
    if code not in codes:
        raise FormProblem("not_in_list", line=0, given=shown(code))
    return code


def check_party(code: str, place: Place) -> None:
    """Refuse a state that is not in the table, and a fictional one in a real note; organisations pass."""
    if code.startswith("O-"):
        return
    if code not in all_states():
        raise FormProblem("unknown_state", line=0, given=shown(code))
    if is_fictional(code) and not place.exercise:
        raise FormProblem("fictional_in_real", line=0, given=code)
