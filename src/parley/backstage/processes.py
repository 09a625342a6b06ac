"""What a command starts: signers and nodes, as processes of their own or in this one, and their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from parley.backstage.asking import PATIENCE_S, Asking
from parley.doors.problems import DoorProblem
from parley.later import later
from parley.outside.home import Home

if TYPE_CHECKING:
    from parley import wiring
    from parley.outside import durable, loop
    from parley.outside.store import problems as store
else:
    wiring, durable = map(later, ("wiring", "outside.durable"))
    loop, store = map(later, ("outside.loop", "outside.store.problems"))


class Processes(Asking):
    """Commands that start processes. Each ends when the process that started it does, however that one ends."""

    def start_signer(self, home: Home, office: str, *, quiet: bool = False) -> subprocess.Popen[bytes]:
        """The signer of an office as a process of its own; it ends when this one does, however this one ends."""
        command = [sys.executable, "-m", "parley.outside.keys.signer", "--office-file", str(home.office_key(office))]
        command += ["--socket", str(home.signer_socket(office)), "--audit-file", str(home.signer_audit(office))]
        # That it is ready goes to our standard error, if anywhere: standard output is for results.
        out = subprocess.DEVNULL if quiet else 2
        return subprocess.Popen([*command, "--while-stdin"], stdin=subprocess.PIPE, stdout=out)

    def serve(self, home: Home, passphrase: str | None, ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until stopped, with its log on standard error; raises DoorProblem("already_running")."""
        log_to(sys.stderr)
        ends = time.monotonic() + PATIENCE_S
        while True:
            if self.running(home):
                raise DoorProblem("already_running", home=str(home.path))
            try:
                return loop.run(wiring.serve(home, passphrase=passphrase, ready=ready))
            except store.StoreProblem as problem:
                if problem.key != "store.in_use" or time.monotonic() > ends:
                    raise
            time.sleep(0.05)

    def to_a_person(self) -> bool:
        """Whether what is said on standard error is seen by somebody at a terminal, and kept by no log."""
        return sys.stderr.isatty()

    def write_link(self, home: Home, link: str) -> str:
        """Put the link for the first officer into a file that only this account can read; returns its path."""
        path = home.path / "desk.link"
        durable.write_durably(path, f"{link}\n".encode(), mode=0o600)
        return str(path)

    def end_with_stdin(self) -> None:
        """End this process, as SIGTERM does, once whoever holds our standard input is gone."""

        def watch() -> None:
            while os.read(0, 4096):
                pass
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, daemon=True).start()

    def serve_apart(self, home: Home, passphrase: str) -> subprocess.Popen[str]:
        """Serve a founded node as a process of its own; returns when it is on the line."""
        process = self.start_serving(home, passphrase)
        try:
            self.await_serving(home, process)
        except BaseException:
            self.end(process)
            raise
        return process

    def start_serving(self, home: Home, passphrase: str) -> subprocess.Popen[str]:
        """Begin to serve as a process of its own. It ends when this process does, however this one ends."""
        secret = home.path / "passphrase"
        durable.write_durably(secret, passphrase.encode(), mode=0o600)
        command = [sys.executable, "-m", "parley", "--home", str(home.path), "--json"]
        command += ["--passphrase-file", str(secret), "serve", "--while-stdin"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def await_serving(self, home: Home, process: subprocess.Popen[str]) -> None:
        """Wait until a node that was started is on the line, its signers too; raises DoorProblem."""
        assert process.stdout is not None
        if not process.stdout.readline().startswith('{"party"'):
            raise DoorProblem("no_demonstration", what=f"the node in {home.path.name} did not start")
        for office in home.settings().offices:
            _await_path(home.signer_socket(office))

    def end(self, process: subprocess.Popen[str]) -> None:
        """Stop a served node and wait for it."""
        self.end_all([process])

    def end_all(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        """Stop nodes side by side and wait for them."""
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _await_path(path: Path, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > ends:
            raise DoorProblem("no_demonstration", what=f"{path.name} did not appear")
        time.sleep(0.01)


def log_to(stream: TextIO) -> None:
    """Let the node's log go to `stream`; tracebacks lack the values of variables, which may be notes or passphrases."""
    import structlog

    shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    steps = [*structlog.get_config()["processors"][:-1], shown]
    structlog.configure(processors=steps, logger_factory=structlog.PrintLoggerFactory(stream))
