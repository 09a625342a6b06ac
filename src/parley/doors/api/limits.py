"""How much the API gives to a program, so that one that is broken takes nothing from the line."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Of one node. Sizes in bytes, times in seconds."""

    body_bytes: int = 256 << 10
    """A draft is a few kilobytes."""
    body_s: float = 20.0
    streams_per_token: int = 4
    beat_s: float = 15.0
    """Between signs of life of a stream on which nothing happens."""
    look_s: float = 0.2
    """Between looks of a stream: also how long a stream may outlive its token."""
    stuck_s: float = 30.0
    """How long a stream waits for a program that does not take what it is given."""
    rate: float = 20.0
    """Requests a second of one token in the long run."""
    burst: int = 60
    failures: float = 5.0
    """Requests a second with tokens that are none, of all callers together, in the long run."""
    failures_burst: int = 20


class Bucket:
    """A token bucket: `burst` at once, `rate` a second in the long run. Times are seconds of a monotonic clock."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self.rate, self.burst = rate, burst
        self._left, self._at = float(burst), now

    def take(self, now: float) -> float:
        """Take one; returns 0.0, or after how many seconds there will be one."""
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.rate
