"""The list of notes, and parcels for carrying by hand."""

from __future__ import annotations

import msgspec

from parley.desk import learn, ways
from parley.desk.find import open_note
from parley.desk.node import Node
from parley.directory.standing import REFUSED
from parley.line.conversation import Conversation, read_conversation
from parley.line.note import Note
from parley.line.parcel import ItemKind, Parcel
from parley.line.ports import NoteRow

MOST_BY_HAND = 200


class Listed(msgspec.Struct, frozen=True):
    """A note in a list: its row, its text if the node is unlocked, and where it stands with each counterpart."""

    row: NoteRow
    note: Note | None
    conversations: tuple[Conversation, ...]


def listed(node: Node, *, limit: int, direction: str = "", before: int | None = None) -> list[Listed]:
    """Notes, newest first. `direction` "in" or "out" chooses one side; `before`: only what the journal has earlier."""
    wanted = {"in": "in", "out": "out"}.get(direction)
    rows = node.store.look(lambda look: look.notes(direction=wanted, before=before, limit=limit))  # type: ignore[arg-type]
    return [entry(node, row) for row in rows]


def entry(node: Node, row: NoteRow) -> Listed:
    """One note as it stands now."""
    note = open_note(node, row) if node.vault is not None and row.body is not None else None
    states = node.store.look(lambda look: look.conversations(row.note_id))
    return Listed(row, note, tuple(read_conversation(state.state) for state in states))


async def parcel_for(node: Node, party: str, *, news: bool = True, most_bytes: int = 0) -> bytes:
    """Everything that waits for a party, and our news, as one parcel to carry by hand.

    It stays in the outbox: what arrives twice is taken once. For a narrow bearer: without our particulars, which are
    large and which the peer mostly has; with our freshness only if the peer is not known to have it, for it
    needs our prekey to seal its receipts; and the most urgent of what fits into `most_bytes` (at least one). Raises
    DirectoryProblem("suspended") and the like.
    """
    if node.directory.standing(party, node.clock()) in REFUSED:
        node.directory.may_send(party, node.clock())
    room = most_bytes or node.limits.parcel_bytes
    rows = node.store.look(lambda look: look.outbox_next(party, 1 << 62, most=MOST_BY_HAND, most_bytes=room))
    rows = [row for row in rows if ways.may_carry(node, ways.BY_HAND, row)]
    if node.traced:
        await ways.trace(node, party, ways.BY_HAND, rows)
    if not news:
        untold = node.freshness and not learn.knows(node, party)
        fresh = ((int(ItemKind.FRESHNESS), node.freshness),) if untold else ()
        return Parcel(items=(*fresh, *((int(ItemKind.SEALED), row.sealed) for row in rows))).to_bytes()
    node.told.pop(party, None)
    told = learn.our_news(node, party)
    return Parcel(items=(*told, *((int(ItemKind.SEALED), row.sealed) for row in rows))).to_bytes()
