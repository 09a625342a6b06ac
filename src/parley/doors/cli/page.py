"""The page of commands, docs/cli.md, made from the commands: ``python -m parley.doors.cli.page > docs/cli.md``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HEAD = """# The command line

Generated from `parley --help`; a test compares the two. Put the options of the first section before the command.
Results go to standard output, everything else to standard error. Exit codes: 0 done; 2 can be mended here; 3 is on the
other side; 4 is this machine's; 5 is a defect of Parley. With `--json`, anywhere on the line, one JSON value is all
that standard output holds, an error too: `{"problem", "fault", "what", "do"}`, and `lines` for faulty lines of a form.
"""


def page(command: Any) -> str:
    """The whole page; `command` is the group that the application builds."""
    return HEAD + "".join(f"{line}\n" for line in _group("parley", command))


def _group(path: str, command: Any) -> Iterator[str]:
    yield from _one(path, command)
    for name, below in getattr(command, "commands", {}).items():
        yield from _group(f"{path} {name}", below)


def _one(path: str, command: Any) -> Iterator[str]:
    yield from ("", f"## {path}", "")
    yield " ".join((command.help or "").split())
    shown = [line for one in command.params if not getattr(one, "hidden", False) and (line := _parameter(one))]
    if shown:
        yield from ("", *shown)


def _parameter(one: Any) -> str:
    """An option or argument with what it is for; nothing for those that typer adds to every command."""
    if one.name in ("help", "install_completion", "show_completion"):
        return ""
    if one.param_type_name == "argument":
        name = f"`{one.metavar or one.name.upper()}`" + ("" if one.required else " (may be left out)")
    else:
        names = ", ".join([*one.opts, *one.secondary_opts])
        name = f"`{names}`" + (" (needed)" if one.required else "")
    help_text = " ".join((getattr(one, "help", "") or "").split())
    return f"- {name}: {help_text}" if help_text else f"- {name}"


if __name__ == "__main__":
    from typer.main import get_command

    from parley.doors.cli.app import build

    print(page(get_command(build(None))), end="")
