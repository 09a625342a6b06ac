"""The keeper: what the door of the desk remembers while it runs, and the settings of signing in. Nothing of it is kept.

Secrets of links that are open, challenges of passkeys under way, failures. A restart forgets them: a page that was open
is opened again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from parley.desk.sign_in.account import Account, Fresh
from parley.desk.sign_in.attempts import Attempts
from parley.desk.sign_in.passkeys import Passkeys
from parley.desk.sign_in.sessions import Hours
from parley.seal import STRONG, PassphraseCost

P = ParamSpec("P")
T = TypeVar("T")
MOST_OPEN = 200
CHALLENGE_MS = 5 * 60_000
MOST_CHALLENGES = 1000
AT_ONCE = 2
"""Passphrases that are worked on at once: each takes 256 MiB for a moment (docs/decisions/0016)."""


@dataclass
class Keeper:
    """One desk's. `ticks`: ms of a clock that does not step back; `passkeys` None: this desk takes none."""

    ticks: Callable[[], int]
    passkeys: Passkeys | None = None
    hours: Hours = field(default_factory=Hours)
    cost: PassphraseCost = STRONG
    attempts: Attempts = field(default_factory=Attempts)
    shown: dict[str, tuple[int, Fresh]] = field(default_factory=dict)  # secrets on pages of links, by digest
    used: dict[str, tuple[int, Account, Fresh]] = field(default_factory=dict)  # for a second click on one button
    visits: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # tour links used: until, page, officer
    challenges: dict[bytes, tuple[int, str]] = field(default_factory=dict)  # until when, and what for
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def sweep(self, now: int) -> None:
        """Forget what links showed whose time has passed (ms UTC)."""
        self.shown = {key: kept for key, kept in self.shown.items() if kept[0] > now}
        self.used = {key: kept for key, kept in self.used.items() if kept[0] > now}
        self.visits = {key: kept for key, kept in self.visits.items() if kept[0] > now}

    def challenge(self, drawn: bytes, purpose: str) -> bytes:
        """Remember a challenge, for five minutes and one use."""
        now = self.ticks()
        if len(self.challenges) >= MOST_CHALLENGES:
            self.challenges = {one: kept for one, kept in self.challenges.items() if kept[0] > now}
            for oldest in list(self.challenges)[: max(0, len(self.challenges) - MOST_CHALLENGES // 2)]:
                del self.challenges[oldest]
        self.challenges[drawn] = (now + CHALLENGE_MS, purpose)
        return drawn

    def answered(self, challenge: bytes, purpose: str) -> bool:
        """Whether this challenge was given for that purpose and is not used yet; it is now."""
        until, what = self.challenges.pop(challenge, (0, ""))
        return self.ticks() < until and what == purpose

    async def slowly(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work on a passphrase in a thread, AT_ONCE at a time."""
        async with self.room:
            return await asyncio.to_thread(act, *args, **kwargs)
