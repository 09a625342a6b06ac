"""Charts by Altair, rendered to SVG by vl-convert. Loaded by the worker alone.

Colours are those of Okabe and Ito (2008), told apart by people who see fewer colours; shape or position says the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt
import vl_convert

from parley.outside.pictures.frame import INK, PAPER, framed
from parley.precedents.drawing import Drawing

PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8F8F8F"]
DARK_PALETTE = ["#56B4E9", "#FF9B54", "#3FD2A4", "#E7A6CC", "#F0C24B", "#9AD1F5", "#BDBDBD"]
NARROW = 600  # pixels below which labels move and legends stack
YEARS = 3
LANES, EDGES, DYADS = 24, 30, 24
"""How many of them are drawn, the strongest; the table has them all and the picture says so."""


def paint(drawing: Drawing) -> str:
    """The chart as SVG, with title and notes around it."""
    chart, cut = _MAKERS[drawing.kind](drawing)
    spec = alt.layer(*chart).resolve_scale(color="shared") if isinstance(chart, list) else chart
    svg = vl_convert.vegalite_to_svg(_dressed(spec, drawing).to_dict())
    return framed(svg, drawing, cut)


def _dressed(chart: Any, drawing: Drawing) -> Any:
    ink, paper = INK[drawing.dark], PAPER[drawing.dark]
    grid = "#39424e" if drawing.dark else "#dfe3e8"
    narrow = drawing.width < NARROW
    return (
        chart.configure(background=paper, padding=4, font="sans-serif")
        .configure_axis(
            labelColor=ink, titleColor=ink, gridColor=grid, domainColor=grid, tickColor=grid, labelFontSize=12,
            titleFontSize=12, labelLimit=110 if narrow else 260,
        )
        .configure_legend(
            labelColor=ink, titleColor=ink, orient="bottom", columns=1 if narrow else 4, labelFontSize=12,
            titleFontSize=12, labelLimit=300, symbolStrokeColor=ink,
        )
        .configure_view(stroke=None)
        .configure_range(category=DARK_PALETTE if drawing.dark else PALETTE)
    )  # fmt: skip


def _width(drawing: Drawing, labels: int) -> int:
    """Of the plot: what axes and labels leave."""
    return max(160, drawing.width - labels - 40)


def _data(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _survival(drawing: Drawing) -> tuple[Any, str]:
    keys = ("set", "day", "risk", "happened", "seen", "still", "low", "high")
    rows = [dict(zip(keys, row, strict=True)) for row in drawing.rows]
    full = {"day": 0, "still": 1000, "low": 1000, "high": 1000}
    starts = [{"set": name, **full} for name in {row["set"] for row in rows}]
    rows = sorted([*starts, *rows], key=lambda row: (row["set"], row["day"]))
    for row in rows:
        row |= {name: None if row[name] is None else row[name] / 1000 for name in ("still", "low", "high")}
    tall = 300 if drawing.width < NARROW else 420
    base = alt.Chart(_data(rows)).properties(width=_width(drawing, 60), height=tall)
    x = alt.X("day:Q", title="days since the event", scale=alt.Scale(domain=[0, YEARS * 365], clamp=False))
    colour = alt.Color("set:N", title="data set (band: 95 %)", legend=alt.Legend(symbolOpacity=1))
    band = base.mark_area(interpolate="step-after", opacity=0.18, clip=True).encode(
        x=x, y="low:Q", y2="high:Q", color=colour
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=2.2, clip=True).encode(
        x=x,
        y=alt.Y("still:Q", title="not yet", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        color=colour,
        strokeDash=alt.StrokeDash("set:N", legend=None),
    )
    return [band, line], f"The first {YEARS} years are drawn; the table goes on."


def _responses(drawing: Drawing) -> tuple[Any, str]:
    keys = ("set", "answer", "count", "of", "share", "low", "high")
    rows = [dict(zip(keys, row, strict=True)) for row in drawing.rows]
    drawn = [row for row in rows if row["share"] is not None]
    for row in drawn:
        row |= {name: row[name] / 1000 for name in ("share", "low", "high")}
        row["label"] = f"{row['count']} of {row['of']}"
    base = alt.Chart(_data(drawn)).properties(
        width=_width(drawing, 160 if drawing.width < NARROW else 280), height=alt.Step(13)
    )
    y = alt.Y("answer:N", title=None, sort=alt.EncodingSortField("share", op="max", order="descending"))
    offset = alt.YOffset("set:N")
    axis = alt.Axis(format="%", tickCount=4)
    bars = base.mark_bar(opacity=0.85).encode(
        x=alt.X("share:Q", title="of the incidents of the data set", axis=axis), y=y, yOffset=offset,
        color=alt.Color("set:N", title="data set (line: 95 %)"),
    )  # fmt: skip
    lines = base.mark_rule(color=INK[drawing.dark]).encode(x="low:Q", x2="high:Q", y=y, yOffset=offset)
    left = len(rows) - len(drawn)
    return [bars, lines], f"{left} rows with fewer than ten incidents have no share and are not drawn." if left else ""


def _timeline(drawing: Drawing) -> tuple[Any, str]:
    keys = ("lane", "kind", "from", "to", "date", "names", "record", "against")
    rows = [dict(zip(keys, row, strict=True)) for row in drawing.rows]
    lanes = list(dict.fromkeys(row["lane"] for row in rows))
    drawn = [row for row in rows if row["lane"] in lanes[:LANES]]
    narrow = drawing.width < NARROW
    base = alt.Chart(_data(drawn)).properties(
        width=_width(drawing, 130 if narrow else 280), height=max(120, 30 * len(lanes[:LANES]))
    )
    axis = alt.Axis(grid=True, tickCount=4 if narrow else 8, labelAngle=-30 if narrow else 0)
    x, y = alt.X("from:T", title=None, axis=axis), alt.Y("lane:N", title=None, sort=lanes)
    colour = alt.Color("kind:N", title="what was said or happened", legend=alt.Legend(symbolOpacity=1))
    spans = base.transform_filter("datum.from != datum.to").mark_rule(strokeWidth=6, opacity=0.45).encode(
        x=x, x2="to:T", y=y, color=colour
    )  # fmt: skip
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=x, y=y, color=colour, shape=alt.Shape("kind:N", legend=None)
    )
    ring = base.transform_filter("datum.against").mark_point(
        filled=False, size=320, shape="circle", strokeWidth=2, color="#FF4D4D" if drawing.dark else "#B00020"
    ).encode(x=x, y=y)  # fmt: skip
    cut = "A ring marks what another statement contradicts; a bar, a date of which only the year or month is known."
    more = len(lanes) - LANES
    return [spans, points, ring], f"{cut} {more} more holders are in the table." if more > 0 else cut


def _network(drawing: Drawing) -> tuple[Any, str]:
    """Two columns: who attributes, and to whom; width says how many incidents, colour and dash how the tie was put."""
    total: Counter[tuple[str, str, str]] = Counter()
    for _, by, to, tie, count in drawing.rows:
        total[by, to, tie] = max(total[by, to, tie], count)
    edges = total.most_common(EDGES)
    left = _column(edges, 0)
    right = _column(edges, 1)
    tall = max(len(left), len(right))
    ties = sorted({tie for (_, _, tie), _ in edges})
    rows = [
        {"by": by, "to": to, "tie": tie, "n": n, "x": 0, "x2": 1,
         "y": left[by] * tall / len(left) + 0.1 * ties.index(tie),
         "y2": right[to] * tall / len(right) + 0.1 * ties.index(tie)}
        for (by, to, tie), n in edges
    ]  # fmt: skip
    ends = [{"name": f"{by} ", "x": 0, "y": at * tall / len(left)} for by, at in left.items()]
    goals = [{"name": f" {to}", "x": 1, "y": at * tall / len(right)} for to, at in right.items()]
    size = {"width": _width(drawing, 90), "height": max(160, 34 * tall)}
    scale = {"x": alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.06, 1.06])), "y": alt.Y("y:Q", axis=None)}
    lines = alt.Chart(_data(rows)).properties(**size).mark_rule(opacity=0.75).encode(
        x2="x2:Q", y2="y2:Q", color=alt.Color("tie:N", title="tie, as said"),
        strokeWidth=alt.StrokeWidth("n:Q", title="incidents", scale=alt.Scale(range=[1, 12])), **scale,
    )  # fmt: skip
    text: dict[str, Any] = {"fontSize": 13, "fontWeight": "bold", "color": INK[drawing.dark]}
    names = [
        alt.Chart(_data(ends)).mark_text(align="right", **text).encode(text="name:N", **scale),
        alt.Chart(_data(goals)).mark_text(align="left", **text).encode(text="name:N", **scale),
    ]
    more = len(total) - len(edges)
    cut = "Left: who attributes. Right: to whom. Each width is the largest count that one data set has."
    return [lines, *names], f"{cut} {more} weaker lines are in the table." if more > 0 else cut


def _column(edges: list[tuple[tuple[str, str, str], int]], end: int) -> dict[str, float]:
    """Codes in the order of their weight, with their places, the strongest on top."""
    weight: Counter[str] = Counter()
    for key, n in edges:
        weight[key[end]] += n
    return {code: len(weight) - at - 0.5 for at, (code, _) in enumerate(weight.most_common())}


def _dyads(drawing: Drawing) -> tuple[Any, str]:
    total: Counter[str] = Counter()
    by_set: Counter[tuple[str, str]] = Counter()
    for key, named, hit, _, count in drawing.rows:
        by_set[key, f"{named} – {hit}"] += count
    for (_, pair), count in by_set.items():
        total[pair] = max(total[pair], count)
    kept = [pair for pair, _ in total.most_common(DYADS)]
    cells: Counter[tuple[str, int]] = Counter()
    for _, named, hit, year, count in drawing.rows:
        if f"{named} – {hit}" in kept:
            cells[f"{named} – {hit}", year] = max(cells[f"{named} – {hit}", year], count)
    rows = [{"pair": pair, "year": year, "n": n} for (pair, year), n in cells.items()]
    shades = alt.Scale(scheme="viridis", type="sqrt", reverse=not drawing.dark)
    chart = alt.Chart(_data(rows)).mark_rect().encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-60)),
        y=alt.Y("pair:N", title="named – hit", sort=kept),
        color=alt.Color("n:Q", title="incidents", scale=shades),
    ).properties(width=_width(drawing, 110), height=22 * max(1, len(kept)))  # fmt: skip
    cut = "Each number is the largest that one data set has: several tell of the same incidents."
    return chart, f"{cut} The {DYADS} pairs with the most incidents." if len(total) > DYADS else cut


_MAKERS = {
    "survival": _survival,
    "responses": _responses,
    "timeline": _timeline,
    "network": _network,
    "dyads": _dyads,
}
