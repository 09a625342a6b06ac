"""Worlds for tests: random ones for properties, and the reference's world as the engine's graph."""

from __future__ import annotations

from hypothesis import strategies as st

from parley.atlas.graph import Graph, draw
from parley.atlas.reference import World

STATES = ("XA", "XB", "XC", "XD", "XE")


def graph_of(world: World) -> Graph:
    """The same world as arrays; networks without a link are not in it."""
    up, down = zip(*sorted(world.links), strict=True) if world.links else ((), ())
    a, b = zip(*sorted(world.peerings), strict=True) if world.peerings else ((), ())
    places = {one: (code, world.weight.get(one, 0)) for one, code in world.country.items()}
    return draw(up, down, a, b, places)


@st.composite
def worlds(draw_: st.DrawFn, most: int = 24) -> World:
    """Any small world without provider cycles: providers have lower numbers than their customers."""
    size = draw_(st.integers(3, most))
    pairs = [(a, b) for a in range(1, size + 1) for b in range(a + 1, size + 1)]
    kinds = draw_(
        st.lists(st.sampled_from("....tttp"), min_size=len(pairs), max_size=len(pairs)).filter(
            lambda k: set(k) != {"."}
        )
    )
    sparse = draw_(st.integers(1, 9))
    kept = [(pair, kind) for i, (pair, kind) in enumerate(zip(pairs, kinds, strict=True)) if (i * 7919) % 10 < sparse]
    links = {pair for pair, kind in kept if kind == "t"}
    peerings = {pair for pair, kind in kept if kind == "p"}
    if not links and not peerings:
        links = {(1, 2)}
    linked = sorted({one for pair in links | peerings for one in pair})
    placed = draw_(st.lists(st.sampled_from([*STATES, None]), min_size=len(linked), max_size=len(linked)))
    weights = draw_(st.lists(st.integers(0, 10_000), min_size=len(linked), max_size=len(linked)))
    country = {one: code for one, code in zip(linked, placed, strict=True) if code}
    return World(links, peerings, country, {one: w for one, w in zip(linked, weights, strict=True) if one in country})
