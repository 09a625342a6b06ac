"""Parcels: sealed notes carried by hand, out as a file or as sheets of QR codes, in as a file, and the answer to it."""

from __future__ import annotations

import asyncio

from parley.desk import inbox
from parley.desk.receive import receive
from parley.doors.web.answers import Answer, attachment, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.problems import WebProblem
from parley.terms.problem import Problem

PARCEL, SHEETS = "application/octet-stream", "text/html; charset=utf-8"
ON_PAPER = 56_000
"""Bytes of sealed items that fit on paper with their frame round them (spec/paper.md); as at the command line."""
MOST_REPLIES = 50


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """What waits for whom, and where a file is brought in."""
    return _page(desk, asked)


def _page(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node = desk.node
    waiting = {peer: rows for peer, rows, _ in node.store.look(lambda look: look.outbox_peers())}
    return page(
        desk, asked, "parcels.html", status=status, problem=problem,
        parties=[(party, waiting.get(party, 0)) for party in node.directory.parties if party != node.party],
        replied=_session(asked) in desk.replies,
        taken=asked.query.get("taken", "") == "1",
    )  # fmt: skip


async def take(desk: WebDesk, asked: Asked) -> Answer:
    """Take a parcel; what came before, by whatever bearer, is not taken twice. Our answer is kept."""
    try:
        content = asked.files.get("file", b"")
        if not content:
            raise WebProblem("no_file")
        reply = await receive(desk.node, None, desk.carrying.parcel(content))
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    if len(desk.replies) >= MOST_REPLIES:
        desk.replies.clear()
    desk.replies[_session(asked)] = reply
    return redirect("/directory/parcels?taken=1")


async def reply(desk: WebDesk, asked: Asked) -> Answer:
    """What answers the parcel that this officer brought last; raises WebProblem("no_reply")."""
    found = desk.replies.get(_session(asked))
    if found is None:
        raise WebProblem("no_reply")
    return attachment("reply.parley", PARCEL, desk.carrying.file(found))


async def hand(desk: WebDesk, asked: Asked) -> Answer:
    """Everything that waits for a party as a file, or the most urgent of it on paper; it stays in the outbox."""
    node, party = desk.node, asked.path["party"][:20]
    node.directory.entry(party)
    if asked.field("do") == "sheets":
        parcel = await inbox.parcel_for(node, party, news=False, most_bytes=ON_PAPER)
        async with desk.drawing_one:  # a code takes a third of a second to draw, and the line goes on meanwhile
            page_of_codes = await asyncio.to_thread(desk.carrying.sheets, parcel)
        return attachment(f"for-{party}.html", SHEETS, page_of_codes)
    parcel = await inbox.parcel_for(node, party)
    return attachment(f"for-{party}.parley", PARCEL, desk.carrying.file(parcel))


def _session(asked: Asked) -> str:
    assert asked.signed is not None
    return asked.signed.id
