"""Commands about the officers of an office of ours: who can release its notes, each with a passphrase of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import RELEASE, Context
from parley.doors.problems import DoorProblem

group = typer.Typer(help="Who releases notes for an office of ours, each with a passphrase.", no_args_is_help=True)
NAMED = typer.Option("", help="Which office; may be left out where there is one.")
NEW = typer.Option(
    None, "--new-passphrase-file", help="A file of mode 600 with the new passphrase; else it is asked for."
)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="officers")


@group.command("list")
def listed(ctx: typer.Context, office: str = NAMED) -> None:
    """Who can release for an office, and which forms."""
    c: Context = ctx.obj
    found = c.backstage.officers(c.home, _office(c, office))

    def render(out: Console) -> None:
        for one in found:
            forms = "every form" if one["forms"] is None else f"forms {', '.join(map(str, one['forms']))}"
            after = "" if one["next_key"] else "; not with the key that waits"
            out.print(f"{one['officer']:<16} {one['role']}: {forms}{after}")

    c.give(found, render)


@group.command()
def add(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="Small letters, digits and hyphens."),
    role: str = typer.Option("duty officer", help="The ministry's word for the post."),
    form: list[int] = typer.Option([], help="A form that the officer may release; repeat. None: every form."),
    office: str = NAMED,
    new_passphrase_file: Path = NEW,
) -> None:
    """Add an officer. Only one who can release already can do it (--as), with a passphrase."""
    c: Context = ctx.obj
    where, by = _acting(c, office)
    secret = c.new_passphrase(f"Release passphrase of {officer}", new_passphrase_file)
    c.backstage.add_officer(c.home, where, by, (officer, role, form), secret)
    c.told({"officer": officer, "office": where}, f"{officer} can release for office {where}.")


@group.command()
def remove(
    ctx: typer.Context, officer: str = typer.Argument(..., help="Whom: another, or oneself."), office: str = NAMED
) -> None:
    """Take an officer out. The last one who can release stays."""
    c: Context = ctx.obj
    where, by = _acting(c, office)
    c.backstage.remove_officer(c.home, where, by, officer)

    def render(out: Console) -> None:
        out.print(f"{officer} can release no more for office {where}.")
        out.print("An old copy of the key file still serves that officer. If there may be one,")
        out.print(f"change the key: parley particulars propose FILE --rotate office --office {where}.")

    c.give({"removed": officer, "office": where}, render)


@group.command()
def passphrase(ctx: typer.Context, office: str = NAMED, new_passphrase_file: Path = NEW) -> None:
    """Give oneself (--as) another passphrase."""
    c: Context = ctx.obj
    where, (officer, old) = _acting(c, office)
    new = c.new_passphrase(f"New release passphrase of {officer}", new_passphrase_file)
    c.backstage.change_passphrase(c.home, where, officer, old, new)
    c.told({"officer": officer, "office": where}, f"{officer} has a new passphrase for office {where}.")


def _acting(c: Context, office: str) -> tuple[str, tuple[str, str]]:
    """The office; and who acts, with a passphrase that fits, before anything more is asked."""
    where = _office(c, office)
    secret = c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE)
    c.backstage.check_officer(c.home, where, c.officer, secret)
    return where, (c.officer, secret)


def _office(c: Context, given: str) -> str:
    ours: Any = c.home.settings().offices
    if given in ours:
        return given
    if not given and len(ours) == 1:
        return str(ours[0])
    raise DoorProblem("bad_choice", given=given[:40], what="an office of this node", choices=", ".join(ours))
