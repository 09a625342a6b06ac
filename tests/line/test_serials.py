"""Serials: where a sequence begins, what a second note with one serial means, what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.line import (
    Recipient,
    Reservation,
    Seen,
    first_serial,
    gaps,
    judge_serial,
    next_serial,
    read_reservation,
    reserve,
)
from parley.terms.party import Address

B, C = Address("XB", "duty"), Address("XC", "duty")


def fives(size: int) -> bytes:
    """Randomness that is none: bytes of 5."""
    return b"\x05" * size


def no_randomness(_: int) -> bytes:
    """For what must not draw any."""
    raise AssertionError("randomness was drawn")


def test_a_sequence_begins_at_a_random_offset() -> None:
    """So that a serial does not tell how many notes there ever were; it is never 0."""
    assert first_serial(fives) == 0x0505050506
    assert first_serial(bytes) == 1


def test_a_sequence_goes_on_by_one() -> None:
    """From the last one reserved, used or not."""
    assert next_serial(4711, no_randomness) == 4712
    assert next_serial(None, fives) == 0x0505050506


def test_a_sequence_at_its_end_says_so(refused: Any) -> None:
    """Rather than wrap around into serials that were used."""
    with refused("line.serial_spent"):
        next_serial(2**63 - 1, no_randomness)


def test_each_recipient_has_a_sequence_of_its_own() -> None:
    """What XB sees says nothing of what XC got."""
    made = reserve(Address("XA", "duty"), [C, B], {B: 10}, incarnation=bytes(16), at=5, draft="draft-1", rng=fives)
    assert made.recipients == (Recipient(B, 11), Recipient(C, 0x0505050506))
    assert read_reservation(made.to_bytes()) == made


def test_a_damaged_reservation_is_named(refused: Any) -> None:
    """It is a record of our own store."""
    made = Reservation(sender=B, recipients=(Recipient(C, 1),), incarnation=bytes(16), at=0, draft="")
    with refused("seal.trailing_bytes"):
        read_reservation(made.to_bytes() + b"\x00")


# what is known of the serial -> what the note is
ROWS: dict[str, tuple[bytes | None, Seen]] = {
    "nothing": (b"-", Seen.NEW),
    "this very note": (b"n" * 32, Seen.AGAIN),
    "another note": (b"o" * 32, Seen.FORK),
    "that it is void": (None, Seen.VOID),
}


@pytest.mark.parametrize("known", ROWS)
def test_a_serial_says_what_the_note_is(world: Any, known: str) -> None:
    """New, once more, a fork, or declared void."""
    note_id, expected = ROWS[known]
    row = None if note_id == b"-" else world.serial_row(note_id)
    assert judge_serial(row, b"n" * 32) is expected


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        ([], ()),
        ([7], ()),  # nothing is known of what lies before the first
        ([7, 8, 9], ()),
        ([9, 7], ((8, 8),)),
        ([1, 5, 6, 9], ((2, 4), (7, 8))),
        ([5, 5, 5], ()),
    ],
)
def test_gaps_lie_between_what_was_seen(seen: list[int], missing: tuple[tuple[int, int], ...]) -> None:
    """In whatever order it came."""
    assert gaps(seen) == missing


@given(st.sets(st.integers(0, 60), min_size=1))
def test_what_was_seen_and_the_gaps_make_up_the_whole_range(seen: set[int]) -> None:
    """Nothing is in both, nothing in neither."""
    missing = [serial for low, high in gaps(seen) for serial in range(low, high + 1)]
    assert sorted([*seen, *missing]) == list(range(min(seen), max(seen) + 1))
