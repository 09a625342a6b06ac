"""Watch: clocks of conversations that ran out. What is automatic is done; the rest is proposed to our own officer."""

from __future__ import annotations

from parley.desk.drill import RINGS
from parley.desk.follow import move
from parley.desk.node import Node
from parley.line.conversation import read_conversation
from parley.line.events import ClockRang
from parley.line.ports import ConversationRow, Look, Tx


async def ring_due(node: Node) -> int:
    """Ring every clock that is due; returns how many conversations that concerned."""
    now = node.clock()
    rows = node.store.look(lambda look: look.conversations_due(now, 256))
    if rows:
        await node.store.write(lambda tx: _ring(node, tx, rows, now), point="clocks")
    for row in rows:
        node.wake(row.party)
    return len(rows)


async def keep_floor(node: Node) -> None:
    """Keep the highest time that this node has acted at, so that a clock set back is noticed after a restart too."""
    now = node.clock()
    await node.store.write(lambda tx: tx.put("clock", "floor", str(now).encode()), point="floor")


def last_seen(look: Look) -> int:
    """The highest time (ms UTC) that the store shows this node to have acted at; 0 for a new one."""
    kept = look.record("clock", "floor")
    newest = look.notes(limit=1)
    return max(int(kept) if kept else 0, newest[0].stored_at if newest else 0)


def _ring(node: Node, tx: Tx, rows: list[ConversationRow], now: int) -> None:
    for row in rows:
        telephone, alternates = _ways_round(node, tx, row)
        calls = tx.record(RINGS, row.note_id.hex()) is not None
        move(node, tx, row.note_id, row.party, ClockRang(telephone, alternates, drill_calls=calls), now)


def _ways_round(node: Node, tx: Tx, row: ConversationRow) -> tuple[str | None, tuple[str, ...]]:
    """Telephone and alternates of the addressed office, as the counterpart's own particulars name them."""
    if row.party not in node.directory.parties or not read_conversation(row.state).outgoing:
        return None, ()
    offices = node.directory.entry(row.party).current.offices
    first = offices[0] if offices else None
    return (first.telephone, tuple(first.alternates)) if first else (None, ())
