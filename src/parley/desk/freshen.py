"""Freshen: keep the rotating prekey and our freshness young, and erase what is past its time.

Also unlock: from then on the node opens what it took while it was locked.
"""

from __future__ import annotations

import msgspec

from parley.desk import fetch_file, give_back, learn, prekeys, restore
from parley.desk.follow import UNJUDGED, judge_back, stored
from parley.desk.node import Node, Vault
from parley.desk.receive import open_held
from parley.directory.freshness import Prekey
from parley.line.ports import Tx
from parley.line.receipt import Entry

HALF_LIFE = 2  # a freshness is signed anew when half of its week, or the prekey's day, is over


async def freshen(node: Node, *, force: bool = False) -> bool:
    """Make a new prekey and freshness if the present ones are half spent; returns whether peers should be told.

    Raises DeskProblem("locked"), DeskProblem("no_particulars").
    """
    now = node.clock()
    if node.node_key.public not in node.our_particulars().node_keys:
        return False  # restored from a backup older than our key: a peer has the particulars that list it
    found = prekeys.current(node, now)
    if found is not None and node.freshness and not force:
        return False
    if found is None or force:
        key, kept = await node.store.write(lambda tx: prekeys.new_prekey(node, tx, now), point="prekey")
        found = key.public, kept
    public, stored_key = found
    signed = learn.sign_our_freshness(node, Prekey(public, stored_key.not_before, stored_key.expires_at), now)
    await learn.keep_outcome(node, node.directory.learn_freshness(signed, now), signed)
    await node.store.write(lambda tx: tx.put("own-freshness", "now", signed), point="prekey")
    await prekeys.erase_expired(node, now)
    return True


async def unlock(node: Node, vault: Vault) -> int:
    """Give the node its vault; opens what waits, judges read-backs that came meanwhile. Returns how many it opened."""
    prekeys.load(node, vault)
    node.vault, node.taken_locked = vault, 0
    fetch_file.load(node)
    if node.party in node.directory.parties:
        await freshen(node)
    opened = await open_held(node)
    await node.store.write(lambda tx: _judge_waiting(node, tx), point="read_back_judged")
    await give_back.tend(node)
    await restore.ask(node)
    return opened


def _judge_waiting(node: Node, tx: Tx) -> None:
    for key, value in tx.records(UNJUDGED):
        party, identity, _ = key.split(" ")
        conversation = stored(tx, bytes.fromhex(identity), party)
        if conversation is not None:
            judge_back(node, tx, conversation, msgspec.msgpack.decode(value, type=Entry), node.clock())
        tx.drop(UNJUDGED, key)
