"""The API over a real listener on loopback, behind it two simulated parties that have met; clients are sockets."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from parley.desk import tokens
from parley.doors.api.limits import Limits
from parley.outside.settings import Settings
from parley.program_door import open_api
from parley.terms.marking import Marking, Tlp
from parley.testing import SimulatedParty, pair, settle

T = TypeVar("T")
ALL = [scope.value for scope in tokens.Scope]
ROOMY = Limits(rate=10_000, burst=10_000, failures=10_000, failures_burst=10_000)
LINK_CHECK = {10: "timetable"}


@dataclass
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """XA's node with its API, in a thread with a loop of its own; XB is its peer."""

    ours: SimulatedParty
    theirs: SimulatedParty
    port: int
    loop: asyncio.AbstractEventLoop
    made: dict[str, str] = field(default_factory=dict)

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Something in the node's loop."""
        return asyncio.run_coroutine_threadsafe(act, self.loop).result(180)

    def token(self, *scopes: str, days: int = 90, name: str = "test") -> str:
        shown, _ = self.do(tokens.make(self.ours.node, name, list(scopes), days, "amal"))
        return shown

    @property
    def all_scopes(self) -> str:
        """A token that may do everything that a token may do."""
        if "all" not in self.made:
            self.made["all"] = self.token(*ALL)
        return self.made["all"]

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Got:
        """One request on a connection of its own; underscores in names of headers become hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = self.all_scopes if token is None else token
        if shown:
            sent.setdefault("Authorization", f"Bearer {shown}")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            return Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def raw(self, data: bytes) -> socket.socket:
        """A connection on which these bytes were sent."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        made.sendall(data)
        return made

    def note_from_them(self, tlp: Tlp = Tlp.AMBER, **fields: Any) -> str:
        """A note of XB that arrived here; returns its id."""
        marking = Marking(tlp, fields.pop("national", None)).to_coded()
        sent = self.do(self.theirs.write(self.ours, 1, LINK_CHECK, marking=marking, **fields))
        self.do(settle(self.ours, self.theirs))
        return sent.hex()

    def note_of_ours(self, form: int = 1, lines: Any = None, tlp: Tlp = Tlp.AMBER) -> str:
        """A note of XA that arrived there."""
        coded = Marking(tlp).to_coded()
        sent = self.do(self.ours.write(self.theirs, form, lines or LINK_CHECK, marking=coded))
        self.do(settle(self.ours, self.theirs))
        return sent.hex()

    def draft(self, **fields: Any) -> Got:
        """A new draft of a link check."""
        given = {"form": 1, "to": ["XB/duty"], "lines": {"10": "timetable"}, "exercise": True, **fields}
        return self.ask("POST", "/v1/drafts", given, Idempotency_Key=fields.pop("key", None) or _next_key())


_keys = iter(range(1 << 30))


def _next_key() -> str:
    return f"key-{next(_keys)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(limits: Limits = ROOMY, asking: Any = None, **settings: Any) -> Iterator[Served]:
    """A node with an API, ended with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stack = contextlib.AsyncExitStack()

    async def start() -> Served:
        ours, theirs = await pair()
        fields: dict[str, Any] = {"party": "XA", "api": f"127.0.0.1:{free_port()}", **settings}
        port = await open_api(stack, ours.node, Settings(**fields), limits, asking)
        return Served(ours, theirs, port, loop)

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(180)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(180)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(180)
        loop.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One node for the tests that leave each other alone."""
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def alone() -> Any:
    """A node of the test's own: ``with alone(limits=…) as served``."""
    return serving
