"""Many scenarios: the full matrix of lost reach for each, and for every pair of countries the mean and a band, exact.

A value is a whole number of steps of 1/65,535 of the losing country's weight (nearest; 65,535 is total loss): two
bytes, so that ten thousand matrices of 235 by 235 fit in 1.1 GB. Bands are taken over these values and are exact over
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from parley.atlas import base_kernel, kernel
from parley.atlas.band_kernel import band_rows
from parley.atlas.folded import WIDTH, Array, Folded, Rows, fold
from parley.atlas.graph import Graph, Ints, draw
from parley.atlas.problems import AtlasProblem
from parley.atlas.reference import TOTAL
from parley.atlas.scenarios import Scenarios, failures

BLOCK = 512
"""Scenarios of one piece of work: four batches, so that progress is told often and an interrupt loses little."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every piece of work needs: folded rows of each group of target countries, their base, and the scenarios."""

    groups: tuple[tuple[Rows, Any, Array], ...]
    cut_at: Array
    cut: Array
    countries: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many scenarios."""
        return len(self.cut_at) - 1


@dataclass(frozen=True, eq=False)
class Bands:
    """By country (row: who loses) and target (column: whom it no longer reaches), in steps of 1/65,535."""

    countries: tuple[str, ...]
    targets: tuple[str, ...]
    mean: Array
    low: Array
    high: Array
    scenarios: int
    percentiles: tuple[int, int]


def prepare(graph: Graph, scenarios: Scenarios, target: str | None = None) -> Prepared:
    """Fold the graph for these scenarios; `target` restricts the columns to one country."""
    networks, links = scenarios.networks_cut(), scenarios.links_cut()
    spans = _spans(graph, target)
    folded = [fold(graph, networks, links, first=first, targets=count) for first, count in spans]
    cut_at, cut = _cuts(folded[0], scenarios)
    return Prepared(tuple(_based(one.rows) for one in folded), cut_at, cut, graph.countries)


def _spans(graph: Graph, target: str | None) -> list[tuple[int, int]]:
    if target is not None:
        return [(graph.state(target), 1)]
    total = len(graph.countries)  # none at all, if no network is placed: then one span without columns
    return [(first, min(WIDTH, total - first)) for first in range(0, max(total, 1), WIDTH)]


def _cuts(folded: Folded, scenarios: Scenarios) -> tuple[Array, Array]:
    each = [folded.cut(networks, links) for networks, links in scenarios]
    at = np.concatenate([[0], np.cumsum([len(one) for one in each])]).astype(np.int64)
    return at, np.concatenate([*each, np.zeros(0, np.int32)]).astype(np.int32)


def _based(rows: Rows) -> tuple[Rows, Any, Array]:
    """Rows with neighbours that give most first, what holds without a cut, and the most common answer."""
    down, reach, leaf = base_kernel.base_rows(rows)
    gives = np.bitwise_count(down).sum(axis=1)
    customer = _by_gift(rows.customer_at, rows.customer, gives)
    peer = _by_gift(rows.peer_at, rows.peer, gives)
    base_kernel.in_layers(down, down, rows.customer_at, customer)
    base_kernel.in_layers(down, reach, rows.peer_at, peer)
    kinds, counts = np.unique(reach, axis=0, return_counts=True)
    full = kinds[counts.argmax()] if len(kinds) else np.zeros(4, np.uint64)
    leaf_whole = (leaf == (full | rows.leaf_seed)).all(axis=1).astype(np.uint8)
    return (
        rows._replace(customer=customer, peer=peer),
        (down, reach, leaf, leaf_whole, base_kernel.weight_reaching(rows, reach, leaf)),
        full,
    )


def _by_gift(at: Array, entry: Array, gives: Array) -> Array:
    owner = np.repeat(np.arange(len(at) - 1), np.diff(at))
    return entry[np.lexsort((-gives[entry].astype(np.int64), owner))]


def matrices(prepared: Prepared, begin: int, end: int, out: Array | None = None, column: int = 0) -> Array:
    """Steps of scenarios begin..end-1 as [country, target, scenario]; into `out`, all zero, at `column` if given."""
    targets = sum(rows.targets for rows, _, _ in prepared.groups)
    if out is None:
        out = np.zeros((len(prepared.countries), targets, end - begin), np.uint16)
    row = 0
    for rows, base, full in prepared.groups:
        state = base_kernel.new_state(rows, base, full)
        for start in range(begin, end, kernel.BATCH):
            stop = min(start + kernel.BATCH, end)
            where = (row, column + start - begin)
            kernel.lost_batch(rows, base, full, state, prepared.cut_at, prepared.cut, start, stop, out, *where)
        row += rows.targets
    return out


def run(
    prepared: Prepared,
    values: Array,
    done: Array,
    *,
    workers: int = 2,
    executor: Executor | None = None,
    progress: Progress = lambda done, of: None,
) -> None:
    """Fill values[country, target, scenario] block by block, in any order, and mark each block in `done` afterwards.

    Blocks that are marked are left alone, so a run that was interrupted goes on where it was. With `executor` (that of
    a Dask client, say) blocks are computed there and sent back; otherwise by threads here. The results are the same.
    """
    blocks = [b for b in range(len(done)) if not done[b]]
    progress(prepared.count - sum(map(len, _spans_of(blocks, prepared.count))), prepared.count)
    if executor is None:
        with ThreadPoolExecutor(workers) as pool:
            _spread(pool, prepared, values, done, blocks, progress, here=True)
    else:
        _spread(executor, prepared, values, done, blocks, progress, here=False)


def blocks_of(count: int) -> Array:
    """Nothing done yet, for so many scenarios."""
    return np.zeros(-(-count // BLOCK), np.uint8)


def _spans_of(blocks: Sequence[int], count: int) -> Iterator[range]:
    return (range(b * BLOCK, min((b + 1) * BLOCK, count)) for b in blocks)


def _spread(
    pool: Executor, prepared: Prepared, values: Array, done: Array, blocks: list[int], progress: Progress, *, here: bool
) -> None:
    waiting: dict[Future[Any], int] = {}
    try:
        for block, span in zip(blocks, _spans_of(blocks, prepared.count), strict=True):
            if here:
                future = pool.submit(matrices, prepared, span.start, span.stop, values, span.start)
            else:
                future = pool.submit(matrices, prepared, span.start, span.stop)
            waiting[future] = block
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                block = waiting.pop(future)
                span = next(_spans_of([block], prepared.count))
                if not here:
                    values[:, :, span.start : span.stop] = future.result()
                else:
                    future.result()
                done[block] = 1
                progress(min(int(done.sum()) * BLOCK, prepared.count), prepared.count)
    finally:
        for future in waiting:
            future.cancel()


def bands(
    values: Array,
    countries: tuple[str, ...],
    targets: tuple[str, ...],
    *,
    percentiles: tuple[int, int] = (5, 95),
    workers: int = 2,
) -> Bands:
    """Mean and band of each pair.

    The p-th percentile is the smallest value that p in a hundred scenarios do not exceed.
    """
    count = values.shape[2]
    pairs = values.reshape(-1, count)
    first, last = (max(1, -(-count * p // 100)) for p in percentiles)
    total, low, high = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.uint16), np.zeros(len(pairs), np.uint16)
    edges = np.linspace(0, len(pairs), 8 * workers + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        parts = [
            pool.submit(band_rows, pairs, a, b, first, last, total, low, high) for a, b in pairwise(edges.tolist())
        ]
        for part in parts:
            part.result()
    shape = values.shape[:2]
    mean = (total / max(count, 1)).reshape(shape)
    return Bands(countries, targets, mean, low.reshape(shape), high.reshape(shape), count, percentiles)


def room_for(prepared: Prepared, limit_mb: int = 1800) -> tuple[int, int, int]:
    """The shape of `values`; raises AtlasProblem("too_many_pairs") above `limit_mb`."""
    targets = sum(rows.targets for rows, _, _ in prepared.groups)
    shape = (len(prepared.countries), targets, prepared.count)
    megabytes = 2 * shape[0] * shape[1] * shape[2] >> 20
    if megabytes > limit_mb:
        raise AtlasProblem("too_many_pairs", megabytes=megabytes, limit=limit_mb)
    return shape


def warm() -> None:
    """Compile, or load what was compiled before, on a graph of two links: so that no measured time contains it."""
    graph = draw([1, 1], [2, 3], [], [], {1: ("XA", 1), 2: ("XB", 1)})
    prepared = prepare(graph, failures([0, 1], 1, 2, 0))
    bands(matrices(prepared, 0, 2), graph.countries, graph.countries, workers=1)


def as_share(steps: Array) -> Array:
    """Steps as a share of 1."""
    return steps / TOTAL


def weights(graph: Graph) -> Ints:
    """The weight of each country, for whoever shows shares."""
    return graph.totals()
