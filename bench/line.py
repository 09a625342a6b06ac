"""The line against the floor: two node processes over HTTPS, the full path with receipt, in interleaved rounds.

    python bench/line.py --json [--quick] [--peer synapse --peer-python PYTHON]

Per round: the floor one note at a time, the line one note at a time, two floor processes at once with group commit 32,
the line with twelve officers at once; with a peer (matrix.py), the same of it. Then FLASH behind a draining backlog.
Nothing is compared across rounds; the ratios are medians of rounds. Prints one JSON object as its last
line. Bars: docs/measurements.md.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import matrix
from pairs import FORM, LINK_CHECK, Officer, Party, finish, meet, memory_mb, percentile, spread

from parley.backstage import Backstage

FLOOR = Path(__file__).with_name("floor.py")
OFFICERS = 12  # a signer takes sixteen connections
FLASHES = 20


def floor(folder: Path, notes: int, group: int, processes: int = 1) -> list[dict[str, Any]]:
    """Run floor processes at once; their results."""
    command = [sys.executable, str(FLOOR), "--notes", str(notes), "--group", str(group), "--dir", str(folder)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in running]


def one_at_a_time(officer: Officer, notes: int) -> list[float]:
    """Milliseconds from composing to the durable receipt, for each note."""
    found = []
    for _ in range(notes):
        began = time.perf_counter()
        officer.await_receipt(officer.write("XB", FORM, 2), "XB")
        found.append((time.perf_counter() - began) * 1000)
    return found


def many_at_once(officers: list[Officer], notes: int) -> float:
    """Notes per second, from the first compose to the last durable receipt; what does not divide is not written."""
    each = notes // len(officers)

    def work(officer: Officer) -> None:
        written = [officer.write("XB", FORM, 2) for _ in range(each)]
        for note in written:
            officer.await_receipt(note, "XB")

    began = time.perf_counter()
    with ThreadPoolExecutor(len(officers)) as pool:
        list(pool.map(work, officers))
    return each * len(officers) / (time.perf_counter() - began)


def rounds(
    folder: Path, officers: list[Officer], count: int, notes: int, peer: matrix.Federation | None
) -> dict[str, Any]:
    """Interleaved rounds of floor, line and peer."""
    one_at_a_time(officers[0], 30)
    singles: list[float] = []
    p50, floor_p50, rate, floor_rate = [], [], [], []
    peer_singles, peer_rate = list[float](), list[float]()
    for number in range(count):
        floor_p50.append(floor(folder, notes, 1)[0]["p50_ms"])
        found = one_at_a_time(officers[0], notes)
        singles += found
        p50.append(statistics.median(found))
        floor_rate.append(sum(result["notes_per_s"] for result in floor(folder, notes * 2, 32, 2)))
        rate.append(many_at_once(officers, notes * 2))
        if peer is not None:
            peer_singles += peer.one_at_a_time(notes // 4)
            peer_rate.append(peer.many_at_once(notes * 2))
        say(
            f"round {number + 1}: {p50[-1]:.2f} ms over {floor_p50[-1]:.2f}; {rate[-1]:.0f}/s over {floor_rate[-1]:.0f}"
        )
    ratio = [ours / theirs for ours, theirs in zip(p50, floor_p50, strict=True)]
    throughput = [ours / theirs for ours, theirs in zip(rate, floor_rate, strict=True)]
    return {
        "p50_ms": round(statistics.median(p50), 2),
        "p99_ms": round(percentile(singles, 0.99), 2),
        "notes_per_s": round(statistics.median(rate), 1),
        "floor_p50_ms": round(statistics.median(floor_p50), 2),
        "floor_notes_per_s": round(statistics.median(floor_rate), 1),
        "ratio_p50": round(statistics.median(ratio), 3),
        "ratio_throughput": round(statistics.median(throughput), 3),
        "spread": {"ratio_p50": spread(ratio), "ratio_throughput": spread(throughput)},
        **(matrix.figures(peer_singles, peer_rate, rate) if peer is not None else {}),
    }


def flash_behind_backlog(party: Party, peer: Party, officers: list[Officer], backlog: int) -> dict[str, Any]:
    """FLASH at random moments while ROUTINE to the same peer drains; p95 against FLASH on an idle line."""
    officer, chance = officers[0], random.Random(20170512)
    idle = []
    for _ in range(FLASHES):
        began = time.perf_counter()
        officer.await_receipt(officer.write("XB", FORM, 3), "XB")
        idle.append((time.perf_counter() - began) * 1000)
    party.door.call("hold", party="XB", held=True)
    with ThreadPoolExecutor(OFFICERS) as pool:
        list(pool.map(lambda w: [w.write("XB", LINK_CHECK, 0) for _ in range(backlog // OFFICERS + 1)], officers))
    queued = waiting(party)
    say(f"{queued} ROUTINE queued")
    party.door.call("hold", party="XB", held=False)
    flashes, began = [], time.perf_counter()
    for _ in range(FLASHES):
        time.sleep(chance.uniform(0.0, 0.1))
        sent = time.perf_counter()
        officer.await_receipt(officer.write("XB", FORM, 3), "XB")
        flashes.append((time.perf_counter() - sent) * 1000)
    at_last, with_flash = waiting(party), time.perf_counter() - began
    rate_with = (queued - at_last) / with_flash
    middle = time.perf_counter()
    while (left := waiting(party)) > 100:
        time.sleep(0.05)
    rate_without = (at_last - left) / (time.perf_counter() - middle)
    return {
        "flash_idle_p50_ms": round(statistics.median(idle), 2),
        "flash_behind_p95_ms": round(percentile(flashes, 0.95), 2),
        "flash_behind_backlog_ratio": round(percentile(flashes, 0.95) / percentile(idle, 0.95), 2),
        "backlog": queued,
        "still_queued_at_last_flash": at_last,
        "drain_per_s_with_flash": round(rate_with, 1),
        "drain_per_s_without_flash": round(rate_without, 1),
        "drain_ratio": round(rate_with / rate_without, 3) if rate_without else None,
        "mb_at_backlog": {"sender": memory_mb(party.process.pid), "receiver": memory_mb(peer.process.pid)},
    }


def waiting(party: Party) -> int:
    """How many rows wait in the outbox for the peer."""
    return int(party.door.call("status")["waiting"].get("XB", 0))


def empty_node(folder: Path, backstage: Backstage) -> dict[str, Any]:
    """Start time and memory of a node that has nothing yet; the median of five starts."""
    party = Party(backstage, folder, "XC")
    idle = memory_mb(party.process.pid)
    party.close()
    starts = []
    for _ in range(5):
        began = time.perf_counter()
        process = party.backstage.serve_apart(party.home, "for measuring only")
        starts.append(time.perf_counter() - began)
        party.backstage.end(process)
    return {"idle_mb": idle, "start_s": round(statistics.median(starts), 2)}


def peer_of(options: argparse.Namespace, folder: Path) -> AbstractContextManager[matrix.Federation | None]:
    """The peer that was asked for, with as many writers as we have officers."""
    return matrix.federation(folder / "peer", options.peer_python, OFFICERS) if options.peer else nullcontext()


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, for a look")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", choices=["synapse"], help="measure two federated Matrix homeservers in the same run")
    parser.add_argument("--peer-python", default="", help=f"a Python that has it: {matrix.HOW}")
    options = parser.parse_args()
    if options.peer and not matrix.has_synapse(options.peer_python):
        parser.error(f"--peer synapse needs a Python that has matrix-synapse: {matrix.HOW}")
    notes, backlog = (40, 5000) if options.quick else (200, 10_000)
    backstage = Backstage()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        result: dict[str, Any] = empty_node(folder, backstage)
        first, second = Party(backstage, folder, "XA"), Party(backstage, folder, "XB")
        try:
            meet(first, second)
            officers = [first.officer() for _ in range(OFFICERS)]
            with peer_of(options, folder) as peer:
                result |= rounds(folder, officers, options.rounds, notes, peer)
            result |= flash_behind_backlog(first, second, officers, backlog)
            result["mb_at_10000_notes"] = memory_mb(first.process.pid)
        finally:
            first.close()
            second.close()
    finish(result)


if __name__ == "__main__":
    main()
