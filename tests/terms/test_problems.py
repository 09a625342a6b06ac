"""The table of problems: each row is used, each use has a row, and each sentence can be made."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import parley.terms
from parley.terms import TermsProblem

ROOM = Path(parley.terms.__file__).parent


def _raised() -> dict[str, set[frozenset[str]]]:
    """Per key the sets of argument names with which the room's source builds a TermsProblem."""
    found: dict[str, set[frozenset[str]]] = {}
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TermsProblem":
                assert isinstance(node.args[0], ast.Constant), path
                names = frozenset(keyword.arg or "" for keyword in node.keywords)
                found.setdefault(str(node.args[0].value), set()).add(names)
    return found


def test_every_row_is_raised_somewhere_and_nothing_else_is() -> None:
    assert set(_raised()) == set(TermsProblem.TABLE)


def test_every_sentence_names_only_arguments_that_are_given() -> None:
    for key, uses in _raised().items():
        says = TermsProblem.TABLE[key]
        wanted = {field for text in says[1:] for _, field, _, _ in string.Formatter().parse(text) if field}
        assert all(wanted <= given for given in uses), key


def test_the_room_knows_no_clock_disk_or_network() -> None:
    """Only its own packaged tables are read, through importlib.resources; the maker of the table is not loaded."""
    allowed = {
        "__future__",
        "calendar",
        "collections",
        "contextlib",
        "csv",
        "datetime",
        "enum",
        "functools",
        "importlib",
        "msgspec",
        "parley",
        "re",
        "snowballstemmer",
        "types",
        "typing",
        "unicodedata",
    }
    for path in ROOM.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {module.split(".")[0] for module in modules} <= allowed, path
            assert all(not module.startswith("parley.") or module.startswith("parley.terms") for module in modules)
        assert "now()" not in source
        assert "utcnow" not in source
