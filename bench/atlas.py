"""The atlas: ten thousand cuts of the graph of networks, all best routes, the transit influence on every country.

    .venv/bin/python bench/atlas.py [--graph FILE] [--peer-graph FILE] [--peers] --json

Without --graph the graph is generated (79,000 networks, 678,000 links). The timed part of the cuts is everything from
the graph and the list of scenarios to mean and band of every pair of countries: folding, searching, all matrices,
bands. Compilation is told apart. A sample of (scenario, target country) is compared with the plain reference, outside
the timed part. Slow peers run only with --peers and on few pairs; the ratio is then an extrapolation and is called so.
Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from parley.atlas import influence, many, reference, routes
from parley.atlas.generator import generate
from parley.atlas.graph import Graph, draw
from parley.atlas.scenarios import Scenarios, failures
from parley.outside.sources.as_relationships import read_as_relationships
from parley.outside.sources.networks import read_places

TOP, EACH = 2_000, 20
CHECKED = 100
SLOW_PAIRS = 5
PEER_ORIGINS = 100


def main() -> None:
    options = asked()
    told: dict[str, Any] = {"graph": options.graph.name if options.graph else "generated"}
    started = time.perf_counter()
    warm()
    told["compile_s"] = since(started)
    graph = load(options.graph) if options.graph else generate(options.seed)
    told |= {"networks": graph.size, "links": graph.links, "countries": len(graph.countries)}
    scenarios = failures(graph.top(TOP), min(EACH, graph.size), options.scenarios, options.seed)
    told |= cuts(graph, scenarios)
    told["reference_pairs"], told["reference_mismatches"] = checked(graph, scenarios, options.seed)
    told |= best_routes(graph)
    told |= influences(graph)
    if options.peers:
        told |= slow_peers(graph, scenarios, told["seconds"] / (len(scenarios) * len(graph.countries)))
        peer_graph = options.peer_graph or (options.graph and options.graph.with_name("20000101.as-rel.txt"))
        if peer_graph:
            told |= matrix_peer(peer_graph)
    told["peak_mb"] = told.pop("_peak")
    if not options.json:
        for name, value in told.items():
            print(f"{name:28} {value}")
    print(json.dumps(told))


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, help="CAIDA AS relationships, serial-1 or serial-2, plain or bz2")
    parser.add_argument(
        "--peer-graph", type=Path, help="the graph for matrix-bgpsim (20000101.as-rel.txt beside --graph)"
    )
    parser.add_argument("--peers", action="store_true", help="time igraph, NetworkX and matrix-bgpsim too: minutes")
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="nothing but the JSON object")
    return parser.parse_args()


def load(path: Path) -> Graph:
    links, places = read_as_relationships(path), read_places()
    return draw(links.provider, links.customer, links.peer_a, links.peer_b, places.places)


def since(started: float) -> float:
    return round(time.perf_counter() - started, 3)


def peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def warm() -> None:
    """Compile everything on a graph of a few links."""
    many.warm()
    tiny = draw([1, 1], [2, 3], [], [], {1: ("XA", 1), 2: ("XB", 1)})
    routes.all_routes(routes.route_rows(tiny), lambda *_: None, workers=1)
    influence.influence(tiny, workers=1)


# -- the cuts


def cuts(graph: Graph, scenarios: Scenarios) -> dict[str, Any]:
    started = time.perf_counter()
    prepared = many.prepare(graph, scenarios)
    prepare_s = since(started)
    values = np.zeros(many.room_for(prepared), np.uint16)
    many.run(prepared, values, many.blocks_of(prepared.count))
    run_s = since(started) - prepare_s
    bands = many.bands(values, graph.countries, graph.countries)
    seconds = since(started)
    global VALUES
    VALUES = values
    bandwidth = copied_gb_s()
    written = values.nbytes
    return {
        "scenarios": len(scenarios), "cut_each": EACH, "seconds": seconds, "prepare_s": prepare_s,
        "search_s": round(run_s, 3), "bands_s": round(seconds - prepare_s - run_s, 3),
        "mean_loss": round(float(bands.mean.mean()) / reference.TOTAL, 6), "step": f"1/{reference.TOTAL}",
        "matrices_gb": round(written / 1e9, 3), "_peak": peak_mb(),
        # least traffic: every matrix written once and read once for its band; the folded graph stays in the caches
        "bandwidth_gb_s": round(2 * written / seconds / 1e9, 2), "copy_gb_s": bandwidth,
        "floor_seconds": round(2 * written / bandwidth / 1e9, 3),
    }  # fmt: skip


def copied_gb_s() -> float:
    """What two threads copy, read plus written bytes a second, the median of five."""
    from concurrent.futures import ThreadPoolExecutor

    source, into = np.ones((2, 32 << 20), np.uint8), np.ones((2, 32 << 20), np.uint8)
    rates = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            started = time.perf_counter()
            list(pool.map(lambda i: np.copyto(into[i], source[i]), range(2)))
            rates.append(2 * source.nbytes / (time.perf_counter() - started) / 1e9)
    return round(statistics.median(rates), 2)


def world_of(graph: Graph) -> reference.World:
    """The same graph for the reference."""
    name = graph.asn.tolist()
    links = {(name[a], name[b]) for a, b in zip(graph.provider.tolist(), graph.customer.tolist(), strict=True)}
    peerings = {(name[a], name[b]) for a, b in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True)}
    placed = np.flatnonzero(graph.country >= 0).tolist()
    country = {name[i]: graph.countries[graph.country[i]] for i in placed}
    return reference.World(links, peerings, country, {name[i]: int(graph.weight[i]) for i in placed})


WORLD: reference.World
TOTALS: dict[str, int]
VALUES: Any


def checked(graph: Graph, scenarios: Scenarios, seed: int) -> tuple[int, int]:
    """Columns of so many matrices (a scenario, a target country) against the reference, entry for entry."""
    global WORLD, TOTALS
    WORLD, TOTALS = world_of(graph), dict(zip(graph.countries, graph.totals().tolist(), strict=True))
    choice = random.Random(seed)
    listed = list(scenarios)
    pairs = [(choice.randrange(len(listed)), choice.choice(graph.countries)) for _ in range(CHECKED)]
    tasks = [(target, frozenset(graph.asn[listed[scenario][0]].tolist())) for scenario, target in pairs]
    with ProcessPoolExecutor(2) as pool:
        columns = list(pool.map(one_column, tasks, chunksize=5))
    wrong = 0
    for (scenario, target), column in zip(pairs, columns, strict=True):
        found = VALUES[:, graph.state(target), scenario]
        wrong += sum(int(found[i]) != column[code] for i, code in enumerate(graph.countries))
    return len(pairs), wrong


def one_column(task: tuple[str, frozenset[int]]) -> dict[str, int]:
    lost = reference.lost_weight(WORLD, *task)
    return {code: reference.steps(lost[code], total) for code, total in TOTALS.items()}


# -- routes and influence


def best_routes(graph: Graph) -> dict[str, Any]:
    """Every route to every origin: class, length and next hop of each are written out."""
    counts = np.zeros((2, 10), np.int64)

    def consume(origins: Any, kinds: Any, lengths: Any, hops: Any) -> None:
        del origins, lengths, hops
        counts[0] += np.bincount(kinds[0], minlength=10)  # one row of each block: the streaming is what is measured

    started = time.perf_counter()
    rows = routes.route_rows(graph)
    routes.all_routes(rows, consume)
    seconds = since(started)
    return {
        "routes_s": seconds,
        "route_pairs": graph.size * (graph.size - 1),
        "route_searches": len(np.unique(rows.place)),
    }


def influences(graph: Graph) -> dict[str, Any]:
    started = time.perf_counter()
    found = influence.influence(graph)
    return {"influence_s": since(started), "influence_countries": len(found)}


# -- slow peers


def slow_peers(graph: Graph, scenarios: Scenarios, ours_each: float) -> dict[str, Any]:
    """igraph and NetworkX on a few pairs of scenario and target country, and what the whole would take."""
    import igraph
    import networkx

    n = graph.size
    climb, descend = np.arange(n), np.arange(n) + n  # two layers: still climbing; descending
    edges = np.concatenate([
        np.column_stack([climb[graph.customer], climb[graph.provider]]),
        np.column_stack([descend[graph.provider], descend[graph.customer]]),
        np.column_stack([climb, descend]),
        np.column_stack([climb[graph.peer_a], descend[graph.peer_b]]),
        np.column_stack([climb[graph.peer_b], descend[graph.peer_a]]),
    ])  # fmt: skip
    backwards = edges[:, ::-1]  # from the target back to whoever reaches it
    listed = list(scenarios)
    big_i = igraph.Graph(n=2 * n + 1, edges=backwards.tolist(), directed=True)
    big_x = networkx.DiGraph(backwards.tolist())
    big_x.add_node(2 * n)
    totals: dict[str, list[float]] = {"igraph": [], "networkx": []}
    for k in range(SLOW_PAIRS):
        gone = set(listed[k][0].tolist())
        home = [i for i in np.flatnonzero(graph.country == k % len(graph.countries)).tolist() if i not in gone]
        dead = gone | {one + n for one in gone}
        started = time.perf_counter()
        kept = [v for v in range(2 * n + 1) if v not in dead]
        part = big_i.induced_subgraph(kept)
        place = {old: new for new, old in enumerate(kept)}
        root = part.add_vertex().index
        part.add_edges([(root, place[one + n]) for one in home])
        part.subcomponent(root, mode="out")
        totals["igraph"].append(time.perf_counter() - started)
        started = time.perf_counter()
        big_x.add_edges_from((2 * n, one + n) for one in home)
        networkx.descendants(networkx.restricted_view(big_x, dead, []), 2 * n)
        totals["networkx"].append(time.perf_counter() - started)
        big_x.remove_node(2 * n)
    pairs = len(scenarios) * len(graph.countries)
    told: dict[str, Any] = {"peer_pairs": SLOW_PAIRS}
    for name, times in totals.items():
        each = statistics.median(times)
        told[f"{name}_pair_s"] = round(each, 4)
        told[f"{name}_hours_extrapolated"] = round(each * pairs / 3600, 1)
        told[f"{name}_ratio_extrapolated"] = round(each / ours_each)
    return told


def matrix_peer(path: Path) -> dict[str, Any]:
    """matrix-bgpsim on its own scale: time, and every pair's class and length against ours."""
    from matrix_bgpsim import RMatrix

    started = time.perf_counter()
    peer = RMatrix(str(path))
    peer.run(n_jobs=2, max_iter=32, save_next_hop=False, backend="cpu")
    peer_s = since(started)
    links = read_as_relationships(path)
    graph = draw(links.provider, links.customer, links.peer_a, links.peer_b, {})
    started = time.perf_counter()
    rows = routes.route_rows(graph)
    routes.all_routes(rows, lambda *_: None)
    ours_s = since(started)
    return {
        "peer_graph": path.name, "peer_networks": graph.size, "matrix_bgpsim_s": peer_s, "ours_on_peer_graph_s": ours_s,
        "matrix_bgpsim_ratio": round(peer_s / ours_s, 1), **compared(graph, rows, peer),
    }  # fmt: skip


def compared(graph: Graph, rows: Any, peer: Any) -> dict[str, Any]:
    """Class and length of the routes to a sample of origins from every network."""
    classes = {peer.P2C: 1, peer.P2P: 2, peer.C2P: 3, None: 9}
    origins = np.random.default_rng(0).choice(graph.size, PEER_ORIGINS, replace=False).astype(np.int32)
    wrong = pairs = 0
    names = [str(one) for one in graph.asn[rows.column].tolist()]

    def compare(those: Any, kinds: Any, lengths: Any, hops: Any) -> None:
        nonlocal wrong, pairs
        for row, origin in enumerate(those.tolist()):
            own = str(graph.asn[origin])
            for column, name in enumerate(names):
                if name != own:
                    kind, length = peer.get_state(name, own)
                    length = length if kind is not None else 0  # documented as 0 for no route; the peer gives 63
                    pairs += 1
                    wrong += (classes[kind], length) != (kinds[row, column], lengths[row, column])

    routes.routes_of(rows, origins, compare, workers=1)
    return {"peer_pairs_compared": pairs, "peer_pairs_different": int(wrong)}


if __name__ == "__main__":
    main()
