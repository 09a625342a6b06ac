"""Commands about files: which a note or a draft names, take one out, bring one in that came by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines
from parley.line.attachment import media_type

DIGEST = typer.Argument(..., help="Digest of the file, or its beginning.")
DRAFT = typer.Option(False, "--draft", help="ID is that of a draft.")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Files that notes and drafts name: asked for over the line, or taken by hand.")
    group.command("list")(listed)
    group.command("save")(save)
    group.command("ask")(ask)
    group.command("bring")(bring)
    app.add_typer(group, name="attachment", no_args_is_help=True)


def listed(
    ctx: typer.Context,
    of: str = typer.Argument(..., metavar="ID", help="Id of the note, or its beginning; see parley inbox."),
    draft: bool = DRAFT,
) -> None:
    """The files that a note names, and which of them are here."""
    c: Context = ctx.obj
    found = named(c, of, draft=draft)
    c.give(found, lines(map(_row, found)))


def save(
    ctx: typer.Context,
    of: str = typer.Argument(..., metavar="ID", help="Id of the note, or its beginning; see parley inbox."),
    digest: str = DIGEST,
    out: Path = typer.Argument(..., help="The file to write."),
    draft: bool = DRAFT,
) -> None:
    """Write one of them to a file. Its kind was looked at; what else is in it was not."""
    c: Context = ctx.obj
    whole = next((one["digest"] for one in named(c, of, draft=draft) if one["digest"].startswith(digest)), digest)
    if draft:
        found = c.call("draft_file", opened=True, draft_id=of, digest=whole)
    else:
        found = c.call("note_file", opened=True, note=of, digest=whole)
    c.backstage.write(out, found.pop("data"))
    c.told({**found, "file": str(out)}, f"{found['name']} ({found['media_type']}, {found['size']} bytes) is in {out}.")


def ask(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of the note, or its beginning; see parley inbox."),
    digest: str = DIGEST,
) -> None:
    """Ask the sender of a note for a file that it names; it comes over the line, part by part."""
    c: Context = ctx.obj
    found = c.call("note_file_ask", opened=True, note=note, digest=digest, officer=c.officer)
    c.told(found, f"{found['party']} is asked for it ({found['size']} bytes). See parley attachment list {note}.")


def bring(
    ctx: typer.Context,
    note: str = typer.Argument(..., help="Id of the note, or its beginning; see parley inbox."),
    file: Path = typer.Argument(..., help="The file that came by hand."),
) -> None:
    """Keep a file that came by hand, if it is, byte for byte, one that the note names."""
    c: Context = ctx.obj
    data = content(c, file)
    found = c.call("note_file_bring", opened=True, note=note, name=file.name, data=data, officer=c.officer)
    c.told(found, f"{found['name']} is the file {found['digest'][:16]} that the note names, and is kept.")


def named(c: Context, of: str, *, draft: bool) -> list[dict[str, Any]]:
    """The files that a note or a draft names."""
    found: list[dict[str, Any]] = (
        c.call("draft_files", opened=True, draft_id=of) if draft else c.call("note_files", opened=True, note=of)
    )
    return found


def content(c: Context, file: Path) -> bytes:
    """What a file holds; raises LineProblem ``file_empty``, ``file_too_large``, ``file_kind``."""
    data: bytes = c.backstage.read(file)
    media_type(data, file.name)
    return data


def _row(one: dict[str, Any]) -> str:
    here = one["kept"]["name"] if one["kept"] else _coming(one.get("fetching"))
    return f"{one['digest'][:16]}  {one['size']:>9}  {one['media_type']:<30} {here}"


def _coming(fetching: dict[str, Any] | None) -> str:
    """What is said of a file that is not here."""
    match fetching:
        case None:
            return "not here"
        case {"state": "asked"}:
            return f"asked for: {fetching['came']} of {fetching['size']} bytes came"
        case {"state": "not there"}:
            return f"{fetching['party']} does not have it any more"
    return "what came is not this file, or of a kind that is not taken"
