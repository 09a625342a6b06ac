"""How many or how much, and how long: whole numbers with a unit, never floating point.

A floating-point number has several spellings and no exact decimal value, so it cannot be signed or compared. A
quantity is a whole number times a power of ten; how many digits are written says how finely it was counted, so 12
hundreds and 1200 are the same amount told with different care, and both survive. Leaves out uncertainty: say two
quantities, from and to.
"""

from __future__ import annotations

import re
from enum import IntEnum

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading, short, whole, word
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import shown

INT64 = 2**63 - 1
EXPONENT = 18

UNITS: dict[str, str] = {
    "account": "user accounts",
    "address": "network addresses",
    "bit/s": "bits per second",
    "byte": "bytes",
    "device": "devices",
    "network": "networks (autonomous systems)",
    "one": "a plain number",
    "percent": "hundredths",
    "person": "persons",
    "record": "records of data",
    "request/s": "requests per second",
    "site": "places or installations",
    "system": "computer systems",
    "watt": "watts",
}
"""Code -> what is counted. Money is counted in the three capital letters of ISO 4217, which are not listed here."""

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class Quantity(msgspec.Struct, frozen=True):
    """`value` × 10^`exponent` of `unit`; raises TermsProblem ``quantity_range`` or ``unknown_unit``.

    `value` fits 64 bits signed, `exponent` is from -18 to 18. Equal means written alike; `compare` compares amounts.
    """

    value: int
    exponent: int
    unit: str

    def __post_init__(self) -> None:
        if abs(self.value) > INT64 or abs(self.exponent) > EXPONENT:
            raise TermsProblem("quantity_range", value=short(self.value), exponent=short(self.exponent))
        if self.unit not in UNITS and not _CURRENCY.fullmatch(self.unit):
            raise TermsProblem("unknown_unit", given=shown(self.unit))

    def compare(self, other: Quantity) -> int:
        """-1, 0 or 1 as this amount is smaller, the same or larger; raises ``unknown_unit`` if the units differ."""
        if self.unit != other.unit:
            raise TermsProblem("unknown_unit", given=f"{self.unit} / {other.unit}")
        lowest = min(self.exponent, other.exponent)
        mine: int = self.value * 10 ** (self.exponent - lowest)
        theirs: int = other.value * 10 ** (other.exponent - lowest)
        return (mine > theirs) - (mine < theirs)

    def to_coded(self) -> list[Coded]:
        """``[value, exponent, unit]``, what is signed."""
        return [self.value, self.exponent, self.unit]

    @classmethod
    def from_coded(cls, value: object) -> Quantity:
        """Read ``[value, exponent, unit]``; raises TermsProblem."""
        with reading("quantity"):
            number, exponent, unit = listed(value, "quantity", 3)
            return cls(
                whole(number, "quantity", -INT64, INT64),
                whole(exponent, "quantity", -EXPONENT, EXPONENT),
                word(unit, "quantity", 16),
            )


class TimeUnit(IntEnum):
    """Units of a duration. The codes are on the wire and never change."""

    SECOND = 1
    MINUTE = 2
    HOUR = 3
    DAY = 4
    WEEK = 5
    MONTH = 6
    YEAR = 7


_DAY = 86_400_000
_LENGTHS: dict[TimeUnit, tuple[int, int]] = {
    TimeUnit.SECOND: (1000, 1000),
    TimeUnit.MINUTE: (60_000, 60_000),
    TimeUnit.HOUR: (3_600_000, 3_600_000),
    TimeUnit.DAY: (_DAY, _DAY),
    TimeUnit.WEEK: (7 * _DAY, 7 * _DAY),
    TimeUnit.MONTH: (28 * _DAY, 31 * _DAY),
    TimeUnit.YEAR: (365 * _DAY, 366 * _DAY),
}

LONGEST_DURATION = 1_000_000


class Duration(msgspec.Struct, frozen=True):
    """`number` whole units of time, from 0 to a million; raises TermsProblem ``duration_range``.

    Three months are three months: turning them into days would claim a precision that nobody gave.
    """

    number: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if not 0 <= self.number <= LONGEST_DURATION:
            raise TermsProblem("duration_range", number=short(self.number), limit=LONGEST_DURATION)

    @property
    def milliseconds(self) -> tuple[int, int]:
        """The least and the most milliseconds it can mean: a month has 28 to 31 days, a year 365 or 366."""
        least, most = _LENGTHS[self.unit]
        return self.number * least, self.number * most

    def to_coded(self) -> list[Coded]:
        """``[number, unit]``, what is signed."""
        return [self.number, int(self.unit)]

    @classmethod
    def from_coded(cls, value: object) -> Duration:
        """Read ``[number, unit]``; raises TermsProblem."""
        with reading("duration"):
            number, unit = listed(value, "duration", 2)
            return cls(whole(number, "duration", 0, LONGEST_DURATION), coded_as(TimeUnit, unit, "unit of time"))
