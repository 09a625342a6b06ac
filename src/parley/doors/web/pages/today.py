"""Today: what is awaited of us and of others, what is unread, what is about to run out; and the handover of a shift.

Awaited, never overdue. Everything that is listed or counted has passed the marking gate for this officer.
"""

from __future__ import annotations

import asyncio
from typing import Any

from parley.clearance import Exit, Right
from parley.desk import access, alert, bell, draft, proposals
from parley.desk import handover as page_of_shift
from parley.desk.board import Entry
from parley.desk.handover import Item, drills_due, urgency
from parley.doors import duty_shapes
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.clear import to_review
from parley.doors.web.passing import passing
from parley.doors.web.stream import moved

SHOWN = 12
"""Items of a kind on the page; the others are counted and stand under Line."""
SOON_MS = 30 * 86_400_000
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


async def root(desk: WebDesk, asked: Asked) -> Answer:
    """Everything begins at Today."""
    return redirect("/today")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The page that a shift has open."""
    node = desk.node
    reads = access.may(node, asked.officer, Right.READ)
    seen = await _seen(desk, asked, Exit.PAGE) if reads else []
    with_us = sorted((item for entry in seen for item in entry.with_us), key=urgency)
    awaited = sorted((item for entry in seen for item in entry.awaited), key=urgency)
    proposed = sorted((one for entry in seen for one in entry.proposed), key=proposals.urgency)
    drills = list(node.store.look(lambda look: list(drills_due(node, look))))
    return page(
        desk, asked, "today.html",
        reads=reads,
        now=node.clock(),
        unread=(await moved(desk, asked)).unread if reads else {},
        with_us=with_us[:SHOWN],
        more_with_us=max(0, len(with_us) - SHOWN),
        awaited=awaited[:SHOWN],
        more_awaited=max(0, len(awaited) - SHOWN),
        ids={entry.note_id.hex()[:8]: entry.note_id.hex() for entry in seen},
        drills=drills if access.may(node, asked.officer, Right.DRILL) else [],
        expiring=_expiring(desk),
        drafts=_drafts(desk, asked),
        alone=len(await to_review(desk, asked)),
        bell=bell.facts(node),
        alert=alert.facts(node),
        shift=node.shift,
        proposed=proposed[:SHOWN],
        more_proposed=max(0, len(proposed) - SHOWN),
        taken_locked=node.taken_locked,
        parties=[party for party in node.directory.parties if party != node.party],
    )  # fmt: skip


async def _seen(desk: WebDesk, asked: Asked, exit: Exit) -> list[Entry]:
    listed = [one for one in await desk.board.entries() if one.with_us or one.awaited or one.proposed]
    return passing(asked.eyes, exit, listed)


def _expiring(desk: WebDesk) -> list[dict[str, Any]]:
    """Particulars that run out within a month, ours among them; the soonest first."""
    node, now = desk.node, desk.node.clock()
    found = [(node.directory.entry(party).current.expires_at, party) for party in node.directory.parties]
    return [{"party": party, "at": at, "gone": at <= now} for at, party in sorted(found) if at - now < SOON_MS]


def _drafts(desk: WebDesk, asked: Asked) -> int:
    if desk.node.vault is None or not access.may(desk.node, asked.officer, Right.DRAFT):
        return 0
    listed = [one for _, one in draft.listed(desk.node)]
    return len(access.let_out(asked.eyes, Exit.COUNT, listed, access.draft_thing))


async def handover(desk: WebDesk, asked: Asked) -> Answer:
    """What the next officer has to know, for a number of hours back; made to be printed."""
    hours = asked.query.get("hours", "12")
    back = min(int(hours), 168) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 12
    node = desk.node
    found = await asyncio.to_thread(page_of_shift.handover, node, node.clock() - back * HOUR_MS)
    entries = await desk.board.entries()
    seen = {entry.note_id.hex()[:8] for entry in passing(asked.eyes, Exit.PRINT, entries)}
    parts = {name: _passing(getattr(found, name), seen) for name in duty_shapes.SECTIONS}
    return page(desk, asked, "handover.html", found=found, parts=parts, hours=back)


def _passing(items: tuple[Item, ...], seen: set[str]) -> list[Item]:
    return [item for item in items if not item.note or item.note in seen]
