"""The house: the settings in force, the last backup, and what `parley doctor` finds.

It is read here and changed at the machine: whoever can write parley.toml could also read the keys beside it.
"""

from __future__ import annotations

import asyncio

from parley.desk import backup
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """Settings, and the last backup."""
    last, now = backup.last(desk.node), desk.node.clock()
    return page(
        desk, asked, "house.html",
        last=last,
        old=last is None or now - last.at > backup.OLD_MS,
        settings=desk.house.settings() if desk.house else [],
    )  # fmt: skip


async def doctor(desk: WebDesk, asked: Asked) -> Answer:
    """Findings about machine, store and peers; what needs a look stands first."""
    found = await asyncio.to_thread(desk.house.findings) if desk.house else []
    look = [one for one in found if not one["ok"]]
    return page(desk, asked, "doctor.html", look=look, well=[one for one in found if one["ok"]])
