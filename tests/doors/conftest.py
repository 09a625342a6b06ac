"""Two founded parties for the tests of the command line, and the real command in a process of its own.

The process is forked from an interpreter that has imported Parley (`forking`), unless the test wants something of the
process itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from parley.backstage import Backstage

from .forking import Warm

PASSPHRASE = "quite a secret of the tests"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "COLUMNS", "_PARLEY"))},
    "PARLEY_CHEAP_PASSPHRASES": "tests",
    "LANG": "C.UTF-8",
}
WORM = (
    "10=stop-traffic", "11=XB", "12=from-territory", "13=icd_203.likely", "15=XA", "16=health", "17=data.encrypted",
    "18=began 2017-05-12T07:44Z", "19=going-on", "23=13c", "23=13h",
)  # fmt: skip


@dataclass
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Its one JSON value."""
        return json.loads(self.out)


class Command:
    """`parley` of one folder, as a person would type it; the officer's passphrase is in a file of mode 600."""

    def __init__(self, folder: Path, warm: Warm, home: str = "XA", officer: str = "amal") -> None:
        self.folder, self.warm, self.home, self.officer = folder, warm, folder / home, officer
        self.secret: Path | None = folder / "passphrase"

    passphrase = PASSPHRASE
    worm = WORM

    def other(self, home: str, officer: str) -> Command:
        """Another desk in the same folder."""
        return Command(self.folder, self.warm, home, officer)

    def listen(self, port: int) -> None:
        """Give the node this port."""
        path = self.home / "parley.toml"
        kept = [line for line in path.read_text().splitlines() if not line.startswith("listen")]
        path.write_text("\n".join([f'listen = "127.0.0.1:{port}"', *kept]) + "\n")

    def line(self, *arguments: str) -> list[str]:
        """The whole command line."""
        fixed = ["--home", str(self.home), "--as", self.officer]
        fixed += ["--passphrase-file", str(self.secret)] if self.secret else []
        return [sys.executable, "-m", "parley", *fixed, *arguments]

    def __call__(self, *arguments: str, **options: Any) -> Done:
        """Run it to its end; with options for the process it starts from nothing."""
        if not options:
            return Done(*self.warm.run(self.line(*arguments)[3:], self.folder, ENVIRONMENT, apart=True))
        environment = {**ENVIRONMENT, **options.pop("environment", {})}
        done = subprocess.run(
            self.line(*arguments), capture_output=True, text=True, timeout=60, check=False, env=environment,
            cwd=self.folder, stdin=subprocess.DEVNULL, **options,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def draft(self, *more: str, to: str = "XB/duty", lines: tuple[str, ...] = WORM) -> str:
        """A draft of form 11; returns its id."""
        given = [part for line in lines for part in ("--line", line)]
        done = self("--json", "draft", "11", "--to", to, "--exercise", *given, *more)
        assert done.code == 0, done.err
        return str(done.value["draft"])

    def drafts(self) -> list[str]:
        """Ids of all drafts: also that the store opens."""
        done = self("--json", "drafts")
        assert done.code == 0, done.err
        return [one["draft"] for one in done.value]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and leave it running; it ends with its standard input."""
        return subprocess.Popen(
            self.line(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=ENVIRONMENT, cwd=self.folder,
        )  # fmt: skip


@pytest.fixture(scope="session")
def founded() -> Iterator[Path]:
    """Two nodes, founded, adopted, accepted by each other; copied for each test."""
    # Not under pytest's own folder: the name of a Unix socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pd-"))
    backstage = Backstage(cheap=True)
    for party, officer in (("XA", "amal"), ("XB", "boris")):
        backstage.found_for_demonstration(folder, party, officer, "en", PASSPHRASE)
    for here, there in (("XA", "XB"), ("XB", "XA")):
        shown = backstage.call(backstage.home(folder / there), "particulars")
        signed = backstage.call(backstage.home(folder / there), "export_particulars")
        backstage.call(
            backstage.home(folder / here), "accept",
            signed=signed, officer="registrar", heard=shown["phrase"], means="in-person", confirmed=True,
        )  # fmt: skip
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    secret.chmod(0o600)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """An interpreter that has imported Parley."""
    made = Warm()
    yield made
    made.close()


@pytest.fixture
def desk(founded: Path, warm: Warm) -> Iterator[Command]:
    """A desk of XA in a folder of the test's own, nothing running."""
    folder = Path(tempfile.mkdtemp(prefix="pd-"))
    shutil.copytree(founded, folder, dirs_exist_ok=True)
    yield Command(folder, warm)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def serving(desk: Command) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``parley serve`` for a desk; whatever was started is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(of: Command, *arguments: str) -> subprocess.Popen[str]:
        process = of.start("--json", "serve", "--while-stdin", *arguments)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith('{"party"')
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=20)
