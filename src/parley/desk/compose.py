"""Compose: from a checked draft to the exact bytes to be signed, with the serials reserved durably.

The serial is reserved before anything is signed, outside the signer: a crash can leave a gap, but never two
notes with one serial. What was reserved and never signed is finished or declared void at the next start (`void`).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from parley.desk import attachment
from parley.desk.by_hand import is_by_hand
from parley.desk.draft import Draft, examine
from parley.desk.node import Node, Reservation
from parley.desk.problems import DeskProblem
from parley.directory import Head
from parley.forms import Sheet
from parley.line.note import Note, Recipient, note_id
from parley.line.ports import Tx
from parley.line.reading import attached, note_from_sheet
from parley.line.serials import next_serial
from parley.seal import lock
from parley.terms.party import Address

RESERVED = "reserved"
SERIAL = "serial"


class Composed(msgspec.Struct, frozen=True):
    """What goes to the signer: the payload, its id, and the note for the releaser's eyes."""

    payload: bytes
    note_id: bytes
    note: Note


async def compose(
    node: Node,
    draft: Draft,
    draft_id: str = "",
    *,
    until: int = 0,
    beside: Callable[[Tx, Composed], None] = lambda tx, made: None,
) -> Composed:
    """Check, reserve, and write down the payload; raises FormProblem, DeskProblem, DirectoryProblem.

    Args:
        until: the serials are not declared void before (ms UTC); 0: after the usual time.
        beside: what else is written in the same unit.
    """
    sheet = examine(node, draft)
    for address in sheet.header.recipients:
        if not is_by_hand(node, address):  # an office without Parley gets its note as text
            may_send_to(node, address, draft.override)
            may_say(node, sheet, address.party)
    thread = thread_of(node, draft.refers_to)
    made, reservation = await node.store.write(
        lambda tx: _reserve(node, tx, draft, draft_id, sheet, thread, until, beside), point="compose"
    )
    node.remember_composed(made.note_id, made.note, reservation)
    return made


def may_send_to(node: Node, address: Address, override: str) -> None:
    """Raise unless the addressed office is in accepted particulars with which sending is allowed.

    What has run out, forked or lost its vouchers needs an override: a reason given by name, which is journalled.
    """
    node.directory.may_send(address.party, node.clock(), override or None)
    node.directory.entry(address.party).current.office(address.office)


def may_say(node: Node, sheet: Sheet, party: str) -> None:
    """Raise DirectoryProblem("not_sent") if this desk narrowed what it sends to `party` and the note is outside, and
    ("mandate_missing") if it would act for a party whose particulars do not entrust us towards `party`."""
    header = sheet.header
    files = attached(sheet.form_number, sheet.form_version, sheet.lines, node.library)
    node.directory.check_sent(party, Head(sheet.form_number, header.exercise, int(header.precedence), files))
    node.directory.acting(node.party, header.sender.office, party)


def thread_of(node: Node, refers_to: tuple[bytes, ...]) -> bytes | None:
    """The thread of the first note referred to, None when a new thread begins; raises DeskProblem("no_note")."""
    if not refers_to:
        return None
    row = node.store.look(lambda look: look.note(refers_to[0]))
    if row is None:
        raise DeskProblem("no_note", note=refers_to[0].hex()[:16])
    return row.thread


def _reserve(
    node: Node,
    tx: Tx,
    draft: Draft,
    draft_id: str,
    sheet: Sheet,
    thread: bytes | None,
    until: int,
    beside: Callable[[Tx, Composed], None],
) -> tuple[Composed, Reservation]:
    recipients = tuple(
        Recipient(address, _next_serial(node, tx, draft.office, address)) for address in sheet.header.recipients
    )
    note = note_from_sheet(
        sheet,
        recipients=recipients,
        incarnation=node.incarnation,
        particulars_version=node.our_particulars().version,
        thread=thread,
        library=node.library,
    )
    payload = note.to_payload()
    identity = note_id(payload)
    vault, reason = node.open_vault(), draft.override.encode()
    reservation = Reservation(
        office=draft.office,
        serials=tuple((str(r.address), r.serial) for r in recipients),
        at=node.clock(),
        draft_id=draft_id,
        override=lock(vault.archive_key, reason, b"override " + identity, node.rng) if reason else b"",
        until=until,
    )
    tx.put(RESERVED, identity.hex(), msgspec.msgpack.encode(reservation))
    if draft_id:
        attachment.carry_over(tx, draft_id, identity)
    made = Composed(payload, identity, note)
    beside(tx, made)
    return made, reservation


def _next_serial(node: Node, tx: Tx, office: str, to: Address) -> int:
    key = f"{office} {to} {node.incarnation.hex()}"
    stored = tx.record(SERIAL, key)
    serial = next_serial(None if stored is None else int.from_bytes(stored, "big"), node.rng)
    tx.put(SERIAL, key, serial.to_bytes(8, "big"))
    return serial
