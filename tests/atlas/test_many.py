"""The fast engine gives, bit for bit, what the slow and obvious reference gives."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from parley.atlas import many
from parley.atlas.reference import World, matrix
from parley.atlas.scenarios import combinations
from tests.atlas.worlds import graph_of, worlds


def engine(world: World, cuts: list[tuple[set[int], set[tuple[int, int]]]]) -> list[dict[str, dict[str, int]]]:
    graph = graph_of(world)
    scenarios = combinations(
        [([graph.at(n) for n in networks], [(graph.at(a), graph.at(b)) for a, b in links]) for networks, links in cuts]
    )
    found = many.matrices(many.prepare(graph, scenarios), 0, len(cuts))
    codes = graph.countries
    return [
        {a: {b: int(found[i, j, k]) for j, b in enumerate(codes)} for i, a in enumerate(codes)}
        for k in range(len(cuts))
    ]


@example(World({(1, 2)}, set(), {}, {}), 0)  # no network is placed in any country
@given(worlds(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whole_matrices_of_any_small_world_are_those_of_the_reference(world: World, seed: int) -> None:
    """Some scenarios of one world together: networks, links and both, each compared whole."""
    draw = random.Random(seed)
    linked = sorted({one for pair in world.links | world.peerings for one in pair})
    links = sorted(world.links | world.peerings)
    cuts = [
        (
            set(draw.sample(linked, draw.randint(0, min(5, len(linked))))),
            set(draw.sample(links, draw.randint(0, min(3, len(links))))),
        )
        for _ in range(6)
    ]
    for cut, found in zip(cuts, engine(world, cuts), strict=True):
        assert found == matrix(world, *cut)
