"""What every command shares: the node's folder, who is asking, how to print, and the way to the node."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console

from parley.doors.local import RemoteProblem
from parley.terms.problem import Fault, Problem

CODES = {Fault.YOURS: 2, Fault.PEER: 3, Fault.MACHINE: 4, Fault.OURS: 5}
WHOSE = {
    Fault.YOURS: "This can be mended here.",
    Fault.PEER: "This is on the other side.",
    Fault.MACHINE: "This is this machine's fault.",
    Fault.OURS: "This is a defect of Parley.",
}


Backstage = Any  # parley.backstage.Backstage, given whole: a door may not import what is outside


@dataclass
class Context:
    """Of one command."""

    backstage: Backstage
    home_path: Path
    officer: str
    as_json: bool
    passphrase_file: Path | None

    @property
    def home(self) -> Any:
        """The node's folder."""
        return self.backstage.home(self.home_path)

    def call(self, verb: str, *, opened: bool = False, **args: Any) -> Any:
        """One verb of the node. `opened`: it needs the archive open; asked for here only if no node runs."""
        ask = (lambda: self.passphrase("Archive passphrase")) if opened else None
        return self.backstage.call(self.home, verb, ask, **args)

    def passphrase(self, what: str, *, twice: bool = False) -> str:
        """A passphrase from the file of --passphrase-file (first line), else from the terminal, never echoed."""
        if self.passphrase_file is not None:
            text: str = self.backstage.read(self.passphrase_file).decode("utf-8")
            return text.split("\n")[0]
        if not sys.stdin.isatty():
            fail_plainly("There is no terminal to ask for a passphrase.", "Name a file with --passphrase-file.")
        found: str = typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
        return found

    def give(self, value: Any, show: Callable[[Console], None]) -> None:
        """Print `value` as JSON, or what `show` prints for a person."""
        if self.as_json:
            print(json.dumps(value, default=_plain, ensure_ascii=False))
        else:
            show(console())


def console(*, error: bool = False) -> Console:
    """A terminal of at least 40 and, when it is not one, of 80 columns; no markup in what parties wrote."""
    return Console(
        stderr=error, highlight=False, markup=False, soft_wrap=False, width=None if sys.stdout.isatty() else 80
    )


def lines(texts: Iterable[str]) -> Callable[[Console], None]:
    """What prints one line after another."""

    def show(out: Console) -> None:
        for text in texts:
            out.print(text)

    return show


def said(problem: Problem | RemoteProblem, *, as_json: bool = False) -> int:
    """Print a problem and return the exit code."""
    if as_json:
        found = {"problem": problem.key, "fault": problem.fault.value, "what": problem.what, "do": problem.do}
        print(json.dumps(found, ensure_ascii=False))
    out = console(error=True)
    out.print(f"parley: {problem.what}")
    out.print(f"  {WHOSE[problem.fault]} {problem.do}")
    for fault in getattr(problem, "faults", ()):
        out.print(f"  line {fault.line}: {fault.key} {dict(fault.arguments) if fault.arguments else ''}".rstrip())
    return CODES[problem.fault]


def fail_plainly(what: str, do: str) -> NoReturn:
    """End with a mistake of the person's that no table names."""
    out = console(error=True)
    out.print(f"parley: {what}")
    out.print(f"  {WHOSE[Fault.YOURS]} {do}")
    raise typer.Exit(2)


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else str(value)
