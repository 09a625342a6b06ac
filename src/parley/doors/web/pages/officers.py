"""Officers: who is who at this desk, who has an account, links for new devices, and ending what an officer has open.

Roles are given at the command line, by two officers with their passphrases; here they are shown.
"""

from __future__ import annotations

from parley.clearance import Right
from parley.desk import access
from parley.desk.sign_in import account, links, sessions
from parley.desk.sign_in.problems import SignInProblem
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.terms.problem import Problem


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Everybody with their roles; sessions only for whoever looks after officers."""
    return _page(desk, asked)


def _page(
    desk: WebDesk, asked: Asked, *, status: int = 200, link: str = "", to: str = "", problem: Problem | None = None
) -> Answer:
    node, manages = desk.node, access.may(desk.node, asked.officer, Right.OFFICERS)
    accounts = node.store.look(account.everyone)
    open_now = node.store.look(lambda look: sessions.listed(node, look, desk.keeper.hours)) if manages else []
    rows = [
        {
            "name": one.officer,
            "roles": _roles(desk, one.officer),
            "ended": one.ended_at,
            "passkeys": len(node.store.look(lambda look, one=one: account.passkeys(look, one.officer))),  # type: ignore[misc]
            "sessions": [session for session in open_now if session.officer == one.officer],
        }
        for one in accounts
    ]
    without = [name for name in _rostered(desk) if name not in {one.officer for one in accounts}]
    return page(
        desk, asked, "officers.html", status=status, rows=rows, without=without, manages=manages, link=link, to=to,
        problem=problem, typed=asked.field("officer"), lone=_lone(desk),
    )  # fmt: skip


async def link(desk: WebDesk, asked: Asked) -> Answer:
    """A link for an officer, shown this once; raises SignInProblem, ClearanceProblem."""
    wanted = asked.field("officer").strip()
    try:
        account.check_name(wanted)
        access.reader(desk.node, wanted)
        secret = await links.make(desk.node, wanted, asked.officer)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return _page(desk, asked, link=f"{desk.origin(asked.host)}/set-up/{secret}", to=wanted)


async def end_sessions(desk: WebDesk, asked: Asked) -> Answer:
    """End everything that an officer has open."""
    officer = asked.path["officer"]
    if desk.node.store.look(lambda look: account.find(look, officer)) is None:
        raise SignInProblem("no_account", officer=officer[:40])
    await sessions.end_all(desk.node, officer)
    return redirect("/officers")


def _roles(desk: WebDesk, officer: str) -> list[str]:
    try:
        return sorted(role.value for role in access.reader(desk.node, officer).roles)
    except Problem:
        return []


def _rostered(desk: WebDesk) -> list[str]:
    return [one.name for one in desk.node.roster.officers]


def _lone(desk: WebDesk) -> bool:
    return desk.node.roster.is_lone
