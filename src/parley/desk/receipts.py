"""Making receipts: one signed object for many notes, stored in the same unit as what it acknowledges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from parley.desk.node import Node
from parley.journal import LeafKind
from parley.line.note import Precedence
from parley.line.ports import OutboxRow, Tx
from parley.line.receipt import Entry, OneTimePrekey, Receipt, Stage
from parley.line.withheld import withholding
from parley.seal import Domain, digest, seal, sealed_key_id, sign

KEPT_BACK = "kept-back"  # signed, waiting for a key to seal to
SIGNED = "signed"  # what stands sealed in the outbox, in case that the peer cannot open it
_STAGES = {"opened": Stage.OPENED, "read": Stage.READ}


def withheld_from(node: Node, party: str) -> tuple[Stage, ...]:
    """The stages that an officer's decision, else our settings, keep from `party`; every receipt to it says so, so that
    silence is not misread."""
    decided = node.directory.withheld(party)
    kept = node.withheld.get(party, frozenset()) if decided is None else decided
    return tuple(sorted(_STAGES[name] for name in kept if name in _STAGES))


def write_receipt(
    node: Node, tx: Tx, to: str, entries: Sequence[Entry], now: int, prekeys: tuple[OneTimePrekey, ...] = ()
) -> bytes:
    """Sign a receipt for `to`, journal and store it; returns the signed bytes.

    Signing happens inside the unit on purpose: the receipt names journal indexes of this unit, and whatever undoes the
    unit undoes the receipt with it. It costs the writer one signature for a whole parcel (docs/decisions).
    """
    return keep_receipt(node, tx, to, sign_receipt(node, to, entries, now, prekeys), entries, now)


def keep_receipt(node: Node, tx: Tx, to: str, signed: bytes, entries: Sequence[Entry], now: int) -> bytes:
    """Journal and store a receipt that was signed in this unit; returns it."""
    node.write_leaf(tx, LeafKind.RECEIPT_OUT, digest(signed), now)
    tx.add_receipt("out", to, signed, [entry.note for entry in entries if entry.note is not None])
    return signed


def sign_receipt(
    node: Node, to: str, entries: Sequence[Entry], now: int, prekeys: tuple[OneTimePrekey, ...] = ()
) -> bytes:
    """A signed receipt for `to` that is not kept: only for what acknowledges nothing, as "full" does."""
    receipt = Receipt(
        issuer=node.party,
        incarnation=node.incarnation,
        to=to,
        entries=tuple(entries),
        particulars_version=node.our_particulars().version,
        signed_at=now,
        prekeys=prekeys,
        extensions=withholding(withheld_from(node, to)),
    )
    return sign(receipt.to_payload(), [node.node_key], Domain.RECEIPT)


def enqueue_receipt(node: Node, tx: Tx, to: str, signed: bytes, precedence: Precedence, now: int) -> None:
    """Queue a signed receipt for a peer; it leaves the outbox when the peer says that it got it."""
    enqueue_signed(node, tx, to, signed, precedence, now, kind="receipt")


def enqueue_signed(
    node: Node, tx: Tx, to: str, signed: bytes, precedence: Precedence, now: int, *, kind: Literal["note", "receipt"]
) -> None:
    """Seal and queue what our node signed; its object id in the outbox is the SHA-256 of the signed bytes.

    Without a key to seal to (the peer's has run out and no fresh one came) it is kept back until one comes.
    """
    key = node.sealing_key_or_none(to)
    if key is None:
        tx.put(KEPT_BACK, f"{to} {digest(signed).hex()}", msgspec.msgpack.encode((signed, int(precedence), kind)))
        return
    sealed = seal(signed, key)
    if kind == "receipt":
        tx.put(SIGNED, f"{to} {digest(signed).hex()}", signed)
    tx.enqueue(
        OutboxRow(
            seq=0,
            peer=to,
            precedence=int(precedence),
            kind=kind,
            object_id=digest(signed),
            digest=digest(sealed),
            sealed=sealed,
            attempts=0,
            due=now,
        )
    )


def settle_signed(tx: Tx, row: OutboxRow) -> None:
    """The peer has it: it leaves the outbox."""
    tx.dequeue([row.seq])
    tx.drop(SIGNED, f"{row.peer} {row.object_id.hex()}")


def reseal_signed(node: Node, tx: Tx, row: OutboxRow, now: int) -> None:
    """The peer lacks the key that a row was sealed to: the same signed bytes to its present key, or kept back until it
    announces another."""
    signed = tx.record(SIGNED, f"{row.peer} {row.object_id.hex()}")
    settle_signed(tx, row)
    if signed is None:
        return
    key = node.sealing_key_or_none(row.peer)
    if key is not None and key.key_id != sealed_key_id(row.sealed):
        enqueue_signed(node, tx, row.peer, signed, Precedence(row.precedence), now, kind="receipt")
        return
    kept = msgspec.msgpack.encode((signed, row.precedence, "receipt"))
    tx.put(KEPT_BACK, f"{row.peer} {row.object_id.hex()}", kept)


def release_kept_back(node: Node, tx: Tx, party: str, now: int) -> int:
    """Queue what waited for a key of `party`; returns how much that was."""
    waiting = tx.records(KEPT_BACK, f"{party} ")
    for key, value in waiting:
        tx.drop(KEPT_BACK, key)
        signed, precedence, kind = msgspec.msgpack.decode(value)
        enqueue_signed(node, tx, party, signed, Precedence(precedence), now, kind=kind)
    return len(waiting)
