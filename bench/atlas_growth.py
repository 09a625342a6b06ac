"""How the cost of the atlas grows with networks, links and scenarios: a plot and its table for docs/.

    .venv/bin/python bench/atlas_growth.py [--to docs]

Writes atlas-growth.svg and prints the table in Markdown. Every row is one run on a generated graph of seed 1: "cuts"
is folding, searching, all matrices and bands; "routes" is every route to each origin of a sample, times what it stands
for.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from parley.atlas import many, routes
from parley.atlas.generator import Shape, generate
from parley.atlas.scenarios import failures

BASE = (20_000, 171_600, 2_500)
AXES = {
    "networks": [
        (5_000, 42_900, 2_500),
        (10_000, 85_800, 2_500),
        BASE,
        (40_000, 343_200, 2_500),
        (79_000, 678_000, 2_500),
    ],
    "links": [(20_000, 85_800, 2_500), BASE, (20_000, 343_200, 2_500)],
    "scenarios": [(20_000, 171_600, 1_250), BASE, (20_000, 171_600, 5_000), (20_000, 171_600, 10_000)],
}
SAMPLE = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=Path("docs"))
    options = parser.parse_args()
    many.warm()
    known: dict[tuple[int, int, int], dict[str, Any]] = {}
    for rows in AXES.values():
        for row in rows:
            if row not in known:
                known[row] = measured(*row)
    print("| networks | links | scenarios | cuts, s | routes to all, s |\n|---|---|---|---|---|")
    for (networks, links, scenarios), found in sorted(known.items()):
        print(f"| {networks:,} | {links:,} | {scenarios:,} | {found['cuts_s']:.2f} | {found['routes_s']:.1f} |")
    (options.to / "atlas-growth.svg").write_text(drawn(known), "utf-8")
    print(json.dumps({"rows": [{"at": row, **found} for row, found in known.items()]}))


def measured(networks: int, links: int, count: int) -> dict[str, Any]:
    graph = generate(1, Shape(networks, links))
    scenarios = failures(graph.top(2_000), 20, count, 1)
    started = time.perf_counter()
    prepared = many.prepare(graph, scenarios)
    values = np.zeros(many.room_for(prepared), np.uint16)
    many.run(prepared, values, many.blocks_of(count))
    many.bands(values, graph.countries, graph.countries)
    cuts_s = time.perf_counter() - started
    started = time.perf_counter()
    rows = routes.route_rows(graph)
    begin = time.perf_counter()
    blocks = rows.column.reshape(-1)[: len(rows.column) // routes.BLOCK * routes.BLOCK].reshape(-1, routes.BLOCK)
    step = max(1, len(blocks) * routes.BLOCK // SAMPLE)
    sample = blocks[::step].ravel()
    routes.routes_of(rows, sample, lambda *_: None)
    routes_s = (time.perf_counter() - begin) * networks / len(sample) + begin - started
    return {"cuts_s": round(cuts_s, 3), "routes_s": round(routes_s, 2)}


def drawn(known: dict[tuple[int, int, int], dict[str, Any]]) -> str:
    """Three panels, both axes logarithmic: seconds of cuts (dark) and of routes (light) along each axis."""
    width, height, gap = 250, 220, 30
    parts = []
    for panel, (name, rows) in enumerate(AXES.items()):
        left = 50 + panel * (width + gap)
        place = list(AXES).index(name)
        xs = np.log10([row[place] for row in rows])
        low, high = xs.min(), xs.max()
        parts.append(f'<rect x="{left}" y="30" width="{width}" height="{height}" fill="none" stroke="#999"/>')
        parts.append(f'<text x="{left + width / 2}" y="{height + 66}" text-anchor="middle">{name}</text>')
        for row, x in zip(rows, xs, strict=True):
            at = left + 15 + (x - low) / (high - low) * (width - 30)
            parts.append(f'<text x="{at:.0f}" y="{height + 46}" text-anchor="middle" class="s">{row[place]:,}</text>')
        for key, colour in (("cuts_s", "#1d3557"), ("routes_s", "#e07a3f")):
            points = []
            for row, x in zip(rows, xs, strict=True):
                y = 30 + height - (np.log10(known[row][key]) + 1.5) / 4 * height
                points.append(f"{left + 15 + (x - low) / (high - low) * (width - 30):.1f},{y:.1f}")
            parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts.extend(
                f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3" fill="{colour}"/>' for p in points
            )
    for power in (-1, 0, 1, 2):
        y = 30 + height - (power + 1.5) / 4 * height
        parts.append(f'<text x="44" y="{y + 4:.0f}" text-anchor="end" class="s">{10.0**power:g} s</text>')
    key = (
        '<text x="50" y="18"><tspan fill="#1d3557">cuts: all matrices and bands</tspan>'
        '<tspan fill="#e07a3f" dx="20">routes: every pair (from a sample of origins)</tspan></text>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 890 300" role="img" aria-label="growth of cost">'
        "<style>text{font:13px sans-serif}.s{font-size:10px;fill:#444}</style>"
        f'<rect width="890" height="300" fill="#fff"/>{key}{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    main()
