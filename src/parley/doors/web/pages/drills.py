"""Drills: the timetable, scheduling one, what came of its runs, and runs beside each other.

Link checks are scheduled here, and whatever stands in a draft: its form, lines and language become the drill's text,
which is an exercise whatever it says. A run is handed in and released on the pages of `drill_run`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from parley.clearance import Exit, Right
from parley.desk import access, draft, drill, drill_report, drill_wait
from parley.desk.look_over import look_over
from parley.directory.drill import TRIED_ALONE, CallOutcome, Drill, Every
from parley.directory.indicators import INDICATORS
from parley.directory.report_card import COLUMNS, enough_for_trend, rows, trend
from parley.doors import duty_shapes
from parley.doors.as_csv import as_csv
from parley.doors.web.answers import Answer, attachment, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.problems import WebProblem
from parley.doors.wording import wording
from parley.terms.moment import as_datetime
from parley.terms.problem import Problem

LINK_CHECK = 1
TEXT_OF_LINK_CHECK = {10: "drill"}
UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
INSTANTS = (2, 3, 4)
"""Columns of the export that are ms, and go out in ISO form."""


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every drill with its next run; for whoever arranges them, the form of a new one."""
    return _listed(desk, asked)


def _listed(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node = desk.node
    look, now = node.store.look, node.clock()
    found = [(one, look(lambda it, one=one: drill.runs_of(it, one))) for one in look(drill.all_drills)]  # type: ignore[misc]
    return page(
        desk, asked, "drills.html", status=status,
        drills=[duty_shapes.listed(one, runs, now) for one, runs in reversed(found)],
        handed=drill_wait.waiting(node),
        arranges=access.may(node, asked.officer, Right.DRILL),
        parties=_parties(desk),
        offices=[one.id for one in node.our_particulars().offices] if node.party in node.directory.parties else [],
        drafts=_drafts(desk, asked),
        every=[one.value for one in Every],
        over=TRIED_ALONE,
        fresh=asked.field("drill") or drill.new_id(node),
        soon=f"{as_datetime(now):%Y-%m-%dT%H:%M}",
        given=asked,
        chosen=asked.fields.get("to", ()),
        problem=problem,
    )  # fmt: skip


def _parties(desk: WebDesk) -> list[dict[str, Any]]:
    """Whom a drill can ask: each accepted party with its offices, as ``XB/duty``."""
    node = desk.node
    entries = [node.directory.entry(code) for code in node.directory.parties if code != node.party]
    return [
        {"party": one.party, "offices": [f"{one.party}/{office.id}" for office in one.current.offices]}
        for one in sorted(entries, key=lambda one: one.party)
    ]


def _drafts(desk: WebDesk, asked: Asked) -> list[tuple[str, draft.Draft]]:
    """Drafts whose text this officer may take for a drill."""
    if desk.node.vault is None or not access.may(desk.node, asked.officer, Right.READ):
        return []
    return access.let_out(asked.eyes, Exit.PAGE, draft.listed(desk.node), lambda one: access.draft_thing(one[1]))


async def schedule(desk: WebDesk, asked: Asked) -> Answer:
    """Keep a drill; the page's id makes the second click on its button the same one."""
    try:
        made = await drill.schedule(desk.node, _wanted(desk, asked))
    except Problem as problem:
        return _listed(desk, asked, status=422, problem=problem)
    return redirect(f"/drills/{made.id}")


def _wanted(desk: WebDesk, asked: Asked) -> drill.Wanted:
    text = _text(desk, asked)
    return drill.Wanted(
        id=asked.field("drill"),
        name=asked.field("name").strip(),
        first_at=_instant(asked.field("at")) or desk.node.clock(),
        officer=asked.officer,
        to=tuple(one for one in asked.fields.get("to", ()) if one),
        office=asked.field("office") or "duty",
        form=LINK_CHECK if text is None else text.form,
        lines=TEXT_OF_LINK_CHECK if text is None else text.lines,
        written_in=asked.language if text is None else text.written_in,
        every=Every(_one_of(asked.field("every"), [one.value for one in Every])),
        hoped=_span(asked.field("within"), asked.field("unit")),
        precedence=None if text is None else text.precedence,
        rings=asked.field("rings") == "yes",
        over=_one_of(asked.field("over"), ["", *TRIED_ALONE]),
        marking=None if text is None else text.marking,
    )


def _text(desk: WebDesk, asked: Asked) -> draft.Draft | None:
    """The draft whose text is to be asked, None for the link check."""
    if not (wanted := asked.field("text")):
        return None
    found = draft.fetch(desk.node, wanted)
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(found))
    return found


def _one_of(given: str, choices: list[str]) -> str:
    if given not in choices:
        raise WebProblem("not_a_form")
    return given


def _span(number: str, unit: str) -> int:
    """Milliseconds; raises WebProblem."""
    if unit not in UNITS or not (number.isascii() and number.isdigit() and len(number) < 5):
        raise WebProblem("not_a_form")
    return int(number) * UNITS[unit]


def _instant(given: str) -> int | None:
    """``2026-05-12T09:00``, UTC, as ms; None where nothing was given; raises WebProblem."""
    if not given:
        return None
    try:
        return int(datetime.fromisoformat(given[:16]).replace(tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        raise WebProblem("not_a_form") from None


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One drill: its text, its runs, and the report card of the one that is asked for, else of the newest.

    Raises DeskProblem for a drill that is not there.
    """
    return _show(desk, asked)


def _show(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node = desk.node
    found = _found(desk, asked)
    runs, now = node.store.look(lambda look: drill.runs_of(look, found)), node.clock()
    text = _seen_text(desk, asked, found)
    return page(
        desk, asked, "drill.html", status=status,
        drill=duty_shapes.listed(found, runs, now),
        office=found.office,
        runs=[duty_shapes.run(found, one, now) for one in reversed(runs)],
        report=_report(desk, found, asked.query.get("run", "")),
        names=INDICATORS,
        text=text,
        weighed=wording(look_over(node, text), asked.language, node.library) if text else {"findings": []},
        handed=found.id in drill_wait.waiting(node),
        outcomes=[one.value for one in CallOutcome],
        problem=problem,
    )  # fmt: skip


def _found(desk: WebDesk, asked: Asked) -> Drill:
    return desk.node.store.look(lambda look: drill.find(look, asked.path["drill"][:40]))


def _seen_text(desk: WebDesk, asked: Asked, found: Drill) -> draft.Draft | None:
    """What the drill asks, as a draft; None while the node is locked, or where its marking keeps it back."""
    if desk.node.vault is None:
        return None
    text = _text_of(desk, found)
    return text if access.passes(asked.eyes, Exit.PAGE, access.draft_thing(text)) else None


def _text_of(desk: WebDesk, found: Drill) -> draft.Draft:
    """What the drill asks, as a draft; raises DeskProblem("locked")."""
    return drill.draft_of(found, drill.text_of(desk.node, found), found.to[0], found.by)


def _report(desk: WebDesk, found: Drill, run: str) -> dict[str, Any] | None:
    number = int(run) if run.isascii() and run.isdigit() and len(run) < 6 else None
    try:
        return duty_shapes.report(drill_report.report(desk.node, found.id, number))
    except Problem:
        return None


async def call(desk: WebDesk, asked: Asked) -> Answer:
    """What came of a telephone call, entered by hand; nothing here dials."""
    try:
        await drill.enter_call(
            desk.node, _found(desk, asked).id, asked.field("office"), asked.field("outcome"),
            at=_instant(asked.field("at")) or desk.node.clock(), officer=asked.officer,
        )  # fmt: skip
    except Problem as problem:
        return _show(desk, asked, status=422, problem=problem)
    return redirect(f"/drills/{_found(desk, asked).id}")


async def cancel(desk: WebDesk, asked: Asked) -> Answer:
    """Hold no more runs of it; what was sent stays sent."""
    found = await drill.cancel(desk.node, asked.path["drill"][:40])
    return redirect(f"/drills/{found.id}")


async def trends(desk: WebDesk, asked: Asked) -> Answer:
    """Run beside run; shares with their n and interval, and no word of a trend below three runs."""
    found = _found(desk, asked)
    points = trend(drill_report.reports(desk.node, found.id))
    names = list(dict.fromkeys(name for one in points for name in one.shares))
    return page(
        desk, asked, "trend.html",
        drill=found,
        points=[duty_shapes.point(one) for one in points],
        names=names,
        enough=enough_for_trend(points),
    )  # fmt: skip


async def table(desk: WebDesk, asked: Asked) -> Answer:
    """Every cell of every run, to keep: the export of `parley drills report --csv`."""
    found = _found(desk, asked)
    access.show(asked.eyes, Exit.EXPORT, access.draft_thing(_text_of(desk, found)))
    lines = [_plain(row) for one in drill_report.reports(desk.node, found.id) for row in rows(one)]
    return attachment(f"drill-{found.id}.csv", "text/csv; charset=utf-8", as_csv(COLUMNS, lines))


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [_iso(cell) if at in INSTANTS and cell else cell for at, cell in enumerate(row)]


def _iso(ms: int) -> str:
    return f"{as_datetime(ms):%Y-%m-%dT%H:%M:%SZ}"
