"""A country's dependence as a picture, bars with bands in SVG, and as the same table for whoever cannot see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from parley.atlas.sheet import Row, Sheet

WIDTH, LEFT, BAR, GAP = 760, 280, 18, 6
FULL = WIDTH - LEFT - 90
COLUMNS = ("who", "name", "state", "value", "low", "high")


def as_svg(sheet: Sheet) -> str:
    """The picture: foreign networks, then states; a bar is the value, the thin line its band."""
    blocks = (("Foreign networks", sheet.by_network), ("Foreign states", sheet.by_state))
    lines, y = [], 46
    for title, rows in blocks:
        lines.append(f'<text x="10" y="{y}" class="h">{title}</text>')
        y += 10
        for row in rows:
            lines.extend(_bar(row, y))
            y += BAR + GAP
        y += 30
    title = escape(f"{sheet.country}: share of inbound routes by transit influence")
    note = escape(
        f"Bands over {sheet.variants}. Simulated routes; {sheet.monitors:,} vantage networks; not observed traffic."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" role="img" aria-label="{title}">'
        "<style>text{font:13px sans-serif;fill:#222}.h{font-weight:bold}.n{fill:#555;font-size:11px}</style>"
        f'<rect width="{WIDTH}" height="{y + 10}" fill="#fff"/><text x="10" y="22" class="h">{title}</text>'
        + "".join(lines)
        + f'<text x="10" y="{y}" class="n">{note}</text></svg>\n'
    )


def _bar(row: Row, y: int) -> Iterator[str]:
    label = escape(f"{row.who} {row.name}".strip()[:36])
    middle = y + BAR // 2
    yield f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{label}</text>'
    yield f'<rect x="{LEFT}" y="{y}" width="{FULL * min(row.value, 1):.1f}" height="{BAR}" fill="#3b6ea5"/>'
    low, high = (LEFT + FULL * min(one, 1) for one in (row.low, row.high))
    yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="#111" stroke-width="2"/>'
    yield f'<text x="{high + 8:.1f}" y="{y + 13}">{row.value:.3f}</text>'


def table(rows: Sequence[Row]) -> dict[str, list[str | float]]:
    """Columns by name: what a data frame is made of."""
    return {name: [getattr(row, name) for row in rows] for name in COLUMNS}


def as_markdown(sheet: Sheet) -> str:
    """The picture's table."""
    lines = [f"{sheet.country}: transit influence, bands over {sheet.variants}", ""]
    lines += ["| who | name | state | value | low | high |", "|---|---|---|---|---|---|"]
    for row in (*sheet.by_network, *sheet.by_state):
        name = row.name.replace("|", "/")
        lines.append(f"| {row.who} | {name} | {row.state} | {row.value:.4f} | {row.low:.4f} | {row.high:.4f} |")
    return "\n".join(lines) + "\n"
