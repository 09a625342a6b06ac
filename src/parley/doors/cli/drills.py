"""Commands of drills: schedule, list, release, run, report, telephone, cancel."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import typer

from parley.directory.drill import TRIED_ALONE
from parley.doors.cli.context import RELEASE, Context
from parley.doors.cli.drafting import PRECEDENCE, REASON, YES, coded_lines, precedence_code
from parley.doors.cli.drill_page import card_page, runs_page, trend_page
from parley.doors.cli.say import console
from parley.doors.cli.wording import show
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg
from parley.terms.moment import as_datetime

group = typer.Typer(help="Link checks and larger drills: asked, answered, counted.", no_args_is_help=True)
DRILL = typer.Argument(..., metavar="DRILL", help="Id of the drill, or its beginning; see parley drills list.")
RUN = typer.Option(None, "--run", help="Number of the run; default: the last that began.")
EVERY = ("once", "weekly", "monthly", "quarterly", "half-yearly", "yearly")
UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="drills")


@group.command()
def schedule(
    ctx: typer.Context,
    name: str = typer.Argument(..., help="What we call it, in one line; nobody else sees it."),
    to: list[str] = typer.Option([], help="PARTY/office; repeat. None: the first office of every accepted party."),
    at: str = typer.Option("now", help="When it is due first: now, +2h, +30m, or a UTC instant."),
    every: str = typer.Option("once", help=", ".join(EVERY)),
    within: str = typer.Option("24h", help="Within what an answer is hoped for: 30m, 24h, 3d."),
    form: int = typer.Option(1, help="Number of the form; 1 is the link check."),
    line: list[str] = typer.Option([], help="NUMBER=CODE; repeat. Default of form 1: 10=drill."),
    words: list[str] = typer.Option([], help="NUMBER=own words (not authoritative)."),
    office: str = typer.Option("duty", help="Which of our offices asks."),
    precedence: str = PRECEDENCE,
    over: str = typer.Option("", help="Try this bearer alone: https, mail, by-hand. Default: as any other note goes."),
    ring: bool = typer.Option(False, "--ring", help="This drill says that real telephones may be rung."),
    language: str = typer.Option("", help="Language it is written in; default: the desk's."),
) -> None:
    """Schedule a drill. It is kept; each run goes out only after an officer has released it (parley drills release)."""
    c: Context = ctx.obj
    if every not in EVERY:
        raise DoorProblem("bad_choice", given=every[:20], what="how often", choices=", ".join(EVERY))
    if over not in ("", *TRIED_ALONE):
        raise DoorProblem("bad_choice", given=over[:20], what="which bearer", choices=", ".join(TRIED_ALONE))
    spoken = language or c.language
    lines = coded_lines(form, line or (["10=drill"] if form == 1 else []), words, spoken)
    fields: dict[str, Any] = {
        "name": name, "to": tuple(to), "first_at": c.backstage.instant(at), "every": every, "hoped": span_of(within),
        "over": over,
        "form": form, "lines": lines, "office": office, "rings": ring, "written_in": spoken, "officer": c.officer,
        "precedence": precedence_code(precedence) if precedence else None,
    }  # fmt: skip
    made = c.call("drill_schedule", opened=True, fields=fields)
    asked = f"{len(made['to'])} office{'s' * (len(made['to']) > 1)}"
    c.told(made, f"Drill {made['drill']} asks {asked}. Release it: parley drills release {made['drill']}")


def span_of(given: str) -> int:
    """Milliseconds of ``30m``, ``24h``, ``3d``; raises DoorProblem("bad_pair")."""
    number, unit = given[:-1], given[-1:]
    if unit not in UNITS or not (number.isascii() and number.isdigit()) or len(number) > 6:
        raise DoorProblem("bad_pair", given=given[:20], wanted="a span of time", example="24h, 30m or 3d")
    return int(number) * UNITS[unit]


@group.command("list")
def listed(ctx: typer.Context) -> None:
    """Every drill: when it is due, and whether it awaits a release."""
    c: Context = ctx.obj
    found = c.call("drill_list")
    c.give(found, lambda out: runs_page(out, found))


@group.command()
def release(ctx: typer.Context, drill: str = DRILL, yes: bool = YES, reason: str = REASON) -> None:
    """Release the next run, to go out at its time: the signer checks a proof over each of its notes."""
    _release(ctx.obj, drill, at_once=False, yes=yes, reason=reason)


@group.command()
def run(ctx: typer.Context, drill: str = DRILL, yes: bool = YES, reason: str = REASON) -> None:
    """Release the next run and hold it now."""
    _release(ctx.obj, drill, at_once=True, yes=yes, reason=reason)


def _release(c: Context, drill: str, *, at_once: bool, yes: bool, reason: str) -> None:
    made = c.call(
        "drill_compose", opened=True, drill_id=drill, officer=c.officer, now_at_once=at_once, language=c.language
    )
    count = len(made["to"])
    if not c.as_json:
        print(made["text"])
        print(f"One such note goes to each of {count}: {', '.join(made['to'][:8])}{' …' * (count > 8)}")
        for address, why in made["left_out"].items():
            print(f"Left out: {address} ({why})")
        show(console(), made["wording"])
    if not yes:
        c.confirm(f"Release these {count} exercises?")
    passphrase = c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE)
    signed = c.backstage.release_all(c.home, made["office"], made["payloads"], c.officer, passphrase, reason)
    held = c.call(
        "drill_release", opened=True, drill_id=made["drill"], number=made["number"], due_at=made["due_at"],
        signed=signed, left_out=made["left_out"], officer=c.officer,
    )  # fmt: skip
    when = "is on its way" if held["began_at"] else f"goes out at {dtg(held['due_at'])}, if the node is unlocked then"
    c.told(
        {**held, "drill": made["drill"]}, f"Run {held['number']} of drill {made['drill']}: {count} released; it {when}."
    )


@group.command()
def report(
    ctx: typer.Context,
    drill: str = DRILL,
    number: int = RUN,
    trend: bool = typer.Option(False, "--trend", help="All runs of this drill, one under the other."),
    export: Path = typer.Option(None, "--csv", help="Write every cell of every run to this file as CSV."),
) -> None:
    """What came of a run: each party, each bearer, each kind of silence; with --trend, run by run."""
    c: Context = ctx.obj
    if export is not None:
        rows = c.call("drill_rows", opened=True, drill_id=drill)
        _write(export, rows)
        c.told({"csv": str(export), "rows": len(rows) - 1}, f"{len(rows) - 1} cells in {export}.")
    elif trend:
        found = c.call("drill_trend", opened=True, drill_id=drill)
        c.give(found, lambda out: trend_page(out, found))
    else:
        card = c.call("drill_report", opened=True, drill_id=drill, number=number)
        c.give(card, lambda out: card_page(out, card))


def _write(path: Path, rows: list[list[Any]]) -> None:
    """Times of day as ISO instants: columns 2 to 4."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(rows[0])
        out.writerows([*row[:2], *(_iso(at) if at else "" for at in row[2:5]), *row[5:]] for row in rows[1:])


def _iso(ms: int) -> str:
    return as_datetime(ms).strftime("%Y-%m-%dT%H:%M:%SZ")


@group.command()
def telephone(
    ctx: typer.Context,
    drill: str = DRILL,
    office: str = typer.Argument(..., help="PARTY/office, or PARTY."),
    outcome: str = typer.Argument(..., help="answered, other-office, no-common-language, no-answer, dead"),
    at: str = typer.Option("now", help="When the call was made: a UTC instant."),
    number: int = RUN,
) -> None:
    """Enter by hand what came of a telephone call. Nothing here dials."""
    c: Context = ctx.obj
    calls = c.call(
        "drill_call", drill_id=drill, address=office, outcome=outcome, at=c.backstage.instant(at), officer=c.officer,
        number=number,
    )  # fmt: skip
    c.told({"calls": calls}, f"Entered, by hand: {office} {outcome}.")


@group.command()
def cancel(ctx: typer.Context, drill: str = DRILL) -> None:
    """Hold no more runs of a drill. What was sent stays sent; what was released and not sent becomes void."""
    c: Context = ctx.obj
    found = c.call("drill_cancel", drill_id=drill)
    c.told({"cancelled": found}, f"Drill {found} is cancelled.")
