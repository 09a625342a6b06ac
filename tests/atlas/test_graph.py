"""Rows that cannot be right are set aside and counted; what is left has no provider cycle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.atlas.doubt import flipped
from parley.atlas.export import networks_frame, to_networkx
from parley.atlas.generator import Shape, generate
from parley.atlas.graph import draw, levels
from parley.atlas.problems import AtlasProblem

PLACES = {1: ("XA", 5), 2: ("XB", 7), 99: ("XC", 1)}
# name: transit, peerings, reasons with counts, links left
BAD = {
    "a link to itself": ([(1, 1), (1, 2)], [(3, 3), (1, 3)], {"link to itself": 2}, 2),
    "a row told twice": ([(1, 2), (1, 2), (1, 3)], [(4, 5), (5, 4)], {"repeated": 2}, 3),
    "transit and peering": ([(1, 2), (1, 3)], [(2, 1)], {"contradictory": 2}, 1),
    "each the other's provider": ([(1, 2), (2, 1), (1, 3)], [], {"contradictory": 2}, 1),
    "a circle of three": ([(1, 2), (2, 3), (3, 1), (3, 4), (5, 1)], [], {"provider cycle": 3}, 2),
    "two circles": ([(1, 2), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4), (1, 4)], [], {"provider cycle": 6}, 1),
}


@pytest.mark.parametrize("case", BAD)
def test_a_row_that_cannot_be_right_is_set_aside(case: str) -> None:
    """With its reason and its count, and an example to look up."""
    transit, peers, reasons, left = BAD[case]
    graph = draw(*zip(*transit, strict=True), *(zip(*peers, strict=True) if peers else ((), ())), PLACES)
    found = {one.reason: one.count for one in graph.quarantined if one.reason != "placed, without a link"}
    assert found == reasons
    assert graph.links == left
    assert all(one.examples for one in graph.quarantined)
    assert (levels(graph.provider, graph.customer, graph.size) >= 0).all()


def test_a_network_that_a_table_places_and_nobody_links_is_counted() -> None:
    """It is in no graph; a country that has no other is then without data."""
    graph = draw([1], [2], [], [], PLACES)
    assert [(one.reason, one.count, one.examples) for one in graph.quarantined] == [
        ("placed, without a link", 1, ("99",))
    ]
    with pytest.raises(AtlasProblem, match="no data about XC"):
        graph.of_state("XC")


def test_nothing_left_is_said() -> None:
    """Rather than an empty graph."""
    with pytest.raises(AtlasProblem) as found:
        draw([1], [1], [], [], {})
    assert found.value.arguments == {"read": 1, "quarantined": 1}


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=40))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_provider_cycle_survives(pairs: list[tuple[int, int]]) -> None:
    """Whatever rows come."""
    try:
        graph = draw(*zip(*pairs, strict=True), [], [], {})
    except AtlasProblem:
        return
    assert (levels(graph.provider, graph.customer, graph.size) >= 0).all()


def test_the_generator_gives_the_same_graph_for_a_seed_and_so_many_links() -> None:
    """Providers have the lower number, every state is invented: a letter and a digit."""
    shape = Shape(600, 4_000)
    one, again, other = generate(3, shape), generate(3, shape), generate(4, shape)
    assert (one.size, one.links) == (600, 4_000)
    assert np.array_equal(one.provider, again.provider)
    assert np.array_equal(one.peer_a, again.peer_a)
    assert not np.array_equal(one.provider, other.provider)
    assert (one.provider < one.customer).all()
    assert (one.peer_a < one.peer_b).all()
    assert all(code[0].isalpha() and code[1].isdigit() for code in one.countries)
    pairs = {*zip(one.provider.tolist(), one.customer.tolist(), strict=True)} | {
        *zip(one.peer_a.tolist(), one.peer_b.tolist(), strict=True)
    }
    assert len(pairs) == 4_000


@pytest.mark.parametrize("shape", [Shape(10, 100), Shape(1_000, 1_000), Shape(1_000, 900_000)])
def test_a_shape_that_cannot_be_is_refused(shape: Shape) -> None:
    """Too small, too few links, too many."""
    with pytest.raises(AtlasProblem, match="networks, links"):
        generate(1, shape)


def test_flipping_keeps_networks_and_links_and_makes_no_cycle() -> None:
    """A tenth of the links told the other way, by seed."""
    graph = generate(5, Shape(600, 4_000))
    other = flipped(graph, 0.1, 1)
    assert other.links == graph.links
    assert len(other.provider) != len(graph.provider)
    assert (levels(other.provider, other.customer, other.size) >= 0).all()
    assert np.array_equal(other.provider, flipped(graph, 0.1, 1).provider)
    with pytest.raises(AtlasProblem, match="share"):
        flipped(graph, 0.9, 1)


def test_networkx_and_frame_have_every_network_and_link() -> None:
    """Peers in both directions; a network without a place has no country, not an empty one."""
    graph = draw([1], [2], [2], [3], PLACES)
    out = to_networkx(graph)
    assert set(out.edges(data="relationship")) == {(2, 1, "c2p"), (2, 3, "p2p"), (3, 2, "p2p")}
    assert out.nodes[3] == {"country": None, "weight": 0}
    assert networks_frame(graph) == {
        "network": [1, 2, 3], "country": ["XA", "XB", None], "weight": [5, 7, 0], "links": [1, 2, 1]
    }  # fmt: skip
