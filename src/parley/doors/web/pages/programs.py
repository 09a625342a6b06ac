"""Programs: tokens with which programs of ours are let in by the API; a token is shown once, when it is made."""

from __future__ import annotations

import re
from typing import Any

from parley.desk import tokens
from parley.doors import shapes
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.problems import WebProblem
from parley.terms.problem import Problem

ID = re.compile("[0-9a-f]{8}")


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every token, without what is secret of it."""
    return _page(desk, asked)


def _page(
    desk: WebDesk, asked: Asked, *, status: int = 200, token: str = "", name: str = "", problem: Problem | None = None
) -> Answer:
    found: list[dict[str, Any]] = [shapes.token(desk.node, one) for one in tokens.listed(desk.node)]
    return page(
        desk, asked, "programs.html", status=status, programs=found, scopes=[scope.value for scope in tokens.Scope],
        token_made=token, name=name, given=asked, problem=problem, once=tokens.new_id(desk.node),
    )  # fmt: skip


async def make(desk: WebDesk, asked: Asked) -> Answer:
    """A token for a program, in the answer this once; the same page sent again makes no second one."""
    once = asked.field("once") if ID.fullmatch(asked.field("once")) else tokens.new_id(desk.node)
    if tokens.held(desk.node, once) is not None:
        return redirect("/officers/programs")
    try:
        days = asked.field("days")
        if not (days.isascii() and days.isdigit() and len(days) < 5):
            raise WebProblem("not_a_form")
        name, scopes = asked.field("name").strip(), list(asked.fields.get("scope", ()))
        token, _ = await tokens.make(desk.node, name, scopes, int(days), asked.officer, identity=once)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return _page(desk, asked, token=token, name=name)


async def revoke(desk: WebDesk, asked: Asked) -> Answer:
    """It lets nobody in any more."""
    await tokens.revoke(desk.node, asked.field("program")[:64])
    return redirect("/officers/programs")
