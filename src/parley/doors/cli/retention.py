"""Commands about what is destroyed: rules and holds shown, a run or a dry run, legal holds placed and lifted."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.terms.instant import dtg


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="What is destroyed when, what is kept all the same, and what was destroyed.")
    for command in (show, run, hold, lift):
        group.command()(command)
    app.add_typer(group, name="retention", no_args_is_help=True)


def show(ctx: typer.Context, limit: int = typer.Option(20, help="How many tombstones, newest first.")) -> None:
    """The rules of parley.toml, the legal holds, and the tombstones of what was destroyed."""
    c: Context = ctx.obj
    found = c.call("retention", limit=limit)
    c.give(found, lambda out: _page(out, found))


def _page(out: Console, found: dict[str, Any]) -> None:
    for rule in found["rules"]:
        out.print(f"rule  {rule['name']}: {_about(rule)}, after {rule['days']} days")
    if found["names_days"]:
        out.print(f"rule  names of our officers in journal entries, after {found['names_days']} days")
    if not found["rules"] and not found["names_days"]:
        out.print("There is no rule: nothing is ever destroyed.")
    for clause in found["keeps"]:
        out.print(f"keep  {clause['party'] or 'form ' + str(clause['form'])}: {clause['why']}")
    for one in found["holds"]:
        out.print(f"hold  {one['what'][:50]}: {one['why'] or '(unlock to read the reason)'}")
    for stone in found["tombstones"]:
        what = f"{stone['note'][:16]} (form {stone['form']}, {', '.join(stone['parties'])})" if stone["note"] else ""
        out.print(f"gone  {dtg(stone['at'])}  {what or str(stone['entries']) + ' entries over names'}: {stone['rule']}")


def _about(rule: dict[str, Any]) -> str:
    parts = ["forms " + ", ".join(map(str, rule["forms"])) if rule["forms"] else "all forms"]
    parts += [{"in": "received", "out": "sent"}[rule["direction"]]] if rule["direction"] else []
    parts += ["exercises" if rule["exercise"] else "real"] if rule["exercise"] is not None else []
    parts += ["with " + ", ".join(rule["parties"])] if rule["parties"] else []
    return ", ".join(parts)


def run(
    ctx: typer.Context,
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be destroyed, and destroy nothing."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before destroying."),
) -> None:
    """Destroy what is due now, as the node does by itself a few times a day. It cannot be taken back."""
    c: Context = ctx.obj
    found = c.call("retention_run", opened=True, officer=c.officer, dry=True)
    if not dry_run:
        count = sum(found["destroyed"].values())
        if not yes and (count or found["names"]):
            c.confirm(f"Destroy the text of {count} notes and {found['names']} entries over names for good?")
        found = c.call("retention_run", opened=True, officer=c.officer, dry=False)
    c.give(found, lambda out: _outcome(out, found))


def _outcome(out: Console, found: dict[str, Any]) -> None:
    verb = "would be destroyed" if found["dry"] else "destroyed"
    for rule, count in found["destroyed"].items():
        out.print(f"{count} {verb} under {rule}")
    for why, count in found["kept"].items():
        out.print(f"{count} kept: {why[:70]}")
    if found["names"]:
        out.print(f"{found['names']} entries over names {verb}")
    if not found["destroyed"] and not found["names"]:
        out.print("Nothing is due.")
    elif found["freed"]:
        out.print(f"{found['freed']} bytes of peers' share of storage {'would be ' if found['dry'] else ''}given back.")


WHAT = typer.Argument(..., help="A party's code, or the id of a note or its beginning.")
THREAD = typer.Option(False, "--thread", help="The whole correspondence that the note belongs to.")


def hold(
    ctx: typer.Context,
    what: str = WHAT,
    why: str = typer.Option(..., help="The order or reason; kept locked, and journalled."),
    thread: bool = THREAD,
) -> None:
    """Place a legal hold: what is held is not destroyed, whatever its age."""
    _hold(ctx.obj, what, why, thread, lift=False)


def lift(
    ctx: typer.Context,
    what: str = WHAT,
    why: str = typer.Option(..., help="The order or reason; kept locked, and journalled."),
    thread: bool = THREAD,
) -> None:
    """Lift a legal hold."""
    _hold(ctx.obj, what, why, thread, lift=True)


def _hold(c: Context, what: str, why: str, thread: bool, *, lift: bool) -> None:
    name = c.call("hold_body", opened=True, what=what, why=why, officer=c.officer, thread=thread, lift=lift)
    c.told({"hold": name, "lifted": lift}, f"{'Lifted' if lift else 'Held'}: {name[:60]}.")
