"""Post: carry what waits for a peer by a bearer that goes one way, beside HTTPS and never instead of it.

A letter is a parcel with our signed word that it is ours. A row stays in the outbox until the peer's receipt is durable
here, whoever brings that; letters only note when they went, so that the same is not mailed every second. What travels
beside rows: our particulars and freshness (with the prekey) in every letter, `got`, checkpoints and cosignatures. A
letter for these alone goes when `got` has waited long enough, or when a new freshness cannot travel by HTTPS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from parley.desk import ways
from parley.desk.deliver import MOST_GOT
from parley.desk.node import Node
from parley.desk.roads import HTTPS, MAIL
from parley.line.note import Precedence
from parley.line.parcel import MOST_ITEMS, ItemKind, Parcel
from parley.line.ports import Look, OutboxRow, Tx
from parley.line.precedence import MINUTE
from parley.line.roads import First, Post, again_after, patience
from parley.line.speaker import speak
from parley.seal import digest
from parley.terms.problem import Problem

POSTED: Final = "posted"  # by party and sealed digest: when it was last mailed, how often, in which letter
TOLD: Final = "posted-freshness"  # by party: the digest of the freshness that it was mailed
GOT_ALONE: Final = 5 * MINUTE  # how long `got` waits for a letter to ride with
FRESH_ALONE: Final = 60 * MINUTE  # how long HTTPS fails before a new freshness goes by mail
FIRST_WAIT: Final = 30_000  # ms before a letter that the server did not take is tried again; doubled each time
LONGEST_WAIT: Final = 30 * MINUTE
MOST_LOOKED_AT: Final = 256
NOTHING: Final = "-"


class Posted(msgspec.Struct, frozen=True):
    """When something was last mailed (ms UTC), how often, and the id of the letter."""

    at: int
    times: int
    letter_id: str


@dataclass
class Lane:
    """What is remembered of one peer between looks; a restart forgets it and waits a little longer."""

    seen: dict[int, int] = field(default_factory=dict)  # outbox row -> when it was first seen waiting
    got_since: int = 0
    not_before: int = 0
    attempts: int = 0


async def post(node: Node, party: str, way: Post, address: str, lane: Lane, *, listed: bool) -> int:
    """Mail to one peer what is ripe for it; returns how many rows that were. `listed`: it has an HTTPS address too.

    Raises the bearer's Problem after noting it; what waited stays in the outbox.
    """
    now = node.clock()
    first = node.roads.first(party, now, listed=listed)
    rows = _ripe(node, party, lane, first, now)
    if now < lane.not_before or not (rows or _worth_a_letter(node, party, lane, first, now)):
        return 0
    spoken = tuple(node.news.pop(party, ())[: MOST_ITEMS // 2])
    parcel = _pack(node, party, rows, spoken, now)
    try:
        letter_id = await way.send(address, parcel.to_bytes())
    except Problem as problem:
        node.got.setdefault(party, []).extend(parcel.got)
        node.news.setdefault(party, []).extend(spoken)
        _not_sent(node, party, lane, problem)
        await ways.trace(node, party, MAIL, rows, problem=problem.key)
        raise
    await ways.trace(node, party, MAIL, rows, beside=True)
    await _note_sent(node, party, rows, letter_id, node.clock())
    lane.attempts = lane.got_since = 0
    node.roads.works(party, MAIL, node.clock())
    return len(rows)


def _ripe(node: Node, party: str, lane: Lane, first: First, now: int) -> list[OutboxRow]:
    """Rows that mail should carry now, most urgent first, as many as one parcel holds.

    Whether HTTPS has a row in hand or puts it off does not matter here: a hedge that waits for the other is none.
    """
    rows, posted = node.store.look(lambda look: _waiting(look, node, party))
    rows = [row for row in rows if ways.may_carry(node, MAIL, row)]
    lane.seen = {row.seq: lane.seen.get(row.seq, now) for row in rows}
    answers = node.roads.by_mail(party)
    ripe: list[OutboxRow] = []
    size = 0
    for row in rows:
        mailed = posted.get(row.digest)
        precedence = Precedence(row.precedence)
        at_once = answers and row.kind == "receipt"
        wait = 0 if at_once or ways.alone(node, row) else patience(precedence, first)
        due = lane.seen[row.seq] + wait if mailed is None else mailed.at + again_after(precedence, mailed.times)
        if now < due:
            continue
        size += len(row.sealed)
        if ripe and (len(ripe) >= node.limits.parcel_items or size > node.limits.parcel_bytes):
            break
        ripe.append(row)
    return ripe


def _waiting(look: Look, node: Node, party: str) -> tuple[list[OutboxRow], dict[bytes, Posted]]:
    if not any(peer == party for peer, _, _ in look.outbox_peers()):
        return [], {}
    rows = look.outbox_next(party, 1 << 62, most=MOST_LOOKED_AT, most_bytes=4 * node.limits.parcel_bytes)
    return rows, {_digest_of(key): _posted(value) for key, value in look.records(POSTED, f"{party} ")}


def _worth_a_letter(node: Node, party: str, lane: Lane, first: First, now: int) -> bool:
    """Whether what rides beside rows should go without one."""
    waiting = bool(node.got.get(party))
    lane.got_since = (lane.got_since or now) if waiting else 0
    if waiting and node.roads.by_mail(party) and now - lane.got_since >= GOT_ALONE:
        return True
    failing = node.roads.of(party, HTTPS).failing_since
    cut_off = first is First.NONE or (first is First.FAILING and now - failing >= FRESH_ALONE)
    if not cut_off or not node.freshness:
        return False
    return node.store.look(lambda look: look.record(TOLD, party)) != digest(node.freshness)


def _pack(node: Node, party: str, rows: Sequence[OutboxRow], spoken: Sequence[tuple[int, bytes]], now: int) -> Parcel:
    news = [(int(ItemKind.PARTICULARS), node.directory.entry(node.party).versions[-1].signed.raw)]
    if node.freshness:
        news.append((int(ItemKind.FRESHNESS), node.freshness))
    waiting = node.got.pop(party, [])
    if waiting[MOST_GOT:]:
        node.got[party] = waiting[MOST_GOT:]
    items = (*news, *spoken, *((int(ItemKind.SEALED), row.sealed) for row in rows))
    parcel = Parcel(items=items, got=tuple(dict.fromkeys(waiting[:MOST_GOT])))
    return speak(parcel, node.node_key, issuer=node.party, incarnation=node.incarnation, to=party, now=now)


def _not_sent(node: Node, party: str, lane: Lane, problem: Problem) -> None:
    now = node.clock()
    node.roads.fails(party, MAIL, now, problem.key)
    wait = min(LONGEST_WAIT, FIRST_WAIT << min(lane.attempts, 10))
    lane.attempts += 1
    lane.not_before = now + wait


async def _note_sent(node: Node, party: str, rows: Sequence[OutboxRow], letter_id: str, now: int) -> None:
    def unit(tx: Tx) -> None:
        for key, _ in tx.records(POSTED, f"{party} "):
            if tx.outbox_by_digest(_digest_of(key)) is None:  # receipted meanwhile
                tx.drop(POSTED, key)
        for row in rows:
            key = f"{party} {row.digest.hex()}"
            before = tx.record(POSTED, key)
            times = _posted(before).times if before else 0
            tx.put(POSTED, key, msgspec.msgpack.encode(Posted(now, times + 1, letter_id)))
        tx.put(POSTED, f"{party} {NOTHING}", msgspec.msgpack.encode(Posted(now, 1, letter_id)))
        tx.put(TOLD, party, digest(node.freshness))

    await node.store.write(unit, point="posted")


def party_of_letter(look: Look, letter_id: str) -> str | None:
    """To whom a letter of ours went, by its id; None if we gave out no such id, or it was settled long ago."""
    for key, value in look.records(POSTED):
        if _posted(value).letter_id == letter_id:
            return key.split(" ")[0]
    return None


def _posted(value: bytes) -> Posted:
    return msgspec.msgpack.decode(value, type=Posted)


def _digest_of(key: str) -> bytes:
    last = key.split(" ")[1]
    return b"" if last == NOTHING else bytes.fromhex(last)
