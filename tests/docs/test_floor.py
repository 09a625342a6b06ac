"""The floor is only worth comparing with while it stays small and rests on nothing of ours."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FLOOR = Path(__file__).parents[2] / "bench" / "floor.py"


def test_the_floor_is_under_80_lines() -> None:
    assert len(FLOOR.read_text("utf-8").splitlines()) < 80


def test_the_floor_imports_the_standard_library_and_cryptography_alone() -> None:
    tree = ast.parse(FLOOR.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) == {"cryptography"}
