"""Commands of the watch: flash-test."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from parley.doors.cli.context import Context


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("flash-test")(flash_test)


def flash_test(
    ctx: typer.Context,
    heard: bool = typer.Option(None, "--heard/--not-heard", help="Whether a person heard it; asked at a terminal."),
) -> None:
    """Ring the bell once, without a note, as a FLASH would; once a shift. Exit code 4 if it did not ring."""
    c: Context = ctx.obj
    found = c.call("flash_test", officer=c.officer)
    if heard is None and not found["failure"] and sys.stdin.isatty():
        heard = typer.confirm("Did it ring where the officer on duty hears it?", err=True)
    if heard is not None:
        found["heard"] = c.call("flash_heard", heard=heard)

    def show(out: Console) -> None:
        out.print(f"It did not ring: {found['failure']}." if found["failure"] else "The command ran in time.")
        if found["heard"] is None:
            out.print("Whether anybody heard it is not recorded: parley flash-test --heard.")

    c.give(found, show)
    if found["failure"] or found["heard"] is False:
        raise typer.Exit(4)
