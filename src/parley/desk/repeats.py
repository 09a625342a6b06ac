"""Repeats: a program that did not get its answer asks again under the same key, and gets the very same answer.

The answer is kept in the unit that has the effect: either both are durable or neither. It is locked like a draft, whose
text it may repeat, and thrown away after a week.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.line.ports import Tx
from parley.seal import lock, unlock

KIND = "repeat"
KEPT_FOR = 7 * 86_400_000


class Kept(msgspec.Struct, frozen=True):
    """An answer that was given: to which request (SHA-256 of what was asked), status, headers, body."""

    asked: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def place(token: str, key: str) -> str:
    """Where the answer to a key of a token is kept: two tokens never share a key."""
    return f"{token} {sha256(key.encode()).hexdigest()}"


def recall(node: Node, where: str, asked: bytes) -> Kept | None:
    """The answer kept there, None if there is none; raises DeskProblem("key_reused") if something else was asked."""
    stored = node.store.look(lambda look: look.record(KIND, where))
    if stored is None:
        return None
    opened = unlock(node.open_vault().archive_key, stored[8:], b"repeat " + where.encode())
    kept = msgspec.msgpack.decode(opened, type=Kept)
    if kept.asked != asked:
        raise DeskProblem("key_reused")
    return kept


def keep(node: Node, tx: Tx, where: str, kept: Kept) -> None:
    """Keep an answer inside the unit of its effect; raises DeskProblem("repeated") if another came first."""
    if tx.record(KIND, where) is not None:
        raise DeskProblem("repeated")
    locked = lock(node.open_vault().archive_key, msgspec.msgpack.encode(kept), b"repeat " + where.encode(), node.rng)
    tx.put(KIND, where, node.clock().to_bytes(8, "big") + locked)


async def forget_old(node: Node) -> int:
    """Throw away answers older than a week; returns how many."""
    before = node.clock() - KEPT_FOR
    kept = node.store.look(lambda look: look.records(KIND))
    old = [where for where, value in kept if int.from_bytes(value[:8], "big") < before]

    def unit(tx: Tx) -> None:
        for where in old:
            tx.drop(KIND, where)

    if old:
        await node.store.write(unit, point="repeats")
    return len(old)
