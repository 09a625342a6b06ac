"""Verifying aside: the whole journal is computed again in a thread, while the node goes on and officers look how far.

One at a time; whoever asks while it runs is shown the one that runs. What came of the last one is kept until the node
ends, and nowhere else: a verification is worth what its day is worth.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from parley.desk import archive
from parley.desk.node import Node
from parley.terms.problem import Problem


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """One run of it. Instants in ms UTC, `ended_at` None while it runs. `counted` of `size` entries were looked at.

    `found`: what it counted; `problem`: what does not fit; of the two one once it ended.
    """

    by: str
    began_at: int
    counted: int = 0
    size: int = 0
    ended_at: int | None = None
    found: dict[str, Any] | None = None
    problem: Problem | None = None


class Verifying:
    """Of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._task: asyncio.Task[None] | None = None
        self.last: Verification | None = None

    @property
    def runs(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.done()

    def begin(self, by: str) -> Verification:
        """Begin one, unless one runs; returns the one that runs now."""
        if self.last is None or not self.runs:
            size = self._node.store.look(lambda look: sum(look.leaf_count(one) for one in look.incarnations()))
            self.last = Verification(by=by, began_at=self._node.clock(), size=size)
            self._task = asyncio.create_task(self._run())
        return self.last

    async def ended(self) -> Verification | None:
        """The last one, once it has ended: for whoever can wait."""
        if self._task is not None:
            await self._task
        return self.last

    async def _run(self) -> None:
        try:
            found = await asyncio.to_thread(archive.verify_own, self._node, self._told)
            self._change(found=found, counted=found["entries"])
        except Problem as problem:
            self._change(problem=problem)
        self._change(ended_at=self._node.clock())

    def _told(self, count: int) -> None:
        self._change(counted=count)

    def _change(self, **fields: Any) -> None:
        assert self.last is not None  # `begin` made it
        self.last = msgspec.structs.replace(self.last, **fields)
