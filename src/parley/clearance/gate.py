"""The marking gate: whether text with this marking may pass this exit to this reader.

Every exit asks it: page, print, search hit, count, autocomplete, export, event stream, notification, error text, log,
and the interface for programs. It is one pure function over one table; an exit that the table lacks lets nothing pass.

The readings of TLP 2.0 (FIRST, August 2022) that a desk can keep: RED is for the eyes of individuals, so it passes only
to an officer who deals with notes, on the page and in that officer's own counts, and never to a program. A national
marking that restricts passes only to such officers on the page, since Parley is not accredited for such text. What
cannot be read as a marking is above everything.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from parley.clearance.problems import ClearanceProblem
from parley.clearance.roles import Role
from parley.terms.marking import Marking, Tlp
from parley.terms.marking_rules import is_restricted
from parley.terms.problem import Problem


class Exit(StrEnum):
    """A way by which text leaves the desk's store."""

    PAGE = "page"  # shown to a signed-in officer, or printed on the officer's own terminal
    PRINT = "print"
    SEARCH = "search"
    COUNT = "count"
    AUTOCOMPLETE = "autocomplete"
    EXPORT = "export"
    STREAM = "stream"
    NOTIFICATION = "notification"  # sound, desktop, e-mail, the bell: seen by whoever stands near
    ERROR = "error"
    LOG = "log"
    PROGRAM = "program"  # the interface, besides its stream


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who would see it: an officer with roles, or a program with the level that the settings give it."""

    name: str = ""
    roles: frozenset[Role] = frozenset()
    cases: frozenset[str] | None = None
    program: Tlp | None = None


DEALS = frozenset({Role.DRAFTER, Role.TECHNICAL, Role.LEGAL, Role.POLITICAL, Role.RELEASER})
"""Who deals with notes, and is among those for whom a RED note was meant."""
READS = DEALS | {Role.REGISTRAR, Role.OBSERVER}
"""Who reads notes at all. An administrator does not."""
DEFAULT = Marking(Tlp.AMBER)
"""The marking of a draft that names none."""

_R, _S, _A, _C = Tlp.RED, Tlp.AMBER_STRICT, Tlp.AMBER, Tlp.CLEAR
# exit: the highest level for officers who deal with notes, for those who only read (None: not their exit), and whether
# programs have it
_TABLE: dict[Exit, tuple[Tlp | None, Tlp | None, bool]] = {
    Exit.PAGE: (_R, _S, False),
    Exit.PRINT: (_S, _A, False),
    Exit.SEARCH: (_S, _S, True),
    Exit.COUNT: (_R, _S, True),
    Exit.AUTOCOMPLETE: (_A, _A, False),
    Exit.EXPORT: (_S, _A, True),
    Exit.STREAM: (_R, _S, True),
    Exit.NOTIFICATION: (_C, _C, False),
    Exit.ERROR: (_C, _C, True),
    Exit.LOG: (_C, _C, False),
    Exit.PROGRAM: (None, None, True),
}


def passes(marking: object, exit: Exit, reader: Reader) -> bool:
    """Whether text with this marking may pass.

    Args:
        marking: a Marking, its coded form, or None for that of a draft that names none.
        exit: the way out; a name that is no exit lets nothing pass.
        reader: who would see it.
    """
    try:
        read = _read(marking)
        for_dealing, for_reading, for_programs = _TABLE[Exit(exit)]
    except (Problem, ValueError):
        return False
    restricted = is_restricted(read.national)
    if reader.program is not None:
        highest = min(reader.program, _S) if exit is not Exit.ERROR else _C
        return for_programs and read.tlp <= highest and not restricted
    if reader.roles & DEALS:
        return _reaches(read, for_dealing) and (not restricted or exit in (Exit.PAGE, Exit.COUNT))
    return bool(reader.roles & READS) and _reaches(read, for_reading) and not restricted


def pass_or_raise(marking: object, exit: Exit, reader: Reader) -> None:
    """Raise ClearanceProblem ``above_marking`` unless it may pass. The problem names no text."""
    if not passes(marking, exit, reader):
        raise ClearanceProblem("above_marking", exit=exit.value)


def passes_on(marking: object, party: str) -> bool:
    """Whether what bears this marking may be passed on to `party`: an originator's consent must name it.

    TLP:CLEAR of an originator may go to everybody; a list of ours binds too (DESIGN 7: not passed on without consent).
    """
    try:
        read = _read(marking)
    except Problem:
        return False
    if read.releasable_to:
        return party in read.releasable_to or party == read.originator
    return read.originator in (None, party) or (read.tlp is Tlp.CLEAR and not is_restricted(read.national))


def _reaches(read: Marking, highest: Tlp | None) -> bool:
    return highest is not None and read.tlp <= highest


def _read(marking: object) -> Marking:
    if marking is None:
        return DEFAULT
    return marking if isinstance(marking, Marking) else Marking.from_coded(marking)
