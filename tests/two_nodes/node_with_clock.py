"""Serve a node whose clock is ahead of the machine's by what a file says (ms), for simulations of days in seconds.

    python node_with_clock.py HOME FILE PASSPHRASE [PLACE]

The file is read at every look at the clock. Timers run thirty times faster than usual. Not part of what is shipped.
PLACE: where the process kills itself while its own particulars are adopted: "before", "written" or "after" their unit,
or "replace N": before the N-th key file is put in place. "careless": it never finishes what a crash left.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from parley import rotation, wiring
from parley.outside.clock import SystemClock
from parley.outside.loop import run
from parley.outside.settings import Home

PACE = 30.0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(place: str) -> None:
    """Arrange that this process kills itself there."""
    open_store, replace = wiring.open_store, rotation._replace
    kind, _, number = place.partition(" ")
    replaced = 0

    def opened(*args: Any) -> Any:
        store = open_store(*args)
        store.probe = lambda point, moment: _die() if (point, moment) == ("particulars", kind) else None
        return store

    def counted(path: Path) -> None:
        nonlocal replaced
        replaced += 1
        if number and replaced == int(number):
            _die()
        replace(path)

    wiring.open_store, rotation._replace = opened, counted
    if place == "careless":
        wiring.NextKeys.finish = lambda self: None


def main(home: Path, ahead: Path, passphrase: str, place: str = "") -> None:
    """Serve until the process is told to end."""
    if place:
        kill_at(place)

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
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
