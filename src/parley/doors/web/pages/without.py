"""Offices without Parley: contacts, the text that goes to them, what to say on the telephone, what was seen or heard.

Whatever stands here is by hand and unverified, and is shown as that; nothing here ever counts as a receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parley.clearance import Exit, Right
from parley.desk import access, by_hand
from parley.desk.find import find, open_note
from parley.doors import shapes
from parley.doors.problems import DoorProblem
from parley.doors.web.answers import Answer, attachment, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.passing import passing
from parley.line.ports import NoteRow
from parley.terms.instant import Meaning, parse_iso
from parley.terms.languages import SIX
from parley.terms.problem import Problem

FIELDS = ("party", "office", "language", "telephone", "email")
TEXT = "text/plain; charset=utf-8"


async def contacts(desk: WebDesk, asked: Asked) -> Answer:
    """Every contact with our notes to it, and the form for another one."""
    return await _contacts(desk, asked)


async def _contacts(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node = desk.node
    reads = access.may(node, asked.officer, Right.READ)
    seen = passing(asked.eyes, Exit.PAGE, await desk.board.entries()) if reads else []
    ours = [one for one in seen if one.direction == "out"]
    found = by_hand.contacts(node)
    return page(
        desk, asked, "contacts.html", status=status, problem=problem,
        contacts=found,
        notes={one.party: [note for note in ours if one.party in note.parties][:10] for one in found},
        enters=access.may(node, asked.officer, Right.CONTACT),
        typed={name: asked.field(name)[:200] for name in FIELDS} if problem else dict.fromkeys(FIELDS, ""),
    )  # fmt: skip


async def enter_contact(desk: WebDesk, asked: Asked) -> Answer:
    """Enter, replace or forget a contact; what was typed stays where it is faulty."""
    typed = {name: asked.field(name).strip() for name in FIELDS}
    try:
        if asked.field("do") == "drop":
            await by_hand.drop_contact(desk.node, typed["party"][:20])
        else:
            await by_hand.add_contact(desk.node, _contact(desk, asked, typed))
    except Problem as problem:
        if problem.key == "desk.no_contact" and asked.field("do") == "drop":  # dropped already: a second click
            return redirect("/directory/contacts")
        return await _contacts(desk, asked, status=422, problem=problem)
    return redirect("/directory/contacts")


def _contact(desk: WebDesk, asked: Asked, typed: Mapping[str, str]) -> by_hand.Contact:
    return by_hand.Contact(**typed, entered_by=asked.officer, at=desk.node.clock())


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One note of ours for one office: text, script, what was entered. Raises DeskProblem, ClearanceProblem."""
    return _page(desk, asked)


def _page(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node, party = desk.node, asked.path["party"][:20]
    row = _row(desk, asked, Exit.PAGE)
    identity = row.note_id.hex()
    contact = by_hand.contact_of(node, party)
    return page(
        desk, asked, "without.html", status=status, problem=problem,
        identity=identity,
        contact=contact,
        text=by_hand.text(node, identity, party, asked.language),
        script=shapes.script(by_hand.telephone(node, identity, party, asked.language)),
        right_to_left=SIX[contact.language].right_to_left,
        entries=by_hand.entries(node, row, party),
        enters=access.may(node, asked.officer, Right.DRAFT),
        leaves=access.passes(asked.eyes, Exit.EXPORT, access.note_thing(open_note(node, row))),
        ways=[str(one) for one in by_hand.Way],
        whats=[str(one) for one in by_hand.What],
        typed={name: asked.field(name) for name in asked.fields},
        now=node.clock(),
    )  # fmt: skip


def _row(desk: WebDesk, asked: Asked, exit: Exit) -> NoteRow:
    row = find(desk.node, asked.path["note"])
    access.show(asked.eyes, exit, access.note_thing(open_note(desk.node, row)))
    return row


async def text(desk: WebDesk, asked: Asked) -> Answer:
    """The text as a file, for a mail or a printer; raises as `show`."""
    row, party = _row(desk, asked, Exit.EXPORT), asked.path["party"][:20]
    found = by_hand.text(desk.node, row.note_id.hex(), party, asked.language)
    return attachment(f"note-{by_hand.reference(row)}-{party}.txt", TEXT, found.encode())


async def enter(desk: WebDesk, asked: Asked) -> Answer:
    """Write down what was seen or heard; the same written twice within a minute is written once."""
    node, party = desk.node, asked.path["party"][:20]
    row = _row(desk, asked, Exit.PAGE)
    try:
        given = _entered(asked)
        if not _again(by_hand.entries(node, row, party), given, asked.officer, node.clock()):
            await by_hand.enter(node, row.note_id.hex(), party, officer=asked.officer, **given)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return redirect(f"/notes/{row.note_id.hex()}/by-hand/{party}")


def _entered(asked: Asked) -> dict[str, Any]:
    what, way = asked.field("what"), asked.field("way")
    if what not in {str(one) for one in by_hand.What} or way not in {str(one) for one in by_hand.Way}:
        choices = ", ".join((*by_hand.What, *by_hand.Way))
        raise DoorProblem("bad_choice", given=f"{what} {way}"[:40], what="what was seen or heard", choices=choices)
    lines = {name.removeprefix("line-"): asked.field(name) for name in asked.fields if name.startswith("line-")}
    answers = {int(n): option for n, option in lines.items() if n.isascii() and n.isdigit() and len(n) < 4 and option}
    at = asked.field("at").strip()
    return {
        "what": by_hand.What(what), "way": by_hand.Way(way),
        "at": parse_iso(f"{at}Z", Meaning.OBSERVED).ms if at else None,
        "role": asked.field("role").strip(), "words": asked.field("words").strip(),
        "answers": answers if what == by_hand.What.READ_BACK else {},
    }  # fmt: skip


AGAIN_MS = 60_000


def _again(entries: list[by_hand.Entry], given: Mapping[str, Any], officer: str, now: int) -> bool:
    """Whether the newest entry says the same, by the same officer, within a minute: a second click."""
    if not entries or now - entries[-1].entered_at > AGAIN_MS:
        return False
    last = entries[-1]
    same = all(getattr(last, name) == given[name] for name in ("what", "way", "role", "words", "answers"))
    return same and last.officer == officer and given["at"] in (None, last.at)
