"""Serve a node whose clock is ahead of the machine's by what a file says (ms), for simulations of days in seconds.

    python node_with_clock.py HOME FILE PASSPHRASE

The file is read at every look at the clock. Timers run thirty times faster than usual. Not part of what is shipped.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from parley import wiring
from parley.outside.bearers.https.loop import run
from parley.outside.clock import SystemClock
from parley.outside.settings import Home

PACE = 30.0


def main(home: Path, ahead: Path, passphrase: str) -> None:
    """Serve until the process is told to end."""

    def wall() -> int:
        return time.time_ns() // 1_000_000 + int(ahead.read_text("ascii") or "0")

    run(
        wiring.serve(
            Home(home),
            passphrase=passphrase,
            ready=lambda found: print(json.dumps(found), flush=True),
            clock=SystemClock(wall=wall),
            pace=PACE,
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
