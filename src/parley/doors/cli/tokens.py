"""Commands about tokens, with which programs are let in by the API: make, list, revoke."""

from __future__ import annotations

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines
from parley.terms.instant import dtg


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Tokens, with which programs are let in by the API.", no_args_is_help=True)
    group.command("make")(make)
    group.command("list")(list_)
    group.command("revoke")(revoke)
    app.add_typer(group, name="tokens")


def make(
    ctx: typer.Context,
    name: str = typer.Argument(..., help="For what it is: small letters, digits, hyphens."),
    scope: list[str] = typer.Option(..., help="read, draft, directory, journal, export, precedents; or several."),
    days: int = typer.Option(90, help="How long it is valid; at most 366."),
) -> None:
    """Make a token and print it, this once: only its digest is kept. No token can release a note."""
    c: Context = ctx.obj
    made = c.call("token_make", name=name, scopes=scope, days=days, officer=c.officer)

    def show(out: Console) -> None:
        print(made["token"])  # by itself on a line, and whole, however narrow the terminal
        out.print(f"Token {made['id']} for {', '.join(made['scopes'])}, until {dtg(made['expires_at'])}.")
        out.print("It is shown this once. Keep it as you keep a key.")

    c.give(made, show)


def list_(ctx: typer.Context) -> None:
    """Every token that was made here, with what it may do and whether it is valid."""
    c: Context = ctx.obj
    found = c.call("token_list")
    c.give(
        found,
        lines(
            f"{t['id']}  {t['standing']:<8}  until {dtg(t['expires_at'])}  {t['name']}  {', '.join(t['scopes'])}"
            for t in found
        ),
    )


def revoke(
    ctx: typer.Context,
    token: str = typer.Argument(..., help="Id of the token; see parley tokens list."),
) -> None:
    """End a token now and for ever; streams that it holds open are cut."""
    c: Context = ctx.obj
    found = c.call("token_revoke", token=token)
    c.told(found, f"Token {found['id']} ({found['name']}) is revoked.")
