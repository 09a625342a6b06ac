"""Where on the earth the principal place of a time zone lies, by the machine's own table of zones.

`zone.tab` of the IANA time zone database (public domain) stands beside the zones on every system that has them. It is
read for the coordinates alone; which state it counts a zone to is not looked at. A zone that is not in it has no place,
and no place is ever guessed.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

TABLE = "zone.tab"
_LARGEST = 1 << 20
_PLACE = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?", re.ASCII)


@lru_cache(maxsize=1)
def places() -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude in degrees, north and east positive, by the name of the zone; {} without a table."""
    return dict(read_table(_table()))


def read_table(text: str) -> Iterator[tuple[str, tuple[float, float]]]:
    """Each zone of a table with its place; lines that do not look like one are passed over."""
    for line in text.splitlines():
        columns = line.split("\t")
        if line.startswith("#") or len(columns) < 3:
            continue
        match = _PLACE.fullmatch(columns[1])
        if match:
            yield columns[2], (_degrees(*match.groups()[:4]), _degrees(*match.groups()[4:]))


def _degrees(sign: str, degrees: str, minutes: str, seconds: str | None) -> float:
    found = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -found if sign == "-" else found


def _table() -> str:
    for folder in zoneinfo.TZPATH:
        try:
            with (Path(folder) / TABLE).open(encoding="utf-8", errors="replace") as file:
                return file.read(_LARGEST)
        except OSError:
            continue
    try:
        return (resources.files("tzdata.zoneinfo") / TABLE).read_text("utf-8")  # where the system has no zones
    except (ModuleNotFoundError, OSError):
        return ""
