"""A sheet: the number of a form, the header that every form has, and the coded values of its lines.

The coded values are what is signed. The header is lines 1 to 9 of every form; a form's own lines begin at 10.
Leaves out what the values mean (`form`, `kinds`) and how they are checked (`checking`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from parley.terms.coded import Coded
from parley.terms.marking import Marking
from parley.terms.party import Address

Value: TypeAlias = Coded
"""A coded value as canonical CBOR carries it: int, str, bytes, bool, None, lists of them, maps with whole keys."""

PRECEDENCES = ("routine", "priority", "immediate", "flash")
"""The codes of line 4, by the number that is signed: 0 ROUTINE to 3 FLASH (ACP 127)."""
REALITIES = ("real", "exercise")
NATURES = ("not-accusation", "accusation")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What every note says before its own lines. Times are milliseconds since the Unix epoch, UTC.

    Args:
        exercise: whether the note belongs to an exercise (line 1).
        sender, recipients: who writes (2) and to whom (3).
        precedence: how soon an officer must see it, 0 ROUTINE to 3 FLASH (4).
        answer_by: by when an answer is hoped for; None if no time is named (5).
        accusation: whether the note accuses anybody (6; A/76/135 on norm 13c: notice is not accusation).
        refers_to: ids of the notes that it answers or follows, 32 bytes each (7).
        marking: how it may be passed on (8).
        signed_at, serial, written_in: when it was signed, its number towards this recipient, the drafter's
            language (9).
    """

    exercise: bool
    sender: Address
    recipients: tuple[Address, ...]
    marking: Marking
    written_in: str
    signed_at: int
    serial: int | None = None
    precedence: int = 0
    answer_by: int | None = None
    accusation: bool = False
    refers_to: tuple[bytes, ...] = ()

    def to_lines(self) -> dict[int, Value]:
        """The coded values of lines 1 to 9; read back by `from_lines`."""
        return {
            1: REALITIES[self.exercise],
            2: str(self.sender),
            3: [str(address) for address in self.recipients],
            4: PRECEDENCES[self.precedence] if self.precedence in range(len(PRECEDENCES)) else str(self.precedence),
            5: self.answer_by,
            6: NATURES[self.accusation],
            7: list(self.refers_to),
            8: self.marking.to_coded(),
            9: [self.signed_at, self.serial, self.written_in],
        }

    @classmethod
    def from_lines(cls, lines: Mapping[int, Value]) -> Header:
        """The header whose `to_lines` these are; for lines that were checked, else any error may come."""
        at, serial, language = _items(lines[9])
        return cls(
            exercise=lines[1] == "exercise",
            sender=Address.parse(str(lines[2])),
            recipients=tuple(Address.parse(str(address)) for address in _items(lines[3])),
            precedence=PRECEDENCES.index(str(lines[4])),
            answer_by=_whole_or_none(lines[5]),
            accusation=lines[6] == "accusation",
            refers_to=tuple(note for note in _items(lines[7]) if isinstance(note, bytes)),
            marking=Marking.from_coded(lines[8]),
            signed_at=_whole_or_none(at) or 0,
            serial=_whole_or_none(serial),
            written_in=str(language),
        )


class Sheet(msgspec.Struct, frozen=True):
    """A filled form. `lines` holds the form's own lines (10 and up) as coded values; an absent line says nothing."""

    form_number: int
    form_version: int
    header: Header
    lines: Mapping[int, Value]

    def all_lines(self) -> dict[int, Value]:
        """Every coded value in the order of the lines: the header's 1 to 9, then the form's own."""
        return {**self.header.to_lines(), **{number: self.lines[number] for number in sorted(self.lines)}}


def _items(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _whole_or_none(value: Value) -> int | None:
    return value if isinstance(value, int) else None
