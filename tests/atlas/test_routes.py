"""Best routes are those of the reference: class, length and next hop, for every pair."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

from parley.atlas.reference import CLASSES, World, best_routes
from parley.atlas.routes import all_routes, route_rows
from tests.atlas.worlds import graph_of, worlds


@given(worlds(16))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_routes_of_any_small_world_are_those_of_the_reference(world: World) -> None:
    """Class, length and next hop of every network to every other; none where there is none."""
    graph = graph_of(world)
    rows = route_rows(graph)
    found: dict[int, dict[int, tuple[str, int, int]]] = {}

    def keep(origins: np.ndarray, kinds: np.ndarray, lengths: np.ndarray, hops: np.ndarray) -> None:
        for row, origin in enumerate(origins):
            found[int(graph.asn[origin])] = {
                int(graph.asn[rows.column[v]]): (
                    CLASSES[kinds[row, v]],
                    int(lengths[row, v]),
                    int(graph.asn[hops[row, v]]),
                )
                for v in range(graph.size)
                if kinds[row, v] < len(CLASSES)
            }

    all_routes(rows, keep)
    assert found == {int(one): best_routes(world, int(one)) for one in graph.asn}
