"""The desk behind the door: the node, who keeps the door, and what the door remembers while it runs."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from parley.desk.board import Board
from parley.desk.node import Node
from parley.desk.sign_in.keeper import Keeper
from parley.desk.sign_in.passkeys import Site
from parley.desk.verifying import Verifying
from parley.doors.api.limits import Bucket
from parley.doors.web.limits import Limits
from parley.doors.web.tour import Tour
from parley.precedents import PrecedentProblem
from parley.precedents.asked import Asking

T = TypeVar("T")


class Carrying(Protocol):
    """Parcels as what a person carries: files, and sheets of QR codes. Each raises a problem of the bearers."""

    def file(self, parcel: bytes) -> bytes: ...
    def parcel(self, content: bytes) -> bytes: ...  # what a file holds, checked
    def sheets(self, parcel: bytes) -> bytes: ...  # a page to print, HTML


class House(Protocol):
    """What only the machine knows: findings about it, the settings that are in force, where a backup would go."""

    def findings(self) -> list[dict[str, Any]]: ...  # as `parley doctor` lists them: what, ok, do; raises nothing
    def settings(self) -> list[tuple[str, str, str]]: ...  # table, name, value: without secrets


MOST_BUCKETS = 1000
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass
class WebDesk:
    """One desk. `hosts`: whole Host headers under which it answers, `behind` those among them for which a proxy speaks
    TLS; `rp_id`: the name that passkeys belong to.

    `unlock` gives the node its archive passphrase; raises SealProblem("wrong_passphrase").
    """

    node: Node
    keeper: Keeper
    hosts: set[str]
    rp_id: str
    secure: bool
    board: Board
    unlock: Callable[[str], Awaitable[int]]
    carrying: Carrying
    behind: frozenset[str] = frozenset()
    language: str = "en"
    tour: Tour | None = None  # only at the demonstration's two desks
    limits: Limits = field(default_factory=Limits)
    closing: bool = False
    streams: Counter[str] = field(default_factory=Counter)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    lines: dict[Any, Any] = field(default_factory=dict)  # what the page Line worked out last (pages.line)
    asking: Callable[[], Asking] | None = None  # opens the public record; None: there is none here
    asking_one: asyncio.Lock = field(default_factory=asyncio.Lock)
    drawing_one: asyncio.Lock = field(default_factory=asyncio.Lock)
    replies: dict[str, bytes] = field(default_factory=dict)  # by session: what answers the parcel it brought last
    house: House | None = None  # the machine behind the node, as the settings page shows it
    _record: Asking | None = None

    @cached_property
    def verifying(self) -> Verifying:
        """The verification of the whole journal that officers ask for."""
        return Verifying(self.node)

    def at(self, port: int) -> None:
        """The port that was bound: on loopback, this machine's names and whatever `.localhost` names there are."""
        names = (*LOOPBACK, self.rp_id) if not self.secure else (self.rp_id,)
        usual = 443 if self.secure else 80
        self.hosts |= {f"{name}:{port}" for name in names}
        if port == usual:
            self.hosts |= set(names)

    @property
    def scheme(self) -> str:
        """Of our addresses."""
        return "https" if self.secure else "http"

    def origin(self, host: str) -> str:
        """The origin of our pages, as a browser sees it, for a Host header."""
        return f"{'https' if self.secure or host in self.behind else 'http'}://{host}"

    def site(self, host: str) -> Site | None:
        """Where passkeys are used for a Host header; None where they cannot be, under a number or another name."""
        name = host.rpartition(":")[0] or host
        return Site(name, self.origin(host)) if name == self.rp_id else None

    @cached_property
    def strangers(self) -> Bucket:
        """What all share who are not signed in."""
        return Bucket(self.limits.strangers, self.limits.strangers_burst, time.monotonic())

    def bucket(self, session: str) -> Bucket:
        """The rate of one session."""
        if len(self.buckets) > MOST_BUCKETS:
            self.buckets.clear()
        return self.buckets.setdefault(session, Bucket(self.limits.rate, self.limits.burst, time.monotonic()))

    async def ask(self, do: Callable[[Asking], T]) -> T:
        """Ask the public record in a thread, one question at a time: the record is one connection.

        It is opened with the first question. Raises PrecedentProblem ``no_record``, and what `do` raises.
        """
        if self.asking is None:
            raise PrecedentProblem("no_record")
        async with self.asking_one:
            return await asyncio.to_thread(lambda: do(self._opened()))

    def _opened(self) -> Asking:
        if self._record is None:
            assert self.asking is not None  # `ask` looked
            self._record = self.asking()
        return self._record
