"""Post office: the tasks of a serving node that has a mailbox: one that mails what is ripe, one that looks in.

One peer's bad address or flood of letters delays nobody else: each peer has a lane with pauses of its own, and what is
taken is taken letter by letter. Where the mailbox was looked at last is kept in the store, so that a restart neither
downloads it again nor skips anything: the mark moves only after what lies before it is durable here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from parley.desk.log import Log
from parley.desk.node import Node
from parley.desk.post import Lane, party_of_letter, post
from parley.desk.roads import MAIL, MAIL_IN
from parley.desk.take_letter import take_letter
from parley.line.roads import Bounce, Letter, Place, Post
from parley.seal import digest
from parley.terms.problem import Fault, Problem

LOG = Log("parley.line")
MAILBOX: Final = "mailbox"
LOOK_OUT: Final = 1.0  # s between looks at what waits
LONGEST_PAUSE: Final = 300.0  # s between looks into a mailbox that cannot be read: a wrong password locks accounts
MOST_REMEMBERED: Final = 4096  # letters remembered as taken, so that doubles cost nothing
Ways = Callable[[str], tuple[str, bool] | None]
"""The mail address of a party, and whether it has an HTTPS address too; None: it cannot be reached by mail."""


class PostOffice:
    """Mail for one node, in both directions; `look_in`, `look_out`: seconds between looks."""

    def __init__(self, node: Node, way: Post, ways: Ways, *, look_in: float = 20.0, look_out: float = LOOK_OUT) -> None:
        self.node, self.way, self.ways = node, way, ways
        self._look_in, self._look_out = look_in, look_out
        self._lanes: dict[str, Lane] = {}
        self._taken: dict[bytes, None] = {}
        self._failures = 0
        self._tasks = [asyncio.create_task(self._mail()), asyncio.create_task(self._look())]

    async def stop(self) -> None:
        """End both tasks; what was not taken stays in the mailbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- out

    async def _mail(self) -> None:
        while True:
            for party in list(self.node.directory.parties):
                await self.mail_to(party)
            await asyncio.sleep(self._look_out)

    async def mail_to(self, party: str) -> None:
        """Mail what is ripe for one party, if it can be reached so."""
        try:
            found = None if party == self.node.party or party in self.node.held_back else self.ways(party)
            if found is not None:
                address, listed = found
                lane = self._lanes.setdefault(party, Lane())
                await post(self.node, party, self.way, address, lane, listed=listed)
        except Problem as problem:
            LOG.warning("not mailed", party=party, problem=problem.key, says=str(problem))
        except Exception:
            LOG.exception("defect in mailing", party=party)

    # -- in

    async def _look(self) -> None:
        while True:
            self._failures = 0 if await self.look_in() else self._failures + 1
            await asyncio.sleep(min(LONGEST_PAUSE, self._look_in * 2.0 ** min(self._failures, 8)))

    async def look_in(self) -> bool:
        """Take everything that is new in the mailbox; False if that could not be done to its end."""
        now = self.node.clock
        try:
            async with aclosing(self._collected()) as found:
                async for one in found:
                    await self._take(one)
        except Problem as problem:
            LOG.warning("mailbox not looked at", problem=problem.key, says=str(problem))
            self.node.roads.fails(self.node.party, MAIL_IN, now(), problem.key)
            return False
        except Exception:
            LOG.exception("defect in looking into the mailbox")
            return False
        self.node.roads.works(self.node.party, MAIL_IN, now())
        return True

    def _collected(self) -> AsyncGenerator[Letter | Bounce | Place, None]:
        since = self.node.store.look(lambda look: look.record(MAILBOX, "place")) or b""
        known = {found[0] for party in self.node.directory.parties if (found := self.ways(party)) is not None}
        return self.way.collect(since, known)

    async def _take(self, found: Letter | Bounce | Place) -> None:
        match found:
            case Place(mark):
                await keep_place(self.node, mark)
            case Bounce():
                self._bounced(found)
            case Letter(parcel=None, problem=problem):
                LOG.warning("letter not taken", problem=problem.key if problem else "", says=str(problem or ""))
            case Letter(parcel=bytes(parcel)):
                await self._take_parcel(parcel)

    async def _take_parcel(self, parcel: bytes) -> None:
        """A double of what was taken is passed over; a fault of ours stops the round, and the letter stays unread."""
        seen = digest(parcel)
        if seen in self._taken:
            return
        try:
            party = await take_letter(self.node, parcel)
        except Problem as problem:
            if problem.fault in (Fault.MACHINE, Fault.OURS):
                raise
            LOG.warning("letter not taken", problem=problem.key, says=str(problem))
            return
        except Exception:  # it would stop the mailbox for ever; its rows stay in the sender's outbox
            LOG.exception("defect in taking a letter")
            return
        LOG.info("letter taken", party=party)
        self._taken[seen] = None
        if len(self._taken) > MOST_REMEMBERED:
            self._taken.pop(next(iter(self._taken)))

    def _bounced(self, bounce: Bounce) -> None:
        party = self.node.store.look(lambda look: party_of_letter(look, bounce.letter_id))
        if party is None:
            return
        LOG.warning("letter came back", party=party, status=bounce.status)
        self.node.roads.fails(party, MAIL, self.node.clock(), "bearer.mail_bounced")


async def keep_place(node: Node, mark: bytes) -> None:
    """Everything up to `mark` in the mailbox is durable here: the next look begins after it."""
    await node.store.write(lambda tx: tx.put(MAILBOX, "place", mark), point="mailbox")
