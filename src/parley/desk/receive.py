"""Receive: a parcel came in, by whatever bearer; take it durably and say so, signed.

Steps: news of particulars first, since a note in the same parcel may rest on them; then each sealed item is opened
and judged (no writing); then ONE unit writes everything and the receipt that vouches for it; then the reply is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from parley.desk import fetch_file, give_back, learn
from parley.desk.bell import rings
from parley.desk.heard import heard_from
from parley.desk.judge import Outcome, judge
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.receipts import enqueue_receipt
from parley.desk.roads import HTTPS
from parley.desk.take import MOST_PREKEYS, Written, reply_receipts, take, taken_locked
from parley.desk.ways import may_carry
from parley.line.note import Precedence
from parley.line.parcel import MOST_ITEMS, ItemKind, Parcel, read_parcel
from parley.line.ports import HeldRow, Look, OutboxRow, Tx
from parley.line.receipt import Receipt, Stage
from parley.seal import digest, seal
from parley.terms.problem import Fault, Problem

GIVEN_FOR = 10_000  # ms before what a collecting peer was handed is handed out again
MOST_GIVEN = 4096  # rows remembered as handed out before the old ones are forgotten
SEALED = (ItemKind.SEALED, ItemKind.KEPT)


async def receive(node: Node, peer: str | None, data: bytes) -> bytes:
    """Take a parcel from `peer` (None: carried by hand) and return the parcel to answer with.

    Raises LineProblem or SealProblem only when the parcel itself cannot be read; a bad item in it is refused alone.
    DeskProblem("no_room_by_hand") when a locked node kept not all of what was carried by hand.
    """
    parcel = read_parcel(data)
    news, receipts, put_off = await take_parcel(node, peer, parcel)
    if peer is None and node.vault is None and put_off:
        raise DeskProblem("no_room_by_hand", items=len(put_off))
    items = [*seal_receipts(node, receipts), *news]
    if peer is None:
        return Parcel(items=tuple(items[:MOST_ITEMS])).to_bytes()
    await heard_from(node, peer)
    items = [*items, *learn.our_news(node, peer), *fetch_file.requests(node, peer)][:MOST_ITEMS]
    items += waiting_for(node, peer, parcel.collect - len(items))
    got = tuple(found for body in sealed_items(parcel) if (found := digest(body)) not in put_off)
    return Parcel(items=tuple(items), got=got).to_bytes()


def sealed_items(parcel: Parcel) -> list[bytes]:
    """The sealed items of a parcel, in order, each once."""
    return list(dict.fromkeys(body for kind, body in parcel.items if kind in SEALED))


def _news(parcel: Parcel) -> list[tuple[int, bytes]]:
    """What is neither note nor receipt; of words about files, which come last, only the first few."""
    others = [item for item in parcel.items if item[0] not in (*SEALED, ItemKind.FILE)]
    files = [item for item in parcel.items if item[0] == ItemKind.FILE]
    return [*others, *files[: fetch_file.MOST_TAKEN]]


async def take_parcel(
    node: Node, peer: str | None, parcel: Parcel
) -> tuple[list[tuple[int, bytes]], list[tuple[str, bytes]], frozenset[bytes]]:
    """Take everything in a parcel durably.

    Returns public items and (party, signed receipt) to send back, and the digests of what was put off (full, or sealed
    to a key that is gone): of these nothing is kept, so they are not to be acknowledged.
    """
    news: list[tuple[int, bytes]] = []
    if peer is not None and parcel.got:
        learn.has_it(node, peer, *parcel.got)
    for kind, body in _news(parcel):
        news += await learn.take_news(node, peer, kind, body)
    if node.vault is not None and node.newer:
        node.newer.clear()
        await open_held(node)
    sealed = sealed_items(parcel)
    if not sealed and not parcel.got:
        return news, [], frozenset()
    outcomes = await judge_all(node, peer, sealed)
    written = await take_all(node, peer, outcomes, parcel.got)
    after(node, outcomes)
    node.tell_moved()
    for party in written.others:
        node.wake(party)
    if any(outcome.recall is not None for outcome in outcomes):
        await give_back.tend(node)
    put_off = frozenset(outcome.digest for outcome in outcomes if outcome.stage in (Stage.FULL, Stage.UNOPENABLE))
    return news, reply_receipts(node, peer, written), put_off


async def take_all(node: Node, peer: str | None, outcomes: Sequence[Outcome], got: Sequence[bytes]) -> Written:
    """Write all outcomes in one unit. If one of them cannot be written, each goes in a unit of its own, and those that
    fail are refused: one odd item must not stop the others, now or whenever its sender repeats it."""
    try:
        return await node.store.write(lambda tx: take(node, tx, peer, outcomes, got), point="receive")
    except Problem as problem:
        if problem.fault is Fault.MACHINE:
            raise
    together = await node.store.write(lambda tx: take(node, tx, peer, (), got), point="receive")
    for outcome in outcomes:
        written = await _take_alone(node, peer, outcome)
        together.others |= written.others
        for party, receipts in written.receipts.items():
            together.receipts.setdefault(party, []).extend(receipts)
    return together


async def _take_alone(node: Node, peer: str | None, outcome: Outcome) -> Written:
    try:
        return await node.store.write(lambda tx: take(node, tx, peer, (outcome,)), point="receive")
    except Problem as problem:
        if problem.fault is Fault.MACHINE:
            raise
        refused = _as_refused(outcome, problem)
        return await node.store.write(lambda tx: take(node, tx, peer, (refused,)), point="receive")


def _as_refused(outcome: Outcome, problem: Problem) -> Outcome:
    """The same item, refused because it could not be written."""
    refused = Outcome(outcome.digest, outcome.size, Stage.REFUSED, outcome.sealed, signed=outcome.signed)
    refused.problem, refused.party, refused.kind = problem, outcome.party, outcome.kind
    refused.taken_at = outcome.taken_at
    outcome.note = outcome.receipt = outcome.recall = None  # nothing of it stands, so nothing rings or is used
    outcome.spent_key = None
    return refused


async def judge_all(node: Node, peer: str | None, sealed: Sequence[bytes]) -> list[Outcome]:
    """Judge items in order, letting other requests run in between: a batch must not hold up a FLASH note."""
    outcomes = []
    for item in sealed:
        outcomes.append(judge(node, peer, item))
        if len(sealed) > 1:
            await asyncio.sleep(0)
    return outcomes


def after(node: Node, outcomes: Sequence[Outcome]) -> None:
    """What follows once the unit is durable: spent one-time keys leave memory, FLASH rings once, and so does what a
    locked node took."""
    if taken := sum(taken_locked(node, outcome) for outcome in outcomes):
        node.taken_locked += taken
        node.flash_hook(b"")
    for outcome in outcomes:
        if outcome.spent_key is not None and node.vault is not None:
            node.vault.opening.pop(outcome.spent_key, None)
            node.vault.one_time.discard(outcome.spent_key)
        if outcome.receipt is not None and outcome.fresh:
            _remember_one_time(node, outcome.receipt)
        if outcome.recall is not None and outcome.fresh:  # it forgot what we told it, and lost its one-time keys
            node.one_time.pop(outcome.recall.party, None)
            node.told.pop(outcome.recall.party, None)
        if outcome.note is not None and outcome.fresh and rings(node, outcome.note):
            node.flash_hook(outcome.note_id)


def _remember_one_time(node: Node, receipt: Receipt) -> None:
    if receipt.prekeys:
        known = [key for key in node.one_time.get(receipt.issuer, ()) if key.expires_at > node.clock()]
        node.one_time[receipt.issuer] = [*known, *receipt.prekeys[: max(0, MOST_PREKEYS - len(known))]]


async def open_held(node: Node) -> int:
    """Open what was taken and could not be opened: this node was locked, or lacked the newer particulars of the sender.

    Receipts for it go out with the next parcels.
    """
    opened: set[bytes] = set()
    while rows := [row for row in node.store.look(_taken) if row.digest not in opened]:
        for row in rows:
            opened.add(row.digest)
            await _open_one(node, row)
    return len(opened)


def _taken(look: Look) -> list[HeldRow]:
    return [row for row in look.held_at(int(Stage.TAKEN)) if row.sealed is not None]


async def _open_one(node: Node, row: HeldRow) -> None:
    if row.sealed is not None:
        outcomes = await judge_all(node, row.peer or None, [row.sealed])
        try:
            parties = await node.store.write(lambda tx: _take_held(node, tx, outcomes), point="open_held")
        except Problem as problem:
            if problem.fault is Fault.MACHINE:
                raise
            outcomes = [_as_refused(outcome, problem) for outcome in outcomes]
            parties = await node.store.write(lambda tx: _take_held(node, tx, outcomes), point="open_held")
        for party in parties:
            node.wake(party)
        after(node, outcomes)


def _take_held(node: Node, tx: Tx, outcomes: Sequence[Outcome]) -> list[str]:
    """What was taken is opened; its receipts wait for the next parcels to the parties that are returned."""
    written = take(node, tx, None, outcomes)
    for party, receipts in written.receipts.items():
        for signed in receipts:
            enqueue_receipt(node, tx, party, signed, Precedence.IMMEDIATE, node.clock())
    return list(written.receipts)


def seal_receipts(node: Node, receipts: Sequence[tuple[str, bytes]]) -> list[tuple[int, bytes]]:
    """Each (party, signed receipt) sealed to the party's current key; one without a key is left for later."""
    found = []
    for party, signed in receipts:
        key = node.sealing_key_or_none(party)
        if key is not None:
            found.append((int(ItemKind.SEALED), seal(signed, key)))
    return found


def waiting_for(node: Node, peer: str, most: int) -> list[tuple[int, bytes]]:
    """What we hold for a peer that dialled us and offers to take it back; it stays here until the peer says `got`."""
    if most <= 0 or peer in node.held_back:
        return []
    now = node.clock()
    rows = deliverable(node, peer, most=min(most, node.limits.parcel_items))
    rows = [row for row in rows if now - node.given.get(row.seq, -GIVEN_FOR) >= GIVEN_FOR]
    if len(node.given) > MOST_GIVEN:
        node.given = {seq: at for seq, at in node.given.items() if now - at < GIVEN_FOR}
    node.given.update((row.seq, now) for row in rows)
    return [(int(ItemKind.KEPT), row.sealed) for row in rows]


def deliverable(node: Node, peer: str, *, most: int) -> list[OutboxRow]:
    """Rows due for a peer that no exchange under way carries, most urgent first."""
    found = node.store.look(
        lambda look: look.outbox_next(
            peer,
            node.clock(),
            most=most + len(node.in_flight) + len(node.traced),
            most_bytes=node.limits.parcel_bytes,
        )
    )
    return [row for row in found if row.seq not in node.in_flight and may_carry(node, HTTPS, row)][:most]
