"""What passed between a party and us: its report card, link checks, rings. Notes pass the marking gate first."""

from __future__ import annotations

from typing import Any

from parley.clearance import Exit, Right
from parley.desk import access, bell, drill, drill_report
from parley.desk.board import Entry
from parley.directory.indicators import INDICATORS
from parley.doors import duty_shapes
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.passing import passing
from parley.line.reading import LINK_CHECK_ANSWER
from parley.terms.party import Address
from parley.terms.problem import Problem

LINK_CHECKS = (1, LINK_CHECK_ANSWER)
SHOWN = 10
"""Link checks, and rings, on a page."""


def last_cards(desk: WebDesk, asked: Asked) -> dict[str, dict[str, Any]]:
    """The newest report card of each party with its drill, for officers who read; {} while the node is locked."""
    found: dict[str, dict[str, Any]] = {}
    for report in _reports(desk, asked):
        for card in report["cards"]:
            party = Address.parse(card["address"]).party
            if party not in found or (found[party]["began_at"] or 0) < (report["began_at"] or 0):
                found[party] = {**{name: report[name] for name in ("drill", "name", "began_at")}, **card}
    return found


def _reports(desk: WebDesk, asked: Asked) -> list[dict[str, Any]]:
    if desk.node.vault is None or not access.may(desk.node, asked.officer, Right.READ):
        return []
    found = []
    for one in desk.node.store.look(lambda look: list(drill.all_drills(look))):
        try:
            found.append(duty_shapes.report(drill_report.report(desk.node, one.id)))
        except Problem:  # it has no run yet
            continue
    return [report for report in found if report["began_at"] is not None]


async def of(desk: WebDesk, asked: Asked, party: str) -> dict[str, Any]:
    """All of it for one party's page; `reads`: whether this officer may see notes at all."""
    if not access.may(desk.node, asked.officer, Right.READ):
        return {"reads": False, "card": None, "indicators": (), "checks": [], "rings": [], "notes": 0}
    entries = [one for one in await desk.board.entries() if party in one.parties]
    seen = passing(asked.eyes, Exit.PAGE, entries)
    return {
        "reads": True,
        "card": last_cards(desk, asked).get(party),
        "indicators": tuple(INDICATORS),
        "checks": [one for one in seen if one.form in LINK_CHECKS][:SHOWN],
        "rings": _rings(desk, seen),
        "notes": len(seen),
    }


def _rings(desk: WebDesk, seen: list[Entry]) -> list[tuple[Entry, bell.Ring]]:
    """Notes of theirs for which the bell here was to ring, the newest first."""
    theirs = {one.note_id: one for one in seen if one.direction == "in"}
    rung = desk.node.store.look(lambda look: bell.rings_for(look, theirs))
    return [(theirs[identity], ring) for identity, ring in rung.items()][:SHOWN]
