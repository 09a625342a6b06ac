"""The twins are those of `bench/precedents.py`; they are not installed, so they are found by their path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files, named by PARLEY_DATA; every test that needs it has one beside it on twins."""
    folder = os.environ.get("PARLEY_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("PARLEY_DATA names no folder of real files; the same is tested on twins")
    return Path(folder)
