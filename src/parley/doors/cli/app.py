"""The application: global options, groups of commands, and one place where problems become sentences."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import typer

from parley.doors.cli import demo, drafting, keeping, notes, parties, running
from parley.doors.cli.context import Backstage, Context, said
from parley.doors.local import RemoteProblem
from parley.terms.problem import Problem

HOME = os.environ.get("PARLEY_HOME", "")


def make_app(backstage: Backstage) -> Callable[[], None]:
    """The command line over `backstage`; returns what the entry point calls."""
    app = typer.Typer(
        name="parley",
        help="The desk that a state runs for itself to deal with a cyber incident as a diplomat.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def options(
        ctx: typer.Context,
        home: Path = typer.Option(
            Path(HOME or Path.home() / ".parley"), "--home", help="The node's folder (PARLEY_HOME)."
        ),
        officer: str = typer.Option(
            os.environ.get("PARLEY_OFFICER", "officer"), "--as", help="The local officer who acts."
        ),
        as_json: bool = typer.Option(False, "--json", help="One JSON value on standard output."),
        passphrase_file: Path = typer.Option(None, "--passphrase-file", help="First line: the passphrase to use."),
    ) -> None:
        ctx.obj = Context(backstage, home, officer, as_json, passphrase_file)

    for group in (running, parties, drafting, notes, keeping, demo):
        group.add_to(app)

    def run() -> None:
        try:
            app(standalone_mode=True)
        except (Problem, RemoteProblem) as problem:
            import sys

            raise SystemExit(said(problem, as_json="--json" in sys.argv)) from None

    return run
