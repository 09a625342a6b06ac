"""Runs of many scenarios: interrupted and resumed, one target alone, more states than a row has bits, on Dask."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from concurrent.futures import Executor

import numpy as np
import pytest

from parley.atlas import many
from parley.atlas.generator import Shape, generate
from parley.atlas.graph import Graph, draw
from parley.atlas.problems import AtlasProblem
from parley.atlas.reference import World, lost_weight, steps
from parley.atlas.scenarios import Scenarios, combinations, failures

COUNT = 2 * many.BLOCK + 37


@pytest.fixture(scope="module")
def graph() -> Graph:
    return generate(11, Shape(500, 3_000))


@pytest.fixture(scope="module")
def scenarios(graph: Graph) -> Scenarios:
    return failures(graph.top(60), 6, COUNT, 7)


@pytest.fixture(scope="module")
def whole(graph: Graph, scenarios: Scenarios) -> np.ndarray:
    return many.matrices(many.prepare(graph, scenarios), 0, COUNT)


def world_of(graph: Graph) -> World:
    name = graph.asn.tolist()
    return World(
        {(name[a], name[b]) for a, b in zip(graph.provider.tolist(), graph.customer.tolist(), strict=True)},
        {(name[a], name[b]) for a, b in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True)},
        {name[i]: graph.countries[c] for i, c in enumerate(graph.country.tolist())},
        dict(zip(name, graph.weight.tolist(), strict=True)),
    )


def test_a_graph_of_two_hundred_states_agrees_with_the_reference(
    graph: Graph, scenarios: Scenarios, whole: np.ndarray
) -> None:
    """Forty seeded pairs of scenario and target, every losing state of each."""
    world, totals, choice = world_of(graph), graph.totals().tolist(), random.Random(1)
    listed = list(scenarios)
    assert len(graph.countries) > 64  # more than one word of bits
    for _ in range(40):
        k, target = choice.randrange(COUNT), choice.randrange(len(graph.countries))
        lost = lost_weight(world, graph.countries[target], frozenset(graph.asn[listed[k][0]].tolist()))
        assert [steps(lost[c], t) for c, t in zip(graph.countries, totals, strict=True)] == whole[:, target, k].tolist()


class Interrupted(Executor):
    """Runs what is submitted, until it has had enough."""

    def __init__(self, left: int) -> None:
        self.left = left

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        from concurrent.futures import Future

        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        future: Future[object] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_an_interrupted_run_goes_on_where_it_was(graph: Graph, scenarios: Scenarios, whole: np.ndarray) -> None:
    """What is done is not done again, and the end is the same as without the interrupt."""
    prepared = many.prepare(graph, scenarios)
    values, done = np.zeros(many.room_for(prepared), np.uint16), many.blocks_of(COUNT)
    told: list[tuple[int, int]] = []
    done[1] = 1  # as if one block had been done before
    values[:, :, many.BLOCK : 2 * many.BLOCK] = whole[:, :, many.BLOCK : 2 * many.BLOCK]
    with pytest.raises(KeyboardInterrupt):
        many.run(prepared, values, done, executor=Interrupted(1))
    many.run(prepared, values, done, progress=lambda now, of: told.append((now, of)))
    assert done.all()
    assert np.array_equal(values, whole)
    assert told[0] == (many.BLOCK, COUNT)
    assert told[-1] == (COUNT, COUNT)


def test_one_target_alone_gives_its_column(graph: Graph, scenarios: Scenarios, whole: np.ndarray) -> None:
    """Any column of the whole matrices, worked out by itself."""
    for target in (0, 70, len(graph.countries) - 1):
        found = many.matrices(many.prepare(graph, scenarios, graph.countries[target]), 0, COUNT)
        assert np.array_equal(found[:, 0], whole[:, target])


def test_more_states_than_a_row_has_bits_are_done_in_groups() -> None:
    """Three hundred states of one network each under two tops."""
    codes = [f"{a}{b}" for a in "ABCDEFGHIJKLMNOPQRST" for b in "ABCDEFGHIJKLMNO"]
    leaves = list(range(3, 303))
    places = {one: (code, 1) for one, code in zip(leaves, codes, strict=True)}
    graph = draw([1] * 150 + [2] * 150, leaves, [1], [2], places)
    found = many.matrices(many.prepare(graph, combinations([([graph.at(1)], []), ([], [(0, 1)])])), 0, 2)
    under_1 = np.isin(graph.countries, [places[one][0] for one in leaves[:150]])
    expected = np.full((300, 300), 65_535)
    expected[~under_1[:, None] & ~under_1[None, :]] = 0
    np.fill_diagonal(expected, 0)
    assert np.array_equal(found[:, :, 0], expected)
    expected[under_1[:, None] & under_1[None, :]] = 0
    assert np.array_equal(found[:, :, 1], expected)


def test_bands_are_ranks_of_the_values() -> None:
    """The p-th percentile is the smallest value that p in a hundred do not exceed; against sorting."""
    draw_ = np.random.default_rng(3)
    for count in (1, 2, 19, 20, 100, 1_003):
        values = draw_.integers(0, 65_536, (3, 4, count)).astype(np.uint16)
        values[0] //= 9_000
        values[1, 1] = 0
        found = many.bands(values, ("XA", "XB", "XC"), ("a", "b", "c", "d"), workers=1)
        ordered = np.sort(values, axis=2)
        assert np.array_equal(found.low, ordered[:, :, max(1, math.ceil(count * 5 / 100)) - 1])
        assert np.array_equal(found.high, ordered[:, :, max(1, math.ceil(count * 95 / 100)) - 1])
        assert np.allclose(found.mean, values.mean(axis=2))


def test_scenarios_that_cannot_be_are_refused(graph: Graph) -> None:
    """More failures than networks, none at all, far too many; matrices larger than the machine allows."""
    for among, each, count, key in (
        ([1, 2], 3, 1, "too_few"),
        ([1, 2], 0, 1, "bad_setting"),
        (range(9), 9, 2_000_000, "bad_setting"),
    ):
        with pytest.raises(AtlasProblem) as found:
            failures(list(among), each, count, 1)
        assert found.value.key == f"atlas.{key}"
    with pytest.raises(AtlasProblem) as found:
        many.room_for(many.prepare(graph, failures([1, 2], 1, 50_000, 1)), limit_mb=100)
    assert found.value.key == "atlas.too_many_pairs"


@pytest.fixture(scope="module")
def dask_client() -> Iterator[object]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_dask_cluster_gives_identical_results(
    graph: Graph, scenarios: Scenarios, whole: np.ndarray, dask_client: object
) -> None:
    """The same scenarios in the same order through the client's executor."""
    prepared = many.prepare(graph, scenarios)
    values, done = np.zeros(many.room_for(prepared), np.uint16), many.blocks_of(COUNT)
    many.run(prepared, values, done, executor=dask_client.get_executor())  # type: ignore[attr-defined]
    assert done.all()
    assert np.array_equal(values, whole)
