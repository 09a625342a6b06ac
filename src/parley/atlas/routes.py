"""Best valley-free routes from every network to every other, streamed; ties by lowest AS number, or by a seed.

A network prefers a route over a customer to one over a peer to one over a provider, then the shortest, then the next
hop of the lowest rank. Ranks are the order of AS numbers, or a permutation drawn from a seed: another order of ties is
another, equally good answer, and how far answers differ is the band.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from parley.atlas import route_kernel
from parley.atlas.folded import Array, alike, lists, picked
from parley.atlas.graph import Graph, levels
from parley.atlas.problems import AtlasProblem

BLOCK = 64
LONGEST = 255
Consumer = Callable[[Array, Array, Array, Array], None]
"""Takes origins (graph indices) and, a row for each, class, length and next hop by `column`; copies what it keeps."""


class RouteRows(NamedTuple):
    """A graph folded for routes: core networks, providers first; leaves with equal neighbours as one kind."""

    provider_at: Array
    provider: Array
    peer_at: Array
    peer: Array
    leaf_provider_at: Array
    leaf_provider: Array
    leaf_peer_at: Array
    leaf_peer: Array
    rank: Array  # of core networks
    by_rank: Array  # graph index
    core_by_rank: Array  # core index, -1 for a leaf
    place: Array  # of each network: core index, or -1 - kind of leaf
    across_at: Array  # kinds of leaves that peer with a core network
    across: Array
    column: Array  # graph index of each column of the results: like networks together, which is the order of writing
    column_of: Array
    leaf_of_column: Array  # kind of leaf of the first columns; the core follows
    beside_at: Array  # leaves that peer with a leaf, by graph index
    beside: Array
    beside_kind_at: Array  # the same by kind of leaf: such leaves are alone in theirs
    beside_kind: Array


def route_rows(graph: Graph, seed: int | None = None) -> RouteRows:
    """Fold `graph` for routes; `seed` draws another order of ties.

    Raises:
        AtlasProblem: ``too_deep``: routes longer than 255 links, or more than a million networks.
    """
    size = graph.size
    level = levels(graph.provider, graph.customer, size)
    if 2 * int(level.max()) + 1 > LONGEST or size >= route_kernel.MASK:
        raise AtlasProblem("too_deep", levels=int(level.max()), networks=size)
    rank = (
        np.arange(size, dtype=np.int32)
        if seed is None
        else np.random.default_rng(seed).permutation(size).astype(np.int32)
    )
    core = np.zeros(size, bool)
    core[graph.provider] = True
    order = np.flatnonzero(core)
    order = order[np.argsort(level[order], kind="stable")]
    place = np.full(size, -1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    looker, peer = np.concatenate([graph.peer_a, graph.peer_b]), np.concatenate([graph.peer_b, graph.peer_a])
    inner, both = core[graph.customer], core[looker] & core[peer]
    leaf = np.flatnonzero(~core)
    number = np.full(size, -1, np.int64)
    number[leaf] = np.arange(len(leaf))
    up, side, low = ~inner, ~core[looker] & core[peer], ~core[looker] & ~core[peer]
    ups = lists(number[graph.customer[up]], place[graph.provider[up]], len(leaf))
    sides = lists(number[looker[side]], place[peer[side]], len(leaf))
    alone = np.zeros(len(leaf), bool)
    alone[number[looker[low]]] = True
    kept, kind = alike(*ups, *sides, np.zeros(len(leaf), np.int64), alone)
    place[leaf] = -1 - kind
    column = np.argsort(place, kind="stable").astype(np.int32)
    by_rank = np.argsort(rank).astype(np.int32)
    return RouteRows(
        *lists(place[graph.customer[inner]], place[graph.provider[inner]], len(order)),
        *lists(place[looker[both]], place[peer[both]], len(order)), *picked(*ups, kept), *picked(*sides, kept),
        rank[order], by_rank, np.where(place[by_rank] >= 0, place[by_rank], -1).astype(np.int32), place,
        *_across(sides, kept, len(order)), column, np.argsort(column).astype(np.int32),
        (-1 - place[column[: len(leaf)]]).astype(np.int32), *lists(looker[low], peer[low], size),
        *lists(kind[number[looker[low]]], kind[number[peer[low]]], len(kept)),
    )  # fmt: skip


def _across(sides: tuple[Array, Array], kept: Array, count: int) -> tuple[Array, Array]:
    at, entry = picked(*sides, kept)
    return lists(entry, np.repeat(np.arange(len(at) - 1), np.diff(at)), count)


def all_routes(rows: RouteRows, consumer: Consumer, *, workers: int = 2) -> None:
    """Hand the routes to every origin to `consumer`, from several threads, BLOCK origins at a time."""
    routes_of(rows, rows.column, consumer, workers=workers)


def routes_of(rows: RouteRows, origins: Array, consumer: Consumer, *, workers: int = 2) -> None:
    """As `all_routes`, for these origins (graph indices)."""
    size = len(rows.place)
    pieces = [origins[i : i + BLOCK] for i in range(0, len(origins), BLOCK)]

    def work(mine: list[Array]) -> None:
        kinds, lengths = np.zeros((BLOCK, size), np.uint8), np.zeros((BLOCK, size), np.uint8)
        hops = np.zeros((BLOCK, size), np.int32)
        for piece in mine:
            route_kernel.whole_rows(rows, piece, 0, len(piece), kinds, lengths, hops)
            consumer(piece, kinds[: len(piece)], lengths[: len(piece)], hops[: len(piece)])

    with ThreadPoolExecutor(workers) as pool:
        for part in [pool.submit(work, pieces[w::workers]) for w in range(workers)]:
            part.result()
