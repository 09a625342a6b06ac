"""A built atlas in one file: arrays that are mapped into memory, sheets of countries that are read one at a time.

    magic, length of the head, head (MessagePack), then each part on a boundary of 64 bytes

The head says where each part lies and how long the file is, so that a file cut short is seen at once. Reading a sheet
loads neither NumPy nor anything compiled. Written whole beside the old one and moved into place.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from parley.atlas.sheet import Sheet

if TYPE_CHECKING:
    from parley.atlas.graph import Graph
    from parley.outside.store.atlas_problems import AtlasFileProblem

MAGIC = b"parley atlas 1\n\0"
ALIGNED = 64
ARRAYS = ("asn", "provider", "customer", "peer_a", "peer_b", "country", "weight")


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Where something lies: offset from the end of the head, bytes, and of arrays the type."""

    at: int
    size: int
    kind: str = ""


class Head(msgspec.Struct, frozen=True):
    """What the file says of itself; `about` is what `parley atlas sources` shows."""

    size: int
    arrays: dict[str, Part]
    sheets: dict[str, Part]
    countries: tuple[str, ...]
    weighted_by: str
    about: dict[str, Any]
    quarantined: tuple[tuple[str, int, tuple[str, ...]], ...]


class AtlasFile:
    """An atlas that was built, mapped for reading.

    Raises AtlasFileProblem: ``no_atlas``, ``not_an_atlas``, ``cut_short``.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise _problem("no_atlas", path=str(path)) from None
        except (OSError, ValueError):
            raise _problem("not_an_atlas", path=str(path)) from None
        self._path = path
        self.head, self._base = self._opened()

    def _opened(self) -> tuple[Head, int]:
        data = self._map
        start = len(MAGIC) + 8
        if data[: len(MAGIC)] != MAGIC:
            raise _problem("not_an_atlas", path=str(self._path))
        length = int.from_bytes(data[len(MAGIC) : start], "little")
        if length > len(data):
            raise _problem("cut_short", path=str(self._path))
        try:
            head = msgspec.msgpack.decode(data[start : start + length], type=Head)
        except msgspec.DecodeError:
            raise _problem("not_an_atlas", path=str(self._path)) from None
        base = _aligned(start + length)
        if len(data) != base + head.size:
            raise _problem("cut_short", path=str(self._path))
        return head, base

    def sheet(self, code: str) -> Sheet | None:
        """The sheet of a country, or None if the atlas has no data about it."""
        part = self.head.sheets.get(code)
        if part is None:
            return None
        return msgspec.msgpack.decode(self._map[self._base + part.at : self._base + part.at + part.size], type=Sheet)

    def graph(self) -> Graph:
        """The graph, its arrays read from the file as they are needed."""
        import numpy as np

        from parley.atlas.graph import Graph, Quarantined

        arrays = {
            name: np.frombuffer(self._map, part.kind, part.size // np.dtype(part.kind).itemsize, self._base + part.at)
            for name, part in self.head.arrays.items()
        }
        aside = tuple(Quarantined(*row) for row in self.head.quarantined)
        return Graph(
            **arrays, countries=self.head.countries, weighted_by=self.head.weighted_by, quarantined=aside
        )  # fmt: skip


def write_atlas(path: Path, graph: Graph, sheets: Sequence[Sheet], about: Mapping[str, Any]) -> int:
    """Write an atlas; returns its bytes. A crash leaves the old file or the new one. Raises OSError."""
    parts: list[bytes] = []
    at = 0

    def added(data: bytes, kind: str = "") -> Part:
        nonlocal at
        part = Part(at, len(data), kind)
        padded = data + bytes(-len(data) % ALIGNED)
        parts.append(padded)
        at += len(padded)
        return part

    arrays = {name: added(getattr(graph, name).tobytes(), getattr(graph, name).dtype.str) for name in ARRAYS}
    listed = {sheet.country: added(msgspec.msgpack.encode(sheet)) for sheet in sheets}
    aside = tuple((one.reason, one.count, one.examples) for one in graph.quarantined)
    head = Head(at, arrays, listed, graph.countries, graph.weighted_by, dict(about), aside)
    packed = msgspec.msgpack.encode(head)
    start = MAGIC + len(packed).to_bytes(8, "little") + packed
    content = [start, bytes(_aligned(len(start)) - len(start)), *parts]
    _put(path, content)
    return sum(map(len, content))


def _put(path: Path, content: Sequence[bytes]) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _aligned(size: int) -> int:
    return size + -size % ALIGNED


def _problem(key: str, **arguments: str) -> AtlasFileProblem:
    """Loaded when something is wrong: the words of problems take longer to load than a sheet to read."""
    from parley.outside.store.atlas_problems import AtlasFileProblem

    return AtlasFileProblem(key, **arguments)
