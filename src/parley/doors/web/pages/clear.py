"""Clear and release: what waits for somebody's word, and the note beside its digest."""

from __future__ import annotations

from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """What waits."""
    return page(desk, asked, "clear.html", waiting=[])


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One that waits."""
    return page(desk, asked, "clear.html", waiting=[])
