"""Roads: how each bearer to each peer did when it was last used; for choosing among them, and for `doctor`."""

from __future__ import annotations

from typing import Final

import msgspec

from parley.line.ports import Look, Store, Tx
from parley.line.roads import First

KIND: Final = "road"
HTTPS: Final = "https"
CALLED: Final = "called"  # the peer called us
MAIL: Final = "mail"  # a letter of ours was handed to the post
MAIL_IN: Final = "mail-in"  # a letter of theirs came; under our own code: our mailbox was looked at
LATELY: Final = 60_000  # ms for which a call of a peer shows that it collects what waits here
OLD_NEWS: Final = 600_000  # ms after which an unchanged state is written down again


class Road(msgspec.Struct):
    """One bearer to one party: when it last worked, when it last failed, since when it has been failing (ms UTC; 0:
    never), and the key of the last problem."""

    worked: int = 0
    failed: int = 0
    failing_since: int = 0
    problem: str = ""

    @property
    def failing(self) -> bool:
        return self.failing_since > 0


class Roads:
    """What is known of every road, in memory; `keep` writes down what changed."""

    def __init__(self) -> None:
        self._roads: dict[tuple[str, str], Road] = {}
        self._kept: dict[tuple[str, str], tuple[bool, int]] = {}

    def load(self, look: Look) -> None:
        """What was kept before this process began."""
        for key, value in look.records(KIND):
            party, _, kind = key.partition(" ")
            self._roads[party, kind] = msgspec.msgpack.decode(value, type=Road)

    def of(self, party: str, kind: str) -> Road:
        """A road; one that was never used if nothing is known."""
        return self._roads.get((party, kind)) or Road()

    def works(self, party: str, kind: str, now: int) -> None:
        """It just worked."""
        road = self._roads.setdefault((party, kind), Road())
        road.worked, road.failing_since, road.problem = now, 0, ""

    def fails(self, party: str, kind: str, now: int, problem: str) -> None:
        """It just did not."""
        road = self._roads.setdefault((party, kind), Road())
        road.failed, road.problem = now, problem
        road.failing_since = road.failing_since or now

    def first(self, party: str, now: int, *, listed: bool) -> First:
        """How HTTPS with a peer stands; `listed`: its particulars name such an address."""
        if now - self.of(party, CALLED).worked < LATELY:
            return First.WORKING
        if not listed:
            return First.NONE
        return First.FAILING if self.of(party, HTTPS).failing else First.WORKING

    def by_mail(self, party: str) -> bool:
        """Whether what came last from a peer came by mail: it then waits for our receipts there."""
        heard = self.of(party, MAIL_IN).worked
        return heard > max(self.of(party, HTTPS).worked, self.of(party, CALLED).worked)

    async def keep(self, store: Store) -> None:
        """Write down what changed since it was last written; under traffic nothing does."""
        changed = {}
        for key, road in self._roads.items():
            at = max(road.worked, road.failed)
            failing, before = self._kept.get(key, (None, 0))
            if failing is not road.failing or at - before > OLD_NEWS:
                changed[key] = (msgspec.msgpack.encode(road), (road.failing, at))
        if changed:

            def unit(tx: Tx) -> None:
                for (party, kind), (value, _) in changed.items():
                    tx.put(KIND, f"{party} {kind}", value)

            await store.write(unit, point="roads")
            self._kept.update({key: kept for key, (_, kept) in changed.items()})
