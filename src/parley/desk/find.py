"""Find a note by its id or the beginning of it, and open it."""

from __future__ import annotations

import re

from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.line.note import Note, read_note
from parley.line.ports import NoteRow
from parley.seal import peek

SHOWN_DIGITS = 16  # of an id, in lists and messages
_DIGITS = re.compile("[0-9a-f]{4,64}")


def find(node: Node, given: str) -> NoteRow:
    """The note whose id begins with these hexadecimal digits, four at least; raises DeskProblem("no_note" or
    "many_notes")."""
    wanted = given.lower().strip()
    if _DIGITS.fullmatch(wanted) is None:
        raise DeskProblem("no_note", note=wanted[:SHOWN_DIGITS])
    first, last = (bytes.fromhex(wanted.ljust(64, digit)) for digit in "0f")
    found = node.store.look(lambda look: look.notes_between(first, last, 2))
    if len(found) > 1:
        raise DeskProblem("many_notes", note=wanted[:SHOWN_DIGITS])
    if not found:
        raise DeskProblem("no_note", note=wanted[:SHOWN_DIGITS])
    return found[0]


def signed_of(node: Node, row: NoteRow) -> bytes:
    """The signed bytes of a stored note; raises DeskProblem("locked" or "body_destroyed")."""
    if row.body is None:
        raise DeskProblem("body_destroyed", note=row.note_id.hex()[:SHOWN_DIGITS])
    return node.unlock_body(row.note_id, row.body)


def open_note(node: Node, row: NoteRow) -> Note:
    """The parsed note, which was verified when it was stored."""
    return read_note(peek(signed_of(node, row)).payload)
