"""Damaged archives, each a file that says what is expected of it: refused for a reason of its own, by both readers.

The outsider's script is run as an outsider runs it: nothing but the standard library and `cryptography` to be found.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from parley.backstage import Backstage
from parley.journal import JournalProblem, verify_archive

FILES = sorted((Path(__file__).parents[2] / "vectors/journal/mutated").glob("*.vector"))
# The twelve that a ministry's lawyer would think of first; there are others besides.
NEEDED = {
    "flipped-bit", "swapped-particulars", "dropped-entry", "truncated-tree", "stripped-ml-dsa", "stripped-ed25519",
    "receipt-of-another-note", "cosigned-after-revocation", "other-incarnation", "wrong-threshold", "reordered",
    "foreign-checkpoint",
}  # fmt: skip


class Vector:
    """One file: what its header says, and the archive."""

    def __init__(self, path: Path) -> None:
        header, _, self.archive = path.read_bytes().partition(b"\n\n")
        rows = [row.split(": ", 1) for row in header.decode().splitlines()]
        said = dict(row for row in rows if row[0] != "root")
        self.name, self.expected = path.stem, said["expected"]
        self.reason, self.about = said.get("reason", ""), said.get("about", "")
        self.roots = dict(value.split("=") for name, value in rows if name == "root")


VECTORS = {path.stem: Vector(path) for path in FILES}
REFUSED = {name: vector for name, vector in VECTORS.items() if vector.expected == "refused"}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the script says of a vector in an empty environment: exit code and last line; asked once of each."""
    known: dict[str, tuple[int, str]] = {}

    def ask(name: str) -> tuple[int, str]:
        if name not in known:
            file = tmp_path_factory.mktemp("archive") / "note.archive"
            file.write_bytes(VECTORS[name].archive)
            code, printed = Backstage().outsider(file, VECTORS[name].roots)
            known[name] = code, printed.strip().splitlines()[-1]
        return known[name]

    return ask


def test_there_is_a_file_of_each_kind_and_one_that_verifies() -> None:
    assert set(REFUSED) >= NEEDED
    assert [name for name, vector in VECTORS.items() if vector.expected == "verifies"] == ["undamaged"]


def test_the_control_verifies_by_both_readers(said: Any) -> None:
    """What the smaller ones were before they were damaged."""
    vector = VECTORS["undamaged"]
    assert said("undamaged")[0] == 0
    verify_archive(vector.archive, {party: bytes.fromhex(root) for party, root in vector.roots.items()})


@pytest.mark.parametrize("name", REFUSED)
def test_the_script_refuses_for_the_reason_that_the_file_names(name: str, said: Any) -> None:
    code, last = said(name)
    assert code == 1
    vector = REFUSED[name]
    found = re.fullmatch(r" *\d+  REFUSED  (\w+): ['\"](.*)['\"]", last)
    assert found is not None, last
    assert (found[1], found[2][: len(vector.about)]) == (vector.reason, vector.about)


def test_no_two_are_refused_in_the_same_words(said: Any) -> None:
    """Whoever is refused learns what is wrong, and not only that something is."""
    reasons = [said(name)[1].split("REFUSED")[1] for name in REFUSED]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize("name", REFUSED)
def test_the_room_refuses_for_the_same_reason(name: str) -> None:
    vector = REFUSED[name]
    with pytest.raises(JournalProblem) as caught:
        verify_archive(vector.archive, {party: bytes.fromhex(root) for party, root in vector.roots.items()})
    assert caught.value.key == f"journal.{vector.reason}"


def test_the_environment_of_the_outsider_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a script that imports a package of ours, or any other of this environment, fails there."""
    monkeypatch.setattr("parley.backstage.demonstration.outsider_script", lambda: b"import msgspec\n")
    code, printed = Backstage().outsider(tmp_path / "none", {})
    assert code == 1
    assert "No module named 'msgspec'" in printed
