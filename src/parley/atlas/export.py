"""Frames and graphs for notebooks: columns by name, and NetworkX. Libraries are loaded only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parley.atlas.cut_doubt import CutBand, spread
from parley.atlas.graph import Graph
from parley.atlas.many import Bands
from parley.atlas.problems import AtlasProblem
from parley.atlas.reference import TOTAL
from parley.atlas.what_if import WhatIf


def networks_frame(graph: Graph) -> dict[str, list[Any]]:
    """A row for each network: number, country (None if no table places it), weight, links."""
    codes = [graph.countries[i] if i >= 0 else None for i in graph.country.tolist()]
    weight, links = graph.weight.tolist(), graph.degree().tolist()
    return {"network": graph.asn.tolist(), "country": codes, "weight": weight, "links": links}


def bands_frame(bands: Bands, others: Sequence[Bands] = ()) -> dict[str, list[Any]]:
    """A row for each ordered pair of countries: the share of reach lost, mean and band.

    With `others`, the bands of the same scenarios on variants of the graph, also the ends over them: those of the
    mean, of the lower end the lowest, of the upper end the highest.
    """
    pairs = [(i, j) for i in range(len(bands.countries)) for j in range(len(bands.targets))]
    low, high = (f"p{p}" for p in bands.percentiles)
    found: dict[str, list[Any]] = {
        "country": [bands.countries[i] for i, _ in pairs], "target": [bands.targets[j] for _, j in pairs],
        "mean": [float(bands.mean[p]) / TOTAL for p in pairs], low: [int(bands.low[p]) / TOTAL for p in pairs],
        high: [int(bands.high[p]) / TOTAL for p in pairs],
    }  # fmt: skip
    if others:
        ends = spread(bands, others)
        columns = {
            "mean_low": ends.mean_low, "mean_high": ends.mean_high, f"{low}_low": ends.low, f"{high}_high": ends.high
        }  # fmt: skip
        found |= {name: [float(column[p]) / TOTAL for p in pairs] for name, column in columns.items()}
    return found


def pairs_lost(found: WhatIf, ends: CutBand) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Steps lost by each country (first key) to each (second key): on the graph as read, lowest and highest.

    Pairs of which nothing is lost on any variant are left out.
    """
    every = {
        a: {
            b: (int(found.steps[i, j]), int(ends.low[i, j]), int(ends.high[i, j]))
            for j, b in enumerate(found.countries) if ends.high[i, j]
        }
        for i, a in enumerate(found.countries)
    }  # fmt: skip
    return {code: row for code, row in every.items() if row}


def to_networkx(graph: Graph) -> Any:
    """A networkx.DiGraph by AS number: an edge from customer to provider (`c2p`), peers in both directions (`p2p`).

    Raises:
        AtlasProblem: ``no_library``.
    """
    try:
        import networkx
    except ImportError:
        raise AtlasProblem("no_library", name="networkx", extra="networkx itself") from None
    out = networkx.DiGraph(weighted_by=graph.weighted_by)
    frame = networks_frame(graph)
    for number, country, weight in zip(frame["network"], frame["country"], frame["weight"], strict=True):
        out.add_node(number, country=country, weight=weight)
    name = graph.asn.tolist()
    for a, b in zip(graph.customer.tolist(), graph.provider.tolist(), strict=True):
        out.add_edge(name[a], name[b], relationship="c2p")
    for a, b in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True):
        out.add_edge(name[a], name[b], relationship="p2p")
        out.add_edge(name[b], name[a], relationship="p2p")
    return out
