"""Officers: who is what at an office of ours, in its key file, in its successor where one waits, and in the list of
officers beside them.

While a rotation waits for the roots there are two key files (rotation.next_of), and the second takes the first one's
place; what is decided about an officer is therefore decided in both, or in neither. A running signer reads its files
again before the next release. Roles are given by two (clearance.check_grant), of whom one can open the office key: the
list is authenticated with it. Left out: the proof of a release (outside.keys.signer_rules).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from parley import clearance
from parley.clearance import Ahead, ClearanceProblem, Grant, Passkey, PasskeyFile, Policy, Role, Roster
from parley.outside.keys import office_file
from parley.outside.keys.authority import Authority
from parley.outside.keys.office_file import OfficeFile, Officer, kek_of, read_office, write_office
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.roster_file import (
    Body,
    RosterFile,
    Row,
    check_known,
    known_row,
    lock_telephone,
    read_roster,
    write_roster,
)
from parley.outside.keys.telephone import write_telephone_key
from parley.outside.settings import Home
from parley.rotation import next_of
from parley.seal import PassphraseCost, SigningKey, key_from_passphrase

Rng = Callable[[int], bytes]
By = tuple[str, str]
"""An officer who acts, and that officer's passphrase."""


def listed(home: Home, office: str) -> tuple[tuple[Officer, bool], ...]:
    """Everybody who releases for `office`, and whether with the key that waits too (True where none waits)."""
    now, *waiting = _files(home, office).values()
    after = {name for file in waiting for name in _names(file)}
    return tuple((w.officer, not waiting or w.officer.name in after) for w in now.wrappings)


def authority(home: Home, office: str) -> Authority:
    """Officers, roles and policy of `office` as its files say, unchecked; raises KeysProblem."""
    path = home.office_key(office)
    return Authority(read_office(path), read_roster(path))


@dataclass
class _Desk:
    """The files of one office, opened by those who act on them."""

    path: Path
    files: dict[Path, OfficeFile]
    keys: tuple[SigningKey, ...]
    found: RosterFile
    is_new: bool

    @property
    def roster(self) -> Roster:
        """As it stands."""
        return self.found.body.roster

    @property
    def now(self) -> OfficeFile:
        """The key file in use."""
        return self.files[self.path]

    def with_roster(self, roster: Roster) -> RosterFile:
        """The list with another roster."""
        return replace(self.found, body=msgspec.structs.replace(self.found.body, roster=roster))

    def write(self, file: RosterFile, changed: dict[Path, OfficeFile] | None = None) -> Roster:
        """The list first: a crash between leaves an officer who cannot open the key, never one without a role."""
        write_roster(self.path, file.sealed(*self.keys))
        _write(changed or {})
        return file.body.roster


def check_passphrase(home: Home, office: str, officer: str, passphrase: str) -> None:
    """Whether it is the officer's, who may release or only clear; raises KeysProblem."""
    found = authority(home, office)
    row = found.officers.row(officer) if found.officers is not None else None
    if row is not None and row.cost is not None:
        check_known(found.office, row, key_from_passphrase(passphrase, row.salt, row.cost))
    else:
        found.office.unwrap(officer, kek_of(found.office.wrapping(officer), passphrase))


def add(
    home: Home,
    office: str,
    by: Sequence[By],
    new: Officer,
    passphrase: str,
    cost: PassphraseCost,
    rng: Rng,
    now: int,
) -> Roster:
    """One more officer who releases, at a desk without roles; raises KeysProblem: officer_exists, unknown_officer,
    wrong_passphrase, key_waits; ClearanceProblem needs_two."""
    desk = _open(home, office, by)
    _refuse_known(desk, new.name)
    if not desk.roster.is_lone:
        raise ClearanceProblem("needs_roles", officer=new.name)
    clearance.check_grant(desk.roster, tuple(name for name, _ in by), now)
    changed = _with_wrapping(desk, by, new, passphrase, cost, rng)
    one = clearance.Officer(name=new.name, post=new.role)
    roster = msgspec.structs.replace(
        desk.roster, version=desk.roster.version + 1, officers=(*desk.roster.officers, one)
    )
    if desk.is_new:
        _write(changed)
        return roster
    return desk.write(desk.with_roster(roster), changed)


def grant(
    home: Home,
    office: str,
    by: Sequence[By],
    officer: tuple[str, str],
    grants: Sequence[Grant],
    passphrase: str | None,
    cost: PassphraseCost,
    rng: Rng,
    now: int,
) -> Roster:
    """Give an officer (name, post; an empty post stays), new or not, these roles.

    `passphrase` is asked for where the signer knows none of that officer, or where an officer who only cleared is to
    release (`needs_passphrase`). Raises KeysProblem as `add`, ``no_passphrase``; ClearanceProblem needs_two,
    needs_administrator, no_such_officer.
    """
    desk = _open(home, office, by)
    names = tuple(name for name, _ in by)
    clearance.check_grant(desk.roster, names, now)
    name, post = officer
    before = next((one for one in desk.roster.officers if one.name == name), None)
    kept = before or clearance.Officer(name=name)
    kept = msgspec.structs.replace(kept, post=post or kept.post)
    given = [msgspec.structs.replace(one, given_by=names) for one in grants]
    made = desk.with_roster(clearance.with_grants(desk.roster, kept, given, now))
    releases = next((one for one in given if one.role is Role.RELEASER), None)
    row, opens = made.row(name), name in _names(desk.now)
    changed: dict[Path, OfficeFile] = {}
    if releases is not None and not opens:
        new = Officer(name, kept.post, releases.forms)
        changed = _with_wrapping(desk, by, new, _asked_for(name, passphrase), cost, rng)
        if row is not None:
            made = made.with_row(Row(name, telephone=row.telephone))
    elif not opens and (passphrase is not None or row is None or row.cost is None):
        fresh = known_row(desk.now, name, _asked_for(name, passphrase), cost, rng)
        made = made.with_row(replace(fresh, telephone=row.telephone if row else b""))
    return desk.write(made, changed)


def needs_passphrase(home: Home, office: str, officer: str, roles: Sequence[str]) -> bool:
    """Whether giving these roles needs a new passphrase of the officer's."""
    found = authority(home, office)
    row = found.officers.row(officer) if found.officers is not None else None
    opens = officer in _names(found.office)
    return not opens and (Role.RELEASER in roles or row is None or row.cost is None)


def revoke(home: Home, office: str, by: By, officer: str, roles: Iterable[Role], now: int) -> Roster:
    """Take roles away: one who can release suffices. Who releases no more cannot open the key any more.

    Raises KeysProblem, ClearanceProblem no_grant, last_holder.
    """
    desk, gone = _open(home, office, [by]), frozenset(roles)
    roster = clearance.without(desk.roster, officer, gone, now)
    made, changed = desk.with_roster(roster), {}
    if Role.RELEASER in gone:
        changed = {
            path: office_file.remove_officer(file, officer)
            for path, file in desk.files.items()
            if officer in _names(file)
        }
    if officer not in {one.name for one in roster.officers}:
        made = replace(made, rows=tuple(row for row in made.rows if row.officer != officer))
    return desk.write(made, changed)


def remove(home: Home, office: str, by: By, officer: str) -> Roster | None:
    """One officer less, decided by one who can release, oneself perhaps; an old copy of the file knows nothing of it.

    Raises KeysProblem: unknown_officer, wrong_passphrase, last_officer.
    """
    desk = _open(home, office, [by], removing=True)
    if officer not in _names(desk.now) and officer not in {one.name for one in desk.roster.officers}:
        desk.now.wrapping(officer)
    changed = {
        path: office_file.remove_officer(file, officer) for path, file in desk.files.items() if officer in _names(file)
    }
    if desk.is_new:
        _write(changed)
        return None
    roster = msgspec.structs.replace(
        desk.roster,
        version=desk.roster.version + 1,
        officers=tuple(one for one in desk.roster.officers if one.name != officer),
        grants=tuple(one for one in desk.roster.grants if one.officer != officer),
    )
    made = replace(desk.with_roster(roster), rows=tuple(row for row in desk.found.rows if row.officer != officer))
    return desk.write(made, changed)


def change_passphrase(
    home: Home, office: str, officer: str, old: str, new: str, cost: PassphraseCost, rng: Rng
) -> None:
    """Another passphrase for `officer` who releases; raises KeysProblem: unknown_officer, wrong_passphrase."""
    files = _files(home, office)
    _write(
        {
            path: office_file.change_passphrase(file, officer, old, new, cost, rng)
            for path, file in files.items()
            if path == home.office_key(office) or officer in _names(file)
        }
    )


def clear_ahead(home: Home, office: str, by: By, made: Ahead, now: int) -> Roster:
    """What a director clears ahead; raises ClearanceProblem not_director, bad_bounds; KeysProblem."""
    desk = _open(home, office, [by])
    if not desk.roster.is_director(by[0], now):
        raise ClearanceProblem("not_director", officer=by[0])
    policy = desk.found.body.policy or clearance.standard_policy()
    clearance.check_ahead(policy, made)
    others = tuple(one for one in desk.roster.ahead if one.name != made.name)
    return desk.write(desk.with_roster(_next(desk.roster, ahead=(*others, made))))


def drop_ahead(home: Home, office: str, by: By, name: str) -> Roster:
    """Take it back; raises ClearanceProblem no_ahead."""
    desk = _open(home, office, [by])
    if name not in {one.name for one in desk.roster.ahead}:
        raise ClearanceProblem("no_ahead", name=name[:40])
    return desk.write(
        desk.with_roster(_next(desk.roster, ahead=tuple(one for one in desk.roster.ahead if one.name != name)))
    )


def set_policy(home: Home, office: str, by: Sequence[By], policy: Policy | None, now: int) -> Roster:
    """The ministry's own policy, or (None) the one that Parley ships with: by two, as roles are given."""
    desk = _open(home, office, by)
    clearance.check_grant(desk.roster, tuple(name for name, _ in by), now)
    file = replace(desk.found, body=Body(roster=_next(desk.roster), policy=policy))
    return desk.write(file)


def take_passkey(home: Home, office: str, by: Sequence[By], officer: str, given: PasskeyFile, now: int) -> Roster:
    """A passkey with which the officer's word counts: by two, since it can release. Raises ClearanceProblem."""
    desk = _open(home, office, by)
    clearance.check_grant(desk.roster, tuple(name for name, _ in by), now)
    one = desk.roster.officer(officer)
    made = Passkey(
        credential_id=given.credential_id, public_key=given.public_key, rp_id=given.rp_id, origin=given.origin
    )
    others = tuple(each for each in one.passkeys if each.credential_id != made.credential_id)
    changed = msgspec.structs.replace(one, passkeys=(*others, made))
    officers = tuple(changed if each.name == officer else each for each in desk.roster.officers)
    return desk.write(desk.with_roster(_next(desk.roster, officers=officers)))


def make_telephone_key(
    home: Home,
    office: str,
    by: Sequence[By],
    officer: str,
    out: Path,
    passphrase: str,
    cost: PassphraseCost,
    rng: Rng,
    now: int,
) -> Roster:
    """The officer's key for telephone codes, in a file of their own under a passphrase of their own: by two."""
    desk = _open(home, office, by)
    clearance.check_grant(desk.roster, tuple(name for name, _ in by), now)
    desk.roster.officer(officer)
    secret = rng(32)
    write_telephone_key(out, officer, secret, passphrase, cost, rng)
    row = desk.found.row(officer) or Row(officer)
    locked = lock_telephone(desk.keys[0], officer, secret, rng)
    file = desk.with_roster(_next(desk.roster)).with_row(replace(row, telephone=locked))
    return desk.write(file)


def _next(roster: Roster, **changes: object) -> Roster:
    return msgspec.structs.replace(roster, version=roster.version + 1, **changes)


def _open(home: Home, office: str, by: Sequence[By], *, removing: bool = False) -> _Desk:
    """The office's files, every passphrase checked, every key opened by one of those who act; raises KeysProblem.

    Without a list of officers nothing is authenticated with a key that waits: then `removing` needs only the first.
    """
    path, files = home.office_key(office), _files(home, office)
    found = authority(home, office)
    for name, passphrase in by:
        check_passphrase(home, office, name, passphrase)
    needed = {path: files[path]} if removing and found.officers is None else files
    keys = tuple(_key(office, file, by, waits=where != path) for where, file in needed.items())
    found.check(keys[0])
    body = Body(roster=found.roster) if found.officers is None else found.officers.body
    return _Desk(path, files, keys, found.officers or RosterFile(body), found.officers is None)


def _key(office: str, file: OfficeFile, by: Sequence[By], *, waits: bool) -> SigningKey:
    """The key in `file`, opened by one of `by`."""
    for name, passphrase in by:
        if name in _names(file):
            return file.unwrap(name, kek_of(file.wrapping(name), passphrase))
    if waits:
        raise KeysProblem("key_waits", office=office, officers=", ".join(_names(file)))
    raise ClearanceProblem("needs_two")


def _with_wrapping(
    desk: _Desk, by: Sequence[By], new: Officer, passphrase: str, cost: PassphraseCost, rng: Rng
) -> dict[Path, OfficeFile]:
    """Each key file with one more officer, added by the first of `by` who may release as much."""
    changed = {}
    for path, file in desk.files.items():
        able = [one for one in by if one[0] in _names(file)]
        best = next((one for one in able if file.wrapping(one[0]).officer.covers(new)), able[0])
        changed[path] = office_file.add_officer(file, best, new, passphrase, cost, rng)
    return changed


def _refuse_known(desk: _Desk, name: str) -> None:
    if name in {one.name for one in desk.roster.officers}:
        raise KeysProblem("officer_exists", officer=name)


def _asked_for(officer: str, passphrase: str | None) -> str:
    if passphrase is None:
        raise KeysProblem("no_passphrase", officer=officer)
    return passphrase


def _files(home: Home, office: str) -> dict[Path, OfficeFile]:
    """The office's key file, then its successor if one waits."""
    path = home.office_key(office)
    found = {path: read_office(path)}
    if (waiting := next_of(path)).exists():
        found[waiting] = read_office(waiting)
    return found


def _names(file: OfficeFile) -> list[str]:
    return [wrapping.officer.name for wrapping in file.wrappings]


def _write(changed: dict[Path, OfficeFile]) -> None:
    """All were made before the first is written; the one that waits first, so that a crash between loses nothing."""
    for path in sorted(changed, key=os.fspath, reverse=True):
        write_office(path, changed[path])
