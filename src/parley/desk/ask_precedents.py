"""Ask the public record: search, one incident on its timeline, comparable cases, statistics.

Nothing here is kept between two questions: each answer is of the record as it is now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.precedents import PrecedentProblem
from parley.precedents.asked import Asking, Hits
from parley.precedents.comparable import RULES, Case, Traits, usual
from parley.precedents.question import Question
from parley.precedents.record import DataSet, Incident, Statement
from parley.precedents.statistics import NAMES, Statistic, statistic
from parley.precedents.timeline import Timeline, timeline
from parley.terms.stems import kept_as

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST = 200
"""Incidents on one page."""


class Hit(msgspec.Struct, frozen=True):
    """An incident on a page, with what was said about it, and the other accounts that a person joined with it."""

    incident: Incident
    statements: tuple[Statement, ...]
    same: tuple[str, ...]


class SearchPage(msgspec.Struct, frozen=True):
    """What was found; `sources`: the data sets on this page, with licence and date."""

    question: Question
    hits: Hits
    found: tuple[Hit, ...]
    sources: tuple[DataSet, ...]


class ComparablePage(msgspec.Struct, frozen=True):
    """The cases most alike; `looked_at` of the record were compared; `points` are the terms that were switched on."""

    asked: Traits
    points: dict[str, float]
    looked_at: int
    cases: tuple[Case, ...]
    incidents: tuple[Incident, ...]
    sources: tuple[DataSet, ...]


def search_page(asking: Asking, question: Question, *, limit: int = 25, offset: int = 0) -> SearchPage:
    """One page of what fits; raises PrecedentProblem ``unknown_filter``."""
    hits = asking.search(question, limit=min(limit, MOST), offset=offset)
    incidents = asking.records(hits.numbers)
    about: dict[str, list[Statement]] = {one.name: [] for one in incidents}
    for statement in asking.shelf.about(about):
        for name in statement.about:
            if name in about:
                about[name].append(statement)
    found = tuple(Hit(one, tuple(about[one.name]), asking.same(one.name)[1:]) for one in incidents)
    return SearchPage(question, hits, found, sources(asking, incidents))


def incident_page(asking: Asking, name: str) -> Timeline:
    """An incident with all accounts of it that a person joined; raises PrecedentProblem ``unknown_record``."""
    accounts = [asking.shelf.incident(one) for one in asking.same(name)]
    return timeline(accounts, asking.shelf.about([one.name for one in accounts]))


def comparable_page(
    asking: Asking, asked: Traits | str, *, points: Mapping[str, float] | None = None, without: Sequence[str] = (),
    limit: int = 10,
) -> ComparablePage:  # fmt: skip
    """Cases like a recorded incident (its name) or an imagined one (its traits).

    Args:
        points: weights that differ from the usual ones; 0 switches a term off.
        without: data sets that are left out.

    Raises PrecedentProblem ``unknown_record``, ``unknown_term``.
    """
    if isinstance(asked, str):
        found = asking.traits(asked)
        if found is None:
            raise PrecedentProblem("unknown_record", given=asked[:120])
        asked = found
    for name in points or {}:
        if name not in RULES:
            raise PrecedentProblem("unknown_term", given=name[:40], possible=", ".join(RULES))
    weighed = {**usual(), **(points or {})}
    cases, looked_at = asking.comparable(asked, weighed, min(limit, MOST), without)
    incidents = tuple(asking.shelf.incident(case.name) for case in cases)
    return ComparablePage(asked, weighed, looked_at, tuple(cases), incidents, sources(asking, incidents))


def imagined(text: str = "", language: str = "en", year: int | None = None, **sets: Sequence[str]) -> Traits:
    """The traits of an incident that is described or imagined: a text in a language, and what is known of it.

    `sets` are fields of `Traits`: hit and named take keys of actors (``state:UA``), the others codes.
    """
    words = frozenset(word for word in kept_as(text, language).split() if len(word) > 2)
    fields: dict[str, Any] = {name: frozenset(values) for name, values in sets.items()}
    return Traits(words=words, year=year, **fields)


def statistics_page(asking: Asking, name: str, question: Question, *, data: bool = False) -> Statistic:
    """One statistic among the incidents that fit; raises PrecedentProblem ``unknown_statistic``, ``unknown_filter``."""
    if name not in NAMES:
        raise PrecedentProblem("unknown_statistic", given=name[:40], possible=", ".join(NAMES))
    return statistic(name, asking.counts, question, data=data)


def sources(asking: Asking, incidents: Sequence[Incident]) -> tuple[DataSet, ...]:
    """The data sets of these incidents, with licence and date: shown wherever a record of them is."""
    wanted = {one.data_set for one in incidents}
    return tuple(one for one in asking.shelf.data_sets() if one.key in wanted)


def save_search(asking: Asking, name: str, question: Question, by: str) -> None:
    """Keep a question; raises PrecedentProblem ``bad_search_name``."""
    if not _NAME.fullmatch(name):
        raise PrecedentProblem("bad_search_name", given=name[:60])
    asking.save(name, question, by)


def keep_search(asking: Asking, name: str, question: Question, by: str) -> None:
    """As `save_search`, at a desk of several: another officer's search of that name is not written over.

    Raises PrecedentProblem ``bad_search_name``, ``search_taken``.
    """
    for kept, before, keeper in asking.saved():
        if kept == name and keeper != by and before != question:
            raise PrecedentProblem("search_taken", given=name[:60], by=keeper[:40])
    save_search(asking, name, question, by)


def saved_search(asking: Asking, name: str) -> Question:
    """A kept question; raises PrecedentProblem ``unknown_search``."""
    for kept, question, _ in asking.saved():
        if kept == name:
            return question
    raise PrecedentProblem("unknown_search", given=name[:60])


def forget_search(asking: Asking, name: str) -> None:
    """Keep a question no longer; raises PrecedentProblem ``unknown_search``."""
    if not asking.forget(name):
        raise PrecedentProblem("unknown_search", given=name[:60])
