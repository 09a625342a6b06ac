"""What `parley doctor` says of the machine: on a fresh node, with little space, with a clock that nobody keeps."""

from __future__ import annotations

import ctypes
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parley import checkup
from parley.backstage import Backstage
from parley.desk.doctor import Finding
from parley.outside.settings import Home
from parley.outside.store.facts import WARNINGS


@pytest.fixture
def home(tmp_path: Path) -> Home:
    backstage, made = Backstage(cheap=True), Home(tmp_path / "XA")
    backstage.found(made, backstage.settings(party="XA"), backstage.founder("amal", "a passphrase", "a passphrase"))
    return made


def said(home: Home, what: str) -> Finding:
    (found,) = [one for one in checkup.machine(home) if one.what.startswith(what)]
    return found


def test_every_finding_of_a_fresh_node_that_needs_a_look_says_what_to_do(home: Home) -> None:
    rows = Backstage(cheap=True).doctor(home)
    looks = {row["what"]: row["do"] for row in rows if not row["ok"]}
    assert set(looks) == {"signer of duty: silent", "our particulars: none yet"}
    assert all("parley " in do and do.endswith(".") for do in looks.values())


@pytest.mark.parametrize(("free", "ok"), [(checkup.LEAST_SPACE + 1, True), (checkup.LEAST_SPACE, False), (0, False)])
def test_a_disk_that_is_nearly_full_needs_a_look(
    home: Home, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    found = said(home, "disk")
    assert (found.ok, found.do.startswith("Free some space")) == (ok, not ok)


CLOCKS = {
    "kept": (0, "clock: kept by a time service", False),
    "a leap second is near": (1, "clock: kept by a time service", False),
    "not synchronised": (5, "clock: no time service keeps it", True),
}


@pytest.mark.parametrize("case", CLOCKS)
def test_a_clock_that_nobody_keeps_is_told_with_what_to_do(
    home: Home, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    state, what, has_advice = CLOCKS[case]
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(adjtimex=lambda buffer: state))
    found = said(home, "clock")
    assert (found.what, bool(found.do), found.ok) == (what, has_advice, True)


@pytest.mark.parametrize("library", [SimpleNamespace(), SimpleNamespace(adjtimex=lambda buffer: -1)])
def test_where_the_kernel_cannot_be_asked_nothing_is_said_of_the_clock(
    home: Home, monkeypatch: pytest.MonkeyPatch, library: Any
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert not [one for one in checkup.machine(home) if one.what.startswith("clock")]


@pytest.mark.parametrize("warning", WARNINGS)
def test_every_warning_of_the_store_says_what_to_do(warning: str) -> None:
    row = checkup.explained({"what": "store", "ok": False, "do": warning})
    assert row["do"] != warning
    assert any(word in row["do"] for word in ("parley", "only for reading"))
