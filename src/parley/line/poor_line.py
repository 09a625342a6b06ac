"""A poor line: how many bytes a note is there, and how long they take at a stated rate.

The rates are assumptions of ours, named so that an officer can think in them; they are of user data, without what a
bearer puts around a note, without loss and without repetition. Leaves out which bearer a note will go by.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.line.note import Note
from parley.seal import sealed_length, signed_length

RATES: Final = (2_400, 9_600, 64_000)
"""Bits a second: HF radio or an older satellite telephone; a better one; one ISDN channel."""


class Sizes(msgspec.Struct, frozen=True):
    """Bytes of a note: as it is signed over, signed, and sealed and padded, which is what travels, a copy to each of
    `copies` recipients."""

    payload: int
    signed: int
    sealed: int
    copies: int

    @property
    def total(self) -> int:
        """Of all copies."""
        return self.sealed * self.copies


def sizes(note: Note) -> Sizes:
    """How many bytes a note is once it is signed and sealed; raises SealProblem("too_long_to_seal")."""
    payload = len(note.to_payload())
    signed = signed_length(payload)
    return Sizes(payload, signed, sealed_length(signed), len(note.recipients))


def seconds(size: int, rate: int) -> int:
    """Whole seconds, rounded up, that `size` bytes take at `rate` bits a second."""
    return -(-size * 8 // rate)
