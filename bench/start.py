"""What starting a command costs, in seconds of processor, with a node that runs and without; what an idle node holds.

    bench/start.py --json [--rounds 5] [--against SRC [--python FILE]]

`--against` names the `src` folder of another tree, measured in turns with this one. Processor time of the process and
of its children, so that a busy machine says the same; bytecode is kept, as in an installation. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from parley.backstage import Backstage

SECRET = "a passphrase of the bench"
TICKS = os.sysconf("SC_CLK_TCK")


class Tree:
    """One tree of sources and the interpreter that runs it."""

    def __init__(self, source: Path, python: str, home: Path, secret: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {**kept, "PYTHONPATH": str(source), "PARLEY_CHEAP_PASSPHRASES": "tests"}
        self.command = [python, "-m", "parley", "--home", str(home), "--as", "amal", "--passphrase-file", str(secret)]
        self.seen: dict[str, list[float]] = {}

    def round(self) -> None:
        """Serve, ask the running node, stop it, ask again."""
        serving = subprocess.Popen(
            [*self.command, "--json", "serve", "--while-stdin"], env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert serving.stdout is not None
        assert serving.stdout.readline().startswith('{"party"')
        times = Path(f"/proc/{serving.pid}/stat").read_text().rsplit(")", 1)[1].split()
        self._see("serve_cpu_s", (int(times[11]) + int(times[12])) / TICKS)
        status = Path(f"/proc/{serving.pid}/status").read_text().split("VmRSS:")[1]
        self._see("idle_mb", int(status.split()[0]) / 1024)
        self._see("running_cpu_s", self._spent("inbox"))
        serving.terminate()
        serving.communicate()
        self._see("stopped_cpu_s", self._spent("inbox"))
        self._see("help_cpu_s", self._spent("--help"))

    def _spent(self, *arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*self.command, *arguments], env=self.environment, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _see(self, name: str, value: float) -> None:
        self.seen.setdefault(name, []).append(value)

    def figures(self) -> dict[str, Any]:
        """Median, least and most of each."""
        return {name: [round(one, 2) for one in (median(v), min(v), max(v))] for name, v in self.seen.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ps-") as name:
        folder = Path(name)
        Backstage(cheap=True).found_for_demonstration(folder, "XA", "amal", "en", SECRET)
        secret = folder / "secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        trees = {"here": Tree(Path(__file__).parents[1] / "src", sys.executable, folder / "XA", secret)}
        if given.against:
            trees["there"] = Tree(given.against, given.python, folder / "XA", secret)
        for number in range(given.rounds + 1):  # the first writes the bytecode, and is not counted
            for tree in trees.values():
                tree.round()
                if number == 0:
                    tree.seen.clear()
        print(json.dumps({name: tree.figures() for name, tree in trees.items()}))


if __name__ == "__main__":
    main()
