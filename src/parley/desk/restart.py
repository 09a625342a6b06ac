"""Restart: what a node does about its own past at its start, and now and then: serials that were left reserved.

A serial that was reserved for a note which nobody signed before the crash is declared void, signed, so that the other
side sees an explained gap. A note that was signed but not committed never existed: its signature left no process.
Left out: a past that was cut off, by putting back a backup (`restore`).
"""

from __future__ import annotations

import msgspec

from parley.desk import attachment, evidence
from parley.desk.compose import RESERVED
from parley.desk.node import Node, Reservation
from parley.desk.receipts import enqueue_signed
from parley.desk.release import WAITING
from parley.journal import LeafKind
from parley.line.note import Precedence
from parley.line.ports import Tx
from parley.line.void import Void
from parley.seal import Domain, digest, sign
from parley.terms.party import Address

VOIDED = "voided"  # by party and SHA-256: voids that we signed, for a peer that loses them
OLDEST = 3_600_000  # ms that a reservation waits for its releaser before its serials are declared void


async def settle(node: Node) -> int:
    """Void what stayed reserved too long; returns how many serials that were."""
    await evidence.complete(node)
    now = node.clock()

    def unit(tx: Tx) -> list[str]:
        told: list[str] = []
        for key, value in tx.records(RESERVED):
            reservation = msgspec.msgpack.decode(value, type=Reservation)
            if now - reservation.at < OLDEST or now < reservation.until:
                continue
            for to, serial in reservation.serials:
                told.append(_void(node, tx, reservation.office, Address.parse(to), serial, now))
            tx.drop(RESERVED, key)
            tx.drop(WAITING, key)
            attachment.let_go(tx, key)
        return told

    told = await node.store.write(unit, point="settle")
    for party in dict.fromkeys(told):
        node.wake(party)
    return len(told)


def _void(node: Node, tx: Tx, office: str, to: Address, serial: int, now: int) -> str:
    void = Void(sender=Address(node.party, office), recipient=to, serial=serial, at=now, incarnation=node.incarnation)
    signed = sign(void.to_payload(), [node.node_key], Domain.VOID)
    node.write_leaf(tx, LeafKind.VOID_OUT, digest(signed), now)
    tx.put(VOIDED, f"{to.party} {digest(signed).hex()}", signed)
    enqueue_signed(node, tx, to.party, signed, Precedence.ROUTINE, now, kind="receipt")
    return to.party
