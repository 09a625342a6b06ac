"""Who may hold how many connections: a peer's flood takes from its own share only."""

from __future__ import annotations

from collections import Counter

from parley.outside.bearers.https.limits import Limits

STRANGER = ""


class Gate:
    """Counts open connections by party; the code of a party is never empty, so strangers share the empty name."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.open: Counter[str] = Counter()

    def enter(self, who: str) -> bool:
        """Count one more connection of `who`; False, and not counted, if its share is full."""
        share = self.limits.connections_of_strangers if who == STRANGER else self.limits.connections_per_party
        if self.open[who] >= share:
            return False
        self.open[who] += 1
        return True

    def leave(self, who: str) -> None:
        """A connection of `who` that had entered is gone."""
        self.open[who] -= 1
        if not self.open[who]:
            del self.open[who]
