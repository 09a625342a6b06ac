"""Commands about the pages for officers: links for their accounts, who has one, and ending what is signed in."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines

group = typer.Typer(help="Accounts of officers at the desk in the browser.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="desk")


@group.command()
def link(
    ctx: typer.Context, officer: str = typer.Argument(..., help="For whom; small letters, digits and hyphens.")
) -> None:
    """A link with which an officer makes an account, or replaces passphrase and device. Valid 30 minutes, once."""
    c: Context = ctx.obj
    made = c.live("desk_link", whom=officer, by=c.officer)

    def render(out: Console) -> None:
        out.print(f"For {made['officer']}, once, within 30 minutes:")
        out.print(made["link"], soft_wrap=True)

    c.give(made, render)


@group.command()
def accounts(ctx: typer.Context) -> None:
    """Who has an account at the desk."""
    c: Context = ctx.obj
    found = c.live("desk_accounts")
    c.give(found, lines(_line(one) for one in found))


def _line(one: dict[str, Any]) -> str:
    ended = "; ended" if one["ended_at"] else ""
    return f"{one['officer']:<16} passkeys: {one['passkeys']}{ended}"


@group.command()
def end(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="Whose sessions."),
    account: bool = typer.Option(False, "--account", help="End the account too; a new link begins it again."),
) -> None:
    """End everything that an officer has open in browsers."""
    c: Context = ctx.obj
    ended = c.live("desk_end", whom=officer, account_too=account)
    c.told({"officer": officer, "ended": ended}, f"{officer}: {ended} sessions ended.")
