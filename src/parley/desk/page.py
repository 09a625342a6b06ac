"""A note as a page: rendered in a language. Looking at the page is no reading: `read` is, and says so to the sender."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import msgspec

from parley.desk.node import Node
from parley.forms import Rendered, render, render_coded
from parley.line.note import Note
from parley.line.ports import NoteRow
from parley.line.reading import known_form, to_sheet


class Reading(msgspec.Struct, frozen=True):
    """A note as shown: the row (where it stands in the journal), the parsed note, the rendered text."""

    row: NoteRow
    note: Note
    rendered: Rendered


def rendered(
    node: Node, note: Note, language: str, width: int = 80, zones: Sequence[tzinfo] = ()
) -> Rendered:  # fmt: skip
    """The note in `language`; in coded lines if its form or version is not known here, or defined otherwise.

    `zones`: in which every moment is shown besides UTC.
    """
    sheet = to_sheet(note, None if note.sender.party == node.party else node.party)
    show = render if known_form(note, node.library) is not None else render_coded
    return show(sheet, language, width=width, zones=zones)
