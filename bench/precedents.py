"""The public record: how long imports take, what a second one changes, and whether any state was guessed.

    python bench/precedents.py --json [--data DIR]

DIR holds real files (`import-only/eurepoc/*.csv` and so on); without it, synthetic twins with 1,643 incidents, about
fictional states, stand in for what may not be passed on. Each round of the import is a process of its own on an empty
file, commit and sync included; the figure is the median of three, with all of them beside it. The part about asking
(`precedents_asking.py`) runs on the file of all imports. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import resources
from pathlib import Path
from typing import Any

from precedents_twins import ALIASES, ORGANISATIONS, REGIONS, WORDS_FOR_NOTHING, write_twins

from parley.outside.sources.kinds import read_files
from parley.outside.sources.shipped import stock
from parley.outside.store.precedents import PrecedentStore
from parley.precedents import Actor, PrecedentProblem, Sort
from parley.precedents.names import exercise, nothing, place
from parley.public_record import ON_CHANGE
from parley.terms.nothing import Nothing
from parley.terms.states import all_states, key

ROUNDS = 3
Jobs = list[tuple[str, list[Path]]]


def jobs(data: Path | None, folder: Path) -> Jobs:
    """What is imported: kind and files, EuRepoC first."""
    if data is None:
        twins = write_twins(folder, 1643)
        return [
            ("eurepoc", twins.eurepoc_1_1),
            ("eurepoc", twins.eurepoc_1_3),
            ("dcid", twins.dcid),
            ("cfr", twins.cfr),
        ]
    closed, open_ = data / "import-only", data / "open"
    return [
        ("eurepoc", sorted((closed / "eurepoc").glob("*.csv"))),
        ("eurepoc", sorted((closed / "eurepoc" / "v1.3_sample").glob("*.csv"))),
        ("dcid", sorted((closed / "dcid").glob("*.xlsx"))),
        ("cfr", sorted((closed / "cfr").glob("*.csv"))),
        *(("misp", [open_ / "misp" / f"{galaxy}.json"]) for galaxy in ("threat-actor", "country", "region", "sector")),
        ("attack", [open_ / "attack" / "ics-attack.json"]),
        ("attack", sorted((open_ / "attack").glob("*v18.1.json"))),
        ("eu-sanctions", sorted((open_ / "sanctions").glob("eu*.csv"))),
        ("ofac-sanctions", sorted((open_ / "sanctions").glob("ofac*.csv"))),
        ("un-votes", sorted((open_ / "unvotes").glob("*.csv"))),
    ]


def fictional(data: Path | None) -> AbstractContextManager[None]:
    """The twins are about fictional states, whose names are none elsewhere."""
    return nullcontext() if data else exercise()


def fill(store: PrecedentStore, kind: str, files: list[Path]) -> Any:
    """One import; its report."""
    read = read_files(kind, files)
    at = time.time_ns() // 1_000_000
    return store.fill(read.data_set, read.incidents, read.statements, read.report, whole=read.whole, at=at)


def one_round(data: Path | None, files: list[Path], folder: Path) -> dict[str, float]:
    """Import EuRepoC into an empty file, in this process: seconds, and its peak memory in MB."""
    store = PrecedentStore(folder / f"round-{os.getpid()}.sqlite", ON_CHANGE)
    began, used = time.perf_counter(), time.process_time()
    with fictional(data):
        fill(store, "eurepoc", files)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    store.close()
    return {"s": seconds, "cpu_s": cpu, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def rounds(data: Path | None, files: list[Path], folder: Path) -> list[dict[str, float]]:
    """Three rounds, a process each."""
    given = ["--data", str(data)] if data else []
    found = []
    for _ in range(ROUNDS):
        command = [sys.executable, __file__, *given, "--round", str(folder), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def import_all(data: Path | None, todo: Jobs, place_of: Path) -> dict[str, Any]:
    """Every import twice into one file: what the first accepted and set aside, what the second changed."""
    store = PrecedentStore(place_of, ON_CHANGE)
    stock(store, 1)
    reports, changes = {}, 0
    with fictional(data):
        for kind, files in todo:
            report = fill(store, kind, files)
            counts = {name: getattr(report, name) for name in ("read", "accepted", "quarantined", "in_part", "added")}
            reports[report.data_set] = counts
        before = store.digest()
        for kind, files in todo:
            again = fill(store, kind, files)
            changes += again.added + again.changed + again.gone
    changes += store.digest() != before
    states = Counter(_exact(actor) for actor in _states(store))
    incidents, statements = sum(1 for _ in store.incidents()), sum(1 for _ in store.statements())
    store.close()
    return {
        "imports": reports,
        "incidents": incidents,
        "statements": statements,
        "second_import_changes": changes,
        "states_named": states[True] + states[False],
        "states_guessed": states[False],
    }


def _states(store: PrecedentStore) -> set[Actor]:
    """Every state in the record, with each spelling under which a source named it."""
    found: set[Actor] = set()
    for incident in store.incidents():
        found.update(incident.receivers)
    for one in store.statements():
        found.update(one.joined)
        if isinstance(one.names, tuple):
            found.update(named.actor for named in one.names)
        if not isinstance(one.holder, Nothing):
            found.add(one.holder)
    return {actor for actor in found if actor.sort is Sort.STATE}


def _spellings() -> Iterator[tuple[str, str]]:
    """Every exact spelling and its code, read here from the tables themselves and not by what is measured."""
    for row in all_states().values():
        yield from ((key(name), row.code) for name in (row.code, row.alpha3, *row.names.values(), *row.aliases))
    text = (resources.files("parley.precedents") / "data" / "spellings.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        yield key(line["spelling"]), line["code"]


_EXACT = set(_spellings())


def _exact(actor: Actor) -> bool:
    return (key(actor.name), actor.code) in _EXACT


def sorts_of_strings() -> dict[str, int]:
    """What the 41 strings become that a list of ISO names does not know."""
    found: Counter[str] = Counter()
    for name in (*REGIONS, *ORGANISATIONS, *ALIASES, *WORDS_FOR_NOTHING):
        try:
            found["nothing" if nothing(name) is not None else str(place(name).sort)] += 1
        except PrecedentProblem:
            found["set aside"] += 1
    return dict(found)


def asked(place_of: Path) -> dict[str, Any]:
    """The figures of searching and statistics on the file of all imports."""
    try:
        from precedents_asking import measure
    except ImportError:
        return {"asking": "not in this tree"}
    found: dict[str, Any] = measure(place_of)
    return found


def main() -> int:
    """Run, print, and say with the exit code whether the bars of the import were met."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--data", type=Path, default=None)
    options.add_argument("--round", type=Path, default=None, help=argparse.SUPPRESS)
    options.add_argument("files", nargs="*", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.round:
        print(json.dumps(one_round(given.data, given.files, given.round)))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        todo = jobs(given.data, folder)
        found = rounds(given.data, todo[0][1], folder)
        seconds = [round(one["s"], 2) for one in found]
        result: dict[str, Any] = {
            "data": "real" if given.data else "twins",
            "eurepoc_import_s": statistics.median(seconds),
            "eurepoc_import_rounds_s": seconds,
            "eurepoc_import_cpu_s": round(statistics.median(one["cpu_s"] for one in found), 2),
            "eurepoc_import_mb": round(max(one["mb"] for one in found)),
            "strings_41": sorts_of_strings(),
        }
        result |= import_all(given.data, todo, folder / "all.sqlite")
        met = result["eurepoc_import_s"] <= 10 and result["eurepoc_import_mb"] <= 500
        met = met and result["second_import_changes"] == 0 and result["states_guessed"] == 0
        result |= asked(folder / "all.sqlite")
        result["import_bars_met"] = met
    print(json.dumps(result, indent=None if given.json else 1))
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
