"""What is cut together: networks, links, the networks of a state; one cut, or many drawn from a seed.

Numbers are drawn with NumPy's PCG64 from the seed given; the same seed and NumPy's `Generator` give the same scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parley.atlas.graph import Graph, Index
from parley.atlas.problems import AtlasProblem

Link = tuple[int, int]
ATTEMPTS = 10_000_000
"""At most so many networks are drawn in all: more is a mistake in a setting."""


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Scenario i cuts networks[at[i]:at[i+1]] and the links of `links[i]`, if there are any (graph indices)."""

    at: Index
    networks: Index
    links: tuple[tuple[Link, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.at) - 1

    def __iter__(self) -> Iterator[tuple[Index, tuple[Link, ...]]]:
        for i in range(len(self)):
            yield self.networks[self.at[i] : self.at[i + 1]], self.links[i] if self.links else ()

    def networks_cut(self) -> Index:
        """Every network that any scenario cuts."""
        return np.unique(self.networks)

    def links_cut(self) -> list[Link]:
        """Every link that any scenario cuts."""
        return sorted({link for links in self.links for link in links})


def combinations(cuts: Sequence[tuple[Sequence[int], Sequence[Link]]]) -> Scenarios:
    """Scenarios as listed: the networks and links of each."""
    at = np.concatenate([[0], np.cumsum([len(networks) for networks, _ in cuts])]).astype(np.int32)
    networks = [one for ones, _ in cuts for one in sorted(ones)]
    links = tuple(tuple(sorted(ones)) for _, ones in cuts)
    return Scenarios(at, np.array(networks, np.int32), links if any(links) else ())


def failures(among: Sequence[int] | Index, each: int, count: int, seed: int) -> Scenarios:
    """`count` scenarios, in each of which `each` different networks of `among` fail, every choice equally likely.

    Raises:
        AtlasProblem: ``too_few``, ``bad_setting``.
    """
    among = np.unique(np.asarray(among, np.int32))
    if each < 1 or count < 1:
        raise AtlasProblem("bad_setting", field="failures" if each < 1 else "scenarios", rule="at least 1")
    if each > len(among):
        raise AtlasProblem("too_few", asked=each, there=len(among))
    if each * count > ATTEMPTS:
        raise AtlasProblem("bad_setting", field="scenarios", rule=f"at most {ATTEMPTS:,} failures in all")
    draw = np.random.default_rng(seed)
    chosen = np.stack([draw.choice(among, each, replace=False, shuffle=False) for _ in range(count)])
    return Scenarios(
        np.arange(0, each * count + 1, each, dtype=np.int32), np.sort(chosen, axis=1).ravel().astype(np.int32)
    )


def networks_of(graph: Graph, networks: Sequence[int] = (), states: Sequence[str] = ()) -> Index:
    """Indices of the networks named by AS number and of all networks of the states.

    Raises:
        AtlasProblem: ``unknown_network``, ``no_data``.
    """
    named = [graph.at(one) for one in networks]
    parts = [np.array(named, np.int32), *(graph.of_state(code) for code in states)]
    return np.unique(np.concatenate(parts)).astype(np.int32)
