"""Roles: what an officer is at this desk, for how long, and in whose place.

A role is given by a grant, which has dates, so that an acting officer's time ends by itself. Who gave it stands in it;
who may give it is `roster.check_grant`. Leaves out names and passphrases of persons: an officer is a name at the desk.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from parley.clearance.problems import ClearanceProblem

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
MOST_GIVERS = 2


class Role(StrEnum):
    """What an officer may be here; one officer may hold several. The codes stand in files and never change."""

    DRAFTER = "drafter"  # writes drafts and submits them
    TECHNICAL = "technical"  # clears the technical content
    LEGAL = "legal"  # clears for law
    POLITICAL = "political"  # clears for policy; with RELEASER, a director
    RELEASER = "releaser"  # gives the last word that a note goes out
    REGISTRAR = "registrar"  # particulars of parties, drills, contacts
    OBSERVER = "observer"  # reads, and does nothing else
    ADMINISTRATOR = "administrator"  # officers, tokens, retention; reads no notes


CLEARING = (Role.DRAFTER, Role.TECHNICAL, Role.LEGAL, Role.POLITICAL)
"""Roles in which an officer's word for a note is asked before its release."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One role of one officer.

    Args:
        officer: name at the desk: small letters, digits and hyphens.
        role: what the officer is.
        since, until: ms since the epoch, UTC; `until` is the first moment at which it holds no more, None: until it is
            taken back.
        acting_for: the officer whose place is taken, empty if nobody's; an acting officer needs an `until`.
        forms: for a releaser: the numbers of the forms that may be released; None: every form.
        cases: what the officer may read: names of cases; None: every case.
        given_by: who gave it: two officers, or one while there was only one.

    Raises ClearanceProblem ``bad_name``, ``bad_grant``.
    """

    officer: str
    role: Role
    since: int
    until: int | None = None
    acting_for: str = ""
    forms: tuple[int, ...] | None = None
    cases: tuple[str, ...] | None = None
    given_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (self.officer, *self.given_by, *([self.acting_for] if self.acting_for else [])):
            check_name(name)
        if self.until is not None and self.until <= self.since:
            raise ClearanceProblem("bad_grant", why="ends_first")
        if self.acting_for and (self.until is None or self.acting_for == self.officer):
            raise ClearanceProblem("bad_grant", why="acting")
        if self.forms is not None and (self.role is not Role.RELEASER or not self.forms):
            raise ClearanceProblem("bad_grant", why="forms")
        if len(self.given_by) > MOST_GIVERS or len(set(self.given_by)) != len(self.given_by):
            raise ClearanceProblem("bad_grant", why="givers")

    def holds(self, now: int) -> bool:
        """Whether it holds at `now`."""
        return self.since <= now and (self.until is None or now < self.until)


def check_name(name: str) -> str:
    """`name`, if it can be an officer's; raises ClearanceProblem ``bad_name``."""
    if not NAME.fullmatch(name):
        raise ClearanceProblem("bad_name", given="".join(c for c in name if c.isprintable())[:40])
    return name
