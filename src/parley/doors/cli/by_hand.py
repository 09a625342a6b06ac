"""Commands for a counterpart that runs no Parley: contacts, and what goes to it and comes back by hand."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.notes import parsed_answers
from parley.doors.cli.say import lines, right_to_left, words
from parley.terms.instant import dtg

UNVERIFIED = "By hand, unverified:"
WAYS = "mail, paper, telephone, in-person"
contacts_app = typer.Typer(help="Offices without Parley, as an officer entered them.", no_args_is_help=True)
by_hand_app = typer.Typer(help="Offices without Parley: text, telephone, what was heard.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(contacts_app, name="contacts")
    app.add_typer(by_hand_app, name="by-hand")


@contacts_app.command("add")
def add(
    ctx: typer.Context,
    party: str = typer.Argument(..., help="Code of the state, or O- and a name."),
    office: str = typer.Option("duty", help="The office, as notes name it."),
    language: str = typer.Option(..., help="ar, zh, en, fr, ru, es: the language of their text, beside ours."),
    telephone: str = typer.Option("", help="For our own officer; never dialled by Parley."),
    email: str = typer.Option("", help="For our own officer; never written to by Parley."),
) -> None:
    """Enter or replace how an office without Parley is reached. It implies no recognition of anyone."""
    c: Context = ctx.obj
    fields = {
        "party": party,
        "office": office,
        "language": language,
        "telephone": telephone,
        "email": email,
        "entered_by": c.officer,
    }
    c.call("contact_add", opened=True, fields=fields)
    c.told({"contact": party}, f"Entered: {party}/{office}. Notes to it go by hand: parley by-hand text NOTE {party}")


@contacts_app.command("list")
def listed(ctx: typer.Context) -> None:
    """All contacts."""
    c: Context = ctx.obj
    found = c.call("contacts")
    c.give(found, lines(_contact(row) for row in found) if found else lines(["No contact is entered."]))


@contacts_app.command("drop")
def drop(ctx: typer.Context, party: str = typer.Argument(..., help="Code of the party.")) -> None:
    """Forget a contact; what was entered about its notes stays."""
    c: Context = ctx.obj
    c.call("contact_drop", party=party)
    c.told({"dropped": party}, f"{party} is no contact any more.")


@by_hand_app.command("text")
def text(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of our note, or its beginning."),
    party: str = typer.Argument(..., help="For whom."),
    file: Path = typer.Option(None, help="Write it to this file, for a mail or a printer."),
    language: str = typer.Option("", help="Ours, beside theirs; default: the desk's."),
) -> None:
    """The note as numbered text in both languages. It bears no signature, and says so."""
    c: Context = ctx.obj
    found = c.call("by_hand_text", opened=True, note=note, party=party, language=language or c.language)
    if file is None:
        c.give({"text": found}, lambda out: sys.stdout.write(found))
        return
    file.write_text(found, encoding="utf-8")
    c.told({"file": str(file)}, f"In {file}. Once it has gone: parley by-hand enter {note} {party} carried --way mail")


@by_hand_app.command("script")
def script(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of our note, or its beginning."),
    party: str = typer.Argument(..., help="Whom you call."),
    language: str = typer.Option("", help="Ours, beside theirs; default: the desk's."),
) -> None:
    """What to say on the telephone: the read-back in their language, with ours under it."""
    c: Context = ctx.obj
    found = c.call("by_hand_script", opened=True, note=note, party=party, language=language or c.language)
    c.give(found, lambda out: _script(out, found, note, party))


@by_hand_app.command("enter")
def enter(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of our note, or its beginning."),
    party: str = typer.Argument(..., help="About whom."),
    what: str = typer.Argument(..., help="carried, confirmed, read-back, declined, answered"),
    way: str = typer.Option(..., help=WAYS),
    answer: list[str] = typer.Option([], help="For read-back: LINE=OPTION as heard; repeat."),
    heard: str = typer.Option("", "--words", help="What was said, in their words."),
    role: str = typer.Option("", help="Who on the other side; a role, no name."),
    at: str = typer.Option("", help="When, UTC, e.g. 2026-03-01T03:10Z; default: now."),
) -> None:
    """Write down what was seen or heard. Journalled as by hand, unverified; it never counts as a receipt."""
    c: Context = ctx.obj
    entered = c.call(
        "by_hand_enter",
        opened=True,
        note=note,
        party=party,
        what=what,
        way=way,
        at=c.backstage.instant(at) if at else None,
        officer=c.officer,
        role=role,
        answers=parsed_answers(answer),
        words=heard,
    )
    c.give(entered, lines([_entry(entered)]))


@by_hand_app.command("list")
def entries(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of our note, or its beginning."),
    party: str = typer.Argument(..., help="About whom."),
) -> None:
    """What was entered about a note, oldest first."""
    c: Context = ctx.obj
    found = c.call("by_hand_entries", opened=True, note=note, party=party)
    c.give(found, lines(_entry(row) for row in found) if found else lines(["Nothing was entered yet."]))


def _contact(row: dict[str, Any]) -> str:
    ways = ", ".join(filter(None, (row["telephone"], row["email"])))
    return f"{row['party']}/{row['office']}  {row['language']}  {ways or 'no telephone or address'}"


def _entry(row: dict[str, Any]) -> str:
    said = f"{UNVERIFIED} {row['what']} by {row['way']}, {dtg(row['at'])}"
    if row["what"] == "read-back":
        differing = ", ".join(map(str, row["differs"]))
        said += f"; line {differing} came across differently" if differing else "; as it was meant"
    who = f"; {row['role']}" if row["role"] else ""
    return f"{said}{who}; entered by {row['officer']}" + (f": {row['words']}" if row["words"] else "")


def _script(out: Console, found: dict[str, Any], note: str, party: str) -> None:
    for pair in found["before"]:
        _pair(out, pair, "")
    for number, question in enumerate(found["questions"], 1):
        out.print()
        _pair(out, question["text"], f"{number}. ")
        for option in question["options"]:
            _pair(out, option["text"], f"   {option['letter']}  ", f"  {question['line']}={option['id']}")
    out.print()
    for pair in found["after"]:
        _pair(out, pair, "")
    heard = " ".join(f"--answer {question['line']}=…" for question in found["questions"])
    out.print(f"\nThen: parley by-hand enter {note} {party} read-back --way telephone {heard}")


def _pair(out: Console, pair: list[str], head: str, code: str = "") -> None:
    """Theirs, and ours under it when it is another language; `code` is what is entered if they choose it."""
    _hanging(out, head, pair[0] if pair[1] != pair[0] else f"{pair[0]}{code}")
    if pair[1] != pair[0]:
        _hanging(out, " " * len(head), f"({pair[1]}){code}")


def _hanging(out: Console, head: str, text: str) -> None:
    """Folded under its beginning; what runs from right to left is left to the terminal, as `words` does."""
    width = out.width - len(head) - 1
    folded = [text] if right_to_left(text) else textwrap.wrap(text, width, break_on_hyphens=False)
    for number, line in enumerate(folded):
        words(out, f"{head if number == 0 else ' ' * len(head)}{line}")
