"""What the documents of this room say of forms and kinds is what the files say."""

from __future__ import annotations

import re
from pathlib import Path

from parley.forms import load
from parley.forms.kinds import KINDS
from parley.forms.library import packaged

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "spec" / "forms.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "forms" / "README.md").read_text(encoding="utf-8")


def test_the_specification_lists_every_form_as_it_is() -> None:
    """Number, name, required lines and the lines of the read-back."""
    rows = re.findall(r"^\| ([0-9]+) \| ([a-z-]+) \| ([0-9, ]+) \| ([a-z0-9, ]+) \|$", SPEC, re.MULTILINE)
    written = {}
    for form in load().forms:
        required = ", ".join(str(line.number) for line in form.lines if line.required)
        asked = ", ".join(str(question.line) for question in form.questions) or "none"
        written[str(form.number)] = (form.name, required, asked)
    assert {number: rest for number, *rest in map(list, rows)} == {n: list(row) for n, row in written.items()}


def test_the_specification_lists_every_kind() -> None:
    """Each kind has its row in section 3, and each row its kind."""
    section = SPEC.partition("## 3. Kinds")[2].partition("## 4.")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)) == set(KINDS)


def test_the_guide_lists_every_section_of_a_language_file() -> None:
    """A translator finds each table of en.toml explained."""
    tables = re.findall(r"^\[+([a-z-]+)", packaged()[1]["en.toml"].decode(), re.MULTILINE)
    explained = GUIDE.partition("| section | holds |")[2]
    assert {table for table in tables if f"`{table}`" not in explained} == set()
