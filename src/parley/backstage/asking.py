"""Asking a node for a verb: the running one, else one that is opened here under the store's lock."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parley.doors.local import LocalClient
from parley.doors.problems import DoorProblem
from parley.later import later
from parley.outside.home import Home

if TYPE_CHECKING:
    from parley import seal, wiring
    from parley.doors import verbs
    from parley.outside import loop
    from parley.outside.store import problems as store
else:
    # A command that only asks the running node needs none of these: imported when first used, it starts twice as fast.
    seal, wiring, verbs = map(later, ("seal", "wiring", "doors.verbs"))
    loop, store = map(later, ("outside.loop", "outside.store.problems"))

PATIENCE_S = 5.0  # how long a command waits for another that holds the store
STOPPING_S = 20.0


def now() -> int:
    """The time of this computer, in ms."""
    return time.time_ns() // 1_000_000


class Asking:
    """A node's verbs. `cheap`: a low passphrase cost, for tests and the demonstration."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._cheap = cheap or os.environ.get("PARLEY_CHEAP_PASSPHRASES") == "tests"

    @property
    def cost(self) -> seal.PassphraseCost:
        """What making a key from a passphrase costs."""
        return seal.CHEAP_FOR_TESTS if self._cheap else seal.STRONG

    def home(self, path: Path) -> Home:
        """The folder of a node."""
        return Home(path)

    def call(self, home: Home, verb: str, passphrase: Callable[[], str] | None = None, **args: Any) -> Any:
        """One verb: through the running node, else in this process under the store's lock.

        `passphrase` is asked only when no node runs and the verb needs the archive open. Two commands at once take
        turns: the second waits a little for the first.
        """
        ends = time.monotonic() + PATIENCE_S
        while True:
            client = _connected(home)
            if client is not None:
                return _ask(client, verb, args)
            home.settings()
            given = None if passphrase is None else passphrase()  # asked before the store is locked
            try:
                with redirect_stdout(sys.stderr):  # results alone go to standard output, never a warning
                    return loop.run(self._alone(home, verb, given, args))
            except store.StoreProblem as problem:
                if problem.key in ("store.stopped", "store.unreadable") and _full(home.path):
                    raise DoorProblem("no_space", what=str(home.path)) from None
                if problem.key != "store.in_use" or time.monotonic() > ends:
                    raise
            time.sleep(0.05)

    def call_running(self, home: Home, verb: str, **args: Any) -> Any:
        """One verb of the running node; raises DoorProblem("not_running")."""
        client = _connected(home)
        if client is None:
            raise DoorProblem("not_running", home=str(home.path))
        return _ask(client, verb, args)

    def running(self, home: Home) -> bool:
        """Whether a node serves this folder."""
        client = _connected(home)
        if client is not None:
            client.close()
        return client is not None

    async def _alone(self, home: Home, verb: str, passphrase: str | None, args: dict[str, Any]) -> Any:
        async with wiring.open_node(home) as node:
            unlocker = wiring.Unlocker(home, node)
            if passphrase is not None:
                await unlocker(passphrase)
            return await verbs.Verbs(node, unlocker, keys=wiring.NextKeys(home, node)).dispatch(verb, args)

    def stop(self, home: Home) -> None:
        """End the running node and wait until its store is free; raises DoorProblem("not_running")."""
        self.call_running(home, "stop")
        ends = time.monotonic() + STOPPING_S
        while self.running(home) and time.monotonic() < ends:
            time.sleep(0.02)


def _full(path: Path) -> bool:
    """Whether so little is free that SQLite cannot even open a store: it then says so in its own words."""
    return shutil.disk_usage(path).free < 1 << 20


def _connected(home: Home) -> LocalClient | None:
    try:
        return LocalClient(home.socket)
    except OSError:  # no socket, or one that a killed node left behind
        return None


def _ask(client: LocalClient, verb: str, args: dict[str, Any]) -> Any:
    try:
        return client.call(verb, **args)
    except TimeoutError:
        raise DoorProblem("node_silent", seconds=int(LocalClient.PATIENCE_S)) from None
    except OSError:
        raise DoorProblem("node_gone") from None
    finally:
        client.close()
