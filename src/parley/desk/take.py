"""Take: write down what came in. Runs inside one unit, so that a receipt never vouches for what a crash could lose."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

import msgspec

from parley.desk import alert, bell, give_back, restore
from parley.desk.aside import aside
from parley.desk.evidence import CONTRADICTIONS, contradiction
from parley.desk.follow import begin_their, follow_entry, follow_incoming
from parley.desk.judge import BY_HAND, CHARGED, Outcome, cost, is_full, put_off
from parley.desk.node import Node
from parley.desk.prekeys import PEER_KIND, one_time_for
from parley.desk.receipts import enqueue_receipt, keep_receipt, settle_signed, sign_receipt, withheld_from
from parley.journal import LeafKind
from parley.line.note import Note, Precedence, Recipient
from parley.line.ports import HeldRow, NoteRow, SerialRow, Tx
from parley.line.problems import LineProblem
from parley.line.receipt import Entry, OneTimePrekey, Receipt, Stage
from parley.line.receiving import Kind
from parley.seal import digest

REFUSAL = "refusal"
UNASKED = "unasked"  # by peer: how many receipts were kept about nothing that we know of
FULL = "full"  # by peer: how many items were put off last, and when
REFUSED = "refused"  # by peer: how many items were ever refused, when that began and when it was last
MOST_REFUSALS = 256  # records kept for one peer: the newest
MOST_EVIDENCE = 64  # contradictions kept of one peer: the first ones prove it, more would let it fill the disk
MOST_RECEIPTS = 64  # receipts kept of one peer about one note of ours: all stages, several read-backs
MOST_UNASKED = 256  # receipts kept of one peer about nothing that we know of (a restore may bring the note back)
MOST_PREKEYS = 64  # one-time keys of one peer kept for use
_CONTRADICTIONS = frozenset({"line.serial_fork", "line.serial_void", "line.void_after_note"})
_PUTS_OFF = frozenset({Stage.FULL, Stage.UNOPENABLE})  # of these nothing is kept at its receiver either
_SELF_SPEAKING = frozenset({Kind.RECEIPT, Kind.VOID, Kind.RECALL, Kind.RETURNED})  # never receipted: `got` ends them


class Refusal(msgspec.Struct, frozen=True):
    """A refused item as recorded: who brought it, why (problem key and arguments), and its sealed digest."""

    peer: str
    key: str
    arguments: dict[str, str | int]
    digest: bytes
    at: int


class Written(msgspec.Struct):
    """What one unit wrote: signed receipts by party, new ones and stored ones to be sent again."""

    receipts: dict[str, list[bytes]]
    rest: list[Callable[[], None]] = msgspec.field(default_factory=list)  # rows that can wait for a signature's start
    others: set[str] = msgspec.field(default_factory=set)  # parties whose receipts were queued: not who brought it


class _Answer(NamedTuple):
    """What is answered to one party: what was kept of its items, and the receipt for it that is being signed."""

    party: str
    kept: list[tuple[Outcome, Entry]]
    signing: Future[bytes] | None


def take(node: Node, tx: Tx, peer: str | None, outcomes: Sequence[Outcome], got: Iterable[bytes] = ()) -> Written:
    """Write all outcomes of one parcel and the receipts for them.

    `got` are the digests of ours that the peer says it has: its receipts among them leave the outbox.
    """
    now = node.clock()
    written = Written({})
    entries: dict[str, list[tuple[Outcome, Entry]]] = defaultdict(list)
    charged: Counter[str] = Counter()
    for outcome in outcomes:
        _write_rest(written)  # the next item may be the same note once more
        if outcome.known is not None:
            _again(written, outcome)
        elif outcome.receipt is not None:
            _take_receipt(node, tx, outcome, now)
            _let_go(tx, outcome)
        elif outcome.recall is not None or outcome.returned is not None or outcome.own is not None:
            _take_restoring(node, tx, outcome, now)
            _let_go(tx, outcome)
        else:
            entry = _take_within_share(node, tx, peer, outcome, charged, now, written)
            if entry is None:
                _let_go(tx, outcome)
                continue
            if outcome.party is not None and outcome.party in node.directory.parties:
                entries[outcome.party].append((outcome, entry))
            else:
                _take_by_hand(tx, outcome, entry, now)
    if any(taken_locked(node, outcome) for outcome in outcomes):
        _enter_locked(node, tx, now)
    answers = [_begin_answer(node, tx, party, made, now, written) for party, made in entries.items()]
    _write_rest(written)
    for answer in answers:
        _end_answer(node, tx, peer, answer, now, written)
    for sealed in got:
        row = tx.outbox_by_digest(sealed)
        if row is not None and row.kind == "receipt" and row.peer == peer:
            settle_signed(tx, row)
    return written


def taken_locked(node: Node, outcome: Outcome) -> bool:
    """Whether it was taken just now by a locked node, which cannot tell what it is."""
    return node.vault is None and outcome.known is None and outcome.stage is Stage.TAKEN


def _enter_locked(node: Node, tx: Tx, now: int) -> None:
    bell.enter_locked(node, tx, now)
    alert.enter_locked(node, tx, now)
    if node.took_locked is not None:
        node.took_locked(tx, now)


def _write_rest(written: Written) -> None:
    """Write the rows that were put off; the receipt is being signed meanwhile."""
    while written.rest:
        written.rest.pop(0)()


def _take_by_hand(tx: Tx, outcome: Outcome, entry: Entry, now: int) -> None:
    """Nobody to answer. A locked node keeps it until it is open; then only its own sender is told, if it has one."""
    if entry.stage == Stage.TAKEN:
        tx.hold(_held(outcome, entry, None, now))
    else:
        _let_go(tx, outcome)


def _take_restoring(node: Node, tx: Tx, outcome: Outcome, now: int) -> None:
    """What two nodes say when one of them was restored from a backup (spec/restore.md)."""
    if outcome.recall is not None:
        outcome.fresh = give_back.take_recall(node, tx, outcome.recall, outcome.signed)
    if outcome.returned is not None:
        restore.take_returned(node, tx, outcome.returned, now)
    if outcome.own is not None:
        restore.take_own(node, tx, outcome.own, outcome.note_id, outcome.signed, outcome.party, now)


def _take_within_share(
    node: Node, tx: Tx, peer: str | None, outcome: Outcome, charged: Counter[str], now: int, written: Written
) -> Entry | None:
    """Each item was judged as if it came alone; here those before it in the parcel count as well."""
    party = outcome.party
    if peer is None or party is None or outcome.taken_at or outcome.kind not in CHARGED:
        return _take_item(node, tx, outcome, now, written)
    if is_full(node, tx, party, outcome.size, flash=True, beside=charged[party]):
        put_off(outcome)
    entry = _take_item(node, tx, outcome, now, written)
    if entry is not None and entry.stage != Stage.FULL:
        charged[party] += cost(outcome.size)
    return entry


def reply_receipts(node: Node, peer: str | None, written: Written) -> list[tuple[str, bytes]]:
    """The receipts that belong into the reply to `peer`; by hand, into the one file that goes back."""
    return [
        (party, signed)
        for party, receipts in written.receipts.items()
        for signed in dict.fromkeys(receipts)
        if peer is None or party == peer
    ]


def _again(written: Written, outcome: Outcome) -> None:
    """The stored receipt once more, to whom it is made out: whoever else brings these bytes gets none."""
    known = outcome.known
    assert known is not None
    if known.receipt is not None and known.peer:
        written.receipts.setdefault(known.peer, []).append(known.receipt)


def _let_go(tx: Tx, outcome: Outcome) -> None:
    """What was taken while the node was locked, and is not answered now that it is open, need not be opened again."""
    row = tx.held(outcome.digest) if outcome.taken_at else None
    if row is not None and row.stage == Stage.TAKEN:
        size = 0 if row.peer == BY_HAND else row.size
        tx.hold(msgspec.structs.replace(row, stage=int(Stage.OPENED), sealed=None, size=size))


def _begin_answer(
    node: Node, tx: Tx, party: str, made: list[tuple[Outcome, Entry]], now: int, written: Written
) -> _Answer:
    """Say "full" where it is, and begin to sign the receipt for what was kept."""
    put_off = [entry for _, entry in made if entry.stage == Stage.FULL]
    if put_off:  # not kept, not journalled: who is told "full" may ask for ever, and must not fill the disk with it
        written.receipts.setdefault(party, []).append(sign_receipt(node, party, put_off, now))
        tx.put(FULL, party, msgspec.msgpack.encode((len(put_off), now)))
    kept = [(outcome, entry) for outcome, entry in made if entry.stage != Stage.FULL]
    if not kept:
        return _Answer(party, [], None)
    entries = [entry for _, entry in kept]
    return _Answer(party, kept, aside(sign_receipt, node, party, entries, now, one_time_for(node, tx, party, now)))


def _end_answer(node: Node, tx: Tx, peer: str | None, answer: _Answer, now: int, written: Written) -> None:
    party, kept = answer.party, answer.kept
    if answer.signing is None:
        return
    signed = keep_receipt(node, tx, party, answer.signing.result(), [entry for _, entry in kept], now)
    written.receipts.setdefault(party, []).append(signed)
    for outcome, entry in kept:
        tx.hold(_held(outcome, entry, signed, now, charged=peer is not None or entry.stage != Stage.REFUSED))
    if peer is not None and party != peer:  # a carrier brought it; the receipt is its sender's
        enqueue_receipt(node, tx, party, signed, Precedence.IMMEDIATE, now)
        written.others.add(party)


def _held(outcome: Outcome, entry: Entry, receipt: bytes | None, now: int, *, charged: bool = True) -> HeldRow:
    """What is kept of sealed bytes. Not `charged`: refused by hand, where nobody knows who made them."""
    # "Opened" may be withheld from the sender, who is then told "taken"; here it is opened all the same.
    opened = outcome.stage == Stage.OPENED and entry.stage == Stage.TAKEN
    return HeldRow(
        digest=outcome.digest,
        peer=outcome.party or BY_HAND,
        stage=int(Stage.OPENED if opened else entry.stage),
        at=now,
        size=cost(outcome.size) if charged else 0,
        sealed=outcome.sealed if entry.stage == Stage.TAKEN and not opened else None,
        note_id=outcome.note_id or None,
        receipt=receipt,
        problem=entry.reason,
    )


def _take_item(node: Node, tx: Tx, outcome: Outcome, now: int, written: Written) -> Entry | None:
    if outcome.stage == Stage.OPENED and outcome.note is not None:
        return _take_note(node, tx, outcome, now, written)
    if outcome.problem is not None and outcome.stage == Stage.REFUSED:
        entry = _refuse(node, tx, outcome, now)
        return None if outcome.kind in _SELF_SPEAKING else entry
    if outcome.void is not None:
        _take_void(node, tx, outcome, now)
        return None  # like a receipt, a void is not receipted: `got` ends its resending
    reason = outcome.problem.key if outcome.problem else ("line.full" if outcome.stage == Stage.FULL else "")
    return Entry(sealed=outcome.digest, stage=outcome.stage, at=now, reason=reason)


def _take_note(node: Node, tx: Tx, outcome: Outcome, now: int, written: Written) -> Entry:
    note = outcome.note
    assert note is not None
    if outcome.spent_key is not None:
        tx.drop("prekey", outcome.spent_key.hex())
    row = tx.note(outcome.note_id)
    if row is not None:  # resealed, or carried by two bearers: one note, one row, and it rang already
        outcome.fresh = False
        return _opened(node, outcome, row.leaf, now)
    mine = note.serial_for(node.party)
    assert mine is not None
    seen = tx.serial(str(note.sender), mine.address.office, note.incarnation, mine.serial)
    if seen is not None:  # judged at the same time as its twin: the first one written stands
        spent = "serial_void" if seen.note_id is None else "serial_fork"
        outcome.problem = LineProblem(spent, sender=str(note.sender), serial=mine.serial)
        return _refuse(node, tx, outcome, now)
    leaf, _ = node.write_leaf(tx, LeafKind.NOTE_IN, digest(outcome.signed), now)
    written.rest.append(lambda: _write_note(node, tx, outcome, note, mine, leaf, now))
    return _opened(node, outcome, leaf, now)


def _write_note(node: Node, tx: Tx, outcome: Outcome, note: Note, mine: Recipient, leaf: int, now: int) -> None:
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
    bell.enter(node, tx, note, outcome.note_id, now)
    alert.enter(node, tx, note, outcome.note_id, now)


def _opened(node: Node, outcome: Outcome, leaf: int, now: int) -> Entry:
    if Stage.OPENED in withheld_from(node, outcome.party or ""):
        return Entry(sealed=outcome.digest, stage=Stage.TAKEN, at=now)
    return Entry(sealed=outcome.digest, stage=Stage.OPENED, at=now, note=outcome.note_id, journal_index=leaf)


def _refuse(node: Node, tx: Tx, outcome: Outcome, now: int) -> Entry:
    problem = outcome.problem
    assert problem is not None
    record_refusal(tx, Refusal(outcome.party or "", problem.key, problem.arguments, outcome.digest, now))
    if problem.key in _CONTRADICTIONS:
        _keep_evidence(node, tx, outcome)
    outcome.stage, outcome.note = Stage.REFUSED, None
    if outcome.kind not in _SELF_SPEAKING:
        node.write_leaf(tx, LeafKind.REFUSAL, digest(outcome.signed or outcome.sealed), now)
    return Entry(sealed=outcome.digest, stage=Stage.REFUSED, at=now, reason=problem.key[:64])


def record_refusal(tx: Tx, record: Refusal) -> None:
    """Write down a refusal: the newest of a peer in full, all of them as a number."""
    key = f"{record.peer} {record.at:016d} {record.digest.hex()[:16]}"
    tx.put(REFUSAL, key, msgspec.msgpack.encode(record))
    kept = sorted(key for key, _ in tx.records(REFUSAL, f"{record.peer} "))
    for old in kept[:-MOST_REFUSALS]:
        tx.drop(REFUSAL, old)
    stored = tx.record(REFUSED, record.peer)
    count, first, _ = msgspec.msgpack.decode(stored) if stored else (0, record.at, 0)
    tx.put(REFUSED, record.peer, msgspec.msgpack.encode((count + 1, first, record.at)))


def _keep_evidence(node: Node, tx: Tx, outcome: Outcome) -> None:
    prefix = f"{outcome.party or ''} "
    if len(tx.records(CONTRADICTIONS, prefix)) < MOST_EVIDENCE:
        found = contradiction(node, tx, outcome.party or "", outcome.signed)
        tx.put(CONTRADICTIONS, prefix + outcome.digest.hex(), node.lock_body(outcome.digest, found))


def _take_void(node: Node, tx: Tx, outcome: Outcome, now: int) -> None:
    void = outcome.void
    assert void is not None
    before = tx.serial(str(void.sender), void.recipient.office, void.incarnation, void.serial)
    if before is not None and before.note_id is not None:  # its note came in the same parcel
        outcome.problem = LineProblem("void_after_note", sender=str(void.sender), serial=void.serial)
        _refuse(node, tx, outcome, now)
        return
    if before is not None:
        return
    tx.hold(_held(outcome, Entry(sealed=outcome.digest, stage=Stage.OPENED, at=now), None, now))
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
    if receipt.entries and all(entry.stage in _PUTS_OFF for entry in receipt.entries):
        _follow(node, tx, receipt, now)  # it acknowledges nothing and may be said for ever: heard, and not kept
        return
    notes = list(dict.fromkeys(entry.note for entry in receipt.entries if entry.note is not None))
    if not _worth_keeping(tx, receipt, notes):
        outcome.problem = LineProblem("receipt_mismatch", party=receipt.issuer)
        _refuse(node, tx, outcome, now)
        return
    if not tx.add_receipt("in", receipt.issuer, outcome.signed, notes):
        outcome.fresh = False
        return
    node.write_leaf(tx, LeafKind.RECEIPT_IN, digest(outcome.signed), now)
    if receipt.prekeys:
        _keep_prekeys(tx, receipt, now)
    _follow(node, tx, receipt, now)


def _follow(node: Node, tx: Tx, receipt: Receipt, now: int) -> None:
    for entry in receipt.entries:
        follow_entry(node, tx, receipt, entry, now)


def _keep_prekeys(tx: Tx, receipt: Receipt, now: int) -> None:
    """Up to a bound; those that ran out make room, else a peer that was seldom written to would never get new ones."""
    held = tx.records(PEER_KIND, f"{receipt.issuer} ")
    gone = [key for key, value in held if msgspec.msgpack.decode(value, type=OneTimePrekey).expires_at <= now]
    for key in gone:
        tx.drop(PEER_KIND, key)
    for prekey in receipt.prekeys[: max(0, MOST_PREKEYS - len(held) + len(gone))]:
        tx.put(PEER_KIND, f"{receipt.issuer} {prekey.key_id.hex()}", msgspec.msgpack.encode(prekey))


def _worth_keeping(tx: Tx, receipt: Receipt, notes: Sequence[bytes]) -> bool:
    """Whether a receipt speaks of something that we sent to its issuer, and is not one of a flood about the same.

    `notes`: those that it names. One of the issuer's own is nothing that we sent.
    """
    rows = [tx.outbox_by_digest(entry.sealed) for entry in receipt.entries if entry.note is None]
    asked = any(row is not None and row.peer == receipt.issuer for row in rows)
    for note in notes:
        if tx.conversation(note, receipt.issuer) is not None and _is_ours(tx, note):
            said = [party for direction, party, _ in tx.receipts(note) if direction == "in"]
            asked |= said.count(receipt.issuer) < MOST_RECEIPTS
            if not asked:
                return False
    if asked:
        return True
    stored = tx.record(UNASKED, receipt.issuer)
    count = int.from_bytes(stored, "big") if stored else 0
    if count < MOST_UNASKED:
        tx.put(UNASKED, receipt.issuer, (count + 1).to_bytes(8, "big"))
    return count < MOST_UNASKED


def _is_ours(tx: Tx, note: bytes) -> bool:
    row = tx.note(note)
    return row is not None and row.direction == "out"
