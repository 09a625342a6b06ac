"""What every page may load from this desk: one sheet of styles, a few modules, a sign.

Named by their content, kept for good.

Read from the package at the start, so that no path of a request ever touches a disk.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from parley.doors.web.answers import FOREVER, Answer

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@lru_cache(maxsize=1)
def _all() -> dict[str, tuple[str, bytes]]:
    """By name as it stands in addresses: media type and content."""
    found = {}
    for entry in (files(__package__) / "static").iterdir():
        stem, _, ending = entry.name.rpartition(".")
        if ending in TYPES:
            data = entry.read_bytes()
            found[f"{stem}.{sha256(data).hexdigest()[:12]}.{ending}"] = (TYPES[ending], data)
    return found


@lru_cache(maxsize=64)
def address(name: str) -> str:
    """The address of a file, for example of ``desk.css``."""
    stem, _, ending = name.rpartition(".")
    return next(f"/static/{one}" for one in _all() if one.split(".")[0::2] == [stem, ending])


def answer(name: str) -> Answer | None:
    """A file; None if there is none of that name."""
    found = _all().get(name)
    return None if found is None else Answer(200, found[1], found[0], {"cache-control": FOREVER})
