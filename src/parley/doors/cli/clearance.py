"""Commands of clearance: submit, clear and release a note in several hands; what waits; reviews; what is cleared ahead.

A passphrase goes from here to the signer and nowhere else; a code read out by telephone goes the same way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.clearance import FREE, Role
from parley.doors.cli.context import RELEASE, Context
from parley.doors.cli.drafting import REASON, WAIT, YES, precedence_code, sent
from parley.doors.cli.drafting import release as release_made
from parley.doors.cli.office import NAMED, WITH, WITH_FILE, acting, office_of, told_node
from parley.doors.cli.say import words
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg

group = typer.Typer(help="Notes that wait, reviews, and what is cleared ahead.", no_args_is_help=True)
NOTE = typer.Argument(..., metavar="NOTE", help="Id of a note that waits, or its beginning; see parley clearance list.")
CODE = typer.Option("", help="The ten digits that the officer read out by telephone.")


def add_to(app: typer.Typer) -> None:
    """Register the commands and the group."""
    for command in (submit, clear, release):
        app.command()(command)
    app.add_typer(group, name="clearance")


def submit(ctx: typer.Context, draft_id: str = typer.Argument(..., metavar="DRAFT", help="Id of the draft.")) -> None:
    """Make a draft ready for others to clear and release: its exact bytes, with your word that you drafted them."""
    c: Context = ctx.obj
    secret = c.passphrase(f"Passphrase of {c.officer}", line=RELEASE)
    made = c.call("submit", opened=True, draft_id=draft_id, officer=c.officer, language=c.language)
    word = c.backstage.say_word(c.home, made["office"], made["payload"], c.officer, secret, Role.DRAFTER)
    made = c.call("word_told", opened=True, waiting=made["note"], word=word)
    lacks = f" It lacks the word of: {', '.join(made['missing'])}." if made["missing"] else ""
    c.told(_plain(made), f"Note {made['note'][:16]} waits until {dtg(made['until'])}.{lacks}")


def clear(
    ctx: typer.Context,
    note: str = NOTE,
    role: str = typer.Option(..., "--role", help="In which role: technical, legal, political, drafter."),
    code: str = CODE,
    officer: str = typer.Option("", help="With --code: whose word it is."),
    yes: bool = YES,
) -> None:
    """Clear a note that waits, in a role that you hold: it is shown beside its digest; the signer hears your word."""
    c: Context = ctx.obj
    if role not in (allowed := ("technical", "legal", "political", "drafter")):
        raise DoorProblem("bad_choice", given=role[:20], what="a role that clears", choices=", ".join(allowed))
    made = _shown(c, note)
    if not yes:
        c.confirm(f"Clear this note as {role}?")
    if code:
        who = officer or c.officer
        word = c.backstage.say_word_by_code(c.home, made["office"], made["payload"], who, code, role)
    else:
        secret = c.passphrase(f"Passphrase of {c.officer}", line=RELEASE)
        word = c.backstage.say_word(c.home, made["office"], made["payload"], c.officer, secret, role)
    made = c.call("word_told", opened=True, waiting=made["note"], word=word)
    lacks = f"still lacks: {', '.join(made['missing'])}" if made["missing"] else "lacks no other word"
    c.told(_plain(made), f"{word['officer']} cleared note {made['note'][:16]} as {role}; it {lacks}.")


def release(
    ctx: typer.Context,
    note: str = NOTE,
    code: str = CODE,
    officer: str = typer.Option("", help="With --code: who releases."),
    reason: str = REASON,
    yes: bool = YES,
    wait: float = WAIT,
) -> None:
    """Release a note that waits: with your passphrase, or with a code that the releaser read out by telephone."""
    c: Context = ctx.obj
    made = c.call("waiting_note", opened=True, waiting=note, officer=c.officer, language=c.language)
    if not code:
        sent(c, release_made(c, made, yes=yes, reason=reason), "Note", wait)
        return
    _print(c, made)
    done = c.backstage.release_by_code(c.home, made["office"], made["payload"], officer or c.officer, code, reason)
    out = c.call("release", opened=True, signed=done["signed"], verdict=done["verdict"])
    sent(c, out, "Note", wait)


@group.command("list")
def listed(ctx: typer.Context) -> None:
    """What waits for words or for its release."""
    c: Context = ctx.obj
    found = c.call("waiting", opened=True, officer=c.officer)

    def show(out: Console) -> None:
        for one in found:
            said = ", ".join(f"{word['officer']} ({word['role']})" for word in one["words"]) or "nobody yet"
            lacks = f"; lacks {', '.join(one['missing'])}" if one["missing"] else ""
            changed = "; its draft was changed since" if one["changed"] else ""
            out.print(f"{one['note'][:16]}  form {one['form']} to {', '.join(one['to'])}, until {dtg(one['until'])}")
            out.print(f"  said so far: {said}{lacks}{changed}")
        if not found:
            out.print("Nothing waits. A draft is made ready by: parley submit DRAFT")

    c.give([_plain(one) for one in found], show)


@group.command()
def show(ctx: typer.Context, note: str = NOTE) -> None:
    """The note as it would be signed, beside its digest: what a passkey or a code is bound to."""
    c: Context = ctx.obj
    made = c.call("waiting_note", opened=True, waiting=note, officer=c.officer, language=c.language)
    if c.as_json:
        c.give(_plain(made), lambda out: None)
    else:
        _print(c, made)


@group.command()
def number(ctx: typer.Context, note: str = NOTE) -> None:
    """Draw the number that you read out to a releaser by telephone, for this very note."""
    c: Context = ctx.obj
    made = _shown(c, note)
    drawn = c.backstage.telephone_number(c.home, made["office"], made["payload"])

    def show(out: Console) -> None:
        out.print("Read out the note, then this number; it serves half an hour and three attempts:")
        out.print(f"  {drawn['number']}")
        out.print(f"Then: parley release {made['note'][:16]} --officer NAME --code CODE")

    c.give(drawn, show)


@group.command()
def withdraw(ctx: typer.Context, note: str = NOTE) -> None:
    """Take a note back that waits: its draft can be changed again."""
    c: Context = ctx.obj
    draft = c.call("withdraw", opened=True, waiting=note)
    c.told({"draft": draft}, f"Withdrawn. Its draft is {draft}.")


@group.command()
def review(
    ctx: typer.Context,
    note: str = typer.Argument("", help="Id of the note, or its beginning; without it: what awaits a review."),
    remark: str = typer.Option("", help="What you found, one sentence."),
) -> None:
    """What officers released alone, and your review of it; both are journalled."""
    c: Context = ctx.obj
    if note:
        one = c.call("review", opened=True, note=note, officer=c.officer, remark=remark)
        c.told(one, f"Reviewed: note {one['note'][:16]}, released by {one['officer']} alone.")
        return
    found = c.call("to_review", opened=True)

    def show(out: Console) -> None:
        for one in found:
            kind = "exercise" if one["exercise"] else "real"
            out.print(f"{one['note'][:16]}  form {one['form']}, {one['precedence']}, {kind}, {dtg(one['at'])}")
            words(out, f"  released by {one['officer']} alone: {one['reason']}")
        if not found:
            out.print("Nothing awaits a review.")

    c.give(found, show)


# -- the signer, for passkeys and telephone codes


@group.command("open")
def open_(
    ctx: typer.Context,
    hours: float = typer.Option(12.0, min=0.1, max=24.0, help="For how long."),
    office: str = NAMED,
) -> None:
    """Open the office key for passkeys and telephone codes, for a shift; each note still needs its own."""
    c: Context = ctx.obj
    where = office_of(c, office)
    secret = c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE)
    c.backstage.open_signer(c.home, where, c.officer, secret, int(hours * 3600))
    c.told({"office": where, "hours": hours}, f"The key of office {where} is open for {hours:g} hours.")


@group.command()
def shut(ctx: typer.Context, office: str = NAMED) -> None:
    """Close it to them."""
    c: Context = ctx.obj
    where = office_of(c, office)
    c.backstage.shut_signer(c.home, where)
    c.told({"office": where, "hours": 0}, f"The key of office {where} is closed to passkeys and codes.")


@group.command()
def state(ctx: typer.Context, office: str = NAMED) -> None:
    """Whether it is open, and who opened it."""
    c: Context = ctx.obj
    found = c.backstage.signer_state(c.home, office_of(c, office))
    by = found["opened_by"]
    c.told(found, f"Open, by {by}, for {found['seconds'] // 60} minutes yet." if by else "Not open.")


# -- cleared ahead, and policy


@group.command("ahead")
def ahead(ctx: typer.Context, office: str = NAMED) -> None:
    """What directors cleared ahead."""
    c: Context = ctx.obj
    found = c.backstage.office_roster(c.home, office_of(c, office))["ahead"]

    def show(out: Console) -> None:
        for one in found:
            to = ", ".join(one["to"]) or "anybody"
            out.print(f"{one['name']}: form {one['form']} to {to}, until {dtg(one['until'])}, by {one['by']}")
            for line, allowed in one["lines"].items():
                said = "anything" if FREE in allowed else ", ".join(map(str, allowed))
                words(out, f"  line {line}: {said}")
        if not found:
            out.print("Nothing is cleared ahead.")

    c.give(found, show)


@group.command("ahead-add")
def ahead_add(
    ctx: typer.Context,
    name: str = typer.Argument(..., help="How it is called: small letters, digits and hyphens."),
    form: int = typer.Option(..., help="Number of the form."),
    line: list[str] = typer.Option([], help="NUMBER=CODE that the line may have; NUMBER=* for anything; repeat."),
    to: list[str] = typer.Option([], help="PARTY/office that it may go to; repeat. None: anybody."),
    days: int = typer.Option(7, min=1, max=92, help="For how long."),
    highest: str = typer.Option("flash", help="Up to this precedence."),
    uses: int = typer.Option(20, min=1, max=1000, help="How many notes at most."),
    exercise: bool = typer.Option(None, "--exercise/--real", help="Only exercises, or only what is real."),
    office: str = NAMED,
) -> None:
    """Clear a form ahead, within bounds: a releaser may then send it alone. Only a director: political and releaser."""
    c: Context = ctx.obj
    where, by = acting(c, office)
    at = c.backstage.now()
    fields: dict[str, Any] = {
        "name": name, "form": form, "lines": _bounds(form, line), "to": tuple(to), "since": at,
        "until": at + days * 86_400_000, "highest": precedence_code(highest), "uses": uses, "exercise": exercise,
    }  # fmt: skip
    c.backstage.clear_ahead(c.home, where, by, fields)
    told_node(c, where)
    c.told({"name": name, "form": form, "until": fields["until"]}, f"Form {form} is cleared ahead as {name}.")


@group.command("ahead-drop")
def ahead_drop(ctx: typer.Context, name: str = typer.Argument(..., help="Its name."), office: str = NAMED) -> None:
    """Take back what was cleared ahead."""
    c: Context = ctx.obj
    where, by = acting(c, office)
    c.backstage.drop_ahead(c.home, where, by, name)
    told_node(c, where)
    c.told({"dropped": name}, f"{name} is cleared ahead no more.")


@group.command()
def policy(
    ctx: typer.Context,
    file: Path = typer.Argument(None, help="One of your own (docs/clearance.md); without it: show the one in force."),
    standard: bool = typer.Option(False, "--standard", help="Go back to the policy that Parley ships with."),
    office: str = NAMED,
    second: str = WITH,
    second_file: Path = WITH_FILE,
) -> None:
    """Show the release policy, or put another in force: by two officers, as roles are given."""
    c: Context = ctx.obj
    if file is not None or standard:
        where, by = acting(c, office)
        c.backstage.set_policy(c.home, where, c.both(by, second, second_file), None if standard else file)
        told_node(c, where)
    else:
        where = office_of(c, office)
    found = c.backstage.office_policy(c.home, where)

    def show(out: Console) -> None:
        for rule in (*found["rules"], found["otherwise"]):
            out.print(f"{rule['kind']}: {_said(rule)}")
        out.print("Whatever a file says: what accuses, attribution, protest and claim need legal and political,")
        out.print("and never go out alone or ahead.")

    c.give(found, show)


def _said(rule: dict[str, Any]) -> str:
    forms = ", ".join(map(str, rule["forms"])) or "all others"
    needs = ["another who drafted it"] * rule["two"] + list(rule["needs"])
    ways = ["alone with a reason"] * rule["lone"] + ["ahead"] * rule["ahead"]
    return f"forms {forms}; needs {', '.join(needs) or 'nobody else'}{'; or ' if ways else ''}{' or '.join(ways)}"


def _bounds(form: int, line: list[str]) -> dict[int, list[Any]]:
    """Bounds as typed: each line with every value that it may have."""
    from parley.desk.fill import fill
    from parley.forms import load

    bounds: dict[int, list[Any]] = {}
    for one in line:
        number, equals, code = one.partition("=")
        if not equals or not (number.isascii() and number.isdigit()):
            raise DoorProblem("bad_pair", given=one[:40], wanted="NUMBER=CODE", example="--line 10=drill")
        values: Any = [FREE] if code == FREE else fill(load().form(form), [(int(number), code)])[int(number)]
        bounds.setdefault(int(number), []).extend(values if isinstance(values, list) else [values])
    return bounds


def _shown(c: Context, note: str) -> dict[str, Any]:
    made: dict[str, Any] = c.call("waiting_note", opened=True, waiting=note, officer=c.officer, language=c.language)
    _print(c, made)
    return made


def _print(c: Context, made: dict[str, Any]) -> None:
    if not c.as_json:
        print(made["text"])
        print(f"Digest to be signed: {made['note']}")


def _plain(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name not in ("payload", "text")}
