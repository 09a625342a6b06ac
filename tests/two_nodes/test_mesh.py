"""Five nodes that all write to each other through bad weather; and the same with one promise broken, which must show.

The full run is `bench/mesh.py --parties 30 --json`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MESH = Path(__file__).parents[2] / "bench" / "mesh.py"


def mesh(*switches: str) -> tuple[int, dict[str, Any]]:
    """Exit code and figures of a run."""
    command = [sys.executable, str(MESH), "--json", *switches]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_everyone_reaches_everyone_through_loss_partition_rotation_and_a_stale_restore() -> None:
    """Every note is at its receiver once, its sender holds a receipt for it, and every journal verifies."""
    code, found = mesh("--parties", "5")
    assert code == 0, found
    assert found["sent"] == found["opened"] == found["acknowledged"] == 5 * 4 * 5
    assert (found["lost"], found["duplicated"], found["missing_at_sender"]) == (0, 0, 0)
    assert found["journals_verified"] == 5
    assert found["lost_with_the_store"] > 0
    assert all(count > 0 for count in found["faults"].values()), found["faults"]
    assert len(found["faults"]) == 8


@pytest.mark.parametrize(
    ("sabotage", "harm"), [("no-dedupe", "duplicated"), ("early-receipt", "lost"), ("no-recall", "lost")]
)
def test_a_broken_promise_shows_in_the_same_count(sabotage: str, harm: str) -> None:
    """The control: were a node to forget, to hurry, or not to ask, this count must say so."""
    code, found = mesh("--parties", "5", "--notes", "5", "--sabotage", sabotage)
    assert code == 1
    assert found[harm] > 0, found
