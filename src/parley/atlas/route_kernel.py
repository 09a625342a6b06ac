"""The compiled part of best routes and of transit influence: one origin at a time, over the core and kinds of leaves.

A route is packed into one number, length above, rank of the network below, so that the best offer is the smallest
number and ties go to the lowest rank. Three phases (Gao and Rexford): routes over customers spread upwards by length;
peers of those take them; then everybody else in the order of providers before customers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

SHIFT, MASK = 20, (1 << 20) - 1
NEVER = np.int32(0x7FFFFFFF)
LOW = 0xFFFFFFFF  # -1 in the low half
ITSELF, CUSTOMER, PEER, PROVIDER, NO_ROUTE = 0, 1, 2, 3, 9


@njit(cache=True, nogil=True)
def routes_to(r: Any, origin: Any, kind: Any, best: Any, mine: Any, hop: Any, queue: Any) -> Any:
    """Routes of core networks to core network `origin`, or to the leaves of kind -1 - `origin`.

    `best[v]` is (length, rank of v) packed, what v offers to its customers; `mine[v]` the same where v has a route
    over a customer, what it offers to everybody; `hop[v]` the rank of the next hop. Returns how many are in `queue`:
    the networks with a route over a customer, by length.
    """
    rank, provider_at, provider, peer_at, peer = r.rank, r.provider_at, r.provider, r.peer_at, r.peer
    for v in range(len(kind)):
        kind[v], best[v], mine[v], hop[v] = NO_ROUTE, NEVER, NEVER, -1
    count = 0
    if origin >= 0:
        kind[origin], best[origin], mine[origin], hop[origin] = ITSELF, rank[origin], rank[origin], rank[origin]
        queue[0] = origin
        count = 1
    else:
        leaf = -1 - origin
        for e in range(r.leaf_provider_at[leaf], r.leaf_provider_at[leaf + 1]):
            v = r.leaf_provider[e]
            kind[v], hop[v] = CUSTOMER, MASK
            best[v] = mine[v] = (1 << SHIFT) | rank[v]
            queue[count] = v
            count += 1
    at = 0
    while at < count:
        v = queue[at]
        at += 1
        length = (mine[v] >> SHIFT) + 1
        for e in range(provider_at[v], provider_at[v + 1]):
            u = provider[e]
            if kind[u] == NO_ROUTE:
                kind[u], hop[u] = CUSTOMER, rank[v]
                best[u] = mine[u] = (length << SHIFT) | rank[u]
                queue[count] = u
                count += 1
            elif mine[u] >> SHIFT == length and rank[v] < hop[u]:
                hop[u] = rank[v]
    if origin < 0:
        leaf = -1 - origin
        for e in range(r.leaf_peer_at[leaf], r.leaf_peer_at[leaf + 1]):
            v = r.leaf_peer[e]
            if kind[v] == NO_ROUTE:
                kind[v], hop[v] = PEER, MASK
                best[v] = (1 << SHIFT) | rank[v]
    for k in range(count):
        v = queue[k]
        length = (mine[v] >> SHIFT) + 1
        for e in range(peer_at[v], peer_at[v + 1]):
            u = peer[e]
            if kind[u] == NO_ROUTE or (kind[u] == PEER and best[u] >> SHIFT > length):
                kind[u], hop[u] = PEER, rank[v]
                best[u] = (length << SHIFT) | rank[u]
            elif kind[u] == PEER and best[u] >> SHIFT == length and rank[v] < hop[u]:
                hop[u] = rank[v]
    for v in range(len(kind)):
        if kind[v] == NO_ROUTE:
            offer = NEVER
            for e in range(provider_at[v], provider_at[v + 1]):
                offer = min(offer, best[provider[e]])
            if offer != NEVER:
                kind[v], hop[v] = PROVIDER, offer & MASK
                best[v] = (((offer >> SHIFT) + 1) << SHIFT) | rank[v]
    return count


@njit(cache=True, nogil=True)
def leaf_routes(
    provider_at: Any, provider: Any, across_at: Any, across: Any, best: Any, mine: Any, queue: Any, count: Any,
    offers: Any, kinds: Any,
) -> Any:  # fmt: skip
    """The best offer that the neighbours of each kind of leaf make, packed, and its class.

    Few networks have a route over a customer, so they tell the leaves that peer with them rather than being asked.
    """
    for leaf in range(len(offers)):
        offers[leaf] = NEVER
    for q in range(count):
        v = queue[q]
        offer = mine[v]
        for e in range(across_at[v], across_at[v + 1]):
            offers[across[e]] = min(offers[across[e]], offer)
    for leaf in range(len(offers)):
        offer = offers[leaf]
        kinds[leaf] = PEER
        if offer == NEVER:
            for e in range(provider_at[leaf], provider_at[leaf + 1]):
                offer = min(offer, best[provider[e]])
            offers[leaf], kinds[leaf] = offer, PROVIDER if offer != NEVER else NO_ROUTE


@njit(cache=True, nogil=True)
def whole_rows(r: Any, origins: Any, begin: Any, end: Any, kinds: Any, lengths: Any, hops: Any) -> Any:
    """Routes of every network to origins[begin:end] (graph indices, like ones together), a row for each origin.

    `kinds`, `lengths` and `hops` (graph index of the next hop, -1 for none) are rows by `column`; origins of one kind
    share all but their own entry, so the search is done once for them.
    """
    n, leaves = len(r.rank), len(r.leaf_provider_at) - 1
    kind, best, mine = np.zeros(n, np.uint8), np.zeros(n, np.int32), np.zeros(n, np.int32)
    hop, queue = np.zeros(n, np.int32), np.zeros(n, np.int32)
    leaf_kind, packed = np.zeros(leaves, np.uint8), np.zeros(leaves, np.int64)
    offers = np.zeros(leaves, np.int32)
    provider_at, provider, across_at, across = r.leaf_provider_at, r.leaf_provider, r.across_at, r.across
    by_rank, leaf_of_column = r.by_rank, r.leaf_of_column
    single = len(leaf_of_column)  # columns of leaves come before those of the core
    before, near, direct = np.int64(0x7FFFFFFF), 0, np.zeros(n, np.int32)
    for k in range(begin, end):
        origin = origins[k]
        place = np.int64(r.place[origin])
        again = place == before
        if not again:
            before = place
            count = routes_to(r, place, kind, best, mine, hop, queue)
            leaf_routes(provider_at, provider, across_at, across, best, mine, queue, count, offers, leaf_kind)
            for leaf in range(leaves):
                offer = offers[leaf]
                length = np.int64((offer >> SHIFT) + 1) if offer != NEVER else np.int64(0)
                next_hop = np.int64(by_rank[offer & MASK]) if offer != NEVER else np.int64(LOW)
                packed[leaf] = next_hop | length << 32 | np.int64(leaf_kind[leaf]) << 40
            near = 0
            for v in range(n):
                best[v] = best[v] >> SHIFT if kind[v] != NO_ROUTE else 0
                if hop[v] == MASK:
                    direct[near] = v
                    near += 1
                hop[v] = by_rank[hop[v]] if 0 <= hop[v] < MASK else -1
        row = k - begin
        kind_row, length_row, hop_row = kinds[row], lengths[row], hops[row]
        if again and row:  # the row before, in which only the origin's own entry was different
            kind_row[:], length_row[:], hop_row[:] = kinds[row - 1], lengths[row - 1], hops[row - 1]
            v = r.column_of[origins[k - 1]]
            told = packed[leaf_of_column[v]]
            hop_row[v], length_row[v], kind_row[v] = np.int32(told), np.uint8(told >> 32), np.uint8(told >> 40)
        else:
            for v in range(single):
                told = packed[leaf_of_column[v]]
                hop_row[v], length_row[v], kind_row[v] = np.int32(told), np.uint8(told >> 32), np.uint8(told >> 40)
            for v in range(n):
                kind_row[single + v], length_row[single + v], hop_row[single + v] = kind[v], best[v], hop[v]
        for q in range(near):  # who reaches the origin directly: their next hop is the origin itself
            hop_row[single + direct[q]] = origin
        for e in range(r.beside_at[origin], r.beside_at[origin + 1]):  # leaves that peer with a leaf origin
            v = r.column_of[r.beside[e]]
            kinds[row, v], lengths[row, v], hops[row, v] = PEER, 1, origin
        v = r.column_of[origin]
        kinds[row, v], lengths[row, v], hops[row, v] = ITSELF, 0, origin


@njit(cache=True, nogil=True)
def influence_on(
    r: Any, places: Any, weights: Any, core_monitor: Any, leaf_monitor: Any, state: Any, by_network: Any, by_state: Any
) -> Any:
    """Add to by_network[core] and by_state[state] the weighted number of monitors whose route descends through them.

    Each origin counts with its weight, each network on the way down with one over its distance to the origin; a state
    counts once a path, where it is nearest to the origin. Monitors outside are counted in `core_monitor` and
    `leaf_monitor`.
    """
    n, leaves = len(r.rank), len(leaf_monitor)
    kind, best, mine = np.zeros(n, np.uint8), np.zeros(n, np.int32), np.zeros(n, np.int32)
    hop, queue, passing = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int64)
    offers, leaf_kind, core_by_rank = np.zeros(leaves, np.int32), np.zeros(leaves, np.uint8), r.core_by_rank
    provider_at, provider, across_at, across = r.leaf_provider_at, r.leaf_provider, r.across_at, r.across
    for k in range(len(places)):
        count = routes_to(r, places[k], kind, best, mine, hop, queue)
        for v in range(n):
            passing[v] = core_monitor[v]
        leaf_routes(provider_at, provider, across_at, across, best, mine, queue, count, offers, leaf_kind)
        if places[k] < 0:  # leaves that peer with a leaf go straight to it
            for e in range(r.beside_kind_at[-1 - places[k]], r.beside_kind_at[-places[k]]):
                offers[r.beside_kind[e]] = NEVER
        for leaf in range(leaves):
            if offers[leaf] != NEVER:
                passing[core_by_rank[offers[leaf] & MASK]] += leaf_monitor[leaf]
        for v in range(n - 1, -1, -1):
            if kind[v] == PROVIDER:
                passing[core_by_rank[hop[v]]] += passing[v]
        for v in range(n):
            if kind[v] == PEER and hop[v] != MASK:
                passing[core_by_rank[hop[v]]] += passing[v]
        for q in range(count - 1, -1, -1):
            v = queue[q]
            if kind[v] != CUSTOMER:
                continue
            length = best[v] >> SHIFT
            share = weights[k] * (passing[v] - core_monitor[v]) / length
            by_network[v] += share
            if state[v] >= 0 and not _nearer(core_by_rank, v, hop, kind, state):
                by_state[state[v]] += share
            if hop[v] != MASK:
                passing[core_by_rank[hop[v]]] += passing[v]


@njit(cache=True, nogil=True)
def _nearer(core_by_rank: Any, v: Any, hop: Any, kind: Any, state: Any) -> Any:
    """Whether the way down from v passes another network of the same state before the origin."""
    u = v
    while hop[u] != MASK:
        u = core_by_rank[hop[u]]
        if kind[u] == ITSELF:
            return False
        if state[u] == state[v]:
            return True
    return False
