"""Cleared ahead: what a director lets a releaser send alone within bounds, for a time.

It must work at 03:00 without waking anybody, and must not become a blank cheque: the form, who it may go to, each line
with the values it may have, the highest precedence, the end, and how often are all named. A line that is not named must
be absent. Attribution, protest, claim and whatever accuses are never cleared ahead (policy.FLOOR).
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley.clearance.problems import ClearanceProblem
from parley.clearance.roles import check_name

LONGEST_DAYS = 92
DAY = 86_400_000
FREE = "*"
"""Stands for any value of a line, own words too."""


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A form that a director cleared ahead.

    Args:
        name: how it is called at the desk and in the journal.
        form: number of the form.
        lines: line number -> the coded values that it may have; ``["*"]``: any. Lines that are not here are absent.
        to: the offices that it may go to, ``XB/duty``; empty: any.
        highest: the highest precedence, 0 ROUTINE to 3 FLASH.
        exercise: only exercises (True), only what is real (False), both (None).
        since, until: ms since the epoch, UTC.
        uses: how many notes at most.
        by: the director.

    Raises ClearanceProblem ``bad_bounds``, ``bad_name``.
    """

    name: str
    form: int
    lines: dict[int, list[Any]]
    since: int
    until: int
    by: str
    to: tuple[str, ...] = ()
    highest: int = 3
    exercise: bool | None = None
    uses: int = 20

    def __post_init__(self) -> None:
        check_name(self.name)
        check_name(self.by)
        if not self.since < self.until <= self.since + LONGEST_DAYS * DAY:
            raise ClearanceProblem("bad_bounds", why="end", days=LONGEST_DAYS)
        counts = 0 < self.uses <= 1000 and 0 <= self.highest <= 3
        if not counts or any(not allowed for allowed in self.lines.values()):
            raise ClearanceProblem("bad_bounds", why="lines", days=LONGEST_DAYS)
