"""The slow, obvious answer: plain sets and loops, one page, no library. Where the fast engine differs, this is right.

A path is valley-free (Gao 2001) if it climbs from customer to provider, crosses at most one link between peers, and
then only descends from provider to customer. A network reaches a country if a valley-free path of networks that still
stand leads to at least one network of that country; a network reaches itself, and one that is cut reaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

TOTAL = 65_535
"""A country's total loss; losses are whole steps of 1/65,535 of its weight, the nearest one, a half rounds up."""


@dataclass
class World:
    """Networks by number. `links` holds (provider, customer); `peerings` holds pairs in any order."""

    links: set[tuple[int, int]]
    peerings: set[tuple[int, int]]
    country: dict[int, str]
    weight: dict[int, int]
    providers: dict[int, set[int]] = field(default_factory=dict)
    customers: dict[int, set[int]] = field(default_factory=dict)
    peers: dict[int, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for a, b in self.links:
            self.customers.setdefault(a, set()).add(b)
            self.providers.setdefault(b, set()).add(a)
        for a, b in self.peerings:
            self.peers.setdefault(a, set()).add(b)
            self.peers.setdefault(b, set()).add(a)

    @property
    def networks(self) -> set[int]:
        """Every network that has a link or a country."""
        return set(self.customers) | set(self.providers) | set(self.peers) | set(self.country)


Link = frozenset[int]
"""The two ends of a link, in no order."""
NOBODY: Set[int] = frozenset()


def reaching(world: World, targets: Iterable[int], gone: Set[int] = NOBODY, lost: Set[Link] = frozenset()) -> set[int]:
    """The networks with a valley-free path to at least one of `targets`, themselves included.

    The path avoids the networks of `gone` and the links of `lost`; a network that is gone reaches nothing.
    """

    def spread(found: set[int], onward: dict[int, set[int]], further: bool = True) -> set[int]:
        todo = list(found)
        while todo:
            one = todo.pop()
            for other in onward.get(one, ()):
                if other not in found and other not in gone and frozenset((one, other)) not in lost:
                    found.add(other)
                    if further:
                        todo.append(other)
        return found

    descends = spread(set(targets) - gone, world.providers)  # each of their providers can descend to a target
    crosses = spread(set(descends), world.peers, further=False)  # at most one peering
    return spread(crosses, world.customers)  # each customer can climb first


def lost_weight(
    world: World, target: str, networks: Set[int] = NOBODY, links: Iterable[tuple[int, int]] = ()
) -> dict[str, int]:
    """For each country, the weight of its networks that reached `target` before the cut and do not after it."""
    home = {one for one, country in world.country.items() if country == target}
    before = reaching(world, home)
    after = reaching(world, home, networks, {frozenset(link) for link in links})
    lost = dict.fromkeys(world.country.values(), 0)
    for one in before - after:
        if one in world.country:
            lost[world.country[one]] += world.weight.get(one, 0)
    return lost


def steps(lost: int, total: int) -> int:
    """`lost` of `total` in steps of 1/65,535, to the nearest; without weight nothing can be told to be lost."""
    return (2 * TOTAL * lost + total) // (2 * total) if total else 0


def matrix(
    world: World, networks: Set[int] = frozenset(), links: Iterable[tuple[int, int]] = ()
) -> dict[str, dict[str, int]]:
    """Steps of reach lost by each country (first key) to each country (second key)."""
    codes = sorted(set(world.country.values()))
    total = dict.fromkeys(codes, 0)
    for one, code in world.country.items():
        total[code] += world.weight.get(one, 0)
    by_target = {target: lost_weight(world, target, networks, links) for target in codes}
    return {a: {b: steps(by_target[b][a], total[a]) for b in codes} for a in codes}


CLASSES = ("self", "customer", "peer", "provider")


def best_routes(world: World, origin: int) -> dict[int, tuple[str, int, int]]:
    """Of each network that has a route to `origin`: its class, its length in links, its next hop.

    A route over a customer is preferred to one over a peer, that to one over a provider; then the shortest; then the
    lowest number of the next hop. A network tells customers its best route, and providers and peers only routes of its
    own customers (Gao and Rexford 2001).
    """
    best = {origin: ("self", 0, origin)}
    changed = True
    while changed:
        changed = False
        for one in sorted(world.networks - {origin}):
            offers = []
            for name, neighbours in (
                ("customer", world.customers),
                ("peer", world.peers),
                ("provider", world.providers),
            ):
                for other in neighbours.get(one, ()):
                    if other in best and (name == "provider" or best[other][0] in ("self", "customer")):
                        offers.append((CLASSES.index(name), best[other][1] + 1, other))
            if offers:
                kind, length, hop = min(offers)
                if best.get(one) != (CLASSES[kind], length, hop):
                    best[one] = (CLASSES[kind], length, hop)
                    changed = True
    return best
