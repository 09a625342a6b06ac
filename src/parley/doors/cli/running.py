"""Commands that make, run and look after a node: init, serve, signer, unlock, stop, status, demo."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context, console


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (init, serve, signer, unlock, stop, status):
        app.command()(command)


def init(
    ctx: typer.Context,
    party: str = typer.Option(..., help="Code of the party, for example KE."),
    office: list[str] = typer.Option(["duty"], help="Name of an office; repeat for several."),
    listen: str = typer.Option("", help="HOST:PORT for peers; empty: no public address, the node dials out."),
    language: str = typer.Option("en", help="Language of this desk: ar, zh, en, fr, ru, es."),
) -> None:
    """Make a node's folder with its keys; asks for the archive's and the first officer's passphrase."""
    c: Context = ctx.obj
    archive = c.passphrase("Archive passphrase", twice=True)
    release = c.passphrase(f"Release passphrase of {c.officer}", twice=True)
    settings = c.backstage.settings(party=party, offices=tuple(office), listen=listen, language=language)
    c.backstage.found(c.home, settings, c.backstage.founder(c.officer, release, archive))
    made = {"home": str(c.home_path), "party": party, "offices": office}

    def show(out: Console) -> None:
        out.print(f"A node for {party} is in {c.home_path}. Next: make root keys, then particulars:")
        out.print("  parley particulars root-key FILE --name NAME   (one for each root holder)")
        out.print("  parley particulars propose, sign, combine      (then: parley serve)")

    c.give(made, show)


def serve(
    ctx: typer.Context,
    locked: bool = typer.Option(False, help="Start without the archive passphrase: takes notes, opens none."),
    signers: bool = typer.Option(True, help="Start the signer of each office too, as processes of their own."),
) -> None:
    """Run the node until it is stopped."""
    c: Context = ctx.obj
    passphrase = None if locked else c.passphrase("Archive passphrase")
    started = [c.backstage.start_signer(c.home, office) for office in c.home.settings().offices] if signers else []

    def ready(facts: dict[str, Any]) -> None:
        if c.as_json:
            print(json.dumps(facts), flush=True)
            return
        out = console(error=True)
        where = f"port {facts['port']}" if facts["port"] else "no public address; dialling out"
        out.print(f"{facts['party']} is on the line: {where}; {'locked' if facts['locked'] else 'unlocked'}.")

    try:
        c.backstage.serve(c.home, passphrase, ready)
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)


def signer(ctx: typer.Context, office: str = typer.Argument("duty")) -> None:
    """Run the signer of one office: the only process that ever holds its key."""
    c: Context = ctx.obj
    process = c.backstage.start_signer(c.home, office)
    try:
        sys.exit(process.wait())
    except KeyboardInterrupt:
        process.terminate()


def unlock(ctx: typer.Context) -> None:
    """Give the running node the archive passphrase."""
    c: Context = ctx.obj
    opened = c.call("unlock", passphrase=c.passphrase("Archive passphrase"))
    c.give({"opened": opened}, lambda out: out.print(f"Unlocked; {opened} waiting items were opened."))


def stop(ctx: typer.Context) -> None:
    """Stop the running node."""
    c: Context = ctx.obj
    c.call("stop")
    c.give({"stopped": True}, lambda out: out.print("Stopped."))


def status(ctx: typer.Context) -> None:
    """What the node says of itself."""
    c: Context = ctx.obj
    found = c.call("status")

    def show(out: Console) -> None:
        out.print(
            f"{found['party']}: {found['notes']} notes, {found['journal']} journal entries, "
            f"{'locked' if found['locked'] else 'unlocked'}"
        )
        for party, rows in found["waiting"].items():
            out.print(f"  awaiting a bearer to {party}: {rows}")

    c.give(found, show)
