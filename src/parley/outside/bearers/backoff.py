"""How long to wait before the next attempt; the caller keeps the count and does the waiting."""

from __future__ import annotations

from collections.abc import Callable


def backoff(attempt: int, rng: Callable[[int], bytes], *, first_ms: int = 500, longest_ms: int = 300_000) -> int:
    """Milliseconds to wait after failed attempt number `attempt` (0 is the first).

    Doubles each time up to `longest_ms`; the upper half is random, so that nodes that lost the same link at the same
    moment do not come back at the same moment.
    """
    ceiling = min(longest_ms, first_ms << min(attempt, 40))
    share = int.from_bytes(rng(4), "big") / 2**32
    return ceiling // 2 + int((ceiling - ceiling // 2) * share)
