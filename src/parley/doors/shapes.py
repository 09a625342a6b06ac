"""Plain shapes of what verbs return: the same for the local socket, for --json, and for what the terminal prints."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.desk import alert, archive, bell, sight
from parley.desk.by_hand import Entry
from parley.desk.draft import Draft
from parley.desk.inbox import Listed, entry
from parley.desk.node import Node
from parley.desk.page import Reading
from parley.desk.particulars import phrase_of
from parley.desk.receipts import withheld_from
from parley.desk.tokens import Token
from parley.directory import ALL, MARKS, Office, verify_signed
from parley.doors.local_time import there_now
from parley.forms import Question, Said, Script, Sheet, render
from parley.line.conversation import Conversation
from parley.line.note import Precedence
from parley.line.ports import NoteRow
from parley.line.receipt import Stage
from parley.line.states import Moment


def status(node: Node) -> dict[str, Any]:
    """What a running node says of itself."""
    waiting = node.store.look(lambda look: look.outbox_peers())
    return {
        "party": node.party,
        "locked": node.vault is None,
        "notes": node.store.look(lambda look: look.note_count()),
        "journal": node.store.look(lambda look: look.leaf_count()),
        "incarnation": node.incarnation.hex(),
        "waiting": {peer: rows for peer, rows, _ in waiting},
        "parties": list(node.directory.parties),
        "bytes_dialled": node.bytes_dialled,
        "bell": bell.facts(node),
        "alert": alert.facts(node),
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
        "withheld": [Stage(number).name.lower() for number in c.withheld],
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


def token(node: Node, found: Token) -> dict[str, Any]:
    """A token in a list; what it is itself is not kept."""
    return {
        "id": found.id,
        "name": found.name,
        "scopes": [scope.value for scope in found.scopes],
        "standing": found.standing(node),
        "made_by": found.made_by,
        "made_at": found.made_at,
        "expires_at": found.expires_at,
        "revoked_at": found.revoked_at,
    }


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
        "take": msgspec.to_builtins(held.take),
        "send": msgspec.to_builtins(held.send),
        "narrowed": [way for way, narrowing in (("take", held.take), ("send", held.send)) if narrowing != ALL],
        "withheld": [stage.name.lower() for stage in withheld_from(node, code)],
    }


def vouching(node: Node) -> dict[str, Any]:
    """Who may vouch to us, and for whom each of them does now."""
    policy = node.directory.vouching
    known = node.directory.parties
    for_whom = {
        code: [vouch.party for vouch in node.directory.entry(code).current.vouches] if code in known else []
        for code in policy.parties
    }
    by_ceremony = [code for code in policy.parties if code in known and node.directory.by_ceremony(code)]
    return {"needed": policy.needed, "parties": for_whom, "by_ceremony": by_ceremony}


def office(one: Office, now: int) -> dict[str, Any]:
    """An office, with its own time now."""
    return {
        "id": one.id,
        "kind": one.kind,
        "hours": one.hours,
        "telephone": one.telephone,
        "languages": list(one.languages),
        "alternates": list(one.alternates),
        "time_zone": one.time_zone,
        "weekend": list(one.weekend),
        "holidays": list(one.holidays),
        "acts_for": one.acts_for,
        "now": there_now(one, now),
    }


def _trust(node: Node, code: str) -> dict[str, Any]:
    """How the party is known here, and what has to be said of it."""
    held = node.directory.entry(code)
    return {
        "marks": [{"mark": mark, "means": MARKS[mark]} for mark in node.directory.marks(code, node.clock())],
        "accepted_at": held.acceptance.at,
        "accepted_by": held.acceptance.by,
        "means": held.acceptance.means,
        "vouchers": list(held.acceptance.vouchers),
        "era": held.era,
        "former": [
            {"phrase": phrase_of(past.versions[-1].signed.raw), "until_version": past.current.version}
            for past in node.directory.former(code)
        ],
        "evidence": len(held.evidence),
        "decided": None if held.decision is None else {"by": held.decision.by, "at": held.decision.at},
        "sightings": [
            {"peer": peer, "version": row.version, "at": row.at, "how": row.how}
            for party_, peer, row in sight.differing(node)
            if party_ == code
        ],
        "vouches": [vouch.party for vouch in held.current.vouches],
        "protected_by": [{"power": m.power, "towards": m.towards, "since": m.since} for m in held.current.protected_by],
    }


def particulars(node: Node, code: str) -> dict[str, Any]:
    """A party's particulars, with the ceremony phrase and the text of its QR code."""
    from parley.directory import qr_payload, signed_root_digest

    held = node.directory.entry(code)
    current = verify_signed(held.versions[-1].signed.raw).particulars
    return {
        **party(node, code),
        **_trust(node, code),
        "phrase": phrase_of(held.versions[-1].signed.raw),
        "root_digest": signed_root_digest(current).hex(),
        "qr": qr_payload(code, signed_root_digest(current)),
        "threshold": current.threshold,
        "roots": [key.key_id.hex() for key in current.roots],
        "offices": [office(one, node.clock()) for one in current.offices],
        "bearers": [{"kind": b.kind, "address": b.address} for b in current.bearers],
        "languages": list(current.languages),
        "revoked": [{"key_id": r.key_id.hex(), "since": r.since, "reason": r.reason} for r in current.revoked],
    }


def script(found: Script) -> dict[str, Any]:
    """A telephone script: sentences as [theirs, ours], questions with lettered options."""

    def pair(said: Said) -> list[str]:
        return [said.theirs, said.ours]

    asked = [
        {
            "line": question.line,
            "text": pair(question.text),
            "options": [{"letter": letter, "id": id, "text": pair(words)} for letter, id, words in question.options],
        }
        for question in found.questions
    ]
    return {"before": [*map(pair, found.before)], "questions": asked, "after": [*map(pair, found.after)]}


def by_hand(entry: Entry) -> dict[str, Any]:
    """What an officer entered; always under the heading that it is unverified."""
    found = {
        "what": str(entry.what),
        "way": str(entry.way),
        "at": entry.at,
        "entered_at": entry.entered_at,
        "officer": entry.officer,
        "role": entry.role,
        "answers": entry.answers,
        "differs": list(entry.differs),
        "words": entry.words,
    }
    return {**found, "verified": False}
