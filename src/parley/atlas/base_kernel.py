"""What the compiled heart begins from: the answer without a cut, neighbours in a good order, empty sheets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from parley.atlas.kernel import BATCH, NONE, spare


@njit(cache=True, nogil=True)
def base_rows(f: Any) -> Any:
    """`down` and `reach` of core networks, `reach` of gathered rows, when nothing is cut."""
    n = len(f.seed)
    down, reach = f.seed.copy(), f.beside.copy()
    for i in range(n - 1, -1, -1):
        for e in range(f.customer_at[i], f.customer_at[i + 1]):
            for w in range(4):
                down[i, w] |= down[f.customer[e], w]
    for i in range(n):
        for w in range(4):
            reach[i, w] |= down[i, w]
        for e in range(f.peer_at[i], f.peer_at[i + 1]):
            for w in range(4):
                reach[i, w] |= down[f.peer[e], w]
        for e in range(f.provider_at[i], f.provider_at[i + 1]):
            for w in range(4):
                reach[i, w] |= reach[f.provider[e], w]
    leaf = f.leaf_seed.copy()
    for i in range(len(leaf)):
        for e in range(f.leaf_provider_at[i], f.leaf_provider_at[i + 1]):
            for w in range(4):
                leaf[i, w] |= reach[f.leaf_provider[e], w]
        for e in range(f.leaf_peer_at[i], f.leaf_peer_at[i + 1]):
            for w in range(4):
                leaf[i, w] |= down[f.leaf_peer[e], w]
    return down, reach, leaf


@njit(cache=True, nogil=True)
def in_layers(rows: Any, base: Any, at: Any, entry: Any) -> Any:
    """Reorder each list so that its first few entries give all that the whole gives, the next few again, and so on.

    So whoever loses one neighbour finds after some ten others that nothing is missing. What is left after four such
    layers keeps its order.
    """
    longest = 0
    for i in range(len(at) - 1):
        longest = max(longest, at[i + 1] - at[i])
    rest = np.zeros(longest, entry.dtype)
    for i in range(len(at) - 1):
        begin, end = at[i], at[i + 1]
        for _ in range(4):
            a = b = c = d = NONE
            kept = 0
            for e in range(begin, end):
                j = entry[e]
                x, y, z, v = (
                    rows[j, 0] & base[i, 0],
                    rows[j, 1] & base[i, 1],
                    rows[j, 2] & base[i, 2],
                    rows[j, 3] & base[i, 3],
                )
                if (x & ~a) | (y & ~b) | (z & ~c) | (v & ~d):
                    a, b, c, d = a | x, b | y, c | z, d | v
                    entry[begin] = j
                    begin += 1
                else:
                    rest[kept] = j
                    kept += 1
            for k in range(kept):
                entry[begin + k] = rest[k]


@njit(cache=True, nogil=True)
def weight_reaching(f: Any, reach: Any, leaf: Any) -> Any:
    """The weight of each country's networks that reach each target when nothing is cut."""
    found = np.zeros((len(f.total), 256), np.int64)
    for i in range(len(reach)):
        if f.country[i] >= 0:
            spare(f.country[i], -f.weight[i], reach[i, 0], reach[i, 1], reach[i, 2], reach[i, 3], found)
    for i in range(len(leaf)):
        spare(f.leaf_country[i], -f.leaf_weight[i], leaf[i, 0], leaf[i, 1], leaf[i, 2], leaf[i, 3], found)
    return found


def new_state(rows: Any, base: Any, full: Any) -> Any:
    """What one worker of `lost_batch` scribbles on."""
    down, reach, leaf, _, reached = base
    gives = np.bitwise_count(down).sum(axis=1, dtype=np.int64)
    top = np.flatnonzero((np.diff(rows.provider_at) == 0) & (reach == full).all(axis=1))
    top = top[np.argsort(-gives[top], kind="stable")]
    more = (
        np.zeros_like(down), np.zeros(4, np.uint64), np.zeros(4, np.uint64), top.astype(np.int32),
        reached, np.zeros(len(leaf), np.int32),
    )  # fmt: skip
    n, countries = len(down), len(rows.total)
    words = (n + 63) // 64
    return (
        down.copy(), reach.copy(), (reach == full).all(axis=1).astype(np.uint8), np.zeros(n, np.uint8),
        np.zeros(words, np.uint64), np.zeros(words, np.uint64),
        np.zeros(n, np.int32), np.zeros(n, np.int32), np.full(len(leaf), -1, np.int64),
        (np.zeros((countries, 256), np.int64), np.zeros(countries, np.int64), np.zeros(countries, np.int64),
         np.zeros(countries, np.uint8), np.zeros(countries, np.uint8)),
        np.zeros((BATCH, countries, max(rows.targets, 1)), np.uint16), np.zeros((BATCH, countries, 3), np.uint16), more,
    )  # fmt: skip
