"""Alert: an e-mail to people of ours, without content, when a FLASH note comes; or when a locked node takes anything.

It is due in the unit that takes the note, as the bell's ring is, so that neither a crash nor a mail server that fails
loses it. It is tried again with longer and longer pauses, at most `MOST_TRIES` times, unless somebody has read the note
or unlocked the node meanwhile; what failed is shown. One letter speaks for all that waits. Who gets it, and its few
words, are settings; nothing of any note is in it (exit *notification* in docs/access.md).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from parley.desk.bell import LOCKED, RING_AGAIN, Tested, is_read, rings
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.line.note import Note
from parley.line.ports import Look, Tx

KIND: Final = "alert"  # by note id, or LOCKED
TEST: Final = "alert-test"
LAST: Final = "last"
FIRST_WAIT: Final = 30_000  # ms before the second attempt; doubled each time
LONGEST_WAIT: Final = 600_000
MOST_TRIES: Final = 24
"""About three hours and a half, by when another shift or the telephone has to do."""
MOST_KEPT: Final = 64


class Alert(msgspec.Struct, frozen=True):
    """One alert: due since when (ms), tried how often, not before when again; how the last attempt failed, if it did;
    when it was over: sent, given up, or not needed any more."""

    due_at: int
    tries: int = 0
    not_before: int = 0
    problem: str = ""
    sent_at: int | None = None
    over_at: int | None = None

    @property
    def given_up(self) -> bool:
        """Whether nobody was told, and nobody will be."""
        return self.tries >= MOST_TRIES and self.sent_at is None


def enter(node: Node, tx: Tx, note: Note, identity: bytes, now: int) -> None:
    """Inside the unit that takes a note: people are to be told that they are needed."""
    if node.alert is not None and rings(node, note):
        tx.put(KIND, identity.hex(), msgspec.msgpack.encode(Alert(now)))


def enter_locked(node: Node, tx: Tx, now: int) -> None:
    """Inside the unit in which a locked node takes what it cannot read."""
    stored = tx.record(KIND, LOCKED)
    before = None if stored is None else _read(stored)
    waits = before is not None and (before.over_at is None or now - before.due_at < RING_AGAIN)
    if node.alert is not None and node.locked_rings and not waits:
        tx.put(KIND, LOCKED, msgspec.msgpack.encode(Alert(now)))


async def send_waiting(node: Node) -> int:
    """One letter for all that waits, if any of it may be tried now; returns for how many it was."""
    if node.alert is None:
        return 0
    async with node.alert_lock:
        waiting = await _begin(node)
        if waiting:
            failure = await node.alert.ring()
            await node.store.write(lambda tx: _end(tx, waiting, node.clock(), failure), point="alert")
    return len(waiting)


async def _begin(node: Node) -> list[str]:
    """What waits, without what nobody has to be told any more."""
    now = node.clock()
    found = node.store.look(_open)
    if not any(one.not_before <= now for _, one in found):
        return []
    needless = [key for key, _ in found if node.store.look(lambda look, key=key: _needless(node, look, key))]  # type: ignore[misc]
    if needless:
        await node.store.write(lambda tx: _end(tx, needless, now, None), point="alert")
    return [key for key, _ in found if key not in needless]


def _open(look: Look) -> list[tuple[str, Alert]]:
    found = [(key, _read(value)) for key, value in look.records(KIND)]
    return [(key, one) for key, one in found if one.over_at is None]


def _needless(node: Node, look: Look, key: str) -> bool:
    return node.vault is not None if key == LOCKED else is_read(look, bytes.fromhex(key))


def _end(tx: Tx, keys: list[str], now: int, failure: str | None) -> None:
    """After an attempt; `failure` None: there was none, and none is needed."""
    for key in keys:
        stored = tx.record(KIND, key)
        if stored is not None:
            tx.put(KIND, key, msgspec.msgpack.encode(_after(_read(stored), now, failure)))
    over = [(key, _read(value)) for key, value in tx.records(KIND)]
    over = sorted((one for one in over if one[1].over_at is not None), key=lambda one: one[1].over_at or 0)
    for key, _ in over[:-MOST_KEPT]:
        tx.drop(KIND, key)


def _after(before: Alert, now: int, failure: str | None) -> Alert:
    if not failure:
        sent = now if failure == "" else None
        return msgspec.structs.replace(before, sent_at=sent, over_at=now, problem="")
    tries = before.tries + 1
    wait = min(LONGEST_WAIT, FIRST_WAIT << min(tries - 1, 10))
    over = now if tries >= MOST_TRIES else None
    return msgspec.structs.replace(before, tries=tries, problem=failure, not_before=now + wait, over_at=over)


async def self_test(node: Node, officer: str) -> Tested:
    """Send the very same letter once without a note; raises DeskProblem("no_alert")."""
    if node.alert is None:
        raise DeskProblem("no_alert")
    async with node.alert_lock:
        made = Tested(node.clock(), await node.alert.ring(), officer)
    await node.store.write(lambda tx: tx.put(TEST, LAST, msgspec.msgpack.encode(made)), point="alert")
    return made


def facts(node: Node) -> dict[str, Any]:
    """For status and pages: whether it is set, when the last letter left, what waits and why; times in ms UTC."""
    found = [_read(value) for _, value in node.store.look(lambda look: look.records(KIND))]
    stored = node.store.look(lambda look: look.record(TEST, LAST))
    tested = None if stored is None else msgspec.msgpack.decode(stored, type=Tested)
    waits = sorted((one for one in found if one.over_at is None), key=lambda one: -one.tries)
    lost = [one.over_at for one in found if one.given_up and one.over_at is not None]
    return {
        "set": node.alert is not None,
        "sent_at": max((one.sent_at for one in found if one.sent_at is not None), default=None),
        "waiting": len(waits),
        "tries": waits[0].tries if waits else 0,
        "problem": waits[0].problem if waits else "",
        "next_at": min((one.not_before for one in waits), default=None),
        "given_up_at": max(lost, default=None),
        "tested_at": tested.at if tested else None,
        "test_failure": tested.failure if tested else "",
    }


def _read(stored: bytes) -> Alert:
    return msgspec.msgpack.decode(stored, type=Alert)
