"""Commands: what two officers type at the machine to give a role, or a director to clear a form ahead.

Neither is done by a page: both change the signer's own list of officers, which takes passphrases that never pass
through the node (docs/clearance.md). The page checks early what the signer would refuse, and spells the command.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from parley.clearance import Ahead, ClearanceProblem, Grant, Role, check_ahead, check_grant, check_name
from parley.clearance.ahead import DAY, FREE
from parley.desk.fill import fill
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.policy import page_of
from parley.doors.web.problems import WebProblem
from parley.forms import load
from parley.terms.problem import Problem

PRECEDENCES = ("routine", "priority", "immediate", "flash")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The command for what was filled in, or what is wrong with it."""
    try:
        command = COMMANDS.get(asked.field("what"), _nothing)(desk, asked)
    except Problem as problem:
        return page_of(desk, asked, status=422, problem=problem)
    return page(desk, asked, "command.html", command=command, what=asked.field("what"))


def _nothing(desk: WebDesk, asked: Asked) -> str:
    raise WebProblem("not_a_form")


def _grant(desk: WebDesk, asked: Asked) -> str:
    """Raises ClearanceProblem as the signer would: the dates, the two who give it, whose place is taken."""
    node, now = desk.node, desk.node.clock()
    name, other = check_name(asked.field("officer").strip()), asked.field("with").strip()
    days, roles = _days(asked, 3660), [_role(one) for one in asked.fields.get("role", ())]
    acting_for, forms = asked.field("acting-for").strip(), _forms(asked)
    until = now + days * DAY if days else None
    by = (asked.officer, other) if other else (asked.officer,)
    if not roles:
        raise WebProblem("not_a_form")
    for role in roles:
        only = forms if role is Role.RELEASER else None
        Grant(officer=name, role=role, since=now, until=until, acting_for=acting_for, forms=only, given_by=by)
    if not node.roster.is_lone:
        check_grant(node.roster, by, now)
    words = ["parley", "--as", asked.officer, "officers", "grant", name, *(one.value for one in roles)]
    words += _named(post=asked.field("post").strip(), days=str(days or ""))
    words += [*_named(acting_for=acting_for), *_each("form", [str(one) for one in forms or ()])]
    return shlex.join([*words, *_named(office=asked.field("office"), **{"with": other})])


def _revoke(desk: WebDesk, asked: Asked) -> str:
    name, roles = check_name(asked.field("officer").strip()), [_role(one) for one in asked.fields.get("role", ())]
    if not roles:
        raise WebProblem("not_a_form")
    words = ["parley", "--as", asked.officer, "officers", "revoke", name, *(one.value for one in roles)]
    return shlex.join([*words, *_named(office=asked.field("office"))])


def _ahead(desk: WebDesk, asked: Asked) -> str:
    """Raises ClearanceProblem "bad_bounds", "not_director", FormProblem for a line that the form does not have."""
    node, now, form = desk.node, desk.node.clock(), _number(asked.field("form"))
    typed = [one.strip() for one in asked.field("lines").splitlines() if one.strip()]
    exercise = {"exercise": True, "real": False}.get(asked.field("reality"))
    made = Ahead(
        name=asked.field("name").strip(), form=form, lines=_bounds(form, typed), since=now,
        until=now + _days(asked, 92) * DAY, by=asked.officer, highest=PRECEDENCES.index(_precedence(asked)),
        exercise=exercise, uses=_number(asked.field("uses") or "20"), to=tuple(asked.field("to").split()),
    )  # fmt: skip
    check_ahead(node.policy, made)
    if not node.roster.is_lone and not node.roster.is_director(asked.officer, now):
        raise ClearanceProblem("not_director", officer=asked.officer)
    words = ["parley", "--as", asked.officer, "clearance", "ahead-add", made.name, "--form", str(form)]
    words += [*_each("line", typed), *_each("to", list(made.to)), *_named(days=asked.field("days"))]
    words += _named(highest=PRECEDENCES[made.highest], uses=str(made.uses))
    words += [] if exercise is None else ["--exercise" if exercise else "--real"]
    return shlex.join([*words, *_named(office=asked.field("office"))])


def _drop(desk: WebDesk, asked: Asked) -> str:
    name = check_name(asked.field("name").strip())
    return shlex.join(
        ["parley", "--as", asked.officer, "clearance", "ahead-drop", name, *_named(office=asked.field("office"))]
    )


COMMANDS: dict[str, Callable[[WebDesk, Asked], str]] = {
    "grant": _grant, "revoke": _revoke, "ahead": _ahead, "drop": _drop,
}  # fmt: skip


def _bounds(form: int, typed: list[str]) -> dict[int, list[object]]:
    """Lines as ``NUMBER=CODE``, as the command takes them; ``NUMBER=*`` for anything."""
    bounds: dict[int, list[object]] = {}
    for one in typed:
        number, equals, code = one.partition("=")
        if not equals:
            raise WebProblem("not_a_form")
        value = FREE if code == FREE else fill(load().form(form), [(_number(number), code)])[_number(number)]
        bounds.setdefault(_number(number), []).extend(value if isinstance(value, list) else [value])
    return bounds


def _precedence(asked: Asked) -> str:
    if (given := asked.field("highest")) not in PRECEDENCES:
        raise WebProblem("not_a_form")
    return given


def _role(given: str) -> Role:
    if given not in {role.value for role in Role}:
        raise WebProblem("not_a_form")
    return Role(given)


def _forms(asked: Asked) -> tuple[int, ...] | None:
    return tuple(_number(one) for one in asked.field("forms").replace(",", " ").split()) or None


def _days(asked: Asked, most: int) -> int:
    days = _number(asked.field("days") or "0")
    if days > most:
        raise WebProblem("not_a_form")
    return days


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 6):
        raise WebProblem("not_a_form")
    return int(given)


def _named(**options: str) -> list[str]:
    """``--name value`` for each that has one."""
    return [word for name, value in options.items() if value for word in (f"--{name.replace('_', '-')}", value)]


def _each(name: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (f"--{name}", value)]

