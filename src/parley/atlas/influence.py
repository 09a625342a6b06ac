"""Through whose networks a country's traffic must pass: transit influence, its concentration, and honest bands.

Country-level transit influence (CTI: Gamero-Garrido, Carisimo, Hao, Huffaker, Snoeren, Dainotti, "Quantifying Nations'
Exposure to Traffic Observation and Selective Tampering", PAM 2022): for each monitor outside the country and each
origin in it, a network on the preferred path counts with the origin's share of the country's addresses, divided by its
distance from the origin; monitors have equal weight. As in the authors' published code, the path counts from its peak
down: only where the network descends towards the origin. What differs here: paths are simulated, not observed; every
network outside the country is a monitor; the filter for outlying monitors is not applied; addresses count whole, per
network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from parley.atlas import route_kernel
from parley.atlas.folded import Array
from parley.atlas.graph import Graph
from parley.atlas.routes import RouteRows, route_rows


@dataclass(frozen=True, eq=False)
class Influence:
    """On one country: by graph index of the network, and by state; each a share of 1. Shares of states overlap."""

    country: str
    networks: Array
    states: Array
    monitors: int
    origins: int


@dataclass(frozen=True)
class Dependence:
    """One network or state that a country depends on: the value of the stated tie rule, and the band around it."""

    who: str
    value: float
    low: float
    high: float


def influence(
    graph: Graph, codes: Sequence[str] | None = None, *, seed: int | None = None, workers: int = 2
) -> list[Influence]:
    """Transit influence on each country of `codes` (default: all), ties by lowest AS number or by `seed`."""
    rows = route_rows(graph, seed)
    codes = list(graph.countries if codes is None else codes)
    with ThreadPoolExecutor(workers) as pool:
        # the largest first, so that no worker is left with it at the end
        size = np.bincount(graph.country[graph.country >= 0], minlength=len(graph.countries))
        order = sorted(codes, key=lambda code: -size[graph.state(code)])
        parts = {code: pool.submit(_on, graph, rows, code) for code in order}
        return [parts[code].result() for code in codes]


def _on(graph: Graph, rows: RouteRows, code: str) -> Influence:
    state = graph.state(code)
    here = graph.country == state
    origins = np.flatnonzero(here & (graph.weight > 0))
    core = np.flatnonzero(rows.place >= 0)
    place = rows.place[core]
    core_monitor, core_state = np.zeros(len(core), np.int64), np.zeros(len(core), np.int32)
    core_monitor[place] = ~here[core]
    core_state[place] = graph.country[core]
    outside = np.flatnonzero((rows.place < 0) & ~here)
    leaf_monitor = np.bincount(-1 - rows.place[outside], minlength=len(rows.leaf_provider_at) - 1).astype(np.int64)
    places, inverse = np.unique(rows.place[origins], return_inverse=True)
    weights = np.bincount(inverse.ravel(), graph.weight[origins], len(places)).astype(np.float64)
    by_network, by_state = np.zeros(len(core)), np.zeros(len(graph.countries))
    route_kernel.influence_on(rows, places, weights, core_monitor, leaf_monitor, core_state, by_network, by_state)
    monitors = int((~here).sum())
    scale = 1 / max(float(graph.weight[origins].sum()) * monitors, 1)
    networks = np.zeros(graph.size)
    networks[core] = by_network[place] * scale
    return Influence(code, networks, by_state * scale, monitors, len(origins))


def foreign(graph: Graph, found: Influence) -> Array:
    """The networks' shares with those of the country's own networks set to nothing."""
    return np.where(graph.country == graph.state(found.country), 0, found.networks)


def concentration(shares: Iterable[float]) -> float | None:
    """Herfindahl-Hirschman index of shares: from 1/n (n equal ones) to 1 (one alone); None of nothing."""
    values = [share for share in shares if share > 0]
    total = sum(values)
    return sum((value / total) ** 2 for value in values) if total else None


def banded(value: float, others: Sequence[float]) -> tuple[float, float]:
    """The lowest and highest of the value and its variants: with twenty or fewer of them no percentile is honest."""
    return min(value, *others), max(value, *others)
