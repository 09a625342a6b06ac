"""Give back: a peer was restored from a backup and asks what it lacks; we send again what we hold.

Three things: notes of ours that it no longer has, sealed anew under the same id; notes of its own that it lost, as it
signed them; and our receipts since, byte for byte. At the end *returned* says so, with the last checkpoints that we
cosigned of its former journals. It is done in small units, goes on after a restart, and waits while we are locked.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from parley.desk.evidence import fork_of, keep_fork
from parley.desk.follow import PEER_LIFE, UNSEALED, reseal, seal_waiting, stored, unsealed_parties
from parley.desk.heads import WITNESSED
from parley.desk.node import Node
from parley.desk.prekeys import PEER_KIND
from parley.desk.receipts import enqueue_signed, settle_signed
from parley.desk.restart import VOIDED
from parley.desk.restore import node_keys, trimmed
from parley.journal import JournalProblem, verify_incarnation
from parley.journal.incarnation import read_incarnation
from parley.journal.witness import Answer, Remembered, consider
from parley.line.note import Note, Precedence, read_note
from parley.line.ports import Look, NoteRow, OutboxRow, Tx
from parley.line.recall import (
    LARGEST_RECORD,
    MOST_CHECKPOINTS,
    Recall,
    Returned,
    Serial,
    holds,
    judge_recall,
    read_recall,
)
from parley.line.receipt import read_receipt
from parley.line.states import Delivery
from parley.line.void import read_void
from parley.seal import Domain, digest, peek, seal, sign

JOB = "recalled"  # by party: the recall that is being answered, and how far
DONE = "recall-done"  # by party: SHA-256 of the last recall that was answered
RECORD = "peer-incarnation"  # by party and incarnation: the signed record of each new life
SAID = "recall-said"  # by party: SHA-256 of the last *returned* that was signed for it
MOST_LIVES = 16  # records of new lives kept of one party: the newest
BATCH = 32  # notes looked at in one unit
SKEW = 2 * 86_400_000  # ms by which two clocks may differ without a receipt being missed
_NOT_THEIRS = frozenset({Delivery.VOIDED, Delivery.REFUSED})


class Job(msgspec.Struct, frozen=True):
    """A recall being answered: the signed recall, the next note to look at, and what was given back so far."""

    signed: bytes
    next: int = 0
    notes: int = 0
    own: int = 0


def judge(node: Node, signed: bytes, now: int) -> Recall:
    """A recall with its incarnation record; raises LineProblem, SealProblem, DirectoryProblem, JournalProblem."""
    recall = judge_recall(signed, directory=node.directory, us=node.party, now=now)
    record = verify_incarnation(recall.record, node_keys(node.directory, recall.party))
    if record.party != recall.party or record.id != recall.incarnation or record.previous is None:
        raise JournalProblem("unlinked", why="the recall and its record are of two incarnations")
    return recall


def take_recall(node: Node, tx: Tx, recall: Recall, signed: bytes) -> bool:
    """Write down a peer's new life and that it is to be answered; False if that is known, or older than what is."""
    before = tx.record(PEER_LIFE, recall.party)
    if before is not None and int.from_bytes(before[16:], "big") > recall.at:
        return False  # carried late, or carried again: its life has gone on
    if tx.record(DONE, recall.party) == digest(signed):
        return False
    tx.put(PEER_LIFE, recall.party, recall.incarnation + recall.at.to_bytes(8, "big"))
    tx.put(RECORD, f"{recall.party} {recall.incarnation.hex()}", recall.record)
    for old, _ in tx.records(RECORD, f"{recall.party} ")[:-MOST_LIVES]:
        tx.drop(RECORD, old)
    for key, _ in tx.records(PEER_KIND, f"{recall.party} "):
        tx.drop(PEER_KIND, key)  # nobody can open what is sealed to them any more
    _compare(node, tx, recall)
    job = tx.record(JOB, recall.party)
    if job is None or msgspec.msgpack.decode(job, type=Job).signed != signed:
        tx.put(JOB, recall.party, msgspec.msgpack.encode(Job(signed)))
    return True


def _compare(node: Node, tx: Tx, recall: Recall) -> None:
    """Another root at the size that we cosigned is proof of two histories; it is kept, and the notes go on."""
    link = read_incarnation(peek(recall.record).payload).checkpoint
    kept = None if link is None else tx.record(WITNESSED, link.partition("\n")[0])
    if link is None or kept is None:
        return
    remembered = msgspec.msgpack.decode(kept, type=Remembered)
    if consider(remembered, link, [], node_keys(node.directory, recall.party)).answer is Answer.FORK:
        keep_fork(tx, link.partition("\n")[0], fork_of(node, recall.party, remembered.text, link))


async def tend(node: Node) -> int:
    """Go on answering recalls, and seal what waited for a key; returns how many notes were looked at.

    Called after a recall came, by a timer, and when the node is unlocked; a locked node does nothing.
    """
    if node.vault is None:
        return 0
    looked = 0
    for party in node.store.look(lambda look: [key for key, _ in look.records(JOB)]):
        if node.sealing_key_or_none(party) is not None:
            looked += await node.store.write(lambda tx, p=party: _batch(node, tx, p), point="give_back")  # type: ignore[misc]
            node.wake(party)
    for party in node.store.look(unsealed_parties):
        if node.sealing_key_or_none(party) is not None:
            await node.store.write(lambda tx, p=party: seal_waiting(node, tx, p, node.clock()), point="sealed_late")  # type: ignore[misc]
            node.wake(party)
    return looked


def _batch(node: Node, tx: Tx, party: str) -> int:
    found = tx.record(JOB, party)
    if found is None:
        return 0
    job = msgspec.msgpack.decode(found, type=Job)
    recall = read_recall(peek(job.signed).payload)
    ids = tx.notes_with(party, job.next, BATCH)
    for identity in ids:
        row = tx.note(identity)
        if row is not None and row.body is not None:
            job = _give(node, tx, recall, row, job)
    if len(ids) == BATCH:
        tx.put(JOB, party, msgspec.msgpack.encode(replace(job, next=job.next + BATCH)))
        return len(ids)
    _repeat_voids(node, tx, recall)
    _say_returned(node, tx, recall, job)
    tx.drop(JOB, party)
    tx.put(DONE, party, digest(job.signed))
    return max(1, len(ids))


def _give(node: Node, tx: Tx, recall: Recall, row: NoteRow, job: Job) -> Job:
    assert row.body is not None
    signed = node.unlock_body(row.note_id, row.body)
    note = read_note(peek(signed).payload)
    if row.direction == "out":
        return replace(job, notes=job.notes + _send_again(node, tx, recall, note, row))
    missing = not holds(recall.ours, _serial(note, node.party))
    if missing:
        _return_own(node, tx, recall.party, row, signed)
    _repeat_receipts(node, tx, recall, row, since=0 if missing else recall.since - SKEW)
    return replace(job, own=job.own + missing)


def _serial(note: Note, reader: str) -> Serial:
    recipient = note.serial_for(reader)
    assert recipient is not None
    return note.sender.office, recipient.address.office, note.incarnation, recipient.serial


def _send_again(node: Node, tx: Tx, recall: Recall, note: Note, row: NoteRow) -> bool:
    """Seal anew a note that they had acknowledged and lost; what they refused, or what still waits, is left alone."""
    conversation = stored(tx, row.note_id, recall.party)
    if conversation is None or conversation.delivery in _NOT_THEIRS:
        return False
    waits = tx.outbox_for(row.note_id, recall.party) or tx.record(UNSEALED, f"{recall.party} {row.note_id.hex()}")
    if waits is not None or holds(recall.theirs, _serial(note, recall.party)):
        return False
    reseal(node, tx, conversation, node.clock())
    return True


def _return_own(node: Node, tx: Tx, party: str, row: NoteRow, signed: bytes) -> None:
    """Their own note, as they signed it. Routine, so that it follows the notes that it may answer."""
    key = node.sealing_key_or_none(party)
    if key is None or tx.outbox_for(row.note_id, party) is not None:
        return
    sealed = seal(signed, key)
    tx.enqueue(
        OutboxRow(
            seq=0,
            peer=party,
            precedence=int(Precedence.ROUTINE),
            kind="receipt",  # leaves on `got`: they give no receipt for a note of their own
            object_id=row.note_id,
            digest=digest(sealed),
            sealed=sealed,
            attempts=0,
            due=node.clock(),
        )
    )


def _repeat_receipts(node: Node, tx: Tx, recall: Recall, row: NoteRow, *, since: int) -> None:
    for direction, to, signed in tx.receipts(row.note_id):
        late = direction == "out" and to == recall.party and read_receipt(peek(signed).payload).signed_at >= since
        if late and tx.outbox_for(digest(signed), recall.party) is None:
            enqueue_signed(node, tx, recall.party, signed, Precedence.ROUTINE, node.clock(), kind="receipt")


def _repeat_voids(node: Node, tx: Tx, recall: Recall) -> None:
    for _, signed in tx.records(VOIDED, f"{recall.party} "):
        void = read_void(peek(signed).payload)
        serial = (void.sender.office, void.recipient.office, void.incarnation, void.serial)
        if not holds(recall.theirs, serial) and tx.outbox_for(digest(signed), recall.party) is None:
            enqueue_signed(node, tx, recall.party, signed, Precedence.ROUTINE, node.clock(), kind="receipt")


def _say_returned(node: Node, tx: Tx, recall: Recall, job: Job) -> None:
    now = node.clock()
    returned = Returned(
        party=node.party,
        incarnation=node.incarnation,
        to=recall.party,
        at=now,
        answers=digest(job.signed),
        notes=job.notes,
        own=job.own,
        checkpoints=_cosigned(node, tx, recall),
    )
    signed = sign(returned.to_payload(), [node.node_key], Domain.INCARNATION)
    said = tx.record(SAID, recall.party)
    before = None if said is None else tx.outbox_for(said, recall.party)
    if before is not None:  # the answer to a recall that this one took the place of: who asks for ever gets one
        settle_signed(tx, before)
    tx.put(SAID, recall.party, digest(signed))
    enqueue_signed(node, tx, recall.party, signed, Precedence.ROUTINE, now, kind="receipt")


def _cosigned(node: Node, look: Look, recall: Recall) -> tuple[str, ...]:
    """The last checkpoints that we cosigned of its former journals, newest journal last."""
    keys = node_keys(node.directory, recall.party)
    texts = []
    for journal, kept in look.records(WITNESSED, f"parley/{recall.party}/"):
        if not journal.endswith(recall.incarnation.hex()):
            text = trimmed(msgspec.msgpack.decode(kept, type=Remembered).text, keys)
            if len(text) <= LARGEST_RECORD:
                texts.append(text)
    return tuple(texts[-MOST_CHECKPOINTS:])
