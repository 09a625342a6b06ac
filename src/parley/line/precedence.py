"""How soon a note must be before an officer, as data: the in-station times of ACP 127.

Leaves out by when an answer is hoped for: that is a field of its own, and no precedence implies one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from parley.line.note import Precedence

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

IN_STATION: Final[Mapping[Precedence, int]] = {
    Precedence.FLASH: 10 * MINUTE,
    Precedence.IMMEDIATE: 30 * MINUTE,
    Precedence.PRIORITY: 3 * HOUR,
    Precedence.ROUTINE: 6 * HOUR,
}
"""Milliseconds from *taken* until the note should be before an officer; the objectives of military message traffic."""
