"""The public record: searched, one incident holder by holder, statistics with their limits; nothing of it is ours.

What a source wrote is shown as it wrote it; what Parley says of it stands beside. Leaves out pictures.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec

from parley.desk import ask_precedents as ask
from parley.doors.as_csv import as_csv
from parley.doors.web.answers import Answer, attachment, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.precedents import PrecedentProblem
from parley.precedents.asked import Asking
from parley.precedents.question import Question
from parley.precedents.record import DataSet, Statement, cite
from parley.precedents.statistics import NAMES
from parley.precedents.timeline import Timeline
from parley.precedents.words import Kind, Sort
from parley.terms.nothing import Nothing
from parley.terms.problem import Problem
from parley.terms.source import Checked, Source
from parley.terms.states import all_states, resolve

SHOWN, ALIKE, ROWS = 25, 5, 200
LISTS = ("who", "whom", "method", "sector", "response", "data_set")
FILTERS = ("words", "who", "whom", "since", "until", "method", "sector", "response", "data_set")
STATES = frozenset({"by", "to", "first", "then", "state hit", "hit", "named as author", "state", "with"})
"""Columns of statistics in which a code of a state is said by its name."""


class Said(msgspec.Struct, frozen=True):
    """A statement on the page: its place there, its source, and the places of those that contradict it."""

    place: int
    statement: Statement
    source: Source
    verified: bool
    against: tuple[int, ...]


async def search(desk: WebDesk, asked: Asked) -> Answer:
    """Words and filters; a filter that fits nothing is named above them, and nothing that was typed is lost."""
    return await _search(desk, asked, _wanted(asked), None)


async def _search(desk: WebDesk, asked: Asked, wanted: dict[str, str], refused: Problem | None) -> Answer:
    """`refused`: why the search was not kept."""
    start = _start(asked)
    sets, saved = await desk.ask(lambda it: (it.shelf.data_sets(), it.saved()))
    found, problem = None, refused
    try:
        question = _question(wanted)
        found = await desk.ask(lambda it: ask.search_page(it, question, limit=SHOWN, offset=start))
    except Problem as raised:
        problem = raised
    kept = [(name, urlencode(_given(one)), by) for name, one, by in saved]
    return page(
        desk, asked, "precedents.html", status=422 if problem else 200,
        found=found, problem=problem, wanted=wanted, sets=sets, saved=kept, start=start, step=SHOWN,
        titles={one.key: one for one in sets}, query=_query(wanted), name=asked.field("name"),
    )  # fmt: skip


async def keep(desk: WebDesk, asked: Asked) -> Answer:
    """Keep the search under a name, for every officer here; what was typed stays if it cannot be."""
    wanted, name = {one: asked.field(one).strip() for one in FILTERS}, asked.field("name").strip()
    try:
        question = _question(wanted)
        await desk.ask(lambda it: ask.keep_search(it, name, question, asked.officer))
    except Problem as refused:
        return await _search(desk, asked, wanted, refused)
    return redirect(f"/precedents?{_query(wanted)}")


async def forget(desk: WebDesk, asked: Asked) -> Answer:
    """Keep it no longer; raises PrecedentProblem("unknown_search")."""
    await desk.ask(lambda it: ask.forget_search(it, asked.field("name")))
    return redirect("/precedents")


async def incident(desk: WebDesk, asked: Asked) -> Answer:
    """What the sources say of one incident, where they do not fit together, and cases like it."""
    name = asked.path["incident"]
    found, sets, alike = await desk.ask(lambda it: _incident(it, name))
    said = _said(found, sets)
    by_name = {one.statement.name: one for one in said}
    return page(
        desk, asked, "precedent.html",
        found=found, lanes=[(lane.holder, [by_name[one.name] for one in lane.statements]) for lane in found.lanes],
        against=[
            (one, by_name.get(one.one), by_name.get(one.other)) for one in found.contradictions
        ],
        attributed=_officially(found), alike=alike, sources=[sets[key] for key in _sets_of(found, alike)],
    )  # fmt: skip


async def statistics(desk: WebDesk, asked: Asked) -> Answer:
    """Which statistics there are, among which incidents."""
    wanted = _wanted(asked)
    sets = await desk.ask(lambda it: it.shelf.data_sets())
    return page(
        desk, asked, "statistics.html", names=NAMES, wanted=wanted, sets=sets, query=_query(wanted), problem=None
    )  # fmt: skip


async def statistic(desk: WebDesk, asked: Asked) -> Answer:
    """One statistic: the table with n, what is missing, how dates entered, and the query."""
    name, wanted = _named(asked), _wanted(asked)
    sets = await desk.ask(lambda it: it.shelf.data_sets())
    found, problem = None, None
    try:
        question = _question(wanted)
        found = await desk.ask(lambda it: ask.statistics_page(it, name, question))
    except Problem as raised:
        problem = raised
    return page(
        desk, asked, "statistic.html", status=422 if problem else 200,
        name=name, found=found, problem=problem, wanted=wanted, sets=sets, query=_query(wanted), most=ROWS,
        states=STATES, sources=[one for one in sets if found and one.key in found.n],
    )  # fmt: skip


async def table(desk: WebDesk, asked: Asked) -> Answer:
    """The table of a statistic, whole, to keep."""
    name, question = _named(asked), _question(_wanted(asked))
    found = await desk.ask(lambda it: ask.statistics_page(it, name, question))
    return attachment(f"{name}.csv", "text/csv; charset=utf-8", as_csv(found.columns, found.rows))


# -- the question


def _named(asked: Asked) -> str:
    name = asked.path["statistic"]
    if name not in NAMES:
        raise PrecedentProblem("unknown_statistic", given=name[:40], possible=", ".join(NAMES))
    return name


def _wanted(asked: Asked) -> dict[str, str]:
    return {name: asked.query.get(name, "").strip() for name in FILTERS}


def _query(wanted: dict[str, str]) -> str:
    return urlencode({name: value for name, value in wanted.items() if value})


def _given(question: Question) -> dict[str, str]:
    """The parameters of a kept search."""
    values = ((name, getattr(question, name)) for name in FILTERS)
    return {name: ",".join(value) if isinstance(value, tuple) else value for name, value in values if value}


def _question(wanted: dict[str, str]) -> Question:
    """Raises TermsProblem ``bad_date``, PrecedentProblem ``question_too_long``."""
    given: dict[str, Any] = {name: tuple(_several(name, wanted[name])) for name in LISTS}
    return Question(words=wanted["words"], since=wanted["since"], until=wanted["until"], **given)


def _several(name: str, given: str) -> list[str]:
    """Alternatives with commas between, also the Arabic and Chinese ones; a state by its name in any language."""
    parts = [part.strip() for part in given.replace("،", ",").replace("，", ",").split(",") if part.strip()]
    return [_code(part) for part in parts] if name in ("who", "whom") else parts


def _code(given: str) -> str:
    if given.upper() in all_states():
        return given.upper()
    try:
        return resolve(given)
    except Problem:  # an organisation, a region, or the name of a group as the record has it
        return given


def _start(asked: Asked) -> int:
    given = asked.query.get("from", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 0


# -- one incident


def _incident(it: Asking, name: str) -> tuple[Timeline, dict[str, DataSet], ask.ComparablePage]:
    found = ask.incident_page(it, name)
    return found, {one.key: one for one in it.shelf.data_sets()}, ask.comparable_page(it, name, limit=ALIKE)


def _said(found: Timeline, sets: dict[str, DataSet]) -> list[Said]:
    """Every statement in the order of the lanes."""
    each = [one for lane in found.lanes for one in lane.statements]
    places = {one.name: number for number, one in enumerate(each, 1)}
    against: dict[str, dict[int, None]] = {}
    for pair in found.contradictions:
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if other in places and one != other:
                against.setdefault(one, {})[places[other]] = None
    return [
        Said(
            places[one.name], one, cite(one, sets[one.data_set]), one.checked is Checked.VERIFIED,
            tuple(against.get(one.name, ())),
        )
        for one in each
    ]  # fmt: skip


def _officially(found: Timeline) -> bool:
    """Whether a state or an organisation of states attributes it in the record, and names somebody."""
    return any(
        one.kind is Kind.ATTRIBUTION
        and not isinstance(one.holder, Nothing)
        and one.holder.sort in (Sort.STATE, Sort.ORGANISATION)
        and not isinstance(one.names, Nothing)
        for lane in found.lanes
        for one in lane.statements
    )


def _sets_of(found: Timeline, alike: ask.ComparablePage) -> list[str]:
    """The data sets of the accounts, of every statement, and of the comparable cases, in that order."""
    keys = [one.data_set for one in found.accounts]
    keys += [one.data_set for lane in found.lanes for one in lane.statements]
    return list(dict.fromkeys([*keys, *(one.key for one in alike.sources)]))
