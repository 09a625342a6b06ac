"""The frozen files in vectors/directory: what was written once is read for ever, with the outcome that it states."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest

from parley.directory import Ceremony, Directory, phrase, signed_root_digest, verify_signed
from parley.seal import peek
from parley.terms.problem import Problem

FOLDER = Path(__file__).parents[2] / "vectors/directory"
FILES = {name: tomllib.loads((FOLDER / f"{name}.toml").read_text()) for name in ("particulars", "later-fields")}
OBJECTS = {
    file: {name: base64.b64decode(text) for name, text in found["objects"].items()} for file, found in FILES.items()
}
CASES = [(file, case) for file, found in FILES.items() for case in found["case"]]


@pytest.mark.parametrize(("file", "case"), CASES, ids=[case["name"] for _, case in CASES])
def test_particulars_and_freshness(file: str, case: dict[str, Any]) -> None:
    """Each object brings what the file says."""
    directory = Directory()
    for number, (name, expected) in enumerate(case["steps"]):
        assert outcome(directory, OBJECTS[file][name], number == 0, name, case["now"]) == expected


def outcome(directory: Directory, signed: bytes, first: bool, name: str, now: int) -> str:
    """What reading an object brings, as a word."""
    try:
        if first:
            ceremony = Ceremony(phrase(signed_root_digest(verify_signed(signed).particulars)), ours_confirmed=True)
            return directory.accept(signed, how="ceremony", now=now, by="Officer", ceremony=ceremony).news.value
        read = directory.learn_freshness if name.startswith("freshness") else directory.learn
        return read(signed, now).news.value
    except Problem as problem:
        return problem.key


@pytest.mark.parametrize("file", FILES)
def test_every_object_is_used_and_bears_its_own_bytes(file: str) -> None:
    """Nothing lies in the file unread, and what is read is written back to the same bytes."""
    used = {name for case in FILES[file]["case"] for name, _ in case["steps"]}
    assert used == set(OBJECTS[file])
    for name in {"first", "second", "second-with-an-odd-field", "second-without-any"} & used:
        signed = verify_signed(OBJECTS[file][name])
        assert signed.particulars.payload == peek(OBJECTS[file][name]).payload


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.name)
def test_every_file_says_its_expected_outcome(file: Path) -> None:
    """In its first lines."""
    head = [line for line in file.read_text().splitlines()[:8] if line.startswith("#")]
    assert any("Expected outcome" in line for line in head)
