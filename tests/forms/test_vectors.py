"""The vectors of the specification, read from their file alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from parley.forms import FormProblem, back_read_sheet, render

FILE = Path(__file__).parents[2] / "vectors" / "forms" / "pages.toml"
CASES = tomllib.loads(FILE.read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_page_is_read_back_as_its_vector_says(case: dict[str, object]) -> None:
    """Accepted with these codes, or refused with this problem."""
    page, codes = str(case["page"]), case.get("codes")
    if case["outcome"] != "accepted":
        with pytest.raises(FormProblem) as caught:
            back_read_sheet(page, "en")
        assert caught.value.key == case["outcome"]
        return
    sheet = back_read_sheet(page, "en")
    assert {str(line.number): list(line.codes) for line in render(sheet, "en").lines} == codes


def test_the_vectors_hold_both_outcomes() -> None:
    """Control: some pages are accepted and some refused."""
    assert {"accepted", "form.page_differs", "form.page_nature"} <= {case["outcome"] for case in CASES}
