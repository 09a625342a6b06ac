"""Roster: who is what at this desk, as the node knows it: for access to what it shows, not for releases.

The list that decides about releases is the signer's, and the node never reads it. The command that changes that list,
with two officers' passphrases, tells the node as well; each change is journalled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley.clearance import ClearanceProblem, Grant, Role, Roster
from parley.desk.node import Node
from parley.journal import LeafKind
from parley.line.ports import Look, Tx
from parley.seal import digest

KIND = "roster"  # by office: JSON


def load(look: Look) -> Roster:
    """The rosters of all our offices as one; read once, at the start."""
    return merged([msgspec.json.decode(value, type=Roster) for _, value in look.records(KIND)])


async def put(node: Node, office: str, told: dict[str, Any]) -> Roster:
    """Keep the roster of one of our offices; returns that of the desk. Raises ClearanceProblem ``bad_roster``."""
    node.our_office(office) if node.party in node.directory.parties else None
    try:
        content = msgspec.json.encode(msgspec.convert(told, Roster))
    except msgspec.ValidationError as error:
        raise ClearanceProblem("bad_grant", why=str(error)[:60]) from None

    def unit(tx: Tx) -> Roster:
        node.write_leaf(tx, LeafKind.ROSTER, digest(content), node.clock())
        tx.put(KIND, office, content)
        return load(tx)

    node.roster = await node.store.write(unit, point="roster")
    node.tell_moved()
    return node.roster


def merged(rosters: list[Roster]) -> Roster:
    """One roster of several offices: who is something at one of them is that at the desk.

    Where one office gave roles, those of an office that gave none are written out: each is everything there.
    """
    roled = any(not one.is_lone for one in rosters)
    grants = [grant for one in rosters for grant in (_everything(one) if roled and one.is_lone else one.grants)]
    officers = {officer.name: officer for one in rosters for officer in one.officers}
    return Roster(
        version=sum(one.version for one in rosters),
        officers=tuple(officers.values()),
        grants=tuple(grants),
        ahead=tuple(ahead for one in rosters for ahead in one.ahead),
    )


def _everything(roster: Roster) -> list[Grant]:
    return [Grant(officer=one.name, role=role, since=0) for one in roster.officers for role in Role]
