"""The graph made small for one question: networks that only end paths are gathered, links that may be cut get a middle.

A network without customers carries nobody's path. Those with the same providers, the same peers and the same country
lose the same reach whatever else is cut, so they are one row, unless they may be cut themselves. What is left, the
core, is a sixth of the networks. A link that may be cut becomes a network without country in its middle, so that the
engine knows one kind of cut: of a peering (a, b), one middle above b that a sees as a peer, and one above a that b
sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from parley.atlas.graph import Graph, Index, Ints, levels
from parley.atlas.problems import AtlasProblem

Array = npt.NDArray[Any]
WORDS = 4
WIDTH = 64 * WORDS
"""So many target countries fit one row; more are done in groups."""
MERGED = 8
"""Networks with more neighbours than this are not compared with each other."""


class Rows(NamedTuple):
    """Arrays of one folded graph, core networks in an order in which providers come before customers.

    `*_at` say where each one's entries begin in the array of the same name. Rows of bits are over target countries.
    """

    seed: Array  # countries of a core network itself and of the gathered networks below it
    beside: Array  # countries of its gathered peers
    provider_at: Array
    provider: Array
    customer_at: Array
    customer: Array
    peer_at: Array
    peer: Array
    seen_at: Array  # who sees it as a peer: the other way round
    seen: Array
    country: Array  # of each core network, -1 for none
    weight: Array
    leaf_seed: Array  # of each gathered row: its own country and those of its gathered peers
    leaf_provider_at: Array
    leaf_provider: Array
    leaf_peer_at: Array
    leaf_peer: Array
    leaf_country: Array
    leaf_weight: Array
    below_at: Array  # gathered rows under a core network
    below: Array
    across_at: Array  # gathered rows that peer with it
    across: Array
    total: Array  # weight of each country
    targets: int  # how many bits are used
    first: int  # the country of the first bit


@dataclass(frozen=True, eq=False)
class Folded:
    """A graph folded for cuts of `networks` and `links`: what the engine runs on, and where each thing to cut went."""

    rows: Rows
    countries: tuple[str, ...]
    core_of: Index  # graph index -> core index, -1 where gathered
    middles: dict[tuple[int, int], tuple[int, ...]]  # link (graph indices, ascending) -> core indices

    def cut(self, networks: Sequence[int] | Index, links: Sequence[tuple[int, int]] = ()) -> Index:
        """Core indices of what a scenario cuts, each once."""
        found = self.core_of[np.asarray(networks, np.int64)]
        if (found < 0).any():
            raise AssertionError("folded for other cuts")
        middles = [one for a, b in links for one in self.middles[min(a, b), max(a, b)]]
        return np.unique(np.concatenate([found, np.array(middles, np.int32)])).astype(np.int32)


def fold(
    graph: Graph,
    networks: Index | Sequence[int] = (),
    links: Sequence[tuple[int, int]] = (),
    *,
    first: int = 0,
    targets: int | None = None,
) -> Folded:
    """Fold `graph` so that `networks` and `links` (graph indices) can be cut; bits are countries `first`, `first`+1, …

    Raises:
        AtlasProblem: ``unknown_link``.
    """
    targets = min(WIDTH, len(graph.countries) - first) if targets is None else targets
    wide = _with_middles(graph, links)
    core = np.zeros(wide.size, bool)
    core[wide.provider] = True
    core[np.asarray(networks, np.int64)] = True
    level = levels(wide.provider, wide.customer, wide.size)
    order = np.flatnonzero(core)
    order = order[np.argsort(level[order], kind="stable")]
    core_of = np.full(wide.size, -1, np.int32)
    core_of[order] = np.arange(len(order), dtype=np.int32)
    rows = _rows(graph, wide, core_of, order, first, targets)
    middles = {link: tuple(int(core_of[one]) for one in ones) for link, ones in wide.middles.items()}
    return Folded(rows, graph.countries, core_of[: graph.size], middles)


@dataclass(frozen=True, eq=False)
class _Wide:
    """Links with middles added; `looker` sees `peer` as a peer."""

    size: int
    provider: Array
    customer: Array
    looker: Array
    peer: Array
    country: Array
    weight: Array
    middles: dict[tuple[int, int], tuple[int, ...]]


def _with_middles(graph: Graph, links: Sequence[tuple[int, int]]) -> _Wide:
    provider, customer = [graph.provider], [graph.customer]
    looker, peer = [graph.peer_a, graph.peer_b], [graph.peer_b, graph.peer_a]
    middles: dict[tuple[int, int], tuple[int, ...]] = {}
    wanted = sorted({(min(link), max(link)) for link in links})
    size = graph.size
    kept_transit, kept_peers = np.ones(len(graph.provider), bool), np.ones(len(graph.peer_a), bool)
    for a, b in wanted:
        transit = _transit_between(graph, a, b)
        if transit is not None:
            kept_transit[transit] = False
            high, low = int(graph.provider[transit]), int(graph.customer[transit])
            provider.append(np.array([high, size]))
            customer.append(np.array([size, low]))
            middles[a, b] = (size,)
            size += 1
            continue
        kept_peers[_peering_between(graph, a, b)] = False
        provider.append(np.array([size, size + 1]))
        customer.append(np.array([b, a]))
        looker.append(np.array([a, b]))
        peer.append(np.array([size, size + 1]))
        middles[a, b] = (size, size + 1)
        size += 2
    provider[0], customer[0] = graph.provider[kept_transit], graph.customer[kept_transit]
    looker[:2] = [graph.peer_a[kept_peers], graph.peer_b[kept_peers]]
    peer[:2] = [graph.peer_b[kept_peers], graph.peer_a[kept_peers]]
    country = np.concatenate([graph.country, np.full(size - graph.size, -1, np.int32)])
    weight = np.concatenate([graph.weight, np.zeros(size - graph.size, np.int64)])
    sellers, buyers, lookers, seen = (
        np.concatenate(ends).astype(np.int64) for ends in (provider, customer, looker, peer)
    )
    return _Wide(size, sellers, buyers, lookers, seen, country, weight, middles)


def _transit_between(graph: Graph, a: int, b: int) -> int | None:
    here = np.flatnonzero(
        ((graph.provider == a) & (graph.customer == b)) | ((graph.provider == b) & (graph.customer == a))
    )
    return int(here[0]) if len(here) else None


def _peering_between(graph: Graph, a: int, b: int) -> int:
    here = np.flatnonzero(((graph.peer_a == a) & (graph.peer_b == b)) | ((graph.peer_a == b) & (graph.peer_b == a)))
    if not len(here):
        raise AtlasProblem("unknown_link", network=int(graph.asn[a]), other=int(graph.asn[b]))
    return int(here[0])


def _rows(graph: Graph, wide: _Wide, core_of: Index, order: Array, first: int, targets: int) -> Rows:
    n = len(order)
    core = core_of >= 0
    inner = core[wide.customer]
    provider, customer = core_of[wide.provider[inner]], core_of[wide.customer[inner]]
    both = core[wide.looker] & core[wide.peer]
    looker, peer = core_of[wide.looker[both]], core_of[wide.peer[both]]
    seed, beside = np.zeros((n, WORDS), np.uint64), np.zeros((n, WORDS), np.uint64)
    _mark(seed, np.arange(n), wide.country[order], first, targets)
    _mark(seed, core_of[wide.provider[~inner]], wide.country[wide.customer[~inner]], first, targets)
    outer = core[wide.looker] & ~core[wide.peer]
    _mark(beside, core_of[wide.looker[outer]], wide.country[wide.peer[outer]], first, targets)
    leaves = _leaves(wide, core_of, first, targets)
    at_customer, below = turned(leaves[1], leaves[2], n)
    at_peer, across = turned(leaves[3], leaves[4], n)
    provider_at, providers = lists(customer, provider, n)
    customer_at, customers = lists(provider, customer, n)
    peer_at, peers = lists(looker, peer, n)
    seen_at, seen = lists(peer, looker, n)
    return Rows(
        seed, beside, provider_at, providers, customer_at, customers, peer_at, peers, seen_at, seen,
        wide.country[order].astype(np.int32), wide.weight[order].astype(np.int64), leaves[0], leaves[1], leaves[2],
        leaves[3], leaves[4], leaves[5], leaves[6], at_customer, below, at_peer, across, graph.totals(), targets, first,
    )  # fmt: skip


def _mark(rows: Array, who: Array, country: Array, first: int, targets: int) -> None:
    """Set the bit of `country` in the rows of `who`."""
    bit = country.astype(np.int64) - first
    known = (country >= 0) & (bit >= 0) & (bit < targets)
    who, bit = who[known], bit[known]
    np.bitwise_or.at(rows, (who, bit >> 6), np.uint64(1) << (bit & 63).astype(np.uint64))


def lists(owner: Array, entry: Array, n: int) -> tuple[Array, Array]:
    """Where each owner's entries begin, and the entries."""
    order = np.lexsort((entry, owner))
    at = np.searchsorted(owner[order], np.arange(n + 1)).astype(np.int32)
    return at, entry[order].astype(np.int32)


def turned(at: Array, entry: Array, n: int) -> tuple[Array, Array]:
    """The same lists, by entry."""
    owner = np.repeat(np.arange(len(at) - 1, dtype=np.int32), np.diff(at))
    return lists(entry, owner, n)


def _leaves(wide: _Wide, core_of: Index, first: int, targets: int) -> tuple[Array, ...]:
    """The gathered networks that have weight, equal ones as one row."""
    leaf = np.flatnonzero((core_of < 0) & (wide.country >= 0) & (wide.weight > 0))
    number = np.full(wide.size, -1, np.int64)
    number[leaf] = np.arange(len(leaf))
    up = number[wide.customer] >= 0
    provider_at, provider = lists(number[wide.customer[up]], core_of[wide.provider[up]], len(leaf))
    side = (number[wide.looker] >= 0) & (core_of[wide.peer] >= 0)
    peer_at, peer = lists(number[wide.looker[side]], core_of[wide.peer[side]], len(leaf))
    seed = np.zeros((len(leaf), WORDS), np.uint64)
    _mark(seed, np.arange(len(leaf)), wide.country[leaf], first, targets)
    low = (number[wide.looker] >= 0) & (core_of[wide.peer] < 0)
    _mark(seed, number[wide.looker[low]], wide.country[wide.peer[low]], first, targets)
    alone = np.zeros(len(leaf), bool)
    alone[number[wide.looker[low]]] = True
    kept, row_of = alike(provider_at, provider, peer_at, peer, wide.country[leaf], alone)
    weight = np.bincount(row_of, wide.weight[leaf], len(kept)).astype(np.int64)
    return (
        seed[kept], *picked(provider_at, provider, kept), *picked(peer_at, peer, kept),
        wide.country[leaf][kept].astype(np.int32), weight,
    )  # fmt: skip


def alike(
    provider_at: Array, provider: Array, peer_at: Array, peer: Array, country: Array, alone: Array
) -> tuple[Ints, Ints]:
    """One of each kind, and the kind of each: kinds have the same providers, peers and country."""
    ups, sides = np.diff(provider_at), np.diff(peer_at)
    own = alone | (ups + sides > MERGED)
    keys = np.full((len(country), MERGED + 3), -1, np.int64)
    keys[:, 0], keys[:, 1] = country, ups
    keys[own, 2] = np.flatnonzero(own)
    for at, entry, offset in ((provider_at, provider, np.zeros_like(ups)), (peer_at, peer, ups)):
        counts = np.diff(at)
        owner = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(entry)) - np.repeat(at[:-1], counts) + np.repeat(offset, counts)
        fits = ~own[owner]
        keys[owner[fits], 3 + place[fits]] = entry[fits]
    _, kept, kind = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return kept.astype(np.int64), kind.ravel().astype(np.int64)


def picked(at: Array, entry: Array, kept: Ints) -> tuple[Array, Array]:
    counts = np.diff(at)[kept]
    where = np.repeat(at[kept] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), entry[where].astype(np.int32)
