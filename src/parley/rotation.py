"""Rotation: a key of ours is replaced without losing the line.

The new key is made beside the old one (``node.key.next``, ``office-duty.key.next``), proposed, signed by the roots and
adopted; only then does it take the old one's place. A crash anywhere leaves either key in place, and `take_up`, which
runs at every opening, finishes what adopted particulars say. Left out: what particulars say (founding) and how long a
replaced key still counts with peers (directory.rules).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from parley.directory import Particulars
from parley.outside.durable import sync_folder
from parley.outside.keys.files import NodeKeys, read_node, write_node
from parley.outside.keys.office_file import OfficeFile, create_office, kek_of, read_office
from parley.outside.keys.roster_file import read_roster, write_roster
from parley.outside.settings import Home
from parley.seal import PassphraseCost, SigningKey

Rng = Callable[[int], bytes]


def next_of(path: Path) -> Path:
    """Where the successor of a key file waits."""
    return path.with_name(f"{path.name}.next")


def prepare_node(home: Home, *, signing: bool, tls: bool, rng: Rng = os.urandom) -> NodeKeys:
    """The node's next keys, made unless they wait already: a rotation proposed twice is one rotation."""
    now, waiting = read_node(home.node_key), next_of(home.node_key)
    found = read_node(waiting) if waiting.exists() else now
    made = found
    if signing and found.signing.public == now.signing.public:
        made = made.with_new_signing(rng)
    if tls and found.tls_certificate == now.tls_certificate:
        made = made.with_new_tls(rng)
    if made is not found:
        write_node(waiting, made, replace=True)
    return made


def prepare_office(
    home: Home, office: str, officer: str, passphrase: str, cost: PassphraseCost, rng: Rng = os.urandom
) -> OfficeFile:
    """The office's next key, with which `officer` alone releases at first; others are added to it by that officer.

    The list of officers is authenticated for both keys; telephone keys, which only the old one opens, are made anew.

    Raises KeysProblem("unknown_officer"), ("wrong_passphrase").
    """
    file, waiting = read_office(home.office_key(office)), next_of(home.office_key(office))
    wrapping = file.wrapping(officer)
    old = file.unwrap(officer, kek_of(wrapping, passphrase))
    if waiting.exists():
        return read_office(waiting)
    made = create_office(waiting, file.address, wrapping.officer, passphrase, cost, rng)
    if (officers := read_roster(home.office_key(office))) is not None:
        officers.check(old)
        new = made.unwrap(officer, kek_of(made.wrapping(officer), passphrase))
        write_roster(home.office_key(office), officers.sealed(old, new))
    return made


def next_signing(home: Home, ours: Particulars) -> SigningKey | None:
    """The node's waiting signing key, if `ours` lists it."""
    waiting = next_of(home.node_key)
    if not waiting.exists():
        return None
    found = read_node(waiting).signing
    return found if found.public in ours.node_keys else None


def take_up(home: Home, ours: Particulars) -> tuple[str, ...]:
    """Put every waiting key that our adopted particulars list in the old one's place; returns what changed.

    "node": the signing key; "tls": the certificate, which a running node shows after its next start; "office NAME".
    """
    taken = list(_take_up_node(home, ours))
    for office in ours.offices:
        path = home.office_key(office.id)
        if next_of(path).exists() and read_office(next_of(path)).public in office.keys:
            _replace(path)
            taken.append(f"office {office.id}")
    return tuple(taken)


def _take_up_node(home: Home, ours: Particulars) -> tuple[str, ...]:
    waiting = next_of(home.node_key)
    if not waiting.exists():
        return ()
    found, before = read_node(waiting), read_node(home.node_key)
    if found.signing.public not in ours.node_keys or found.tls_certificate not in ours.tls:
        return ()
    _replace(home.node_key)
    changed = {
        "node": found.signing.public != before.signing.public,
        "tls": found.tls_certificate != before.tls_certificate,
    }
    return tuple(name for name, is_so in changed.items() if is_so)


def _replace(path: Path) -> None:
    os.replace(next_of(path), path)
    sync_folder(path.parent)
