"""Reads the graphs drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from parley.atlas.reference import World

FOLDER = Path(__file__).parent / "hand"


@dataclass
class Answer:
    """One cut and the weight that each state loses towards each other."""

    networks: set[int]
    links: set[tuple[int, int]]
    lost: dict[tuple[str, str], int] = field(default_factory=dict)


def read(path: Path) -> tuple[World, list[Answer]]:
    """The world of a file and its answers."""
    links: set[tuple[int, int]] = set()
    peerings: set[tuple[int, int]] = set()
    country: dict[int, str] = {}
    weight: dict[int, int] = {}
    answers: list[Answer] = []
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if not words or words[0] == "#" or line == "nothing lost":
            continue
        if words[0] == "state":
            for one in _numbers(words[2 : words.index("weigh")]):
                country[one], weight[one] = words[1].rstrip(":"), int(words[-1])
        elif words[0] == "cut":
            pairs = [word.split("-") for word in words[1:]]
            answers.append(
                Answer(
                    {int(p[0]) for p in pairs if len(p) == 1}, {(int(p[0]), int(p[1])) for p in pairs if len(p) == 2}
                )
            )
        elif words[0] == "lost":
            answers[-1].lost[words[1], words[2]] = int(words[3])
        elif words[1] == "-":
            peerings |= {(int(words[0]), other) for other in _numbers(words[2:])}
        else:
            steps = [_numbers(part.split()) for part in line.split(">")]
            links |= {(a, b) for above, below in pairwise(steps) for a in above for b in below}
    return World(links, peerings, country, weight), answers


def _numbers(words: list[str]) -> list[int]:
    found: list[int] = []
    for word in words:
        first, _, last = word.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
