"""The graph of networks as arrays: who buys transit from whom, who peers, which country, how much address space.

Rows that contradict each other or themselves are quarantined and counted, never repaired by guess. What is left has no
provider cycle: a network is never, over any number of steps, its own provider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from parley.atlas.problems import AtlasProblem

Ints = npt.NDArray[np.int64]
Index = npt.NDArray[np.int32]
UNPLACED = -1
"""The country of a network that no table places."""
SHOWN = 5


@dataclass(frozen=True)
class Quarantined:
    """Rows that were set aside for one reason; `examples` are the first few, as a person can look them up."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Graph:
    """Networks 0..n-1 in ascending order of AS number; links as pairs of those indices.

    `country` indexes `countries` (ISO 3166 alpha-2, ascending) or is UNPLACED; `weight` counts IPv4 addresses, or
    whatever the table that placed the networks counts, as `weighted_by` says.
    """

    asn: Ints
    provider: Index
    customer: Index
    peer_a: Index
    peer_b: Index
    countries: tuple[str, ...]
    country: Index
    weight: Ints
    weighted_by: str = "IPv4 addresses"
    quarantined: tuple[Quarantined, ...] = ()

    @property
    def size(self) -> int:
        """How many networks."""
        return len(self.asn)

    @property
    def links(self) -> int:
        """How many links of both kinds."""
        return len(self.provider) + len(self.peer_a)

    def totals(self) -> Ints:
        """The weight of each country."""
        placed = self.country >= 0
        return np.bincount(self.country[placed], self.weight[placed], len(self.countries)).astype(np.int64)

    def at(self, network: int) -> int:
        """The index of an AS number; raises AtlasProblem("unknown_network")."""
        found = int(np.searchsorted(self.asn, network))
        if found == self.size or self.asn[found] != network:
            raise AtlasProblem("unknown_network", network=network)
        return found

    def state(self, code: str) -> int:
        """The index of a country; raises AtlasProblem("no_data")."""
        if code not in self.countries:
            raise AtlasProblem("no_data", country=code)
        return self.countries.index(code)

    def of_state(self, code: str) -> Index:
        """The networks of a country."""
        return np.flatnonzero(self.country == self.state(code)).astype(np.int32)

    def degree(self) -> Ints:
        """Links of each network."""
        ends = np.concatenate([self.provider, self.customer, self.peer_a, self.peer_b])
        return np.bincount(ends, minlength=self.size).astype(np.int64)

    def top(self, count: int) -> Index:
        """The `count` networks with most links; of equal ones the lower number first."""
        order = np.lexsort((self.asn, -self.degree()))
        return order[:count].astype(np.int32)


def draw(
    provider: Sequence[int] | Ints,
    customer: Sequence[int] | Ints,
    peer_a: Sequence[int] | Ints,
    peer_b: Sequence[int] | Ints,
    places: Mapping[int, tuple[str, int]],
    *,
    weighted_by: str = "IPv4 addresses",
) -> Graph:
    """A graph from AS numbers: transit links (provider, customer), peerings, and network -> (country, weight).

    A network of `places` without a link is left out and counted: nobody could reach it, cut or not.

    Raises:
        AtlasProblem: ``no_links``.
    """
    rows = _rows(provider, customer, peer_a, peer_b)
    rows, aside = _sifted(rows)
    if not len(rows):
        raise AtlasProblem("no_links", read=len(provider) + len(peer_a), quarantined=sum(q.count for q in aside))
    asn, ends = np.unique(rows[:, :2], return_inverse=True)
    ends = ends.reshape(-1, 2).astype(np.int32)
    transit = rows[:, 2] == 1
    ends_transit, circular = _without_cycles(ends[transit], len(asn))
    if len(circular):
        aside.append(_aside("provider cycle", asn[circular]))
    absent = sorted(set(places) - set(asn.tolist()))
    if absent:
        aside.append(Quarantined("placed, without a link", len(absent), tuple(map(str, absent[:SHOWN]))))
    countries, country, weight = _placed(asn, places)
    sold, met = ends_transit, ends[~transit]
    return Graph(
        asn, sold[:, 0], sold[:, 1], met[:, 0], met[:, 1], countries, country, weight, weighted_by, tuple(aside)
    )  # fmt: skip


def _rows(provider: Any, customer: Any, peer_a: Any, peer_b: Any) -> Ints:
    """All links as (one, other, kind): kind 1 is provider to customer, 0 is peering with the lower number first."""
    transit = np.column_stack([np.asarray(provider, np.int64), np.asarray(customer, np.int64)]).reshape(-1, 2)
    peers = np.column_stack([np.asarray(peer_a, np.int64), np.asarray(peer_b, np.int64)]).reshape(-1, 2)
    kinds = np.repeat(np.array([1, 0], np.int64), [len(transit), len(peers)])
    return np.column_stack([np.concatenate([transit, np.sort(peers, axis=1)]), kinds])


def _sifted(rows: Ints) -> tuple[Ints, list[Quarantined]]:
    """The rows that stand, and what was set aside: links to itself, repetitions, pairs told in two ways."""
    aside: list[Quarantined] = []
    itself = rows[:, 0] == rows[:, 1]
    if itself.any():
        aside.append(_aside("link to itself", rows[itself, :2]))
    once, counts = np.unique(rows[~itself], axis=0, return_counts=True)
    if (counts > 1).any():
        aside.append(_aside("repeated", once[counts > 1, :2], int((counts - 1).sum())))
    pairs = np.sort(once[:, :2], axis=1)
    _, inverse, told = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    contradicted = told[inverse.ravel()] > 1
    if contradicted.any():
        aside.append(_aside("contradictory", once[contradicted, :2]))
    return once[~contradicted], aside


def _aside(reason: str, pairs: Ints, count: int | None = None) -> Quarantined:
    examples = tuple(f"{a}-{b}" for a, b in pairs[:SHOWN].tolist())
    return Quarantined(reason, len(pairs) if count is None else count, examples)


def levels(provider: Index, customer: Index, size: int) -> Index:
    """The longest way up from each network, in links; -1 for what is in a provider cycle or below one."""
    level = np.full(size, -1, np.int32)
    open_links = np.bincount(customer, minlength=size)
    by_provider = np.argsort(provider, kind="stable")
    start = np.searchsorted(provider[by_provider], np.arange(size + 1))
    current, depth = np.flatnonzero(open_links == 0), 0
    while len(current):
        level[current] = depth
        below = customer[by_provider[_ranges(start[current], start[current + 1])]]
        np.subtract.at(open_links, below, 1)
        below = np.unique(below)
        current, depth = below[open_links[below] == 0], depth + 1
    return level


def _ranges(starts: npt.NDArray[Any], ends: npt.NDArray[Any]) -> Ints:
    """All whole numbers of the half-open ranges, one range after another."""
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    found: Ints = np.arange(lengths.sum()) + offsets
    return found


def _without_cycles(links: Index, size: int) -> tuple[Index, Index]:
    """The links, and apart those between networks that are each other's indirect providers."""
    level = levels(links[:, 0], links[:, 1], size)
    if (level >= 0).all():
        return links, links[:0]
    inside = _circles(links[(level[links] < 0).all(axis=1)])
    same = np.array([inside.get(a, -1) == inside.get(b, -2) for a, b in links.tolist()])
    return links[~same], links[same]


def _circles(links: Index) -> dict[int, int]:
    """Of each network in a provider cycle, which: strongly connected components by two searches (Kosaraju)."""
    down: dict[int, list[int]] = {}
    up: dict[int, list[int]] = {}
    for a, b in links.tolist():
        down.setdefault(a, []).append(b)
        up.setdefault(b, []).append(a)
    order: list[int] = []
    seen: set[int] = set()
    for start in sorted({*down, *up}):
        _finish(start, down, seen, order)
    member: dict[int, int] = {}
    for start in reversed(order):
        todo = [start] if start not in member else []
        while todo:
            one = todo.pop()
            member[one] = start
            todo.extend(other for other in up.get(one, ()) if other not in member)
    return member


def _finish(start: int, onward: dict[int, list[int]], seen: set[int], order: list[int]) -> None:
    """Append to `order` what is reached from `start`, in the order in which its search ends."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(onward.get(start, ())))]
    while stack:
        one, rest = stack[-1]
        for other in rest:
            if other not in seen:
                seen.add(other)
                stack.append((other, iter(onward.get(other, ()))))
                break
        else:
            stack.pop()
            order.append(one)


def _placed(asn: Ints, places: Mapping[int, tuple[str, int]]) -> tuple[tuple[str, ...], Index, Ints]:
    found = [places.get(one) for one in asn.tolist()]
    countries = tuple(sorted({one[0] for one in found if one is not None}))
    number = {code: i for i, code in enumerate(countries)}
    country = np.array([UNPLACED if one is None else number[one[0]] for one in found], np.int32)
    weight = np.array([0 if one is None else one[1] for one in found], np.int64)
    return countries, country, weight


def relinked(graph: Graph, provider: Index, customer: Index, peer_a: Index, peer_b: Index) -> Graph:
    """The same networks with other links (indices)."""
    return replace(graph, provider=provider, customer=customer, peer_a=peer_a, peer_b=peer_b)
