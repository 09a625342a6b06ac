"""A note: shown in any of the six languages beside its codes, with its life as a line and the rest of its thread.

Showing one of theirs is reading it: it is journalled, and told to the sender unless that is withheld.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley.clearance import Exit, Right
from parley.desk import access, by_hand, read
from parley.desk import archive as archives
from parley.desk.by_hand import reference
from parley.desk.find import find, open_note
from parley.desk.life import ALWAYS, life
from parley.desk.page import Reading, rendered
from parley.doors.web.answers import Answer, attachment
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.hours import Hours
from parley.doors.web.page import page
from parley.doors.web.pages.talks import seen
from parley.doors.web.pages.way_in import picture
from parley.doors.web.passing import passing
from parley.forms import load, question_lines
from parley.line.attachment import files_named
from parley.line.conversation import read_conversation
from parley.line.note import Note
from parley.line.reading import known_form, to_sheet
from parley.terms.languages import LANGUAGES
from parley.terms.problem import Problem


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One note; raises DeskProblem("no_note", "locked", "body_destroyed"), ClearanceProblem."""
    node = desk.node
    row = find(node, asked.path["note"])
    note = open_note(node, row)
    access.show(asked.eyes, Exit.PAGE, access.note_thing(note))
    spoken = language_of(asked)
    found = with_hours(desk, asked, await read.read(node, row.note_id.hex(), spoken, officer=asked.officer), spoken)
    states = [
        read_conversation(one.state) for one in node.store.look(lambda look: look.conversations(row.note_id))
    ]
    entries = [one for one in await desk.board.entries() if one.thread == row.thread]
    incoming = row.direction == "in"
    return page(
        desk, asked, "note.html",
        found=found,
        spoken=spoken,
        identity=row.note_id.hex(),
        incoming=incoming,
        lives=[life(node, note, one, asked.language) for one in states],
        otherwise={line for one in states if not incoming for line in one.differs},
        files=len(files_named(note.form, note.form_version, note.lines, node.library)),
        talks=[one for one in seen(desk, asked) if one.thread == row.thread],
        thread=list(reversed(passing(asked.eyes, Exit.PAGE, entries))),
        asks=incoming and bool(asks(found)) and access.may(node, asked.officer, Right.READ_BACK),
        answers=answers_to(desk, asked, found) if incoming else [],
        by_hand=[] if incoming else _without_parley(desk, note),
        prints=access.let_out(asked.eyes, Exit.PRINT, [note], access.note_thing) != [],
        qr=picture(f"parley note {row.note_id.hex()}", 2),
        reference=reference(row),
        now=node.clock(),
        basic=tuple(one.name.lower().replace("_", "-") for one in ALWAYS),
    )  # fmt: skip


def with_hours(desk: WebDesk, asked: Asked, found: Reading, spoken: str) -> Reading:
    """The note with each of its moments on our clock and on the counterpart's beside UTC."""
    note = found.note
    other = str(note.recipients[0].address if note.sender.party == desk.node.party else note.sender)
    zones = Hours(desk.node, asked.language).zones(other)
    return msgspec.structs.replace(found, rendered=rendered(desk.node, note, spoken, zones=zones))


def _without_parley(desk: WebDesk, note: Note) -> list[str]:
    """Those of its recipients that are reached by hand."""
    return [one.address.party for one in note.recipients if by_hand.is_by_hand(desk.node, one.address)]


def language_of(asked: Asked) -> str:
    """The language in which the note is to be shown; that of the pages unless another is asked for."""
    wanted = asked.query.get("in", "")
    return wanted if wanted in LANGUAGES else asked.language


def asks(found: Reading) -> tuple[int, ...]:
    """The lines about which its read-back asks; () for a form that is not known here, or defined otherwise."""
    return question_lines(to_sheet(found.note)) if known_form(found.note, load()) else ()


def answers_to(desk: WebDesk, asked: Asked, found: Reading) -> list[int]:
    """The forms that answer it, for an officer who drafts."""
    if not access.may(desk.node, asked.officer, Right.DRAFT):
        return []
    try:
        return list(load().form(found.note.form, found.note.form_version).fitting_answers)
    except Problem:
        return []


async def archive(desk: WebDesk, asked: Asked) -> Answer:
    """The note with all that proves it, as a file; raises as `show`."""
    node = desk.node
    row = find(node, asked.path["note"])
    access.show(asked.eyes, Exit.EXPORT, access.note_thing(open_note(node, row)))
    data: Any = archives.export(node, row)
    return attachment(f"note-{row.note_id.hex()[:16]}.parley", "application/octet-stream", data)
