"""What would hurt a country most, and which one new provider would help most, beside each other: something to mend.

Harm is the share of all other countries' weight that the country no longer reaches, on average over its own weight.
Searched are the country's own networks that sell transit, everybody above them, and those with most links, up to a
limit that is told. Reach is not submodular (two spare providers count only when both are gone), so greedy choice has
no guarantee of 63 %; the bound beside it is the harm when all of the searched networks fail at once, which no choice
among them can exceed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as choices
from math import comb

import numpy as np

from parley.atlas import many
from parley.atlas.folded import Array
from parley.atlas.graph import Graph, Index, relinked
from parley.atlas.problems import AtlasProblem
from parley.atlas.reference import TOTAL
from parley.atlas.scenarios import Link, combinations

EXACT_UP_TO = 20_000
SEARCHED = 400
HELD_BY, HELPERS = 8, 12


@dataclass(frozen=True)
class Worst:
    """AS numbers that fail together, chosen from `among`; `exact`: every choice among those was tried."""

    country: str
    networks: tuple[int, ...]
    harm: float
    steps: tuple[float, ...]
    exact: bool
    bound: float
    among: tuple[int, ...]

    @property
    def searched(self) -> int:
        """How many networks were searched."""
        return len(self.among)


@dataclass(frozen=True)
class Remedy:
    """One new link, customer and provider by AS number, and the harm of the same failures with it."""

    customer: int
    provider: int
    harm: float
    without: float
    tried: int


def worst(graph: Graph, code: str, k: int, *, searched: int = SEARCHED) -> Worst:
    """The k failures that harm a country most, exactly where all choices can be tried, else greedily.

    Raises:
        AtlasProblem: ``no_data``, ``too_few``, ``bad_setting``.
    """
    if k < 1:
        raise AtlasProblem("bad_setting", field="k", rule="at least 1")
    among = candidates(graph, code, searched)
    if k > len(among):
        raise AtlasProblem("too_few", asked=k, there=len(among))
    bound = float(harms(graph, code, [among.tolist()])[0])
    if comb(len(among), k) <= EXACT_UP_TO:
        sets = [list(one) for one in choices(among.tolist(), k)]
        tried = harms(graph, code, sets)
        best = int(tried.argmax())
        return _worst(graph, code, sets[best], (float(tried[best]),), True, bound, among)
    chosen: list[int] = []
    steps: list[float] = []
    for _ in range(k):
        rest = [one for one in among.tolist() if one not in chosen]
        tried = harms(graph, code, [[*chosen, one] for one in rest])
        chosen.append(rest[int(tried.argmax())])
        steps.append(float(tried.max()))
    return _worst(graph, code, chosen, tuple(steps), False, bound, among)


def _worst(
    graph: Graph, code: str, chosen: list[int], steps: tuple[float, ...], exact: bool, bound: float, among: Index
) -> Worst:
    networks = tuple(int(graph.asn[one]) for one in chosen)
    return Worst(code, networks, steps[-1], steps, exact, bound, tuple(graph.asn[among].tolist()))


def candidates(graph: Graph, code: str, limit: int = SEARCHED) -> Index:
    """Whose failure can matter: all above the country's networks, then those with most links."""
    home = graph.country == graph.state(code)
    above, frontier = np.zeros(graph.size, bool), home.copy()
    while frontier.any():
        up = np.zeros(graph.size, bool)
        up[graph.provider[frontier[graph.customer]]] = True
        frontier = up & ~above
        above |= up
    degree = graph.degree()
    order = np.lexsort((graph.asn, -degree, ~above))
    return np.sort(order[:limit]).astype(np.int32)


def harms(graph: Graph, code: str, sets: list[list[int]], links: list[list[Link]] | None = None) -> Array:
    """Harm to `code` of each set of failures."""
    links = links or [[] for _ in sets]
    prepared = many.prepare(graph, combinations(list(zip(sets, links, strict=True))))
    state, totals = graph.state(code), graph.totals()
    others = np.delete(totals, state)
    found = np.zeros(len(sets))
    for begin in range(0, len(sets), many.BLOCK):
        end = min(begin + many.BLOCK, len(sets))
        steps = np.delete(many.matrices(prepared, begin, end)[state], state, axis=0)
        found[begin:end] = (steps * others[:, None]).sum(axis=0) / max(int(others.sum()), 1) / TOTAL
    return found


def remedy(graph: Graph, found: Worst) -> Remedy | None:
    """The one new provider that would help most against those failures; None if none of those tried helps.

    Tried are the country's heaviest networks that stand and sell or carry most, each with the standing networks that
    have most links anywhere. All new links are drawn at once; a scenario is the failures with all new links but one
    cut.
    """
    failed = [graph.at(one) for one in found.networks]
    pairs = _new_links(graph, found.country, failed)
    if not pairs:
        return None
    cuts = [[pair for pair in pairs if pair != one] for one in pairs]
    tried = harms(with_providers(graph, pairs), found.country, [failed] * (len(pairs) + 1), [pairs, *cuts])
    best = int(tried[1:].argmin())
    if tried[1 + best] >= tried[0]:
        return None
    high, low = pairs[best]
    return Remedy(int(graph.asn[low]), int(graph.asn[high]), float(tried[1 + best]), float(tried[0]), len(pairs))


def with_providers(graph: Graph, pairs: Sequence[Link]) -> Graph:
    """The graph with new transit links, pairs of (provider, customer) by index."""
    provider, customer = (np.array(ends, np.int32) for ends in zip(*pairs, strict=True))
    return relinked(
        graph, np.concatenate([graph.provider, provider]), np.concatenate([graph.customer, customer]), graph.peer_a,
        graph.peer_b,
    )  # fmt: skip


def closes_circle(graph: Graph, provider: int, customer: int) -> bool:
    """Whether the customer already serves, over any number of steps, who would become its provider."""
    return bool(_cone(graph, customer)[provider])


def _new_links(graph: Graph, code: str, failed: list[int]) -> list[Link]:
    """Pairs (provider, customer) that are not linked and whose provider is not already below the customer."""
    state = graph.state(code)
    below = {one: _cone(graph, one) for one in _heaviest(graph, state, failed)}
    helpers = [int(one) for one in graph.top(HELPERS * 4) if one not in failed and graph.country[one] != state][
        :HELPERS
    ]
    linked = set(zip(graph.provider.tolist(), graph.customer.tolist(), strict=True))
    linked |= {(b, a) for a, b in linked}
    for a, b in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True):
        linked |= {(a, b), (b, a)}
    return [(h, own) for own, cone in below.items() for h in helpers if (h, own) not in linked and not cone[h]]


def _heaviest(graph: Graph, state: int, failed: list[int]) -> list[int]:
    """Own networks that stand, by what they and their direct customers at home weigh."""
    home = graph.country == state
    held = graph.weight * home
    inside = home[graph.provider] & home[graph.customer]
    carried = held + np.bincount(graph.provider[inside], held[graph.customer[inside]], graph.size).astype(np.int64)
    order = np.argsort(-carried, kind="stable")
    return [int(one) for one in order[: HELD_BY * 4] if home[one] and carried[one] and one not in failed][:HELD_BY]


def _cone(graph: Graph, one: int) -> Array:
    """Whom a network serves, over any number of steps, and itself: none of them may become its provider."""
    cone = np.zeros(graph.size, bool)
    frontier = cone.copy()
    frontier[one] = True
    while frontier.any():
        cone |= frontier
        down = np.zeros(graph.size, bool)
        down[graph.customer[frontier[graph.provider]]] = True
        frontier = down & ~cone
    return cone
