"""The demonstration: what it prints, that every line can be misread, that nothing of it is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from parley.backstage import Backstage
from parley.doors.cli import demo
from parley.doors.cli.stage import Stage, Telling
from parley.forms import load

KEYS = [
    "taken_ms", "differing_line", "understood", "acted", "journals_verified", "outsider_verified", "languages",
    "bytes_on_wire",
]  # fmt: skip
LINES = sorted(question.line for question in load().form(11).questions)


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that name this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def gone(folder: Path, seconds: float = 15.0) -> bool:
    """Whether every process of the folder ends in time."""
    ends = time.monotonic() + seconds
    while (left := processes_of(folder)) and time.monotonic() < ends:
        time.sleep(0.05)
    return not left


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demonstration's nodes are kept; short, for the names of sockets."""
    made = Path(tempfile.mkdtemp(prefix="ps-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def start(*arguments: str, temporary: Path) -> subprocess.Popen[str]:
    """``parley demo`` as a process of its own, with its temporary files in `temporary`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")} | {"TMPDIR": str(temporary)}
    return subprocess.Popen(
        [sys.executable, "-m", "parley", "demo", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        # Whoever runs the tests in the background ignores SIGINT, and children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def test_headless_and_json_print_one_object_and_leave_nothing(folder: Path) -> None:
    """What CI and newcomers rely on: one JSON object, the last line; nodes stopped, folder removed."""
    process = start("--headless", "--json", temporary=folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert len(out.splitlines()) == 1
    found = json.loads(out.splitlines()[-1])
    assert list(found) == KEYS
    assert {name: found[name] for name in KEYS[1:7]} == {
        "differing_line": 6, "understood": True, "acted": True, "journals_verified": True, "outsider_verified": True,
        "languages": ["ar", "en"],
    }  # fmt: skip
    assert 0 < found["taken_ms"] < 60_000
    assert found["bytes_on_wire"] > 10_000
    assert gone(folder, 1.0)
    assert list(folder.iterdir()) == []


def test_the_story_for_a_person_fits_80_columns_and_says_where_to_go_next(folder: Path) -> None:
    """Also with --keep: the archive stays, and the outsider's checklist was shown."""
    process = start("--headless", "--keep", str(folder / "kept"), temporary=folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert [line for line in out.splitlines() if cell_len(line) > 80] == []
    heads = [line for line in out.splitlines() if line.startswith("-- ")]
    assert len(heads) >= 10
    assert "third party" in out
    assert "Every byte of the archive is verified." in out
    assert "docs/start.md" in out
    assert (folder / "kept" / "note.archive").stat().st_size > 10_000
    assert gone(folder, 1.0)


def test_a_line_without_a_question_is_refused_before_anything_starts(folder: Path) -> None:
    process = start("--headless", "--misread-line", "7", temporary=folder)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"Choose one of: {', '.join(map(str, LINES))}." in err
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Any, Any]]:
    """Both desks, served, after the ceremony: enough for any number of notes."""
    folder = Path(tempfile.mkdtemp(prefix="ps-"))
    with Stage(Backstage(), folder, Telling(quiet=True, pauses=False)) as opened:
        almara, beltova = opened.open(("XA", "amal", "ar"), ("XB", "boris", "en"))
        opened.ceremony(almara, beltova)
        yield almara, beltova
    assert gone(folder, 1.0)
    shutil.rmtree(folder)


@pytest.mark.parametrize("line", LINES)
def test_the_line_that_is_misread_is_the_line_that_is_named(stage: tuple[Any, Any], line: int) -> None:
    """For every line of the form that has a question; then the clarification mends it."""
    almara, beltova = stage
    tell = almara.stage.tell
    note, _ = demo.send(tell, almara, beltova)
    demo.read(tell, beltova, note)
    assert demo.misread(tell, almara, beltova, note, line) == line
    assert demo.clarify(tell, almara, beltova, note, line) is True


def test_the_hour_named_for_an_answer_is_whole_minutes(stage: tuple[Any, Any]) -> None:
    almara, beltova = stage
    note, _ = demo.send(almara.stage.tell, almara, beltova)
    by = beltova.call("show", note=note, language="en", officer="boris")["text"].split("\n5. ")[1].split("\n6. ")[0]
    assert "." not in by.split("UTC")[0].rsplit(",", 1)[1]


def test_a_story_that_fails_in_the_middle_stops_both_nodes(folder: Path) -> None:
    class Broken(Telling):
        def scene(self, text: str) -> None:
            if text.startswith("Beltova answers the read-back"):
                raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        demo.play(Backstage(), folder, Broken(quiet=True, pauses=False), 6)
    assert (folder / "XB" / "store.sqlite").exists()
    assert gone(folder, 1.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_the_demonstration_is_ended_no_process_is_left(folder: Path, number: signal.Signals) -> None:
    """SIGKILL gives it no chance to stop its nodes: they notice that it is gone."""
    process = start("--headless", temporary=folder)
    assert process.stdout is not None
    while "is on the line" not in process.stdout.readline():
        assert process.poll() is None
    assert processes_of(folder)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert gone(folder)
