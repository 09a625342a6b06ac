"""Commands that make, run and look after a node: init, serve, signer, unlock, stop, status."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import RELEASE, Context
from parley.doors.cli.say import as_json_text, console
from parley.doors.problems import DoorProblem


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
    store: str = typer.Option("", help="postgresql://… for a PostgreSQL database; empty: SQLite in the folder."),
) -> None:
    """Make a node's folder with its keys; asks for the archive's and the first officer's passphrase."""
    c: Context = ctx.obj
    settings = c.backstage.settings(party=party, offices=tuple(office), listen=listen, language=language, store=store)
    archive = c.passphrase("Archive passphrase", twice=True)
    release = c.passphrase(f"Release passphrase of {c.officer}", twice=True, line=RELEASE)
    c.backstage.found(c.home, settings, c.backstage.founder(c.officer, release, archive))
    made = {"home": str(c.home_path), "party": party, "offices": office}

    def show(out: Console) -> None:
        out.print(f"A node for {party} is in {c.home_path}. Next: make root keys, then particulars:")
        out.print("  parley particulars root-key FILE --party P --name NAME  (for each root holder)")
        out.print("  parley particulars propose, sign, combine               (then: parley serve)")

    c.give(made, show)


def serve(
    ctx: typer.Context,
    locked: bool = typer.Option(
        False, "--locked", help="Start without the archive passphrase: takes notes, opens none."
    ),
    signers: bool = typer.Option(True, help="Start the signer of each office too, as processes of their own."),
    while_stdin: bool = typer.Option(False, "--while-stdin", hidden=True, help="End when standard input does."),
) -> None:
    """Run the node until it is stopped."""
    c: Context = ctx.obj
    settings = c.home.settings()
    if c.backstage.running(c.home):
        raise DoorProblem("already_running", home=str(c.home_path))
    passphrase = None if locked else c.passphrase("Archive passphrase")
    if while_stdin:
        c.backstage.end_with_stdin()
    started = [c.backstage.start_signer(c.home, office, quiet=True) for office in settings.offices] if signers else []

    def ready(facts: dict[str, Any]) -> None:
        link = facts.pop("set_up", "")
        if link and (c.as_json or not c.backstage.to_a_person()):  # never where a log would keep it
            facts["set_up_file"], link = c.backstage.write_link(c.home, link), ""
        if c.as_json:
            print(as_json_text(facts), flush=True)
            return
        where = f"port {facts['port']}" if facts["port"] else "no public address; dialling out"
        state = "locked" if facts["locked"] else "unlocked"
        out = console(error=True)
        out.print(f"{facts['party']} is on the line: {where}; {state}.")
        if "desk" in facts:
            out.print(f"Pages for officers: {facts['desk']}", soft_wrap=True)
        if link:
            out.print(f"Nobody has an account there yet. Once, within 30 minutes: {link}", soft_wrap=True)
        elif "set_up_file" in facts:
            said = "Nobody has an account there yet. A link that serves once, within 30 minutes, is in"
            out.print(f"{said} {facts['set_up_file']}", soft_wrap=True)

    try:
        c.backstage.serve(c.home, passphrase, ready)
    finally:
        for process in started:
            _end(process)


def signer(ctx: typer.Context, office: str = typer.Argument("duty", help="Name of the office.")) -> None:
    """Run the signer of one office: the only process that ever holds its key."""
    c: Context = ctx.obj
    c.home.settings()
    process = c.backstage.start_signer(c.home, office)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        _end(process)
        return
    if code:
        raise typer.Exit(4)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def unlock(ctx: typer.Context) -> None:
    """Give the running node the archive passphrase."""
    c: Context = ctx.obj
    c.live("status")
    opened = c.live("unlock", passphrase=c.passphrase("Archive passphrase"))
    c.told({"opened": opened}, f"Unlocked; {opened} waiting items were opened.")


def stop(ctx: typer.Context) -> None:
    """Stop the running node, and wait until it has ended."""
    c: Context = ctx.obj
    c.home.settings()
    c.backstage.stop(c.home)
    c.told({"stopped": True}, "Stopped.")


def status(ctx: typer.Context) -> None:
    """What the node says of itself."""
    c: Context = ctx.obj
    found = {**c.call("status"), "serving": c.backstage.running(c.home)}

    def show(out: Console) -> None:
        state = ("locked" if found["locked"] else "unlocked") if found["serving"] else "not serving"
        out.print(f"{found['party']}: {found['notes']} notes, {found['journal']} journal entries, {state}")
        for party, rows in found["waiting"].items():
            out.print(f"  awaiting a bearer to {party}: {rows}")
        for failure, what in (("ring_failure", "the last FLASH did not ring"), ("test_failure", "its test failed")):
            if found["bell"][failure]:
                out.print(f"  bell: {what} ({found['bell'][failure]})")

    c.give(found, show)
