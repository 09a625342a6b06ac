"""Wording: how the lines of our own notes came across, counted; real notes and exercises never together."""

from __future__ import annotations

import asyncio
from functools import partial

from parley.desk import wording_report
from parley.desk.wording_report import Wording
from parley.doors import duty_shapes
from parley.doors.as_csv import as_csv
from parley.doors.web import words
from parley.doors.web.answers import Answer, attachment
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page

COUNTS = ("notes", "read_backs", "declined", "later", "unknown", "gone")
COLUMNS = ("form", "version", "line", "language", "n", "differed", "low permille", "high permille", "option", "count")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The report; it names no person, no party, and nothing that was said."""
    kind = _kind(asked)
    found = await _report(desk, kind)
    lines = [
        {"form": one.form, "line": one.line, "language": one.language, "as_options": one.as_options,
         "differed": duty_shapes.share(one.differed)}
        for one in found.lines
    ]  # fmt: skip
    counts = {name: getattr(found, name) for name in COUNTS}
    return page(desk, asked, "wording.html", kind=kind, counts=counts, lines=lines, own_name=words.own_name)


async def table(desk: WebDesk, asked: Asked) -> Answer:
    """The same as a file: one row for each option that was taken for the right one."""
    found = await _report(desk, _kind(asked))
    rows = []
    for one in found.lines:
        low, high = one.differed.interval or ("too few", "too few")
        head = (one.form, one.version, one.line, one.language, one.differed.of, one.differed.count, low, high)
        rows += [(*head, option, count) for option, count in one.as_options.items() or [("", 0)]]
    return attachment(f"wording-{_kind(asked)}.csv", "text/csv; charset=utf-8", as_csv(COLUMNS, rows))


def _kind(asked: Asked) -> str:
    return "exercise" if asked.query.get("kind") == "exercise" else "real"


async def _report(desk: WebDesk, kind: str) -> Wording:
    return await asyncio.to_thread(partial(wording_report.report, desk.node, exercise=kind == "exercise"))
