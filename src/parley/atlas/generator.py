"""An Internet-like graph from a seed, derived from nobody's measurements: for benchmarks and tests without a licence.

The shape is stated, not fitted. A clique of 16 networks without providers, all peers of each other. A sixth of the
networks (rank by number) sell transit; each has on average 2.1 providers of higher rank, chosen with a bias towards
the top (a number drawn from [0, 1) to the power 2.2, times the own rank) and, in six of ten cases, from its own state.
The others only buy. Peerings join networks of the first three tenths, with a bias towards the top (power 1.8), so that
a few have thousands. States are 235 invented codes of a letter and a digit, sized by Zipf's law; addresses follow a
Pareto law (shape 1.1, from 256). Providers always have the higher rank, so there is no provider cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parley.atlas.graph import Graph, Index, Ints
from parley.atlas.problems import AtlasProblem

CLIQUE, STATES = 16, 235
SELLERS = 6  # one in so many sells transit
TRANSIT_SHARE = 166_426 / 677_904
AT_HOME = 0.6


@dataclass(frozen=True)
class Shape:
    """How large a graph is to be."""

    networks: int = 79_000
    links: int = 678_000


def generate(seed: int, shape: Shape | None = None) -> Graph:
    """The graph of a seed; the same seed, shape and NumPy's PCG64 give the same graph.

    Raises:
        AtlasProblem: ``bad_setting``.
    """
    shape = shape or Shape()
    if shape.networks < 200 or not 3 * shape.networks <= shape.links <= 20 * shape.networks:
        raise AtlasProblem("bad_setting", field="networks, links", rule="200 networks or more, 3 to 20 links for each")
    draw = np.random.default_rng(seed)
    size, sellers = shape.networks, shape.networks // SELLERS
    state = _states(draw, size)
    transit = _transit(draw, state, sellers, round(shape.links * TRANSIT_SHARE))
    peers = _peers(draw, size, transit, shape.links - len(transit))
    weight = np.minimum(256 * (1 + draw.pareto(1.1, size)), 2**25).astype(np.int64)
    codes = sorted(f"{letter}{digit}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for digit in range(10))[:STATES]
    present = np.unique(state)
    number = np.full(STATES, -1, np.int32)
    number[present] = np.arange(len(present), dtype=np.int32)
    return Graph(
        np.arange(1, size + 1, dtype=np.int64), transit[:, 0].astype(np.int32), transit[:, 1].astype(np.int32),
        peers[:, 0].astype(np.int32), peers[:, 1].astype(np.int32), tuple(codes[i] for i in present), number[state],
        weight, "invented addresses",
    )  # fmt: skip


def _states(draw: np.random.Generator, size: int) -> Index:
    share = 1 / np.arange(1, STATES + 1) ** 0.9
    return draw.choice(STATES, size, p=share / share.sum()).astype(np.int32)


def _transit(draw: np.random.Generator, state: Index, sellers: int, wanted: int) -> Ints:
    """Pairs (provider, customer): one for everybody below the clique, then more until there are so many."""
    size = len(state)
    home = [np.flatnonzero(state[:sellers] == one) for one in range(STATES)]
    pairs = _bought(draw, np.arange(CLIQUE, size), state, home, sellers)
    while len(pairs) < wanted:
        more = _bought(draw, draw.integers(CLIQUE, size, wanted - len(pairs)), state, home, sellers)
        pairs = np.unique(np.concatenate([pairs, more]), axis=0)
    return pairs


def _bought(draw: np.random.Generator, buyers: Ints, state: Index, home: list[Ints], sellers: int) -> Ints:
    """One provider for each buyer, of higher rank and, where there is one, mostly of its own state."""
    limit = np.minimum(buyers, sellers)
    provider = (limit * draw.random(len(buyers)) ** 2.2).astype(np.int64)
    local, pick = draw.random(len(buyers)) < AT_HOME, draw.random(len(buyers)) ** 2.2
    for one in range(STATES):
        here = np.flatnonzero(local & (state[buyers] == one))
        higher = np.searchsorted(home[one], limit[here])
        here, higher = here[higher > 0], higher[higher > 0]
        provider[here] = home[one][(higher * pick[here]).astype(np.int64)]
    return np.unique(np.column_stack([provider, buyers]), axis=0)


def _peers(draw: np.random.Generator, size: int, transit: Ints, wanted: int) -> Ints:
    """Pairs (lower, higher), none of which already buys from the other; the clique first."""

    clique = np.array([(a, b) for a in range(CLIQUE) for b in range(a + 1, CLIQUE)])
    pairs = clique[:, 0] * size + clique[:, 1]
    reach = int(0.3 * size)
    forbidden = transit[:, 0] * size + transit[:, 1]
    for _ in range(200):
        ends = np.sort((reach * draw.random((2, wanted)) ** 1.8).astype(np.int64), axis=0)
        new = np.unique(ends[0] * size + ends[1])
        new = new[(new // size != new % size) & ~np.isin(new, forbidden) & ~np.isin(new, pairs)]
        pairs = np.concatenate([pairs, draw.permutation(new)[: wanted - len(pairs)]])
        if len(pairs) >= wanted:
            break
    return np.column_stack([pairs // size, pairs % size])
