"""The line is compared with a peer only in the same run, and the ratio is one of rounds, not of medians."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))
import matrix  # noqa: E402  (bench/ is no package: its scripts find each other beside themselves)


def test_without_the_peer_the_script_says_how_to_get_it() -> None:
    command = [sys.executable, str(BENCH / "line.py"), "--peer", "synapse", "--peer-python", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "DIR/bin/pip install matrix-synapse" in done.stderr


def test_the_ratio_is_of_the_rounds() -> None:
    """Rounds of 10, 5 and 12 times the peer: 10 in the middle, although the medians of the rates differ by 6."""
    found = matrix.figures([90.0, 100.0, 130.0], [10.0, 20.0, 25.0], [100.0, 100.0, 300.0])
    assert found == {"peer_p50_ms": 100.0, "peer_arriving_per_s": 20.0, "ratio_over_peer": 10.0, "peer_spread": 0.7}
    assert found["ratio_over_peer"] != 100.0 / 20.0  # what dividing the medians would say
