"""The parcel: what one bearer carries in one go between two nodes (spec/parcel.md).

The same bytes are the body of an HTTPS exchange, its response, and a file carried by hand. A parcel proves nothing:
every item in it is sealed and signed, or signed and public, by itself.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from parley.line.fields import WIRE_VERSION, Fields, is_whole
from parley.seal import Value, decode, encode

PARCEL_KIND = 3
LARGEST_PARCEL = 8 * 1024 * 1024
MOST_ITEMS = 256
MOST_GOT = 4096


class ItemKind(IntEnum):
    """What an item is; unknown kinds are skipped, so that a later Parley may add some."""

    SEALED = 1  # a note or a receipt: the carrier cannot tell which
    PARTICULARS = 2  # root-signed
    FRESHNESS = 3  # node-signed, with the current prekey
    CHECKPOINT = 4  # canonical [text, previous size, consistency proof]
    COSIGNATURE = 5  # canonical [text of checkpoint, cosignature lines]
    KEPT = 6  # sealed, and kept by its sender until a later parcel says `got`: what waited for a peer that dials in
    HEADS = 7  # canonical [checkpoint text, ...]: heads of third parties' journals that the sender cosigned
    QUESTION = 8  # canonical [origin, old size, new size], asked of the journal's own node
    PROOF = 9  # canonical [origin, old size, new size, consistency proof]
    SIGHTINGS = 10  # which versions of third parties' particulars the sender holds; proves nothing
    WANTED = 11  # of which parties, after which version, particulars are asked for
    FILE = 12  # sealed: a part of a file that a note names, asked for or given (file_parts)


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """Items, and by-the-way news between two nodes.

    Args:
        items: (kind number, bytes), most urgent first.
        got: SHA-256 of sealed items that arrived in earlier parcels from the other side; ends their resending.
        collect: how many items the sender of this parcel would take back in the response.
    """

    items: tuple[tuple[int, bytes], ...] = ()
    got: tuple[bytes, ...] = ()
    collect: int = 0
    extensions: dict[int, Value] = {}

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        items: list[Value] = [[kind, data] for kind, data in self.items]
        # A caller may have been given one item twice; readers refuse a digest that stands twice.
        got: list[Value] = list(dict.fromkeys(self.got))
        fields: dict[int, Value] = {1: WIRE_VERSION, 2: PARCEL_KIND, 3: items, 4: got, 5: self.collect}
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)


def read_parcel(data: bytes) -> Parcel:
    """Parse a parcel; raises LineProblem or SealProblem."""
    fields = Fields("parcel", decode(data, limit=LARGEST_PARCEL), PARCEL_KIND)
    fields.nothing_but(*range(1, 6), 21, 22)
    items = []
    for item in fields.items(3, MOST_ITEMS):
        match item:
            case [int(kind), bytes(body)] if is_whole(kind) and kind > 0:
                items.append((kind, body))
            case _:
                raise fields.bad("an item is not a kind and its bytes")
    parcel = Parcel(
        items=tuple(items),
        got=fields.digests(4, MOST_GOT),
        collect=fields.whole(5, 0, MOST_ITEMS),
        extensions=fields.extensions(21, 22),
    )
    fields.same(parcel.to_bytes(), data)
    return parcel
