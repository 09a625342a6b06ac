"""The table of targets is the one that `bench/fuzz.py` uses; it is not installed, so it is found by its path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
