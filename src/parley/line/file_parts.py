"""File parts: how the file that a note names is asked for and given, part by part (spec/parcel.md, part 2).

A request names the note, the file's digest and where to go on; a part answers it. Neither is signed: a part proves
nothing, and the whole is believed only if it has the digest that the signed note names. Leaves out who may ask.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.line.fields import WIRE_VERSION, Fields
from parley.line.problems import LineProblem
from parley.seal import Value, decode, encode

REQUEST_KIND: Final = 10
PART_KIND: Final = 11
PART: Final = 65_000
"""Bytes of one part: with its frame it fills the fourth bucket of sealing, and takes nine seconds at 64 kbit/s."""
_LARGEST: Final = PART + 512


class FileRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Of the file with `digest` that the note `note` names, the part that begins at byte `start` is asked for."""

    note: bytes
    digest: bytes
    start: int

    def to_bytes(self) -> bytes:
        """The canonical bytes that are sealed."""
        return encode({1: WIRE_VERSION, 2: REQUEST_KIND, 3: self.note, 4: self.digest, 5: self.start})


class FilePart(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes from `start` on, at most PART of them; none: the file, or this place in it, is not to be had here."""

    note: bytes
    digest: bytes
    start: int
    data: bytes

    def to_bytes(self) -> bytes:
        """The canonical bytes that are sealed."""
        fields: dict[int, Value] = {1: WIRE_VERSION, 2: PART_KIND, 3: self.note, 4: self.digest, 5: self.start}
        return encode({**fields, 6: self.data})


def part_of(request: FileRequest, data: bytes) -> FilePart:
    """The part of `data` that is asked for."""
    start = request.start
    return FilePart(note=request.note, digest=request.digest, start=start, data=data[start : start + PART])


def read_file_word(payload: bytes) -> FileRequest | FilePart:
    """Parse a request or a part; raises LineProblem or SealProblem."""
    value = decode(payload, limit=_LARGEST)
    kind = PART_KIND if isinstance(value, dict) and value.get(2) == PART_KIND else REQUEST_KIND
    fields = Fields("file", value, kind)
    fields.nothing_but(*range(1, 7 if kind == PART_KIND else 6))
    note, digest, start = fields.octets(3, 32), fields.octets(4, 32), fields.whole(5)
    found: FileRequest | FilePart = FileRequest(note=note, digest=digest, start=start)
    if kind == PART_KIND:
        data = fields.octets(6)
        if len(data) > PART:
            raise LineProblem("bad_shape", object="file", where="a part is too long")
        found = FilePart(note=note, digest=digest, start=start, data=data)
    fields.same(found.to_bytes(), payload)
    return found
