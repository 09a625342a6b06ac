"""Read: a note is shown to a signed-in person in a language of the person's choice, and its sender may be told so."""

from __future__ import annotations

from parley.desk.find import find, open_note
from parley.desk.follow import move
from parley.desk.node import Node
from parley.desk.page import Reading, rendered
from parley.desk.receipts import enqueue_receipt, withheld_from, write_receipt
from parley.journal import LeafKind
from parley.line.events import Shown
from parley.line.note import Precedence
from parley.line.ports import Tx
from parley.line.receipt import Entry, Stage
from parley.seal import digest


async def read(node: Node, given: str, language: str, *, officer: str, width: int = 80) -> Reading:
    """Show a note; one of theirs is then "read", journalled with the officer, told to the sender unless withheld."""
    row = find(node, given)
    note = open_note(node, row)
    reading = Reading(row, note, rendered(node, note, language, width))
    if row.direction == "in":
        await node.store.write(lambda tx: _mark(node, tx, reading, language, officer), point="read")
        node.wake(note.sender.party)
    return reading


def _mark(node: Node, tx: Tx, reading: Reading, language: str, officer: str) -> None:
    now, row, sender = node.clock(), reading.row, reading.note.sender.party
    before = tx.conversation(row.note_id, sender)
    after = move(node, tx, row.note_id, sender, Shown(language), now)
    if before is not None and before.state == after.to_bytes():
        return  # shown again in the same language: nothing new to tell or to write down
    node.write_leaf(tx, LeafKind.READ, digest(row.note_id + f" {language} {officer}".encode()), now)
    held = tx.held_for(row.note_id)
    if held is None or Stage.READ in withheld_from(node, sender):
        return
    entry = Entry(
        sealed=held.digest, stage=Stage.READ, at=now, note=row.note_id, journal_index=row.leaf, language=language
    )
    signed = write_receipt(node, tx, sender, [entry], now)
    enqueue_receipt(node, tx, sender, signed, Precedence(row.precedence), now)
