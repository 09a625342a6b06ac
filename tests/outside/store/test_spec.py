"""spec/store.md names what the tables have, and nothing that they do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parley.outside.store import StoreProblem
from parley.outside.store.sqlite import APPLICATION_ID
from parley.outside.store.tables import COLUMNS

PAGE = (Path(__file__).resolve().parents[3] / "spec" / "store.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", COLUMNS)
def test_every_table_and_column_is_explained(table: str) -> None:
    words = set(re.findall(r"[a-z_]+", PAGE))
    assert table in words
    assert [column for column in COLUMNS[table] if column not in words and column not in ("id", "name")] == []


def test_every_problem_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`store\.([a-z_]+)`", PAGE))
    assert named
    assert named <= set(StoreProblem.TABLE)


def test_the_application_id_is_the_one_of_the_page() -> None:
    assert f"0x{APPLICATION_ID:08X}" in PAGE


@pytest.mark.parametrize("key", StoreProblem.TABLE)
def test_every_problem_can_be_said(key: str) -> None:
    names = re.findall(r"{(\w+)}", StoreProblem.TABLE[key].what + StoreProblem.TABLE[key].do)
    assert "{" not in str(StoreProblem(key, **dict.fromkeys(names, "x")))
