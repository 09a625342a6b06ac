"""Two real nodes lose power under load, a few times; and runs with one promise broken, which must be caught.

The full run is `bench/crash.py --kills 60 --json`; docs/decisions/0120 says what it proves.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CRASH = Path(__file__).parents[2] / "bench" / "crash.py"


def crash(*switches: str) -> tuple[int, dict[str, Any]]:
    """Exit code and figures of a short run."""
    command = [sys.executable, str(CRASH), "--json", "--kills", "5", *switches]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_kills_lose_nothing_that_was_acknowledged_and_double_nothing() -> None:
    """Kills at the three moments of a commit point at both sides, and random ones."""
    code, found = crash("--quick")
    assert code == 0, found
    assert found["acknowledged"] > 0
    assert (found["lost"], found["duplicated"], found["journals_verified"]) == (0, 0, True)
    assert found["missed"] == []
    assert found["kills_in_transaction"] >= 3


@pytest.mark.parametrize(
    ("sabotage", "harm"),
    [
        ("no-fsync", "lost"),
        pytest.param("early-receipt", "lost", marks=pytest.mark.soak),  # with every run in test_mesh.py
        ("no-dedupe", "duplicated"),
    ],
)
def test_a_broken_promise_is_caught_within_five_kills(sabotage: str, harm: str) -> None:
    """The control: the same figures must show the harm."""
    code, found = crash("--sabotage", sabotage)
    assert code == 1
    assert found[harm] > 0, found


def test_every_named_commit_point_is_known_to_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """A point that is new in the source and cannot be reached by the bench would never be killed."""
    monkeypatch.syspath_prepend(str(CRASH.parent))
    import crash_points

    assert crash_points.names() == sorted(crash_points.WAYS)
