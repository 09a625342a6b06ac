"""Versions of a draft: what was saved when and by whom, what changed between two of them, and going back to one."""

from __future__ import annotations

import msgspec

from parley.clearance import Exit
from parley.desk import access, compare_drafts, draft
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """What changed between two versions, line by line; without a choice between the last two."""
    draft_id = asked.path["draft"]
    kept = draft.versions(desk.node, draft_id)
    for one in kept:  # a version may bear a higher marking than the draft does now
        access.show(asked.eyes, Exit.PAGE, access.draft_thing(one.draft))
    older, newer = asked.query.get("older", ""), asked.query.get("newer", "")
    found = compare_drafts.compare(desk.node, draft_id, older, newer, asked.language)
    rows = [(number, one) for number, one in enumerate(kept, 1)]
    return page(desk, asked, "versions.html", draft_id=draft_id, found=found, rows=list(reversed(rows)))


async def restore(desk: WebDesk, asked: Asked) -> Answer:
    """Take up a former version as the draft; what stood there stays among the versions."""
    draft_id = asked.path["draft"]
    wanted = compare_drafts.version(desk.node, draft_id, asked.field("wanted"))
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(wanted.draft))
    made = msgspec.structs.replace(wanted.draft, changed_at=0, changed_by="")
    await draft.save(desk.node, made, draft_id, expecting=asked.field("version"), by=asked.officer, again=True)
    return redirect(f"/drafts/{draft_id}?saved=yes")
