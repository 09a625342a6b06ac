"""Journal: the newest entries, who cosigned, and a verification of the whole; digests and no text."""

from __future__ import annotations

import asyncio

from parley.desk import archive
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page

SHOWN = 50


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The newest entries."""
    return _page(desk, asked, None)


async def verify(desk: WebDesk, asked: Asked) -> Answer:
    """Recompute the whole tree; raises JournalProblem if anything was changed."""
    return _page(desk, asked, await asyncio.to_thread(archive.verify_own, desk.node))


def _page(desk: WebDesk, asked: Asked, verified: dict[str, object] | None) -> Answer:
    node = desk.node
    return page(
        desk, asked, "journal.html",
        entries=archive.entries(node, SHOWN),
        count=node.store.look(lambda look: look.leaf_count()),
        cosigners=archive.cosigners(node),
        incarnation=node.incarnation.hex(),
        verified=verified,
    )  # fmt: skip
