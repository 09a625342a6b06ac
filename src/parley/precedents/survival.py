"""How long until something happened, when for many it has not happened yet: Kaplan and Meier's estimate.

What had not happened when its source was last brought up to date is *censored*: known to have taken longer than that,
and nothing else. Leaving it out would make states look quick; taking it as "never" would make them look slow. The
bounds are those of Greenwood's variance on the log-log scale (Kalbfleisch and Prentice, 2002, 1.4), which cannot leave
0 to 1. Leaves out which dates may be subtracted at all: `lag` decides that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

_Z = 1.959964  # standard normal: 95 % lie within ±z


class Spell(msgspec.Struct, frozen=True):
    """`count` waits of `days` days; `ended`: the event came then, else the wait was last seen going on."""

    days: int
    ended: bool
    count: int = 1


class Step(msgspec.Struct, frozen=True):
    """The estimate from `day` on: `still` is the share for which it had not happened, with bounds at 95 %.

    `low` and `high` are None where no variance can be estimated (nobody is left at risk).
    """

    day: int
    at_risk: int
    ended: int
    censored: int
    still: float
    low: float | None
    high: float | None


class Curve(msgspec.Struct, frozen=True):
    """Steps at each day on which something ended or was last seen; `n` waits, of which `ended` ended."""

    n: int
    ended: int
    steps: tuple[Step, ...]

    @property
    def median(self) -> int | None:
        """The first day by which it had happened for half or more; None if that was never reached."""
        return self.reached(0.5)

    def reached(self, still: float) -> int | None:
        """The first day on which the share for which it had not happened is at most `still`."""
        return next((step.day for step in self.steps if step.still <= still + 1e-12), None)

    @property
    def median_interval(self) -> tuple[int | None, int | None]:
        """Brookmeyer and Crowley's interval of the median at 95 %: where the bounds cross one half; None: never."""
        low = next((step.day for step in self.steps if step.low is not None and step.low <= 0.5), None)
        high = next((step.day for step in self.steps if step.high is not None and step.high <= 0.5), None)
        return low, high

    def at(self, day: int) -> Step | None:
        """The step in force on a day; None before the first."""
        return next((step for step in reversed(self.steps) if step.day <= day), None)


def kaplan_meier(spells: Iterable[Spell]) -> Curve:
    """The curve of these waits; a negative wait is an error of the caller, who asks `lag` first (ValueError)."""
    ended: dict[int, int] = {}
    seen: dict[int, int] = {}
    for spell in spells:
        if spell.days < 0 or spell.count < 1:
            raise ValueError("a wait has at least no days and is counted at least once")
        into = ended if spell.ended else seen
        into[spell.days] = into.get(spell.days, 0) + spell.count
    at_risk = n = sum(ended.values()) + sum(seen.values())
    still, variance, steps = 1.0, 0.0, []
    for day in sorted({*ended, *seen}):
        happened, left = ended.get(day, 0), seen.get(day, 0)
        still *= 1 - happened / at_risk
        variance = math.inf if happened == at_risk else variance + happened / (at_risk * (at_risk - happened))
        steps.append(Step(day, at_risk, happened, left, still, *_bounds(still, variance)))
        at_risk -= happened + left
    return Curve(n, sum(ended.values()), tuple(steps))


def _bounds(still: float, variance: float) -> tuple[float | None, float | None]:
    """S ** exp(±z·σ), σ the standard error of log(-log S); before anything ended there is no variance: exactly 1."""
    if variance == 0.0:
        return 1.0, 1.0
    if still <= 0.0 or math.isinf(variance):
        return None, None
    log = math.log(still)
    spread = _Z * math.sqrt(variance) / log
    return math.exp(log * math.exp(-spread)), math.exp(log * math.exp(spread))
