"""Roads: when a second bearer joins the first, as data; and what a bearer that goes one way brings.

A peer has several bearers. HTTPS comes first, because it answers at once; mail is hedged beside it: for FLASH nearly at
once, for the rest when HTTPS has failed for a while or the clock of the precedence has run out. The same note may so
arrive by two roads; its id says that it is one. Leaves out what the roads look like: outside/bearers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from enum import Enum
from typing import Final, Protocol

import msgspec

from parley.line.note import Precedence
from parley.line.precedence import HOUR, IN_STATION, MINUTE, SECOND
from parley.terms.problem import Problem


class First(Enum):
    """How the first bearer (HTTPS) to a peer stands."""

    NONE = "none"  # no address of theirs, and they did not call us lately
    FAILING = "failing"
    WORKING = "working"  # or not tried yet


WHILE_FAILING: Final[Mapping[Precedence, int]] = {
    Precedence.FLASH: 3 * SECOND,
    Precedence.IMMEDIATE: 1 * MINUTE,
    Precedence.PRIORITY: 10 * MINUTE,
    Precedence.ROUTINE: 30 * MINUTE,
}
"""How long (ms) something waits for a failing first bearer before mail carries it too."""
AT_ONCE: Final = 1 * SECOND
"""Where mail is the only road; a moment, so that what is written together travels together."""
DAY: Final = 24 * HOUR


def patience(precedence: Precedence, first: First) -> int:
    """How long (ms) something waits in the outbox before mail carries it too.

    While the first bearer works, the first step of the line's ladder counts: a quarter of the in-station time without
    a receipt (`clocks`); FLASH does not wait for that.
    """
    if first is First.NONE:
        return AT_ONCE
    if first is First.FAILING or precedence is Precedence.FLASH:
        return WHILE_FAILING[precedence]
    return IN_STATION[precedence] // 4


def again_after(precedence: Precedence, times: int) -> int:
    """How long (ms) after it was mailed for the `times`-th time something is mailed again if nobody has receipted it.

    The in-station time, doubled each time, at most a day: a greylisting server takes half an hour, a flood of doubles
    would help nobody.
    """
    return min(DAY, IN_STATION[precedence] << min(max(times - 1, 0), 8))


class Letter(msgspec.Struct, frozen=True):
    """Something that lay in a mailbox and looked like ours: the bytes of a parcel, or why there are none."""

    parcel: bytes | None
    problem: Problem | None = None


class Bounce(msgspec.Struct, frozen=True):
    """A mail server's word that a letter of ours was not delivered; believed only for an id that we gave out."""

    letter_id: str
    status: str  # RFC 3463, such as 5.1.1; "?" if it says none


class Place(msgspec.Struct, frozen=True):
    """Everything up to here in the mailbox was looked at; opaque to everybody but the bearer that wrote it."""

    mark: bytes


class Post(Protocol):
    """A bearer that goes one way: what it carries is answered, if at all, by a letter of the other side."""

    async def send(self, address: str, parcel: bytes) -> str:
        """Hand a parcel to the post; returns the letter's id. Raises a Problem if it surely or perhaps did not go."""

    def collect(self, since: bytes, known: Collection[str]) -> AsyncGenerator[Letter | Bounce | Place, None]:
        """What came after the mark `since` (empty: from the beginning); letters from `known` addresses first within
        each stretch that ends with a Place. Raises a Problem when the mailbox cannot be read."""
