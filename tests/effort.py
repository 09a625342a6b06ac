"""How many examples a property is tried on: a few with every run of the suite, ten times as many in `make soak`."""

from __future__ import annotations

import os


def examples(number: int) -> int:
    """`number`, times what PARLEY_EFFORT says (1 without it)."""
    return number * int(os.environ.get("PARLEY_EFFORT", "1"))
