"""Release: a signed note enters the journal and the outbox in one unit, one sealed copy for each recipient."""

from __future__ import annotations

import msgspec

from parley.clearance import How, Verdict
from parley.desk.aside import aside
from parley.desk.by_hand import is_by_hand
from parley.desk.compose import RESERVED, may_say, may_send_to
from parley.desk.draft import forget
from parley.desk.follow import begin, follow_reply, queue_note
from parley.desk.node import Node, Reservation
from parley.desk.prekeys import PEER_KIND, pick
from parley.desk.problems import DeskProblem
from parley.journal import LeafKind
from parley.line.note import Note, Precedence, note_id, read_note
from parley.line.ports import NoteRow, Tx
from parley.line.reading import to_sheet
from parley.seal import Domain, digest, lock, peek, seal, unlock, verify

WAITING = "waiting"  # by note id: what is submitted and not released yet
CLEARED = "cleared"  # by note id: by what right it went out, locked
LONE = "lone"  # by note id: released by one officer alone and not reviewed yet; when, ms in 8 bytes


async def release(node: Node, signed: bytes, verdict: Verdict | None = None) -> bytes:
    """Take a note that our signer signed and send it on its way; returns the note id.

    `verdict`: by what right, as the signer judged; journalled with the note.

    Raises DeskProblem("not_composed") when nothing was reserved for it, SealProblem when our office did not sign it,
    DirectoryProblem when a recipient may not be sent to any more.
    """
    payload = peek(signed).payload
    identity = note_id(payload)
    if (composed := node.composed.pop(identity, None)) is None:
        composed = _composed_before(node, identity, payload)
    note, reservation = composed
    now = node.clock()
    _check_recipients(node, note, reservation)
    keys = node.directory.office_keys(node.party, note.sender.office, signed_at=note.signed_at, now=now).keys
    checked = aside(verify, signed, keys, Domain.NOTE)
    copies = [(recipient, *pick(node, recipient.address.party, now)) for recipient in note.recipients]
    # A copy each: no carrier learns who else has one.
    sealed = {key.key_id: seal(signed, key) for _, key, _ in copies if key is not None}
    body = node.lock_body(identity, signed)

    def unit(tx: Tx) -> None:
        if tx.record(RESERVED, identity.hex()) is None:  # its serials were declared void meanwhile
            raise DeskProblem("not_composed")
        leaf, _ = node.write_leaf(tx, LeafKind.NOTE_OUT, digest(signed), now)
        if reservation.override:
            node.write_leaf(tx, LeafKind.OVERRIDE, digest(override_of(node, identity, reservation.override)), now)
            tx.put("override", identity.hex(), reservation.override)
        tx.add_note(_row(note, identity, body, leaf, now))
        for recipient, key, one_time in copies:
            party = recipient.address.party
            if key is None:  # nothing was heard of them for long: the note waits for their next prekey
                begin(node, tx, note, identity, party, None, now, by_hand=party not in node.directory.parties)
                continue
            queue_note(tx, identity, party, int(note.precedence), sealed[key.key_id], now)
            begin(node, tx, note, identity, party, sealed[key.key_id], now)
            if one_time:
                tx.drop(PEER_KIND, f"{party} {key.key_id.hex()}")
        follow_reply(node, tx, note, now)
        tx.drop(RESERVED, identity.hex())
        if reservation.draft_id:
            forget(tx, reservation.draft_id)
        if verdict is not None:
            _write_verdict(node, tx, identity, verdict, now)
        checked.result()  # raises what `verify` raised, and then nothing of this is kept

    await node.store.write(unit, point="release")
    wake = node.wake_flash if note.precedence is Precedence.FLASH else node.wake
    for recipient, _, _ in copies:
        wake(recipient.address.party)
    return identity


def _check_recipients(node: Node, note: Note, reservation: Reservation) -> None:
    """What was allowed when the note was composed may have ended while it waited: a suspension, a revocation, a
    contradiction. A reason that was given then, and is in the reservation, stands."""
    sheet, override = to_sheet(note), "as composed" if reservation.override else ""
    for address in sheet.header.recipients:
        if not is_by_hand(node, address):
            may_send_to(node, address, override)
            may_say(node, sheet, address.party)


def _write_verdict(node: Node, tx: Tx, identity: bytes, verdict: Verdict, now: int) -> None:
    content = msgspec.msgpack.encode(verdict)
    node.write_leaf(tx, LeafKind.CLEARANCE, digest(content + identity), now)
    tx.put(CLEARED, identity.hex(), lock(node.open_vault().archive_key, content, b"cleared " + identity, node.rng))
    if verdict.how is How.LONE:
        tx.put(LONE, identity.hex(), now.to_bytes(8, "big"))
    tx.drop(WAITING, identity.hex())


def read_verdict(node: Node, identity: bytes, value: bytes) -> Verdict:
    """What `release` wrote down of a note's clearance."""
    content = unlock(node.open_vault().archive_key, value, b"cleared " + identity)
    return msgspec.msgpack.decode(content, type=Verdict)


def _composed_before(node: Node, identity: bytes, payload: bytes) -> tuple[Note, Reservation]:
    """What was composed before a restart, or by another process."""
    reserved = node.store.look(lambda look: look.record(RESERVED, identity.hex()))
    if reserved is None:
        raise DeskProblem("not_composed")
    return read_note(payload), msgspec.msgpack.decode(reserved, type=Reservation)


def override_of(node: Node, identity: bytes, locked: bytes) -> bytes:
    """What the journal's entry of an override commits to: the reason that an officer gave, and the note's id."""
    return unlock(node.open_vault().archive_key, locked, b"override " + identity) + identity


def _row(note: Note, identity: bytes, body: bytes, leaf: int, now: int) -> NoteRow:
    return NoteRow(
        note_id=identity,
        direction="out",
        sender=note.sender.party,
        office=note.sender.office,
        form=note.form,
        precedence=int(note.precedence),
        exercise=note.exercise,
        signed_at=note.signed_at,
        thread=note.thread or identity,
        body=body,
        leaf=leaf,
        stored_at=now,
    )
