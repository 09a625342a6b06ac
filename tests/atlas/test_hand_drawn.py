"""Ten graphs of thirty networks with answers worked out on paper: first the reference agrees, then the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.atlas import many
from parley.atlas.reference import World, lost_weight, matrix
from parley.atlas.scenarios import combinations
from tests.atlas.hand_drawn import FOLDER, Answer, read
from tests.atlas.worlds import graph_of

DRAWN = sorted(FOLDER.glob("*.txt"))


def test_there_are_ten_graphs_of_thirty_networks() -> None:
    """Without this the tests below could pass over nothing."""
    assert len(DRAWN) == 10
    assert {len(read(path)[0].networks) for path in DRAWN} == {30}
    assert all(len(read(path)[1]) >= 2 for path in DRAWN)


def by_reference(world: World, answer: Answer) -> dict[tuple[str, str], int]:
    states = sorted(set(world.country.values()))
    found = {(a, b): lost_weight(world, b, answer.networks, answer.links)[a] for a in states for b in states}
    return {pair: lost for pair, lost in found.items() if lost}


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_the_reference_says_what_was_worked_out_on_paper(path: Path) -> None:
    """Every pair of states, in weight; what the paper does not list is nothing."""
    world, answers = read(path)
    for answer in answers:
        assert by_reference(world, answer) == answer.lost, (answer.networks, answer.links)


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_the_engine_gives_the_same_matrices_bit_for_bit(path: Path) -> None:
    """All cuts of a graph as scenarios of one run, whole matrices in steps of 1/65,535."""
    world, answers = read(path)
    graph = graph_of(world)
    cuts = [([graph.at(n) for n in a.networks], [(graph.at(x), graph.at(y)) for x, y in a.links]) for a in answers]
    found = many.matrices(many.prepare(graph, combinations(cuts)), 0, len(cuts))
    states = graph.countries
    for k, answer in enumerate(answers):
        told = {a: {b: int(found[i, j, k]) for j, b in enumerate(states)} for i, a in enumerate(states)}
        assert told == matrix(world, answer.networks, answer.links)


def test_a_wrong_answer_on_paper_would_be_seen() -> None:
    """Control: one weight changed by one."""
    world, answers = read(DRAWN[0])
    pair = next(iter(answers[0].lost))
    answers[0].lost[pair] += 1
    assert by_reference(world, answers[0]) != answers[0].lost
