"""Watch: clocks of conversations that ran out. What is automatic is done; the rest is proposed to our own officer.

For an office that does not answer, only the alternates that its own party names are tried: a draft of the same note to
the first of them is made by the node, and sent by a person, since no machine signs (docs/decisions/0272).
"""

from __future__ import annotations

import msgspec

from parley.desk import draft
from parley.desk.answer import alternate_draft
from parley.desk.drill import RINGS
from parley.desk.follow import move, our_note
from parley.desk.log import Log
from parley.desk.node import Node
from parley.line.conversation import Conversation, read_conversation
from parley.line.events import ClockRang
from parley.line.ports import ConversationRow, Look, Tx
from parley.terms.party import Address
from parley.terms.problem import Fault, Problem

LOG = Log("parley.line")


async def ring_due(node: Node) -> int:
    """Ring every clock that is due; returns how many conversations that concerned."""
    now = node.clock()
    rows = node.store.look(lambda look: look.conversations_due(now, 256))
    if rows:
        await _ring_all(node, rows, now)
    for row in rows:
        node.wake(row.party)
    return len(rows)


async def _ring_all(node: Node, rows: list[ConversationRow], now: int) -> None:
    """In one unit; if one of them cannot be rung, each in its own, and that one's clocks are stopped and this is said:
    it would be due again at once, and keep all that come after it from ringing."""
    try:
        await node.store.write(lambda tx: _ring(node, tx, rows, now), point="clocks")
        return
    except Problem as problem:
        if problem.fault is Fault.MACHINE or problem.key == "desk.locked":
            raise
    for row in rows:
        try:
            await node.store.write(lambda tx, row=row: _ring(node, tx, [row], now), point="clocks")  # type: ignore[misc]
        except Problem as problem:
            LOG.warning("a clock cannot ring", note=row.note_id.hex()[:16], party=row.party, problem=problem.key)
            stopped = msgspec.structs.replace(row, due=None)
            await node.store.write(lambda tx, row=stopped: tx.set_conversation(row), point="clocks")  # type: ignore[misc]


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
        before = read_conversation(row.state)
        telephone, alternates = _ways_round(node, tx, before)
        calls = tx.record(RINGS, row.note_id.hex()) is not None
        after = move(node, tx, row.note_id, row.party, ClockRang(telephone, alternates, drill_calls=calls), now)
        for office in after.tried[len(before.tried) :]:
            note = our_note(node, tx, row.note_id)
            draft.keep(node, tx, alternate_draft(note, Address(row.party, office), now), draft.new_id(node))


def _ways_round(node: Node, tx: Tx, conversation: Conversation) -> tuple[str | None, tuple[str, ...]]:
    """Telephone and alternates of the addressed office, as the counterpart's own particulars name them now.

    A locked node cannot read whom its note addresses: it tries no alternate, and names no telephone but the only one.
    """
    if conversation.party not in node.directory.parties or not conversation.outgoing:
        return None, ()
    offices = {office.id: office for office in node.directory.entry(conversation.party).current.offices}
    if node.vault is None:
        return (next(iter(offices.values())).telephone if len(offices) == 1 else None), ()
    entry = our_note(node, tx, conversation.note_id).serial_for(conversation.party)
    office = offices.get(entry.address.office) if entry is not None else None
    return (office.telephone, office.alternates) if office is not None else (None, ())
