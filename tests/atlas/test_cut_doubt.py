"""Bands of cuts over relationships read wrongly: on paper, against the reference on the flipped graphs, and said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba import njit

from parley.atlas import many
from parley.atlas.compiling import WORDS, announced
from parley.atlas.cut_doubt import NOT_VARIED, Band, spread, what_if_band, words, worst_band
from parley.atlas.doubt import Doubt, flips
from parley.atlas.export import bands_frame, pairs_lost
from parley.atlas.graph import Graph, draw
from parley.atlas.problems import AtlasProblem
from parley.atlas.reference import TOTAL, World, matrix
from parley.atlas.scenarios import combinations
from parley.atlas.what_if import Cut, what_if
from parley.atlas.worst import Remedy, Worst, remedy, worst
from tests.atlas.hand_drawn import FOLDER, Answer, read
from tests.atlas.worlds import graph_of

DRAWN = sorted(FOLDER.glob("*.txt"))
DOUBT = Doubt(0, 3, 0.2, 1)
Matrix = dict[str, dict[str, int]]


def world_of(graph: Graph) -> World:
    """The reference's world of a graph; what no table places has no country."""
    name = graph.asn.tolist()
    placed = [(name[i], graph.countries[c], int(graph.weight[i])) for i, c in enumerate(graph.country) if c >= 0]
    return World(
        {(name[a], name[b]) for a, b in zip(graph.provider.tolist(), graph.customer.tolist(), strict=True)},
        {(name[a], name[b]) for a, b in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True)},
        {one: code for one, code, _ in placed},
        {one: weight for one, _, weight in placed},
    )


def by_reference(graph: Graph, answer: Answer, doubt: Doubt) -> list[Matrix]:
    """The slow answer on the graph as it was read, then on every flipped one."""
    return [matrix(world_of(one), answer.networks, answer.links) for one in (graph, *flips(graph, doubt))]


def ends(every: list[Matrix]) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Value, lowest and highest of every pair, without arrays; pairs never lost left out."""
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    for a in every[0]:
        for b in every[0]:
            steps = [one[a][b] for one in every]
            if max(steps):
                found.setdefault(a, {})[b] = (steps[0], min(steps), max(steps))
    return found


def share(graph: Graph, one: Matrix, code: str) -> float:
    """The definition: of the weight of all other countries, what the country no longer reaches."""
    totals = dict(zip(graph.countries, graph.totals().tolist(), strict=True))
    others = [other for other in graph.countries if other != code]
    weight = sum(totals[other] for other in others)
    return sum(one[code][other] * totals[other] for other in others) / weight / TOTAL if weight else 0.0


def cut_of(answer: Answer) -> Cut:
    return Cut(tuple(sorted(answer.networks)), tuple(sorted(answer.links)))


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_both_ends_are_those_of_the_reference_on_the_flipped_graphs(path: Path) -> None:
    """Every cut of every graph drawn by hand: each pair in steps, each country as a share."""
    world, answers = read(path)
    graph = graph_of(world)
    for answer in answers:
        cut, every = cut_of(answer), by_reference(graph, answer, DOUBT)
        found = what_if(graph, cut)
        told = what_if_band(graph, cut, found, DOUBT)
        assert pairs_lost(found, told) == ends(every)
        for code, band in told.reach_lost.items():
            shares = [share(graph, one, code) for one in every]
            wanted = pytest.approx((shares[0], min(shares), max(shares)))
            assert (band.value, band.low, band.high) == wanted


def test_a_variant_left_out_or_another_one_would_be_seen() -> None:
    """Control: against the reference without the variants, and on those of other seeds, the same comparison fails."""
    unlike_none = unlike_others = 0
    for path in DRAWN:
        world, answers = read(path)
        graph = graph_of(world)
        for answer in answers:
            found = what_if(graph, cut_of(answer))
            told = pairs_lost(found, what_if_band(graph, cut_of(answer), found, DOUBT))
            unlike_none += told != ends(by_reference(graph, answer, Doubt(0, 0)))
            unlike_others += told != ends(by_reference(graph, answer, Doubt(0, 3, 0.2, 101)))
    assert unlike_none > 5
    assert unlike_others > 5


def test_on_paper_a_link_read_wrongly_makes_a_loss_of_nothing() -> None:
    """1 > 3 (XA), 2 > 4 (XB), 1 - 2; the peering is cut and one of three links flipped.

    As read, all is lost. If 1 - 2 is transit, all is lost too. If 3 or 4 only peers above, it never reached the other
    (two peerings in a row), and the cut takes nothing.
    """
    graph, cut = draw([1, 2], [3, 4], [1], [2], {3: ("XA", 1), 4: ("XB", 1)}), Cut(links=((1, 2),))
    told = what_if_band(graph, cut, what_if(graph, cut), Doubt(0, 8, 1 / 3, 1))
    assert told.reach_lost == {"XA": Band(1.0, 0.0, 1.0), "XB": Band(1.0, 0.0, 1.0)}


def test_on_paper_a_detour_that_was_read_wrongly_makes_nothing_a_loss() -> None:
    """3 (XA) and 4 (XB) buy from 1, and from 2 and 5, which peer; 1 is cut and one of five links flipped.

    As read, 3 > 2 - 5 > 4 remains. If 3 only peers with 2, or 4 with 5, it does not, and all is lost.
    """
    graph, cut = draw([1, 1, 2, 5], [3, 4, 3, 4], [2], [5], {3: ("XA", 1), 4: ("XB", 1)}), Cut(networks=(1,))
    told = what_if_band(graph, cut, what_if(graph, cut), Doubt(0, 8, 0.2, 1))
    assert told.reach_lost == {"XA": Band(0.0, 0.0, 1.0), "XB": Band(0.0, 0.0, 1.0)}


def test_detours_have_ends_over_flipped_links_and_over_orders_of_ties() -> None:
    """XA (3) buys from 1 and 2, which both buy from 9; the link 1 > 3 is cut.

    Routes to 3 before: 1 and 2 directly, 9 over 1 (the lower number). After: 9 over 2 (moved), 1 over 9 (longer, by
    two links), 2 as before. Where ties are broken for 2, 9 went over 2 before: two as before, one moved.
    """
    graph, cut = draw([9, 9, 1, 2], [1, 2, 3, 3], [], [], {3: ("XA", 1), 9: ("XB", 1)}), Cut(links=((1, 3),))
    found = what_if(graph, cut, detours_to=("XA",))
    assert (found.detours["XA"].same, found.detours["XA"].moved) == (1, 2)
    low, high = what_if_band(graph, cut, found, Doubt(8, 0)).detours["XA"]
    assert ((low.same, low.moved, low.lost), (high.same, high.moved, high.lost)) == ((1, 1, 0), (2, 2, 0))
    # one of four links flipped: if 2 only peers with 3, nobody but 2 hears of 3 after the cut, and 9 and 1 lose it;
    # if 9 only peers with 2, it hears of 3 there and tells its customer 1, and nothing is lost
    low, high = what_if_band(graph, cut, found, Doubt(0, 8, 0.25, 1)).detours["XA"]
    assert (low.lost, high.lost) == (0, 2)
    assert what_if_band(graph, cut, found, Doubt(0, 0)).detours == {}


def test_what_was_varied_is_said_and_that_nothing_was() -> None:
    """Share, links, variants, seeds; a range. Without variants there are no ends, rather than ends of no width."""
    graph, cut = draw([1, 2], [3, 4], [1], [2], {3: ("XA", 1), 4: ("XB", 1)}), Cut(networks=(1,))
    told = words(graph, Doubt(0, 4, 0.4, 7))
    for part in ("4 of its variants", "40.0%", "links (1)", "seeds 7 to 10", "a range, not a percentile"):
        assert part in told
    assert words(graph, Doubt(0, 0)) == NOT_VARIED
    found = what_if(graph, cut)
    assert what_if_band(graph, cut, found, Doubt(0, 0)).reach_lost["XA"] == Band(1.0, None, None)
    assert what_if_band(graph, cut, found, Doubt(0, 2, 0.0)).reach_lost["XA"] == Band(1.0, 1.0, 1.0)
    with pytest.raises(AtlasProblem, match="share"):
        what_if_band(graph, cut, found, Doubt(0, 1, 0.9))


def test_worst_and_remedy_have_the_ends_of_the_reference() -> None:
    """The same failure on every variant, without the new link and with it."""
    world, _ = read(FOLDER / "07-state-between.txt")
    graph = graph_of(world)
    code = graph.countries[0]
    found = worst(graph, code, 1)
    mend = remedy(graph, found)
    assert mend is not None
    told = worst_band(graph, found, mend, DOUBT)
    failed = set(found.networks)
    every = [world_of(one) for one in (graph, *flips(graph, DOUBT))]
    mended = [World(w.links | {(mend.provider, mend.customer)}, w.peerings, w.country, w.weight) for w in every]
    assert told.circles == 0
    for band, worlds in ((told.harm, every), (told.remedy, mended)):
        shares = [share(graph, matrix(one, failed), code) for one in worlds]
        assert band is not None
        assert (band.value, band.low, band.high) == pytest.approx((shares[0], min(shares), max(shares)))
    assert told.bound.high is not None
    assert told.bound.high >= (told.harm.high or 0)


def test_a_remedy_that_would_close_a_circle_is_counted_not_drawn() -> None:
    """2 is to become a provider of 1: impossible where their peering is read as 1 selling to 2."""
    graph = draw([1, 2], [3, 4], [1], [2], {3: ("XA", 1), 4: ("XB", 1)})
    doubt = Doubt(0, 8, 1 / 3, 1)
    sold = sum((0, 1) in zip(one.provider.tolist(), one.customer.tolist(), strict=True) for one in flips(graph, doubt))
    assert 0 < sold < 8
    told = worst_band(graph, Worst("XA", (4,), 1.0, (1.0,), True, 1.0, (4,)), Remedy(1, 2, 1.0, 1.0, 1), doubt)
    assert told.circles == sold
    assert told.remedy is not None


def test_many_scenarios_have_the_ends_of_the_reference() -> None:
    """The same cuts on every variant: ends of the mean, lowest lower end, highest upper end of the bands."""
    world, answers = read(FOLDER / "09-backup-that-peers.txt")
    graph = graph_of(world)
    cuts = [([graph.at(n) for n in a.networks], [(graph.at(x), graph.at(y)) for x, y in a.links]) for a in answers]
    states = graph.countries

    def banded(one: Graph) -> many.Bands:
        values = many.matrices(many.prepare(one, combinations(cuts)), 0, len(cuts))
        return many.bands(values, states, states, workers=1)

    found, others = banded(graph), [banded(one) for one in flips(graph, DOUBT)]
    told, frame = spread(found, others), bands_frame(found, others)
    slow = np.array(
        [
            [[[one[a][b] for b in states] for a in states] for one in by_reference(graph, answer, DOUBT)]
            for answer in answers
        ]
    )  # scenario, variant, country, target
    means = slow.mean(axis=0)
    assert np.allclose(told.mean_low, means.min(axis=0))
    assert np.allclose(told.mean_high, means.max(axis=0))
    # of five scenarios the 5 % rank is the least, the 95 % rank the greatest
    assert np.array_equal(told.low, slow.min(axis=(0, 1)))
    assert np.array_equal(told.high, slow.max(axis=(0, 1)))
    assert (told.mean_low < told.mean_high).any()
    assert frame["mean_low"] == pytest.approx((means.min(axis=0) / TOTAL).ravel().tolist())
    assert "mean_low" not in bands_frame(found)


def test_compiling_is_told_once_and_loading_is_not() -> None:
    """A function that is new to this process, and one within it; then the same again, which is compiled."""

    @njit
    def within(x: int) -> int:
        return x + 1

    @njit
    def without(x: int) -> int:
        return int(within(x)) * 2

    told: list[str] = []
    with announced(told.append):
        assert without(1) == 4
    assert told == [WORDS]
    with announced(told.append):
        without(2)
    assert told == [WORDS]
