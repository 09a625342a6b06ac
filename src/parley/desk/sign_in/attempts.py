"""Attempts: guessing is slow, and nobody who guesses can keep the officer out.

Failures are counted for an officer *and* a browser: one that signed in for this officer before bears a random mark and
has a count of its own, so that a stranger's failures cost it nothing. No wait is longer than a minute and nothing is
ever locked for good; passkeys, which cannot be guessed, never wait; and the machine of the node can make a new link.
What strangers may cost in work is bounded by a rate that they share. Kept in memory: a restart forgets failures, which
costs less than keeping a stranger's every attempt. Times are ms of a clock that does not step back.
"""

from __future__ import annotations

from parley.desk.sign_in.problems import SignInProblem

FREE = 5
LONGEST_WAIT_MS = 60_000
MOST_KEPT = 10_000
STRANGERS_AT_ONCE = 20
STRANGERS_PER_S = 1.0


class Attempts:
    """Failures by (officer, browser); `browser` is "" for one that never signed in for that officer."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], tuple[int, int]] = {}
        self._left, self._at = float(STRANGERS_AT_ONCE), 0

    def check(self, officer: str, browser: str, now: int) -> None:
        """Raise SignInProblem("wait") if the next attempt is not due yet."""
        _, until = self._failures.get((officer, browser), (0, 0))
        wait = max(until - now, 0 if browser else self._strangers_wait(now))
        if wait > 0:
            raise SignInProblem("wait", seconds=-(-wait // 1000))

    def failed(self, officer: str, browser: str, now: int) -> None:
        """Count a failure: the sixth waits 1 s, then 2 s, 4 s … up to a minute."""
        if len(self._failures) >= MOST_KEPT:
            self._failures = {k: v for k, v in self._failures.items() if k[1] or v[1] > now}
        count = self._failures.get((officer, browser), (0, 0))[0] + 1
        wait = min(LONGEST_WAIT_MS, 1000 << min(count - FREE, 20)) if count >= FREE else 0
        self._failures[officer, browser] = (count, now + wait)

    def succeeded(self, officer: str, browser: str) -> None:
        """Forget the failures of this officer in this browser."""
        self._failures.pop((officer, browser), None)

    def _strangers_wait(self, now: int) -> int:
        self._left = min(STRANGERS_AT_ONCE, self._left + max(0, now - self._at) * STRANGERS_PER_S / 1000)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0
        return int((1 - self._left) / STRANGERS_PER_S * 1000) + 1
