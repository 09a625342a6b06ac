"""Quantities and durations: whole numbers, told as finely as they were counted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import Duration, Quantity, TermsProblem, TimeUnit
from parley.terms.quantity import EXPONENT, INT64, LONGEST_DURATION

QUANTITIES = st.builds(
    Quantity, st.integers(-INT64, INT64), st.integers(-EXPONENT, EXPONENT), st.sampled_from(["byte", "person"])
)

BAD = {
    "a value beyond 64 bits": (INT64 + 1, 0, "byte", "terms.quantity_range"),
    "the one negative value without a counterpart": (-(2**63), 0, "byte", "terms.quantity_range"),
    "five thousand digits": (10**5000, 0, "byte", "terms.quantity_range"),
    "a large exponent": (1, 19, "byte", "terms.quantity_range"),
    "a small exponent": (1, -19, "byte", "terms.quantity_range"),
    "an unknown unit": (1, 0, "bananas", "terms.unknown_unit"),
    "a currency in small letters": (1, 0, "usd", "terms.unknown_unit"),
    "a currency in Cyrillic": (1, 0, "РУБ", "terms.unknown_unit"),
}


@pytest.mark.parametrize(("value", "exponent", "unit", "key"), BAD.values(), ids=BAD)
def test_a_quantity_out_of_range_or_of_no_known_unit_cannot_be_built(
    value: int, exponent: int, unit: str, key: str
) -> None:
    with pytest.raises(TermsProblem) as caught:
        Quantity(value, exponent, unit)
    assert caught.value.key == key
    assert len(str(caught.value)) < 200


def test_twelve_hundreds_and_1200_are_the_same_amount_told_with_different_care() -> None:
    rough, fine = Quantity(12, 2, "system"), Quantity(1200, 0, "system")
    assert rough != fine
    assert rough.compare(fine) == 0


def test_money_is_counted_in_iso_4217() -> None:
    assert Quantity(25, 6, "USD").compare(Quantity(24_999_999, 0, "USD")) == 1


def test_amounts_of_different_units_are_not_compared() -> None:
    with pytest.raises(TermsProblem):
        Quantity(1, 0, "byte").compare(Quantity(1, 0, "record"))


@given(QUANTITIES, QUANTITIES)
def test_comparing_agrees_with_exact_decimal_arithmetic(one: Quantity, two: Quantity) -> None:
    two = Quantity(two.value, two.exponent, one.unit)
    mine, theirs = Decimal(f"{one.value}e{one.exponent}"), Decimal(f"{two.value}e{two.exponent}")
    assert one.compare(two) == (mine > theirs) - (mine < theirs)


LENGTHS = {
    "ninety seconds": (Duration(90, TimeUnit.SECOND), (90_000, 90_000)),
    "two days": (Duration(2, TimeUnit.DAY), (172_800_000, 172_800_000)),
    "a month is 28 to 31 days": (Duration(1, TimeUnit.MONTH), (28 * 86_400_000, 31 * 86_400_000)),
    "a year is 365 or 366 days": (Duration(1, TimeUnit.YEAR), (365 * 86_400_000, 366 * 86_400_000)),
    "no time at all": (Duration(0, TimeUnit.HOUR), (0, 0)),
}


@pytest.mark.parametrize(("duration", "bounds"), LENGTHS.values(), ids=LENGTHS)
def test_a_duration_says_between_what_bounds_it_lies(duration: Duration, bounds: tuple[int, int]) -> None:
    assert duration.milliseconds == bounds


@pytest.mark.parametrize("number", [-1, LONGEST_DURATION + 1, 10**5000], ids=["negative", "one more", "long"])
def test_a_duration_out_of_range_cannot_be_built(number: int) -> None:
    with pytest.raises(TermsProblem) as caught:
        Duration(number, TimeUnit.DAY)
    assert caught.value.key == "terms.duration_range"
