"""Every decoder, given rubbish: it reads what it would write to the same bytes, and refuses the rest by name.

The same table and the same property as in `bench/fuzz.py`, which goes on for longer and is led by coverage.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from fuzz_mutations import mutated
from fuzz_property import LONGEST, Finding, Target, hold
from fuzz_targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.seal import SealProblem

EXAMPLES = 25
LONGEST_REPEATED = 1 << 15
ALL = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())


@ALL
def test_each_seed_is_read_or_refused(target: Target) -> None:
    """The vectors, good and bad, and at least one that is read, so that what follows changes something that counts."""
    read = [hold(target, seed) for seed in target.seeds()]
    assert any(read) or target.name == "directory.confirm"  # no seed stands for the digest that is expected there


@ALL
@settings(max_examples=EXAMPLES, deadline=None)
@given(chance=st.integers(0, 2**32), rubbish=st.binary(max_size=200))
def test_rubbish_and_changed_vectors_are_read_or_refused(target: Target, chance: int, rubbish: bytes) -> None:
    """Random bytes; vectors flipped, cut, spliced, repeated, and changed in their values."""
    rng = random.Random(chance)
    hold(target, rubbish)
    hold(target, mutated(rng.choice(target.seeds()), target.seeds(), rng, LONGEST))


@ALL
def test_a_long_input_takes_no_more_than_its_share_of_time(target: Target) -> None:
    """Pieces of a seed, and what nests or piles up, many times over: time with the square of the length would show."""
    seed = target.seeds()[0]
    middle = seed[len(seed) // 2 :][:40] or b"a"
    for piece in (middle, b"[", b"\x81", b"a\xcc\x81", b"\n", b"\n\n", b"\xe2\x80\x94 a "):
        half = len(seed) // 2
        hold(target, seed[:half] + piece * (LONGEST_REPEATED // len(piece)) + seed[half:])


# -- control: decoders that are broken on purpose -------------------------------------------------------------------


def crashes(data: bytes) -> bytes:
    """A decoder that trusts the length it is told."""
    return data[: data[0]] + data[data[0] :] if data[data[0]] < 256 else b""


def has_two_forms(data: bytes) -> bytes:
    """A decoder that drops what it does not need."""
    return data.rstrip(b"\0")


def takes_its_time(data: bytes) -> bytes:
    """A decoder that compares everything with everything."""
    assert sum(one is other for one in data for other in data) >= 0
    return data


def cannot_say_why(data: bytes) -> bytes:
    """A decoder whose problem lacks an argument."""
    raise SealProblem("too_large", size=len(data))


def takes_a_forgery(data: bytes) -> bytes | None:
    """A verifier that looks at the beginning only."""
    if data.startswith(b"si"):
        return None
    raise SealProblem("not_signed")


@pytest.mark.parametrize(
    "read", [crashes, has_two_forms, cannot_say_why, takes_a_forgery], ids=lambda one: one.__name__
)
def test_a_broken_decoder_is_caught(read: object) -> None:
    """The property fails within as many changes of a vector as each decoder gets here."""
    seeds = [b"signed\0", b"\1si"]
    only = read is takes_a_forgery
    toy = Target("toy.decoder", read, lambda: seeds, only, (), frozenset(seeds))  # type: ignore[arg-type]
    with pytest.raises(Finding):
        try_changes(toy, seeds)


def try_changes(toy: Target, seeds: list[bytes]) -> None:
    """As many as each decoder gets here."""
    rng = random.Random(0)
    for _ in range(EXAMPLES):
        hold(toy, mutated(rng.choice(seeds), seeds, rng, LONGEST))


def test_a_decoder_with_quadratic_time_is_caught() -> None:
    """By the bound that the long inputs above are held to, a twentieth of it for a tenth of the length."""
    with pytest.raises(Finding, match="processor time"):
        hold(Target("toy.slow", takes_its_time, list), bytes(3000), slack=0.05)


def test_a_decoder_that_refuses_by_name_is_not_caught() -> None:
    """The control of the controls."""

    def refuses(data: bytes) -> bytes:
        raise SealProblem("not_signed")

    assert not hold(Target("toy.sound", refuses, list), b"anything")


# -- the table itself ----------------------------------------------------------------------------------------------

ROOMS = ("seal", "line", "directory", "journal", "forms")
READER = re.compile(
    r"^(?:def (read_\w+|decode_\w+|back_read\w*|verify_signed|peek|open_sealed|unlock\w*)\()", re.MULTILINE
)
UNDER_ANOTHER_NAME = {
    "read_line": "journal.attach",
    "read_note_unverified": "journal.verify_archive",
    "read_forms": "forms.form_file",
    "back_read": "forms.page_en",
    "read_root": "keys.root",
}
"""Readers that a target calls without bearing their name."""


@pytest.mark.parametrize("room", ROOMS)
def test_every_reader_of_a_room_has_a_target(room: str) -> None:
    """By name: a new reader is fuzzed or says here which target reaches it."""
    source = Path(__file__).parents[2] / "src" / "parley" / room
    table = (Path(__file__).parents[2] / "bench" / "fuzz_targets.py").read_text(encoding="utf-8")
    readers = {name for file in source.rglob("*.py") for name in READER.findall(file.read_text(encoding="utf-8"))}
    missing = {name for name in readers if not re.search(rf"\b{name}\b", table) and name not in UNDER_ANOTHER_NAME}
    assert missing == set()
    assert set(UNDER_ANOTHER_NAME.values()) <= set(TARGETS)
