"""Shapes of what the API says of the public record. Every answer names the data sets that it rests on, and licences."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from parley.doors.api.shapes import In, Out

Words = Annotated[str, Meta(max_length=400, description="Words in any of the six languages; “…” a sequence, -word")]
Several = Annotated[str, Meta(max_length=400, description="Alternatives with commas between")]
Date = Annotated[str, Meta(pattern="^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$", description="A year, month or day")]
Name = Annotated[str, Meta(max_length=120)]


class Filters(In, frozen=True):
    """Which incidents; see docs/asking.md."""

    words: Words = ""
    who: Several = ""
    whom: Several = ""
    since: Date = ""
    until: Date = ""
    sector: Several = ""
    layer: Several = ""
    method: Several = ""
    severity: Annotated[str, Meta(max_length=60, description="SCALE/NUMBER, at least")] = ""
    attributed_by: Several = ""
    response: Several = ""
    law: Several = ""
    data_set: Several = ""


class SearchQuery(Filters, frozen=True):
    """Which incidents, and which part of the list."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 25
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class ComparableQuery(In, frozen=True):
    """Like which case: the name of one in the record, or a description."""

    case: Name = ""
    text: Annotated[str, Meta(max_length=4000)] = ""
    language: Annotated[str, Meta(max_length=8)] = "en"
    without: Several = ""
    off: Several = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 10


class DataSetNamed(Out, frozen=True):
    """A data set that an answer rests on; `dated` is ISO 8601 as precise as it is known, or a kind of nothing."""

    key: str
    title: str
    publisher: str
    version: str
    reference: str
    licence: str
    pass_on: str
    notice: str
    dated: str


class DateNamed(Out, frozen=True):
    """A date as precise as it is known (2017 is a year), what it means, and the cell it was read from."""

    date: str
    meaning: str
    given: str


class ActorNamed(Out, frozen=True):
    """Somebody: sort, code, name as the source spells it; `tie` says how a statement ties a named one to the act."""

    sort: str
    code: str
    name: str
    tie: str = ""


class StatementShown(Out, frozen=True):
    """A statement; empty where its source has nothing. `checked` is verified or unverified."""

    name: str
    kind: str
    holder: ActorNamed | None
    names: list[ActorNamed]
    names_nothing: str
    on: DateNamed | None
    words: str
    language: str
    instrument: str
    basis: str
    law: list[str]
    checked: str
    data_set: str
    place: str
    links: list[str]


class IncidentShown(Out, frozen=True):
    """One source's account of an incident, with what was said about it; `same`: accounts that a person joined to it."""

    name: str
    data_set: str
    place: str
    title: str
    description: str
    language: str
    dates: list[DateNamed]
    receivers: list[ActorNamed]
    codings: dict[str, list[str]]
    links: list[str]
    statements: list[StatementShown]
    same: list[str]


class TermRead(Out, frozen=True):
    """How a part of the words was read: stems and codes under which it was looked for."""

    given: str
    stems: list[list[str]]
    codes: list[str]
    without: bool


class Incidents(Out, frozen=True):
    """A page of incidents. `order`: words, or newest; `instead`: words of the record that look alike, if none fits."""

    total: int
    order: str
    looked_for: list[TermRead]
    instead: list[str]
    incidents: list[IncidentShown]
    sources: list[DataSetNamed]


class LaneShown(Out, frozen=True):
    """One holder's statements, in time; names of statements of the account."""

    holder: ActorNamed | None
    statements: list[str]


class NotTogether(Out, frozen=True):
    """Two records that do not fit together; both stand."""

    way: str
    one: str
    other: str
    says: str


class TimelineShown(Out, frozen=True):
    """An incident: accounts that a person joined, its statements holder by holder, and what does not fit together."""

    accounts: list[IncidentShown]
    lanes: list[LaneShown]
    contradictions: list[NotTogether]
    sources: list[DataSetNamed]


class TermCompared(Out, frozen=True):
    """One term of one case: how alike in permille (null: not known), the points it gave, what is in common."""

    term: str
    alike: int | None
    points: float
    common: list[str]


class CaseShown(Out, frozen=True):
    """A comparable case, term by term."""

    name: str
    title: str
    points: float
    terms: list[TermCompared]


class Comparable(Out, frozen=True):
    """Cases most alike; `points` are the weights, `says` what each term compares, `looked_at` how many there were."""

    looked_at: int
    points: dict[str, float]
    says: dict[str, str]
    cases: list[CaseShown]
    sources: list[DataSetNamed]


class NotCounted(Out, frozen=True):
    """What was not counted, why, and how many."""

    data_set: str
    why: str
    count: int


class StatisticShown(Out, frozen=True):
    """A statistic with its limits. `n`: accounts by data set; `rows` under `columns`; the query as it was run."""

    name: str
    n: dict[str, int]
    columns: list[str]
    rows: list[list[str | int | None]]
    missing: list[NotCounted]
    placeholders: str
    notes: list[str]
    sql: str
    parameters: list[str]
    sources: list[DataSetNamed]
