"""Commands about wording: what to look at again before a note goes out, and how lines came across afterwards."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines, words
from parley.doors.problems import DoorProblem
from parley.doors.wording import wording as as_values
from parley.forms import Facts, load, look

group = typer.Typer(
    help="Words to look at again before release, and lines that came across differently.", no_args_is_help=True
)
COLUMNS = ("form", "version", "line", "language", "n", "differed", "low permille", "high permille", "option", "count")


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="wording")


@group.callback()
def wording() -> None:
    """Words to look at again before release, and lines that came across differently."""


@group.command()
def check(
    ctx: typer.Context,
    draft_id: str = typer.Argument("", metavar="[DRAFT]", help="Id of a draft; without one, --words is looked at."),
    text: str = typer.Option("", "--words", help="Own words; - reads them from standard input. Needs no node."),
    written_in: str = typer.Option("en", "--written-in", help="Language of --words: ar, zh, en, fr, ru, es."),
    language: str = typer.Option(
        "", help="Language of the advice; default: the desk's, with --words that of the words."
    ),
    accusation: bool = typer.Option(False, "--accusation", help="--words stand in a note that accuses."),
) -> None:
    """Loaded, ambiguous, escalatory words, figures of speech, and what a note lacks. Advice; it stops nothing."""
    c: Context = ctx.obj
    if bool(draft_id) is bool(text):
        raise DoorProblem("usage", what="name a draft, or give --words", command="parley wording check")
    if draft_id:
        found = c.call("draft_wording", opened=True, draft_id=draft_id, language=language or c.language)
    else:
        for one in filter(None, (written_in, language)):
            load().voice(one)
        typed = sys.stdin.read() if text == "-" else text
        facts = Facts(accusation=accusation, asks=True, answer_by=True)
        found = as_values(look(typed, written_in, facts), language or written_in)
    nothing = "Nothing to look at again."
    c.give(found, lambda out: show(out, found) if found["findings"] else out.print(nothing))


def show(out: Console, found: dict[str, Any]) -> None:
    """The findings under their heading; nothing where there are none."""
    if found["findings"]:
        words(out, found["heading"])
        for finding in found["findings"]:
            words(out, f"  {finding['text']}")


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
