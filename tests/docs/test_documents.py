"""The prose is checked: links resolve, the example runs, what README promises exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "spec").glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    targets = [found for pair in LINK.findall(page.read_text("utf-8")) for found in pair if found]
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert not missing


def test_a_broken_link_would_be_seen(tmp_path: Path) -> None:
    """Control: the pattern finds a link, and the file behind it is missing."""
    targets = [found for pair in LINK.findall("see [there](nowhere.md) and ![a](b.svg)") for found in pair if found]
    assert targets == ["nowhere.md", "b.svg"]
    assert not any((tmp_path / target).exists() for target in targets)


def test_the_example_runs_from_form_to_proof() -> None:
    """examples/one_message.py is what ARCHITECTURE promises: the whole path."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "one_message.py")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert "line 6 came across differently" in lines
    assert "understood" in lines
    assert lines[-1].startswith("archive of ")


def test_the_readme_fits_two_screens() -> None:
    """Two screens of 50 lines."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 100


def test_every_module_is_under_five_hundred_lines() -> None:
    """A file past 500 lines is a question that somebody has to answer first."""
    long = [str(p) for p in (ROOT / "src").rglob("*.py") if len(p.read_text("utf-8").splitlines()) > 500]
    assert not long


def test_the_outsiders_script_is_short_and_borrows_one_package() -> None:
    """At most 300 lines; standard library and cryptography only (PROTOCOL, Journal)."""
    text = (ROOT / "spec" / "verify_archive.py").read_text("utf-8")
    assert len(text.splitlines()) <= 300
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_every_dependency_is_argued_for() -> None:
    """docs/decisions/0001 names each one, and nothing that is gone."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *project["optional-dependencies"]["atlas"],
        *project["optional-dependencies"]["paper"],
        *project["optional-dependencies"]["postgres"],
        *project["optional-dependencies"]["frames"],
        *project["optional-dependencies"]["pictures"],
    ]
    names = {re.split(r"[\[><=; ]", one)[0] for one in wanted} - {"parley"}
    page = (ROOT / "docs/decisions/0001-dependencies.md").read_text("utf-8")
    cells = {
        word
        for line in page.splitlines()
        if line.startswith("| ")
        for word in line.split("|")[1].replace(",", " ").split()
    }
    assert names - cells == set()
    assert cells - names - {"dependency", "---"} == set()
