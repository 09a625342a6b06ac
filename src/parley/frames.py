"""The public record as Polars frames, for a notebook. Beside wiring; needs no node, and the extra ``frames``.

    from parley.frames import open_frames
    record = open_frames("precedents.sqlite")
    record.incidents(), record.statements(), record.statistic("base-rates")

Polars and not pandas: a missing number stays missing and a whole number stays whole, Namibia's "NA" is two letters, and
the five kinds of nothing are words in a column of their own (docs/decisions/0343). Dates keep their precision: `began`
is text as precise as it is known, `began_day` is a day or null, never the first day of a year that is only a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from parley.outside.store.precedents_asking import Asking
from parley.precedents.lag import EVENT, day_of
from parley.precedents.question import Question
from parley.precedents.record import Actor, Dated, Incident, Statement
from parley.precedents.statistics import Statistic, statistic
from parley.public_record import open_asking
from parley.terms.instant import Instant, iso
from parley.terms.nothing import Nothing

_EPOCH = date(1970, 1, 1)
INCIDENTS: dict[str, Any] = {
    "incident": pl.String, "data_set": pl.String, "title": pl.String, "began": pl.String, "began_day": pl.Date,
    "year": pl.Int32, "hit": pl.List(pl.String), "codings": pl.List(pl.String), "licence": pl.String,
}  # fmt: skip
STATEMENTS: dict[str, Any] = {
    "statement": pl.String, "incident": pl.String, "data_set": pl.String, "kind": pl.String, "holder": pl.String,
    "holder_sort": pl.String, "named": pl.List(pl.String), "ties": pl.List(pl.String), "said": pl.String,
    "said_day": pl.Date, "said_given": pl.String, "basis": pl.String, "manner": pl.String, "instrument": pl.String,
    "law": pl.List(pl.String), "codings": pl.List(pl.String), "checked": pl.String, "licence": pl.String,
}  # fmt: skip


class Frames:
    """Over one record."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self._licences = {one.key: one.licence for one in asking.shelf.data_sets()}

    def incidents(self, data_set: str | None = None) -> pl.DataFrame:
        """One row per account of an incident; codings are ``facet/code``."""
        rows = [self._incident(one) for one in self.asking.shelf.incidents(data_set)]
        return pl.DataFrame(rows, schema=INCIDENTS, orient="row")

    def statements(self, data_set: str | None = None) -> pl.DataFrame:
        """One row per statement and incident that it is about; one about none has a null there."""
        rows = [row for one in self.asking.shelf.statements(data_set) for row in self._statement(one)]
        return pl.DataFrame(rows, schema=STATEMENTS, orient="row")

    def statistic(self, name: str, **question: Any) -> tuple[pl.DataFrame, Statistic]:
        """A statistic's table, and the statistic with its limits; `question` are fields of Question."""
        for field in _MANY & question.keys():
            question[field] = (question[field],) if isinstance(question[field], str) else tuple(question[field])
        found = statistic(name, self.asking.counts, Question(**question), data=True)
        return frame(found.columns, found.rows), found

    def _incident(self, one: Incident) -> tuple[Any, ...]:
        began = _first(one.dates)
        return (
            one.name, one.data_set, one.title.text, began and iso(began), began and _day(began),
            began and int(iso(began)[:4]), [actor.code for actor in one.receivers],
            [f"{coding.facet}/{coding.code}" for coding in one.codings], self._licences.get(one.data_set),
        )  # fmt: skip

    def _statement(self, one: Statement) -> Iterator[tuple[Any, ...]]:
        named = () if isinstance(one.names, Nothing) else one.names
        on = None if isinstance(one.on, Nothing) else one.on
        law = None if isinstance(one.law, Nothing) else [named_law.code for named_law in one.law]
        for about in one.about or (None,):
            yield (
                one.name, about, one.data_set, str(one.kind), _code(one.holder), _sort(one.holder),
                [who.actor.code for who in named], [str(who.tie) for who in named], on and iso(on.instant),
                on and _day(on.instant), on and on.given, _word(one.basis), _word(one.manner), _word(one.instrument),
                law, [f"{coding.facet}/{coding.code}" for coding in one.codings], one.checked.name.lower(),
                self._licences.get(one.data_set),
            )  # fmt: skip


_MANY = frozenset({"who", "whom", "sector", "layer", "method", "attributed_by", "response", "law", "data_set"})


def open_frames(place: Path | str) -> Frames:
    """The record in a file; raises StoreProblem."""
    return Frames(open_asking(place))


def frame(columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]) -> pl.DataFrame:
    """A table with these columns; a column of numbers with gaps stays one of whole numbers."""
    return pl.DataFrame([list(row) for row in rows], schema=list(columns), orient="row", infer_schema_length=None)


def _first(dates: tuple[Dated, ...]) -> Instant | None:
    events = [one.instant for one in dates if one.instant.meaning in EVENT] or [one.instant for one in dates]
    return min(events, key=lambda one: one.ms, default=None)


def _day(instant: Instant) -> date | None:
    day = day_of(instant)
    return None if day is None else _EPOCH + timedelta(days=day)


def _code(holder: Actor | Nothing) -> str | None:
    return holder.code if isinstance(holder, Actor) else None


def _sort(holder: Actor | Nothing) -> str:
    return str(holder.sort) if isinstance(holder, Actor) else holder.name.lower()


def _word(given: Any) -> str:
    return given.name.lower() if isinstance(given, Nothing) else str(given)
