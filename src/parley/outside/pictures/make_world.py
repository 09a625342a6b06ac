"""Makes data/world.json from the TopoJSON file of Natural Earth's countries: paths projected once, by state code.

    python -m parley.outside.pictures.make_world countries-110m.json

Projection: Robinson's (1974), interpolated from his table, onto a sheet 1000 wide. Source: world-atlas 2.0.2
(ISC), Natural Earth 1:110m (public domain).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from parley.terms.states import all_states

# Robinson's table, each 5 degrees of latitude from the equator: length of the parallel, distance from the equator
_LENGTH = (1, 0.9986, 0.9954, 0.99, 0.9822, 0.973, 0.96, 0.9427, 0.9216, 0.8962, 0.8679, 0.835, 0.7986, 0.7597, 0.7186,
           0.6732, 0.6213, 0.5722, 0.5322)  # fmt: skip
_AWAY = (0, 0.062, 0.124, 0.186, 0.248, 0.31, 0.372, 0.434, 0.4958, 0.5571, 0.6176, 0.6769, 0.7346, 0.7903, 0.8435,
         0.8936, 0.9394, 0.9761, 1)  # fmt: skip
WIDE, TALL = 1000, 507


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Onto the sheet: x from 0 to WIDE eastwards, y from 0 to TALL southwards."""
    at, rest = divmod(min(abs(latitude), 89.999), 5)
    low = int(at)
    length = _LENGTH[low] + (_LENGTH[low + 1] - _LENGTH[low]) * rest / 5
    away = _AWAY[low] + (_AWAY[low + 1] - _AWAY[low]) * rest / 5
    return WIDE / 2 * (1 + length * longitude / 180), TALL / 2 * (1 - away * (1 if latitude >= 0 else -1))


def main(source: Path) -> None:
    """Write data/world.json beside this module."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    codes = {state.m49: state.code for state in all_states().values() if state.m49}
    found: dict[str, str] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = codes.get(str(shape.get("id", "")).zfill(3), "")
        rings = _rings(shape, arcs)
        found[code] = found.get(code, "") + "".join(_path(ring) for ring in rings)
    made = {
        "source": "Natural Earth 1:110m (public domain), by world-atlas 2.0.2 (ISC); projected by make_world.py",
        "wide": WIDE,
        "tall": TALL,
        "states": dict(sorted(found.items())),
    }
    (Path(__file__).parent / "data" / "world.json").write_text(json.dumps(made, indent=0), encoding="utf-8")


def _arc(arc: list[list[int]], transform: dict[str, Any]) -> list[tuple[float, float]]:
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def _rings(shape: dict[str, Any], arcs: list[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    many = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [[point for at in ring for point in _oriented(arcs, at)] for polygon in many for ring in polygon]


def _oriented(arcs: list[list[tuple[float, float]]], at: int) -> list[tuple[float, float]]:
    return arcs[at] if at >= 0 else arcs[~at][::-1]


def _path(ring: list[tuple[float, float]]) -> str:
    """One ring; where it crosses the edge of the sheet it goes on as another path, or a line would cross the world."""
    parts: list[list[tuple[float, float]]] = [[]]
    for at, point in enumerate(ring):
        if at and abs(point[0] - ring[at - 1][0]) > 180:
            parts.append([])
        parts[-1].append(project(*point))
    return "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in part) + "Z" for part in parts if len(part) > 2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
