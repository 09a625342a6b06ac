"""Sheets from influence: of every country its networks, on whom it depends, how far that could be otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from parley.atlas.folded import Array
from parley.atlas.graph import Graph
from parley.atlas.influence import Influence, banded, concentration, foreign
from parley.atlas.sheet import NameServers, Row, Sheet

SHOWN = 15
Servers = tuple[tuple[str, str, int], ...]


def sheets(
    graph: Graph,
    base: Sequence[Influence],
    others: Sequence[Sequence[Influence]],
    names: Mapping[int, str],
    servers: Mapping[str, Servers],
    variants: str,
) -> list[Sheet]:
    """A sheet for every country of `base`; `others` are the same countries under each variant."""
    providers = np.bincount(graph.customer, minlength=graph.size)
    return [
        _sheet(graph, found, [other[i] for other in others], names, servers, variants, providers)
        for i, found in enumerate(base)
    ]


def _sheet(
    graph: Graph, found: Influence, others: list[Influence], names: Mapping[int, str], servers: Mapping[str, Servers],
    variants: str, providers: Array,
) -> Sheet:  # fmt: skip
    state = graph.state(found.country)
    here = graph.country == state
    shares, states = foreign(graph, found), found.states.copy()
    states[state] = 0
    top = [int(i) for i in np.argsort(-shares, kind="stable")[:SHOWN] if shares[i] > 0]
    top_states = [int(i) for i in np.argsort(-states, kind="stable")[:SHOWN] if states[i] > 0]
    ends = ((graph.provider, graph.customer), (graph.peer_a, graph.peer_b))
    abroad = sum(int((here[a] != here[b]).sum()) for a, b in ends)
    return Sheet(
        found.country, int(here.sum()), int(graph.weight[here].sum()), int((here & (providers == 1)).sum()), abroad,
        tuple(_network(graph, i, shares, others, names) for i in top),
        tuple(_state(graph, i, states, others) for i in top_states),
        concentration(shares.tolist()), concentration(states.tolist()),
        _servers(found.country, servers.get(found.country)), found.monitors, variants,
    )  # fmt: skip


def _network(graph: Graph, i: int, shares: Array, others: list[Influence], names: Mapping[int, str]) -> Row:
    number = int(graph.asn[i])
    at = int(graph.country[i])
    low, high = banded(float(shares[i]), [float(other.networks[i]) for other in others])
    return Row(
        f"AS{number}", names.get(number, ""), graph.countries[at] if at >= 0 else "", float(shares[i]), low, high
    )


def _state(graph: Graph, i: int, states: Array, others: list[Influence]) -> Row:
    low, high = banded(float(states[i]), [float(other.states[i]) for other in others])
    return Row(graph.countries[i], "", graph.countries[i], float(states[i]), low, high)


def _servers(country: str, rows: Servers | None) -> NameServers | None:
    if not rows:
        return None
    by_state: dict[str, int] = {}
    for _, state, _ in rows:
        by_state[state] = by_state.get(state, 0) + 1
    ordered = tuple(sorted(by_state.items(), key=lambda pair: (-pair[1], pair[0])))
    return NameServers(
        len(rows),
        by_state.get(country, 0),
        len({network for _, _, network in rows}),
        len(by_state),
        ordered,
        concentration(by_state.values()),
    )
