"""The texts in vectors/bearers: each begins with what must come of it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from parley.line.roads import Bounce
from parley.outside.bearers import BearerProblem, read_parcel
from parley.outside.bearers.mail import read_letter
from parley.outside.bearers.paper import gather, read_frames

FILES = sorted((Path(__file__).parents[3] / "vectors" / "bearers").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_text_reads_or_fails_as_its_header_says(path):
    expected = path.read_text().splitlines()[0].removeprefix("expected: ")
    if expected.startswith("reads"):
        assert read_parcel(path, 1000) == (b"" if expected.endswith("empty") else bytes(range(256)) * 2)
        return
    with pytest.raises(BearerProblem) as caught:
        read_parcel(path, 1000)
    line = caught.value.arguments.get("line")
    assert " ".join([caught.value.key.removeprefix("bearer."), *([str(line)] if line else [])]) == expected


def cases(name: str):
    found = json.loads((FILES[0].parent / f"{name}.json").read_text())["cases"]
    return pytest.mark.parametrize("case", found, ids=[case["name"] for case in found])


@cases("letters")
def test_a_message_holds_what_it_says(case):
    found = read_letter(case["message"].encode("ascii"))
    if isinstance(found, Bounce):
        outcome = f"bounce {found.letter_id} {found.status}"
    elif found.problem is not None:
        outcome = found.problem.key.removeprefix("bearer.")
    else:
        assert found.parcel == bytes(range(256)) * 2
        outcome = "parcel"
    assert outcome == case["expected"]


@cases("frames")
def test_a_heap_of_frames_gives_back_what_it_says(case):
    found = gather(read_frames("\n".join(case["frames"])))
    said = [str(len(h.parcel)) if h.parcel else f"wanted {h.wanted.arguments['more']}" for h in found]
    assert (" ".join(said) or "nothing") == case["expected"]


def test_letters_and_frames_are_what_the_script_makes():
    """The fountain code and the message are written as they were when the vectors were made."""
    path = FILES[0].parent / "make.py"
    spec = importlib.util.spec_from_file_location("make_bearer_vectors", path)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    for name in ("letters", "frames"):
        assert json.loads((path.parent / f"{name}.json").read_text()) == getattr(maker, name)()


def test_the_vectors_are_there():
    assert len(FILES) >= 13
