"""Bell: a FLASH note rings once, by a command of our own that learns nothing of it; and the test of each shift.

That a note is to ring is written down in the unit that takes it, so that a crash in between loses no ring. A ring whose
end was not written down (the node died meanwhile) is repeated: twice is better than never. Notes that come while it
rings are rung for together, once, when it has ended: a hundred of them are not a siren for an hour. An exercise rings
only if its sender stands in our own setting `exercises_ring`: who is woken here is decided here.

A locked node cannot tell what it takes: precedence, exercise, even whether it is a note or a receipt, all lie inside
the seal. It rings for the first of it, and again at most once in the time in which a FLASH has to be before an officer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from parley.desk.node import Node
from parley.line.conversation import read_conversation
from parley.line.note import Note, Precedence
from parley.line.ports import Look, Tx
from parley.line.precedence import IN_STATION
from parley.line.states import Delivery

KIND = "bell"  # by note id, or LOCKED
LOCKED = "locked"
RING_AGAIN = IN_STATION[Precedence.FLASH]  # ms
TEST = "bell-test"
LAST = "last"
MOST_KEPT = 64  # rings that are over


class Ring(msgspec.Struct, frozen=True):
    """One ring: since when it is due (ms), when it was begun and was over; `failure` "" if it rang."""

    due_at: int
    begun_at: int | None = None
    ended_at: int | None = None
    failure: str = ""


class Tested(msgspec.Struct, frozen=True):
    """A test of the bell: when (ms), what went wrong, if anything, and whether a person heard it (None: not said)."""

    at: int
    failure: str
    officer: str
    heard: bool | None = None


def rings(node: Node, note: Note) -> bool:
    """Whether a note is to ring here."""
    return note.precedence is Precedence.FLASH and (not note.exercise or note.sender.party in node.exercises_ring)


def enter(node: Node, tx: Tx, note: Note, identity: bytes, now: int) -> None:
    """Inside the unit that takes a note: it is to ring."""
    if node.bell is not None and rings(node, note):
        tx.put(KIND, identity.hex(), msgspec.msgpack.encode(Ring(now)))


def enter_locked(node: Node, tx: Tx, now: int) -> None:
    """Inside the unit in which a locked node takes what it cannot read: it rings, unless it just has."""
    stored = tx.record(KIND, LOCKED)
    before = None if stored is None else msgspec.msgpack.decode(stored, type=Ring)
    waits = before is not None and (before.ended_at is None or now - before.due_at < RING_AGAIN)
    if node.bell is not None and node.locked_rings and not waits:
        tx.put(KIND, LOCKED, msgspec.msgpack.encode(Ring(now)))


async def ring_waiting(node: Node) -> int:
    """Ring for what waits, once for all of it; returns for how many notes. Whoever comes meanwhile waits his turn."""
    if node.bell is None:
        return 0
    async with node.bell_lock:
        waiting = await node.store.write(lambda tx: _begin(tx, node.clock(), locked=node.vault is None), point="bell")
        if waiting:
            failure = await node.bell.ring()
            await node.store.write(lambda tx: _end(tx, waiting, node.clock(), failure), point="bell")
    return len(waiting)


def _begin(tx: Tx, now: int, *, locked: bool = False) -> list[str]:
    found = []
    for key, value in tx.records(KIND):
        ring = msgspec.msgpack.decode(value, type=Ring)
        if ring.ended_at is not None:
            continue
        # Read after a restart, perhaps, or unlocked: nobody has to be woken for it.
        if not locked if key == LOCKED else is_read(tx, bytes.fromhex(key)):
            tx.put(KIND, key, msgspec.msgpack.encode(msgspec.structs.replace(ring, ended_at=now)))
            continue
        tx.put(KIND, key, msgspec.msgpack.encode(msgspec.structs.replace(ring, begun_at=now)))
        found.append(key)
    return found


def is_read(look: Look, identity: bytes) -> bool:
    """Whether a person here was shown a note of theirs."""
    return any(read_conversation(row.state).delivery is Delivery.READ for row in look.conversations(identity))


def _end(tx: Tx, keys: list[str], now: int, failure: str) -> None:
    for key in keys:
        stored = tx.record(KIND, key)
        if stored is not None:
            ring = msgspec.msgpack.decode(stored, type=Ring)
            ended = msgspec.structs.replace(ring, ended_at=now, failure=failure)
            tx.put(KIND, key, msgspec.msgpack.encode(ended))
    over = [(key, msgspec.msgpack.decode(value, type=Ring)) for key, value in tx.records(KIND)]
    over = sorted((one for one in over if one[1].ended_at is not None), key=lambda one: one[1].ended_at or 0)
    for key, _ in over[:-MOST_KEPT]:
        tx.drop(KIND, key)


async def self_test(node: Node, officer: str) -> Tested:
    """Ring once without a note, by the very same command; raises DeskProblem("no_bell")."""
    bell = node.the_bell()
    async with node.bell_lock:
        made = Tested(node.clock(), await bell.ring(), officer)
    await node.store.write(lambda tx: tx.put(TEST, LAST, msgspec.msgpack.encode(made)), point="bell")
    return made


async def say_heard(node: Node, heard: bool) -> None:
    """A person says whether the last test was heard."""

    def unit(tx: Tx) -> None:
        stored = tx.record(TEST, LAST)
        if stored is not None:
            made = msgspec.structs.replace(msgspec.msgpack.decode(stored, type=Tested), heard=heard)
            tx.put(TEST, LAST, msgspec.msgpack.encode(made))

    await node.store.write(unit, point="bell")


def last_test(look: Look) -> Tested | None:
    """The last test of the bell."""
    stored = look.record(TEST, LAST)
    return None if stored is None else msgspec.msgpack.decode(stored, type=Tested)


def last_ring(look: Look) -> Ring | None:
    """The ring for a note that began last."""
    found = [msgspec.msgpack.decode(value, type=Ring) for _, value in look.records(KIND)]
    begun = [ring for ring in found if ring.begun_at is not None]
    return max(begun, key=lambda ring: ring.begun_at or 0, default=None)


def rings_for(look: Look, notes: Iterable[bytes]) -> dict[bytes, Ring]:
    """The rings that are kept for these notes; a note for which nothing was to ring has none."""
    found = {identity: look.record(KIND, identity.hex()) for identity in notes}
    return {identity: msgspec.msgpack.decode(body, type=Ring) for identity, body in found.items() if body is not None}


def facts(node: Node) -> dict[str, Any]:
    """For status: whether a command is set, what came of the last ring and the last test (ms UTC; names of nobody)."""
    ring, tested = node.store.look(last_ring), node.store.look(last_test)
    return {
        "set": node.bell is not None,
        "rang_at": ring.begun_at if ring else None,
        "ring_failure": ring.failure if ring else "",
        "tested_at": tested.at if tested else None,
        "test_failure": tested.failure if tested else "",
        "heard": tested.heard if tested else None,
    }
