"""Commands that keep and prove: journal, verify, archive, backup, restore, doctor."""

from __future__ import annotations

import textwrap
from pathlib import Path
from re import fullmatch
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (journal, verify, archive, backup, restore, doctor):
        app.command()(command)
    group = typer.Typer(help="Contradictions that other parties signed, and that verify by themselves.")
    group.command("list")(evidence_list)
    group.command("export")(evidence_export)
    app.add_typer(group, name="evidence", no_args_is_help=True)


def journal(
    ctx: typer.Context,
    limit: int = typer.Option(20, help="How many, newest first."),
    checkpoint: bool = typer.Option(False, "--checkpoint", help="Sign a checkpoint now and show it to every peer."),
) -> None:
    """The last entries of the journal."""
    c: Context = ctx.obj
    if checkpoint:
        c.call("show_checkpoint")
    found = c.call("journal", limit=limit)
    c.give(
        found,
        lines(f"{e['index']:>7}  {_when(e['at'])}  {e['kind'].lower():<12} {e['object'][:32]}" for e in found),
    )


def _when(at: int | None) -> str:
    return " " * len(dtg(0)) if at is None else dtg(at)


def verify(
    ctx: typer.Context,
    archive: Path = typer.Argument(None, help="An archive or evidence; without it, our own journal."),
    root: list[str] = typer.Option([], help="PARTY=ROOT DIGEST (64 digits), as known from the ceremony; repeat."),
) -> None:
    """Verify our own journal, an archive of a note, or evidence of equivocation."""
    c: Context = ctx.obj
    if archive is None:
        found = c.call("verify")
        c.told(found, f"The journal verifies: {found['entries']} entries, {found['checkpoints']} checkpoints.")
        return
    report = c.backstage.verify_file(archive, dict(_roots(root)))
    if "evidence" in report:
        shown = report["evidence"]
        what = f"The evidence verifies: {shown['party']} signed two {shown['kind']} that contradict each other."
        c.give(
            report, lines([what, *(f"  {name:<6} {shown[name]}" for name in shown if name not in ("party", "kind"))])
        )
        return
    c.give(report, lines([f"The archive verifies: {len(report['links'])} links.", *map(_link, report["links"])]))


def _roots(given: list[str]) -> list[tuple[str, str]]:
    for one in given:
        if not fullmatch(r"[A-Z0-9-]{2,14}=[0-9a-fA-F]{64}", one):
            raise DoorProblem("bad_pair", given=one[:40], wanted="PARTY=DIGEST", example="--root XA=<64 hex digits>")
    return [(party, digest) for party, _, digest in (one.partition("=") for one in given)]


def _link(link: dict[str, Any]) -> str:
    whose = "third party  " if link["third_party"] else "self-asserted"
    when = f", {dtg(link['at'])}" if link["at"] is not None else ""
    return f"  {whose}  {link['what']} of {link['by']}{when}{'; ' + link['mark'] if link['mark'] else ''}"


def archive(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of the note, or its beginning."),
    out: Path = typer.Argument(..., help="The file to write."),
) -> None:
    """Write a note with everything that proves it, for thirty years."""
    c: Context = ctx.obj
    c.backstage.write(out, c.call("archive", opened=True, note=note))
    c.told({"archive": str(out)}, f"Archive in {out}. Anyone verifies it with spec/verify_archive.py.")


def evidence_list(ctx: typer.Context) -> None:
    """What contradicts itself, by number. What it means, it does not say: fraud, a stolen key, a backup put back."""
    c: Context = ctx.obj
    found = c.call("evidence")
    rows = [
        f"{e['number']:>3}  {e['party']:<5} {e['kind']:<12} {e['about'][:48]}{_proves(e['provable'])}" for e in found
    ]
    c.give(found, lines(rows or ["There is none."]))


def _proves(provable: bool | None) -> str:
    return {True: "", False: "  (proves nothing to others)", None: "  (unlock to look)"}[provable]


def evidence_export(
    ctx: typer.Context,
    number: int = typer.Argument(..., help="Its number; see parley evidence list."),
    out: Path = typer.Argument(..., help="The file to write."),
) -> None:
    """Write one piece to a file. Anyone with the root digest of the party verifies it: parley verify FILE --root."""
    c: Context = ctx.obj
    c.backstage.write(out, c.call("export_evidence", opened=True, number=number))
    c.told({"evidence": str(out)}, f"Evidence in {out}. Verify it: parley verify {out} --root PARTY=DIGEST.")


def backup(ctx: typer.Context, file: Path = typer.Argument(..., help="The file to write.")) -> None:
    """Copy the store, while it serves; keys are not in it."""
    c: Context = ctx.obj
    c.call("backup", path=str(file.resolve()))
    c.told({"backup": str(file)}, f"Backup in {file}. Keep the key files apart from it.")


def restore(ctx: typer.Context, file: Path = typer.Argument(..., help="A backup.")) -> None:
    """Put a backup in place of the store. Opens a new incarnation: peers return what they hold."""
    c: Context = ctx.obj
    c.home.settings()
    if c.backstage.running(c.home):
        raise DoorProblem("must_stop", home=str(c.home_path))
    made = c.backstage.restore(c.home, file)

    def render(out: Console) -> None:
        out.print(f"Restored {made['kept']} journal entries; incarnation {made['incarnation'][:8]} begins.")
        if made["replaced"]:
            out.print(f"The store that was here is kept as {made['replaced']}.")

    c.give(made, render)


def doctor(ctx: typer.Context) -> None:
    """Look for trouble before it comes; exit code 4 if anything needs a look."""
    c: Context = ctx.obj
    found = c.backstage.doctor(c.home)

    def render(out: Console) -> None:
        for row in found:
            out.print(f"{'ok  ' if row['ok'] else 'LOOK'}  {row['what']}")
            for line in textwrap.wrap(row["do"], 70):
                out.print(f"        {line}")

    c.give(found, render)
    if not all(row["ok"] for row in found):
        raise typer.Exit(4)
