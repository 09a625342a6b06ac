"""Commands of the watch: flash-test, handover."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.drills import span_of
from parley.doors.cli.handover_page import print_page, text_page
from parley.doors.cli.say import lines


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("flash-test")(flash_test)
    app.command()(handover)


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


def handover(
    ctx: typer.Context,
    since: str = typer.Option("12h", help="So long ago (12h, 30m, 2d), or a UTC instant."),
    file: Path = typer.Option(None, "--print", help="Write the page to this file as HTML, to be printed."),
    everything: bool = typer.Option(False, "--all", help="All entries, however many pages that takes."),
) -> None:
    """One page for the next officer: what came, what is awaited, by when, from whom, and what changed."""
    c: Context = ctx.obj
    found = c.call("handover", since=_since(c, since))
    if file is None:
        c.give(found, lines(text_page(found, everything=everything)))
        return
    c.backstage.write(file, print_page(found, everything=everything).encode())
    c.told({"file": str(file)}, f"The page is in {file}.")


def _since(c: Context, given: str) -> int:
    """A UTC instant, or so long before now."""
    at: int = c.backstage.instant(given if "T" in given else "now")
    return at if "T" in given else at - span_of(given)
