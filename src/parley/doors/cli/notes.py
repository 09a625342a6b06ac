"""Commands that read: inbox, show, state, read-back; and parcels by hand: parcel, take."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from parley.doors.cli.context import Context
from parley.doors.cli.say import console, words
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg

PICTURES = ("svg", "png", "terminal")
ON_PAPER = 56_000  # bytes of sealed items: with their frame round them they fit on paper (spec/paper.md)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(inbox)
    app.command()(show)
    app.command()(state)
    app.command("read-back")(read_back)
    app.command()(parcel)
    app.command()(take)


def inbox(
    ctx: typer.Context,
    limit: int = typer.Option(20, help="How many, newest first."),
    direction: str = typer.Option("", help="in or out; default both"),
) -> None:
    """Notes, newest first, and where each stands with its counterpart."""
    c: Context = ctx.obj
    found = c.call("inbox", limit=limit, direction=direction, officer=c.officer)

    def render(out: Console) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        for head in ("note", "", "form", "with", "precedence", "signed", "delivery", "understood", "answer"):
            table.add_column(head, overflow="fold", no_wrap=head in ("note", "", "form", "signed"))
        for note in found:
            for row in note["with"]:
                arrow = "→" if note["direction"] == "out" else "←"
                table.add_row(
                    note["note"][:8], arrow, str(note["form"]), row["party"], note["precedence"].lower(),
                    dtg(note["signed_at"])[:7], _delivery(row), _understood(row), row["answer"].replace("_", " "),
                )  # fmt: skip
        out.print(table)
        for note in found:
            if note["exercise"]:
                out.print("Some of these are exercises; parley show says which.")
                break

    c.give(found, render)


def show(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of the note, or its beginning."),
    language: str = typer.Option("", help="ar, zh, en, fr, ru, es; default: the desk's."),
    width: int = typer.Option(80, help="Columns of the page."),
) -> None:
    """Show a note in a language. For one of theirs this is "read", and its sender may be told so."""
    c: Context = ctx.obj
    spoken = language or c.language
    found = c.call("show", opened=True, note=note, language=spoken, officer=c.officer, width=width)

    def render(out: Console) -> None:
        for mark in found["marks"]:
            out.print(f"! {mark}")
        print(found["text"])  # laid out by the form itself, in either direction

    c.give(found, render)


def state(ctx: typer.Context, note: str = typer.Argument(..., help="Id of the note, or its beginning.")) -> None:
    """Where a note stands, and every receipt about it."""
    c: Context = ctx.obj
    found = c.call("state", opened=True, note=note)

    def render(out: Console) -> None:
        for row in found["with"]:
            answer = row["answer"].replace("_", " ")
            out.print(f"{row['party']}: {_delivery(row)}, {_understood(row)}, answer {answer}")
            for step, at in row["times"].items():
                out.print(f"  {step:<12} {dtg(at)}")

    c.give(found, render)


def read_back(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of the note, or its beginning."),
    answer: list[str] = typer.Option([], help="LINE=OPTION; without it the questions are asked here."),
    decline: bool = typer.Option(False, help="Decline, without reason; no clock punishes that."),
    language: str = typer.Option("", help="ar, zh, en, fr, ru, es; default: the desk's."),
    role: str = typer.Option("duty officer", help="What the sender learns of who answered."),
) -> None:
    """Say what a note says, so that its sender knows how it came across. Without a terminal: list the questions."""
    c: Context = ctx.obj
    spoken = language or c.language
    questions = c.call("questions", opened=True, note=note, language=spoken)
    began = time.monotonic()
    if not decline and not answer and not sys.stdin.isatty():
        c.give(questions, lambda out: _options(out, questions))
        return
    given = None if decline else (parsed_answers(answer) if answer else _asked(questions))
    seconds = int(time.monotonic() - began)
    attempt = c.call("read_back", opened=True, note=note, answers=given, language=spoken, role=role, seconds=seconds)
    c.give({"attempt": attempt}, lambda out: out.print("Your read-back is on its way to the sender."))


def parcel(
    ctx: typer.Context,
    party: str = typer.Argument(..., help="For whom."),
    file: Path = typer.Argument(..., help="The file to write; with --qr, the folder."),
    qr: bool = typer.Option(False, "--qr", help="As QR codes on paper: pictures and page.html, to be printed."),
    picture: str = typer.Option("svg", help="With --qr: svg, png, or terminal (shown here, nothing is written)."),
    spare: int = typer.Option(
        33, help="With --qr: frames beyond those needed, in percent; at least two.", min=0, max=200
    ),
    particulars: bool = typer.Option(False, help="With --qr: our particulars too, which take some thirty frames."),
) -> None:
    """Write everything that waits for a party to a file, to be carried by hand. It stays in the outbox too.

    With --qr, the most urgent of it that fits on some twenty sheets.
    """
    c: Context = ctx.obj
    if not qr:
        c.backstage.write_parcel(file, c.call("hand_parcel", opened=True, party=party))
        c.told({"parcel": str(file)}, f"Parcel for {party} in {file}. There: parley take FILE --reply FILE.")
        return
    _one_of_kinds(picture)
    data = c.call("hand_parcel", opened=True, party=party, news=particulars, most_bytes=ON_PAPER)
    _on_paper(c, file, data, picture, spare, f"for {party}")


def take(
    ctx: typer.Context,
    files: list[Path] = typer.Argument(
        ..., help="A parcel; or pictures of QR frames, or text with them, all together."
    ),
    reply: Path = typer.Option(None, help="Write our receipts to this file; with --qr, folder."),
    qr: bool = typer.Option(False, "--qr", help="The reply as QR codes on paper."),
    picture: str = typer.Option("svg", help="With --qr: svg, png, or terminal."),
) -> None:
    """Take a parcel that was carried by hand. What came before, by whatever bearer, is not taken twice."""
    c: Context = ctx.obj
    _one_of_kinds(picture)
    parcels = c.backstage.read_parcels(files)
    for number, data in enumerate(parcels, 1):
        back = c.call("take_parcel", opened=True, data=data)
        place = reply if reply is None or number == 1 else reply.with_name(f"{reply.stem}-{number}{reply.suffix}")
        if place is not None and qr:
            _on_paper(c, place, back, picture, 33, "with our receipts")
        elif place is not None:
            c.backstage.write_parcel(place, back)
    held = c.call("status")["locked"] and c.backstage.running(c.home)
    told = {"taken": ", ".join(map(str, files)), "reply": str(reply or ""), "held": held}
    said = "Taken, and held: the node is locked. It opens it at parley unlock." if held else "Taken."
    if not (qr and reply is not None):
        c.told(told, f"{said}{f' Our answer is in {reply}.' if reply and not held else ''}")


def _one_of_kinds(given: str) -> None:
    if given not in PICTURES:
        raise DoorProblem("bad_choice", given=given[:20], what="a kind of picture", choices=", ".join(PICTURES))


def _on_paper(c: Context, folder: Path, data: bytes, picture: str, spare: int, what: str) -> None:
    count, text = c.backstage.write_on_paper(folder, data, kind=picture, spare=spare)
    found = {"parcel": "" if text else str(folder), "frames": count}
    sentence = f"{count} frames {what} in {folder}; print page.html there. The other desk: parley take PICTURE..."
    c.give(found, lambda out: print(text) if text else out.print(sentence))


def _asked(questions: list[dict[str, Any]]) -> dict[int, str]:
    out = console(error=True)
    answers = {}
    for question in questions:
        out.print()
        words(out, question["text"])
        for number, option in enumerate(question["options"], 1):
            words(out, f"  {number}. {option['text']}")
        chosen = typer.prompt("Number", type=int, err=True)
        while not 1 <= chosen <= len(question["options"]):
            chosen = typer.prompt(f"A number from 1 to {len(question['options'])}", type=int, err=True)
        answers[question["line"]] = question["options"][chosen - 1]["id"]
    return answers


def _options(out: Console, questions: list[dict[str, Any]]) -> None:
    """The questions with the ids of their options, for answering with --answer."""
    for question in questions:
        words(out, f"{question['line']}: {question['text']}")
        for option in question["options"]:
            words(out, f"    {question['line']}={option['id']}  {option['text']}")


def parsed_answers(given: list[str]) -> dict[int, str]:
    """LINE=OPTION, repeated; raises DoorProblem ``bad_pair``."""
    answers = {}
    for one in given:
        line, equals, option = one.partition("=")
        if not equals or not (line.isascii() and line.isdigit()):
            raise DoorProblem("bad_pair", given=one[:40], wanted="LINE=OPTION", example="--answer 6=not-accusation")
        answers[int(line)] = option
    return answers


def _delivery(row: dict[str, Any]) -> str:
    """With what was withheld: it is shown as withheld, never as not done; a refusal with the reason that was given."""
    withheld = f" ({', '.join(row['withheld'])} withheld)" if row["withheld"] else ""
    reason = f" ({row['reason']})" if row["delivery"] == "refused" and row["reason"] else ""
    return f"{row['delivery']}{withheld}{reason}"


def _understood(row: dict[str, Any]) -> str:
    """Never "misread": a line came across differently."""
    if row["understanding"] == "differs":
        several = len(row["differs"]) > 1
        return f"line{'s' * several} {', '.join(map(str, row['differs']))} differ{'s' * (not several)}"
    return str(row["understanding"]).replace("_", " ")
