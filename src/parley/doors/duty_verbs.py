"""Verbs of the watch: bell, handover, wording, drills. One class, so that `verbs.Verbs` has them too."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import msgspec

from parley.desk import bell, drill, drill_report, drill_run, handover, page, wording_report
from parley.desk.node import Node
from parley.directory.report_card import COLUMNS, enough_for_trend, rows, trend
from parley.doors import duty_shapes
from parley.doors.wording import wording


class DutyVerbs:
    """Verbs over `node`, by the names of the local door."""

    node: Node

    async def do_flash_test(self, officer: str) -> dict[str, Any]:
        """Ring once without a note."""
        return msgspec.to_builtins(await bell.self_test(self.node, officer))  # type: ignore[no-any-return]

    async def do_flash_heard(self, heard: bool) -> bool:
        await bell.say_heard(self.node, heard)
        return heard

    async def do_handover(self, since: int) -> dict[str, Any]:
        """What the next officer has to know."""
        found = await asyncio.to_thread(handover.handover, self.node, since)
        return duty_shapes.handover(self.node, found)

    async def do_wording_report(self, exercise: bool) -> dict[str, Any]:
        """How our lines came across."""
        found = await asyncio.to_thread(partial(wording_report.report, self.node, exercise=exercise))
        counts = {name: getattr(found, name) for name in found.__struct_fields__ if name != "lines"}
        listed = [
            {**msgspec.structs.asdict(line), "differed": duty_shapes.share(line.differed)} for line in found.lines
        ]
        return {**counts, "lines": listed}

    async def do_drill_schedule(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Keep a drill; it is not sent until a person released its run."""
        made = await drill.schedule(self.node, msgspec.convert(fields, drill.Wanted))
        return duty_shapes.listed(made, (), self.node.clock())

    async def do_drill_list(self) -> list[dict[str, Any]]:
        look, now = self.node.store.look, self.node.clock()
        found = [(one, look(lambda it, one=one: drill.runs_of(it, one))) for one in look(drill.all_drills)]  # type: ignore[misc]
        return [duty_shapes.listed(one, runs, now) for one, runs in found]

    async def do_drill_compose(self, drill_id: str, officer: str, now_at_once: bool, language: str) -> dict[str, Any]:
        """The next run's notes, for the officer's eyes and the signer."""
        found = await drill_run.compose_run(self.node, drill_id, officer=officer, now_at_once=now_at_once)
        text = page.rendered(self.node, found.composed[0].note, language).text if found.composed else ""
        return duty_shapes.batch(found, text, wording(found.wording, language, self.node.library))

    async def do_drill_release(
        self, drill_id: str, number: int, due_at: int, signed: list[bytes], left_out: dict[str, str], officer: str
    ) -> dict[str, Any]:
        """Take what the signer signed; it goes out at its time."""
        run = await drill_run.release_run(self.node, drill_id, number, due_at, signed, left_out, officer)
        found = self.node.store.look(lambda look: drill.find(look, run.drill))
        kept = self.node.store.look(lambda look: drill.runs_of(look, found))
        return duty_shapes.run(found, kept[run.number], self.node.clock())

    async def do_drill_cancel(self, drill_id: str) -> str:
        return (await drill.cancel(self.node, drill_id)).id

    async def do_drill_call(
        self, drill_id: str, address: str, outcome: str, at: int, officer: str, number: int | None = None
    ) -> int:
        """What an officer says came of a telephone call; returns how many calls the run has."""
        run = await drill.enter_call(self.node, drill_id, address, outcome, at=at, officer=officer, number=number)
        return len(run.calls)

    async def do_drill_report(self, drill_id: str, number: int | None = None) -> dict[str, Any]:
        return duty_shapes.report(drill_report.report(self.node, drill_id, number))

    async def do_drill_trend(self, drill_id: str) -> dict[str, Any]:
        points = trend(drill_report.reports(self.node, drill_id))
        return {"enough": enough_for_trend(points), "runs": [duty_shapes.point(one) for one in points]}

    async def do_drill_rows(self, drill_id: str) -> list[list[Any]]:
        """Every run as rows for export; the first row names the columns."""
        found = drill_report.reports(self.node, drill_id)
        return [list(COLUMNS), *(list(row) for one in found for row in rows(one))]
