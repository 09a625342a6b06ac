"""The map of the directory: who is there now, drawn at the principal place of each office's own time zone.

The outline is land without borders, so the map takes no side in any (docs/decisions/0520). Parties of exercises are
nowhere on the earth: they stand on a strip below it, by their difference from UTC, and so does whoever names a zone
without a place. The table beside the map says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

import msgspec

from parley.terms.party import is_fictional

SCALE, WEST, NORTH = 2, -180, 84  # as land.txt has it
WIDTH, LAND_BOTTOM, HEIGHT = 720, 286, 350
STRIP = (308, 322, 336)
"""Rows of the strip below the land."""
APART = 13
_WIDE = 7
"""Units that one sign of a label takes, roughly."""


class Spot(msgspec.Struct, frozen=True):
    """One mark: whose, where, at which corner its label begins, and the office's state (open, closed, not-said)."""

    party: str
    x: int
    y: int
    label_x: int
    label_y: int
    open: str
    on_earth: bool


class Standing(msgspec.Struct, frozen=True):
    """What the map needs of a party: its code, its office's zone, minutes east of UTC now, and whether it is open."""

    party: str
    zone: str
    offset: int
    open: str


@lru_cache(maxsize=1)
def land() -> str:
    """The path of the outline, in units of the map."""
    text = (files(__package__) / "data" / "land.txt").read_text("utf-8")
    return "".join(line for line in text.splitlines() if not line.startswith("#"))


def spots(parties: Iterable[Standing], places: Mapping[str, tuple[float, float]]) -> list[Spot]:
    """A mark for each party, labels moved down until none lies on another."""
    found: list[Spot] = []
    taken: list[tuple[int, int, int]] = []
    for one in sorted(parties, key=lambda one: one.party):
        place = None if is_fictional(one.party) else places.get(one.zone)
        x, y = _at(*place) if place else (_by_offset(one.offset), STRIP[0])
        width = (len(one.party) + 6) * _WIDE
        label_x = x + 7 if x + 7 + width <= WIDTH else x - 7 - width
        label_y = _free(taken, label_x, y, width, HEIGHT)
        taken.append((label_x, label_y, width))
        found.append(Spot(one.party, x, y if place else label_y, label_x, label_y, one.open, place is not None))
    return found


def _at(latitude: float, longitude: float) -> tuple[int, int]:
    y = round((NORTH - latitude) * SCALE)
    return round((longitude - WEST) * SCALE), min(max(y, 8), LAND_BOTTOM - 4)


def _by_offset(minutes: int) -> int:
    """Fifteen degrees an hour, as the sun goes; zones beyond the map's edge (+13, +14) stand at it."""
    return min(max(round((minutes / 4 - WEST) * SCALE), 8), WIDTH - 8)


def _free(taken: list[tuple[int, int, int]], x: int, y: int, width: int, bottom: int) -> int:
    """The first height at or below `y` at which nothing is written; above it where the map ends."""
    def clear(at: int) -> bool:
        return all(abs(at - b) >= APART or x + width <= a or a + wide <= x for a, b, wide in taken)

    below = (at for at in range(y, bottom, APART) if clear(at))
    above = (at for at in range(y, 8, -APART) if clear(at))
    return next(below, next(above, y))
