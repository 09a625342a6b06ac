"""Plain shapes of what verbs return: the same for the local socket, for --json, and for what the terminal prints."""

from __future__ import annotations

from typing import Any

from parley.desk import archive, bell
from parley.desk.draft import Draft
from parley.desk.inbox import Listed, entry
from parley.desk.node import Node
from parley.desk.particulars import phrase_of
from parley.desk.read import Reading
from parley.directory import verify_signed
from parley.forms import Question, Sheet, render
from parley.line.conversation import Conversation
from parley.line.note import Precedence
from parley.line.ports import NoteRow
from parley.line.states import Moment


def status(node: Node) -> dict[str, Any]:
    """What a running node says of itself."""
    waiting = node.store.look(lambda look: look.outbox_peers())
    return {
        "party": node.party,
        "locked": node.vault is None,
        "notes": len(node.store.look(lambda look: look.notes(limit=1_000_000))),
        "journal": node.store.look(lambda look: look.leaf_count()),
        "incarnation": node.incarnation.hex(),
        "waiting": {peer: rows for peer, rows, _ in waiting},
        "parties": list(node.directory.parties),
        "bytes_dialled": node.bytes_dialled,
        "bell": bell.facts(node),
    }


def draft(draft_id: str, found: Draft) -> dict[str, Any]:
    """A draft in a list."""
    return {
        "draft": draft_id,
        "form": found.form,
        "to": list(found.to),
        "officer": found.officer,
        "changed": found.changed_at,
    }


def sheet(found: Sheet, language: str) -> dict[str, Any]:
    """A checked sheet, rendered."""
    return {"form": found.form_number, "text": render(found, language).text}


def listed(found: Listed) -> dict[str, Any]:
    """A note in a list, with where it stands."""
    row = found.row
    return {
        "note": row.note_id.hex(),
        "direction": row.direction,
        "sender": row.sender,
        "office": row.office,
        "form": row.form,
        "precedence": Precedence(row.precedence).name,
        "exercise": row.exercise,
        "signed_at": row.signed_at,
        "journal_index": row.leaf,
        "marks": list(row.marks),
        "with": [conversation(c) for c in found.conversations],
    }


def conversation(c: Conversation) -> dict[str, Any]:
    """Where a note stands with one counterpart; times in ms UTC by the name of the step."""
    return {
        "party": c.party,
        "delivery": c.delivery.name.lower(),
        "understanding": c.understanding.name.lower(),
        "answer": c.answer.name.lower(),
        "differs": list(c.differs),
        "read_in": list(c.read_in),
        "attempt": c.attempt,
        "withheld": list(c.withheld),
        "reason": c.reason,
        "outcome": c.outcome.value if c.outcome else "",
        "times": {Moment(moment).name.lower(): at for moment, at in sorted(c.times.items())},
    }


def note_state(node: Node, row: NoteRow) -> dict[str, Any]:
    """A note's list entry with every receipt about it."""
    return {**listed(entry(node, row)), "receipts": archive.receipts_of(node, row)}


def reading(found: Reading) -> dict[str, Any]:
    """A note as shown to a person."""
    note = found.note
    return {
        "note": found.row.note_id.hex(),
        "direction": found.row.direction,
        "from": str(note.sender),
        "form": note.form,
        "written_in": note.written_in,
        "exercise": note.exercise,
        "marks": list(found.row.marks),
        "refers_to": [identity.hex() for identity in note.refers_to],
        "lines": {str(number): value for number, value in note.lines.items()},
        "right_to_left": found.rendered.right_to_left,
        "text": found.rendered.text,
    }


def question(asked: Question) -> dict[str, Any]:
    """One question of a read-back with its options in the order to show them."""
    return {"line": asked.line, "text": asked.text, "options": [{"id": o.id, "text": o.text} for o in asked.options]}


def party(node: Node, code: str) -> dict[str, Any]:
    """A party in a list."""
    held = node.directory.entry(code)
    return {
        "party": code,
        "names": dict(held.current.names),
        "version": held.current.version,
        "standing": node.directory.standing(code, node.clock()).value,
        "accepted": held.acceptance.how,
        "expires_at": held.current.expires_at,
    }


def particulars(node: Node, code: str) -> dict[str, Any]:
    """A party's particulars, with the ceremony phrase and the text of its QR code."""
    from parley.directory import qr_payload, signed_root_digest

    held = node.directory.entry(code)
    current = verify_signed(held.versions[-1].signed.raw).particulars
    return {
        **party(node, code),
        "phrase": phrase_of(held.versions[-1].signed.raw),
        "root_digest": signed_root_digest(current).hex(),
        "qr": qr_payload(code, signed_root_digest(current)),
        "threshold": current.threshold,
        "roots": [key.key_id.hex() for key in current.roots],
        "offices": [{"id": o.id, "kind": o.kind, "hours": o.hours, "telephone": o.telephone} for o in current.offices],
        "bearers": [{"kind": b.kind, "address": b.address} for b in current.bearers],
        "languages": list(current.languages),
        "revoked": [{"key_id": r.key_id.hex(), "since": r.since, "reason": r.reason} for r in current.revoked],
    }
