"""Retention: what is destroyed when, what a legal hold keeps, and a run of it, tried first and then done.

The rules are in parley.toml and are shown; holds are placed and lifted here.
"""

from __future__ import annotations

from parley.clearance import check_reason
from parley.desk import retention
from parley.desk.retention import Done
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.terms.problem import Problem

SHOWN = 50
NEEDED = {
    "evidence of a contradiction": "evidence",
    "waits to be carried": "waits",
    "a clock still runs on it": "clock",
    "a receipt for it waits to be carried": "receipt",
}
"""What the desk says of a body that is needed yet, and the page's word for it; a clause is shown in its own words."""


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """Rules, clauses, holds, and what was destroyed last."""
    return _page(desk, asked)


def _page(
    desk: WebDesk, asked: Asked, *, status: int = 200, done: Done | None = None, problem: Problem | None = None
) -> Answer:
    return page(
        desk, asked, "retention.html", status=status,
        shown=retention.shown(desk.node, SHOWN),
        done=done,
        count=sum(done.destroyed.values()) if done else 0,
        problem=problem,
        needed=NEEDED,
        parties=desk.node.directory.parties,
        given=asked,
    )  # fmt: skip


async def run(desk: WebDesk, asked: Asked) -> Answer:
    """What would be destroyed now, or (`do` is "destroy") do it; it cannot be taken back."""
    try:
        done = await retention.run(desk.node, asked.officer, dry=asked.field("do") != "destroy")
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return _page(desk, asked, done=done)


async def hold(desk: WebDesk, asked: Asked) -> Answer:
    """Place a legal hold on a party, a note, or the correspondence that it belongs to."""
    try:
        name = retention.named(desk.node, asked.field("what").strip()[:64], thread=asked.field("thread") == "yes")
        await retention.hold(desk.node, name, check_reason(asked.field("why")), asked.officer)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return redirect("/journal/retention")


async def lift(desk: WebDesk, asked: Asked) -> Answer:
    """Lift one; who lifts it and why is journalled as well."""
    try:
        why = check_reason(asked.field("why"))
        await retention.hold(desk.node, asked.field("what")[:80], why, asked.officer, lift=True)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return redirect("/journal/retention")
