"""Journal: searched by kind, time, party, serial and officer; verified aside; checkpoints, ours and those of others.

An entry is a digest. What it is about is shown of notes that pass the marking gate for this officer, and of no other.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from parley.clearance import Exit
from parley.desk import archive, heads, journal_search, witness
from parley.desk.board import Entry
from parley.desk.journal_search import Wanted
from parley.doors.as_csv import as_csv
from parley.doors.web.answers import Answer, attachment, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.passing import passing
from parley.doors.web.problems import WebProblem
from parley.journal import LeafKind
from parley.terms.moment import as_datetime
from parley.terms.problem import Problem

SHOWN = 50
DAY_MS = 86_400_000
MOST_ROWS = 100_000
"""Of an export: more than a spreadsheet opens at ease."""
FILTERS = ("kind", "party", "serial", "since", "until", "officer")
KINDS = ("", *(kind.name for kind in LeafKind), "GONE")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The newest entries that fit the filters."""
    given = _given(asked)
    found, problem = None, None
    try:
        wanted = _wanted(asked, given)
        found = await asyncio.to_thread(
            journal_search.search, desk.node, wanted, await _seen(desk, asked, wanted), SHOWN
        )
    except Problem as refused:
        problem = refused
    query = {name: value for name, value in given.items() if value}
    return page(
        desk, asked, "journal.html", status=200 if problem is None else 422,
        found=found,
        problem=problem,
        given=given,
        filtered=bool(query),
        query=urlencode(query),
        older=urlencode({**query, "before": found.before}) if found and found.before is not None else "",
        first="before" not in asked.query,
        kinds=KINDS[1:],
        parties=[code for code in desk.node.directory.parties if code != desk.node.party],
        cosigners=archive.cosigners(desk.node),
        incarnation=desk.node.incarnation.hex(),
        verification=desk.verifying.last,
    )  # fmt: skip


async def _seen(desk: WebDesk, asked: Asked, wanted: Wanted) -> list[Entry]:
    return passing(asked.eyes, Exit.SEARCH if wanted.names else Exit.PAGE, await desk.board.entries())


def _given(asked: Asked) -> dict[str, str]:
    return {name: asked.query.get(name, "").strip()[:40] for name in FILTERS}


def _wanted(asked: Asked, given: dict[str, str]) -> Wanted:
    """Raises WebProblem("bad_filter")."""
    if given["kind"] not in KINDS:
        raise WebProblem("bad_filter", given=given["kind"])
    until = _day(given["until"])
    return Wanted(
        kind=given["kind"],
        party=given["party"],
        officer=given["officer"],
        serial=_number(given["serial"]),
        since=_day(given["since"]),
        until=None if until is None else until + DAY_MS,
        before=_number(asked.query.get("before", "")),
    )


def _number(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise WebProblem("bad_filter", given=given[:40])
    return int(given)


def _day(given: str) -> int | None:
    """The first moment of a day in UTC, ms."""
    if not given:
        return None
    try:
        return int(datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        raise WebProblem("bad_filter", given=given[:40]) from None


async def table(desk: WebDesk, asked: Asked) -> Answer:
    """The entries that fit kind and time as a file: index, kind, instant, digest; it names nobody."""
    wanted = _wanted(asked, {**_given(asked), "party": "", "officer": "", "serial": ""})
    found = await asyncio.to_thread(journal_search.digests_of, desk.node, wanted, MOST_ROWS)
    rows = [(index, kind, "" if at is None else _iso(at), digest) for index, kind, at, digest in found]
    name = f"journal-{desk.node.party}-{desk.node.incarnation.hex()[:8]}.csv"
    return attachment(name, "text/csv; charset=utf-8", as_csv(("index", "kind", "at", "sha-256 of its object"), rows))


def _iso(ms: int) -> str:
    return f"{as_datetime(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


# -- verifying


async def verify(desk: WebDesk, asked: Asked) -> Answer:
    """Begin to compute the whole tree again, aside; the page shows how far it came."""
    desk.verifying.begin(asked.officer)
    return redirect("/journal/verify")


async def show_verify(desk: WebDesk, asked: Asked) -> Answer:
    """How far it came, or what came of it."""
    return page(desk, asked, "verify.html", one=desk.verifying.last, runs=desk.verifying.runs)


# -- checkpoints


async def checkpoints(desk: WebDesk, asked: Asked) -> Answer:
    """Ours with who cosigned them, what was cosigned here of others, and what is not proved to fit."""
    node = desk.node
    return page(
        desk, asked, "checkpoints.html",
        ours=witness.signed(node, SHOWN),
        others=witness.cosigned_of_others(node),
        doubts=heads.doubts(node),
        now=node.incarnation.hex(),
    )  # fmt: skip


async def show_checkpoint(desk: WebDesk, asked: Asked) -> Answer:
    """Sign one now and show it to every peer, without waiting for the timer."""
    await witness.show_now(desk.node)
    return redirect("/journal/checkpoints")


async def checkpoint_file(desk: WebDesk, asked: Asked) -> Answer:
    """The text of one, ours or another's, as C2SP writes it: for whoever compares or keeps it."""
    journal, size = f"{asked.path['party']}/{asked.path['incarnation']}", asked.path["size"]
    found = next((text for key, text in _texts(desk) if key == f"{journal}/{size}"), None)
    if found is None:
        raise WebProblem("no_such_page")
    return attachment(
        f"checkpoint-{journal.replace('/', '-')[:20]}-{size[:20]}.txt", "text/plain; charset=utf-8", found
    )


def _texts(desk: WebDesk) -> list[tuple[str, bytes]]:
    ours: list[tuple[str, Any]] = [
        (f"{desk.node.party}/{one.incarnation}/{one.size}", one.text) for one in witness.signed(desk.node, 1_000_000)
    ]
    others = [(f"{one.party}/{one.incarnation}/{one.size}", one.text) for one in witness.cosigned_of_others(desk.node)]
    return [(key, text.encode()) for key, text in (*ours, *others)]
