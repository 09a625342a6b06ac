"""The map: paths projected once, filled by count; needs no library.

States that are too small for this map, or that it does not have, are named below it: none is left out unseen. Borders
are those of Natural Earth and say nothing about what Parley or a ministry holds.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from functools import cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

from parley.outside.pictures.frame import framed
from parley.precedents.drawing import Drawing
from parley.terms.states import state_name

LIGHT = ("#eceff2", ("#cfe3f3", "#9cc7e6", "#5da2d0", "#2577b0", "#0b4a7d"), "#ffffff")
DARK = ("#2a313b", ("#1d4668", "#266a9d", "#3c92cc", "#74bdea", "#c6e6fb"), "#14181e")
STEPS = 5
NOTE = "Borders as Natural Earth draws them; they say nothing about the status of any territory."


def world_map(drawing: Drawing) -> bytes:
    """The map as SVG; the columns of the drawing begin with data set, state, count."""
    count: Counter[str] = Counter()
    for row in drawing.rows:
        count[row[1]] = max(count[row[1]], row[2])
    empty, shades, line = DARK if drawing.dark else LIGHT
    world = _world()
    steps = _steps(max(count.values(), default=1))
    shapes = []
    for code, path in world["states"].items():
        fill = shades[_step(count[code], steps)] if count.get(code) else empty
        name = f"{state_name(code, 'en')} [{code}]: {count.get(code, 0)}" if code else ""
        style = f'fill="{fill}" stroke="{line}" stroke-width="0.5"'
        shapes.append(f'<path d="{path}" {style}><title>{escape(name)}</title></path>')
    missing = sorted(code for code in count if code not in world["states"])
    legend = _legend(steps, shades, empty, "#e6e9ee" if drawing.dark else "#1b1f24", drawing.width)
    small = f"Too small for this map: {', '.join(f'{code} {count[code]}' for code in missing)}." if missing else ""
    wide, tall = drawing.width - 28, (drawing.width - 28) * world["tall"] / world["wide"]
    scale = wide / world["wide"]
    inner = (
        f'<svg width="{wide}" height="{tall + 34:.0f}"><g transform="scale({scale:.4f})">{"".join(shapes)}</g>'
        f'<g transform="translate(0,{tall + 8:.0f})">{legend}</g></svg>'
    )
    both = "Each number is the largest that one data set has: several tell of the same incidents."
    return framed(inner, drawing, " ".join(part for part in (NOTE, both, small) if part)).encode()


@cache
def _world() -> dict[str, Any]:
    text = (resources.files("parley.outside.pictures") / "data" / "world.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _steps(most: int) -> list[int]:
    """Upper ends of the shades, growing by a factor: a few states have most of the counts."""
    return [max(at, math.ceil(most ** (at / STEPS))) for at in range(1, STEPS + 1)]


def _step(count: int, steps: list[int]) -> int:
    return next((at for at, end in enumerate(steps) if count <= end), STEPS - 1)


def _legend(steps: list[int], shades: tuple[str, ...], empty: str, ink: str, width: int) -> str:
    labels = ["0", *(f"≤ {end}" for end in steps)]
    wide = min(90, (width - 28) / len(labels))
    return "".join(
        f'<rect x="{at * wide:.0f}" y="0" width="14" height="14" fill="{fill}" stroke="{ink}" stroke-width="0.4"/>'
        f'<text x="{at * wide + 18:.0f}" y="12" font-size="12" fill="{ink}">{label}</text>'
        for at, (label, fill) in enumerate(zip(labels, (empty, *shades), strict=True))
    )
