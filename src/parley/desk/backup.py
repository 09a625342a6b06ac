"""Backup: a copy of the store while it serves, and when the last one was made, so that an officer can see it grow old.

No key is in it (spec: keys lie beside the store). What is written down of a backup is not in that backup itself.
"""

from __future__ import annotations

import asyncio
from pathlib import PurePath

import msgspec

from parley.desk.node import Node

KIND, LAST = "backup", "last"
OLD_MS = 7 * 86_400_000
"""After a week without one the page says so: what came since then would be lost with the disk."""


class Last(msgspec.Struct, frozen=True):
    """The last backup: when it was finished (ms UTC), and the name of its file, without its folder."""

    at: int
    name: str


async def backup(node: Node, path: str) -> Last:
    """Copy the store to `path`; raises StoreProblem."""
    await asyncio.to_thread(node.store.backup, path)
    made = Last(node.clock(), PurePath(path).name[:120])
    await node.store.write(lambda tx: tx.put(KIND, LAST, msgspec.msgpack.encode(made)), point="backup")
    return made


def last(node: Node) -> Last | None:
    """The last one that was made here."""
    value = node.store.look(lambda look: look.record(KIND, LAST))
    return None if value is None else msgspec.msgpack.decode(value, type=Last)
