"""Make land.txt beside this file: the outline of the land for the map of the directory.

    python make_land.py land-110m.json > land.txt

The input is the file of that name in the package world-atlas 2.0.2 (ISC): Natural Earth 4.1.0, land, 1:110m, in the
public domain (naturalearthdata.com/about/terms-of-use). Land only: a map without borders takes no side in any.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]

SCALE = 2  # units a degree
WEST, NORTH, SOUTH = -180, 84, -57  # what lies wholly south of it is left out: nobody's office is there
TOLERANCE = 0.3  # degrees that the outline may be off
SMALLEST = 1.5  # square degrees

HEAD = """\
# Outline of the land, without borders: a path for SVG, {scale} units a degree, from {west} east and {north} north.
# Source: Natural Earth 4.1.0, land, 1:110m (naturalearthdata.com), by way of the package world-atlas 2.0.2.
# Licence: public domain (Natural Earth); world-atlas: ISC, Copyright 2013-2019 Michael Bostock. Taken on 2026-11-28.
# Made by make_land.py beside this file: simplified by {tolerance} degrees, islands under {smallest} left out.
"""


def rings(topology: Any) -> Iterator[list[Point]]:
    """Every ring of the land, in degrees (TopoJSON: arcs are differences; ~i is an arc backwards)."""
    (scale_x, scale_y), (left, low) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + left, y * scale_y + low))
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]:
            for ring in polygon:
                points = []
                for number in ring:
                    points += (arcs[number] if number >= 0 else arcs[~number][::-1])[bool(points) :]
                yield from copies(unrolled(points))


def unrolled(ring: list[Point]) -> list[Point]:
    """A ring over the line of 180 degrees as one piece that goes on beyond it."""
    found, turn = [ring[0]], 0
    for (before, _), (x, y) in pairwise(ring):
        turn -= 360 * round((x - before) / 360)
        found.append((x + turn, y))
    return found


def copies(ring: list[Point]) -> Iterator[list[Point]]:
    """The ring, and once more at the other edge of the map what goes beyond one; the map cuts both off."""
    yield ring
    if max(x for x, _ in ring) > 180:
        yield [(x - 360, y) for x, y in ring]
    if min(x for x, _ in ring) < -180:
        yield [(x + 360, y) for x, y in ring]


def area(ring: list[Point]) -> float:
    """Square degrees."""
    around = zip(ring, ring[1:] + ring[:1], strict=True)
    return float(abs(sum(a * d - c * b for (a, b), (c, d) in around)) / 2)


def simplified(line: list[Point]) -> list[Point]:
    """Douglas and Peucker's way: a point stays that is further off than the tolerance."""
    (x1, y1), (x2, y2) = line[0], line[-1]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5

    def off(point: Point) -> float:
        x, y = point
        if not length:
            return float(((x - x1) ** 2 + (y - y1) ** 2) ** 0.5)
        return float(abs((y2 - y1) * x - (x2 - x1) * y + x2 * y1 - y2 * x1) / length)

    at = max(range(1, len(line) - 1), key=lambda i: off(line[i]), default=0)
    if not at or off(line[at]) <= TOLERANCE:
        return [line[0], line[-1]]
    return simplified(line[: at + 1])[:-1] + simplified(line[at:])


def path(ring: list[Point]) -> str:
    """One ring as a path of whole numbers, each point relative to the one before; "" if nothing is left of it."""
    found: list[tuple[int, int]] = []
    for x, y in simplified(ring)[:-1]:
        point = (round((x - WEST) * SCALE), round((NORTH - y) * SCALE))
        if not found or found[-1] != point:
            found.append(point)
    if len(found) < 3:
        return ""
    steps = [f"{x - a} {y - b}" for (a, b), (x, y) in pairwise(found)]
    return f"M{found[0][0]} {found[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def main() -> None:
    """Print the file."""
    topology = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    kept = [ring for ring in rings(topology) if area(ring) >= SMALLEST and max(y for _, y in ring) > SOUTH]
    head = HEAD.format(scale=SCALE, west=WEST, north=NORTH, tolerance=TOLERANCE, smallest=SMALLEST)
    sys.stdout.write(head + "".join(f"{line}\n" for line in map(path, kept) if line))


if __name__ == "__main__":
    main()
