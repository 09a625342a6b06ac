"""Policy: for each form and precedence who must have cleared a note and who may release it; what was cleared ahead.

Read from the roster and the policy that the desk was told of. The signer has its own, and decides by those.
"""

from __future__ import annotations

from typing import Any

from parley.clearance import FLOOR_FORMS, FREE, Ahead, Grant, Role, Rule
from parley.clearance import Asked as Released
from parley.desk.node import Node
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.forms import Form, load
from parley.line.note import Precedence
from parley.terms.problem import Problem


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The whole table, with the forms that spell a command for changing it."""
    return page_of(desk, asked)


def page_of(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    """The same, with what is wrong with a command that was asked for."""
    node, now = desk.node, desk.node.clock()
    return page(
        desk, asked, "policy.html", status=status,
        rows=[row for form in load().forms for row in _rows(node, form)],
        otherwise=node.policy.otherwise,
        ahead=[_ahead(one, now) for one in node.roster.ahead],
        grants=[_grant(one, now) for one in sorted(node.roster.grants, key=lambda one: (one.officer, one.role))],
        posts={one.name: one.post for one in node.roster.officers},
        lone=node.roster.is_lone,
        version=node.roster.version,
        forms=load().forms,
        offices=[one.id for one in node.our_particulars().offices] if node.party in node.directory.parties else [],
        roles=[role.value for role in Role],
        given=asked,
        problem=problem,
    )  # fmt: skip


def _rows(node: Node, form: Form) -> list[dict[str, Any]]:
    """One row for all precedences under one rule; more where a ministry's policy tells them apart."""
    rules: list[tuple[list[int], Rule]] = []
    for precedence in sorted(Precedence):
        rule = node.policy.rule(_facts(form, int(precedence)))
        if rules and rules[-1][1] == rule:
            rules[-1][0].append(int(precedence))
        else:
            rules.append(([int(precedence)], rule))
    every = len(rules) == 1
    return [
        {
            "form": form.number,
            "kind": rule.kind,
            "precedences": [] if every else precedences,
            "needs": [role.value for role in rule.needs],
            "two": rule.two,
            "lone": rule.lone,
            "ahead": rule.ahead,
            "floor": form.number in FLOOR_FORMS,
            "releasers": _releasers(node, form.number),
        }
        for precedences, rule in rules
    ]


def _facts(form: Form, precedence: int) -> Released:
    """A note of that form which accuses nobody, unless the form does."""
    return Released(form=form.number, precedence=precedence, exercise=False, accusation=False, digest=b"")


def _releasers(node: Node, form: int) -> list[str]:
    now = node.clock()
    return [one.name for one in node.roster.officers if node.roster.may_release(one.name, form, now)]


def _grant(one: Grant, now: int) -> dict[str, Any]:
    return {
        "officer": one.officer,
        "role": one.role.value,
        "since": one.since,
        "until": one.until,
        "holds": one.holds(now),
        "coming": now < one.since,
        "acting_for": one.acting_for,
        "forms": one.forms,
        "cases": one.cases,
        "given_by": one.given_by,
    }


def _ahead(one: Ahead, now: int) -> dict[str, Any]:
    form = load().form(one.form) if one.form in load().numbers else None
    lines = [
        {"number": number, "name": _label(form, number), "any": FREE in allowed, "values": [str(it) for it in allowed]}
        for number, allowed in sorted(one.lines.items())
    ]  # fmt: skip
    return {
        "name": one.name, "form": one.form, "lines": lines, "to": one.to, "highest": one.highest,
        "exercise": one.exercise, "since": one.since, "until": one.until, "uses": one.uses, "by": one.by,
        "holds": one.since <= now < one.until,
    }  # fmt: skip


def _label(form: Form | None, number: int) -> str:
    line = form.line(number) if form else None
    return line.name if line else ""
