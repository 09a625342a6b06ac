"""The survival estimate: worked by hand, held against lifelines, and never computed from what is no wait."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.precedents.survival import Spell, kaplan_meier

# Six patients of the textbook kind: ends on days 1, 3, 3, 6; last seen on days 3 and 7.
BY_HAND = [Spell(1, True), Spell(3, True, 2), Spell(3, False), Spell(6, True), Spell(7, False)]
# day: at risk, ended, still. 5/6; then 5/6 * 3/5 = 1/2 (five at risk, two ended); then 1/2 * 1/2 (two at risk).
EXPECTED = {1: (6, 1, 5 / 6), 3: (5, 2, 1 / 2), 6: (2, 1, 1 / 4), 7: (1, 0, 1 / 4)}


def test_the_example_worked_by_hand_comes_out() -> None:
    curve = kaplan_meier(BY_HAND)
    assert {s.day: (s.at_risk, s.ended, pytest.approx(s.still)) for s in curve.steps} == EXPECTED
    assert (curve.n, curve.ended, curve.median) == (6, 4, 3)


def test_leaving_out_what_goes_on_would_make_states_look_quicker() -> None:
    """The control: the median of the waits that ended is earlier than that of all waits."""
    going_on = [Spell(10, True), Spell(20, True), *[Spell(100, False)] * 4]
    assert kaplan_meier([one for one in going_on if one.ended]).median == 10
    assert kaplan_meier(going_on).median is None


def test_nothing_ended_gives_a_flat_line_and_no_median() -> None:
    curve = kaplan_meier([Spell(5, False, 3)])
    assert [(s.still, s.low, s.high) for s in curve.steps] == [(1.0, 1.0, 1.0)]
    assert (curve.median, curve.median_interval) == (None, (None, None))


def test_no_wait_gives_no_step() -> None:
    assert kaplan_meier([]).steps == ()


@pytest.mark.parametrize("bad", [Spell(-1, True), Spell(1, True, 0)])
def test_what_is_no_wait_is_refused(bad: Spell) -> None:
    with pytest.raises(ValueError, match="wait"):
        kaplan_meier([bad])


spells = st.lists(st.builds(Spell, st.integers(0, 40), st.booleans(), st.integers(1, 4)), min_size=1, max_size=30)


@given(spells)
def test_bounds_hold_the_estimate_and_it_only_falls(found: list[Spell]) -> None:
    steps = kaplan_meier(found).steps
    assert all(earlier.still >= later.still for earlier, later in itertools.pairwise(steps))
    for step in steps:
        assert (
            step.low is None or step.high is None or 0 <= step.low <= step.still + 1e-9 <= step.high + 2e-9 <= 1 + 3e-9
        )


@given(spells)
def test_counts_weigh_as_repeated_waits(found: list[Spell]) -> None:
    apart = [Spell(one.days, one.ended) for one in found for _ in range(one.count)]
    assert kaplan_meier(found) == kaplan_meier(apart)


@pytest.mark.soak
def test_lifelines_comes_to_the_same() -> None:
    """Estimate, bounds and median of 40 random samples, days 0 to 400, a third to two thirds censored."""
    import random

    from lifelines import KaplanMeierFitter

    for seed in range(40):
        rng = random.Random(seed)
        sample = [
            Spell(rng.randint(0, 400), rng.random() < 0.3 + 0.4 * rng.random()) for _ in range(rng.randint(3, 200))
        ]
        ours = kaplan_meier(sample)
        theirs = KaplanMeierFitter(alpha=0.05).fit([s.days for s in sample], [s.ended for s in sample])
        median = theirs.median_survival_time_
        assert (ours.median if ours.median is not None else math.inf) == median
        bounds = theirs.confidence_interval_
        for step in ours.steps:
            assert step.still == pytest.approx(theirs.survival_function_.loc[step.day].iloc[0], abs=1e-9)
            if step.low is not None and 0 < step.still < 1:
                low, high = bounds.loc[step.day]
                assert (step.low, step.high) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))
