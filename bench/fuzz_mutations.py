"""Mutations of a seed: of its bytes (flip, cut, splice, repeat, insert) and of the value that canonical bytes hold.

Canonical bytes announce every length, so that most changes of single bytes are refused at once; a change of the value,
written canonically again, comes as far as the rules that are meant. All chance is in `rng`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from parley.seal import SealProblem, decode, encode

STARTS = (0, 2, 1, 4)
"""Where a canonical value may begin: at once, behind the tag of a signed or sealed object, behind a frame's length."""
VALUES: tuple[Any, ...] = (
    *(0, 1, 2, -1, 17, 23, 24, 255, 256, 65536, 2**32, 2**53 + 1, 2**63 - 1, -(2**63), 1794172800000),
    *(True, False, None, b"", "", b"\0", bytes(16), bytes(32), b"\xff" * 32, bytes(64)),
    *("XA", "XQ", "US", "O-SEC", "xa", "duty", "en", "ar", "é", "\u0301", "\u202e", "\x00", "\n", "a" * 65, "key", "0"),
)
TOKENS: tuple[bytes, ...] = (
    *(b"[-]", b"[]", b"[", b"]", b"\n", b"\n\n", b"\r\n", b"    ", b"=", b"\xc2\xb6 ", b"9" * 5000, b"-1", b"e-19"),
    *(b"\xe2\x80\xae", b"\xe2\x81\xa8", b"\xe2\x81\xa9", b"\xcc\x81" * 40, b"\xed\xa0\x80", b"\xff", b"\x00", b"{x}"),
    *("\u2014 ".encode(), "\u0663".encode(), b"1e309", b"[[[[[[[[" * 200, b'"""', b"1979-05-27T07:32:60Z", b"nan"),
    *(b"\x81" * 20, b"\xa1\x01" * 20, b"\x9f", b"\xf9\x00\x00", b"\x1b" + b"\xff" * 8, b"\x18\x01", b"\xc0\x00"),
)


def mutated(seed: bytes, others: list[bytes], rng: random.Random, longest: int) -> bytes:
    """One to four changes of `seed`; pieces come from `others` too. At most `longest` bytes."""
    data = seed
    for _ in range(rng.choice((1, 1, 2, 4))):
        change = rng.choice(CHANGES)
        data = change(data, rng.choice(others) if others else b"", rng)[:longest]
    return data


def _flip(data: bytes, other: bytes, rng: random.Random) -> bytes:
    if not data:
        return bytes([rng.randrange(256)])
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _cut(data: bytes, other: bytes, rng: random.Random) -> bytes:
    one, two = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:one] if rng.random() < 0.5 else data[:one] + data[two:]


def _splice(data: bytes, other: bytes, rng: random.Random) -> bytes:
    one, two = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    return data[:one] + other[two:]


def _repeat(data: bytes, other: bytes, rng: random.Random) -> bytes:
    one, two = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    two = min(two, one + rng.choice((1, 4, 64, 4096)))
    return data[:two] + data[one:two] * rng.choice((1, 2, 16, 300, 5000)) + data[two:]


def _insert(data: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS) + data[at + rng.choice((0, 0, 1, 8)) :]


def _value(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One place of the canonical value that `data` holds, changed; `data` as it is if it holds none."""
    for start in STARTS:
        try:
            value = decode(data, start=start)
        except SealProblem:
            continue
        if isinstance(value, list | dict):
            return _written(data[:start], _changed(value, rng), data)
    return _insert(data, other, rng)


def _written(head: bytes, value: Any, old: bytes) -> bytes:
    try:
        body = encode(value)
    except SealProblem:
        return old
    return (len(body).to_bytes(4, "big") if len(head) == 4 else head) + body


def _changed(value: Any, rng: random.Random) -> Any:
    """`value` with a change at a place that is chosen by walking down at random."""
    if rng.random() < 0.15 or (isinstance(value, list | dict) and not value):
        return _other(value, rng)
    if isinstance(value, list):
        return _in_list(list(value), rng)
    if isinstance(value, dict):
        return _in_map(dict(value), rng)
    if isinstance(value, bytes) and len(value) > 16 and rng.random() < 0.7:
        return _value(value, b"", rng)
    return _other(value, rng)


def _in_list(items: list[Any], rng: random.Random) -> list[Any]:
    at, what = rng.randrange(len(items)), rng.random()
    if what < 0.7:
        items[at] = _changed(items[at], rng)
    elif what < 0.8:
        del items[at]
    elif what < 0.9:
        items[at:at] = [items[at]] * rng.choice((1, 1, 2, 300))
    else:
        rng.shuffle(items)
    return items


def _in_map(items: dict[int, Any], rng: random.Random) -> dict[int, Any]:
    key, what = rng.choice(list(items)), rng.random()
    if what < 0.8:
        items[key] = _changed(items[key], rng)
    elif what < 0.88:
        del items[key]
    elif what < 0.94:
        items[rng.choice((0, key + 1, 19, 20, 21, 22, 23, 65537, 2**63 - 1))] = _other(items[key], rng)
    else:
        items[key] = items[rng.choice(list(items))]
    return items


def _other(value: Any, rng: random.Random) -> Any:
    if type(value) is int and rng.random() < 0.6:
        return max(-(2**63), min(2**63 - 1, value + rng.choice((-1, 1, -value, 1000, 86_400_000, -1000))))
    if isinstance(value, bytes) and rng.random() < 0.6:
        return rng.choice((_flip, _cut, _repeat))(value, b"", rng)
    if isinstance(value, str) and rng.random() < 0.6:
        return rng.choice((_flip, _cut, _repeat, _insert))(value.encode(), b"", rng).decode(errors="ignore")
    return rng.choice((*VALUES, [], {}, [value], {1: value}))


Change = Callable[[bytes, bytes, random.Random], bytes]
CHANGES: tuple[Change, ...] = (_flip, _cut, _splice, _repeat, _insert, _value, _value, _value)
