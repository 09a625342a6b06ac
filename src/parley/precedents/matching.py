"""Several sources' accounts of one incident: candidates with their reasons, and what a person decided.

Nothing is joined by itself. Candidates are listed with every reason in words; a person says "the same", "different" or
"a part". Both sources keep their own statements. Dates of one event differ by days to years between sources, because
they mean different things (intrusion, effect, disclosure): nearness in time is a reason, distance is none against.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec

from parley.precedents.record import Incident, Statement
from parley.precedents.words import Kind, Sort, Tie
from parley.terms.nothing import Nothing

RARE = 12
"""A word of a title is telling if at most so many incidents of all sources have it in theirs."""
NEAR_DAYS = 45
_WORD = re.compile(r"[^\W_]{4,}", re.UNICODE)
_AUTHOR = (Kind.ATTRIBUTION, Kind.CLAIM)
_DAY = 86_400_000


class Verdict(IntEnum):
    """What a person decided about two accounts. The numbers are in stored records and never change."""

    SAME = 1
    DIFFERENT = 2
    PART = 3  # one is a part of the other, for example one campaign of several


class Match(msgspec.Struct, frozen=True, order=True):
    """A decision about two accounts: their names in order, who decided, when (milliseconds, UTC), and why."""

    first: str
    second: str
    verdict: Verdict
    decided_by: str
    at: int
    reasons: tuple[str, ...] = ()


class Sketch(msgspec.Struct, frozen=True):
    """What is compared of one account: title words, states named as authors, states hit, first moments, addresses."""

    name: str
    data_set: str
    title: str
    words: frozenset[str]  # by their first six letters: Albania and Albanian are one word here
    authors: frozenset[str]
    hit: frozenset[str]
    moments: tuple[int, ...]
    links: frozenset[str]


class Candidate(msgspec.Struct, frozen=True):
    """Another source's account that may be of the same incident, and why; never a score."""

    name: str
    title: str
    reasons: tuple[str, ...]


def sketches(incidents: Iterable[Incident], statements: Iterable[Statement]) -> list[Sketch]:
    """What is compared of each incident."""
    authors: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        if statement.kind in _AUTHOR and not isinstance(statement.names, Nothing):
            for incident in statement.about:
                authors[incident] |= {one.actor.code for one in statement.names if _accused(one.actor.sort, one.tie)}
    return [_sketch(incident, frozenset(authors[incident.name])) for incident in incidents]


def _accused(sort: Sort, tie: Tie) -> bool:
    return sort is Sort.STATE and tie not in (Tie.HIT, Tie.ADDRESSED)


def _sketch(incident: Incident, authors: frozenset[str]) -> Sketch:
    return Sketch(
        name=incident.name,
        data_set=incident.data_set,
        title=incident.title.text,
        words=frozenset(word.casefold()[:6] for word in _WORD.findall(incident.title.text)),
        authors=authors,
        hit=frozenset(actor.code for actor in incident.receivers if actor.sort is Sort.STATE),
        moments=tuple(dated.instant.ms for dated in incident.dates),
        links=frozenset(link.partition("#")[0].rstrip("/") for link in incident.links),
    )


class Comparing:
    """All accounts, ready to be compared."""

    def __init__(self, accounts: Sequence[Sketch]) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._with_word: dict[str, list[str]] = defaultdict(list)
        self._with_link: dict[str, list[str]] = defaultdict(list)
        self._with_pair: dict[tuple[str, str], list[str]] = defaultdict(list)
        for account in accounts:
            for word in account.words:
                self._with_word[word].append(account.name)
            for link in account.links:
                self._with_link[link].append(account.name)
            for pair in _pairs(account):
                self._with_pair[pair].append(account.name)

    def candidates(self, name: str, most: int = 10) -> list[Candidate]:
        """Accounts of other sources that share a telling word, an address, or author and state hit at about the time.

        Those with more reasons come first. An unknown name has none.
        """
        one = self._accounts.get(name)
        if one is None:
            return []
        found = {other: self._reasons(one, self._accounts[other]) for other in self._near(one)}
        listed = [Candidate(other, self._accounts[other].title, reasons) for other, reasons in found.items() if reasons]
        return sorted(listed, key=lambda candidate: (-len(candidate.reasons), candidate.name))[:most]

    def _near(self, one: Sketch) -> set[str]:
        names: set[str] = set()
        for word in self._telling(one.words):
            names.update(self._with_word[word])
        for link in one.links:
            names.update(self._with_link[link])
        for pair in _pairs(one):
            names.update(other for other in self._with_pair[pair] if _days(one, self._accounts[other]) <= NEAR_DAYS)
        return {name for name in names if self._accounts[name].data_set != one.data_set}

    def _telling(self, words: frozenset[str]) -> list[str]:
        return sorted(word for word in words if 1 < len(self._with_word[word]) <= RARE)

    def _reasons(self, one: Sketch, other: Sketch) -> tuple[str, ...]:
        reasons = [f"both titles have the word “{word}…”" for word in self._telling(one.words & other.words)]
        reasons += ["both cite the same address"] * bool(one.links & other.links)
        reasons += [f"both name {code} as author" for code in sorted(one.authors & other.authors)]
        reasons += [f"both say that {code} was hit" for code in sorted(one.hit & other.hit)]
        days = _days(one, other)
        if days <= NEAR_DAYS:
            reasons.append(f"dates {days} days apart")
        return tuple(reasons)


def _pairs(one: Sketch) -> list[tuple[str, str]]:
    return [(author, hit) for author in one.authors for hit in one.hit]


def _days(one: Sketch, other: Sketch) -> int:
    """Days between the nearest two moments; a very large number if one has none."""
    return min((abs(a - b) // _DAY for a in one.moments for b in other.moments), default=10**6)
