"""Several sources' accounts of one incident: what a person decided about two of them.

Nothing is joined by itself. A person says "the same" or "different"; both sources keep their own statements.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec


class Verdict(IntEnum):
    """What a person decided about two accounts. The numbers are in stored records and never change."""

    SAME = 1
    DIFFERENT = 2
    PART = 3  # one is a part of the other, for example one campaign of several


class Match(msgspec.Struct, frozen=True, order=True):
    """A decision about two accounts: their names in order, who decided, when (milliseconds, UTC), and why."""

    first: str
    second: str
    verdict: Verdict
    decided_by: str
    at: int
    reasons: tuple[str, ...] = ()
