"""Commands that write: draft, amend, drafts, send, answer, clarify, and the release that they share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.desk.fill import fill
from parley.doors.cli.attachments import content
from parley.doors.cli.context import RELEASE, Context
from parley.doors.cli.say import console, lines
from parley.doors.cli.wording import show
from parley.doors.problems import DoorProblem
from parley.forms import load

OUTCOMES = ("accept", "decline", "in-part", "holding", "passed-to", "acted")
PRECEDENCES = ("routine", "priority", "immediate", "flash")
ARRIVED = ["taken", "opened", "read", "refused", "full"]
SLICE_S = 30.0
LINE = typer.Option([], help="NUMBER=CODE; repeat. See parley forms NUMBER.")
WORDS = typer.Option([], help="NUMBER=own words (not authoritative).")
ANSWER_BY = typer.Option("", help="UTC instant, or +2h, +30m; kept to the minute.")
PRECEDENCE = typer.Option("", help="routine, priority, immediate, flash; default: the form's.")
ATTACH = typer.Option([], help="A file to name and keep with the draft, at most 4 MiB; repeat.")
OVERRIDE = typer.Option("", help="Why this is sent on particulars that have run out; journalled.")
LANGUAGE = typer.Option("", help="ar, zh, en, fr, ru, es; default: the desk's.")
YES = typer.Option(False, "--yes", help="Do not ask before releasing.")
REASON = typer.Option("", help="Why an officer releases alone what nobody else drafted or cleared; journalled.")
WAIT = typer.Option(0.0, help="Wait so many seconds for the other side to take it.")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (draft, amend, drafts, send, answer, clarify):
        app.command()(command)


def draft(
    ctx: typer.Context,
    form: int = typer.Argument(..., help="Number of the form; see parley forms."),
    to: list[str] = typer.Option(..., help="PARTY/office; repeat for several."),
    line: list[str] = LINE,
    words: list[str] = WORDS,
    office: str = typer.Option("duty", help="Which of our offices writes."),
    language: str = typer.Option("", help="Language the draft is written in; default: the desk's."),
    precedence: str = PRECEDENCE,
    answer_by: str = ANSWER_BY,
    exercise: bool = typer.Option(False, "--exercise", help="An exercise, not real."),
    accusation: bool = typer.Option(False, "--accusation", help="This note accuses somebody. Default: it does not."),
    refers_to: list[str] = typer.Option([], help="Id of a note that this one follows."),
    each: bool = typer.Option(False, "--each", help="Identical notes: a draft for each, none naming another."),
    attach: list[Path] = ATTACH,
    override: str = OVERRIDE,
) -> None:
    """Begin a draft; prints its id, and which of its own words to look at again. It is checked when it is sent."""
    c: Context = ctx.obj
    spoken = language or c.language
    fields: dict[str, Any] = {
        "form": form,
        "office": office,
        "to": tuple(to),
        "lines": coded_lines(form, line, words, spoken),
        "written_in": spoken,
        "officer": c.officer,
        "exercise": exercise,
        "accusation": accusation,
        "answer_by": c.backstage.time_to_come(answer_by) if answer_by else None,
        "precedence": precedence_code(precedence) if precedence else None,
        "refers_to": tuple(bytes.fromhex(_whole_id(c, one)) for one in refers_to),
        "override": override,
    }
    files = [(one.name, content(c, one)) for one in attach]  # before anything is kept
    if each:
        made = {one: c.call("draft_save", opened=True, fields={**fields, "to": (one,)}) for one in dict.fromkeys(to)}
        for one in made.values():
            _attach(c, one, files)
        again = c.call("draft_wording", opened=True, draft_id=next(iter(made.values())), language=spoken)
        said = "\n".join(f"Draft {draft} to {one}: parley send {draft}" for one, draft in made.items())
        _told(c, {"drafts": made}, said, again)
        return
    saved = c.call("draft_save", opened=True, fields=fields)
    _attach(c, saved, files)
    again = c.call("draft_wording", opened=True, draft_id=saved, language=spoken)
    _told(c, {"draft": saved}, f"Draft {saved}. Look at it and send it: parley send {saved}", again)


def amend(
    ctx: typer.Context,
    draft_id: str = typer.Argument(..., metavar="DRAFT", help="Id of the draft; see parley drafts."),
    line: list[str] = LINE,
    words: list[str] = WORDS,
    without: list[int] = typer.Option([], help="Number of a line to leave out; repeat."),
    to: list[str] = typer.Option([], help="PARTY/office instead of the former recipients."),
    precedence: str = PRECEDENCE,
    answer_by: str = ANSWER_BY,
    exercise: bool = typer.Option(None, "--exercise/--real", help="An exercise, or real."),
    accusation: bool = typer.Option(None, "--accusation/--no-accusation", help="Whether this note accuses somebody."),
    attach: list[Path] = ATTACH,
    detach: list[str] = typer.Option([], help="Digest of a file to take off, or its beginning; repeat."),
    override: str = OVERRIDE,
) -> None:
    """Change a draft: lines named are replaced, all others stay."""
    c: Context = ctx.obj
    files = [(one.name, content(c, one)) for one in attach]
    form = c.call("draft_form", opened=True, draft_id=draft_id)
    changes: dict[str, Any] = {
        "to": tuple(to) or None,
        "precedence": precedence_code(precedence) if precedence else None,
        "answer_by": c.backstage.time_to_come(answer_by) if answer_by else None,
        "exercise": exercise,
        "accusation": accusation,
        "override": override or None,
    }
    c.call(
        "draft_amend",
        opened=True,
        draft_id=draft_id,
        changes={name: value for name, value in changes.items() if value is not None},
        lines=coded_lines(form, line, words, c.language),
        without=without,
        officer=c.officer,
    )
    for one in detach:
        c.call("draft_detach", opened=True, draft_id=draft_id, digest=one, officer=c.officer)
    _attach(c, draft_id, files)
    again = c.call("draft_wording", opened=True, draft_id=draft_id, language=c.language)
    _told(c, {"draft": draft_id}, f"Draft {draft_id} is changed. Send it: parley send {draft_id}", again)


def _attach(c: Context, draft_id: str, files: list[tuple[str, bytes]]) -> None:
    for name, data in files:
        c.call("draft_attach", opened=True, draft_id=draft_id, name=name, data=data, officer=c.officer)


def _told(c: Context, found: dict[str, Any], said: str, again: dict[str, Any]) -> None:
    """Say that a draft is kept, and show what of its words to look at again."""
    if again["findings"]:
        found = {**found, "wording": again["findings"]}
    c.told(found, said)
    if not c.as_json:
        show(console(), again)


def drafts(
    ctx: typer.Context,
    drop: str = typer.Option("", help="Throw this draft away."),
    changes: str = typer.Option("", help="Show what was changed last in this draft, line by line."),
) -> None:
    """The drafts of this desk."""
    c: Context = ctx.obj
    if changes:
        changed = c.call("draft_changes", opened=True, draft_id=changes, older="", newer="", language=c.language)
        c.give(changed, lines(row for one in changed for row in _changed(one)))
        return
    if drop:
        c.call("draft_drop", opened=True, draft_id=drop)
    found = c.call("draft_list", opened=True)
    c.give(found, lines(f"{d['draft']}  form {d['form']:<3} to {', '.join(d['to'])}  ({d['officer']})" for d in found))


def _changed(one: dict[str, Any]) -> list[str]:
    head = f"{one['number']}  {one['label']}".strip() if one["number"] else "Reason for an override"
    return [head, *(f"  - {part}" for part in one["before"]), *(f"  + {part}" for part in one["after"])]


def send(
    ctx: typer.Context,
    draft_id: str = typer.Argument(..., metavar="DRAFT", help="Id of the draft; see parley drafts."),
    language: str = typer.Option("", help="Language to show the note in before release; default: the desk's."),
    yes: bool = YES,
    wait: float = WAIT,
    by_hand: Path = typer.Option(None, help="Also write what waits for the recipient to this file, to carry."),
    reason: str = REASON,
) -> None:
    """Check a draft, show the exact note, have it signed by the office's signer, and send it on its way."""
    c: Context = ctx.obj
    made = c.call("compose", opened=True, draft_id=draft_id, language=language or c.language)
    note = release(c, made, yes=yes, reason=reason)
    if by_hand is not None:
        parties = _parties(c, note)
        if len(parties) > 1:
            raise DoorProblem("by_hand_pick")
        c.backstage.write_parcel(by_hand, c.call("hand_parcel", opened=True, party=parties[0]))
        if not wait:
            said = f"Note {note[:16]} is in the journal; a parcel for {parties[0]} is in {by_hand}."
            c.told({"note": note, "parcel": str(by_hand)}, said)
            return
    sent(c, note, "Note", wait)


def release(c: Context, made: dict[str, Any], *, yes: bool, reason: str = "") -> str:
    """Show a composed note beside its digest, get the officer's passphrase to the signer, and hand the result in."""
    if not c.as_json:
        print(made["text"])
        print(f"Digest to be signed: {made['note']}")
    if not (c.as_json and yes):
        show(console(error=c.as_json), made.get("wording", {"findings": []}))
    if not yes:
        c.confirm("Release this note?")
    passphrase = c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE)
    done = c.backstage.release(c.home, made["office"], made["payload"], c.officer, passphrase, reason)
    note: str = c.call("release", opened=True, signed=done["signed"], verdict=done["verdict"])
    return note


def sent(c: Context, note: str, what: str, wait: float) -> None:
    """Say that a note is in the journal, and with `wait` seconds, how far it came; exit code 3 if it was not taken."""
    if not wait:
        if by_hand := _without_parley(c, note):
            way = f"goes to {', '.join(by_hand)} by hand: parley by-hand text {note[:8]} {by_hand[0]}"
        else:
            way = "on its way" if c.backstage.running(c.home) else "goes out when the node runs: parley serve"
        c.told({"note": note}, f"{what} {note[:16]} is in the journal and {way}.")
        return
    stages = {party: _awaited(c, note, party, wait) for party in _parties(c, note)}

    def show(out: Console) -> None:
        out.print(f"{what} {note[:16]} is in the journal.")
        for party, stage in stages.items():
            out.print(f"  {party}: {stage}")

    c.give({"note": note, "with": stages}, show)
    if not all(stage in ("taken", "opened", "read") for stage in stages.values()):
        raise typer.Exit(3)


def _without_parley(c: Context, note: str) -> list[str]:
    """Those addressed who run no Parley, by our contacts."""
    contacts = {row["party"] for row in c.call("contacts")}
    return [party for party in _parties(c, note) if party in contacts] if contacts else []


def _awaited(c: Context, note: str, party: str, seconds: float) -> str:
    """How far the note came to `party` within the time; asked in slices, so that a broken link to the node is seen."""
    while not c.live("await", note=note, party=party, deliveries=ARRIVED, seconds=min(seconds, SLICE_S)):
        seconds -= SLICE_S
        if seconds <= 0:
            break
    stages: dict[str, str] = {row["party"]: row["delivery"] for row in c.live("state", note=note)["with"]}
    return stages[party]


def answer(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of the note, or its beginning."),
    outcome: str = typer.Argument(..., help=", ".join(OUTCOMES)),
    line: list[str] = typer.Option([], help="NUMBER=CODE; see parley forms 20."),
    words: str = typer.Option("", help="Own words (not authoritative)."),
    language: str = LANGUAGE,
    yes: bool = YES,
    wait: float = WAIT,
    reason: str = REASON,
) -> None:
    """Answer a note: accept, decline, in-part, holding, passed-to, acted."""
    c: Context = ctx.obj
    spoken = language or c.language
    coded = fill(load().form(20), [(10, outcome), *_pairs(line)], {14: (spoken, words)} if words else None)
    made = c.call("reply_draft", opened=True, note=note, form=20, lines=coded, language=spoken, officer=c.officer)
    composed = c.call("compose", opened=True, draft_id=made, language=spoken)
    sent(c, release(c, composed, yes=yes, reason=reason), "Answer", wait)


def clarify(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of a note of ours, or its beginning."),
    party: str = typer.Argument(..., help="At whom it came across differently."),
    line: int = typer.Argument(..., help="The line that came across differently."),
    language: str = LANGUAGE,
    yes: bool = YES,
    wait: float = WAIT,
    reason: str = REASON,
) -> None:
    """Clarify one line of a note of ours; the form begins with our own fault."""
    c: Context = ctx.obj
    spoken = language or c.language
    made = c.call(
        "clarification_draft", opened=True, note=note, party=party, line=line, language=spoken, officer=c.officer
    )
    composed = c.call("compose", opened=True, draft_id=made, language=spoken)
    sent(c, release(c, composed, yes=yes, reason=reason), "Clarification", wait)


def coded_lines(form: int, line: list[str], words: list[str], language: str) -> dict[int, Any]:
    """Lines of a form as typed, NUMBER=CODE and NUMBER=own words, coded."""
    return fill(load().form(form), _pairs(line), {n: (language, text) for n, text in _pairs(words)})


def _pairs(given: list[str]) -> list[tuple[int, str]]:
    pairs = []
    for one in given:
        number, equals, code = one.partition("=")
        if not equals or not (number.strip().isascii() and number.strip().isdigit()):
            raise DoorProblem("bad_pair", given=one[:40], wanted="NUMBER=CODE", example="--line 10=stop-traffic")
        pairs.append((int(number), code))
    return pairs


def precedence_code(word: str) -> int:
    """0 to 3 for a typed word; raises DoorProblem("bad_choice")."""
    if word.lower() not in PRECEDENCES:
        raise DoorProblem("bad_choice", given=word[:20], what="a precedence", choices=", ".join(PRECEDENCES))
    return PRECEDENCES.index(word.lower())


def _whole_id(c: Context, given: str) -> str:
    found: str = c.call("state", opened=True, note=given)["note"]
    return found


def _parties(c: Context, note: str) -> list[str]:
    return [row["party"] for row in c.call("state", opened=True, note=note)["with"]]
