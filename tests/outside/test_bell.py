"""The bell: a fixed command that learns nothing, is ended in time, and whose failure has a name."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path

import pytest

from parley.outside.bell import ENVIRONMENT, CommandBell
from parley.outside.settings import Settings


def program(folder: Path, text: str) -> str:
    """A program of the test's own; returns its absolute path."""
    path = folder / "ring"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def ring(*command: str, limit_s: float = 20.0) -> str:
    return asyncio.run(CommandBell(command, limit_s).ring())


def test_the_command_gets_its_arguments_as_they_stand_and_nothing_else(tmp_path: Path) -> None:
    """No shell reads them, and of our environment (a home, a passphrase file, whatever) it gets two fixed variables."""
    os.environ["PARLEY_OF_THE_TEST"] = "XB/duty"
    try:
        parts = (
            f'printf "%s\\n" "$@" > {tmp_path}/args',
            f"env > {tmp_path}/env",
            f"cat > {tmp_path}/in",
            f"pwd > {tmp_path}/pwd",
        )
        made = program(tmp_path, "; ".join(parts))
        assert ring(made, "siren; touch x", "$HOME") == ""
    finally:
        del os.environ["PARLEY_OF_THE_TEST"]
    assert (tmp_path / "args").read_text() == "siren; touch x\n$HOME\n"
    given = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {name: value for name, value in given.items() if name not in ("PWD", "SHLVL", "_", "OLDPWD")} == ENVIRONMENT
    assert (tmp_path / "in").read_text() == ""
    assert (tmp_path / "pwd").read_text() == "/\n"


FAILURES = {
    "it ends with another code": ("exit 3", "exit code 3"),
    "it does not end": ("sleep 600", "not done within 0.3 s"),
    "it leaves a child behind that does not end": ("sleep 600 & wait", "not done within 0.3 s"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_named_and_nothing_is_left_of_it(tmp_path: Path, name: str) -> None:
    text, expected = FAILURES[name]
    made = program(tmp_path, f"echo $$ > {tmp_path}/pid; {text}")
    assert ring(made, limit_s=0.3 if "sleep" in text else 20.0) == expected
    group = int((tmp_path / "pid").read_text())
    ends = time.monotonic() + 10
    while _lives(group) and time.monotonic() < ends:  # what was killed may take a moment to be gone
        time.sleep(0.02)
    assert not _lives(group)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_command_that_is_not_there_is_a_failure_and_no_crash(tmp_path: Path) -> None:
    assert ring(str(tmp_path / "none")).startswith("not started: ")
    path = Path(program(tmp_path, "exit 0"))
    path.chmod(stat.S_IRUSR)
    assert os.geteuid() == 0 or ring(str(path)).startswith("not started: ")


BAD = {
    "a name that a shell would look for": {"on_flash": ("ring",)},
    "a NUL in an argument": {"on_flash": ("/bin/true", "a\0b")},
    "no time at all": {"on_flash": ("/bin/true",), "on_flash_s": 0.0},
    "hours for a siren": {"on_flash": ("/bin/true",), "on_flash_s": 3600.0},
    "a shift of no hours": {"shift_h": 0.0},
}


@pytest.mark.parametrize("name", BAD)
def test_settings_that_cannot_ring_are_refused(name: str) -> None:
    """The control is one that can."""
    with pytest.raises(ValueError, match=r"on_flash|shift_h"):
        Settings(party="XA", **BAD[name])  # type: ignore[arg-type]
    assert Settings(party="XA", on_flash=("/bin/true", "siren")).on_flash == ("/bin/true", "siren")
