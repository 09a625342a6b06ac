"""Commands about other parties: how each stands here, and what this desk decides about it, without reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.parties import group as particulars
from parley.doors.cli.say import words
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg

group = typer.Typer(help="Other parties: how they stand here, and what this desk decides.", no_args_is_help=True)
PRECEDENCES = ("routine", "priority", "immediate", "flash")
KINDS = ("any", "exercise", "real")
STAGES = ("opened", "read")
DAYS = ("", "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def add_to(app: typer.Typer) -> None:
    """Register both groups: some of the decisions may still be asked for under particulars."""
    app.add_typer(particulars, name="particulars")
    app.add_typer(group, name="parties")


@particulars.command("list", hidden=True)
@group.command("list")
def listed(ctx: typer.Context) -> None:
    """Every accepted party with its standing."""
    c: Context = ctx.obj
    found = c.call("parties")

    def render(out: Console) -> None:
        for party in found:
            out.print(
                f"{party['party']:<14} version {party['version']:<4} {party['standing']:<10} {party['accepted']}, "
                f"until {dtg(party['expires_at'])}{_limits(party)}"
            )

    c.give(found, render)


def _limits(party: dict[str, Any]) -> str:
    said = [f"narrowed: {', '.join(party['narrowed'])}"] if party["narrowed"] else []
    said += [f"withheld: {', '.join(party['withheld'])}"] if party["withheld"] else []
    return "".join(f"; {one}" for one in said)


@group.command()
def show(ctx: typer.Context, party: str = typer.Argument(..., help="Whom.")) -> None:
    """How a party stands here, what was decided, and whether somebody is at its offices now, by its own time."""
    c: Context = ctx.obj
    found = c.call("particulars", party=party)

    def render(out: Console) -> None:
        out.print(
            f"{found['party']}, version {found['version']}, {found['standing']}, until {dtg(found['expires_at'])}"
        )
        for name in found["names"].values():
            words(out, f"  {name}")
        _known(out, found)
        _decided(out, found)
        for office in found["offices"]:
            _office(out, office)

    c.give(found, render)


def _known(out: Console, found: dict[str, Any]) -> None:
    how = {"vouched": f"vouched for by {', '.join(found['vouchers'])}"}.get(found["accepted"], found["accepted"])
    out.print(f"Accepted: {how}, {dtg(found['accepted_at'])}, by {found['accepted_by']}")
    for mark in found["marks"]:
        out.print(f"! {mark['mark']}: {mark['means']}")
    for past in found["former"]:
        out.print(f"Former identity, broken off: phrase {past['phrase']}; its archive still verifies")
    if found["evidence"]:
        out.print(f"Evidence of contradiction: {found['evidence']}; see parley parties evidence {found['party']} FILE")
    for one in found["sightings"]:
        out.print(f"{one['peer']} tells of version {one['version']} ({one['how']}), {dtg(one['at'])}; asked for")
    for one in found["protected_by"]:
        towards = one["towards"] or "all parties"
        out.print(f"Protecting power: {one['power']}, towards {towards}, since {dtg(one['since'])}")


def _decided(out: Console, found: dict[str, Any]) -> None:
    for way in found["narrowed"]:
        out.print(f"Narrowed, what we {way}: {_passes(found[way])}")
    if found["withheld"]:
        out.print(f"Receipts withheld from it: {', '.join(found['withheld'])}")
    if found["decided"]:
        out.print(f"Last decision: {found['decided']['by']}, {dtg(found['decided']['at'])}")


def _passes(narrowing: dict[str, Any]) -> str:
    forms = narrowing["forms"]
    said = ["all forms" if forms is None else f"forms {', '.join(map(str, forms)) or 'none'}"]
    said += [f"{narrowing['kind']} only"] if narrowing["kind"] != "any" else []
    said += [f"up to {PRECEDENCES[narrowing['highest']].upper()}"] if narrowing["highest"] < 3 else []
    said += ["no attachments"] if not narrowing["attachments"] else []
    return ", ".join(said)


def _office(out: Console, office: dict[str, Any]) -> None:
    now = office["now"]
    acting = f", acts for {office['acts_for']}" if office["acts_for"] else ""
    open_now = {"open": "open now", "closed": "closed now"}.get(now["open"], "not said whether open now")
    out.print(f"Office {office['id']} ({office['kind']}){acting}, {office['hours']}: {open_now}")
    day = " (holiday)" if now["holiday"] else " (weekend)" if now["weekend"] else ""
    out.print(f"  there it is {now['local']}{day}" if now["local"] else f"  {office['time_zone']}: not known here")
    weekend = ", ".join(DAYS[day] for day in office["weekend"]) or "none"
    out.print(f"  time zone {office['time_zone']}, weekend {weekend}, languages {', '.join(office['languages'])}")
    out.print(f"  telephone for calling back: {office['telephone'] or 'none'}")
    if office["alternates"]:
        out.print(f"  alternates that it names itself: {', '.join(office['alternates'])}")
    if office["holidays"]:
        out.print(f"  holidays: {', '.join(office['holidays'])}")


@particulars.command(hidden=True)
@group.command()
def suspend(ctx: typer.Context, party: str = typer.Argument(..., help="Whom.")) -> None:
    """Suspend the line with a party, without reason: nothing is taken, nothing is sent."""
    _decide(ctx.obj, party, "suspend")


@particulars.command(hidden=True)
@group.command()
def resume(ctx: typer.Context, party: str = typer.Argument(..., help="Whom.")) -> None:
    """Take the line up again."""
    _decide(ctx.obj, party, "resume")


@group.command("set-aside")
def set_aside(ctx: typer.Context, party: str = typer.Argument(..., help="Whom.")) -> None:
    """Go on with a party after a look at the evidence that its roots contradicted themselves. The evidence stays."""
    _decide(ctx.obj, party, "set-aside")


def _decide(c: Context, party: str, verb: str) -> None:
    c.call("decide", party=party, decision=verb, officer=c.officer)
    c.told({"party": party, "decision": verb}, f"Done: {verb} {party}.")


@group.command()
def narrow(
    ctx: typer.Context,
    party: str = typer.Argument(..., help="Whom."),
    way: str = typer.Option("both", help="take (from it), send (to it), or both."),
    form: list[int] = typer.Option([], help="A form that still passes; repeat. None: all do."),
    kind: str = typer.Option("any", help="any, exercise or real."),
    highest: str = typer.Option("flash", help="Up to this precedence: routine, priority, immediate or flash."),
    attachments: bool = typer.Option(True, help="Whether notes with attachments pass."),
) -> None:
    """Let only some notes pass, from now on and without reason. Without options everything passes again."""
    c: Context = ctx.obj
    _one_of(way, "a way", ("take", "send", "both"))
    _one_of(kind, "a kind", KINDS)
    _one_of(highest, "a precedence", PRECEDENCES)
    said = {
        "forms": sorted(set(form)) or None, "kind": kind, "highest": PRECEDENCES.index(highest),
        "attachments": attachments,
    }  # fmt: skip
    take, send = (said if way in (one, "both") else None for one in ("take", "send"))
    found = c.call("narrow", party=party, officer=c.officer, take=take, send=send)

    def render(out: Console) -> None:
        for one in ("take", "send"):
            out.print(f"What we {one}: {_passes(found[one])}.")

    c.give(found, render)


def _one_of(given: str, what: str, choices: tuple[str, ...]) -> None:
    if given not in choices:
        raise DoorProblem("bad_choice", given=given[:20], what=what, choices=", ".join(choices))


@group.command()
def receipts(
    ctx: typer.Context,
    party: str = typer.Argument(..., help="Whom."),
    withhold: list[str] = typer.Option([], help="opened or read; repeat. None: both are given."),
    as_settings: bool = typer.Option(False, "--as-settings", help="As parley.toml says, without a decision."),
) -> None:
    """Give or withhold "opened" and "read". The other side is told which are withheld, never left to guess."""
    c: Context = ctx.obj
    for stage in withhold:
        _one_of(stage, "a receipt that can be withheld", STAGES)
    found = c.call("withhold", party=party, stages=None if as_settings else withhold, officer=c.officer)
    kept = ", ".join(found["withheld"]) or "none"
    c.told({"party": party, "withheld": found["withheld"]}, f"Receipts withheld from {party}: {kept}.")


@group.command()
def vouchers(
    ctx: typer.Context,
    party: list[str] = typer.Argument(None, help="The parties that may vouch to us."),
    needed: int = typer.Option(None, help="How many of them must; 0: nobody is accepted by vouching."),
) -> None:
    """Choose who may vouch to us, and how many must; without arguments: show it."""
    c: Context = ctx.obj
    if party and needed is None:
        raise DoorProblem("bad_pair", given="no number", wanted="how many must vouch", example="--needed 2")
    found = c.call("vouchers", needed=needed, parties=list(party or []), officer=c.officer)

    def render(out: Console) -> None:
        out.print(f"Needed: {found['needed']} of {len(found['parties'])}. Who was vouched for cannot vouch.")
        for code, for_whom in found["parties"].items():
            counts = "met in a ceremony" if code in found["by_ceremony"] else "does not count: no ceremony"
            out.print(f"{code}: {counts}; vouches for {', '.join(for_whom) or 'nobody'}")

    c.give(found, render)


@group.command()
def ask(
    ctx: typer.Context,
    party: str = typer.Argument(..., help="Whose particulars."),
    of: str = typer.Option(..., help="The peer to ask."),
) -> None:
    """Ask a peer for the particulars of a third party, to look at them: parley particulars export FILE --party P."""
    c: Context = ctx.obj
    c.live("ask_particulars", party=party, of=of)
    c.told({"party": party, "of": of}, f"{of} is asked for the particulars of {party}.")


@group.command()
def evidence(
    ctx: typer.Context,
    party: str = typer.Argument(..., help="Whose."),
    out: Path = typer.Argument(..., help="Where to write the pairs: OUT.1a, OUT.1b, OUT.2a …"),
) -> None:
    """Write the signed particulars with which a party's roots contradicted themselves, for any third party to check."""
    c: Context = ctx.obj
    found = c.call("party_evidence", party=party)
    for number, pair in enumerate(found, 1):
        for letter, side in (("a", "first"), ("b", "second")):
            c.backstage.write(out.with_name(f"{out.name}.{number}{letter}"), pair[side])
    c.told({"party": party, "pairs": len(found)}, f"Pairs written: {len(found)}.")
