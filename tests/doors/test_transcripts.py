"""Transcripts: whole stories typed at a shell, checked line by line against what the real command prints.

A file of transcripts/ holds comments (#), commands, and the expected output under each:

    amal@XA$ parley ...      runs in the folder of the story; its environment names home, officer and passphrase file
    amal@XA& parley serve    stays running until the end; its first line of output is awaited
    amal@XA~ parley ...      is repeated until its output is the expected one, for at most twenty seconds

In expected output ``{name}`` stands for one word that is remembered under its name and may be used in later lines and
commands; ``{phrase}`` for four groups of digits; names that begin with ``_`` are not remembered; a line ``...`` for any
lines. Exit codes other than 0 are written as a last line ``[exit 2]``.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.doors.forking import Warm

PAGES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
PROMPT = re.compile(r"(\w+)@(\w+)([$&~]) parley (.*)")
NAME = re.compile(r"\{(\w+)\}")
PATIENCE_S = 20.0
WORD = r"[^\s.,;:]+"
SPECIAL = {"phrase": r"\d{5} \d{5} \d{5} \d{5}", "_dtg": r"\d{6}Z [A-Z]{3} \d\d", "_rest": r".*"}


@dataclass
class Step:
    """A command with what it should print."""

    line: int
    officer: str
    home: str
    how: str
    command: str
    expected: list[str] = field(default_factory=list)


def read(page: Path) -> list[Step]:
    """The steps of a transcript."""
    steps: list[Step] = []
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if found := PROMPT.fullmatch(line):
            steps.append(Step(number, *found.groups()))
        elif steps and line and not line.startswith("#"):
            steps[-1].expected.append(line)
    return steps


class Story:
    """Runs steps in a folder of its own and remembers words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = {f"port{letter}": _free_port() for letter in "ABC"} | {"folder": str(folder)}
        self.running: list[subprocess.Popen[str]] = []
        self.warm: Warm | None = None  # else every command starts from nothing
        for name in ("pw", "pw-2", "pw-3"):  # pw is given unless the command names another
            secret = folder / name
            secret.write_text(f"a secret of the transcripts, in {name}\n")
            secret.chmod(0o600)

    def play(self, step: Step) -> None:
        """Run one step; fails with the line of the transcript, what was expected and what came."""
        if step.how == "&":
            self._start(step)
            return
        ends = time.monotonic() + (PATIENCE_S if step.how == "~" else 0)
        while True:
            printed = self._run(step)
            found = self._match(step.expected, printed)
            if found is not None:
                self.known.update(found)
                return
            if time.monotonic() > ends:
                wanted, came = "\n".join(step.expected), "\n".join(printed)
                raise AssertionError(f"line {step.line}: {step.command}\n-- expected\n{wanted}\n-- came\n{came}")
            time.sleep(0.1)

    def _command(self, step: Step) -> list[str]:
        known = NAME.sub(lambda name: self.known.get(name[1], name[0]), step.command)
        return [sys.executable, "-m", "parley", *shlex.split(known)]

    def _environment(self, step: Step) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PARLEY_", "COLUMNS"))}
        return kept | {
            "PARLEY_CHEAP_PASSPHRASES": "tests", "PARLEY_HOME": step.home, "PARLEY_OFFICER": step.officer,
            "PARLEY_PASSPHRASE_FILE": "pw", "LANG": "C.UTF-8",
        }  # fmt: skip

    def _run(self, step: Step) -> list[str]:
        command, environment = self._command(step), self._environment(step)
        if self.warm is not None:
            code, printed, _ = self.warm.run(command[3:], self.folder, environment)
        else:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60,
                cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            code, printed = done.returncode, done.stdout
        lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
        return lines + ([f"[exit {code}]"] if code else [])

    def _start(self, step: Step) -> None:
        process = subprocess.Popen(
            [*self._command(step), "--while-stdin"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self._environment(step),
        )  # fmt: skip
        self.running.append(process)
        assert process.stderr is not None
        first = process.stderr.readline().rstrip()
        found = self._match(step.expected, [first])
        assert found is not None, (step.line, first)

    def _match(self, expected: list[str], printed: list[str]) -> dict[str, str] | None:
        """The words found, None if the output is another. ``...`` swallows lines up to the next that fits."""
        found: dict[str, str] = {}
        rest = list(printed)
        swallow = False
        for line in expected:
            if line == "...":
                swallow = True
                continue
            while True:
                if not rest or (swallow and rest[0].startswith("[exit ") and line != rest[0]):
                    return None
                words = self._fits(line, rest.pop(0), found)
                if words is not None:
                    found.update(words)
                    swallow = False
                    break
                if not swallow:
                    return None
        hidden = not rest or (swallow and not rest[-1].startswith("[exit "))  # a failure is never passed over
        return found if hidden else None

    def _fits(self, line: str, came: str, found: dict[str, str]) -> dict[str, str] | None:
        known = {**self.known, **found}
        pattern, at, here = "", 0, set[str]()
        for name in NAME.finditer(line):
            pattern += re.escape(line[at : name.start()])
            word = name[1]
            if word in known:
                pattern += re.escape(known[word])
            elif word.startswith("_") or word in here:
                pattern += f"(?P={word})" if word in here else SPECIAL.get(word, r"\S+")
            else:
                pattern += f"(?P<{word}>{SPECIAL.get(word, WORD)})"
                here.add(word)
            at = name.end()
        matched = re.fullmatch(pattern + re.escape(line[at:]), came)
        return None if matched is None else matched.groupdict()

    def end(self) -> None:
        """End what was started."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.communicate(timeout=20)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


FROM_NOTHING = ("story",)  # the page whose commands are each a new interpreter, as an officer's are


@pytest.fixture
def story() -> Iterator[Story]:
    """A folder, short enough for the names of sockets; what runs in it is ended."""
    folder = Path(tempfile.mkdtemp(prefix="pt-"))
    made = Story(folder)
    yield made
    made.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_transcript_shows_is_what_happens(page: Path, story: Story, warm: Warm) -> None:
    """Every command of the page, in order."""
    story.warm = None if page.stem in FROM_NOTHING else warm
    steps = read(page)
    assert steps
    for step in steps:
        story.play(step)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_transcript_fits_a_terminal_of_80_columns(page: Path) -> None:
    """Output only: a command may be longer, as it may be at a prompt. Braces stand for words of other lengths."""
    wide = [line for step in read(page) for line in step.expected if len(NAME.sub("", line)) > 80]
    assert wide == []


def test_another_output_would_be_noticed(tmp_path: Path) -> None:
    """The control: words, remembered words, missing and surplus lines."""
    story = Story(tmp_path)
    assert story._match(["a {x} c", "{x}"], ["a b c", "b"]) == {"x": "b"}
    assert story._match(["a {x} c", "{x}"], ["a b c", "d"]) is None
    assert story._match(["a"], ["a", "b"]) is None
    assert story._match(["a", "b"], ["a"]) is None
    assert story._match(["...", "b", "..."], ["a", "b", "c"]) == {}
    assert story._match(["...", "b"], ["a", "c"]) is None
    assert story._match(["..."], ["a", "[exit 2]"]) is None
    assert story._match(["...", "[exit 2]"], ["a", "[exit 2]"]) == {}
