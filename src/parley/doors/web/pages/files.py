"""Files that a draft or a note names: which are here, to be taken out as files, and brought in when they came by hand.

Reading a file is reading its note: it passes the gate as the note's page does, leaves as an attachment in a sandbox,
and is kept by no cache.
"""

from __future__ import annotations

from parley.clearance import Exit
from parley.desk import access, attachment, clear, draft, fetch_file
from parley.desk.find import find, open_note
from parley.desk.node import Node
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.answers import attachment as as_file
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.problems import WebProblem
from parley.line.attachment import KINDS, LARGEST_FILE, too_large
from parley.line.note import Note
from parley.terms.problem import Problem


async def of_note(desk: WebDesk, asked: Asked) -> Answer:
    """What a note names, and what is here of it."""
    return _page(desk, asked, *_note(desk.node, asked))


async def bring(desk: WebDesk, asked: Asked) -> Answer:
    """Keep a file that came by hand, if it is one that the note names."""
    node, (note, identity) = desk.node, _note(desk.node, asked)
    try:
        sent = asked.uploads.get("file", ())
        if not sent:
            raise WebProblem("no_file_chosen")
        for one in sent:
            if one.data is None:
                raise too_large(one.name)
            await attachment.bring(node, note, identity, attachment.look_at(node, one.name, one.data, asked.officer))
    except Problem as problem:
        return _page(desk, asked, note, identity, status=422, problem=problem)
    return redirect(f"/notes/{identity.hex()}/files")


async def from_note(desk: WebDesk, asked: Asked) -> Answer:
    """A file of a note."""
    _, identity = _note(desk.node, asked)
    return _file(desk, identity.hex(), asked)


async def of_waiting(desk: WebDesk, asked: Asked) -> Answer:
    """What a note that waits for its release names: to be read before a word is given."""
    return _page(desk, asked, *_waiting(desk.node, asked), base="clear")


async def ask(desk: WebDesk, asked: Asked) -> Answer:
    """Fetch a file that is not here over the line, from whoever sent the note."""
    note, identity = _note(desk.node, asked)
    try:
        await fetch_file.ask(desk.node, note, identity, asked.path["digest"], asked.officer)
    except Problem as problem:
        return _page(desk, asked, note, identity, status=422, problem=problem)
    return redirect(f"/notes/{identity.hex()}/files")


async def from_waiting(desk: WebDesk, asked: Asked) -> Answer:
    """A file of a note that waits."""
    _, identity = _waiting(desk.node, asked)
    return _file(desk, identity.hex(), asked)


async def from_draft(desk: WebDesk, asked: Asked) -> Answer:
    """A file of a draft."""
    saved = draft.fetch_saved(desk.node, asked.path["draft"])
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(saved.draft))
    return _file(desk, saved.draft_id, asked)


def _file(desk: WebDesk, holder: str, asked: Asked) -> Answer:
    known, data = attachment.fetch(desk.node, holder, asked.path["digest"])
    return as_file(known.name, known.media_type, data)


def _note(node: Node, asked: Asked) -> tuple[Note, bytes]:
    row = find(node, asked.path["note"])
    note = open_note(node, row)
    access.show(asked.eyes, Exit.PAGE, access.note_thing(note))
    return note, row.note_id


def _waiting(node: Node, asked: Asked) -> tuple[Note, bytes]:
    one = clear.fetch(node, clear.resolve(node, asked.path["note"][:64]))
    access.show(asked.eyes, Exit.PAGE, access.note_thing(one.note))
    return one.note, one.note_id


def _page(
    desk: WebDesk, asked: Asked, note: Note, identity: bytes, *, base: str = "notes", status: int = 200,
    problem: Problem | None = None,
) -> Answer:  # fmt: skip
    named = attachment.named_by_note(desk.node, note, identity)
    return page(
        desk, asked, "files.html", status=status,
        named=named,
        base=f"/{base}/{identity.hex()}",
        brings=base == "notes" and any(one.kept is None for one in named),
        kinds=",".join(one.ending for one in KINDS),
        limit=LARGEST_FILE >> 20,
        fetching=fetch_file.under_way(desk.node, identity),
        problem=problem,
    )  # fmt: skip
