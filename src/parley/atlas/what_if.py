"""One cut: who loses reach to whom, which states suffer that nobody named, and what detours remain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parley.atlas import many, routes
from parley.atlas.folded import Array
from parley.atlas.graph import Graph, Index, relinked
from parley.atlas.problems import AtlasProblem
from parley.atlas.reference import TOTAL
from parley.atlas.scenarios import Link, combinations, networks_of

SHOWN_ORIGINS = 20


@dataclass(frozen=True)
class Cut:
    """What is cut, as a person names it: AS numbers, pairs of them, states."""

    networks: tuple[int, ...] = ()
    links: tuple[tuple[int, int], ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Detours:
    """Of routes from everywhere to the largest networks that still stand there: how they fared, in counts of routes."""

    origins: int
    same: int
    moved: int
    longer: int
    lost: int
    extra_links: float


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Steps of 1/65,535 lost by each country (row) to each (column); `named`: states that the cut itself touches."""

    countries: tuple[str, ...]
    steps: Array
    reach_lost: dict[str, float]
    named: tuple[str, ...]
    unweighted: tuple[str, ...]
    detours: dict[str, Detours]

    def spill_over(self) -> dict[str, float]:
        """What states lose none of whose networks was cut, the most first."""
        spilt = {code: lost for code, lost in self.reach_lost.items() if lost > 0 and code not in self.named}
        return dict(sorted(spilt.items(), key=lambda pair: -pair[1]))


def resolved(graph: Graph, cut: Cut) -> tuple[Index, list[Link]]:
    """Graph indices of what is cut.

    Raises:
        AtlasProblem: ``empty_cut``, ``everything_cut``, ``unknown_network``, ``unknown_link``, ``no_data``.
    """
    if not (cut.networks or cut.links or cut.states):
        raise AtlasProblem("empty_cut")
    networks = networks_of(graph, cut.networks, cut.states)
    if len(networks) == graph.size:
        raise AtlasProblem("everything_cut")
    return networks, [(graph.at(a), graph.at(b)) for a, b in cut.links]


def what_if(graph: Graph, cut: Cut, *, detours_to: Sequence[str] = (), seed: int | None = None) -> WhatIf:
    """The answer to one cut; detours are worked out for the states of `detours_to`. Raises as `resolved`."""
    networks, links = resolved(graph, cut)
    scenario = combinations([(networks.tolist(), links)])
    steps = many.matrices(many.prepare(graph, scenario), 0, 1)[:, :, 0]
    totals = graph.totals()
    touched = np.unique(graph.country[[*networks.tolist(), *(end for link in links for end in link)]].astype(int))
    named = tuple(sorted({*cut.states, *(graph.countries[i] for i in touched if i >= 0)}))
    detours = {code: _detours(graph, networks, links, code, seed) for code in detours_to}
    return WhatIf(
        graph.countries, steps, lost_in_all(graph.countries, steps, totals), named,
        tuple(code for code, total in zip(graph.countries, totals, strict=True) if not total), detours,
    )  # fmt: skip


def lost_in_all(countries: tuple[str, ...], steps: Array, totals: Array) -> dict[str, float]:
    """Of each country: the share of the other countries' weight that it no longer reaches, on average over its own."""
    found = {}
    for i, code in enumerate(countries):
        others = np.delete(totals, i)
        weight = int(others.sum())
        found[code] = float((np.delete(steps[i], i) * others).sum() / weight / TOTAL) if weight else 0.0
    return found


def without(graph: Graph, networks: Index, links: Sequence[Link] = ()) -> Graph:
    """The graph after a cut; networks that are cut stay in it, without links."""
    gone = np.zeros(graph.size, bool)
    gone[networks] = True
    cut = {(min(link), max(link)) for link in links}

    def stays(one: Index, other: Index) -> Array:
        kept = ~(gone[one] | gone[other])
        if cut:
            kept &= np.array(
                [(min(a, b), max(a, b)) not in cut for a, b in zip(one.tolist(), other.tolist(), strict=True)],
                bool,
            )
        return kept

    transit, peers = stays(graph.provider, graph.customer), stays(graph.peer_a, graph.peer_b)
    return relinked(
        graph, graph.provider[transit], graph.customer[transit], graph.peer_a[peers], graph.peer_b[peers]
    )  # fmt: skip


def _detours(graph: Graph, networks: Index, links: Sequence[Link], code: str, seed: int | None) -> Detours:
    """Routes from every network that stands to the largest ones of a state that stand, before the cut and after."""
    gone = np.zeros(graph.size, bool)
    gone[networks] = True
    here = np.flatnonzero((graph.country == graph.state(code)) & ~gone)
    origins = here[np.argsort(-graph.weight[here], kind="stable")][:SHOWN_ORIGINS].astype(np.int32)
    before, after = _told(graph, origins, seed), _told(without(graph, networks, links), origins, seed)
    counts = np.zeros(5)
    for origin in origins.tolist():
        (length, hop), (new_length, new_hop) = before[origin], after[origin]
        had = (length > 0) & ~gone
        lost = had & (new_length == 0)
        kept = had & ~lost
        longer = kept & (new_length > length)
        same = kept & (new_hop == hop) & (new_length == length)
        extra = (new_length[longer].astype(int) - length[longer]).sum()
        counts += [same.sum(), (kept & ~same).sum(), longer.sum(), lost.sum(), extra]
    same, moved, longer, lost = (int(x) for x in counts[:4])
    return Detours(len(origins), same, moved, longer, lost, round(float(counts[4]) / longer, 2) if longer else 0.0)


def _told(graph: Graph, origins: Index, seed: int | None) -> dict[int, tuple[Array, Array]]:
    """Lengths and next hops of the routes to each origin, by graph index."""
    rows = routes.route_rows(graph, seed)
    found: dict[int, tuple[Array, Array]] = {}

    def keep(those: Array, kinds: Array, lengths: Array, hops: Array) -> None:
        del kinds
        for row, origin in enumerate(those.tolist()):
            found[origin] = (lengths[row][rows.column_of], hops[row][rows.column_of])

    routes.routes_of(rows, origins, keep, workers=1)
    return found
