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
from parley.seal import Domain, digest, seal, sign

KEPT_BACK = "kept-back"
_STAGES = {"opened": Stage.OPENED, "read": Stage.READ}


def withheld_from(node: Node, party: str) -> tuple[Stage, ...]:
    """The stages that our settings keep from `party`; every receipt to it says so, so that silence is not misread."""
    return tuple(sorted(_STAGES[name] for name in node.withheld.get(party, frozenset()) if name in _STAGES))


def write_receipt(
    node: Node, tx: Tx, to: str, entries: Sequence[Entry], now: int, prekeys: tuple[OneTimePrekey, ...] = ()
) -> bytes:
    """Sign a receipt for `to`, journal and store it; returns the signed bytes.

    Signing happens inside the unit on purpose: the receipt names journal indexes of this unit, and whatever undoes the
    unit undoes the receipt with it. It costs the writer one signature for a whole parcel (docs/decisions).
    """
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
    signed = sign(receipt.to_payload(), [node.node_key], Domain.RECEIPT)
    node.write_leaf(tx, LeafKind.RECEIPT_OUT, digest(signed), now)
    tx.add_receipt("out", to, signed, [entry.note for entry in entries if entry.note is not None])
    return signed


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


def release_kept_back(node: Node, tx: Tx, party: str, now: int) -> int:
    """Queue what waited for a key of `party`; returns how much that was."""
    waiting = tx.records(KEPT_BACK, f"{party} ")
    for key, value in waiting:
        tx.drop(KEPT_BACK, key)
        signed, precedence, kind = msgspec.msgpack.decode(value)
        enqueue_signed(node, tx, party, signed, Precedence(precedence), now, kind=kind)
    return len(waiting)
