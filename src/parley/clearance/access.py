"""Access: what a role may do at this desk, and what an officer may see of one object.

A door names the right that a verb takes; the roles that have it are in one table here. docs/access.toml says the same
once more, by hand, verb by verb and role by role, for a lawyer; a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from parley.clearance.gate import Exit, Reader, passes
from parley.clearance.problems import ClearanceProblem
from parley.clearance.roles import Role
from parley.clearance.roster import Roster

R = Role


class Right(StrEnum):
    """What can be asked of the desk."""

    STATUS = "status"  # how the node does; parties and their standing; no text
    READ = "read"  # notes, their threads, the handover
    READ_BACK = "read-back"  # say for the party what a note says
    DRAFT = "draft"  # write, submit, answer
    CLEAR = "clear"  # give one's word for a note that waits
    RELEASE = "release"
    AHEAD = "ahead"  # clear a form ahead
    REVIEW = "review"  # look at what a lone officer sent
    DIRECTORY = "directory"  # decide about other parties and our particulars
    DRILL = "drill"
    CONTACT = "contact"  # offices without Parley
    JOURNAL = "journal"  # verify, checkpoints, evidence: digests and no text
    EXPORT = "export"  # archives of notes
    KEEP = "keep"  # retention, legal holds
    OFFICERS = "officers"  # who is who; tokens of programs
    STATION = "station"  # unlock, stop, backup, doctor, parcels by hand


_ALL = frozenset(Role)
_DEALING = frozenset({R.DRAFTER, R.TECHNICAL, R.LEGAL, R.POLITICAL, R.RELEASER})
RIGHTS: dict[Right, frozenset[Role]] = {
    Right.STATUS: _ALL,
    Right.READ: _DEALING | {R.REGISTRAR, R.OBSERVER},
    Right.READ_BACK: _DEALING,
    Right.DRAFT: frozenset({R.DRAFTER, R.RELEASER}),
    Right.CLEAR: _DEALING,
    Right.RELEASE: frozenset({R.RELEASER}),
    Right.AHEAD: frozenset({R.POLITICAL}),
    Right.REVIEW: frozenset({R.LEGAL, R.POLITICAL, R.RELEASER}),
    Right.DIRECTORY: frozenset({R.REGISTRAR}),
    Right.DRILL: frozenset({R.REGISTRAR}),
    Right.CONTACT: frozenset({R.REGISTRAR}),
    Right.JOURNAL: _ALL,
    Right.EXPORT: frozenset({R.LEGAL, R.POLITICAL, R.RELEASER}),
    Right.KEEP: frozenset({R.ADMINISTRATOR, R.LEGAL}),
    Right.OFFICERS: frozenset({R.ADMINISTRATOR}),
    Right.STATION: frozenset({R.ADMINISTRATOR, R.RELEASER, R.REGISTRAR}),
}


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """One object that somebody asks for. An attachment, a draft and a search hit bear the marking of their note.

    `case`: the case that it belongs to, empty if to none.
    """

    marking: object = None
    case: str = ""


def reader_of(roster: Roster, officer: str, now: int) -> Reader:
    """The officer as the marking gate sees one; raises ClearanceProblem ``no_such_officer``."""
    return Reader(name=officer, roles=roster.roles(officer, now), cases=roster.cases(officer, now))


def may(roster: Roster, officer: str, right: Right, now: int) -> bool:
    """Whether the officer has this right at `now`; raises ClearanceProblem ``no_such_officer``."""
    return bool(roster.roles(officer, now) & RIGHTS[right])


def check(roster: Roster, officer: str, right: Right, now: int) -> None:
    """Raise ClearanceProblem ``may_not`` or ``no_such_officer`` unless the officer has this right at `now`."""
    if not may(roster, officer, right, now):
        roles = ", ".join(sorted(role.value for role in RIGHTS[right]))
        raise ClearanceProblem("may_not", officer=officer, roles=roles)


def sees(reader: Reader, thing: Thing, exit: Exit) -> bool:
    """Whether this object may be shown to this reader by this exit: its case first, then its marking."""
    if reader.cases is not None and thing.case not in reader.cases:
        return False
    return passes(thing.marking, exit, reader)


def show_or_raise(reader: Reader, thing: Thing, exit: Exit) -> None:
    """Raise unless `sees`. What belongs to another case is answered as what is not there: ``not_yours``."""
    if reader.cases is not None and thing.case not in reader.cases:
        raise ClearanceProblem("not_yours", officer=reader.name)
    if not passes(thing.marking, exit, reader):
        raise ClearanceProblem("above_marking", exit=exit.value)
