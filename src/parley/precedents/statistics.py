"""Statistics of the public record, each with its limits: n, what is missing, how placeholder dates were treated.

Every table has the data set first. No total over data sets is given: they tell of the same incidents, and what one does
not code is not "none". Leaves out how rows are counted (`asked.Counts`) and how they are drawn.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from parley.precedents.alignment import alignment, totals
from parley.precedents.asked import Counts
from parley.precedents.lag import SAYS, Outcome
from parley.precedents.question import Question
from parley.precedents.survival import Curve, Spell, kaplan_meier
from parley.terms.share import Share

OPEN = "open"  # key of the record that is shipped
NO_DATES = "No date enters."
YEARS = "The year of an incident enters; a placeholder of 1 January has the right year, so it is kept."
DAYS = (
    "Days are subtracted from days only. A date that is a year or a month (a 1 January, or the 1st, in a data set"
    " without a column for precision) gives no lag; such incidents are left out and counted below."
)
NOT_CODED = "occurs nowhere in this data set: not coded, which is not “none”"
CHOSEN = (
    "The cases of the open record were chosen because states spoke about them: its shares and waits say nothing of all"
    " incidents."
)
ACCOUNTS = "An incident is counted once in each data set that tells of it; data sets are not added up."


class Missing(msgspec.Struct, frozen=True):
    """What was not counted: in which data set, why, how many."""

    data_set: str
    why: str
    count: int


class Statistic(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in numbers.

    Args:
        name: what was asked for; `question`: among which incidents.
        n: accounts of incidents that fit, by data set.
        columns, rows: the table; shares in permille, days whole, None where nothing can be said.
        missing: what was not counted and why.
        placeholders: how dates that are no days were treated.
        notes: what a reader must know.
        sql, given: the query as it was run.
        data_columns, data: the facts that were counted, one by one; empty unless asked for.
    """

    name: str
    question: Question
    n: dict[str, int]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    placeholders: str
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()
    sql: str = ""
    given: tuple[str, ...] = ()
    data_columns: tuple[str, ...] = ()
    data: tuple[tuple[Any, ...], ...] = ()


class Table(msgspec.Struct, frozen=True):
    """What one statistic makes of the counts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()


class Kind(msgspec.Struct, frozen=True):
    """One statistic: from which facts, how it is made, and the columns of its data."""

    of: str
    says: str
    make: Callable[[Sequence[tuple[Any, ...]], dict[str, int], Counts], Table]
    placeholders: str
    data: tuple[str, ...]


def statistic(name: str, counts: Counts, question: Question, *, data: bool = False) -> Statistic:
    """One of `KINDS`, among the incidents that fit; `data`: with the facts one by one.

    Raises KeyError for another name, PrecedentProblem ``unknown_filter``.
    """
    if name == "votes":
        return _votes(counts, question, data)
    kind = KINDS[name]
    n = dict(counts.grouped("accounts", question).rows)
    counted = counts.grouped(kind.of, question)
    table = kind.make(counted.rows, n, counts)
    each = counts.each(kind.of, question).rows if data else ()
    chosen = (CHOSEN,) if OPEN in n else ()
    return Statistic(
        name=name, question=question, n=n, columns=table.columns, rows=table.rows, placeholders=kind.placeholders,
        missing=(*table.missing, *_set_aside(counts, n)), notes=(ACCOUNTS, *chosen, *table.notes),
        sql=counted.sql, given=counted.given,
        data_columns=kind.data if data else (), data=each,
    )  # fmt: skip


def _set_aside(counts: Counts, sets: Iterable[str]) -> tuple[Missing, ...]:
    why = "rows or cells were set aside at import, and are in no number here (parley precedents quarantine)"
    found = counts.set_aside()
    return tuple(Missing(key, why, found[key]) for key in sorted(sets) if key in found)


# -- waits


def curves(rows: Iterable[tuple[Any, ...]]) -> dict[str, Curve]:
    """A curve for each data set, from rows of data set, outcome, days, count."""
    spells: dict[str, list[Spell]] = defaultdict(list)
    for data_set, outcome, days, count in rows:
        if outcome in (Outcome.ENDED, Outcome.GOING_ON):
            spells[data_set].append(Spell(days, outcome == Outcome.ENDED, count))
    return {data_set: kaplan_meier(found) for data_set, found in sorted(spells.items())}


def _waits(answers: tuple[str, ...], rows: Sequence[tuple[Any, ...]], n: dict[str, int], counts: Counts) -> Table:
    coded = {key for key, what in counts.coded() if what in answers}
    missing: Counter[tuple[str, str]] = Counter()
    for data_set, outcome, _, count in rows:
        if data_set not in coded:
            missing[data_set, NOT_CODED] += count
        elif outcome in SAYS:
            missing[data_set, SAYS[Outcome(outcome)]] += count
    found = curves(row for row in rows if row[0] in coded)
    return Table(
        ("data set", "day", "at risk", "happened", "last seen", "not yet ‰", "low ‰", "high ‰"),
        tuple((key, *_step(step)) for key, curve in found.items() for step in curve.steps),
        tuple(Missing(*at, count) for at, count in sorted(missing.items())),
        tuple(_in_words(key, curve) for key, curve in found.items()),
    )


def _step(step: Any) -> tuple[Any, ...]:
    shares = (None if one is None else round(1000 * one) for one in (step.still, step.low, step.high))
    return (step.day, step.at_risk, step.ended, step.censored, *shares)


def _in_words(key: str, curve: Curve) -> str:
    low, high = curve.median_interval
    bounds = f"{'?' if low is None else low} to {'?' if high is None else high}"
    median = "not reached" if curve.median is None else f"{curve.median} days ({bounds})"
    some = curve.reached(0.9)
    tenth = "" if some is None else f"; for one in ten after {some} days"
    few = " Too few to say more than that." if curve.ended < 10 else ""
    return (
        f"{key}: {curve.n} incidents with a day, {curve.ended} of them answered; median {median}{tenth}."
        f" Those not answered are censored at the day to which the data set was kept.{few}"
    )


# -- base rates


def _base_rates(rows: Sequence[tuple[Any, ...]], n: dict[str, int], counts: Counts) -> Table:
    found = {(data_set, what): count for data_set, what, count in rows}
    coded = counts.coded()
    every = sorted({what for _, what in coded})
    made = [
        (key, what, *_share(Share(found.get((key, what), 0), of)))
        for key, of in sorted(n.items()) for what in every if (key, what) in coded
    ]  # fmt: skip
    missing = []
    for key, of in sorted(n.items()):
        never = [what for what in every if "/" not in what and (key, what) not in coded]
        if never:
            missing.append(Missing(key, f"{NOT_CODED}: {', '.join(never)}", of))
    return Table(
        ("data set", "answer of a state or organisation", "incidents", "of", "‰", "low ‰", "high ‰"),
        tuple(made), tuple(missing), ("Intervals are Wilson's at 95 %; none below ten incidents.",),
    )  # fmt: skip


def _share(share: Share) -> tuple[Any, ...]:
    return (share.count, share.of, share.permille, *(share.interval or (None, None)))


# -- who to whom, who with whom, dyads


def _pairs(rows: Sequence[tuple[Any, ...]], n: dict[str, int], counts: Counts) -> Table:
    made = sorted(rows, key=lambda row: (-row[4], row[:4]))
    return Table(
        ("data set", "by", "to", "tie", "incidents"), tuple(made), (),
        ("The tie says how the state is named: an actor “from” there (origin) is no accusation of the state.",
         "One incident may stand in several rows: several states may attribute it, to several."),
    )  # fmt: skip


def _joins(rows: Sequence[tuple[Any, ...]], n: dict[str, int], counts: Counts) -> Table:
    days: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    unknown: Counter[tuple[str, str, str]] = Counter()
    for data_set, one, other, lag, count in rows:
        if lag is None:
            unknown[data_set, *sorted((one, other))] += count
        else:
            pair = tuple(sorted((one, other))) if lag == 0 else (one, other)
            days[data_set, *pair] += [lag] * count
    made = []
    for pair in {*days, *unknown}:
        lags = sorted(days.get(pair, ()))
        after = lags[len(lags) // 2] if lags else None
        made.append((*pair, len(lags) + unknown[pair], lags.count(0), after, unknown[pair]))
    return Table(
        ("data set", "first", "then", "incidents", "same day", "median days", "order not known by day"),
        tuple(sorted(made, key=lambda row: (-row[3], row[:3]))), (),
        ("Both attributed the incident; that the second did so because of the first is not said.",
         "Where both spoke on one day the pair stands in the order of its codes."),
    )  # fmt: skip


def _hits(rows: Sequence[tuple[Any, ...]], n: dict[str, int], counts: Counts) -> Table:
    made = [(key, state, *_share(Share(count, n[key]))) for key, state, count in rows]
    return Table(
        ("data set", "state hit", "incidents", "of", "‰", "low ‰", "high ‰"),
        tuple(sorted(made, key=lambda row: (row[0], -row[2], row[1]))), (),
        ("How often a state is in a data set says as much of who reports and who codes as of who was hit.",
         "An incident that hit several states stands in several rows; regions and organisations are not states."),
    )  # fmt: skip


def _dyads(rows: Sequence[tuple[Any, ...]], n: dict[str, int], counts: Counts) -> Table:
    undated = Counter({(row[0], "no year of the incident is known"): 0 for row in rows})
    for row in rows:
        undated[row[0], "no year of the incident is known"] += row[4] if row[3] is None else 0
    made = sorted((row for row in rows if row[3] is not None), key=lambda row: (row[0], row[1], row[2], row[3]))
    return Table(
        ("data set", "named as author", "hit", "year", "incidents"), tuple(made),
        tuple(Missing(*at, count) for at, count in sorted(undated.items()) if count),
        ("Named by anybody, the coders of the data set too, with any tie; contested attributions are left out.",),
    )  # fmt: skip


# -- votes


def _votes(counts: Counts, question: Question, data: bool) -> Statistic:
    ballots = counts.ballots()
    rows = [(key, call, state, how) for key, call, _, state, how in ballots.rows]
    by_set: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for key, *rest in rows:
        by_set[key].append(tuple(rest))
    makes: Callable[[list[tuple[str, str, str]]], Iterator[tuple[Any, ...]]]
    if question.who:
        columns: tuple[str, ...] = ("data set", "state", "with", "both voted", "same", "‰", "low ‰", "high ‰",
                   "one abstained", "opposed", "absent or no row")  # fmt: skip
        makes = lambda found: (one for state in question.who for one in alignment(found, state))  # noqa: E731
    else:
        columns = ("data set", "roll call", "yes", "no", "abstain", "absent", "no row")
        makes = totals
    made = tuple((key, *row) for key, found in sorted(by_set.items()) for row in makes(found))
    return Statistic(
        name="votes", question=question, n={key: len({row[0] for row in found}) for key, found in by_set.items()},
        columns=columns, rows=made, placeholders=NO_DATES, sql=ballots.sql,
        missing=_set_aside(counts, by_set),
        notes=("n counts roll calls. Only where both states voted are they compared; to abstain is a vote.",
               "An absence is not an abstention, and where the source has no row nothing is known.",
               "A resolution adopted without a vote has no ballots: silence there is not agreement counted here."),
        data_columns=("data set", "roll call", "day ms", "state", "ballot") if data else (),
        data=ballots.rows if data else (),
    )  # fmt: skip


KINDS: dict[str, Kind] = {
    "attribution-wait": Kind(
        "wait/attribution", "days from an event to its first attribution by a state or organisation",
        partial(_waits, ("attribution",)), DAYS,
        ("incident", "data set", "outcome", "days"),
    ),
    "response-wait": Kind(
        "wait/response", "days from an event to the first response of a state or organisation",
        partial(_waits, ("response", "sanction")), DAYS,
        ("incident", "data set", "outcome", "days"),
    ),
    "base-rates": Kind(
        "did", "how often states and organisations answered, by kind of answer", _base_rates, NO_DATES,
        ("incident", "data set", "answer"),
    ),
    "attributions": Kind(
        "pairs", "who attributes to whom", _pairs, NO_DATES, ("incident", "data set", "by", "to", "tie")
    ),
    "joins": Kind("joints", "who joins whom in attributing", _joins, DAYS,
                  ("incident", "data set", "first", "then", "days")),
    "hits": Kind("hits", "whom incidents hit", _hits, NO_DATES, ("incident", "data set", "hit")),
    "dyads": Kind("dyads", "who is named for whom it hit, by year", _dyads, YEARS,
                  ("incident", "data set", "named", "hit", "year")),
}  # fmt: skip
NAMES = (*KINDS, "votes")
