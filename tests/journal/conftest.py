"""What the tests of the journal share: the small world of vectors/journal, and the outsider's script as a module."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from parley.journal import Leaf, LeafKind, new_leaf
from parley.seal import decode, encode

HERE = Path(__file__).parents[2]


def load(path: str) -> ModuleType:
    """A script that is no package, as a module of its own."""
    spec = spec_from_file_location(Path(path).stem + "_for_journal", HERE / path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make() -> ModuleType:
    """vectors/journal/make.py."""
    return load("vectors/journal/make.py")


@pytest.fixture
def world(make: ModuleType) -> Any:
    """Three states, one note, one journal: change it, then ask it for an archive."""
    return make.World()


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """spec/verify_archive.py."""
    return load("spec/verify_archive.py")


@pytest.fixture(scope="session")
def edited() -> Callable[[bytes, Callable[[dict[int, Any]], Any]], bytes]:
    """An archive with a change made to its decoded fields, in canonical bytes again."""

    def edit(data: bytes, change: Callable[[dict[int, Any]], Any]) -> bytes:
        fields: Any = decode(data, limit=1 << 24)
        change(fields)
        return encode(fields)

    return edit


@pytest.fixture
def leaves() -> Callable[[int], list[Leaf]]:
    """So many entries with seeded salts."""
    rng = Random(11).randbytes

    def some(count: int) -> list[Leaf]:
        return [new_leaf(LeafKind.NOTE_OUT, 1_795_000_000_000 + at, rng(32), rng) for at in range(count)]

    return some
