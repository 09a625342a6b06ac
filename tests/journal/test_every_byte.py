"""Turn any bit of any byte of an archive and it is refused: keys, signatures, heads, base64, times, salts, all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import Any

import pytest

from parley.journal import JournalProblem, verify_archive

SLICES = 8
SHORT = (0, 3)
PARTS = [pytest.param(part, marks=() if part in SHORT else pytest.mark.soak) for part in range(SLICES)]
"""Every field of an archive is longer than the steps of these two; all eight parts are tried in `make soak`."""
Small = tuple[bytes, dict[str, bytes]]


@pytest.fixture(scope="module")
def small(make: Any) -> Small:
    """Every kind of part once: two parties with one root each, one cosigner, one receipt, a definition."""
    world = make.World(roots=1)
    world.definition = b"form 10, version 1\n"
    return world.archive(), world.roots


@pytest.fixture(scope="module")
def verify(script: ModuleType, small: Small) -> Callable[[bytes], None]:
    """The script's own `verify` in this process.

    It remembers what it found of signatures and chains that it met unchanged: both are pure functions of their
    arguments, so that a turned bit costs only what it touches.
    """
    script.holds = lru_cache(maxsize=32)(script.holds)
    fresh, known = script.chain, {}

    def chain(party: str, listed: list[bytes], wanted: bytes) -> Any:
        question = (party, tuple(listed), wanted)
        if question not in known:
            known[question] = fresh(party, listed, wanted)
        return known[question]

    script.chain = chain
    roots = small[1]
    return lambda data: script.verify(data, roots) and None


def holes(data: bytes, turns: Iterable[tuple[int, int]], verify: Callable[[bytes], Any], refused: Any) -> list[Any]:
    """The places (byte, bits) at which a turn was not refused; anything but `refused` fails the test."""
    found = []
    for at, bits in turns:
        try:
            verify(turned(data, at, bits))
            found.append((at, bits))
        except refused:
            continue
    return found


def turned(data: bytes, at: int, bits: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def test_the_whole_archive_verifies_before_any_bit_is_turned(small: Small, verify: Callable[[bytes], None]) -> None:
    verify(small[0])
    verify_archive(*small)


@pytest.mark.parametrize("part", PARTS)
def test_one_bit_of_every_byte(part: int, small: Small, verify: Callable[[bytes], None], script: Any) -> None:
    """Every byte, in eight parts; which bit is turned is drawn with a fixed seed."""
    data, rng = small[0], Random(part)
    turns = [(at, 1 << rng.randrange(8)) for at in range(part, len(data), SLICES)]
    assert holes(data, turns, verify, script.Refused) == []


def test_all_eight_bits_of_a_sample(small: Small, verify: Callable[[bytes], None], script: Any) -> None:
    data = small[0]
    turns = [(at, 1 << bit) for at in Random(1).sample(range(len(data)), 250) for bit in range(8)]
    assert holes(data, turns, verify, script.Refused) == []


def test_every_value_of_the_bytes_that_give_the_form(
    small: Small, verify: Callable[[bytes], None], script: Any
) -> None:
    """The first bytes, and those around every part: heads, keys, lengths, numbers. All 255 other values of each."""
    data = small[0]
    parts = [b"parley/XA", b"\xd8\x62", b"\xa1\x1a\x00\x01\x00\x01", b"\x82bXB", b"\x81bXB", b"\n\n"]
    begins = [0, *(data.index(part) for part in parts)]
    places = sorted({begin + near for begin in begins for near in range(-3, 3) if begin + near >= 0})
    turns = [(at, value) for at in places for value in range(1, 256)]
    assert holes(data, turns, verify, script.Refused) == []


def test_the_room_refuses_a_sample_of_the_same(small: Small) -> None:
    """The room's reader, without any memory between the bytes."""
    data, roots = small
    rng = Random(2)
    turns = [(at, 1 << rng.randrange(8)) for at in rng.sample(range(len(data)), 300)]
    assert holes(data, turns, lambda torn: verify_archive(torn, roots), JournalProblem) == []


def test_a_byte_that_nothing_covers_would_be_found(small: Small, script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the signatures of receipts not looked at, the same loop finds a hole."""
    data, roots = small
    honest = script.signers

    def lazy(payload: bytes, signatures: Any, keys: Any, domain: bytes, reason: str) -> Any:
        return {keys[0]} if domain == b"receipt" else honest(payload, signatures, keys, domain, reason)

    monkeypatch.setattr(script, "signers", lazy)
    turns = [(at, 1) for at in Random(3).sample(range(len(data)), 200)]
    assert holes(data, turns, lambda torn: script.verify(torn, roots), script.Refused)
