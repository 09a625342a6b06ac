"""The application: global options, groups of commands, and one place where problems become sentences."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.exceptions import TyperException

from parley.doors.cli.commands import Commands
from parley.doors.cli.context import Backstage, Context
from parley.doors.cli.say import said
from parley.doors.local import RemoteProblem
from parley.doors.problems import DoorProblem
from parley.terms.problem import Problem

NO_SPACE = (28, 122)  # ENOSPC, EDQUOT
_NAMED_SHELL = "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"
"""With it `--show-completion` takes the shell's name; typer else guesses it from the parent processes."""


def build(backstage: Backstage) -> typer.Typer:
    """The command line over `backstage`; what stands under it is loaded by name."""
    os.environ[_NAMED_SHELL] = "1"
    app = typer.Typer(
        name="parley",
        cls=Commands,
        help="The desk that a state runs for itself to deal with a cyber incident as a diplomat.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def options(
        ctx: typer.Context,
        home: Path = typer.Option(Path("~/.parley"), "--home", envvar="PARLEY_HOME", help="The node's folder."),
        officer: str = typer.Option(
            "officer", "--as", envvar="PARLEY_OFFICER", help="The officer of this desk who acts."
        ),
        as_json: bool = typer.Option(
            False, "--json", help="One JSON value on standard output, also for an error; anywhere on the line."
        ),
        passphrase_file: Path = typer.Option(
            None,
            "--passphrase-file",
            envvar="PARLEY_PASSPHRASE_FILE",
            help="A file of mode 600. First line: the passphrase; a second line, if any: the release passphrase.",
        ),
        errors_in: str = typer.Option(  # read by _language_of: what is wrong may be the command line itself
            "en", "--errors-in", envvar="PARLEY_ERRORS_IN", help="The language of errors: ar, zh, en, fr, ru, es."
        ),
    ) -> None:
        ctx.obj = Context(backstage, home.expanduser(), officer, as_json, passphrase_file)

    return app


def make_app(backstage: Backstage) -> Callable[[], None]:
    """What the entry point calls: runs the command of sys.argv and ends the process with its exit code."""

    def run() -> None:
        signal.signal(signal.SIGTERM, _end)
        raise SystemExit(run_command(backstage, sys.argv[1:]))

    return run


def run_command(backstage: Backstage, given: Sequence[str]) -> int:
    """Run one command line; returns the exit code. Nothing but a sentence ever reaches a person."""
    as_json, arguments = hoisted(given)
    language = _language_of(arguments)
    command = typer.main.get_command(build(backstage))
    try:
        found: Any = command.main(args=arguments, prog_name="parley", standalone_mode=False)
        sys.stdout.flush()
        return found if isinstance(found, int) else 0
    except (Problem, RemoteProblem) as problem:
        return said(problem, as_json=as_json, language=language)
    except TyperException as mistake:
        return said(_usage(mistake), as_json=as_json, language=language)
    except (typer.Abort, KeyboardInterrupt):
        return said(DoorProblem("interrupted"), as_json=as_json, language=language)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter complains once more at its end
        return 4
    except OSError as error:
        return said(_machine(error), as_json=as_json, language=language)
    except Exception as error:
        log = backstage.write_defect(_home_of(arguments))
        return said(DoorProblem("defect", kind=type(error).__name__, log=log), as_json=as_json, language=language)


def hoisted(given: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether --json stands anywhere before a bare ``--``, and the arguments with it in front."""
    end = list(given).index("--") if "--" in given else len(given)
    if "--json" not in given[:end]:
        return False, list(given)
    return True, ["--json", *(one for one in given[:end] if one != "--json"), *given[end:]]


def _usage(mistake: TyperException) -> DoorProblem:
    context = getattr(mistake, "ctx", None)
    what = mistake.format_message() if hasattr(mistake, "format_message") else str(mistake)
    return DoorProblem("usage", what=what, command=context.command_path if context else "parley")


def _machine(error: OSError) -> DoorProblem:
    what = str(error.filename or "the system")[:200]
    if error.errno in NO_SPACE:
        return DoorProblem("no_space", what=what)
    return DoorProblem("machine", what=what, reason=error.strerror or type(error).__name__)


def _home_of(arguments: Sequence[str]) -> Path | None:
    """Where a log may go."""
    named = _given(arguments, "--home", "PARLEY_HOME")
    return Path(named) if named else None


def _language_of(arguments: Sequence[str]) -> str:
    return _given(arguments, "--errors-in", "PARLEY_ERRORS_IN") or "en"


def _given(arguments: Sequence[str], option: str, variable: str) -> str | None:
    """The value of a global option, looked for by hand: the options may be what could not be read."""
    for at, one in enumerate(arguments):
        if one == option and at + 1 < len(arguments):
            return arguments[at + 1]
        if one.startswith(f"{option}="):
            return one.partition("=")[2]
    return os.environ.get(variable)


def _end(number: int, frame: object) -> None:
    """SIGTERM ends a command as Ctrl-C does, so that what it started is stopped too."""
    raise KeyboardInterrupt
