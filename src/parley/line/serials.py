"""Serials: a sequence per (sender office, recipient, incarnation), from a random offset, so that a gap can be seen.

The offset hides how many notes were ever sent. A serial is reserved durably before the note is signed, because signing
happens outside the writer: after a crash each reservation is finished or declared void. Whoever receives finds forks
(two notes, one serial) and gaps; a gap is pending until its note, its void or a clock comes.
Leaves out the store: reservations and rows are values that the desk keeps (`ports`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import pairwise
from typing import Final

import msgspec

from parley.line.fields import INT64, WIRE_VERSION, Fields, is_whole
from parley.line.note import MOST_RECIPIENTS, Recipient
from parley.line.ports import SerialRow
from parley.line.problems import LineProblem
from parley.seal import Value, decode, encode
from parley.terms.party import Address

RESERVATION_KIND: Final = 6
OFFSET_BYTES: Final = 5
"""Offsets below 2^40: room for more notes than can be written, and short enough to be read over the telephone."""


def first_serial(rng: Callable[[int], bytes]) -> int:
    """A random offset to begin a sequence with; never 0."""
    return int.from_bytes(rng(OFFSET_BYTES), "big") + 1


def next_serial(last: int | None, rng: Callable[[int], bytes]) -> int:
    """The serial after `last` (the last one *reserved*), or a first one; raises ``serial_spent`` at the last int64."""
    if last is None:
        return first_serial(rng)
    if last >= INT64 - 1:
        raise LineProblem("serial_spent", sender="us", recipient="them")
    return last + 1


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Serials set aside for one note of `sender` before it is signed; `draft` names the draft, `at` is ms UTC."""

    sender: Address
    recipients: tuple[Recipient, ...]
    incarnation: bytes
    at: int
    draft: str

    def to_bytes(self) -> bytes:
        """The canonical bytes, for a record in the store."""
        listed: list[Value] = [[r.address.party, r.address.office, r.serial] for r in self.recipients]
        sender: list[Value] = [self.sender.party, self.sender.office]
        return encode(
            {1: WIRE_VERSION, 2: RESERVATION_KIND, 3: sender, 4: listed, 5: self.incarnation, 6: self.at, 7: self.draft}
        )


def reserve(
    sender: Address,
    recipients: Iterable[Address],
    last: Mapping[Address, int],
    *,
    incarnation: bytes,
    at: int,
    draft: str,
    rng: Callable[[int], bytes],
) -> Reservation:
    """The next serial for each of `recipients`; `last` holds those reserved before, by recipient."""
    numbered = tuple(Recipient(to, next_serial(last.get(to), rng)) for to in sorted(recipients))
    return Reservation(sender=sender, recipients=numbered, incarnation=incarnation, at=at, draft=draft)


def read_reservation(data: bytes) -> Reservation:
    """Read back what `Reservation.to_bytes` wrote; raises LineProblem or SealProblem."""
    fields = Fields("reservation", decode(data), RESERVATION_KIND)
    reservation = Reservation(
        sender=fields.address(3),
        recipients=tuple(_recipient(fields, item) for item in fields.items(4, MOST_RECIPIENTS)),
        incarnation=fields.octets(5, 16),
        at=fields.whole(6),
        draft=fields.text(7, 64),
    )
    fields.same(reservation.to_bytes(), data)
    return reservation


def _recipient(fields: Fields, item: Value) -> Recipient:
    match item:
        case [str(party), str(office), serial] if is_whole(serial):
            return Recipient(fields.address_of([party, office]), serial)
    raise fields.bad("a recipient is not party, office and serial")


class Seen(Enum):
    """What a serial says about a note that arrived with it."""

    NEW = "new"
    AGAIN = "again"  # the same note once more, for instance over a second bearer
    FORK = "fork"  # another note holds this serial: proof, if both signatures stand
    VOID = "void"  # the sender had declared the serial void


def judge_serial(row: SerialRow | None, note_id: bytes) -> Seen:
    """Compare the row of the serial, if there is one, with the note that now bears it."""
    if row is None:
        return Seen.NEW
    if row.note_id is None:
        return Seen.VOID
    return Seen.AGAIN if row.note_id == note_id else Seen.FORK


def gaps(seen: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """The ranges (first, last) of serials missing between those seen of one sequence.

    What lies before the first and after the last is unknown, not missing: a sequence begins at a random offset.
    """
    ordered = sorted(set(seen))
    return tuple((low + 1, high - 1) for low, high in pairwise(ordered) if high - low > 1)
