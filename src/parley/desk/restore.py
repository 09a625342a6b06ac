"""Restore: a node whose store was replaced by a backup says so, and asks every peer for what it lacks.

The restored node opens a new incarnation, so that no serial, journal entry or prekey can collide with what the lost
time had. Its first entry is the signed record of that, linked to the last checkpoint at hand; when a peer returns a
later one, a second record links to it. Then each peer is sent a *recall*: which of our common notes are still here
(spec/restore.md). Left out: putting the file in place (`parley.restoring`), and a peer's side of it (`give_back`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec
from msgspec.structs import replace

from parley.desk.compose import RESERVED
from parley.desk.follow import begin, begin_returned, follow_entry, follow_reply, queue_note
from parley.desk.node import Node
from parley.desk.prekeys import KIND as PREKEY
from parley.desk.prekeys import PEER_KIND, StoredPrekey
from parley.desk.receipts import KEPT_BACK, enqueue_signed
from parley.desk.witness import KIND as CHECKPOINT
from parley.directory import Directory
from parley.journal import (
    Checkpoint,
    Frontier,
    Incarnation,
    JournalProblem,
    LeafKind,
    last_known,
    new_leaf,
    origin,
    read_checkpoint,
    sign_checkpoint,
    sign_incarnation,
    verify_checkpoint,
)
from parley.journal.checkpoint import only
from parley.journal.incarnation import read_incarnation
from parley.line.note import Note, Precedence, note_id, read_note
from parley.line.ports import Look, NoteRow, Store, Tx
from parley.line.problems import LineProblem
from parley.line.recall import Recall, Returned, Serial, held_sequences
from parley.line.receipt import read_receipt
from parley.seal import Domain, SigningKey, VerifyingKey, digest, peek, seal, sign, verify
from parley.terms.problem import Problem

KIND = "incarnation"  # by incarnation in hexadecimal: the signed record, then those with a later link
ASKING = "asking"  # by party: our recall that was not answered yet
RETURNED = "returned"  # by party: what it said when it had given everything back
LATER = "returned-checkpoint"  # by journal and party: checkpoints of ours that only a peer still had
MARK = "returned"  # on a note of ours that a peer gave back
AGAIN = 3_600_000  # ms before an unanswered recall is made anew
LONGEST_LINK = 64 * 1024  # of a checkpoint with its cosignatures; a longer one is linked without them
CHUNK = 256


class Begun(msgspec.Struct, frozen=True):
    """A new incarnation: its id, how many entries of the journal before are here, and when the last of them was made
    (ms UTC; 0 if there is none)."""

    incarnation: bytes
    kept: int
    until: int


class Asking(msgspec.Struct, frozen=True):
    """A recall to a party: SHA-256 of the signed one and when it was made (ms UTC); zero bytes, 0: not made yet."""

    object_id: bytes = bytes(32)
    at: int = 0


async def open_incarnation(
    store: Store,
    directory: Directory,
    node_key: SigningKey,
    *,
    now: int,
    rng: Callable[[int], bytes],
    also: Iterable[str] = (),
) -> Begun:
    """Begin the incarnation under which `store`, a backup, was just opened; nothing else may have been written to it.

    Args:
        directory: as the backup has it.
        also: checkpoints of the journal before that were found elsewhere, for instance in the store that is replaced.

    What may have been used in the lost time is given up: one-time keys, ours and theirs, and reserved serials.
    """
    party, former = store.origin.party, store.look(lambda look: look.incarnations())[-1]
    keys = node_keys(directory, party, node_key)
    size, until, texts = store.look(lambda look: _former_journal(look, former))
    closing = store.look(lambda look: _closing(look, party, former, size, node_key, now))
    link = last_known(origin(party, former), [*closing, *texts, *also], keys)
    record = Incarnation(party, store.origin.incarnation, now, former, size, trimmed(link, keys) if link else None)
    signed = sign_incarnation(record, node_key)

    def unit(tx: Tx) -> None:
        tx.append(new_leaf(LeafKind.INCARNATION, now, digest(signed), rng))
        tx.put(KIND, store.origin.incarnation.hex(), signed)
        for text in closing:
            tx.put(CHECKPOINT, f"{former.hex()} {size:016d}", text.encode())
        _give_up(tx, now)
        for peer in directory.parties:
            if peer != party:
                tx.put(ASKING, peer, msgspec.msgpack.encode(Asking()))

    await store.write(unit, point="restore")
    return Begun(store.origin.incarnation, size, until)


def _former_journal(look: Look, former: bytes) -> tuple[int, int, list[str]]:
    size = look.leaf_count(former)
    try:
        until = look.leaf(size - 1, former).at if size else 0
    except Problem:  # its body was destroyed under a retention rule: then everything is asked for
        until = 0
    return size, until, [text.decode() for _, text in look.records(CHECKPOINT, former.hex())]


def _closing(look: Look, party: str, former: bytes, size: int, key: SigningKey, now: int) -> list[str]:
    """A last checkpoint over what is left of the journal before, unless there is one: its notes can then be proved.

    It contradicts nothing: what is left is a beginning of what peers have seen.
    """
    if not size or look.record(CHECKPOINT, f"{former.hex()} {size:016d}") is not None:
        return []
    frontier = Frontier()
    for leaf_hash in look.leaf_hashes(0, size, former):
        frontier.append(leaf_hash)
    return [sign_checkpoint(Checkpoint(origin(party, former), size, frontier.root()), key, now)]


def _give_up(tx: Tx, now: int) -> None:
    for key, value in tx.records(PREKEY):
        stored = msgspec.msgpack.decode(value, type=StoredPrekey)
        if stored.for_party:
            tx.drop(PREKEY, key)  # it may have been used, and erased, in the lost time
        else:  # still opens what is on its way; a new incarnation announces a new one
            tx.put(PREKEY, key, msgspec.msgpack.encode(replace(stored, expires_at=min(stored.expires_at, now))))
    for kind in (PEER_KIND, RESERVED):
        for key, _ in tx.records(kind):
            tx.drop(kind, key)
    tx.drop("own-freshness", "now")


def node_keys(directory: Directory, party: str, *more: SigningKey) -> list[VerifyingKey]:
    """Every node key that the particulars of `party` ever listed, and the public parts of `more`."""
    listed = directory.history(party) if party in directory.parties else ()
    found = [key for held in listed for key in held.particulars.node_keys]
    return list(dict.fromkeys([*found, *(key.public for key in more)]))


def trimmed(text: str, keys: Iterable[VerifyingKey]) -> str:
    """The checkpoint without its cosignatures if it is long with them; raises JournalProblem if it does not verify."""
    if len(text) <= LONGEST_LINK:
        return text
    verified = verify_checkpoint(text, keys)
    return only(text, {verified.checkpoint.origin: verified.key})


# -- asking


async def ask(node: Node) -> int:
    """Send a recall to every peer that has not answered one; returns how many went out. Raises "locked"."""
    node.open_vault()
    now, made = node.clock(), 0
    if node.party not in node.directory.parties or node.node_key.public not in node.our_particulars().node_keys:
        return 0  # nobody would believe it: our particulars that list our key must come back first
    for party, value in node.store.look(lambda look: look.records(ASKING)):
        asking = msgspec.msgpack.decode(value, type=Asking)
        waiting = node.store.look(lambda look, p=party, a=asking: _waiting(look, p, a))  # type: ignore[misc]
        if party not in node.directory.parties or waiting or (asking.at and now - asking.at < AGAIN):
            continue
        signed = sign(_recall(node, party, now).to_payload(), [node.node_key], Domain.INCARNATION)

        def unit(tx: Tx, party: str = party, signed: bytes = signed) -> None:
            tx.put(ASKING, party, msgspec.msgpack.encode(Asking(digest(signed), now)))
            enqueue_signed(node, tx, party, signed, Precedence.IMMEDIATE, now, kind="receipt")

        await node.store.write(unit, point="recall")
        node.wake(party)
        made += 1
    return made


def ask_anew(tx: Tx, parties: Iterable[str]) -> None:
    """Mark these as to be asked, if this node was ever restored: what they gave back may not have counted here."""
    if len(tx.incarnations()) > 1:
        for party in parties:
            tx.put(ASKING, party, msgspec.msgpack.encode(Asking()))


def _waiting(look: Look, party: str, asking: Asking) -> bool:
    kept = look.record(KEPT_BACK, f"{party} {asking.object_id.hex()}")
    return kept is not None or look.outbox_for(asking.object_id, party) is not None


def _recall(node: Node, party: str, now: int) -> Recall:
    theirs: set[Serial] = set()
    ours: set[Serial] = set()
    for row in _rows_with(node, party):
        if row.body is not None:
            (ours if row.direction == "out" else theirs).add(_serial(node, row, party))
    for sender, office, incarnation in {serial[:3] for serial in theirs}:  # voids too, and notes that were destroyed
        seen = node.store.look(lambda look, k=(f"{party}/{sender}", office, incarnation): look.serials(*k))  # type: ignore[misc]
        theirs |= {(sender, office, incarnation, serial) for serial in seen}
    record, since = node.store.look(lambda look: _record_and_since(look, node.incarnation))
    return Recall(
        party=node.party,
        incarnation=node.incarnation,
        to=party,
        at=now,
        record=record,
        since=since,
        theirs=held_sequences(theirs),
        ours=held_sequences(ours),
    )


def _rows_with(node: Node, party: str) -> Iterator[NoteRow]:
    def read(look: Look, start: int) -> list[NoteRow | None]:
        return [look.note(identity) for identity in look.notes_with(party, start, CHUNK)]

    start = 0
    while rows := node.store.look(partial(read, start=start)):
        yield from (row for row in rows if row is not None)
        start += len(rows)


def _serial(node: Node, row: NoteRow, party: str) -> Serial:
    assert row.body is not None
    note = read_note(peek(node.unlock_body(row.note_id, row.body)).payload)
    recipient = note.serial_for(party if row.direction == "out" else node.party)
    assert recipient is not None
    return note.sender.office, recipient.address.office, note.incarnation, recipient.serial


def _record_and_since(look: Look, incarnation: bytes) -> tuple[bytes, int]:
    signed = look.record(KIND, incarnation.hex())
    assert signed is not None
    former = read_incarnation(peek(signed).payload).previous
    return signed, _former_journal(look, former)[1] if former else 0


# -- what comes back


def judge_own(node: Node, signed: bytes) -> tuple[Note, bytes]:
    """A note of ours from a former incarnation, given back by a peer: signed by a key of our office at that time.

    Raises LineProblem("own_note") for one of this incarnation, which no peer has reason to give back.
    """
    note = read_note(peek(signed).payload)
    if note.sender.party != node.party or note.incarnation == node.incarnation:
        raise LineProblem("own_note", us=node.party)
    at = note.signed_at
    keys = node.directory.office_keys(node.party, note.sender.office, signed_at=at, now=at).keys
    payload = verify(signed, keys, Domain.NOTE).payload
    return note, note_id(payload)


def take_own(node: Node, tx: Tx, note: Note, identity: bytes, signed: bytes, giver: str | None, now: int) -> None:
    """Write a note that was given back into the journal, and send it to recipients who may never have got it."""
    if tx.note(identity) is not None:
        return
    leaf, _ = node.write_leaf(tx, LeafKind.NOTE_OUT, digest(signed), now)
    tx.add_note(
        NoteRow(
            note_id=identity,
            direction="out",
            sender=note.sender.party,
            office=note.sender.office,
            form=note.form,
            precedence=int(note.precedence),
            exercise=note.exercise,
            signed_at=note.signed_at,
            thread=note.thread or identity,
            body=node.lock_body(identity, signed),
            leaf=leaf,
            stored_at=now,
            marks=(MARK,),
        )
    )
    for party in dict.fromkeys(recipient.address.party for recipient in note.recipients):
        if party == giver:
            begin_returned(node, tx, note, identity, party)
        else:
            _send_on(node, tx, note, identity, signed, party, now)
    follow_reply(node, tx, note, now)
    for direction, _, kept in tx.receipts(identity):  # receipts that came back before their note
        receipt = read_receipt(peek(kept).payload)
        for entry in receipt.entries if direction == "in" else ():
            if entry.note == identity:
                follow_entry(node, tx, receipt, entry, now)


def _send_on(node: Node, tx: Tx, note: Note, identity: bytes, signed: bytes, party: str, now: int) -> None:
    key = node.sealing_key_or_none(party)
    sealed = None if key is None else seal(signed, key)
    if sealed is not None:
        queue_note(tx, identity, party, int(note.precedence), sealed, now)
    begin(node, tx, note, identity, party, sealed, now)


def take_returned(node: Node, tx: Tx, returned: Returned, now: int) -> None:
    """A peer gave back everything: it is not asked again, and the journal is linked to what it had seen of ours."""
    asking = tx.record(ASKING, returned.party)
    if asking is not None and msgspec.msgpack.decode(asking, type=Asking).object_id == returned.answers:
        tx.drop(ASKING, returned.party)
    said = {"notes": returned.notes, "own": returned.own, "at": now}
    tx.put(RETURNED, returned.party, msgspec.msgpack.encode(said))
    keys = node_keys(node.directory, node.party, node.node_key)
    for text in returned.checkpoints:
        _keep_later(tx, node.party, returned.party, text, keys)
    _link(node, tx, returned.checkpoints, keys, now)


def _keep_later(tx: Tx, us: str, giver: str, text: str, keys: list[VerifyingKey]) -> None:
    try:
        found = verify_checkpoint(text, keys).checkpoint
    except JournalProblem:
        return  # what our own node did not sign proves nothing about us
    if found.party == us:
        tx.put(LATER, f"{found.origin} {giver}", text.encode())


def _link(node: Node, tx: Tx, texts: Iterable[str], keys: list[VerifyingKey], now: int) -> None:
    """Sign and journal the record anew if a checkpoint came that is larger than the one it is linked to."""
    records = tx.records(KIND, node.incarnation.hex())
    record = read_incarnation(peek(records[-1][1]).payload) if records else None
    if record is None or record.previous is None:  # never restored: whatever was not asked for links nothing
        return
    before = [record.checkpoint] if record.checkpoint else []
    best = last_known(origin(node.party, record.previous), [*before, *texts], keys)
    if best is None or best in before:
        return
    signed = sign_incarnation(replace(record, checkpoint=trimmed(best, keys)), node.node_key)
    node.write_leaf(tx, LeafKind.INCARNATION, digest(signed), now)
    tx.put(KIND, f"{node.incarnation.hex()} {read_checkpoint(best)[0].size:016d}", signed)
