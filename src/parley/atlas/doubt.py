"""Doubt made visible: other orders of ties, and links whose relationship was read wrongly.

Relationships are inferred from observed routes, not told by anyone, and equally good routes are chosen by rules that
nobody outside knows. So a value is shown with what it becomes under other orders of ties and with a stated share of
links flipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parley.atlas.graph import Graph, levels, relinked
from parley.atlas.influence import Influence, influence
from parley.atlas.problems import AtlasProblem


@dataclass(frozen=True)
class Doubt:
    """How many variants of each kind, from which seed, and the share of links that is flipped in each of the second."""

    orders: int = 3
    flips: int = 3
    share: float = 0.02
    seed: int = 1


def flipped(graph: Graph, share: float, seed: int) -> Graph:
    """The graph with a share of its links told the other way: transit as peering, peering as transit.

    Of two peers the one nearer the top becomes the provider (level, then number), so that no provider cycle can arise.

    Raises:
        AtlasProblem: ``bad_setting``.
    """
    if not 0 <= share <= 0.5:
        raise AtlasProblem("bad_setting", field="share", rule="between 0 and 0.5")
    level = levels(graph.provider, graph.customer, graph.size)
    transit, peers = len(graph.provider), len(graph.peer_a)
    chosen = np.zeros(transit + peers, bool)
    draw = np.random.default_rng(seed)
    chosen[draw.choice(transit + peers, round(share * (transit + peers)), replace=False)] = True
    sold, met = chosen[:transit], chosen[transit:]
    a, b = graph.peer_a[met], graph.peer_b[met]
    above = (level[a] < level[b]) | ((level[a] == level[b]) & (a < b))
    return relinked(
        graph,
        np.concatenate([graph.provider[~sold], np.where(above, a, b)]).astype(np.int32),
        np.concatenate([graph.customer[~sold], np.where(above, b, a)]).astype(np.int32),
        np.concatenate([graph.peer_a[~met], np.minimum(graph.provider[sold], graph.customer[sold])]).astype(np.int32),
        np.concatenate([graph.peer_b[~met], np.maximum(graph.provider[sold], graph.customer[sold])]).astype(np.int32),
    )


def flips(graph: Graph, doubt: Doubt) -> Iterator[Graph]:
    """Each variant of the graph with links flipped, one at a time: of seed, seed + 1, …; raises as `flipped`."""
    for i in range(doubt.flips):
        yield flipped(graph, doubt.share, doubt.seed + i)


def variants(
    graph: Graph, doubt: Doubt, codes: Sequence[str] | None = None, *, workers: int = 2
) -> list[list[Influence]]:
    """Influence under each other order of ties, then under each set of flipped links; every one for all of `codes`."""
    others = [influence(graph, codes, seed=doubt.seed + i, workers=workers) for i in range(doubt.orders)]
    others += [influence(one, codes, workers=workers) for one in flips(graph, doubt)]
    return others
