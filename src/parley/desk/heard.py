"""Heard: a peer that could not be reached is heard from again, so what waits for it need not wait out its pause.

Each failed attempt doubles the pause, up to a minute and a half; the first exchange that succeeds, whoever began it,
brings what waits forward, at most once for each failure and never sooner than CALM after it: an item on which every
attempt fails cannot make the two nodes spin.
"""

from __future__ import annotations

from parley.desk.node import Node

CALM = 5_000  # ms between a failed attempt and the next one, at the least, when the peer is heard from


def fell_silent(node: Node, party: str) -> None:
    """An attempt to reach a peer failed just now."""
    node.silent[party] = node.clock()


async def heard_from(node: Node, party: str) -> None:
    """An exchange with a peer succeeded; costs nothing unless an attempt failed before."""
    failed = node.silent.pop(party, None)
    if failed is None:
        return
    due = max(node.clock(), failed + CALM)
    await node.store.write(lambda tx: tx.bring_forward(party, due), point="postpone")
    node.wake(party)
