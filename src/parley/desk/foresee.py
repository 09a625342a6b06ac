"""Foresee: the receipt that a note gets if nothing more is found against it is signed while the rest is looked at.

One ML-DSA signature takes as long as everything else that one note costs here, and needs neither the interpreter nor
the store. So it is begun as soon as the note's own signatures hold, with the journal index that comes next. It is used
only if the unit that keeps the note wants exactly these bytes signed; otherwise it is forgotten in this process, and
the receipt is signed as ever. A peer gains nothing by it: whose signatures fail costs no signature of ours.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import NamedTuple

from parley.desk.aside import aside
from parley.desk.node import Node
from parley.desk.prekeys import one_time_is_due
from parley.desk.receipts import receipt_for, sign_receipt, withheld_from
from parley.line.ports import Look
from parley.line.receipt import Entry, Receipt, Stage


class Foreseen(NamedTuple):
    """A receipt that is being signed. `now` is its time (ms UTC); whoever keeps the note takes it for the unit's."""

    receipt: Receipt
    signing: Future[bytes]
    now: int


def foresee(node: Node, look: Look, party: str, sealed: bytes, identity: bytes, now: int) -> Foreseen | None:
    """Begin to sign the receipt for the one new note of `party` whose sealed bytes have the digest `sealed`.

    None where it will be another one for sure: "opened" is withheld from them, or one-time keys go out with it.
    """
    if party not in node.directory.parties or Stage.OPENED in withheld_from(node, party):
        return None
    if one_time_is_due(node, party, now):
        return None
    entry = Entry(sealed=sealed, stage=Stage.OPENED, at=now, note=identity, journal_index=look.leaf_count())
    receipt = receipt_for(node, party, [entry], now)
    return Foreseen(receipt, aside(sign_receipt, node, receipt), now)
