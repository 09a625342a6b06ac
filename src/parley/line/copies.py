"""The sealings of one of our notes for one counterpart, and how far the note came with them.

A receipt speaks of the very sealed bytes that it names. After a resealing an older copy may still be heard of: "taken"
counts, for it may yet be opened; that it was unopenable or refused is why there is a newer one. So the delivery of the
note is a function of which copies exist and of the set of receipts, not of the order in which these came.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.line.problems import LineProblem
from parley.line.states import DELIVERY, Delivery, DeliveryNews

MOST_COPIES: Final = 8
"""Sealings of one note for one counterpart. Whoever cannot open the eighth is called, not sealed to again."""

_ARRIVED: Final = frozenset({Delivery.TAKEN, Delivery.OPENED, Delivery.READ})


class Copy(msgspec.Struct, frozen=True):
    """One sealing of our note: SHA-256 of the sealed bytes, and what their receipts say of these very bytes."""

    sealed: bytes
    delivery: Delivery


def with_copy(copies: tuple[Copy, ...], sealed: bytes) -> tuple[Copy, ...]:
    """The copies with one more, the newest. Of more than eight the oldest goes that did not arrive, or the oldest."""
    if len(copies) >= MOST_COPIES:
        silent = [place for place, copy in enumerate(copies) if copy.delivery not in _ARRIVED]
        place = silent[0] if silent else 0
        copies = (*copies[:place], *copies[place + 1 :])
    return (*copies, Copy(sealed, Delivery.QUEUED))


def heard(copies: tuple[Copy, ...], sealed: bytes, news: DeliveryNews, party: str) -> tuple[Copy, ...]:
    """The copies after a receipt about the one with digest `sealed`; raises ``receipt_mismatch`` if there is none."""
    if all(copy.sealed != sealed for copy in copies):
        raise LineProblem("receipt_mismatch", party=party)
    return tuple(Copy(c.sealed, _after(c.delivery, news, party)) if c.sealed == sealed else c for c in copies)


def _after(state: Delivery, news: DeliveryNews, party: str) -> Delivery:
    following = DELIVERY.next(state, news)
    if following is None:  # the tables know every stage of a receipt in every state of a copy: a test walks them
        raise LineProblem("receipt_mismatch", party=party)
    return following


def delivery_of(copies: tuple[Copy, ...]) -> Delivery:
    """How far the note came: as its newest copy, or further if an older one arrived."""
    return max(copies[-1].delivery, *(c.delivery for c in copies if c.delivery in _ARRIVED), Delivery.QUEUED)
