"""Commands from one warm interpreter: it has imported Parley, and forks a process for each command.

A command is a process of its own all the same, with its own folder, environment, exit code and output; only a second of
imports is spared, some thousand times. That a command starts from nothing is what `story.txt`, `test_pages.py`, the
demonstration and every `parley serve` of these tests show.

    python forking.py      reads one JSON line a command from standard input, and answers each with one
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT_S = 60


class Warm:
    """The warm interpreter, as a test sees it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._one = threading.Lock()

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], *, apart: bool = False
    ) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of one command; both streams in the first unless `apart`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out, tempfile.NamedTemporaryFile("r") as err:
            asked = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
            asked["printed"] = [out.name, err.name if apart else out.name]
            with self._one:
                self._process.stdin.write(json.dumps(asked) + "\n")
                self._process.stdin.flush()
                code = int(self._process.stdout.readline())
            return code, out.read(), err.read()

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def main() -> None:
    """Fork for each request; a child that takes too long is ended by its own alarm."""
    import parley.backstage
    import parley.desk.doctor
    import parley.doors.cli.app
    import parley.doors.cli.commands
    import parley.doors.verbs
    import parley.founding
    import parley.outside.bearers.https
    import parley.outside.keys.certificate
    import parley.outside.keys.signing_client
    import parley.rotation
    import parley.wiring

    list(parley.doors.cli.commands.Loaded().values())
    parley.wiring.forms.load()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(asked: dict) -> None:  # type: ignore[type-arg]
    import signal

    from parley.__main__ import main as parley

    signal.alarm(TIMEOUT_S)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for to, name in enumerate(asked["printed"], 1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_APPEND), to)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode) for n, mode in ((0, "r"), (1, "w"), (2, "w")))
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    sys.argv = ["parley", *asked["arguments"]]
    code = 0
    try:
        parley()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
