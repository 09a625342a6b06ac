"""Directory: who speaks for whom, how that was verified, what hour it is there; suspend and resume."""

from __future__ import annotations

from typing import Any

from parley.clearance import Right
from parley.desk import access, by_hand, decide
from parley.desk.handover import local_hour
from parley.desk.problems import DeskProblem
from parley.doors import shapes
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.way_in import picture

DECISIONS = {"suspend": decide.suspend, "resume": decide.resume}


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every party, ourselves first; and offices without Parley."""
    node = desk.node
    codes = sorted(node.directory.parties, key=lambda code: (code != node.party, code))
    return page(
        desk, asked, "directory.html",
        rows=[{**shapes.party(node, code), "hour": local_hour(node, code, node.clock())} for code in codes],
        contacts=by_hand.contacts(node),
        ours=node.party,
    )  # fmt: skip


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One party: phrase and QR of its roots, offices with their hour, marks; raises DirectoryProblem."""
    code = asked.path["party"][:20]
    found: dict[str, Any] = shapes.particulars(desk.node, code)
    return page(
        desk, asked, "party.html", found=found, qr=picture(found["qr"]), ours=code == desk.node.party,
        hour=local_hour(desk.node, code, desk.node.clock()),
        decides=access.may(desk.node, asked.officer, Right.DIRECTORY),
    )  # fmt: skip


async def decided(desk: WebDesk, asked: Asked) -> Answer:
    """Our own decision about a party, without reason; journalled with the officer."""
    code, wanted = asked.path["party"][:20], asked.field("do")
    if wanted not in DECISIONS:
        raise DeskProblem("unknown_decision", verb=wanted[:20])
    await DECISIONS[wanted](desk.node, code, asked.officer)
    return redirect(f"/directory/{code}")
