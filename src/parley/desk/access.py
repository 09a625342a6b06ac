"""Access: the one place that every door and every exit asks, over the pure rules of `clearance`.

A verb is asked for with `check`; what it gives out passes `let_out` (lists, and the counts that follow from them) or
`show` (one object). Exits for programs ask here too, with the level that the settings give them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from parley import clearance
from parley.clearance import ClearanceProblem, Exit, Reader, Right, Thing
from parley.desk.draft import Draft
from parley.desk.inbox import Listed
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.line.note import Note
from parley.terms.marking import Tlp

T = TypeVar("T")
LEVELS = {tlp.label: tlp for tlp in Tlp if tlp is not Tlp.RED}
"""What the settings may give programs: TLP:RED is for the eyes of individuals (TLP 2.0, 3.a)."""


def may(node: Node, officer: str, right: Right) -> bool:
    """Whether the officer has this right now; False for somebody who is no officer."""
    known = node.roster.is_lone or any(one.name == officer for one in node.roster.officers)
    return known and clearance.may(node.roster, officer, right, node.clock())


def check(node: Node, officer: str, right: Right) -> None:
    """Raise ClearanceProblem ``may_not`` or ``no_such_officer`` unless the officer has this right now."""
    clearance.check(node.roster, officer, right, node.clock())


def check_self(officer: str, named: str) -> None:
    """Raise ClearanceProblem ``not_yourself`` if somebody acts under another's name."""
    if named != officer:
        raise ClearanceProblem("not_yourself", officer=officer, named=named[:40])


def reader(node: Node, officer: str) -> Reader:
    """The officer as the marking gate sees one; raises ClearanceProblem ``no_such_officer``."""
    return clearance.reader_of(node.roster, officer, node.clock())


def program(level: Tlp) -> Reader:
    """A program as the marking gate sees one."""
    return Reader(program=level)


def level_of(label: str) -> Tlp:
    """The level with this label, for example ``TLP:AMBER``; raises DeskProblem("no_level")."""
    if label not in LEVELS:
        raise DeskProblem("no_level", given=label[:40], choices=", ".join(LEVELS))
    return LEVELS[label]


def let_out(who: Reader, exit: Exit, found: Iterable[T], thing_of: Callable[[T], Thing]) -> list[T]:
    """Those of `found` that may pass; whoever shows a number counts these and no others."""
    return [one for one in found if clearance.sees(who, thing_of(one), exit)]


def passes(who: Reader, exit: Exit, thing: Thing) -> bool:
    """Whether this object may pass."""
    return clearance.sees(who, thing, exit)


def show(who: Reader, exit: Exit, thing: Thing) -> None:
    """Raise unless it may pass: ClearanceProblem ``not_yours``, ``above_marking``; for a program DeskProblem
    ``above_level``. No problem names anything of the text."""
    if who.program is not None and not clearance.sees(who, thing, exit):
        raise DeskProblem("above_level", level=who.program.label)
    clearance.show_or_raise(who, thing, exit)


def note_thing(note: Note) -> Thing:
    """A note as an object; its attachments, its lines and what is said of it bear its marking."""
    return Thing(marking=note.marking)


def listed_thing(found: Listed) -> Thing:
    """A note in a list; one whose text is gone, or cannot be opened now, is above everything."""
    return note_thing(found.note) if found.note is not None else Thing(marking="unknown")


def draft_thing(draft: Draft) -> Thing:
    """A draft as an object; one that names no marking bears that of drafts."""
    return Thing(marking=draft.marking)
