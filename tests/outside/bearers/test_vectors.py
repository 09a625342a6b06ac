"""The texts in vectors/bearers: each begins with what must come of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.outside.bearers import BearerProblem, read_parcel

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


def test_the_vectors_are_there():
    assert len(FILES) >= 13
