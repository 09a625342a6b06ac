"""Reading coded values: the plain lists and numbers that are signed, each checked before a term is built from it.

A peer's bytes reach a term only through these functions, so that a wrong type is a named problem, never a crash.
Leaves out bytes: turning coded values into bytes is the room `seal`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from typing import TypeAlias, TypeVar

from parley.terms.problem import Fault, Problem
from parley.terms.terms_problem import TermsProblem

Coded: TypeAlias = "int | str | bytes | bool | list[Coded] | dict[int, Coded] | None"

_Code = TypeVar("_Code", bound=IntEnum)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """While a coded value of `what` is read: a problem that would be the typist's becomes its sender's.

    Raises TermsProblem ``coded_value``, which names the rule that was broken.
    """
    try:
        yield
    except Problem as problem:
        if problem.fault is Fault.PEER:
            raise
        raise TermsProblem("coded_value", what=what, rule=problem.key) from problem


def listed(value: object, what: str, length: int | None = None) -> list[object]:
    """`value` if it is a list (of exactly `length` items, if given); raises TermsProblem ``coded_shape``."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise TermsProblem("coded_shape", what=what)
    return value


def whole(value: object, what: str, low: int, high: int) -> int:
    """`value` if it is an int (a bool is none) within both bounds; raises ``coded_shape`` or ``coded_range``."""
    if type(value) is not int:
        raise TermsProblem("coded_shape", what=what)
    if not low <= value <= high:
        raise TermsProblem("coded_range", what=what, given=short(value), low=low, high=high)
    return value


def word(value: object, what: str, limit: int = 1024) -> str:
    """`value` if it is a str of at most `limit` characters; raises ``coded_shape``."""
    if not isinstance(value, str) or len(value) > limit:
        raise TermsProblem("coded_shape", what=what)
    return value


def word_or_none(value: object, what: str, limit: int = 1024) -> str | None:
    """As `word`, but None passes."""
    return None if value is None else word(value, what, limit)


def coded_as(kind: type[_Code], value: object, what: str) -> _Code:
    """The member of `kind` with this code; raises ``coded_shape`` or ``coded_word``."""
    if type(value) is not int:
        raise TermsProblem("coded_shape", what=what)
    if value not in _codes(kind):
        raise TermsProblem("coded_word", what=what, given=short(value))
    return kind(value)


@cache
def _codes(kind: type[IntEnum]) -> frozenset[int]:
    return frozenset(int(member) for member in kind)


def short(number: int) -> str:
    """A number that fits a sentence: a stranger's may have a million digits, and Python refuses to print those."""
    return str(number) if number.bit_length() <= 64 else f"a number of {number.bit_length()} bits"
