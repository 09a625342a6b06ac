"""The page on precedents and the tables of problems say what is there, and nothing else."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import parley
from parley.outside.sources import own
from parley.outside.sources.kinds import KINDS
from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.shipped import shipped
from parley.precedents import PrecedentProblem
from parley.terms.problem import Problem

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "precedents.md").read_text(encoding="utf-8")
SOURCE = Path(parley.__file__).parent


def test_the_page_has_every_heading_of_the_form() -> None:
    form = PAGE[PAGE.index("## A list of one's own") : PAGE.index("By hand, from a saved page")]
    first = {
        cell
        for line in form.splitlines()
        if line.startswith("| `")
        for cell in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert first == set(own.COLUMNS)


def test_the_page_has_every_kind_and_every_shipped_file() -> None:
    assert all(kind in PAGE for kind in KINDS)
    assert all(name in PAGE for row in shipped() for name in row.files)


def _raised(kind: type[Problem], folders: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str]]]:
    """Key and argument names of every problem of a kind that the source builds."""
    for path in (path for folder in folders for path in (SOURCE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind.__name__:
                keys = [one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)]
                keys += ["half", "not_json", "not_xml"] if isinstance(node.args[0], ast.Name) else []
                names = frozenset(keyword.arg or "" for keyword in node.keywords)
                yield from ((str(key), names) for key in keys if key in kind.TABLE)


def test_every_row_is_raised_and_each_sentence_can_be_made() -> None:
    tables = ((PrecedentProblem, ("precedents", "outside", "desk", "doors/api")), (SourceProblem, ("outside/sources",)))
    for kind, folders in tables:
        raised = list(_raised(kind, folders))
        assert {key for key, _ in raised} == set(kind.TABLE)
        for key, names in raised:
            says = kind.TABLE[key]
            wanted = {field for text in says[1:] for _, field, _, _ in string.Formatter().parse(text) if field}
            assert wanted <= names, key
