"""The watch at real nodes: a FLASH that rings a real program once, and what the commands make of files."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0


def ringing(desk: Any, *settings: str) -> Path:
    """Give a desk a bell that writes a line for each ring; returns the file of lines."""
    program, heard = desk.folder / "ring", desk.folder / "heard"
    program.write_text(f'#!/bin/sh\necho "$#:$*:$(env | cut -d= -f1 | sort | tr "\\n" " ")" >> {heard}\n')
    program.chmod(0o700)
    toml = desk.home / "parley.toml"
    fixed = [line for line in toml.read_text().splitlines() if not line.startswith(("on_flash =", "exercises_ring ="))]
    toml.write_text("\n".join([f'on_flash = ["{program}", "siren"]', *settings, *fixed]) + "\n")
    return heard


def lines(path: Path, count: int) -> list[str]:
    """The lines of a file once there are `count`, at most a minute later."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        found = path.read_text().splitlines() if path.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"fewer than {count} lines in {path}")


def test_a_flash_rings_a_real_program_once_and_tells_it_nothing(desk: Any, serving: Any) -> None:
    """An exercise of XA, whose exercises ring at XB; then the test of the shift, by the very same command."""
    boris = desk.other("XB", "boris")
    heard = ringing(boris, 'exercises_ring = ["XA"]')
    serving(boris)
    serving(desk)
    for precedence in ("immediate", "flash"):
        sent = desk("send", desk.draft("--precedence", precedence), "--yes", "--wait", "40")
        assert sent.code == 0, sent.err
    first = lines(heard, 1)
    assert first[0].startswith("1:siren:")
    assert not any(word in first[0] for word in ("XA", "XB", "duty", "PARLEY", "HOME"))
    tested = boris("--json", "flash-test", "--heard")
    assert (tested.code, tested.value["failure"], tested.value["heard"]) == (0, "", True)
    assert len(lines(heard, 2)) == 2  # one for the FLASH, one for the test, none for the IMMEDIATE
    assert boris("--json", "status").value["bell"]["ring_failure"] == ""
    found = {row["what"]: row["ok"] for row in boris("--json", "doctor").value}
    assert found[f"bell: {boris.folder / 'ring'}"] is True
    (boris.folder / "ring").write_text("#!/bin/sh\nexit 3\n")
    failed = boris("--json", "flash-test")
    assert (failed.code, failed.value["failure"]) == (4, "exit code 3")
    assert "bell: its test failed (exit code 3)" in boris("status").out


def test_exports_and_pages_are_files_that_other_programs_read(desk: Any) -> None:
    """No node runs: a drill's cells as CSV, an empty wording report, and the handover to print."""
    made = desk("--json", "drills", "schedule", "Check", "--every", "weekly", "--at", "2026-01-05T08:00Z")
    assert made.code == 0, made.err
    drill = made.value["drill"]
    assert desk("drills", "report", drill, "--csv", str(desk.folder / "drill.csv")).code == 0
    with (desk.folder / "drill.csv").open(newline="") as file:
        assert next(csv.reader(file))[:3] == ["drill", "run", "due"]
    assert desk("wording", "report", "--csv", str(desk.folder / "wording.csv")).code == 0
    assert (desk.folder / "wording.csv").read_text().startswith("form,version,line,language,n,differed")
    assert desk("handover", "--print", str(desk.folder / "page.html")).code == 0
    page = (desk.folder / "page.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "a drill is due and awaits a release" in page
    assert desk("handover", "--since", "yesterday").code == 2
    assert desk("drills", "schedule", "Check", "--within", "soon").code == 2
    assert desk("drills", "schedule", "Check", "--every", "hourly").code == 2
