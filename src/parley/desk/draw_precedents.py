"""Draw what the record shows: from an answer to the table of a picture. Drawing itself is outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from parley.desk.ask_precedents import incident_page, sources, statistics_page
from parley.precedents import PrecedentProblem
from parley.precedents.asked import Asking
from parley.precedents.drawing import Drawing
from parley.precedents.lag import last_day_of
from parley.precedents.question import Question
from parley.precedents.record import DataSet
from parley.precedents.statistics import Statistic
from parley.precedents.timeline import Lane, Timeline
from parley.precedents.words import Sort
from parley.terms.instant import Instant, Meaning, Precision, iso
from parley.terms.nothing import Nothing
from parley.terms.states import state_label

DAY = 86_400_000
EDGES = 30
"""Lines of the network that are drawn, the strongest; the table has them all."""
PICTURES = {
    "timeline": "",
    "survival": "attribution-wait",
    "responses-survival": "response-wait",
    "responses": "base-rates",
    "network": "attributions",
    "map": "hits",
    "dyads": "dyads",
}
"""Each picture, and the statistic that it shows."""
_TITLES = {
    "survival": "Not yet attributed by any state, by days since the event",
    "responses-survival": "Not yet answered by any state, by days since the event",
    "responses": "How often states and organisations answered, by kind",
    "network": "Who attributes to whom",
    "map": "States that incidents hit",
    "dyads": "Who is named for whom it hit, by year",
}


def drawing(
    asking: Asking, what: str, question: Question, *, case: str = "", width: int = 1280, dark: bool = False
) -> Drawing:
    """A picture of the record; `case`: the incident of a timeline.

    Raises PrecedentProblem ``unknown_picture``, ``unknown_record``, ``unknown_filter``.
    """
    if what not in PICTURES:
        raise PrecedentProblem("unknown_picture", given=what[:40], possible=", ".join(PICTURES))
    if what == "timeline":
        return _timeline(asking, case, width, dark)
    found = statistics_page(asking, PICTURES[what], question)
    kept = [one for one in asking.shelf.data_sets() if one.key in found.n]
    return Drawing(
        kind="survival" if what.endswith("survival") else what,
        title=_TITLES[what],
        says=f"{_TITLES[what]}: {len(found.rows)} rows; the table beside the picture has them all.",
        columns=found.columns,
        rows=found.rows,
        notes=(*_limits(found), *_credits(kept)),
        width=width,
        dark=dark,
    )


def _limits(found: Statistic) -> tuple[str, ...]:
    n = ", ".join(f"{count} ({key})" for key, count in found.n.items())
    missing = tuple(f"Not counted: {one.count} of {one.data_set}: {one.why}." for one in found.missing)
    return (f"n = {n}.", *found.notes, *missing[:6], *(("… and more in the table.",) if len(missing) > 6 else ()))


def _credits(kept: Sequence[DataSet]) -> tuple[str, ...]:
    return tuple(f"Source: {one.title} {one.version}, {one.publisher}. {one.licence}" for one in kept)


def _timeline(asking: Asking, case: str, width: int, dark: bool) -> Drawing:
    """Rows: lane, kind, first and last day of the date (ms), the date as known, whom it names, name, contradicted."""
    found = incident_page(asking, case)
    against = {name for one in found.contradictions for name in (one.one, one.other)}
    rows: list[tuple[Any, ...]] = []
    undated = 0
    for account in found.accounts:
        for date in account.dates:
            meaning = date.instant.meaning.name.lower().replace("_", " ")
            rows.append((f"event ({account.data_set})", meaning, *_span(date.instant), "", account.name, False))
    for lane in found.lanes:
        for one in lane.statements:
            if isinstance(one.on, Nothing):
                undated += 1
                continue
            names = "" if isinstance(one.names, Nothing) else ", ".join(named.actor.name for named in one.names)
            kind = str(one.kind) if isinstance(one.instrument, Nothing) else f"{one.kind}: {one.instrument}"
            rows.append((_lane(lane), kind, *_span(one.on.instant), names, one.name, one.name in against))
    notes = list(_contradicted(found))
    if undated:
        notes.append(f"{undated} statements have no date and are not drawn.")
    title = found.accounts[0].title.text
    return Drawing(
        kind="timeline",
        title=title,
        says=f"Timeline of {title}: {len(found.lanes)} holders, {len(found.contradictions)} contradictions.",
        columns=("lane", "kind", "from", "to", "date", "names", "record", "contradicted"),
        rows=tuple(rows),
        notes=(*notes, *_credits(sources(asking, found.accounts))),
        width=width,
        dark=dark,
    )


def _lane(lane: Lane) -> str:
    holder = lane.holder
    return state_label(holder.code, "en") if holder and holder.sort is Sort.STATE else lane.title


def _contradicted(found: Timeline) -> Iterator[str]:
    """Each denial once, with all that it denies; then the first of the rest."""
    denied: dict[str, list[str]] = {}
    for one in found.contradictions:
        if one.way == "denied":
            says = one.says.partition(";")
            denied.setdefault(says[2].strip().rstrip(".") + " " + one.other, []).append(says[0])
    for denial, said in denied.items():
        yield f"{denial}: {'; '.join(said[:9])}."
    rest = [one for one in found.contradictions if one.way != "denied"]
    yield from (f"{one.way}: {one.says}" for one in rest[:6])
    if len(rest) > 6:
        yield f"… {len(rest) - 6} more that do not fit together."


def _span(instant: Instant) -> tuple[str, str, str]:
    """First and last day that a date may mean, and the date as it is known."""
    last = last_day_of(instant) * DAY if instant.precision < Precision.DAY else instant.ms
    return _iso(instant.ms), _iso(last), iso(instant)


def _iso(ms: int) -> str:
    return iso(Instant(ms - ms % DAY, Precision.DAY, Meaning.OBSERVED))
