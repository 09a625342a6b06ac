"""The report card of a run: parties and bearers counted, and the drills before it beside.

A share counts those who were asked and of whom it can be known: who keeps it back, and of whom what we recorded does
not tell, stand outside it, named and counted apart. Silence of any kind stays visible beside each share. The published
figures of another field stand below, labelled as what they are. Leaves out how a single cell is found (`indicators`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median_low

import msgspec

from parley.directory.drill import RunStage
from parley.directory.indicators import INDICATORS, REFUSED, Card, Cell, Silence, is_yes
from parley.terms.share import Share

OUTSIDE = (Silence.NOT_ASKED, Silence.WITHHELD, Silence.CANNOT_TELL)
"""Kinds of nothing that are in no share: there was no question, or there can be no knowing."""
FEWEST_FOR_TREND = 3
"""Runs that were held: below it, "trend" would be a word for chance."""


class Baseline(msgspec.Struct, frozen=True):
    """A published mean of another field's drills, in percent, and the indicator of ours that is nearest, if any."""

    what: str
    percent: int
    nearest: str = ""


class Published(msgspec.Struct, frozen=True):
    """Where the baseline comes from, what was opened of it, and what it is not."""

    source: str
    read: str
    label: str
    figures: tuple[Baseline, ...]


EXERCISE_CRYSTAL = Published(
    source="Goddard et al., WPSAR 2025 16(2), doi 10.5365/wpsar.2025.16.2.1240",
    read="abstract, read 2026-11-27 in a stored copy of the journal's page; the tables were not",
    label="Another field: WHO health focal points of the Western Pacific, IHR Exercise Crystal, sixteen yearly drills"
    " 2008-2024 (none in 2009). A comparison, not a target.",
    figures=(
        Baseline("reachable by e-mail", 99, "reached by mail"),
        Baseline("reachable by telephone", 64, "telephone"),
        Baseline("took part in tele- or videoconference", 73),
        Baseline("notified the simulated event", 80),
        Baseline("contributed information to the event site", 77),
        Baseline("engaged several sectors", 73),
    ),
)


class Counted(msgspec.Struct, frozen=True):
    """One indicator over all parties: the share, the middle time in ms (None without times), what is missing.

    `missing` counts each kind of nothing by its word, and "refused". `middle` is a time that occurred (the lower middle
    of two), over `times` values.
    """

    name: str
    share: Share
    middle: int | None
    times: int
    missing: dict[str, int]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run's report as of `at` (ms): `cards` by address, counted by bearer and by indicator."""

    drill: str
    name: str
    number: int
    stage: RunStage
    due_at: int
    began_at: int | None
    hoped: int
    at: int
    cards: tuple[Card, ...]
    bearers: tuple[Counted, ...]
    indicators: tuple[Counted, ...]


def count(name: str, cells: Iterable[Cell]) -> Counted:
    """An indicator over cells: who was asked and can be known of is in n; two of three and one withheld is 2 of 2… or,
    if the third is silent, 2 of 3."""
    listed = list(cells)
    missing = Counter(cell.value if isinstance(cell, Silence) else REFUSED for cell in listed if _is_missing(cell))
    inside = [cell for cell in listed if cell not in OUTSIDE]
    times = sorted(cell for cell in listed if type(cell) is int)
    share = Share(sum(is_yes(name, cell) for cell in inside), len(inside))
    return Counted(name, share, median_low(times) if times else None, len(times), dict(missing))


def _is_missing(cell: Cell) -> bool:
    return isinstance(cell, Silence) or cell == REFUSED


def by_bearer(cards: Sequence[Card]) -> tuple[Counted, ...]:
    """Reached, by kind of bearer, over the parties that list it or were tried over it."""
    kinds = sorted({kind for card in cards for kind in card.reached})
    return tuple(
        count(f"reached by {kind}", (card.reached[kind] for card in cards if kind in card.reached)) for kind in kinds
    )


def by_indicator(cards: Sequence[Card]) -> tuple[Counted, ...]:
    """Every other indicator, in the order of the card."""
    return tuple(count(name, (getattr(card, name) for card in cards)) for name in INDICATORS)


class Point(msgspec.Struct, frozen=True):
    """One run in a trend: when it was due, where it stands, its shares by indicator; no shares if nobody was asked."""

    number: int
    due_at: int
    stage: RunStage
    shares: dict[str, Share]


def trend(reports: Sequence[Report]) -> tuple[Point, ...]:
    """Runs in order. One that was not held is there and says so: it is no run in which nobody answered."""
    points = []
    for report in reports:
        counted = () if report.began_at is None else (*report.bearers, *report.indicators)
        points.append(
            Point(report.number, report.due_at, report.stage, {one.name: one.share for one in counted if one.share.of})
        )
    return tuple(points)


def enough_for_trend(points: Sequence[Point]) -> bool:
    """Whether enough runs were held to speak of a trend."""
    return sum(bool(point.shares) for point in points) >= FEWEST_FOR_TREND


COLUMNS = ("drill", "run", "due", "sent", "as of", "party", "office", "kind", "indicator", "value", "nothing")
"""Of the export: one row a cell, times in seconds, and in the last column which kind of nothing it is."""


def rows(report: Report) -> Iterator[tuple[str | int, ...]]:
    """The report as rows of `COLUMNS`; a cell without a value has an empty `value` and says why in `nothing`."""
    for card in report.cards:
        party, _, office = card.address.partition("/")
        cells = [(f"reached by {kind}", cell) for kind, cell in sorted(card.reached.items())]
        cells += [(name, getattr(card, name)) for name in INDICATORS]
        for name, cell in cells:
            yield (
                *(report.drill, report.number, report.due_at, report.began_at or "", report.at, party, office),
                *(_kind(cell), name, *_value(cell)),
            )


def _kind(cell: Cell) -> str:
    if isinstance(cell, Silence):
        return "nothing"
    return "yes-no" if isinstance(cell, bool) else ("seconds" if isinstance(cell, int) else "word")


def _value(cell: Cell) -> tuple[str | int, str]:
    if isinstance(cell, Silence):
        return "", cell.value
    if isinstance(cell, bool):
        return ("yes" if cell else "no"), ""
    return (f"{cell / 1000:.3f}" if isinstance(cell, int) else cell), ""
