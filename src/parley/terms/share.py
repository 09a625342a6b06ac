"""How many of how many, with the interval that so few allow: never a bare percentage.

A share of three in four says little about the next four. So every share states its n and Wilson's interval at 95 %
(E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209–212), and below TOO_FEW no percentage at all.
"""

from __future__ import annotations

import msgspec

from parley.terms.terms_problem import TermsProblem

TOO_FEW = 10
"""Below this n the interval is wider than half of everything that is possible, so a percentage would only mislead."""
_Z = 1.959964  # standard normal: 95 % lie within ±z


class Share(msgspec.Struct, frozen=True):
    """`count` of `of`; raises TermsProblem ``share_range`` unless 0 <= count <= of."""

    count: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of:
            raise TermsProblem("share_range", count=self.count, of=self.of)

    @property
    def too_few(self) -> bool:
        """Whether n is too small for a percentage."""
        return self.of < TOO_FEW

    @property
    def permille(self) -> int | None:
        """Parts per thousand, rounded; None if too few."""
        return None if self.too_few else round(1000 * self.count / self.of)

    @property
    def interval(self) -> tuple[int, int] | None:
        """Wilson's interval at 95 % in permille; None if too few. 9 of 10 is 596 to 982."""
        if self.too_few:
            return None
        n, p = self.of, self.count / self.of
        middle, half = p + _Z**2 / (2 * n), _Z * float(p * (1 - p) / n + _Z**2 / (4 * n**2)) ** 0.5
        low, high = ((middle + side) / (1 + _Z**2 / n) for side in (-half, half))
        return max(0, round(1000 * low)), min(1000, round(1000 * high))

    def __str__(self) -> str:
        if self.interval is None or self.permille is None:
            return f"{self.count} of {self.of} (too few)" if self.of else "none counted"
        low, high = (round(part / 10) for part in self.interval)
        return f"{self.count} of {self.of} = {round(self.permille / 10)} % ({low} to {high} %)"
