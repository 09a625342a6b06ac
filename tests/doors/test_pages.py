"""Documents of the command line: generated from it, or compared with it; and completion in a shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from parley.backstage import Backstage
from parley.doors.cli.app import build, hoisted
from parley.doors.cli.commands import TABLE, registered
from parley.doors.cli.page import page
from parley.forms import load
from parley.outside.settings import Mail, Settings

ROOT = Path(__file__).parents[2]
NAMES = ("ar", "zh", "en", "fr", "ru", "es")


def parley(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PARLEY_", "COLUMNS", "_PARLEY"))}
    return subprocess.run(
        [sys.executable, "-m", "parley", *arguments],
        capture_output=True, text=True, timeout=60, check=False, env=kept | environment,
    )  # fmt: skip


def test_the_page_of_commands_is_what_help_says() -> None:
    """Made anew with: python -m parley.doors.cli.page > docs/cli.md"""
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == page(get_command(build(Backstage())))


def test_a_command_loads_its_own_module_and_no_other() -> None:
    """Read from the table, not from memory: a module that registers something else than its row says is found."""
    for module, names in TABLE:
        rows = " ".join(more for other, more in TABLE if other == module).split()
        assert sorted(registered(module)) == sorted(rows), module
        assert set(names.split()) <= set(rows)
    tell = "import sys; from parley.__main__ import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", tell, "status", "--help"], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "parley.doors.cli.running" in loaded
    assert not loaded & {"parley.doors.cli.notes", "parley.forms", "parley.seal", "parley.journal", "cryptography"}
    assert not loaded & {"asyncio", "pydantic", "babel", "structlog", "starlette"}


def test_every_command_and_argument_explains_itself() -> None:
    """No option without a word about it."""
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert not re.findall(r"^- `[^`]+`$", text, re.MULTILINE)


def test_every_setting_is_documented_and_no_other() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` ", text, re.MULTILINE)) == set(Settings.__struct_fields__)


def test_every_setting_of_mail_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| (`mail\.[^|]*) \| ([^|]*) \|", text, re.MULTILINE)
    names = [name for row, _ in rows for name in re.findall(r"`mail\.(\w+)`", row)]
    assert sorted(names) == sorted(Mail.__struct_fields__)
    said = {name: default for row, default in rows for name, default in _pairs(row, default)}
    assert said == {name: json.dumps(getattr(Mail(), name)) for name in Mail.__struct_fields__}


def _pairs(row: str, default: str) -> list[tuple[str, str]]:
    names, defaults = re.findall(r"`mail\.(\w+)`", row), re.findall(r"`([^`]*)`", default)
    return [(name, defaults[min(at, len(defaults) - 1)]) for at, name in enumerate(names)]


def test_every_command_of_the_first_steps_exists() -> None:
    """Commands in docs/start.md are ones that there are, with options that they have."""
    known = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for line in re.findall(r"^\$ parley (.*)$", (ROOT / "docs" / "start.md").read_text("utf-8"), re.MULTILINE):
        words = line.split()
        pair = " ".join(words[:2])  # a command of a group, as "particulars show"
        name = pair if f"## parley {pair}\n" in known else words[0]
        assert f"## parley {name}\n" in known, line
        for option in re.findall(r"(?<= )--[a-z-]+", line):
            assert f"`{option}" in known.split(f"## parley {name}\n")[1].split("\n## ")[0], (line, option)


@pytest.mark.parametrize("number", [form.number for form in load().forms])
def test_a_form_is_readable_at_80_columns(number: int) -> None:
    """Every code stands there with its meaning."""
    done = parley("forms", str(number))
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    for line in load().form(number).lines:
        for code in load().form(number).codes(line):
            assert re.search(rf"^        {re.escape(code)}  \w", done.stdout, re.MULTILINE), code


def test_forms_speak_the_languages_that_there_are() -> None:
    for language in load().languages:
        done = parley("forms", "--language", language)
        assert done.returncode == 0
        assert len(done.stdout.splitlines()) == len(load().forms)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_be_taught_to_complete(shell: str) -> None:
    """The script that the shell is to source, and an answer to what was typed so far."""
    done = parley("--show-completion", shell)
    assert done.returncode == 0, done.stderr
    assert "_PARLEY_COMPLETE" in done.stdout
    typed = {"COMP_WORDS": "parley part", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "parley part"}
    if shell == "fish":
        typed["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    answered = parley(**typed, _PARLEY_COMPLETE=f"complete_{shell}")
    assert "particulars" in answered.stdout


CASES = {
    "in front": (["--json", "inbox"], (True, ["--json", "inbox"])),
    "behind": (["inbox", "--json"], (True, ["--json", "inbox"])),
    "twice": (["--json", "inbox", "--json"], (True, ["--json", "inbox"])),
    "not at all": (["inbox"], (False, ["inbox"])),
    "after a bare --": (["show", "--", "--json"], (False, ["show", "--", "--json"])),
    "part of a word": (["draft", "--words=14=--json"], (False, ["draft", "--words=14=--json"])),
}


@pytest.mark.parametrize("name", CASES)
def test_json_may_stand_anywhere(name: str) -> None:
    given, expected = CASES[name]
    assert hoisted(given) == expected
