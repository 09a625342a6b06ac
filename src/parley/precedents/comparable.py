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


class Words(msgspec.Struct, frozen=True):
    """What full-text search says of the asker's words.

    `fits`: of an incident by name, its fit (BM25) divided by the best, 0 to 1; `rarity` of a word: log of how many
    incidents there are for one that has it, by which the words in common are put in order.
    """

    fits: Mapping[str, float] = {}
    rarity: Mapping[str, float] = {}


class Rule(msgspec.Struct, frozen=True):
    """A term: what it compares, in words, and its points unless the asker says otherwise."""

    says: str
    points: float
    compare: Callable[[Traits, Traits, Words], tuple[float | None, tuple[str, ...]]]


def _shared(field: str) -> Callable[[Traits, Traits, Words], tuple[float | None, tuple[str, ...]]]:
    def compare(asked: Traits, other: Traits, known: Words) -> tuple[float | None, tuple[str, ...]]:
        one: frozenset[str] = getattr(asked, field)
        two: frozenset[str] = getattr(other, field)
        if not one or not two:
            return None, ()
        common = one & two
        return len(common) / len(one | two), tuple(sorted(common))

    return compare


def _severity(asked: Traits, other: Traits, known: Words) -> tuple[float | None, tuple[str, ...]]:
    scales = sorted(asked.severity.keys() & other.severity.keys())
    if not scales:
        return None, ()
    steps = [abs(asked.severity[scale] - other.severity[scale]) for scale in scales]
    best = min(range(len(scales)), key=lambda at: steps[at])
    return max(0.0, 1 - steps[best] / STEPS), (scales[best],)


def _year(asked: Traits, other: Traits, known: Words) -> tuple[float | None, tuple[str, ...]]:
    if asked.year is None or other.year is None:
        return None, ()
    apart = abs(asked.year - other.year)
    return max(0.0, 1 - apart / YEARS), (str(other.year),) if apart < YEARS else ()


def _words(asked: Traits, other: Traits, known: Words) -> tuple[float | None, tuple[str, ...]]:
    """How well the other's title and account fit the asker's words in full-text search, of the best fit there is."""
    if not asked.words or not other.words:
        return None, ()
    common = sorted(asked.words & other.words, key=lambda word: -known.rarity.get(word, 0.0))
    return known.fits.get(other.name, 0.0), tuple(common[:8])


STEPS = 4
"""Steps of one scale of severity after which two are not alike at all."""
YEARS = 6
"""Years apart after which two are not alike at all: about the time in which methods and governments change."""
RULES: dict[str, Rule] = {
    "words": Rule("fit of title and account in full-text search, of the best fit", 10.0, _words),
    "hit": Rule("states and organisations hit: shared of all", 2.0, _shared("hit")),
    "named": Rule("named as author by anybody: shared of all; says nothing of who did it", 2.0, _shared("named")),
    "initiator": Rule("sort of initiator, as coded", 2.0, _shared("initiator")),
    "method": Rule("what was done, as coded", 1.0, _shared("method")),
    "sector": Rule("sectors hit, as coded: shared of all", 1.0, _shared("sector")),
    "issue": Rule("issue of the dispute behind it, as coded", 1.0, _shared("issue")),
    "year": Rule(f"years apart, none in common from {YEARS} on", 1.0, _year),
    "layer": Rule("physical, logical, data, social: layers shared", 0.5, _shared("layer")),
    "region": Rule("regions of those hit, as coded", 0.5, _shared("region")),
    "severity": Rule(f"steps apart on one scale, none in common from {STEPS} on; never across scales", 0.5, _severity),
}  # fmt: skip
"""The terms, in the order in which they are shown. Why the words weigh most: docs/decisions/0342, which measured it."""


def compare(asked: Traits, others: Iterable[Traits], points: Mapping[str, float], known: Words) -> list[Case]:
    """Each of the others term by term, most points first; ties by name.

    Args:
        points: weight of each term; one that is not among them, or has 0, is switched off. KeyError for no term.
        known: what full-text search says of the asker's words.
    """
    rules = [(name, RULES[name], weight) for name, weight in points.items() if weight > 0]
    cases = [_case(asked, other, rules, known) for other in others if other.name != asked.name or not other.name]
    return sorted(cases, key=lambda case: (-case.points, case.name))


def _case(asked: Traits, other: Traits, rules: Iterable[tuple[str, Rule, float]], known: Words) -> Case:
    terms = []
    for name, rule, weight in rules:
        alike, common = rule.compare(asked, other, known)
        terms.append(Compared(name, None if alike is None else round(1000 * alike), weight * (alike or 0.0), common))
    return Case(other.name, sum(term.points for term in terms), tuple(terms))


def usual(without: Iterable[str] = ()) -> dict[str, float]:
    """The points of every term but those switched off; raises KeyError for no term."""
    off = {name for name in without if RULES[name]}
    return {name: rule.points for name, rule in RULES.items() if name not in off}
