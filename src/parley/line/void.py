"""The void: a signed word that a serial was reserved and no note bears it (spec/note.md, part 2).

After a crash between reservation and commit the sender's node closes the gap with it, unattended: therefore it is
signed by the node, not the office, and can unsay nothing that was sent. A void for a serial whose note was opened is
refused and kept beside it. Leaves out when to issue one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.line.fields import WIRE_VERSION, Fields
from parley.seal import Value, decode, encode
from parley.terms.party import Address

VOID_KIND: Final = 4
LARGEST_VOID: Final = 1024


class Void(msgspec.Struct, frozen=True, kw_only=True):
    """Serial `serial` from `sender` to `recipient` in this incarnation bears no note; `at` is ms UTC."""

    sender: Address
    recipient: Address
    serial: int
    at: int
    incarnation: bytes
    extensions: dict[int, Value] = {}

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed, in the domain VOID."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: VOID_KIND,
            3: [self.sender.party, self.sender.office],
            4: [self.recipient.party, self.recipient.office],
            5: self.serial,
            6: self.at,
            7: self.incarnation,
        }
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)


def read_void(payload: bytes) -> Void:
    """Parse a payload; raises LineProblem or SealProblem."""
    fields = Fields("void", decode(payload, limit=LARGEST_VOID), VOID_KIND)
    fields.nothing_but(*range(1, 8), 21, 22)
    void = Void(
        sender=fields.address(3),
        recipient=fields.address(4),
        serial=fields.whole(5),
        at=fields.whole(6),
        incarnation=fields.octets(7, 16),
        extensions=fields.extensions(21, 22),
    )
    fields.same(void.to_payload(), payload)
    return void
