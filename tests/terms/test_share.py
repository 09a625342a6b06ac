"""Shares: counts with their n and interval, and no percentage of too few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms.share import TOO_FEW, Share
from parley.terms.terms_problem import TermsProblem

# Wilson at 95 %, by hand for 9 of 10: (0.9 + 0.19207) / 1.38415 ± 0.19313 = 0.5959 to 0.9821.
BY_HAND = {
    "nine of ten": (9, 10, 900, (596, 982), "9 of 10 = 90 % (60 to 98 %)"),
    "none of ten": (0, 10, 0, (0, 278), "0 of 10 = 0 % (0 to 28 %)"),
    "all of ten": (10, 10, 1000, (722, 1000), "10 of 10 = 100 % (72 to 100 %)"),
    "three of four is too few": (3, 4, None, None, "3 of 4 (too few)"),
    "none at all": (0, 0, None, None, "none counted"),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_share_says_its_n_and_its_interval(name: str) -> None:
    count, of, permille, interval, text = BY_HAND[name]
    share = Share(count, of)
    assert (share.permille, share.interval, str(share)) == (permille, interval, text)


@pytest.mark.parametrize(("count", "of"), [(2, 1), (-1, 3)])
def test_more_than_all_and_less_than_none_cannot_be_built(count: int, of: int) -> None:
    with pytest.raises(TermsProblem):
        Share(count, of)


@given(st.integers(TOO_FEW, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_stays_within_bounds(pair: tuple[int, int]) -> None:
    """And more observations of the same share never widen it."""
    share = Share(*pair)
    assert share.interval is not None
    assert share.permille is not None
    low, high = share.interval
    assert 0 <= low <= share.permille <= high <= 1000
    more = Share(pair[0] * 2, pair[1] * 2).interval
    assert more is not None
    assert more[1] - more[0] <= high - low + 1
