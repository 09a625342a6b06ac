"""Evidence: contradictions that other parties signed, listed and handed out; a file that somebody brings, verified."""

from __future__ import annotations

from contextlib import suppress

from parley.desk import evidence, take_in
from parley.desk.problems import DeskProblem
from parley.doors.web.answers import Answer, attachment
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.problems import WebProblem
from parley.terms.problem import Problem

CBOR = "application/cbor"
ROOT_DIGITS = 64


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every piece, and the form for a file."""
    return _page(desk, asked)


def _page(
    desk: WebDesk, asked: Asked, *, status: int = 200, seen: take_in.Seen | None = None, problem: Problem | None = None
) -> Answer:
    return page(
        desk, asked, "evidence.html", status=status,
        pieces=evidence.listed(desk.node), seen=seen, problem=problem, root=asked.field("root"),
    )  # fmt: skip


async def take(desk: WebDesk, asked: Asked) -> Answer:
    """Look at the file that was sent, and keep what belongs here; whatever is wrong with it, nothing else changes."""
    try:
        seen = await take_in.take_in(desk.node, asked.files.get("file", b""), root=_root(asked.field("root")))
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return _page(desk, asked, seen=seen)


def _root(given: str) -> bytes | None:
    """A root digest as it was read out or copied, with or without gaps; raises WebProblem("bad_root")."""
    plain = "".join(given.split())
    if not plain:
        return None
    with suppress(ValueError):
        if len(plain) == ROOT_DIGITS:
            return bytes.fromhex(plain)
    raise WebProblem("bad_root")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One piece, verified anew: who signed both halves, and what they are."""
    number = _number(asked)
    piece = next((one for one in evidence.listed(desk.node) if one.number == number), None)
    if piece is None:
        raise DeskProblem("no_evidence", number=number)
    facts, problem = None, None
    try:
        facts = take_in.describe(desk.node, evidence.export(desk.node, number))
    except Problem as refused:
        problem = refused
    return page(desk, asked, "piece.html", piece=piece, facts_found=facts, problem=problem)


async def file(desk: WebDesk, asked: Asked) -> Answer:
    """One piece as a file, which anybody verifies who has the root digest of the party."""
    number = _number(asked)
    return attachment(f"evidence-{number}.cbor", CBOR, evidence.export(desk.node, number))


def _number(asked: Asked) -> int:
    given = asked.path["number"]
    if not (given.isascii() and given.isdigit() and len(given) < 8):
        raise WebProblem("no_such_page")
    return int(given)
