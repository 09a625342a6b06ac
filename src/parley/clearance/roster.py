"""The roster: the officers of a desk with their roles and passkeys, as one record.

It answers who is what at a moment, and whether two officers may give a role. A desk to which nobody ever gave a role
has an empty list of grants: whoever releases there is everything at once, the lone officer.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from parley.clearance.ahead import Ahead
from parley.clearance.problems import ClearanceProblem
from parley.clearance.roles import Grant, Role, check_name

EVERY_ROLE = frozenset(Role)


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A WebAuthn credential as it was registered: its id, its public key as COSE writes it (RFC 9053), its site, and
    the page's origin (scheme, host, port)."""

    credential_id: bytes
    public_key: bytes
    rp_id: str
    origin: str


class Officer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at the desk. `post` is the ministry's word for it, shown and never decided by."""

    name: str
    post: str = "duty officer"
    passkeys: tuple[Passkey, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 0 < len(self.post) <= 64 or not self.post.isprintable():
            raise ClearanceProblem("bad_grant", why="post")


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Officers, grants, and what was cleared ahead. `version` rises with every change."""

    version: int = 0
    officers: tuple[Officer, ...] = ()
    grants: tuple[Grant, ...] = ()
    ahead: tuple[Ahead, ...] = ()

    @property
    def is_lone(self) -> bool:
        """Whether nobody was ever given a role: each officer is then everything at once."""
        return not self.grants

    def officer(self, name: str) -> Officer:
        """The officer of that name; raises ClearanceProblem ``no_such_officer``."""
        found = next((one for one in self.officers if one.name == name), None)
        if found is None:
            raise ClearanceProblem("no_such_officer", officer="".join(c for c in name if c.isprintable())[:40])
        return found

    def roles(self, name: str, now: int) -> frozenset[Role]:
        """What the officer is at `now`; raises ClearanceProblem ``no_such_officer``.

        Nobody needs to be entered where nobody was given a role (`is_lone`).
        """
        if self.is_lone:
            return EVERY_ROLE
        self.officer(name)
        return frozenset(one.role for one in self.held(name, now))

    def held(self, name: str, now: int) -> tuple[Grant, ...]:
        """The grants of the officer that hold at `now`."""
        return tuple(one for one in self.grants if one.officer == name and one.holds(now))

    def holders(self, role: Role, now: int) -> tuple[str, ...]:
        """Who holds `role` at `now`, in the order of the roster."""
        return tuple(one.name for one in self.officers if role in self.roles(one.name, now))

    def may_hold(self, name: str, role: Role, now: int) -> bool:
        """Whether the officer holds `role` at `now`."""
        return role in self.roles(name, now)

    def may_release(self, name: str, form: int, now: int) -> bool:
        """Whether the officer holds RELEASER for this form at `now`."""
        if self.is_lone:
            return True
        mine = [one for one in self.held(name, now) if one.role is Role.RELEASER]
        return any(one.forms is None or form in one.forms for one in mine)

    def is_director(self, name: str, now: int) -> bool:
        """Whether the officer clears for policy and releases: who may clear a form ahead."""
        return {Role.POLITICAL, Role.RELEASER} <= self.roles(name, now)

    def cases(self, name: str, now: int) -> frozenset[str] | None:
        """The cases that the officer may read; None: every one."""
        if self.is_lone:
            return None
        named = [one.cases for one in self.held(name, now)]
        if any(cases is None for cases in named):
            return None
        return frozenset(case for cases in named if cases is not None for case in cases)


def check_grant(roster: Roster, by: tuple[str, ...], now: int) -> None:
    """Raise unless these officers may give or take roles: two, of whom one is an administrator and one a releaser.

    While nobody holds ADMINISTRATOR two releasers do, and while there is one officer, that one alone: somebody must
    begin. What one gave alone says so (`Grant.given_by`).

    Raises ClearanceProblem ``no_such_officer``, ``needs_two``, ``needs_administrator``.
    """
    for name in by:
        roster.officer(name)
    if len(roster.officers) <= 1:
        return
    first, second = (by[0], by[1]) if len(set(by)) == 2 else ("", "")
    if not first:
        raise ClearanceProblem("needs_two")
    if not any(Role.RELEASER in roster.roles(name, now) for name in by):
        raise ClearanceProblem("needs_two")
    if roster.holders(Role.ADMINISTRATOR, now) and not any(
        Role.ADMINISTRATOR in roster.roles(name, now) for name in by
    ):
        raise ClearanceProblem("needs_administrator", first=first, second=second)


def with_grants(roster: Roster, officer: Officer, grants: Iterable[Grant], now: int) -> Roster:
    """`roster` with the officer (entered, or with another post) and these grants in place of equal ones.

    The first grants of a desk also write down what its officers were until then: everything.
    """
    new = tuple(grants)
    before = roster.grants or tuple(
        Grant(officer=one.name, role=role, since=now, given_by=(one.name,)) for one in roster.officers for role in Role
    )
    replaced = {(one.officer, one.role) for one in new}
    kept = tuple(one for one in before if (one.officer, one.role) not in replaced)
    others = tuple(one for one in roster.officers if one.name != officer.name)
    return msgspec.structs.replace(
        roster, version=roster.version + 1, officers=(*others, officer), grants=(*kept, *new)
    )


def without(roster: Roster, name: str, roles: Iterable[Role], now: int) -> Roster:
    """`roster` without these roles of the officer; an officer who has none left leaves it.

    Raises ClearanceProblem ``no_such_officer``, ``no_grant``, ``last_holder``.
    """
    gone = frozenset(roles)
    roster.officer(name)
    for role in sorted(gone):
        if role not in {one.role for one in roster.grants if one.officer == name}:
            raise ClearanceProblem("no_grant", officer=name, role=role.value)
        if role is Role.RELEASER and set(roster.holders(role, now)) <= {name}:
            raise ClearanceProblem("last_holder", officer=name, role=role.value)
    kept = tuple(one for one in roster.grants if one.officer != name or one.role not in gone)
    stays = any(one.officer == name for one in kept)
    officers = tuple(one for one in roster.officers if one.name != name or stays)
    return msgspec.structs.replace(roster, version=roster.version + 1, officers=officers, grants=kept)
