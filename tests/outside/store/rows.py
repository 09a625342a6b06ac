"""Rows with sensible defaults, so that a test names only what it is about."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from parley.journal import Leaf, LeafKind
from parley.line.ports import ConversationRow, HeldRow, NoteRow, Origin, OutboxRow, SerialRow, Tx

ORIGIN = Origin("XA", "node-1", b"first incarnatio")
LATER = Origin("XA", "node-1", b"second incarnati")


def digest(name: str) -> bytes:
    """32 bytes fixed by `name`."""
    return sha256(name.encode()).digest()


def leaf(name: str, at: int = 1, kind: LeafKind = LeafKind.NOTE_OUT) -> Leaf:
    return Leaf(kind, at, digest(name), digest(f"salt of {name}"))


def note(name: str, at_leaf: int, **changed: Any) -> NoteRow:
    fields: dict[str, Any] = {
        "note_id": digest(name),
        "direction": "out",
        "sender": "XA/duty",
        "office": "duty",
        "form": 11,
        "precedence": 3,
        "exercise": True,
        "signed_at": 1000,
        "thread": digest("thread"),
        "body": b"locked " + name.encode(),
        "leaf": at_leaf,
        "stored_at": 2000,
    }
    return NoteRow(**(fields | changed))


def add_note(tx: Tx, name: str, **changed: Any) -> int:
    """A note with an entry of the journal of its own; the entry's index."""
    index = tx.append(leaf(name))
    tx.add_note(note(name, index, **changed))
    return index


def conversation(name: str, party: str = "XB", due: int | None = None, state: bytes = b"state") -> ConversationRow:
    return ConversationRow(note_id=digest(name), party=party, state=state, due=due)


def outbox(name: str, peer: str = "XB", precedence: int = 0, due: int = 0, size: int = 10, **changed: Any) -> OutboxRow:
    fields: dict[str, Any] = {
        "seq": 0,
        "peer": peer,
        "precedence": precedence,
        "kind": "note",
        "object_id": digest(name),
        "digest": digest(f"sealed {name}"),
        "sealed": name.encode().ljust(size, b".")[:size],
        "attempts": 0,
        "due": due,
    }
    return OutboxRow(**(fields | changed))


def held(name: str, peer: str = "XB", stage: int = 1, at: int = 0, **changed: Any) -> HeldRow:
    fields: dict[str, Any] = {
        "digest": digest(f"sealed {name}"),
        "peer": peer,
        "stage": stage,
        "at": at,
        "size": 100,
        "sealed": b"sealed " + name.encode(),
        "note_id": None,
        "receipt": None,
    }
    return HeldRow(**(fields | changed))


def serial(number: int, name: str | None = "note", sender: str = "XB/duty", office: str = "duty") -> SerialRow:
    note_id = None if name is None else digest(name)
    return SerialRow(sender=sender, office=office, incarnation=b"theirs", serial=number, note_id=note_id)
