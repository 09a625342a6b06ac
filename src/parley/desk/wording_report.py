"""Wording report: how the lines of our own notes came across, counted over the read-backs that came back.

Real notes and exercises are never counted together (DESIGN, 3.4). Only numbers leave this module.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from parley.desk.find import open_note
from parley.desk.node import Node
from parley.forms import FormProblem
from parley.forms.tally import Came, Line, came_across, tally
from parley.line.ports import NoteRow
from parley.line.reading import to_sheet
from parley.line.receipt import ReadBack, Stage, read_receipt
from parley.seal import peek


class Wording(msgspec.Struct, frozen=True):
    """The report: `notes` of ours that were read back, `read_backs` counted, and what is missing and why.

    `later`: further read-backs of a note by the same party, which are not counted. `declined`: no answers. `unknown`:
    notes of a form or version that is not here. `gone`: notes whose text was destroyed.
    """

    exercise: bool
    notes: int
    read_backs: int
    declined: int
    later: int
    unknown: int
    gone: int
    lines: tuple[Line, ...]


def report(node: Node, *, exercise: bool = False) -> Wording:
    """Count all first read-backs of our real notes, or of our exercises; raises DeskProblem("locked")."""
    node.open_vault()
    entries: list[Came] = []
    count = dict.fromkeys(("notes", "read_backs", "declined", "later", "unknown", "gone"), 0)
    for row in _ours(node):
        if row.exercise is not exercise:
            continue
        backs = list(_read_backs(node, row))
        if not backs:
            continue
        count["notes"] += 1
        count["later"] += sum(not first for first, _ in backs)
        firsts = [back for first, back in backs if first]
        count["declined"] += sum(back.declined for back in firsts)
        given = [back for back in firsts if not back.declined]
        if row.body is None:
            count["gone"] += len(given)
            continue
        try:
            for back in given:
                sheet = to_sheet(open_note(node, row))
                entries += came_across(sheet, dict(back.answers), back.language, library=node.library)
                count["read_backs"] += 1
        except FormProblem:
            count["unknown"] += len(given)
    return Wording(exercise=exercise, lines=tally(entries), **count)


def _ours(node: Node) -> Iterator[NoteRow]:
    """Every note of ours, newest first, one at a time."""
    for identity in node.store.look(lambda look: look.note_ids()):
        row = node.store.look(lambda look, identity=identity: look.note(identity))  # type: ignore[misc]
        if row is not None and row.direction == "out":
            yield row


def _read_backs(node: Node, row: NoteRow) -> Iterator[tuple[bool, ReadBack]]:
    """Every read-back of a note of ours, each with whether it is its party's first that was answered or declined."""
    seen: set[str] = set()
    found = []
    for direction, party, signed in node.store.look(lambda look: look.receipts(row.note_id)):
        if direction == "in":
            for entry in read_receipt(peek(signed).payload).entries:
                if entry.note == row.note_id and entry.stage == Stage.READ_BACK and entry.read_back is not None:
                    found.append((party, entry.read_back))
    for party, back in sorted(found, key=lambda one: one[1].attempt):  # receipts may overtake each other
        yield party not in seen, back
        seen.add(party)
