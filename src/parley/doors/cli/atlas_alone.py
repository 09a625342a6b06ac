"""`parley atlas country` and `sources` without the other commands: what only reads a file answers at once.

Only the plainest lines are understood here. Whatever is not one, and whatever is not a plain success, is left to the
long way, which knows all options and says what is wrong in the officer's language.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from parley.doors.cli.atlas_pages import country_page, plain, sources_page


def read_alone(surveying: Any, given: Sequence[str]) -> bool:
    """Answer `[--json] atlas [--atlas FILE] country [XX]` or `… sources`; True if it was answered."""
    words = [word for word in given if word != "--json"][1:]
    home = Path(os.environ.get("PARLEY_HOME", "~/.parley")).expanduser()
    file = Path(os.environ.get("PARLEY_ATLAS") or surveying.default_file(home))
    if words[:1] == ["--atlas"] and len(words) > 1:
        file, words = Path(words[1]), words[2:]
    if any(word.startswith("-") for word in words):
        return False
    try:
        found = _found(surveying, file, home, words)
        if found is None:
            return False
        value, lines = found
        _give(json.dumps(value, ensure_ascii=False) if "--json" in given else "\n".join(lines))
    except BrokenPipeError:  # whoever reads has enough; or the interpreter complains once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except Exception:
        return False
    return True


def _found(surveying: Any, file: Path, home: Path, words: list[str]) -> tuple[Any, Iterable[str]] | None:
    if words == ["sources"]:
        about = surveying.about(file)
        return about, sources_page(about)
    if words[:1] != ["country"] or len(words) > 2:
        return None
    code = words[1] if len(words) == 2 else surveying.own_state(home)
    if code is None:
        return None
    sheet = surveying.sheet(file, code.upper())
    return plain(sheet), country_page(sheet)


def _give(text: str) -> None:
    print(text)
    sys.stdout.flush()
