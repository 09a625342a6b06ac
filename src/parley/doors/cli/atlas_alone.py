"""`parley atlas country` and `sources` without the other commands: what only reads a file answers at once.

Whatever is not a plain success is left to the long way, which says what is wrong in the officer's language.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from parley.doors.cli import atlas

READING = ("country", "sources")


@dataclass
class Alone:
    """What the commands of the atlas ask of their context."""

    surveying: Any
    home_path: Path
    as_json: bool


def read_alone(surveying: Any, given: Sequence[str]) -> bool:
    """Answer if the line is one of READING and all is well; True if it was answered."""
    words = [word for word in given if word != "--json"][1:]
    if not set(READING) & set(words) or "--help" in words:
        return False
    home = Path(os.environ.get("PARLEY_HOME", "~/.parley")).expanduser()
    try:
        command = typer.main.get_command(atlas.group)
        command.main(
            words, prog_name="parley atlas", standalone_mode=False, obj=Alone(surveying, home, "--json" in given)
        )
        sys.stdout.flush()
    except Exception:
        return False
    return True
