"""Passing: which notes of the board pass the marking gate for an officer.

Each marking is asked for once, not each note.
"""

from __future__ import annotations

from collections.abc import Iterable

from parley.clearance import Exit, Reader, Thing
from parley.desk import access
from parley.desk.board import Entry


def passing(who: Reader, exit: Exit, entries: Iterable[Entry]) -> list[Entry]:
    """Those that may pass, in their order; one that could not be opened bears no marking and does not."""
    readable = [one for one in entries if one.readable]
    kinds = allowed(who, exit, readable)
    return [one for one in readable if one.kind in kinds]


def allowed(who: Reader, exit: Exit, entries: Iterable[Entry]) -> frozenset[str]:
    """The markings among these notes that may pass."""
    each = {one.kind: one for one in entries}
    found = access.let_out(who, exit, each.values(), lambda one: Thing(marking=one.marking))
    return frozenset(one.kind for one in found)
