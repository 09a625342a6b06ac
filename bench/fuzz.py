"""Coverage-guided fuzzing of every decoder with atheris (libFuzzer); the property is in `fuzz_property`.

    python bench/fuzz.py --list
    python bench/fuzz.py line.note [-- -max_total_time=60]
    python bench/fuzz.py --all --seconds 60 --json       seconds for each room, shared by its targets
    python bench/fuzz.py line forms --seconds 60 --json  some rooms, or some targets

A finding ends the run of its target and leaves the input in `--findings` (build/fuzz). With --json the last line is one
JSON object: per target the inputs executed, and the branches (cov) and features (ft) of Parley's code that they
reached. Needs a Python for which atheris has a wheel (3.13 has none).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_DONE = re.compile(r"#(\d+)\s+(?:DONE|INITED|NEW|REDUCE|pulse|RELOAD)\s+cov: (\d+) ft: (\d+)(?: corp: (\d+))?")
_SLACK = 20.0
"""Instrumented code on a busy machine; what is quadratic in 64 KiB exceeds it all the same."""


def main() -> int:
    """List, fuzz one target in this process, or several each in a process of its own."""
    parser = argparse.ArgumentParser(description="Fuzz the decoders of Parley.")
    parser.add_argument("target", nargs="*", help="a target or a room; one target alone is fuzzed in this process")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seconds", type=int, help="for each room")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    given, options = _split(sys.argv[1:])
    args = parser.parse_args(given)
    if len(args.target) == 1 and "." in args.target[0] and args.seconds is None and not args.list:
        return _fuzz(args.target[0], options, args.findings)
    names = _names()
    if args.list:
        print(*names, sep="\n")
        return 0
    wanted = [name for name in names if args.all or {name, name.partition(".")[0]} & set(args.target)]
    if not wanted:
        parser.error("name a target or a room (--list shows them), or --all")
    results = _run_all(wanted, args.seconds or 60, options, args.findings)
    if args.json:
        print(json.dumps(_summary(results, args.seconds or 60)))
    return 1 if any(result["finding"] for result in results.values()) else 0


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _names() -> list[str]:
    sys.path.insert(0, str(_HERE))
    from fuzz_targets import TARGETS

    return list(TARGETS)


# -- one target, in this process


def _fuzz(name: str, options: list[str], findings: Path) -> int:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    sys.path[:0] = [str(_HERE), str(_HERE.parent / "spec")]
    with atheris.instrument_imports(include=["parley", "verify_archive"]):
        from fuzz_targets import TARGETS
    from fuzz_mutations import mutated
    from fuzz_property import LONGEST, hold

    if name not in TARGETS:
        print(f"There is no target {name}; --list shows them.", file=sys.stderr)
        return 2
    target = TARGETS[name]
    seeds = target.seeds()

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.3:
            return bytes(atheris.Mutate(data, size))[:size]
        return mutated(bytes(data), seeds, rng, size)

    findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parley-corpus-") as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"{number:04}").write_bytes(seed)
        limits = [f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=3072", f"-artifact_prefix={findings}/{name}-"]
        atheris.Setup(
            [sys.argv[0], *limits, *options, corpus],
            lambda data: hold(target, data, slack=_SLACK),
            custom_mutator=mutate,
        )
        atheris.Fuzz()
    return 0


# -- several, each in a process of its own


def _run_all(names: list[str], seconds: int, options: list[str], findings: Path) -> dict[str, dict[str, Any]]:
    rooms: dict[str, list[str]] = {}
    for name in names:
        rooms.setdefault(name.partition(".")[0], []).append(name)
    results = {}
    for members in rooms.values():
        each = max(2, round(seconds / len(members)))
        for name in members:
            results[name] = _run(name, each, options, findings)
            print(f"{name:32} {_line(results[name])}", file=sys.stderr, flush=True)
    return results


def _run(name: str, seconds: int, options: list[str], findings: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, name, "--findings", str(findings), "--"]
    done = subprocess.run(
        [*command, f"-max_total_time={seconds}", *options],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=seconds + 180,
    )
    return _read_log(done.stderr + done.stdout, seconds, done.returncode)


def _read_log(log: str, seconds: int, code: int) -> dict[str, Any]:
    """What libFuzzer said last: inputs executed, branches, features, inputs kept."""
    inputs, branches, features, kept = [int(one or 0) for one in (_DONE.findall(log) or [("0", "0", "0", "0")])[-1]]
    finding = next((row.strip() for row in log.splitlines() if "Finding:" in row), "") if code else ""
    return {
        "inputs": inputs,
        "branches": branches,
        "features": features,
        "kept": kept,
        "seconds": seconds,
        "finding": finding or (f"exit code {code}" if code else ""),
    }


def _line(result: dict[str, Any]) -> str:
    counts = f"{result['inputs']:>9} inputs  {result['branches']:>5} branches  {result['features']:>6} features"
    return f"{counts}  {result['finding']}"


def _summary(results: dict[str, dict[str, Any]], seconds: int) -> dict[str, Any]:
    return {
        "seconds_a_room": seconds,
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "targets": len(results),
        "inputs": sum(result["inputs"] for result in results.values()),
        "findings": sum(bool(result["finding"]) for result in results.values()),
        "results": results,
    }


if __name__ == "__main__":
    raise SystemExit(main())
