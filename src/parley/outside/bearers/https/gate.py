"""Who may begin how many handshakes and hold how many connections: a flood takes from its own share only.

Before a handshake nothing is known of a caller but its address. One at which a peer was recognised since the start, or
that a peer's particulars name, is *familiar*: its handshakes do not count among those of strangers. Strangers share a
number of handshakes under way and a rate, in all and for each address (IPv6: for each /64, which is what one site
has); what is beyond is hung up on before any cryptography. Nothing here waits, and every table is bounded.
"""

from __future__ import annotations

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from parley.outside.bearers.https.limits import Limits

T = TypeVar("T")
STRANGER = ""
MOST_REMEMBERED = 4096  # addresses, of each kind: the oldest is forgotten


def site(host: str) -> str:
    """Whose share an address counts in: itself, or the /64 of an IPv6 address; a name that is no address as it is."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


@dataclass
class _Bucket:
    """So many at once, then so many a second."""

    left: float
    at: float

    def take(self, now: float, rate: float, most: float) -> bool:
        self.left, self.at = min(most, self.left + (now - self.at) * rate), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Gate:
    """Counts handshakes by site, and open connections by party; the code of a party is never empty.

    Args:
        listed: the hosts that peers' current particulars name; asked at every knock of somebody unfamiliar.
        clock: seconds, never stepping back.
    """

    def __init__(
        self,
        limits: Limits,
        listed: Callable[[], Collection[str]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self.open: Counter[str] = Counter()
        self.greeting: Counter[str] = Counter()  # handshakes under way, by site
        self.strangers: Counter[str] = Counter()  # open connections of strangers, by site
        self._listed, self._clock = listed, clock
        self._familiar: OrderedDict[str, None] = OrderedDict()
        self._strange = 0  # handshakes under way at sites that were not familiar when they began
        self._all = _Bucket(limits.handshakes_at_once, clock())
        self._each: OrderedDict[str, _Bucket] = OrderedDict()

    # -- before it is known who calls

    def knock(self, host: str) -> Callable[[], None] | None:
        """Whether a handshake may begin; None: hang up. What is returned is called when it is over, however."""
        where = site(host)
        familiar = where in self._familiar or where in {site(one) for one in self._listed()}
        if not (self._room(where) if familiar else self._room_for_stranger(where)):
            return None
        self.greeting[where] += 1
        self._strange += not familiar

        def over() -> None:
            _less(self.greeting, where)
            self._strange -= not familiar

        return over

    def _room(self, where: str) -> bool:
        return self.greeting[where] < self.limits.handshakes_per_familiar

    def _room_for_stranger(self, where: str) -> bool:
        limits, now = self.limits, self._clock()
        if self._strange >= limits.handshakes_of_strangers or self.greeting[where] >= limits.handshakes_per_site:
            return False
        each = self._each.pop(where, None) or _Bucket(limits.handshakes_at_once_per_site, now)
        _remember(self._each, where, each)
        # The site's own share is taken first: one that has none left takes nothing from the others.
        return each.take(now, limits.handshakes_per_s_and_site, limits.handshakes_at_once_per_site) and self._all.take(
            now, limits.handshakes_per_s, limits.handshakes_at_once
        )

    # -- once it is

    def enter(self, who: str, host: str = "") -> bool:
        """Count one more connection of `who`; False, and not counted, if its share is full."""
        where, limits = site(host), self.limits
        if who != STRANGER:
            self._familiar.pop(where, None)
            _remember(self._familiar, where, None)
        elif self.strangers[where] >= limits.connections_of_strangers_per_site:
            return False
        if self.open[who] >= (limits.connections_of_strangers if who == STRANGER else limits.connections_per_party):
            return False
        self.open[who] += 1
        self.strangers[where] += who == STRANGER
        return True

    def leave(self, who: str, host: str = "") -> None:
        """A connection of `who` that had entered is gone."""
        _less(self.open, who)
        if who == STRANGER:
            _less(self.strangers, site(host))


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


def _remember(table: OrderedDict[str, T], key: str, value: T) -> None:
    table[key] = value
    if len(table) > MOST_REMEMBERED:
        table.popitem(last=False)
