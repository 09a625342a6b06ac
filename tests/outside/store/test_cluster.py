"""The tests' own PostgreSQL: never skipped where a machine decides, and never left behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from . import cluster


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_the_servers_programs_ci_fails_and_a_person_is_told(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(cluster.glob, "glob", lambda pattern: [])
    monkeypatch.setattr(cluster.shutil, "which", lambda name: None)
    with pytest.raises(outcome, match="postgres_server"):
        cluster.find_programs()


def test_the_script_that_installs_them_is_plain_sh() -> None:
    script = Path(cluster.__file__).parents[2] / "postgres_server.sh"
    assert subprocess.run(["sh", "-n", script], capture_output=True, timeout=10).stderr == b""
