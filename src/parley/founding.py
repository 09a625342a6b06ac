"""Founding: a new node's folder with its keys, and its party's particulars from proposal to signature.

These steps touch key files and no network; the root steps are meant for other machines than the node's. Passphrases
come in as arguments and go nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from parley import directory
from parley.directory import Bearer, Mandate, Office, Particulars, Revocation, Vouch, certificate_id, sign_share
from parley.journal import Incarnation, LeafKind, new_leaf, sign_incarnation
from parley.line.ports import Origin
from parley.outside.durable import write_durably
from parley.outside.keys.day_keys import DayKeys
from parley.outside.keys.files import (
    NodeKeys,
    create_archive_key,
    create_root,
    make_node,
    read_node,
    read_root,
    write_node,
)
from parley.outside.keys.office_file import Officer, create_office, read_office
from parley.outside.settings import Home, Settings, SettingsProblem
from parley.outside.store import StoreProblem, open_store
from parley.seal import STRONG, PassphraseCost, VerifyingKey, digest
from parley.terms.party import Address

Rng = Callable[[int], bytes]
DAY = 86_400_000


class Founder(msgspec.Struct, frozen=True):
    """Who is there at the founding: the first officer of each office, and the passphrase of the archive."""

    officer: str
    officer_passphrase: str
    archive_passphrase: str
    role: str = "duty officer"


async def found(
    home: Home, settings: Settings, founder: Founder, now: int, *, rng: Rng = os.urandom, cost: PassphraseCost = STRONG
) -> None:
    """Make the folder of a node: settings, node key, archive key, day keys, one office key each, an empty store.

    Raises SettingsProblem("in_the_way") when there is one already; KeysProblem, SealProblem, StoreProblem. When the
    store cannot be made, or belongs to another node, nothing stays of the folder's content.
    """
    home.write_settings(settings)
    origin = Origin(settings.party, settings.node, rng(16))
    store = await _new_store(home, settings, origin)
    try:
        node = _new_keys(home, settings, founder, rng, cost)
        record = sign_incarnation(Incarnation(settings.party, origin.incarnation, now), node.signing)
        leaf = new_leaf(LeafKind.INCARNATION, now, digest(record), rng)

        def unit(tx) -> None:  # type: ignore[no-untyped-def]
            tx.append(leaf)
            tx.put("incarnation", origin.incarnation.hex(), record)

        await store.write(unit, point="found")
    finally:
        await store.close()


async def _new_store(home: Home, settings: Settings, origin: Origin) -> Any:
    """An empty store; a database on a server may not be reached, or hold a store already."""
    try:
        store = open_store(settings.store or home.store, origin)
    except StoreProblem:
        home.settings_file.unlink()
        raise
    if store.look(lambda look: look.incarnations()):  # this very node, from before
        await store.close()
        home.settings_file.unlink()
        raise StoreProblem("not_empty", place="the database" if settings.store else str(home.store))
    return store


def _new_keys(home: Home, settings: Settings, founder: Founder, rng: Rng, cost: PassphraseCost) -> NodeKeys:
    node = make_node(settings.party, rng)
    write_node(home.node_key, node)
    archive_key = create_archive_key(home.archive_key, founder.archive_passphrase, cost, rng)
    DayKeys.create(home.day_keys, archive_key, rng)
    for office in settings.offices:
        address, first = Address(settings.party, office), Officer(founder.officer, founder.role)
        create_office(home.office_key(office), address, first, founder.officer_passphrase, cost, rng)
    return node


def make_root(
    path: Path, party: str, name: str, passphrase: str, *, rng: Rng = os.urandom, cost: PassphraseCost = STRONG
) -> VerifyingKey:
    """A root key file for one person; raises KeysProblem."""
    return create_root(path, party, name, passphrase, cost, rng)


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer says about the party when proposing particulars; None: as in the version before.

    Args:
        keys: the node's keys to list, when not those in use; both certificates are listed while one follows the other.
        office_keys: keys of offices that are being rotated, by name of the office.
        revoked: keys and certificates that no longer count, added to those of before.
        offices: fields of single offices, by name of the office: hours, time_zone, weekend, holidays, alternates …
        vouches, protected_by: as in the particulars; all of them, not only new ones.
        new_identity: the threshold of the roots is lost, and `roots` are new ones: the versions begin anew.
        days: how long the new version holds.
    """

    names: Mapping[str, str] | None = None
    roots: Sequence[VerifyingKey] | None = None
    threshold: int | None = None
    languages: tuple[str, ...] | None = None
    https: str | None = None
    mail: str | None = None
    telephone: str | None = None
    hours: str | None = None
    office_kind: str | None = None
    days: int = 365
    keys: NodeKeys | None = None
    office_keys: Mapping[str, VerifyingKey] = {}
    revoked: tuple[Revocation, ...] = ()
    offices: Mapping[str, Mapping[str, Any]] = {}
    vouches: tuple[Vouch, ...] | None = None
    protected_by: tuple[Mandate, ...] | None = None
    new_identity: bool = False


def propose(home: Home, said: Proposal, current: Particulars | None, now: int) -> bytes:
    """The payload of our next particulars, to be signed by root holders on machines of their own.

    Raises SettingsProblem("first_needs") when the first version lacks names or roots; DirectoryProblem("bad_value").
    """
    settings, node = home.settings(), read_node(home.node_key)
    keys, gone = said.keys or node, {one.key_id for one in said.revoked}
    fields: dict[str, Any] = {
        "issued_at": now,
        "expires_at": now + said.days * DAY,
        "node_keys": (keys.signing.public,),
        "tls": tuple(
            dict.fromkeys(
                der for der in (keys.tls_certificate, node.tls_certificate) if certificate_id(der) not in gone
            )
        ),
        **_said(said, current),
    }
    before = {} if current is None else {office.id: office for office in current.offices}
    if current is None:
        if said.names is None or said.roots is None:
            raise SettingsProblem("first_needs", what="--name LANGUAGE=NAME and --root FILE")
        start = {"party": settings.party, "version": 1, "threshold": min(2, len(said.roots)), **fields}
        offices = tuple(_office(home, name, None, said, said.names) for name in settings.offices)
        return directory.propose(Particulars(**start, offices=offices))
    fields["offices"] = tuple(
        _office(home, name, before.get(name), said, said.names or current.names) for name in settings.offices
    )
    known = {one.key_id for one in current.revoked}
    fields["revoked"] = (*current.revoked, *(one for one in said.revoked if one.key_id not in known))
    if said.new_identity:
        return directory.propose(_anew(current, said, fields))
    return directory.propose(current.successor(**fields))


def _anew(current: Particulars, said: Proposal, fields: dict[str, Any]) -> Particulars:
    """The first version of a new identity: what `current` says, under roots none of which it has."""
    if said.roots is None or set(said.roots) & {*current.roots, *current.outgoing}:
        raise SettingsProblem("first_needs", what="--root FILE of new roots only")
    kept = {name: getattr(current, name) for name in current.__struct_fields__}
    start = {"version": 1, "previous": None, "outgoing": (), "threshold": min(2, len(said.roots))}
    return Particulars(**kept | start | fields)


def add_office(
    home: Home, name: str, officer: Officer, passphrase: str, *, rng: Rng = os.urandom, cost: PassphraseCost = STRONG
) -> None:
    """A key file for a further office of this node, and its name in the settings; it counts once particulars list it.

    Raises SettingsProblem("in_the_way") if the node has that office, PartyProblem for a name that cannot be one.
    """
    settings = home.settings()
    address = Address(settings.party, name)
    if name in settings.offices:
        raise SettingsProblem("in_the_way", path=str(home.office_key(name)))
    changed = home.with_offices((*settings.offices, name))
    create_office(home.office_key(name), address, officer, passphrase, cost, rng)
    write_durably(home.settings_file, changed, mode=0o600)


def _said(said: Proposal, current: Particulars | None) -> dict[str, Any]:
    """The fields of particulars that the officer named."""
    named: dict[str, Any] = {
        "names": said.names,
        "roots": None if said.roots is None else tuple(said.roots),
        "threshold": said.threshold,
        "languages": said.languages,
        "vouches": said.vouches,
        "protected_by": said.protected_by,
        "bearers": _bearers(said, () if current is None else current.bearers),
    }
    return {name: value for name, value in named.items() if value is not None}


def _bearers(said: Proposal, before: tuple[Bearer, ...]) -> tuple[Bearer, ...] | None:
    """Those of before, each kind that was named replaced or, where it was named empty, left out; None: all stay."""
    named = {"https": said.https and f"https://{said.https}", "mail": said.mail}
    given = {kind: address for kind, address in named.items() if address is not None}
    made = (Bearer(kind, address, rank) for rank, (kind, address) in enumerate(given.items()) if address)
    return (*(one for one in before if one.kind not in given), *made) if given else None


def _office(home: Home, name: str, before: Office | None, said: Proposal, names: Mapping[str, str]) -> Office:
    keys = (said.office_keys.get(name) or read_office(home.office_key(name)).public,)
    named = {
        "kind": said.office_kind,
        "names": said.names,
        "languages": said.languages,
        "hours": said.hours,
        "telephone": said.telephone,
    }
    changes = {field: value for field, value in named.items() if value is not None} | dict(said.offices.get(name, {}))
    if before is not None:
        return msgspec.structs.replace(before, keys=keys, **changes)
    start: dict[str, Any] = {"kind": "combined", "names": names, "languages": ("en",), "hours": "24/7", **changes}
    return Office(id=name, keys=keys, **start)


def sign_proposal(payload: bytes, root_file: Path, passphrase: str) -> bytes:
    """One root holder's share over a proposal; raises KeysProblem, SealProblem("wrong_passphrase")."""
    return sign_share(payload, read_root(root_file).unlock(passphrase))


def combine(payload: bytes, shares: Sequence[bytes]) -> bytes:
    """Particulars signed by enough roots; raises DirectoryProblem when too few or foreign shares were given."""
    return directory.combine(payload, shares)


def write_part(path: Path, data: bytes) -> None:
    """Write a proposal, share or signed particulars for carrying to another machine."""
    try:
        write_durably(path, data, mode=0o644)
    except OSError as error:
        raise SettingsProblem("cannot_write", path=str(path), reason=error.strerror or "?") from None


def read_part(path: Path, limit: int = 1 << 20) -> bytes:
    """Read such a file; raises SettingsProblem("unreadable_file")."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise SettingsProblem("unreadable_file", path=str(path), reason=error.strerror or "?") from None
    if len(data) > limit:
        raise SettingsProblem("unreadable_file", path=str(path), reason=f"larger than {limit} bytes")
    return data
