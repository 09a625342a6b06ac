"""Take: write down what came in. Runs inside one unit, so that a receipt never vouches for what a crash could lose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from parley.desk.follow import begin_their, follow_entry, follow_incoming
from parley.desk.judge import Outcome
from parley.desk.node import Node
from parley.desk.prekeys import one_time_for
from parley.desk.receipts import withheld_from, write_receipt
from parley.journal import LeafKind
from parley.line.ports import HeldRow, NoteRow, SerialRow, Tx
from parley.line.problems import LineProblem
from parley.line.receipt import Entry, Stage
from parley.seal import digest

REFUSAL = "refusal"


class Refusal(msgspec.Struct, frozen=True):
    """A refused item as recorded: who brought it, why (problem key and arguments), and its sealed digest."""

    peer: str
    key: str
    arguments: dict[str, str | int]
    digest: bytes
    at: int
    evidence: bytes = b""  # locked signed bytes, for a fork


class Written(msgspec.Struct):
    """What one unit wrote: signed receipts by party, new ones and stored ones to be sent again."""

    receipts: dict[str, list[bytes]]


def take(node: Node, tx: Tx, peer: str | None, outcomes: Sequence[Outcome], got: Iterable[bytes] = ()) -> Written:
    """Write all outcomes of one parcel and the receipts for them.

    `got` are the digests of ours that the peer says it has: its receipts among them leave the outbox.
    """
    now = node.clock()
    written = Written({})
    entries: dict[str, list[tuple[Outcome, Entry]]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.known is not None:
            _again(written, outcome)
        elif outcome.receipt is not None:
            _take_receipt(node, tx, outcome, now)
        else:
            entry = _take_item(node, tx, outcome, now)
            if entry is None:
                continue
            if outcome.party is not None and outcome.party in node.directory.parties:
                entries[outcome.party].append((outcome, entry))
    for party, made in entries.items():
        _answer(node, tx, party, made, now, written)
    for sealed in got:
        row = tx.outbox_by_digest(sealed)
        if row is not None and row.kind == "receipt" and row.peer == peer:
            tx.dequeue([row.seq])
    return written


def reply_receipts(node: Node, peer: str | None, written: Written) -> list[tuple[str, bytes]]:
    """The receipts that belong into the reply to `peer`; by hand, into the one file that goes back."""
    return [
        (party, signed)
        for party, receipts in written.receipts.items()
        for signed in dict.fromkeys(receipts)
        if peer is None or party == peer
    ]


def _again(written: Written, outcome: Outcome) -> None:
    assert outcome.known is not None
    if outcome.known.receipt is not None and outcome.party is not None:
        written.receipts.setdefault(outcome.party, []).append(outcome.known.receipt)


def _answer(node: Node, tx: Tx, party: str, made: list[tuple[Outcome, Entry]], now: int, written: Written) -> None:
    signed = write_receipt(node, tx, party, [entry for _, entry in made], now, one_time_for(node, tx, party, now))
    written.receipts.setdefault(party, []).append(signed)
    for outcome, entry in made:
        if entry.stage != Stage.FULL:  # a peer told "full" may send the same bytes again later
            tx.hold(_held(outcome, entry, signed, now))


def _held(outcome: Outcome, entry: Entry, receipt: bytes, now: int) -> HeldRow:
    keep = entry.stage in (Stage.TAKEN, Stage.UNOPENABLE)
    return HeldRow(
        digest=outcome.digest,
        peer=outcome.party or "",
        stage=int(entry.stage),
        at=now,
        size=outcome.size,
        sealed=outcome.sealed if keep and entry.stage == Stage.TAKEN else None,
        note_id=outcome.note_id or None,
        receipt=receipt,
        problem=entry.reason,
    )


def _take_item(node: Node, tx: Tx, outcome: Outcome, now: int) -> Entry | None:
    if outcome.stage == Stage.OPENED and outcome.note is not None:
        return _take_note(node, tx, outcome, now)
    if outcome.problem is not None and outcome.stage == Stage.REFUSED:
        return _refuse(node, tx, outcome, now)
    if outcome.void is not None:
        _take_void(node, tx, outcome, now)
        return None  # like a receipt, a void is not receipted: `got` ends its resending
    reason = outcome.problem.key if outcome.problem else ("line.full" if outcome.stage == Stage.FULL else "")
    return Entry(sealed=outcome.digest, stage=outcome.stage, at=now, reason=reason)


def _take_note(node: Node, tx: Tx, outcome: Outcome, now: int) -> Entry:
    note = outcome.note
    assert note is not None
    row = tx.note(outcome.note_id)
    if row is not None:  # resealed, or carried by two bearers: one note, one row
        return _opened(node, outcome, row.leaf, now)
    mine = note.serial_for(node.party)
    assert mine is not None
    seen = tx.serial(str(note.sender), mine.address.office, note.incarnation, mine.serial)
    if seen is not None:  # judged at the same time as its twin: the first one written stands
        outcome.problem = LineProblem("serial_fork", sender=str(note.sender), serial=mine.serial)
        return _refuse(node, tx, outcome, now)
    leaf, _ = node.write_leaf(tx, LeafKind.NOTE_IN, digest(outcome.signed), now)
    tx.see_serial(
        SerialRow(
            sender=str(note.sender),
            office=mine.address.office,
            incarnation=note.incarnation,
            serial=mine.serial,
            note_id=outcome.note_id,
        )
    )
    tx.add_note(
        NoteRow(
            note_id=outcome.note_id,
            direction="in",
            sender=note.sender.party,
            office=mine.address.office,
            form=note.form,
            precedence=int(note.precedence),
            exercise=note.exercise,
            signed_at=note.signed_at,
            thread=note.thread or outcome.note_id,
            body=node.lock_body(outcome.note_id, outcome.signed),
            leaf=leaf,
            stored_at=now,
            marks=outcome.marks,
        )
    )
    begin_their(node, tx, note, outcome.note_id, outcome.taken_at or now, now)
    follow_incoming(node, tx, note, now)
    if outcome.spent_key is not None:
        tx.drop("prekey", outcome.spent_key.hex())
    return _opened(node, outcome, leaf, now)


def _opened(node: Node, outcome: Outcome, leaf: int, now: int) -> Entry:
    if Stage.OPENED in withheld_from(node, outcome.party or ""):
        return Entry(sealed=outcome.digest, stage=Stage.TAKEN, at=now)
    return Entry(sealed=outcome.digest, stage=Stage.OPENED, at=now, note=outcome.note_id, journal_index=leaf)


def _refuse(node: Node, tx: Tx, outcome: Outcome, now: int) -> Entry:
    problem = outcome.problem
    assert problem is not None
    fork = problem.key == "line.serial_fork"
    evidence = node.lock_body(outcome.digest, outcome.signed) if fork else b""
    record = Refusal(outcome.party or "", problem.key, problem.arguments, outcome.digest, now, evidence)
    node.write_leaf(tx, LeafKind.REFUSAL, digest(outcome.signed or outcome.sealed), now)
    tx.put(REFUSAL, f"{now:016d}-{outcome.digest.hex()[:16]}", msgspec.msgpack.encode(record))
    return Entry(sealed=outcome.digest, stage=Stage.REFUSED, at=now, reason=problem.key[:64])


def _take_void(node: Node, tx: Tx, outcome: Outcome, now: int) -> None:
    void = outcome.void
    assert void is not None
    node.write_leaf(tx, LeafKind.VOID_IN, digest(outcome.signed), now)
    tx.see_serial(
        SerialRow(
            sender=str(void.sender),
            office=void.recipient.office,
            incarnation=void.incarnation,
            serial=void.serial,
            note_id=None,
        )
    )


def _take_receipt(node: Node, tx: Tx, outcome: Outcome, now: int) -> None:
    receipt = outcome.receipt
    assert receipt is not None
    notes = [entry.note for entry in receipt.entries if entry.note is not None]
    if not tx.add_receipt("in", receipt.issuer, outcome.signed, notes):
        return
    node.write_leaf(tx, LeafKind.RECEIPT_IN, digest(outcome.signed), now)
    for prekey in receipt.prekeys:
        tx.put("peer-prekey", f"{receipt.issuer} {prekey.key_id.hex()}", msgspec.msgpack.encode(prekey))
    for entry in receipt.entries:
        follow_entry(node, tx, receipt, entry, now)
