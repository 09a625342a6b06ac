"""The compiled heart: who still reaches which country, one bit a country, only where a cut changes anything.

Two sweeps. Up: to which countries can each network descend (`down`)? Down: which does it reach by climbing, at most
one peering, and descending (`reach`)? A cut only ever takes reach away. So each scenario begins from the answer
without a cut, and a network is looked at again only if something it leaned on changed; it is done as soon as one
neighbour still gives it all it had. Both sweeps follow the order of providers before customers, so nothing is looked
at twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from parley.atlas.reference import TOTAL

ONE = np.uint64(1)
NONE = np.uint64(0)
_DEBRUIJN = np.uint64(0x03F79D71B4CB0A89)
_FIRST_BIT = np.zeros(64, np.int64)
for _i in range(64):
    _FIRST_BIT[((int(_DEBRUIJN) << _i) & (2**64 - 1)) >> 58] = _i
_SHIFT = np.uint64(58)
BATCH = 128
"""Scenarios worked on together: their results fill four neighbouring cache lines of a pair of countries."""


@njit(cache=True, nogil=True)
def _first_bit(word: Any) -> Any:
    """The place of the lowest bit that is set."""
    return _FIRST_BIT[((word & (~word + ONE)) * _DEBRUIJN) >> _SHIFT]


@njit(cache=True, nogil=True)
def _gathered(rows: Any, at: Any, entry: Any, i: Any, a: Any, b: Any, c: Any, d: Any, base: Any) -> Any:
    """OR the rows of i's entries into (a, b, c, d) until they are all that row i of `base` has."""
    for e in range(at[i], at[i + 1]):
        if not ((a ^ base[i, 0]) | (b ^ base[i, 1]) | (c ^ base[i, 2]) | (d ^ base[i, 3])):
            break
        j = entry[e]
        a |= rows[j, 0]
        b |= rows[j, 1]
        c |= rows[j, 2]
        d |= rows[j, 3]
    return a, b, c, d


@njit(cache=True, nogil=True)
def _up(f: Any, base: Any, down: Any, dead: Any, pending: Any, changed: Any, count: Any) -> Any:
    """Sweep up from what is pending; returns how many networks are in `changed`."""
    n = len(base)
    for word in range(len(pending)):
        while pending[word]:
            bit = _first_bit(pending[word])
            pending[word] &= pending[word] - ONE
            i = n - 1 - (word * 64 + bit)
            a = b = c = d = NONE
            if not dead[i]:
                a, b, c, d = f.seed[i, 0], f.seed[i, 1], f.seed[i, 2], f.seed[i, 3]
                a, b, c, d = _gathered(down, f.customer_at, f.customer, i, a, b, c, d, base)
            if not ((a ^ base[i, 0]) | (b ^ base[i, 1]) | (c ^ base[i, 2]) | (d ^ base[i, 3])):
                continue
            down[i, 0], down[i, 1], down[i, 2], down[i, 3] = a, b, c, d
            changed[count] = i
            count += 1
            for e in range(f.provider_at[i], f.provider_at[i + 1]):
                place = n - 1 - f.provider[e]
                pending[place >> 6] |= ONE << np.uint64(place & 63)
    return count


@njit(cache=True, nogil=True)
def _down(
    f: Any, base: Any, down: Any, reach: Any, whole: Any, dead: Any, pending: Any, changed: Any, mute: Any
) -> Any:
    """Sweep down from what is pending, deaf to the bits of `mute`; returns how many networks are in `changed`."""
    count = 0
    provider_at, provider = f.provider_at, f.provider
    for word in range(len(pending)):
        while pending[word]:
            bit = _first_bit(pending[word])
            pending[word] &= pending[word] - ONE
            i = word * 64 + bit
            if whole[i] and not dead[i]:
                held = False
                for e in range(provider_at[i], provider_at[i + 1]):
                    held |= whole[provider[e]] != 0
                if held:  # by a provider that still reaches all the world
                    continue
            a = b = c = d = NONE
            if not dead[i]:
                a, b, c, d = down[i, 0], down[i, 1], down[i, 2], down[i, 3]
                a, b = a | f.beside[i, 0] | (mute[0] & base[i, 0]), b | f.beside[i, 1] | (mute[1] & base[i, 1])
                c, d = c | f.beside[i, 2] | (mute[2] & base[i, 2]), d | f.beside[i, 3] | (mute[3] & base[i, 3])
                a, b, c, d = _gathered(reach, f.provider_at, f.provider, i, a, b, c, d, base)
                a, b, c, d = _gathered(down, f.peer_at, f.peer, i, a, b, c, d, base)
            a, b, c, d = a | mute[0], b | mute[1], c | mute[2], d | mute[3]
            if not ((base[i, 0] & ~a) | (base[i, 1] & ~b) | (base[i, 2] & ~c) | (base[i, 3] & ~d)):
                continue
            reach[i, 0], reach[i, 1], reach[i, 2], reach[i, 3] = (
                a & base[i, 0], b & base[i, 1], c & base[i, 2], d & base[i, 3]
            )  # fmt: skip
            whole[i] = 0
            changed[count] = i
            count += 1
            for e in range(f.customer_at[i], f.customer_at[i + 1]):
                place = f.customer[e]
                pending[place >> 6] |= ONE << np.uint64(place & 63)
    return count


@njit(cache=True, nogil=True)
def _charge(country: Any, weight: Any, first: Any, a: Any, b: Any, c: Any, d: Any, world: Any, sheet: Any) -> Any:
    """Add `weight` to what `country` lost to each country whose bit is set; losing all of `world` is one addition."""
    lost, every, kept, uneven, _ = sheet
    own = country - first
    x = ONE << np.uint64(own & 63)
    word = own >> 6
    x0, x1 = x if word == 0 else NONE, x if word == 1 else NONE
    x2, x3 = x if word == 2 else NONE, x if word == 3 else NONE
    if not (((a ^ world[0]) & ~x0) | ((b ^ world[1]) & ~x1) | ((c ^ world[2]) & ~x2) | ((d ^ world[3]) & ~x3)):
        every[country] += weight
        if (~a & world[0] & x0) | (~b & world[1] & x1) | (~c & world[2] & x2) | (~d & world[3] & x3):
            kept[country] += weight
        elif (a & ~world[0] & x0) | (b & ~world[1] & x1) | (c & ~world[2] & x2) | (d & ~world[3] & x3):
            lost[country, own] += weight
            uneven[country] = 1
        return
    uneven[country] = 1
    for w in range(4):
        bits = a if w == 0 else (b if w == 1 else (c if w == 2 else d))
        while bits:
            lost[country, w * 64 + _first_bit(bits)] += weight
            bits &= bits - ONE


@njit(cache=True, nogil=True)
def lost_batch(
    f: Any,
    base: Any,
    full: Any,
    state: Any,
    cut_at: Any,
    cut: Any,
    begin: Any,
    end: Any,
    out: Any,
    row: Any,
    column: Any,
) -> Any:
    """Steps of lost reach of scenarios begin..end-1 into out[country, row + target, column + scenario - begin].

    `state` is the caller's own.

    `out` is all zero where nothing was lost; only countries that lost something are written.
    """
    base_down, base_reach, base_leaf, leaf_whole, _ = base
    down, reach, whole, dead, up_pending, down_pending, up_changed, down_changed, stamp, sheet, buffer, flat, more = (
        state
    )
    hit = sheet[4]
    still, mute, world, tops, reached, look = more
    leaf_provider_at, leaf_provider = f.leaf_provider_at, f.leaf_provider
    n = len(base_down)
    hit[:] = 0
    for s in range(begin, end):
        cuts = cut[cut_at[s] : cut_at[s + 1]]
        for i in cuts:
            dead[i] = 1
            place = n - 1 - i
            up_pending[place >> 6] |= ONE << np.uint64(place & 63)
            down_pending[i >> 6] |= ONE << np.uint64(i & 63)
        ups = _up(f, base_down, down, dead, up_pending, up_changed, 0)
        for k in range(ups):
            i = up_changed[k]
            down_pending[i >> 6] |= ONE << np.uint64(i & 63)
            for e in range(f.seen_at[i], f.seen_at[i + 1]):
                place = f.seen[e]
                down_pending[place >> 6] |= ONE << np.uint64(place & 63)
        muted = _unreached(f, base_reach, full, down, dead, tops, mute, world)
        downs = _down(f, base_reach, down, reach, whole, dead, down_pending, down_changed, mute)
        if muted:
            _few(f, down, dead, mute, still, reached, sheet, s - begin + 1)
        for k in range(downs):
            i = down_changed[k]
            if f.country[i] >= 0 and f.weight[i] > 0:
                _charge(
                    f.country[i], f.weight[i], f.first,
                    base_reach[i, 0] & ~reach[i, 0] & ~mute[0], base_reach[i, 1] & ~reach[i, 1] & ~mute[1],
                    base_reach[i, 2] & ~reach[i, 2] & ~mute[2], base_reach[i, 3] & ~reach[i, 3] & ~mute[3],
                    world, sheet,
                )  # fmt: skip
                if not hit[f.country[i]]:
                    hit[f.country[i]] = s - begin + 1
        looked = _shaken(
            f.below_at,
            f.below,
            down_changed,
            downs,
            whole,
            leaf_whole,
            leaf_provider_at,
            leaf_provider,
            s,
            stamp,
            look,
            0,
        )
        looked = _shaken(
            f.across_at,
            f.across,
            up_changed,
            ups,
            whole,
            leaf_whole,
            leaf_provider_at,
            leaf_provider,
            s,
            stamp,
            look,
            looked,
        )
        _leaves(f, look, looked, s - begin + 1, base_leaf, down, reach, world, mute, sheet)
        for k in range(ups):
            i = up_changed[k]
            for w in range(4):
                down[i, w] = base_down[i, w]
        for k in range(downs):
            i = down_changed[k]
            for w in range(4):
                reach[i, w] = base_reach[i, w]
            whole[i] = base_reach[i, 0] == full[0] and base_reach[i, 1] == full[1]
            whole[i] &= base_reach[i, 2] == full[2] and base_reach[i, 3] == full[3]
        for i in cuts:
            dead[i] = 0
        _told(f, s - begin, sheet, world, buffer, flat)
    _written(f, end - begin, hit, buffer, flat, out, row, column)


@njit(cache=True, nogil=True)
def _written(f: Any, width: Any, hit: Any, buffer: Any, flat: Any, out: Any, row: Any, column: Any) -> Any:
    """The batch into its place: a line of equal values for each target, then what differs from them."""
    line, own_line = np.zeros(BATCH, np.uint16), np.zeros(BATCH, np.uint16)
    for country in range(len(f.total)):
        if not hit[country]:
            continue
        for k in range(BATCH):
            told = hit[country] - 1 <= k < width
            line[k] = flat[k, country, 0] if told else 0
            own_line[k] = flat[k, country, 1] if told else 0
        for t in range(f.targets):
            if t == country - f.first:
                for k in range(width):
                    out[country, row + t, column + k] = own_line[k]
            else:
                for k in range(width):
                    out[country, row + t, column + k] = line[k]
        for k in range(hit[country] - 1, width):
            if flat[k, country, 2]:
                for t in range(f.targets):
                    out[country, row + t, column + k] = buffer[k, country, t]


@njit(cache=True, nogil=True)
def _shaken(
    at: Any, entry: Any, changed: Any, count: Any, whole: Any, leaf_whole: Any, provider_at: Any, provider: Any, s: Any,
    stamp: Any, look: Any, looked: Any,
) -> Any:  # fmt: skip
    """Append to `look`, once a scenario, the gathered rows at changed networks that no provider holds as they were."""
    for k in range(count):
        for e in range(at[changed[k]], at[changed[k] + 1]):
            i = entry[e]
            if stamp[i] == s:
                continue
            stamp[i] = s
            held = False
            if leaf_whole[i]:
                for x in range(provider_at[i], provider_at[i + 1]):
                    if whole[provider[x]]:
                        held = True
                        break
            if not held:
                look[looked] = i
                looked += 1
    return looked


@njit(cache=True, nogil=True)
def _leaves(
    f: Any, look: Any, looked: Any, since: Any, base: Any, down: Any, reach: Any, world: Any, mute: Any, sheet: Any,
) -> Any:  # fmt: skip
    """Charge what the gathered rows in `look` lost."""
    seed, provider_at, provider, peer_at, peer = (
        f.leaf_seed,
        f.leaf_provider_at,
        f.leaf_provider,
        f.leaf_peer_at,
        f.leaf_peer,
    )
    hit = sheet[4]
    for k in range(looked):
        i = look[k]
        a, b = seed[i, 0] | (mute[0] & base[i, 0]), seed[i, 1] | (mute[1] & base[i, 1])
        c, d = seed[i, 2] | (mute[2] & base[i, 2]), seed[i, 3] | (mute[3] & base[i, 3])
        for e in range(provider_at[i], provider_at[i + 1]):
            j = provider[e]
            a, b, c, d = a | reach[j, 0], b | reach[j, 1], c | reach[j, 2], d | reach[j, 3]
        for e in range(peer_at[i], peer_at[i + 1]):
            j = peer[e]
            a, b, c, d = a | down[j, 0], b | down[j, 1], c | down[j, 2], d | down[j, 3]
        a, b = base[i, 0] & ~a & ~mute[0], base[i, 1] & ~b & ~mute[1]
        c, d = base[i, 2] & ~c & ~mute[2], base[i, 3] & ~d & ~mute[3]
        if a | b | c | d:
            country = f.leaf_country[i]
            _charge(country, f.leaf_weight[i], f.first, a, b, c, d, world, sheet)
            if not hit[country]:
                hit[country] = since


@njit(cache=True, nogil=True)
def _told(f: Any, k: Any, sheet: Any, world: Any, buffer: Any, flat: Any) -> Any:
    """Weights lost become steps, to the nearest, a half up; then the sheet is clean for the next scenario."""
    lost, every, kept, uneven, hit = sheet
    targets = 0
    for w in range(4):
        bits = world[w]
        while bits:
            targets += 1
            bits &= bits - ONE
    even = targets == f.targets
    for country in range(len(f.total)):
        if not hit[country]:
            continue
        total, all_lost, own = f.total[country], every[country], country - f.first
        flat[k, country, 0] = (2 * TOTAL * all_lost + total) // (2 * total)
        flat[k, country, 1] = (2 * TOTAL * (all_lost - kept[country]) + total) // (2 * total)
        flat[k, country, 2] = uneven[country] or not even
        if flat[k, country, 2]:
            if 0 <= own < 256:
                lost[country, own] -= kept[country]
            before, step = np.int64(-1), np.int64(0)
            for t in range(f.targets):
                weight = lost[country, t]
                if (world[t >> 6] >> np.uint64(t & 63)) & ONE:
                    weight += all_lost
                if weight != before:
                    before, step = weight, (2 * TOTAL * weight + total) // (2 * total)
                buffer[k, country, t] = step
                lost[country, t] = 0
        every[country], kept[country], uneven[country] = 0, 0, 0


@njit(cache=True, nogil=True)
def _unreached(f: Any, base: Any, full: Any, down: Any, dead: Any, tops: Any, mute: Any, world: Any) -> Any:
    """Put into `mute` the countries that the first standing network at the top lost: probably everyone lost them.

    Without this each network would search all its neighbours for what none of them has. `world` is the rest of `full`.
    """
    for w in range(4):
        mute[w], world[w] = NONE, full[w]
    for i in tops:
        if dead[i]:
            continue
        a, b, c, d = (
            down[i, 0] | f.beside[i, 0],
            down[i, 1] | f.beside[i, 1],
            down[i, 2] | f.beside[i, 2],
            down[i, 3] | f.beside[i, 3],
        )
        a, b, c, d = _gathered(down, f.peer_at, f.peer, i, a, b, c, d, base)
        mute[0], mute[1], mute[2], mute[3] = full[0] & ~a, full[1] & ~b, full[2] & ~c, full[3] & ~d
        break
    for w in range(4):
        world[w] = full[w] & ~mute[w]
    return mute[0] | mute[1] | mute[2] | mute[3] != NONE


@njit(cache=True, nogil=True)
def _few(f: Any, down: Any, dead: Any, mute: Any, still: Any, reached: Any, sheet: Any, since: Any) -> Any:
    """Charge the muted countries the other way round: everybody lost them, except who is found to reach them still."""
    n = len(down)
    lost, _, _, uneven, hit = sheet
    for w in range(4):
        bits = mute[w]
        while bits:
            t = w * 64 + _first_bit(bits)
            bits &= bits - ONE
            for country in range(len(f.total)):
                if reached[country, t]:
                    lost[country, t] += reached[country, t]
                    uneven[country] = 1
                    if not hit[country]:
                        hit[country] = since
    still[:] = NONE
    for i in range(n):
        if dead[i]:
            continue
        a, b, c, d = down[i, 0] & mute[0], down[i, 1] & mute[1], down[i, 2] & mute[2], down[i, 3] & mute[3]
        if a | b | c | d:
            for e in range(f.seen_at[i], f.seen_at[i + 1]):
                _add(still, f.seen[e], a, b, c, d)
        _add(
            still,
            i,
            a | f.beside[i, 0] & mute[0],
            b | f.beside[i, 1] & mute[1],
            c | f.beside[i, 2] & mute[2],
            d | f.beside[i, 3] & mute[3],
        )
    for i in range(n):
        if dead[i]:
            for w in range(4):
                still[i, w] = NONE
        a, b, c, d = still[i, 0], still[i, 1], still[i, 2], still[i, 3]
        if a | b | c | d:
            for e in range(f.customer_at[i], f.customer_at[i + 1]):
                _add(still, f.customer[e], a, b, c, d)
            if f.country[i] >= 0:
                spare(f.country[i], f.weight[i], a, b, c, d, lost)
    for i in range(len(f.leaf_seed)):
        a, b = f.leaf_seed[i, 0] & mute[0], f.leaf_seed[i, 1] & mute[1]
        c, d = f.leaf_seed[i, 2] & mute[2], f.leaf_seed[i, 3] & mute[3]
        for e in range(f.leaf_provider_at[i], f.leaf_provider_at[i + 1]):
            j = f.leaf_provider[e]
            a, b, c, d = a | still[j, 0], b | still[j, 1], c | still[j, 2], d | still[j, 3]
        for e in range(f.leaf_peer_at[i], f.leaf_peer_at[i + 1]):
            j = f.leaf_peer[e]
            a, b, c, d = (
                a | down[j, 0] & mute[0],
                b | down[j, 1] & mute[1],
                c | down[j, 2] & mute[2],
                d | down[j, 3] & mute[3],
            )
        spare(f.leaf_country[i], f.leaf_weight[i], a, b, c, d, lost)


@njit(cache=True, nogil=True)
def _add(rows: Any, i: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    rows[i, 0] |= a
    rows[i, 1] |= b
    rows[i, 2] |= c
    rows[i, 3] |= d


@njit(cache=True, nogil=True)
def spare(country: Any, weight: Any, a: Any, b: Any, c: Any, d: Any, lost: Any) -> Any:
    for w in range(4):
        bits = a if w == 0 else (b if w == 1 else (c if w == 2 else d))
        while bits:
            lost[country, w * 64 + _first_bit(bits)] -= weight
            bits &= bits - ONE
