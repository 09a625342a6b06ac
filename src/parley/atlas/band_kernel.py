"""The compiled part of bands: ranks of many values of two bytes, found by counting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def band_rows(values: Any, begin: Any, end: Any, low: Any, high: Any, total: Any, lows: Any, highs: Any) -> Any:
    """Of each pair: the sum, and the values of rank `low` and `high` (1 is the smallest), found by counting.

    Upper bytes are counted first, in four tables so that equal neighbours do not wait for each other; then the lower
    bytes of those values whose upper byte is the one sought.
    """
    tables = np.zeros((4, 256), np.int32)
    for pair in range(begin, end):
        row = values[pair]
        size = len(row)
        tables[:] = 0
        count = np.int64(0)
        for k in range(0, size - 3, 4):
            a, b, c, d = row[k], row[k + 1], row[k + 2], row[k + 3]
            count += np.int64(a) + np.int64(b) + np.int64(c) + np.int64(d)
            tables[0, a >> 8] += 1
            tables[1, b >> 8] += 1
            tables[2, c >> 8] += 1
            tables[3, d >> 8] += 1
        for k in range(size - size % 4, size):
            count += np.int64(row[k])
            tables[0, row[k] >> 8] += 1
        total[pair] = count
        if count == 0:
            lows[pair], highs[pair] = 0, 0
            continue
        for k in range(256):
            tables[0, k] += tables[1, k] + tables[2, k] + tables[3, k]
        lows[pair] = _of_rank(row, low, tables[0], tables[1])
        highs[pair] = _of_rank(row, high, tables[0], tables[1])


@njit(cache=True, nogil=True)
def _of_rank(row: Any, rank: Any, upper: Any, lower: Any) -> Any:
    byte, below = 0, 0
    while below + upper[byte] < rank:
        below += upper[byte]
        byte += 1
    lower[:] = 0
    for value in row:
        if value >> 8 == byte:
            lower[value & 255] += 1
    low = 0
    while below + lower[low] < rank:
        below += lower[low]
        low += 1
    return byte << 8 | low
