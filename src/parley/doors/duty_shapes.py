"""Plain shapes of drills and of the handover: a cell says what kind of value it is, silence which kind of nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.desk.drill_run import Batch
from parley.desk.handover import Handover, Item, local_hour
from parley.desk.node import Node
from parley.directory.drill import Drill, Run, next_run, stage
from parley.directory.indicators import INDICATORS, Card, Cell, Silence
from parley.directory.report_card import EXERCISE_CRYSTAL, Counted, Point, Report
from parley.terms.share import Share

SECTIONS = ("came", "awaited", "with_us", "review", "changed")


def listed(drill: Drill, runs: tuple[Run, ...], now: int) -> dict[str, Any]:
    """A drill in a list, with its next run and the last that began; times in ms UTC."""
    coming = next_run(drill, runs)
    begun = [run for run in runs if run.began_at is not None]
    return {
        "drill": drill.id,
        "name": drill.name,
        "form": drill.form,
        "to": list(drill.to),
        "every": drill.every.value,
        "hoped": drill.hoped,
        "rings": drill.rings,
        "cancelled": drill.cancelled_at,
        "next": None if coming is None or drill.cancelled_at else run(drill, coming, now),
        "last": run(drill, begun[-1], now) if begun else None,
        "not_held": sum(one.passed_over_at is not None for one in runs),
    }


def run(drill: Drill, found: Run, now: int) -> dict[str, Any]:
    """A run: when it is due, where it stands, who released it."""
    return {
        "number": found.number,
        "due_at": found.due_at,
        "stage": stage(drill, found, now).value,
        "began_at": found.began_at,
        "released_by": found.released_by,
        "sent": len(found.notes),
        "left_out": found.left_out,
    }


def batch(found: Batch, text: str, again: dict[str, Any]) -> dict[str, Any]:
    """What is to be released; `text` is the first note as it will be read, `again` its words to look at again."""
    return {
        "drill": found.drill.id,
        "office": found.drill.office,
        "number": found.number,
        "due_at": found.due_at,
        "to": [str(one.note.recipients[0].address) for one in found.composed],
        "payloads": [one.payload for one in found.composed],
        "left_out": found.left_out,
        "text": text,
        "wording": again,
    }


def cell(found: Cell) -> dict[str, Any]:
    """A time in seconds, a yes or no, a word, or a kind of nothing: never a bare number that could be a zero."""
    if isinstance(found, Silence):
        return {"nothing": found.value}
    if isinstance(found, bool):
        return {"yes": found}
    return {"seconds": round(found / 1000, 3)} if isinstance(found, int) else {"word": found}


def share(found: Share) -> dict[str, Any]:
    """Count, n, and in permille the share with its interval; none if too few."""
    return {
        "count": found.count,
        "of": found.of,
        "too_few": found.too_few,
        "permille": found.permille,
        "interval": found.interval,
        "text": str(found),
    }


def card(found: Card) -> dict[str, Any]:
    """One party's line."""
    return {
        "address": found.address,
        "left_out": found.left_out,
        "reached": {kind: cell(one) for kind, one in found.reached.items()},
        **{name: cell(getattr(found, name)) for name in INDICATORS},
    }


def counted(found: Counted) -> dict[str, Any]:
    """One indicator over all parties; the middle time in seconds."""
    middle = None if found.middle is None else round(found.middle / 1000, 3)
    return {
        "name": found.name,
        **share(found.share),
        "middle_s": middle,
        "times": found.times,
        "missing": found.missing,
    }


def report(found: Report) -> dict[str, Any]:
    """The whole report card, with the published figures of another field beside it."""
    published = EXERCISE_CRYSTAL
    figures = [{"what": one.what, "percent": one.percent, "nearest": one.nearest} for one in published.figures]
    return {
        "drill": found.drill,
        "name": found.name,
        "number": found.number,
        "stage": found.stage.value,
        "due_at": found.due_at,
        "began_at": found.began_at,
        "hoped": found.hoped,
        "at": found.at,
        "cards": [card(one) for one in found.cards],
        "bearers": [counted(one) for one in found.bearers],
        "indicators": [counted(one) for one in found.indicators],
        "beside": {
            "source": published.source,
            "read": published.read,
            "label": published.label,
            "figures": figures,
        },
    }


def handover(node: Node, found: Handover) -> dict[str, Any]:
    """The page of the next officer; beside each "by" the hour there at that moment."""

    def item(one: Item) -> dict[str, Any]:
        there = None if one.by is None else local_hour(node, one.party, one.by)
        return {**msgspec.to_builtins(one), "by_there": None if there is None else msgspec.to_builtins(there)}

    sections = {name: [item(one) for one in getattr(found, name)] for name in SECTIONS}
    return {**msgspec.to_builtins(found), **sections}


def point(found: Point) -> dict[str, Any]:
    """One run of a trend."""
    return {
        "number": found.number,
        "due_at": found.due_at,
        "stage": found.stage.value,
        "shares": {name: share(one) for name, one in found.shares.items()},
    }
