"""Drills: what is due, and report cards of runs; releasing a run needs a passphrase and stays at the command line."""

from __future__ import annotations

from parley.desk import drill, drill_report
from parley.doors import duty_shapes
from parley.doors.web.answers import Answer
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.terms.problem import Problem


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every drill with its next run."""
    look, now = desk.node.store.look, desk.node.clock()
    found = [(one, look(lambda it, one=one: drill.runs_of(it, one))) for one in look(drill.all_drills)]  # type: ignore[misc]
    return page(desk, asked, "drills.html", drills=[duty_shapes.listed(one, runs, now) for one, runs in found])


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The report card of the newest run, and the runs; raises DeskProblem for a drill that is not there."""
    found = desk.node.store.look(lambda look: drill.find(look, asked.path["drill"][:40]))
    runs = desk.node.store.look(lambda look: drill.runs_of(look, found))
    try:
        report = duty_shapes.report(drill_report.report(desk.node, found.id, None))
    except Problem:
        report = None
    return page(
        desk, asked, "drill.html", drill=duty_shapes.listed(found, runs, desk.node.clock()), report=report
    )
