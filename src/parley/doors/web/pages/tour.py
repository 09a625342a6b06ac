"""The demonstration's own pages: the link that signs in, and putting the tour away; on any other desk they are none."""

from __future__ import annotations

from parley.desk.sign_in import tour as visiting
from parley.doors.web.answers import Answer, Cookie, redirect
from parley.doors.web.asked import KNOWN, Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.sign_in import cookies_of, ours
from parley.doors.web.problems import WebProblem
from parley.doors.web.tour import HIDDEN

DAY_S = 86_400


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """Whose desk this is, and a button: looking at a link uses nothing up. Raises SignInProblem("tour_gone")."""
    _only_there(desk)
    found = desk.node.store.look(lambda look: visiting.find(desk.node, look, asked.path["link"]))
    drawn = desk.node.rng(16).hex()
    return page(desk, asked, "tour_link.html", visitor=found.officer, ends_at=found.ends_at, drawn=drawn)


async def enter(desk: WebDesk, asked: Asked) -> Answer:
    """Signed in, once; on to Today."""
    _only_there(desk)
    begun = await visiting.enter(
        desk.node, desk.keeper, asked.path["link"], asked.field("page"), language=asked.language, agent=asked.agent,
        browser=asked.cookies.get(KNOWN, ""),
    )  # fmt: skip
    return redirect("/today", *cookies_of(desk, begun))


async def put_away(desk: WebDesk, asked: Asked) -> Answer:
    """Hide the tour in this browser, or show it again; back to the page where the button was."""
    _only_there(desk)
    hide = asked.field("do") == "hide"
    return redirect(ours(asked.field("to")), Cookie(HIDDEN, "hidden" if hide else "", DAY_S if hide else 0))


def _only_there(desk: WebDesk) -> None:
    if desk.tour is None:
        raise WebProblem("no_such_page")
