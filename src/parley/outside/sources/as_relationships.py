"""CAIDA's AS relationships, serial-1 (`a|b|-1`: a is provider of b; `a|b|0`: peers) and serial-2 (a fourth column).

The files may be read, not passed on (CAIDA's acceptable use agreement): nothing of them is stored beside what is
computed.
"""

from __future__ import annotations

import bz2
from dataclasses import dataclass
from pathlib import Path

from parley.outside.sources.graph_problems import GraphProblem

LIMIT_MB = 512
HIGHEST = 2**32 - 1
"""AS numbers have 32 bits (RFC 6793)."""
BAD_SHARE = 0.5
"""A file more than half of whose lines cannot be read is another kind of file."""


@dataclass(frozen=True)
class Relationships:
    """What a file says: pairs of AS numbers, how many lines had data, and which could not be read (line numbers)."""

    provider: list[int]
    customer: list[int]
    peer_a: list[int]
    peer_b: list[int]
    read: int
    unreadable: list[int]


def read_as_relationships(path: Path) -> Relationships:
    """Read a file, plain or bz2. A line that is not two numbers and 0 or -1 is set aside by its number.

    Raises:
        GraphProblem: ``no_file``, ``too_large``, ``truncated``, ``not_as_rel``.
    """
    return parse_as_relationships(unpacked(path), path.name)


def parse_as_relationships(data: bytes, name: str) -> Relationships:
    """As `read_as_relationships`, of bytes."""
    found = Relationships([], [], [], [], 0, [])
    read = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line or line.startswith(b"#") or line == b"\r":
            continue
        read += 1
        try:
            one, other, kind = line.split(b"|", 3)[:3]
            a, b, told = _network(one), _network(other), kind.strip()
        except ValueError:
            found.unreadable.append(number)
            continue
        if told == b"-1":
            found.provider.append(a)
            found.customer.append(b)
        elif told == b"0":
            found.peer_a.append(a)
            found.peer_b.append(b)
        else:
            found.unreadable.append(number)
    bad = len(found.unreadable)
    if not read or bad > BAD_SHARE * read:
        first = found.unreadable[0] if bad else 1
        raise GraphProblem("not_as_rel", path=name, bad=bad, read=read, line=first)
    return Relationships(found.provider, found.customer, found.peer_a, found.peer_b, read, found.unreadable)


def _network(text: bytes) -> int:
    if not text.isdigit():
        raise ValueError
    number = int(text)
    if not 0 < number <= HIGHEST:
        raise ValueError
    return number


def unpacked(path: Path) -> bytes:
    """The bytes of a file, unpacked if its name ends in .bz2; never more than LIMIT_MB."""
    limit = LIMIT_MB << 20
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise GraphProblem("no_file", path=str(path), why=error.strerror or type(error).__name__) from None
    if path.suffix == ".bz2" and len(data) <= limit:
        data = _unpacked(data, limit, path.name)
    if len(data) > limit:
        raise GraphProblem("too_large", path=path.name, limit=LIMIT_MB)
    return data


def _unpacked(packed: bytes, limit: int, name: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while packed:
        unpacker = bz2.BZ2Decompressor()
        try:
            part = unpacker.decompress(packed, limit + 1 - size)
        except (OSError, EOFError):
            raise GraphProblem("truncated", path=name) from None
        parts.append(part)
        size += len(part)
        if size > limit:
            break
        if not unpacker.eof:
            raise GraphProblem("truncated", path=name)
        packed = unpacker.unused_data
    return b"".join(parts)
