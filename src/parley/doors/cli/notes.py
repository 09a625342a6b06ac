"""Commands that read: inbox, show, state, read-back, take (a parcel by hand)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from parley.doors.cli.context import Context, console, fail_plainly
from parley.terms.instant import dtg


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(inbox)
    app.command()(show)
    app.command()(state)
    app.command("read-back")(read_back)
    app.command()(take)


def inbox(
    ctx: typer.Context, limit: int = typer.Option(20), direction: str = typer.Option("", help="in or out; default both")
) -> None:
    """Notes, newest first, and where each stands with its counterpart."""
    c: Context = ctx.obj
    found = c.call("inbox", limit=limit, direction=direction)

    def render(out: Console) -> None:
        table = Table(box=None, pad_edge=False)
        for head in ("note", "", "form", "with", "precedence", "signed", "delivery", "understood", "answer"):
            table.add_column(head, no_wrap=True)
        for note in found:
            for row in note["with"]:
                arrow = "→" if note["direction"] == "out" else "←"
                table.add_row(
                    note["note"][:8], arrow, str(note["form"]), row["party"], note["precedence"].lower(),
                    dtg(note["signed_at"])[:7], row["delivery"], _understood(row), row["answer"].replace("_", " "),
                )  # fmt: skip
        out.print(table)

    c.give(found, render)


def show(
    ctx: typer.Context,
    note: str,
    language: str = typer.Option("", help="ar, zh, en, fr, ru, es; default: the desk's."),
    width: int = typer.Option(80),
) -> None:
    """Show a note in a language. For one of theirs this is "read", and its sender may be told so."""
    c: Context = ctx.obj
    spoken = language or c.home.settings().language
    found = c.call("show", opened=True, note=note, language=spoken, officer=c.officer, width=width)

    def render(out: Console) -> None:
        for mark in found["marks"]:
            out.print(f"! {mark}")
        print(found["text"])

    c.give(found, render)


def state(ctx: typer.Context, note: str) -> None:
    """Where a note stands, and every receipt about it."""
    c: Context = ctx.obj
    found = c.call("state", opened=True, note=note)

    def render(out: Console) -> None:
        for row in found["with"]:
            out.print(f"{row['party']}: {row['delivery']}, {_understood(row)}, answer {row['answer']}")
            for step, at in row["times"].items():
                out.print(f"  {step:<12} {dtg(at)}")

    c.give(found, render)


def read_back(
    ctx: typer.Context,
    note: str,
    answer: list[str] = typer.Option([], help="LINE=OPTION; without it the questions are asked here."),
    decline: bool = typer.Option(False, help="Decline, without reason; no clock punishes that."),
    language: str = typer.Option(""),
    role: str = typer.Option("duty officer", help="What the sender learns of who answered."),
) -> None:
    """Say what a note says, so that its sender knows how it came across."""
    c: Context = ctx.obj
    spoken = language or c.home.settings().language
    questions = c.call("questions", opened=True, note=note, language=spoken)
    began = time.monotonic()
    given = None if decline else (_parsed(answer) if answer else _asked(c, note, spoken, questions))
    seconds = int(time.monotonic() - began)
    attempt = c.call("read_back", opened=True, note=note, answers=given, language=spoken, role=role, seconds=seconds)
    c.give({"attempt": attempt}, lambda out: out.print("Your read-back is on its way to the sender."))


def take(
    ctx: typer.Context, file: Path, reply: Path = typer.Option(None, help="Write our receipts to this file.")
) -> None:
    """Take a parcel that was carried by hand."""
    c: Context = ctx.obj
    back = c.call("take_parcel", opened=True, data=c.backstage.read_parcel(file))
    if reply is not None:
        c.backstage.write_parcel(reply, back)
    c.give(
        {"taken": str(file), "reply": str(reply or "")},
        lambda out: out.print(f"Taken. {'Receipts in ' + str(reply) if reply else ''}"),
    )


def _asked(c: Context, note: str, language: str, questions: list[dict[str, Any]]) -> dict[int, str]:
    out = console(error=True)
    answers = {}
    for question in questions:
        out.print(f"\n{question['text']}")
        for number, option in enumerate(question["options"], 1):
            out.print(f"  {number}. {option['text']}")
        chosen = typer.prompt("Number", type=int, err=True)
        if not 1 <= chosen <= len(question["options"]):
            fail_plainly(f"{chosen} is not one of the numbers.", "Start the read-back again.")
        answers[question["line"]] = question["options"][chosen - 1]["id"]
    return answers


def _parsed(given: list[str]) -> dict[int, str]:
    answers = {}
    for one in given:
        line, equals, option = one.partition("=")
        if not equals or not line.isdigit():
            fail_plainly(f"“{one[:40]}” is not LINE=OPTION.", "Write for example --answer 6=not-accusation.")
        answers[int(line)] = option
    return answers


def _understood(row: dict[str, Any]) -> str:
    """Never "misread": a line came across differently."""
    if row["understanding"] == "differs":
        return f"line {', '.join(map(str, row['differs']))} differs"
    return str(row["understanding"]).replace("_", " ")
