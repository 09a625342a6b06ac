"""The commands on real files of neutral content: import, quarantine, mend, import again, export; in JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from parley.backstage import Backstage
from parley.doors.cli.app import run_command

from precedents_twins import CFR  # isort: skip  (bench/, see conftest)


def test_the_way_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*given: object) -> Any:
        code = run_command(Backstage(), ["--home", str(tmp_path / "home"), "--json", "precedents", *map(str, given)])
        found = json.loads(capsys.readouterr().out.splitlines()[-1])
        return found if code == 0 else (code, found["problem"])

    file = tmp_path / "tracker.csv"
    row = {"Title": "A test", "Type": "Espionage", "Category": "Government", "Description": "Nothing happened."}
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, CFR, restval="")
        writer.writeheader()
        writer.writerows([row, row | {"Title": "Shifted", "Type": "Government"}])

    report = run("import", "cfr", file, "--mend", tmp_path / "mend")
    assert (report["read"], report["accepted"], report["quarantined"]) == (2, 1, 1)
    (aside,) = run("quarantine", "cfr-2022")
    assert (aside["row"], aside["field"], aside["whole"]) == (3, "Type", True)
    (mend,) = map(Path, report["written"])
    mend.write_bytes(mend.read_bytes().replace(b"Government,Government", b"Espionage,Government"))
    again = run("import", "cfr", mend)
    assert (again["accepted"], again["gone"], again["added"]) == (1, 0, 2)
    assert run("quarantine", "cfr-2022") == []
    assert run("import", "cfr", tmp_path / "none.csv") == (2, "sources.no_file")
    assert "cfr" in {one["kind"] for one in run("kinds")}
    exported = run("export", tmp_path / "out.jsonl")
    assert [one["data_set"] for one in exported["left_out"]] == ["cfr-2022"]
    assert "Nothing happened" not in (tmp_path / "out.jsonl").read_text()
    assert run("export", tmp_path / "out.csv", "--form", "csv", "--data-set", "eu-cyber-sanctions")["left_out"] == []
    assert (tmp_path / "out.csv").read_text("utf-8-sig").count("\n") == 13
