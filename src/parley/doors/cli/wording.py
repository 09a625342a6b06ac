"""The command that shows how our wording came across."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines

group = typer.Typer(help="Which lines of our notes came across differently.", no_args_is_help=True)
COLUMNS = ("form", "version", "line", "language", "n", "differed", "low permille", "high permille", "option", "count")


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="wording")


@group.callback()
def wording() -> None:
    """Which lines of our notes came across differently."""


@group.command()
def report(
    ctx: typer.Context,
    exercise: bool = typer.Option(False, "--exercise", help="Count exercises, and these alone; default: real notes."),
    export: Path = typer.Option(None, "--csv", help="Write the counts to this file as CSV."),
) -> None:
    """Read-backs counted by form, line, language and option; names no person, no party, and nothing that was said."""
    c: Context = ctx.obj
    found = c.call("wording_report", opened=True, exercise=exercise)
    if export is None:
        c.give(found, lines(_page(found)))
        return
    rows = list(_rows(found))
    with export.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    c.told({"csv": str(export), "rows": len(rows)}, f"{len(rows)} rows in {export}.")


def _page(found: dict[str, Any]) -> Iterator[str]:
    kind = "exercises" if found["exercise"] else "real notes"
    yield f"{found['read_backs']} read-backs of {found['notes']} {kind}, the first of each party about each note."
    missing = {name: found[name] for name in ("declined", "later", "unknown", "gone") if found[name]}
    yield f"Not counted: {', '.join(f'{name} {count}' for name, count in missing.items()) or 'none'}."
    for line in found["lines"]:
        which = f"form {line['form']}/{line['version']} line {line['line']} [{line['language']}]"
        yield f"{which}  {line['differed']['text']}"
        for option, count in line["as_options"].items():
            yield f"      as {option}: {count}"


def _rows(found: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """One row for each option that was taken for the right one; a line that came across as meant has one without."""
    for line in found["lines"]:
        differed = line["differed"]
        low, high = differed["interval"] or ("too few", "too few")
        head = (line["form"], line["version"], line["line"], line["language"], differed["of"], differed["count"])
        for option, count in line["as_options"].items() or [("", 0)]:
            yield (*head, low, high, option, count)
