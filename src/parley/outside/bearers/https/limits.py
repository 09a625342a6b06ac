"""How much a node gives to callers before it knows that they are worth it."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Limits of the HTTPS server; every one is per node process.

    The longest body is that of the largest parcel (spec/parcel.md), which carries several notes. Particulars with
    three roots and a dozen offices take some 40 kB.
    """

    parcel_bytes: int = 8 << 20
    particulars_bytes: int = 256 << 10
    head_bytes: int = 8 << 10
    handshake_s: float = 10.0
    head_s: float = 10.0
    """Seconds from the first byte of a request (or from the connection) to the end of its head."""
    body_s: float = 20.0
    """Seconds for a body of any size; on top comes the time that its size takes at `slowest_bytes_per_s`."""
    slowest_bytes_per_s: int = 1000
    """A little under a line of 9,600 bit/s."""
    idle_s: float = 120.0
    """Seconds that a connection without a request stays open; callers give up theirs earlier."""
    connections_per_party: int = 8
    connections_of_strangers: int = 32
    """Their own share: strangers that fill it keep other strangers out, never a peer."""
    connections_of_strangers_per_site: int = 16
    """Of that share, for one address (IPv6: one /64)."""
    handshakes_of_strangers: int = 32
    """Under way at once, from addresses at which no peer was recognised."""
    handshakes_per_site: int = 8
    """Of these, from one address."""
    handshakes_per_familiar: int = 32
    """Under way at once from an address at which a peer was recognised; they count among no others."""
    handshakes_at_once: int = 100
    """Of strangers in all: so many in a row, then `handshakes_per_s`."""
    handshakes_per_s: float = 50.0
    handshakes_at_once_per_site: int = 40
    handshakes_per_s_and_site: float = 10.0

    def body_seconds(self, size: int) -> float:
        """How long a body of `size` bytes may take."""
        return self.body_s + size / self.slowest_bytes_per_s
