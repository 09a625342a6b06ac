"""The machine's clock, with a floor below which it is not believed.

A computer whose clock battery is empty wakes up in 1970; one that was set by hand may be days off. Parley compares the
clock with the highest time that this node has ever acted at (the floor, which the store keeps) and with the time since
it last looked. A clock that stepped back is noticed, and until it has caught up, time goes on from the floor, a tenth
slower than it passes so that the clock can catch up: nothing is ever signed before what was already signed. What is
left out: asking others for the time; peers' cosigned times warn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

TOLERANCE_MS = 2_000
"""Steps of this size are made by time servers every day: evened out, and not reported."""


class Reading(msgspec.Struct, frozen=True):
    """One look at the clock, in ms since the Unix epoch, UTC.

    `ms` is the time to use; `behind_ms` is by how much the machine's own clock lies below it (0 if it is believed).
    Whoever shows or signs `ms` while `behind_ms` is not 0 marks it as uncertain.
    """

    ms: int
    behind_ms: int


def _wall() -> int:
    return time.time_ns() // 1_000_000


def _elapsed() -> int:
    """Ms since the machine started, counting sleep where the system can (a laptop's lid is not a clock step)."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // 1_000_000


class SystemClock:
    """The machine's clock with a floor.

    Args:
        floor: the highest time that this node has acted at, as its store remembers it (ms, UTC); 0 for a new node.
        stepped_back: called once for every step back, with its size in ms.
        wall, elapsed: for tests; ms of the settable clock, and of one that only counts.
    """

    def __init__(
        self,
        floor: int = 0,
        *,
        stepped_back: Callable[[int], None] = lambda _: None,
        wall: Callable[[], int] = _wall,
        elapsed: Callable[[], int] = _elapsed,
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._stepped_back = stepped_back
        self._floor = floor
        self._floor_at = elapsed()
        self._reported = False

    @property
    def floor(self) -> int:
        """The highest time given out, or the floor it began with: to be kept with whatever is committed."""
        return self._floor

    def look(self) -> Reading:
        """The time now; never less than any time given out before."""
        wall, elapsed = self._wall(), self._elapsed()
        carried_on = self._floor + max(0, elapsed - self._floor_at)
        if self._reported:
            carried_on -= max(0, elapsed - self._floor_at) // 10
        behind = max(0, carried_on - wall) if self._floor else 0
        if behind <= TOLERANCE_MS:
            self._reported = False
            return self._move(max(wall, self._floor), elapsed, 0)
        if not self._reported:
            self._reported = True
            self._stepped_back(behind)
        return self._move(carried_on, elapsed, behind)

    def now(self) -> int:
        """The time to use, in ms; see `look` for whether it is believed."""
        return self.look().ms

    def lower_floor(self, ms: int) -> None:
        """An officer says that the floor itself is wrong (the clock once ran years ahead); the caller journals it."""
        self._floor = ms
        self._floor_at = self._elapsed()
        self._reported = False

    def _move(self, ms: int, elapsed: int, behind: int) -> Reading:
        self._floor, self._floor_at = ms, elapsed
        return Reading(ms, behind)
