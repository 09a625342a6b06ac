"""What went wrong: a key with arguments, whose fault it is, and what to do next.

Inside Parley an error is a key and arguments; the sentence is made at the door, in the reader's language.
English stands beside the key so that a traceback or a log can be read without a catalogue.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, NamedTuple


class Fault(Enum):
    """Whose fault a problem is."""

    YOURS = "yours"  # the person at this desk: a missing line, a wrong passphrase
    PEER = "peer"  # what another party's node sent
    MACHINE = "machine"  # this computer: disk, port, file, clock
    OURS = "ours"  # a defect of Parley itself


class Says(NamedTuple):
    """One row of a room's table of problems: whose fault, what is wrong, what to do (English, {argument} in braces)."""

    fault: Fault
    what: str
    do: str


class Problem(Exception):
    """Base of every error that Parley raises on purpose; each room derives one class with its own TABLE.

    Args:
        key: a row of TABLE, e.g. ``"not_canonical"``.
        arguments: what the sentence names; plain text and whole numbers only, so that they survive the wire.

    The full key seen by catalogues and by peers is ``ROOM.key``.
    """

    ROOM: ClassVar[str] = ""
    TABLE: ClassVar[dict[str, Says]] = {}

    def __init__(self, key: str, **arguments: str | int) -> None:
        if type(self) is Problem:
            raise TypeError("raise the problem of a room, not the base")
        if key not in self.TABLE:
            raise KeyError(f"{type(self).__name__} has no row {key!r}")
        self.says = self.TABLE[key]
        self.key = f"{self.ROOM}.{key}"
        self.arguments = arguments
        super().__init__(self.key, arguments)

    @property
    def fault(self) -> Fault:
        """Whose fault it is."""
        return self.says.fault

    @property
    def what(self) -> str:
        """What is wrong, in English."""
        return self.says.what.format(**self.arguments)

    @property
    def do(self) -> str:
        """What to do next, in English."""
        return self.says.do.format(**self.arguments)

    def __str__(self) -> str:
        return f"{self.what} {self.do}"
