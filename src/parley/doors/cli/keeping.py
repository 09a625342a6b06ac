"""Commands that keep and prove: journal, verify, archive, backup, restore, doctor."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from parley.doors.cli.context import Context, lines
from parley.terms.instant import dtg


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (journal, verify, archive, backup, restore, doctor):
        app.command()(command)


def journal(
    ctx: typer.Context,
    limit: int = typer.Option(20),
    checkpoint: bool = typer.Option(False, help="Sign a checkpoint now."),
) -> None:
    """The last entries of the journal."""
    c: Context = ctx.obj
    if checkpoint:
        c.call("show_checkpoint")
    found = c.call("journal", limit=limit)

    def render(out: Console) -> None:
        for entry in found:
            out.print(f"{entry['index']:>7}  {dtg(entry['at'])}  {entry['kind'].lower():<12} {entry['object'][:32]}")

    c.give(found, render)


def verify(
    ctx: typer.Context,
    archive: Path = typer.Argument(None, help="An archive file; without it, our own journal."),
    root: list[str] = typer.Option([], help="PARTY=ROOT DIGEST, as known from the ceremony."),
) -> None:
    """Verify our own journal, or an archive of a note."""
    c: Context = ctx.obj
    if archive is None:
        found = c.call("verify")
        c.give(
            found,
            lambda out: out.print(
                f"The journal verifies: {found['entries']} entries, {found['checkpoints']} checkpoints."
            ),
        )
        return
    roots = dict(one.split("=", 1) for one in root)
    report = c.backstage.verify_archive(archive, roots)
    c.give(report, lines(report["links"]))


def archive(ctx: typer.Context, note: str, out: Path) -> None:
    """Write a note with everything that proves it, for thirty years."""
    c: Context = ctx.obj
    c.backstage.write(out, c.call("archive", opened=True, note=note))
    c.give(
        {"archive": str(out)},
        lambda screen: screen.print(f"Archive in {out}. Anyone verifies it with spec/verify_archive.py."),
    )


def backup(ctx: typer.Context, file: Path) -> None:
    """Copy the store, while it serves; keys are not in it."""
    c: Context = ctx.obj
    c.call("backup", path=str(file.resolve()))
    c.give({"backup": str(file)}, lambda out: out.print(f"Backup in {file}. Keep the key files apart from it."))


def restore(ctx: typer.Context, file: Path) -> None:
    """Put a backup in place of the store. Opens a new incarnation: peers return what they hold."""
    c: Context = ctx.obj
    made = c.backstage.restore(c.home, file)
    c.give(
        made,
        lambda out: out.print(
            f"Restored {made['kept']} journal entries; incarnation {made['incarnation'][:8]} begins."
        ),
    )


def doctor(ctx: typer.Context) -> None:
    """Look for trouble before it comes."""
    c: Context = ctx.obj
    found = c.backstage.doctor(c.home)

    def render(out: Console) -> None:
        for row in found:
            out.print(
                f"{'ok  ' if row['ok'] else 'LOOK'}  {row['what']}" + ("" if row["ok"] else f"\n      {row['do']}")
            )

    c.give(found, render)
    if not all(row["ok"] for row in found):
        raise typer.Exit(4)
