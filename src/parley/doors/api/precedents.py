"""What a program may ask of the public record: search, one incident, comparable cases, statistics; it changes none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from parley.desk import ask_precedents as ask
from parley.doors.api import precedents_shapes as shapes
from parley.doors.api.answers import Answer, said
from parley.precedents import PrecedentProblem
from parley.precedents.comparable import RULES
from parley.precedents.question import Question
from parley.precedents.record import Actor, DataSet, Dated, Incident, Statement
from parley.precedents.words import Tie
from parley.terms.instant import Instant, iso
from parley.terms.nothing import Nothing
from parley.terms.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.doors.api.app import Desk
    from parley.doors.api.asked import Asked

T = TypeVar("T")
LISTS = ("who", "whom", "sector", "layer", "method", "attributed_by", "response", "law", "data_set")


async def incidents(desk: Desk, asked: Asked) -> Answer:
    """Search the public record by words and filters."""
    query = asked.query
    page = await _ask(
        desk, lambda it: ask.search_page(it, question(query), limit=query.limit, offset=query.offset)
    )  # fmt: skip
    return said(
        shapes.Incidents(
            total=page.hits.total,
            order=page.hits.order,
            looked_for=[
                shapes.TermRead(given=t.given, stems=[list(s) for s in t.stems], codes=list(t.codes), without=t.without)
                for t in page.hits.looked_for
            ],
            instead=list(page.hits.instead),
            incidents=[_incident(hit.incident, hit.statements, hit.same) for hit in page.found],
            sources=_sources(page.sources),
        )
    )


async def incident(desk: Desk, asked: Asked) -> Answer:
    """An incident with its statements on a timeline, holder by holder, and what does not fit together."""
    found, sources = await _ask(desk, lambda it: _timeline(it, asked.path["incident"]))
    about = {
        one.name: [s for lane in found.lanes for s in lane.statements if one.name in s.about] for one in found.accounts
    }
    same = [one.name for one in found.accounts]
    return said(
        shapes.TimelineShown(
            accounts=[
                _incident(one, about[one.name], [name for name in same if name != one.name]) for one in found.accounts
            ],
            lanes=[
                shapes.LaneShown(
                    holder=None if lane.holder is None else _actor(lane.holder),
                    statements=[one.name for one in lane.statements],
                )
                for lane in found.lanes
            ],
            contradictions=[
                shapes.NotTogether(way=one.way, one=one.one, other=one.other, says=one.says)
                for one in found.contradictions
            ],
            sources=_sources(sources),
        )
    )


async def comparable(desk: Desk, asked: Asked) -> Answer:
    """Cases like one of the record, or like a description, with every term and its points."""
    query = asked.query
    like: Any = query.case or ask.imagined(query.text, query.language)
    off = dict.fromkeys(_several(query.off), 0.0)
    page = await _ask(
        desk, lambda it: ask.comparable_page(it, like, points=off, without=_several(query.without), limit=query.limit)
    )
    return said(
        shapes.Comparable(
            looked_at=page.looked_at,
            points=page.points,
            says={name: rule.says for name, rule in RULES.items()},
            cases=[_case(case, one) for case, one in zip(page.cases, page.incidents, strict=True)],
            sources=_sources(page.sources),
        )
    )


async def statistic(desk: Desk, asked: Asked) -> Answer:
    """A statistic with its n, what is missing, how placeholder dates were treated, and the query."""
    found, sources = await _ask(desk, lambda it: _statistic(it, asked.path["statistic"], question(asked.query)))
    return said(
        shapes.StatisticShown(
            name=found.name,
            n=found.n,
            columns=list(found.columns),
            rows=[list(row) for row in found.rows],
            missing=[shapes.NotCounted(data_set=one.data_set, why=one.why, count=one.count) for one in found.missing],
            placeholders=found.placeholders,
            notes=list(found.notes),
            sql=found.sql,
            parameters=list(found.given),
            sources=_sources(sources),
        )
    )


async def _ask(desk: Desk, do: Callable[[Any], T]) -> T:
    """Ask in a thread, one question at a time: the record is one connection."""
    if desk.asking is None:
        raise PrecedentProblem("no_record")
    async with desk.asking_one:
        return await asyncio.to_thread(lambda: do(desk.record()))


def question(query: Any) -> Question:
    """The question of the parameters; raises TermsProblem ``bad_date``, PrecedentProblem ``question_too_long``."""
    given: dict[str, Any] = {name: _several(getattr(query, name)) for name in LISTS}
    return Question(
        words=query.words, since=query.since, until=query.until, severity=query.severity, **given
    )  # fmt: skip


def _several(given: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in given.split(",") if part.strip())


def _timeline(it: Any, name: str) -> tuple[Any, Any]:
    found = ask.incident_page(it, name)
    return found, ask.sources(it, found.accounts)


def _statistic(it: Any, name: str, asked: Question) -> tuple[Any, Any]:
    found = ask.statistics_page(it, name, asked)
    return found, tuple(one for one in it.shelf.data_sets() if one.key in found.n)


# -- records in their shapes


def _incident(one: Incident, statements: Iterable[Statement], same: Iterable[str]) -> shapes.IncidentShown:
    codings: dict[str, list[str]] = {}
    for coding in one.codings:
        codings.setdefault(coding.facet, []).append(coding.code)
    return shapes.IncidentShown(
        name=one.name,
        data_set=one.data_set,
        place=one.place,
        title=one.title.text,
        description=_text(one.description),
        language=one.title.language,
        dates=[_date(date) for date in one.dates],
        receivers=[_actor(actor) for actor in one.receivers],
        codings=codings,
        links=list(one.links),
        statements=[_statement(s) for s in statements],
        same=list(same),
    )


def _statement(one: Statement) -> shapes.StatementShown:
    return shapes.StatementShown(
        name=one.name,
        kind=str(one.kind),
        holder=None if isinstance(one.holder, Nothing) else _actor(one.holder),
        names=[] if isinstance(one.names, Nothing) else [_actor(named.actor, named.tie) for named in one.names],
        names_nothing=one.names.name.lower() if isinstance(one.names, Nothing) else "",
        on=None if isinstance(one.on, Nothing) else _date(one.on),
        words=_text(one.words),
        language=one.words.language if isinstance(one.words, Text) else "",
        instrument=_word(one.instrument),
        basis=_word(one.basis),
        law=[] if isinstance(one.law, Nothing) else [law.code for law in one.law],
        checked=one.checked.name.lower(),
        data_set=one.data_set,
        place=one.place,
        links=list(one.links),
    )


def _case(case: Any, one: Incident) -> shapes.CaseShown:
    terms = [
        shapes.TermCompared(term=t.term, alike=t.alike, points=round(t.points, 3), common=list(t.common))
        for t in case.terms
    ]
    return shapes.CaseShown(name=case.name, title=one.title.text, points=round(case.points, 3), terms=terms)


def _sources(sets: Iterable[DataSet]) -> list[shapes.DataSetNamed]:
    return [
        shapes.DataSetNamed(
            key=one.key, title=one.title, publisher=one.publisher, version=one.version, reference=one.reference,
            licence=one.licence, pass_on=str(one.pass_on), notice=one.notice,
            dated=iso(one.dated) if isinstance(one.dated, Instant) else one.dated.name.lower(),
        )
        for one in sets
    ]  # fmt: skip


def _actor(one: Actor, tie: Tie | None = None) -> shapes.ActorNamed:
    return shapes.ActorNamed(sort=str(one.sort), code=one.code, name=one.name, tie=str(tie or ""))


def _date(one: Dated) -> shapes.DateNamed:
    return shapes.DateNamed(date=iso(one.instant), meaning=one.instant.meaning.name.lower(), given=one.given)


def _text(given: Text | Nothing) -> str:
    return given.text if isinstance(given, Text) else ""


def _word(given: Any) -> str:
    return "" if isinstance(given, Nothing) else str(given)
