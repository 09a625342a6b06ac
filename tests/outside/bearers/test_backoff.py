"""Waiting between attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.outside.bearers import backoff


@given(st.integers(0, 10_000), st.binary(min_size=4, max_size=4))
def test_the_wait_lies_in_the_upper_half_of_a_ceiling_that_doubles_up_to_its_limit(attempt, noise):
    ceiling = min(300_000, 500 * 2 ** min(attempt, 20))
    assert ceiling // 2 <= backoff(attempt, lambda _: noise) <= ceiling


def test_two_nodes_do_not_come_back_at_the_same_moment():
    assert backoff(5, lambda n: bytes(n)) != backoff(5, lambda n: b"\xff" * n)
