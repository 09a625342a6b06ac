"""Comparable cases: which incidents of the record are like this one, term by term.

Each term is a plain comparison of what is coded or written, from 0 (nothing in common) to 1, with a weight in points
that the asker sees and may change or switch off. The order is that of the points; how they came about is shown beside
each case. Where one side is not coded a term gives no points and says "not known", which is not "unlike".

Leaves out who is compared: `outside/store/precedents_comparable.py` looks for candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec


class Traits(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """What is compared of an incident, described or imagined; an empty field is not known.

    `hit`, `named`: keys of actors (``state:UA``); `severity` by scale; `year` of its beginning; `words` are stems.
    """

    name: str = ""
    hit: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    method: frozenset[str] = frozenset()
    sector: frozenset[str] = frozenset()
    layer: frozenset[str] = frozenset()
    region: frozenset[str] = frozenset()
    issue: frozenset[str] = frozenset()
    initiator: frozenset[str] = frozenset()
    severity: Mapping[str, float] = {}
    year: int | None = None
    words: frozenset[str] = frozenset()


class Compared(msgspec.Struct, frozen=True):
    """One term of one case: how alike (permille; None: not known), the points that it gave, and what is in common."""

    term: str
    alike: int | None
    points: float
    common: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True):
    """A comparable case: its name, its points, and each term that was switched on."""

    name: str
    points: float
    terms: tuple[Compared, ...]


class Rule(msgspec.Struct, frozen=True):
    """A term: what it compares, in words, and its points unless the asker says otherwise."""

    says: str
    points: float
    compare: Callable[[Traits, Traits, Mapping[str, float]], tuple[float | None, tuple[str, ...]]]


def _shared(field: str) -> Callable[[Traits, Traits, Mapping[str, float]], tuple[float | None, tuple[str, ...]]]:
    def compare(asked: Traits, other: Traits, rarity: Mapping[str, float]) -> tuple[float | None, tuple[str, ...]]:
        one: frozenset[str] = getattr(asked, field)
        two: frozenset[str] = getattr(other, field)
        if not one or not two:
            return None, ()
        common = one & two
        return len(common) / len(one | two), tuple(sorted(common))

    return compare


def _severity(asked: Traits, other: Traits, rarity: Mapping[str, float]) -> tuple[float | None, tuple[str, ...]]:
    scales = sorted(asked.severity.keys() & other.severity.keys())
    if not scales:
        return None, ()
    steps = [abs(asked.severity[scale] - other.severity[scale]) for scale in scales]
    best = min(range(len(scales)), key=lambda at: steps[at])
    return max(0.0, 1 - steps[best] / STEPS), (scales[best],)


def _year(asked: Traits, other: Traits, rarity: Mapping[str, float]) -> tuple[float | None, tuple[str, ...]]:
    if asked.year is None or other.year is None:
        return None, ()
    apart = abs(asked.year - other.year)
    return max(0.0, 1 - apart / YEARS), (str(other.year),) if apart < YEARS else ()


def _words(asked: Traits, other: Traits, rarity: Mapping[str, float]) -> tuple[float | None, tuple[str, ...]]:
    """How much of the weight of the asker's words stands in the other, a rare word weighing more."""
    if not asked.words or not other.words:
        return None, ()
    weight = sum(rarity.get(word, 0.0) for word in asked.words)
    common = sorted(asked.words & other.words, key=lambda word: -rarity.get(word, 0.0))
    if not weight:
        return 0.0, ()
    return sum(rarity.get(word, 0.0) for word in common) / weight, tuple(common[:8])


STEPS = 4
"""Steps of one scale of severity after which two are not alike at all."""
YEARS = 6
"""Years apart after which two are not alike at all: about the time in which methods and governments change."""
RULES: dict[str, Rule] = {
    "method": Rule("what was done, as coded", 2.0, _shared("method")),
    "sector": Rule("whom it hit, as coded: sectors shared of all sectors of both", 2.0, _shared("sector")),
    "layer": Rule("physical, logical, data, social: layers shared", 1.0, _shared("layer")),
    "hit": Rule("states and organisations hit: shared of all", 2.0, _shared("hit")),
    "named": Rule("named as author by anybody: shared of all; says nothing of who did it", 2.0, _shared("named")),
    "initiator": Rule("sort of initiator, as coded", 1.0, _shared("initiator")),
    "region": Rule("regions of those hit, as coded", 1.0, _shared("region")),
    "issue": Rule("issue of the dispute behind it, as coded", 1.0, _shared("issue")),
    "severity": Rule(f"steps apart on one scale, none in common from {STEPS} on; never across scales", 1.0, _severity),
    "year": Rule(f"years apart, none in common from {YEARS} on", 1.0, _year),
    "words": Rule("words of title and account, a rare word weighing more than a common one", 3.0, _words),
}  # fmt: skip
"""The terms, in the order in which they are shown; their points were set before they were measured."""


def compare(
    asked: Traits, others: Iterable[Traits], points: Mapping[str, float], rarity: Mapping[str, float]
) -> list[Case]:
    """Each of the others term by term, most points first; ties by name.

    Args:
        points: weight of each term; one that is not among them, or has 0, is switched off. KeyError for no term.
        rarity: of each word, log of how many incidents there are for one that has it.
    """
    rules = [(name, RULES[name], weight) for name, weight in points.items() if weight > 0]
    cases = [_case(asked, other, rules, rarity) for other in others if other.name != asked.name or not other.name]
    return sorted(cases, key=lambda case: (-case.points, case.name))


def _case(asked: Traits, other: Traits, rules: Iterable[tuple[str, Rule, float]], rarity: Mapping[str, float]) -> Case:
    terms = []
    for name, rule, weight in rules:
        alike, common = rule.compare(asked, other, rarity)
        terms.append(Compared(name, None if alike is None else round(1000 * alike), weight * (alike or 0.0), common))
    return Case(other.name, sum(term.points for term in terms), tuple(terms))


def usual(without: Iterable[str] = ()) -> dict[str, float]:
    """The points of every term but those switched off; raises KeyError for no term."""
    off = {name for name in without if RULES[name]}
    return {name: rule.points for name, rule in RULES.items() if name not in off}
