"""A drill of twelve parties, each with a way of its own to be silent; and the same with one lie, which must show.

The full run is `bench/drill.py --parties 120 --json`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DRILL = Path(__file__).parents[2] / "bench" / "drill.py"


def drill(*switches: str) -> tuple[int, dict[str, Any]]:
    """Exit code and figures of a run."""
    command = [sys.executable, str(DRILL), "--parties", "12", "--json", *switches]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_the_report_card_states_each_party_rightly() -> None:
    """Every behaviour occurs, and no cell differs from what the simulation knows to have happened."""
    code, found = drill()
    assert (code, found["misreported"]) == (0, 0), found
    assert len(found["behaviours"]) == 12
    assert found["cells"] > 12 * 10
    assert found["by_mail"] >= 4
    assert found["asleep"] == 1
    assert found["sent"] == 11


@pytest.mark.parametrize("sabotage", ["lost-receipts", "wrong-bearer", "silence-as-no"])
def test_a_lie_in_the_report_is_counted(sabotage: str) -> None:
    """The control: were receipts lost, a bearer named wrongly, or silence taken for a no, this count must say so."""
    code, found = drill("--sabotage", sabotage)
    assert code == 1
    assert found["misreported"] > 0, found
