"""Stores of all three kinds, opened at places that go away after the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from parley.line.ports import Look, Origin, Tx
from parley.outside.store import MemoryStore, SqliteStore, open_store
from parley.outside.store.postgres_store import PostgresStore

from .cluster import Cluster
from .rows import ORIGIN
from .under_shim import Machine, shim

T = TypeVar("T")
AnyStore = SqliteStore | PostgresStore | MemoryStore


class Shelf:
    """A place for one store, and a plain way to ask it: units and reads without an event loop in every test."""

    def __init__(self, kind: str, place: str) -> None:
        self.kind = kind
        self.place = place
        self.runner = asyncio.Runner()
        self.stores: list[AnyStore] = []

    def open(self, origin: Origin | None = ORIGIN) -> AnyStore:
        self.stores.append(MemoryStore(origin or ORIGIN) if self.kind == "memory" else open_store(self.place, origin))
        return self.stores[-1]

    @property
    def store(self) -> AnyStore:
        """The store opened last."""
        return self.stores[-1] if self.stores else self.open()

    def do(self, unit: Callable[[Tx], T], point: str = "test") -> T:
        return self.runner.run(self.store.write(unit, point=point))

    def see(self, read: Callable[[Look], T]) -> T:
        return self.store.look(read)

    def close(self) -> None:
        self.runner.run(self.store.close())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def end(self) -> None:
        for store in self.stores:
            self.runner.run(store.close())
        self.runner.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for this worker."""
    server = Cluster()
    yield server
    server.remove()


KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A shelf of each kind."""
    yield from _shelf(request, request.param, tmp_path)


@pytest.fixture(params=KINDS[1:])
def durable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A shelf whose store outlives its process."""
    yield from _shelf(request, request.param, tmp_path)


@pytest.fixture
def on_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A shelf with an SQLite file."""
    yield from _shelf(request, "sqlite", tmp_path)


@pytest.fixture
def on_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A shelf with a schema on a PostgreSQL server."""
    yield from _shelf(request, "postgres", tmp_path)


def _shelf(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[Shelf]:
    place = str(tmp_path / "store.db")
    if kind == "postgres":
        place = request.getfixturevalue("cluster").new_schema()
    shelf = Shelf(kind, place)
    yield shelf
    shelf.end()


@pytest.fixture(scope="session")
def shim_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The crash-testing shim, built once; fails without a C compiler."""
    library: Path = shim.build(tmp_path_factory.mktemp("shim"))
    return library


@pytest.fixture
def machine(shim_library: Path, tmp_path: Path) -> Machine:
    """A machine whose power can be cut."""
    return Machine(shim_library, tmp_path)
