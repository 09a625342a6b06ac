"""Measure: how many bytes a draft will be on the line, with the files that it names beside it."""

from __future__ import annotations

import msgspec

from parley.desk import draft
from parley.desk.compose import SERIAL, thread_of
from parley.desk.draft import Draft
from parley.desk.node import Node
from parley.forms import Sheet
from parley.line.note import Recipient
from parley.line.poor_line import RATES, Sizes, seconds, sizes
from parley.line.reading import note_from_sheet
from parley.line.serials import OFFSET_BYTES
from parley.terms.party import Address

TYPICAL_SERIAL = 1 << (8 * OFFSET_BYTES - 1)
"""Of a recipient to whom nothing was written yet: as long as most first serials are."""


class OnTheLine(msgspec.Struct, frozen=True):
    """How many bytes a draft becomes, how long one copy takes at each rate, and how many bytes of files it names."""

    sizes: Sizes
    times: tuple[tuple[int, int], ...]  # (bits a second, seconds)
    files: int
    file_bytes: int


def on_the_line(node: Node, made: Draft, sheet: Sheet) -> OnTheLine:
    """How many bytes a checked draft becomes; nothing is reserved. Raises DeskProblem("no_note") for a note that it
    refers to and that is not here, SealProblem("too_long_to_seal")."""
    note = note_from_sheet(
        sheet,
        recipients=[Recipient(to, _serial(node, made.office, to)) for to in sheet.header.recipients],
        incarnation=node.incarnation,
        particulars_version=node.our_particulars().version,
        thread=thread_of(node, made.refers_to),
        library=node.library,
    )
    found = sizes(note)
    files = draft.files_of(node, made)
    times = tuple((rate, seconds(found.sealed, rate)) for rate in RATES)
    return OnTheLine(found, times, len(files), sum(one.size for one in files))


def _serial(node: Node, office: str, to: Address) -> int:
    """The one that it would bear, or one as long."""
    stored = node.store.look(lambda look: look.record(SERIAL, f"{office} {to} {node.incarnation.hex()}"))
    return TYPICAL_SERIAL if stored is None else int.from_bytes(stored, "big") + 1
