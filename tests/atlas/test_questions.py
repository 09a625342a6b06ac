"""What a person asks: one cut, the worst and its remedy, influence, concentration, the picture and its table."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from parley.atlas import doubt, influence, survey
from parley.atlas.generator import Shape, generate
from parley.atlas.graph import Graph, draw
from parley.atlas.picture import as_markdown, as_svg, table
from parley.atlas.problems import AtlasProblem
from parley.atlas.what_if import Cut, what_if
from parley.atlas.worst import candidates, remedy, worst


@pytest.fixture(scope="module")
def between() -> Graph:
    """XB sells XA its way to XC: 1 (XC) > 2 (XB) > 3 (XB) > 4 (XA) > 5, 6 (XA); 7 (XC) is a customer of 1."""
    places = {1: ("XC", 10), 2: ("XB", 10), 3: ("XB", 30), 4: ("XA", 10), 5: ("XA", 20), 6: ("XA", 10), 7: ("XC", 50)}
    return draw([1, 2, 3, 4, 4, 1], [2, 3, 4, 5, 6, 7], [], [], places)


def test_a_cut_hits_states_that_nobody_named(between: Graph) -> None:
    """Network 3 belongs to XB; XA loses all the world, XC loses XA, a third of the rest by weight."""
    found = what_if(between, Cut(networks=(3,)))
    assert found.named == ("XB",)
    assert found.reach_lost["XA"] == 1
    assert found.spill_over() == {"XA": 1, "XC": pytest.approx(40 / 80)}
    steps = dict(zip(found.countries, found.steps[found.countries.index("XB")].tolist(), strict=True))
    assert steps == {"XA": 65_535, "XB": round(65_535 * 30 / 40), "XC": round(65_535 * 30 / 40)}


def test_detours_that_remain_are_told() -> None:
    """XA buys from 1 and 2; 9 reaches it through 1: without that link its way is longer."""
    graph = draw([9, 9, 1, 2, 8], [1, 8, 5, 5, 2], [], [], {5: ("XA", 1), 9: ("XB", 1), 1: ("XC", 1)})
    found = what_if(graph, Cut(links=((1, 5),)), detours_to=("XA",)).detours["XA"]
    # to 5: before, 9 over 1 (2 links); 1 directly; 2 directly; 8 over 2. After: 9 over 8 and 2 (3); 1 over 9 (4).
    assert (found.same, found.moved, found.longer, found.lost, found.extra_links) == (2, 2, 2, 0, 2.0)


@pytest.mark.parametrize(
    ("cut", "key"),
    [
        (Cut(), "empty_cut"),
        (Cut(networks=(77,)), "unknown_network"),
        (Cut(links=((4, 7),)), "unknown_link"),
        (Cut(states=("XD",)), "no_data"),
        (Cut(states=("XA", "XB", "XC")), "everything_cut"),
    ],
)
def test_a_cut_that_cannot_be_answered_is_said(between: Graph, cut: Cut, key: str) -> None:
    """Whose fault, what is wrong, what to do; a country without data is not a country without loss."""
    with pytest.raises(AtlasProblem) as found:
        what_if(between, cut)
    assert found.value.key == f"atlas.{key}"


def test_the_worst_failure_and_its_remedy_stand_beside_each_other(between: Graph) -> None:
    """For XA: 3 and 4 both cost it the world (1 only XC, 2 also 2 itself); the lower number of equals is named."""
    found = worst(between, "XA", 1)
    assert (found.networks, found.exact, found.harm) == ((3,), True, 1.0)
    assert found.bound >= found.harm
    mend = remedy(between, found)
    assert mend is not None
    assert mend.customer == 4
    assert mend.provider == 1
    assert mend.without == 1
    # with 1 above 4: XC whole (60 of 100), and of XB network 2 is reached, so XB is
    assert mend.harm == 0


def test_the_worst_two_are_worse_than_the_worst_one_and_greedy_says_that_it_is() -> None:
    """On a generated graph: exact for one, greedy where there are too many choices; never above the bound."""
    graph = generate(11, Shape(500, 3_000))
    code = graph.countries[0]
    one, two = worst(graph, code, 1, searched=60), worst(graph, code, 3, searched=60)
    assert one.exact
    assert not two.exact
    assert one.harm <= two.harm <= two.bound
    assert list(two.steps) == sorted(two.steps)
    with pytest.raises(AtlasProblem):
        worst(graph, code, 61, searched=60)
    with pytest.raises(AtlasProblem):
        worst(graph, code, 0)
    assert len(candidates(graph, code, 60)) == 60


def by_hand(graph: Graph, code: str) -> dict[int, float]:
    """CTI by its definition, path by path, over the reference's routes; the way down only."""
    from parley.atlas.reference import best_routes
    from tests.atlas.test_runs import world_of

    world, state = world_of(graph), graph.state(code)
    own = {int(graph.asn[i]) for i in np.flatnonzero(graph.country == state)}
    total = sum(world.weight[o] for o in own)
    monitors = [m for m in graph.asn.tolist() if m not in own]
    found: dict[int, float] = {}
    for origin in own:
        routes = best_routes(world, origin)
        for monitor in monitors:
            at = monitor
            while at in routes and at != origin:
                at = routes[at][2]
                if at != origin and routes[at][0] == "customer":
                    share = world.weight[origin] / total / routes[at][1] / len(monitors)
                    found[at] = found.get(at, 0) + share
    return found


def test_influence_is_its_definition_path_by_path() -> None:
    """Every network on the way down counts the origin's share over its distance, equal monitors outside the country."""
    graph = generate(2, Shape(200, 900))
    for code in graph.countries[:3]:
        [found] = influence.influence(graph, [code])
        expected = by_hand(graph, code)
        assert {int(graph.asn[i]): pytest.approx(found.networks[i]) for i in np.flatnonzero(found.networks)} == expected


def test_a_state_counts_once_a_path(between: Graph) -> None:
    """On the way to XA stand 2 and 3, both of XB: only 3, which is nearer, is counted."""
    [found] = influence.influence(between, ["XA"])
    shares = dict(zip(between.countries, found.states.tolist(), strict=True))
    # monitors 1, 7, 2, 3; network 3 passes on what comes from 1, 7, 2: to 4 over 1 link, to 5 and 6 over 2
    weighted = (10 / 1 + 30 / 2) / 40
    assert shares["XB"] == pytest.approx(3 / 4 * weighted)


def test_concentration_is_told_or_there_are_no_data() -> None:
    """One alone is 1, four equal ones a quarter; of nothing there is no number."""
    assert influence.concentration([0.3]) == 1
    assert influence.concentration([2, 2, 2, 2]) == pytest.approx(0.25)
    assert influence.concentration([]) is None


def test_a_sheet_has_bands_and_its_picture_has_its_table() -> None:
    """Bands hold the value; the picture is well-formed and shows what the table lists."""
    graph = generate(2, Shape(400, 2_000))
    codes = list(graph.countries[:2])
    base = influence.influence(graph, codes)
    others = doubt.variants(graph, doubt.Doubt(1, 1, 0.05, 1), codes)
    names = {int(graph.asn[i]): 'A & B <"C">' for i in range(graph.size)}
    servers = {codes[0]: (("a.", codes[0], 1), ("b.", "Z9", 2), ("c.", "Z9", 2))}
    first, second = survey.sheets(graph, base, others, names, servers, "1 order and 1 flip")
    assert all(row.low <= row.value <= row.high for row in (*first.by_network, *first.by_state))
    assert any(row.low < row.high for row in first.by_network)
    assert first.servers is not None
    assert (first.servers.count, first.servers.at_home, first.servers.networks) == (3, 1, 2)
    assert second.servers is None
    text = "".join(ElementTree.fromstring(as_svg(first)).itertext())
    for row in first.by_network:
        assert row.who in text
        assert f"| {row.who} |" in as_markdown(first)
    assert table(first.by_network)["who"] == [row.who for row in first.by_network]
