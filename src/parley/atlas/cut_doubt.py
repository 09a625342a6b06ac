"""What a cut takes, over links whose relationship was read wrongly: the same cut on graphs with links flipped.

Whether a path exists does not depend on which of several is taken, so other orders of ties leave lost reach as it is,
and its variants are of relationships alone; counts of detours are also taken under other orders. The same networks and
links are cut in each; lost is what was reached in that same variant before the cut. A band is the lowest and highest
over the graph as it was read and its variants: with so few of them no percentile is honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from parley.atlas.doubt import Doubt, flips
from parley.atlas.folded import Array
from parley.atlas.graph import Graph
from parley.atlas.influence import banded
from parley.atlas.many import Bands
from parley.atlas.what_if import Cut, Detours, WhatIf, what_if
from parley.atlas.worst import Remedy, Worst, closes_circle, harms, with_providers

NOT_VARIED = "one graph; relationship errors not varied"


@dataclass(frozen=True)
class Band:
    """A share of 1 on the graph as it was read, lowest and highest over it and its variants; None: nothing varied."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class CutBand:
    """Lost reach of each country, the ends of the steps of every pair (as `WhatIf.steps`) and of counts of detours.

    `detours`: lowest and highest, count by count, over flipped links and over other orders of ties; none if not varied.
    """

    reach_lost: dict[str, Band]
    low: Array
    high: Array
    detours: dict[str, tuple[Detours, Detours]]


@dataclass(frozen=True)
class WorstBand:
    """The same failures, and the same remedy, on each variant; in `circles` of them its link cannot be drawn.

    The choice is that of the graph as it was read: on a variant other failures may be worse.
    """

    harm: Band
    bound: Band
    remedy: Band | None
    circles: int


@dataclass(frozen=True, eq=False)
class Spread:
    """Of the bands of many scenarios: ends of the mean, the lowest lower end, the highest upper end; by pair."""

    mean_low: Array
    mean_high: Array
    low: Array
    high: Array


def words(graph: Graph, doubt: Doubt) -> str:
    """What was varied, as it stands beside every band; that nothing was, if so."""
    if not doubt.flips:
        return NOT_VARIED
    count, last = round(doubt.share * graph.links), doubt.seed + doubt.flips - 1
    seeds = f"seed {doubt.seed}" if doubt.flips == 1 else f"seeds {doubt.seed} to {last}"
    return (
        f"lowest to highest over this graph and {doubt.flips} of its variants, each with {doubt.share:.1%} of the"
        f" links ({count:,}) flipped between transit and peering, {seeds}: a range, not a percentile"
    )


def band(value: float, others: Sequence[float]) -> Band:
    """The band of a value and those of its variants, if there are any."""
    return Band(value, *banded(value, others)) if others else Band(value, None, None)


def what_if_band(graph: Graph, cut: Cut, found: WhatIf, doubt: Doubt) -> CutBand:
    """The same cut on each variant; raises AtlasProblem("bad_setting")."""
    to = tuple(found.detours)
    others = [what_if(one, cut, detours_to=to) for one in flips(graph, doubt)]
    reach = {code: band(lost, [other.reach_lost[code] for other in others]) for code, lost in found.reach_lost.items()}
    every = np.stack([found.steps, *(other.steps for other in others)])
    tied = [what_if(graph, cut, detours_to=to, seed=doubt.seed + i) for i in range(doubt.orders)] if to else []
    told = [found, *others, *tied]
    detours = {code: _ends([one.detours[code] for one in told]) for code in to} if len(told) > 1 else {}
    return CutBand(reach, every.min(axis=0), every.max(axis=0), detours)


def _ends(every: Sequence[Detours]) -> tuple[Detours, Detours]:
    """The least and the most of each count."""
    columns = list(zip(*map(astuple, every), strict=True))
    return Detours(*map(min, columns)), Detours(*map(max, columns))


def worst_band(graph: Graph, found: Worst, mend: Remedy | None, doubt: Doubt) -> WorstBand:
    """Harm, bound and remedy on each variant; raises AtlasProblem("bad_setting")."""
    failed, searched = [graph.at(one) for one in found.networks], [graph.at(one) for one in found.among]
    harm, bound, mended, circles = [], [], [], 0
    for one in flips(graph, doubt):
        here, most = harms(one, found.country, [failed, searched]).tolist()
        harm.append(here)
        bound.append(most)
        if mend is None:
            continue
        link = (graph.at(mend.provider), graph.at(mend.customer))
        if closes_circle(one, *link):
            circles += 1
        else:
            mended.append(float(harms(with_providers(one, [link]), found.country, [failed])[0]))
    helped = band(mend.harm, mended) if mend else None
    return WorstBand(band(found.harm, harm), band(found.bound, bound), helped, circles)


def spread(found: Bands, others: Sequence[Bands]) -> Spread:
    """The bands of the same scenarios on the graph as it was read and on each variant, together."""
    every = [found, *others]
    means = np.stack([one.mean for one in every])
    return Spread(
        means.min(axis=0), means.max(axis=0), np.stack([one.low for one in every]).min(axis=0),
        np.stack([one.high for one in every]).max(axis=0),
    )  # fmt: skip
