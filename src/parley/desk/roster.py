"""Roster: who is what at this desk, as the node knows it: for access to what it shows, not for releases.

The list that decides about releases is the signer's, and the node never reads it. The command that changes that list,
with two officers' passphrases, tells the node as well; each change is journalled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley.clearance import ClearanceProblem, Grant, Policy, Role, Roster, standard_policy
from parley.desk.node import Node
from parley.journal import LeafKind
from parley.line.ports import Look, Tx
from parley.seal import digest

KIND = "roster"  # by office: JSON


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the signer's list of one office says, as told. `policy` None: the one that Parley ships with."""

    roster: Roster
    policy: Policy | None = None


def load(node: Node, look: Look) -> None:
    """Read the rosters of all our offices, once, at the start."""
    kept = [msgspec.json.decode(value, type=Kept) for _, value in look.records(KIND)]
    node.roster = merged([one.roster for one in kept])
    node.policy = next((one.policy for one in kept if one.policy is not None), standard_policy())


async def put(node: Node, office: str, told: dict[str, Any], policy: dict[str, Any] | None = None) -> Roster:
    """Keep the roster and the policy of one of our offices; returns the desk's roster. Raises ClearanceProblem."""
    try:
        content = msgspec.json.encode(msgspec.convert({"roster": told, "policy": policy}, Kept))
    except msgspec.ValidationError as error:
        raise ClearanceProblem("bad_grant", why=str(error)[:60]) from None

    def unit(tx: Tx) -> None:
        node.write_leaf(tx, LeafKind.ROSTER, digest(content), node.clock())
        tx.put(KIND, office, content)

    await node.store.write(unit, point="roster")
    node.store.look(lambda look: load(node, look))
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
