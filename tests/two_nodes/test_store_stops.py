"""A store that had to stop (a failed fsync) ends the node: it could acknowledge nothing any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley import wiring
from parley.outside.store import StoreProblem


class Ailing:
    """A store of which every look raises one problem; ends the wait after three."""

    def __init__(self, key: str, stop: asyncio.Event, **arguments: str) -> None:
        self.problem, self.stop, self.looks = StoreProblem(key, **arguments), stop, 0

    def look(self, read: Any) -> None:
        self.looks += 1
        if self.looks == 3:
            self.stop.set()
        raise self.problem


def test_a_node_ends_when_its_store_has_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever started it sees why."""
    monkeypatch.setattr(wiring, "LOOK_EVERY", 0.001)

    async def serve() -> None:
        stop = asyncio.Event()
        await wiring._until(stop, Ailing("stopped", stop, reason="SQLITE_IOERR_FSYNC"))  # type: ignore[arg-type]

    with pytest.raises(StoreProblem, match="SQLITE_IOERR_FSYNC"):
        asyncio.run(serve())


def test_a_node_goes_on_while_its_store_is_only_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what passes by itself ends nothing."""
    monkeypatch.setattr(wiring, "LOOK_EVERY", 0.001)

    async def serve() -> int:
        stop = asyncio.Event()
        store = Ailing("busy", stop)
        await wiring._until(stop, store)  # type: ignore[arg-type]
        return store.looks

    assert asyncio.run(serve()) == 3
