"""The line is compared with a peer only in the same run, and the ratio is one of rounds, not of medians."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))
import line  # noqa: E402  (bench/ is no package: its scripts find each other beside themselves)
import matrix  # noqa: E402

SERVES_NOTHING = """#!/bin/sh
case "$*" in *--generate-keys*) exit 0;; esac
echo $$ > "$PWD/../../../$(basename "$PWD").started"
exec sleep 600
"""
ASKS_FOR_PEER = """
import os, signal, subprocess, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import matrix

class ToldToEndMeanwhile(subprocess.Popen):
    def __init__(self, command, **how):
        super().__init__(command, **how)
        if how["cwd"].name == "second" and "--generate-keys" not in command:
            while not Path("second.started").exists():
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)

if sys.argv[2] == "while the second starts":
    subprocess.Popen = ToldToEndMeanwhile
with tempfile.TemporaryDirectory(dir=".") as name, matrix.federation(Path(name).absolute() / "peer", "there/python", 1):
    pass
"""


class Clerk:
    """Stands for an officer: counts, and sends nothing."""

    def __init__(self) -> None:
        self.written = 0

    def write(self, to: str, note: object, precedence: int) -> str:
        self.written += 1
        return str(self.written)

    def await_receipt(self, note: str, to: str) -> None:
        pass


def test_a_rate_counts_the_notes_that_were_written_not_those_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve share 80 as six each: 72 in one second are 72 a second; 80 would flatter us beside every rival."""
    clerks, seconds = [Clerk() for _ in range(12)], iter([0.0, 1.0])
    monkeypatch.setattr(line.time, "perf_counter", lambda: next(seconds))
    rate = line.many_at_once(clerks, 80)  # type: ignore[arg-type]
    assert sum(clerk.written for clerk in clerks) == 72
    assert rate == 72.0


@pytest.mark.parametrize("moment", ["while the second starts", "while both run"])
def test_a_peer_named_from_here_ends_with_its_folder_when_the_script_is_told_to_end(
    tmp_path: Path, moment: str
) -> None:
    """`there/python` is said from where the script is called, and each server is started in a folder of its own."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "python").write_text(SERVES_NOTHING)
    (tmp_path / "there" / "python").chmod(0o700)
    command = [sys.executable, "-c", ASKS_FOR_PEER, str(BENCH), moment]
    script = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    servers: list[int] = []
    try:
        servers = await_started(tmp_path, script)
        if moment == "while both run":
            script.send_signal(signal.SIGTERM)
        assert script.wait(30) == 128 + signal.SIGTERM
        assert [server for server in servers if runs(server)] == []
        assert {found.name for found in tmp_path.iterdir()} == {"there", "first.started", "second.started"}
    finally:
        script.kill()
        script.wait()
        for server in filter(runs, servers):
            os.kill(server, signal.SIGKILL)


def await_started(folder: Path, script: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of both servers, once they were started."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        told = [found.read_text() for found in folder.glob("*.started")]
        if len(told) == 2 and all(told):
            return [int(one) for one in told]
        if script.poll() is not None and not told:
            break
        time.sleep(0.05)
    raise AssertionError(f"the servers did not start; the script ended with {script.poll()}")


def runs(process: int) -> bool:
    """Whether a process of that id is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


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
