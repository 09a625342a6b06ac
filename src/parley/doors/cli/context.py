"""What every command shares: the node's folder, who is asking, and the way to the node."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.say import as_json_text, console
from parley.doors.problems import DoorProblem

Backstage = Any  # parley.backstage.Backstage, given whole: a door may not import what is outside

ARCHIVE, RELEASE = 0, 1  # lines of the passphrase file


@dataclass
class Context:
    """Of one command."""

    backstage: Backstage
    home_path: Path
    officer: str
    as_json: bool
    passphrase_file: Path | None
    _given: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def home(self) -> Any:
        """The node's folder."""
        return self.backstage.home(self.home_path)

    @property
    def surveying(self) -> Any:
        """What the commands of the atlas ask: files and the room; no node."""
        return self.backstage.surveying

    @property
    def language(self) -> str:
        """The desk's own language."""
        found: str = self.home.settings().language
        return found

    def call(self, verb: str, *, opened: bool = False, **args: Any) -> Any:
        """One verb of the node. `opened`: it needs the archive open; asked for here only if no node runs."""
        ask = (lambda: self.passphrase("Archive passphrase")) if opened else None
        return self.backstage.call(self.home, verb, ask, as_officer=self.officer, **args)

    def live(self, verb: str, **args: Any) -> Any:
        """One verb of the running node; raises DoorProblem("not_running")."""
        self.home.settings()
        return self.backstage.call_running(self.home, verb, as_officer=self.officer, **args)

    def passphrase(self, what: str, *, twice: bool = False, line: int = ARCHIVE) -> str:
        """A passphrase from the file of --passphrase-file, else from the terminal, never echoed; asked once a command.

        The file's first line serves for everything; a second line, if there is one, is the release passphrase.
        """
        if self.passphrase_file is not None:
            secrets: list[str] = self.backstage.read_secrets(self.passphrase_file)
            return secrets[line] if line < len(secrets) else secrets[0]
        if what not in self._given:
            if not sys.stdin.isatty():
                raise DoorProblem("no_terminal")
            self._given[what] = typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
        return self._given[what]

    def both(self, by: tuple[str, str], second: str, file: Path | None) -> list[tuple[str, str]]:
        """Who acts, and the second officer beside, if one is named: from `file`, else asked for at this terminal."""
        if not second:
            return [by]
        if file is not None:
            return [by, (second, str(self.backstage.read_secrets(file)[0]))]
        if not sys.stdin.isatty():
            raise DoorProblem("no_terminal")
        return [by, (second, str(typer.prompt(f"Passphrase of {second}", hide_input=True, err=True)))]

    def new_passphrase(self, what: str, file: Path | None) -> str:
        """One to be: the first line of `file` (mode 600), else asked for twice; never taken from --passphrase-file."""
        if file is not None:
            return str(self.backstage.read_secrets(file)[0])
        if not sys.stdin.isatty():
            raise DoorProblem("no_new_passphrase")
        return str(typer.prompt(what, hide_input=True, confirmation_prompt=True, err=True))

    def confirm(self, question: str) -> None:
        """Ask yes or no; a no ends the command with nothing done."""
        if not sys.stdin.isatty():
            raise DoorProblem("not_asked", question=question)
        typer.confirm(question, abort=True, err=True)

    def give(self, value: Any, show: Callable[[Console], None]) -> None:
        """Print `value` as JSON, or what `show` prints for a person."""
        if self.as_json:
            print(as_json_text(value))
        else:
            show(console())

    def told(self, value: Any, sentence: str) -> None:
        """Print `value` as JSON, or one sentence."""
        self.give(value, lambda out: out.print(sentence))
