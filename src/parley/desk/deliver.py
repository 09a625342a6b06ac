"""Deliver: carry what waits in the outbox to one peer, most urgent first, and take what comes back.

Two lanes per peer share one outbox: the ordinary lane carries a parcel at a time; FLASH has a lane and a connection
of its own, so that it never waits for a batch under way. A row stays in the outbox until the peer's receipt (for a
receipt: its word that it got it) is durable here.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.desk import fetch_file, learn, sight, ways
from parley.desk.heard import fell_silent, heard_from
from parley.desk.node import Bearer, Endpoint, Node
from parley.desk.receipts import enqueue_receipt
from parley.desk.receive import deliverable, take_parcel
from parley.desk.roads import HTTPS
from parley.line.note import Precedence
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.ports import OutboxRow, Tx
from parley.seal import digest
from parley.terms.problem import Problem

FIRST_WAIT = 500  # ms before the second attempt; doubled each time, with jitter
LONGEST_WAIT = 60_000
COLLECT = 24
MOST_GOT = 1024  # acknowledgements in one parcel; the rest goes with the next


async def deliver(
    node: Node, party: str, bearer: Bearer, endpoint: Endpoint, *, flash_only: bool = False, poll: bool = True
) -> int:
    """One exchange with `party`; returns how many rows it carried (0: nothing was due, and nothing was collected).

    Without `poll` nothing is exchanged when there is nothing to say.

    Raises the bearer's Problem after postponing the rows; they stay in the outbox.
    """
    rows = due_rows(node, party, flash_only=flash_only)
    if not rows and (flash_only or not (poll or _has_news(node, party))):
        return 0
    spoken, freshness = tuple(node.news.get(party, ())), digest(node.freshness)
    parcel = _pack(node, party, rows, [] if flash_only else fetch_file.requests(node, party))
    node.in_flight.update(row.seq for row in rows)
    try:
        data = parcel.to_bytes()
        reply = await bearer.exchange(endpoint, data, timeout_s=node.limits.exchange_timeout_s)
        node.bytes_dialled += len(data) + len(reply)
        node.roads.works(party, HTTPS, node.clock())
        learn.has_it(node, party, freshness)
        returned = await _take_reply(node, party, reply)
    except Problem as problem:
        fell_silent(node, party)
        await ways.trace(node, party, ways.kind_of(bearer), rows, problem=problem.key)
        await _postpone(node, rows)
        node.got.setdefault(party, []).extend(parcel.got)
        node.told.pop(party, None)  # sightings, too, are told anew with it
        node.news.setdefault(party, []).extend(spoken)  # a checkpoint is shown again even if nothing new was written
        raise
    finally:
        node.in_flight.difference_update(row.seq for row in rows)
    await ways.trace(node, party, ways.kind_of(bearer), rows, reply=reply)
    await _again_later(node, rows)
    await heard_from(node, party)
    return len(rows) + returned


def _has_news(node: Node, party: str) -> bool:
    return bool(
        node.got.get(party)
        or node.news.get(party)
        or not learn.knows(node, party)
        or sight.untold(node, party)
        or fetch_file.waits(node, party)
    )


def due_rows(node: Node, party: str, *, flash_only: bool = False) -> list[OutboxRow]:
    """What is due for a peer and not under way, by precedence, then in order."""
    rows = deliverable(node, party, most=node.limits.parcel_items)
    return [row for row in rows if row.precedence == Precedence.FLASH] if flash_only else rows


def _pack(
    node: Node, party: str, rows: Sequence[OutboxRow], files: Sequence[tuple[int, bytes]]
) -> Parcel:
    items = [(int(ItemKind.SEALED), row.sealed) for row in rows]
    waiting = node.got.pop(party, [])
    got, later = tuple(dict.fromkeys(waiting[:MOST_GOT])), waiting[MOST_GOT:]
    if later:
        node.got[party] = later
    news = [*learn.our_news(node, party), *node.news.pop(party, [])]
    return Parcel(items=(*news, *items, *files), got=got, collect=COLLECT)


async def _take_reply(node: Node, party: str, reply: bytes) -> int:
    parcel = read_parcel(reply)
    news, receipts, put_off = await take_parcel(node, party, parcel)
    kept = [body for kind, body in parcel.items if kind == ItemKind.KEPT and digest(body) not in put_off]
    told = [body for kind, body in parcel.items if kind == ItemKind.FRESHNESS]
    learn.remember_got(node, party, [*kept, *told])
    node.news.setdefault(party, []).extend(news)
    if receipts:  # we collected notes: our receipts for them go out with the next parcel
        now = node.clock()

        def unit(tx: Tx) -> None:
            for to, signed in receipts:
                enqueue_receipt(node, tx, to, signed, Precedence.IMMEDIATE, now)

        await node.store.write(unit, point="collect")
    if receipts or kept or news:
        node.wake(party)
    return len(kept)


async def _again_later(node: Node, rows: Sequence[OutboxRow]) -> None:
    """Rows that the exchange did not settle wait before they are carried again."""
    if left := node.store.look(lambda look: [row for row in rows if look.outbox_for(row.object_id, row.peer)]):
        await _postpone(node, left)


async def _postpone(node: Node, rows: Sequence[OutboxRow]) -> None:
    if not rows:
        return
    attempts = max(row.attempts for row in rows)
    wait = min(LONGEST_WAIT, FIRST_WAIT << min(attempts, 10))
    jitter = int.from_bytes(node.rng(2), "big") % (wait // 2 + 1)
    due = node.clock() + wait + jitter
    await node.store.write(lambda tx: tx.postpone([row.seq for row in rows], due), point="postpone")
