"""Aside: signatures made or checked in a thread of their own while the writer is busy with rows.

Signing with ML-DSA takes as long as all the rows of a note together, and leaves the interpreter free meanwhile. A unit
waits for the result before it ends, so nothing commits that rests on an unchecked signature or lacks its receipt.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = ThreadPoolExecutor(2, "aside")  # one for what goes out, one for what comes in; started when first needed


def aside(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Begin `act` now; `.result()` of what is returned waits for it and raises what it raised."""
    return _THREADS.submit(act, *args, **kwargs)
