"""Read-back: a person says what the note says, the note in view but not the lines that answer; at most a minute's work.

The keyboard suffices: questions are groups of radio buttons. It may be declined without reason, and nothing asks for
one.
"""

from __future__ import annotations

from typing import Any

from parley.clearance import Exit
from parley.desk import access, read
from parley.desk import read_back as back
from parley.desk.find import find, open_note
from parley.desk.page import rendered
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.hours import Hours
from parley.doors.web.page import page
from parley.doors.web.pages.note import language_of
from parley.line.conversation import read_conversation
from parley.terms.problem import Problem
from parley.terms.text import shown

LONGEST_S = 3600


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The questions, options shuffled anew; raises DeskProblem("not_incoming", "no_read_back")."""
    node = desk.node
    row = find(node, asked.path["note"])
    access.show(asked.eyes, Exit.PAGE, access.note_thing(open_note(node, row)))
    if row.direction == "in":  # the note stands beside the questions: that is reading it
        await read.read(node, row.note_id.hex(), language_of(asked), officer=asked.officer)
    return _page(desk, asked)


def _page(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node = desk.node
    row = find(node, asked.path["note"])
    note = open_note(node, row)
    access.show(asked.eyes, Exit.PAGE, access.note_thing(note))
    spoken = language_of(asked)
    questions = back.ask(node, row.note_id.hex(), spoken)
    hidden = {question.line for question in questions}
    states = node.store.look(lambda look: look.conversations(row.note_id))
    shown_note = rendered(node, note, spoken, zones=Hours(node, asked.language).zones(str(note.sender)))
    lines = [line for line in shown_note.lines if line.number not in hidden]
    return page(
        desk, asked, "read_back.html", status=status,
        problem=problem,
        identity=row.note_id.hex(),
        spoken=spoken,
        right_to_left=shown_note.right_to_left,
        banner=shown_note.banner,
        heading=shown_note.heading,
        lines=lines,
        hidden=sorted(hidden),
        questions=questions,
        chosen={question.line: asked.field(f"line-{question.line}") for question in questions},
        began=asked.field("began") or str(node.clock()),
        attempts=max((read_conversation(one.state).attempt for one in states), default=0),
    )  # fmt: skip


async def give(desk: WebDesk, asked: Asked) -> Answer:
    """Send the answers, or that it is declined. A question left open is named, and what was chosen stays chosen."""
    node = desk.node
    row = find(node, asked.path["note"])
    access.show(asked.eyes, Exit.PAGE, access.note_thing(open_note(node, row)))
    declined = asked.field("do") == "decline"
    answers = None if declined else _answers(asked)
    more: dict[str, Any] = {"language": language_of(asked), "role": _post(asked), "seconds": _seconds(desk, asked)}
    more["after"] = _after(asked)
    try:
        await back.give(node, row.note_id.hex(), answers, **more, by_person=True)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return redirect(f"/notes/{row.note_id.hex()}?in={language_of(asked)}")


def _answers(asked: Asked) -> dict[int, str]:
    given = {name.removeprefix("line-"): asked.field(name) for name in asked.fields if name.startswith("line-")}
    return {int(line): option for line, option in given.items() if line.isascii() and line.isdigit() and len(line) < 4}


def _post(asked: Asked) -> str:
    """The officer's post, never the name: the other side learns no names."""
    return shown(asked.field("post").strip(), 40) or "duty officer"


def _after(asked: Asked) -> int | None:
    """How many attempts the page showed: the same click twice, or two officers at once, count once."""
    seen = asked.field("after")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 8 else None


def _seconds(desk: WebDesk, asked: Asked) -> int:
    began = asked.field("began")
    if not (began.isascii() and began.isdigit() and len(began) < 16):
        return 0
    return min(max(0, (desk.node.clock() - int(began)) // 1000), LONGEST_S)
