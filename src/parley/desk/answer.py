"""Answer, clarify: drafts that reply to a note, addressed and referenced for the officer."""

from __future__ import annotations

from typing import Any

from parley.desk.draft import Draft
from parley.desk.find import SHOWN_DIGITS, find, open_note
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.forms import question_lines, right_answer
from parley.line.conversation import read_conversation
from parley.line.note import Note
from parley.line.ports import NoteRow
from parley.line.reading import CLARIFICATION, clarification_lines, to_sheet
from parley.line.receipt import Stage, read_receipt
from parley.seal import peek
from parley.terms.party import Address

BY_NODE = "alternate office, by this node"
"""Who made a draft that no officer began."""


def reply_draft(
    node: Node, given: str, form: int, lines: dict[int, Any], *, language: str, officer: str, **more: Any
) -> Draft:
    """A draft of `form` to the sender of one of their notes, of the same kind (real or exercise), referring to it.

    Raises DeskProblem("not_incoming") for a note of ours.
    """
    row = find(node, given)
    if row.direction != "in":
        raise DeskProblem("not_incoming", note=row.note_id.hex()[:SHOWN_DIGITS])
    note = open_note(node, row)
    return _referring(
        note, row, to=(str(note.sender),), form=form, lines=lines, language=language, officer=officer, **more
    )


def clarification_draft(node: Node, given: str, party: str, line: int, *, language: str, officer: str) -> Draft:
    """A draft of the clarification form for a line of ours that came across differently at `party`.

    Raises DeskProblem("not_outgoing"); LineProblem("nothing_to_clarify") if they read that line as it was meant.
    """
    row = find(node, given)
    if row.direction != "out":
        raise DeskProblem("not_outgoing", note=row.note_id.hex()[:SHOWN_DIGITS])
    note = open_note(node, row)
    recipient = note.serial_for(party)
    if recipient is None:
        raise DeskProblem("no_read_back", note=row.note_id.hex()[:SHOWN_DIGITS])
    lines = clarification_lines(
        note, line, answers_of(node, row.note_id, party).get(line, "cannot-tell"), library=node.library
    )
    return _referring(
        note, row, to=(str(recipient.address),), form=CLARIFICATION, lines=lines, language=language, officer=officer
    )


def alternate_draft(note: Note, to: Address, now: int) -> Draft:
    """A draft of a note of ours to another office of the same party, which that party itself names as alternate.

    The same lines, to be read through and sent by an officer; an hour that is over is not hoped for again.
    """
    return Draft(
        form=note.form,
        office=note.sender.office,
        to=(str(to),),
        lines=dict(note.lines),
        written_in=note.written_in,
        officer=BY_NODE,
        precedence=int(note.precedence),
        exercise=note.exercise,
        accusation=note.accusation,
        answer_by=note.answer_by if note.answer_by is not None and note.answer_by > now else None,
        refers_to=note.refers_to,
        marking=note.marking,
    )


def answers_of(node: Node, note_id: bytes, party: str) -> dict[int, str]:
    """The option ids by line of the last read-back that `party` sent for a note of ours; empty if none or declined."""
    found: dict[int, str] = {}
    for direction, issuer, signed in node.store.look(lambda look: look.receipts(note_id)):
        if direction == "in" and issuer == party:
            for entry in read_receipt(peek(signed).payload).entries:
                if entry.note == note_id and entry.stage == Stage.READ_BACK and entry.read_back is not None:
                    found = dict(entry.read_back.answers)
    return found


def differing_lines(node: Node, note_id: bytes, party: str) -> tuple[int, ...]:
    """The lines of our note that came across differently at `party` in the last read-back."""
    row = node.store.look(lambda look: look.conversation(note_id, party))
    return () if row is None else read_conversation(row.state).differs


def _referring(note: Note, row: NoteRow, **fields: Any) -> Draft:
    language, officer = fields.pop("language"), fields.pop("officer")
    return Draft(
        office=row.office,
        written_in=language,
        officer=officer,
        precedence=fields.pop("precedence", int(note.precedence)),
        exercise=note.exercise,
        refers_to=(row.note_id,),
        marking=fields.pop("marking", note.marking),
        **fields,
    )


def right_answers(node: Node, given: str) -> dict[int, str]:
    """The option ids that the codes of a note of ours make right, by line; raises DeskProblem("not_outgoing")."""
    row = find(node, given)
    if row.direction != "out":
        raise DeskProblem("not_outgoing", note=row.note_id.hex()[:SHOWN_DIGITS])
    sheet = to_sheet(open_note(node, row))
    return {line: right_answer(sheet, line) for line in question_lines(sheet)}
