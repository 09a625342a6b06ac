"""Commands that write: forms, draft, send, answer, clarify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.desk.fill import fill
from parley.doors.cli.context import Context, fail_plainly, lines
from parley.forms import load

OUTCOMES = ("accept", "decline", "in-part", "holding", "passed-to", "acted")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (forms, draft, drafts, send, answer, clarify):
        app.command()(command)


def forms(ctx: typer.Context, number: int = typer.Argument(0)) -> None:
    """The numbered forms; with a number, its lines and codes."""
    c: Context = ctx.obj
    library = load()
    if not number:
        listed = [{"number": form.number, "version": form.version, "name": form.name} for form in library.forms]
        c.give(listed, lines(f"{f['number']:>4}  {f['name']}" for f in listed))
        return
    form = library.form(number)
    rows = [
        {
            "line": line.number,
            "name": line.name,
            "kind": line.kind,
            "required": line.required,
            "many": line.many,
            "codes": list(form.codes(line)),
        }
        for line in form.lines
    ]

    def show(out: Console) -> None:
        out.print(f"Form {form.number}, version {form.version}: {form.name}")
        for line in rows:
            flags = " ".join(word for word, on in (("required", line["required"]), ("several", line["many"])) if on)
            out.print(f"{line['line']:>4}  {line['name']} ({line['kind']}) {flags}".rstrip())
            if line["codes"]:
                out.print(f"      {', '.join(line['codes'])}")  # type: ignore[arg-type]

    c.give({"form": number, "version": form.version, "lines": rows}, show)


def draft(
    ctx: typer.Context,
    form: int,
    to: list[str] = typer.Option(..., help="PARTY/office; repeat for several."),
    line: list[str] = typer.Option([], help="NUMBER=CODE; repeat. See parley forms NUMBER."),
    words: list[str] = typer.Option([], help="NUMBER=own words (not authoritative)."),
    office: str = typer.Option("duty"),
    language: str = typer.Option("", help="Language the draft is written in; default: the desk's."),
    precedence: str = typer.Option("", help="routine, priority, immediate, flash; default: the form's."),
    answer_by: str = typer.Option("", help="UTC instant, or +2h, +30m."),
    exercise: bool = typer.Option(False, "--exercise", help="An exercise, not real."),
    accusation: bool = typer.Option(False, help="This note accuses somebody. Default: it does not."),
    refers_to: list[str] = typer.Option([], help="Id of a note that this one follows."),
    override: str = typer.Option("", help="Why this is sent on particulars that have run out."),
) -> None:
    """Begin a draft; prints its id. It is checked when it is sent."""
    c: Context = ctx.obj
    spoken = language or c.home.settings().language
    fields: dict[str, Any] = {
        "form": form,
        "office": office,
        "to": tuple(to),
        "lines": fill(load().form(form), _pairs(line), {n: (spoken, text) for n, text in _pairs(words)}),
        "written_in": spoken,
        "officer": c.officer,
        "exercise": exercise,
        "accusation": accusation,
        "answer_by": c.backstage.instant(answer_by) if answer_by else None,
        "precedence": _precedence(precedence) if precedence else None,
        "refers_to": tuple(bytes.fromhex(_whole_id(c, one)) for one in refers_to),
        "override": override,
    }
    made = c.call("draft_save", opened=True, fields=fields)
    c.give({"draft": made}, lambda out: out.print(f"Draft {made}. Look at it and send it: parley send {made}"))


def drafts(ctx: typer.Context, drop: str = typer.Option("", help="Throw this draft away.")) -> None:
    """The drafts of this desk."""
    c: Context = ctx.obj
    if drop:
        c.call("draft_drop", opened=True, draft_id=drop)
    found = c.call("draft_list", opened=True)
    c.give(found, lines(f"{d['draft']}  form {d['form']:<3} to {', '.join(d['to'])}  ({d['officer']})" for d in found))


def send(
    ctx: typer.Context,
    draft_id: str,
    language: str = typer.Option("", help="Language to show the note in before release."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before releasing."),
    by_hand: Path = typer.Option(None, help="Also write what waits for the recipient to this file, to carry."),
) -> None:
    """Check a draft, show the exact note, have it signed by the office's signer, and send it on its way."""
    c: Context = ctx.obj
    made = c.call("compose", opened=True, draft_id=draft_id, language=language or c.home.settings().language)
    note = release(c, made, yes=yes)
    if by_hand is not None:
        party = c.call("state", opened=True, note=note)["with"][0]["party"]
        c.backstage.write_parcel(by_hand, c.call("hand_parcel", opened=True, party=party))
    c.give({"note": note}, lambda out: out.print(f"Note {note[:16]} is in the journal and on its way."))


def release(c: Context, made: dict[str, Any], *, yes: bool) -> str:
    """Show a composed note beside its digest, get the officer's passphrase to the signer, and hand the result in."""
    if not c.as_json:
        print(made["text"])
        print(f"Digest to be signed: {made['note']}")
    if not yes and not c.as_json:
        typer.confirm("Release this note?", abort=True, err=True)
    passphrase = c.passphrase(f"Release passphrase of {c.officer}")
    signed = c.backstage.release(c.home, made["office"], made["payload"], c.officer, passphrase)
    note: str = c.call("release", opened=True, signed=signed)
    return note


def answer(
    ctx: typer.Context,
    note: str,
    outcome: str = typer.Argument(..., help=", ".join(OUTCOMES)),
    line: list[str] = typer.Option([], help="NUMBER=CODE; see parley forms 20."),
    words: str = typer.Option("", help="Own words (not authoritative)."),
    language: str = typer.Option(""),
    yes: bool = typer.Option(False, "--yes"),
) -> None:
    """Answer a note: accept, decline, in-part, holding, passed-to, acted."""
    c: Context = ctx.obj
    spoken = language or c.home.settings().language
    coded = fill(load().form(20), [(10, outcome), *_pairs(line)], {14: (spoken, words)} if words else None)
    made = c.call("reply_draft", opened=True, note=note, form=20, lines=coded, language=spoken, officer=c.officer)
    sent = release(c, c.call("compose", opened=True, draft_id=made, language=spoken), yes=yes)
    c.give({"note": sent}, lambda out: out.print(f"Answer {sent[:16]} is on its way."))


def clarify(
    ctx: typer.Context,
    note: str,
    party: str,
    line: int = typer.Argument(..., help="The line that came across differently."),
    language: str = typer.Option(""),
    yes: bool = typer.Option(False, "--yes"),
) -> None:
    """Clarify one line of a note of ours; the form begins with our own fault."""
    c: Context = ctx.obj
    spoken = language or c.home.settings().language
    made = c.call(
        "clarification_draft", opened=True, note=note, party=party, line=line, language=spoken, officer=c.officer
    )
    sent = release(c, c.call("compose", opened=True, draft_id=made, language=spoken), yes=yes)
    c.give({"note": sent}, lambda out: out.print(f"Clarification {sent[:16]} is on its way."))


def _pairs(given: list[str]) -> list[tuple[int, str]]:
    pairs = []
    for one in given:
        number, equals, code = one.partition("=")
        if not equals or not number.strip().isdigit():
            fail_plainly(f"“{one[:40]}” is not NUMBER=CODE.", "Write for example --line 10=stop-traffic.")
        pairs.append((int(number), code))
    return pairs


def _precedence(word: str) -> int:
    order = ("routine", "priority", "immediate", "flash")
    if word.lower() not in order:
        fail_plainly(f"“{word[:20]}” is not a precedence.", f"Choose one of {', '.join(order)}.")
    return order.index(word.lower())


def _whole_id(c: Context, given: str) -> str:
    found: str = c.call("state", opened=True, note=given)["note"]
    return found
