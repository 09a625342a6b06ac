"""Frames: a parcel cut into pieces of which any sufficient number gives it back (spec/paper.md, part 1).

RaptorQ (RFC 6330): the first K frames are the parcel itself, the others are repair. K + 1 of all frames give it back;
K do, but for a few choices in a thousand. Every frame says which parcel it is of, how large that is and how many
frames there are, so that frames of several parcels may lie in one heap, and what is missing can be named. Whatever is
read here is as hostile as what comes over a network.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import zlib
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from parley.outside.bearers.problems import BearerProblem

PREFIX: Final = "PARLEY:"
VERSION: Final = 1
PIECE: Final = 512
"""Bytes of the parcel in a frame: a QR code of 93 by 93 modules at level M, which telephones read from paper."""
ALIGNMENT: Final = 8  # of RaptorQ's symbols, as RFC 6330 recommends
MOST_FRAMES: Final = 255
LARGEST_ON_PAPER: Final = 64_000
"""Bytes; 125 frames and the spare ones: some twenty sheets. Beyond that, a file is the better bearer."""
_HEAD: Final = struct.Struct(">B16sIHHH")  # version, id, size of parcel, size of piece, frames, number from 0
_TEXT: Final = re.compile(r"PARLEY:([A-Z2-7]{40,2000})")


class Frame(msgspec.Struct, frozen=True):
    """One frame: of which parcel (first 16 bytes of its SHA-256), its number from 0, and its piece."""

    parcel_id: bytes
    size: int
    piece_size: int
    count: int
    number: int
    piece: bytes

    def to_text(self) -> str:
        """The frame as a QR code carries it: letters and digits only, so that any reading program gives them back."""
        head = _HEAD.pack(VERSION, self.parcel_id, self.size, self.piece_size, self.count, self.number)
        body = head + self.piece
        sealed = body + zlib.crc32(body).to_bytes(4, "big")
        return PREFIX + base64.b32encode(sealed).decode("ascii").rstrip("=")

    @property
    def needed(self) -> int:
        """K: how many frames hold the parcel itself."""
        return -(-self.size // self.piece_size)


class Gathered(msgspec.Struct):
    """What was found of one parcel: the frames that were read, by number, and the parcel if they suffice."""

    name: str  # the first eight hexadecimal digits of its id, as printed on the sheet
    count: int
    needed: int
    numbers: list[int]  # from 1, as printed
    parcel: bytes | None

    @property
    def wanted(self) -> BearerProblem:
        """Which frames are still wanted, in the words of a problem."""
        more = max(1, self.needed - len(self.numbers))
        missing = [str(n) for n in range(1, self.count + 1) if n not in self.numbers]
        return BearerProblem(
            "frames_wanted",
            parcel=self.name,
            read=len(self.numbers),
            count=self.count,
            more=more,
            missing=", ".join(missing)[:400],
        )


def make_frames(parcel: bytes, spare: int = 33) -> list[str]:
    """`parcel` as texts for QR codes, `spare` percent more than needed and at least two more.

    Raises BearerProblem: too_large_for_paper, no_paper (the extra is not installed).
    """
    if not 0 < len(parcel) <= LARGEST_ON_PAPER:
        raise BearerProblem("too_large_for_paper", size=len(parcel), limit=LARGEST_ON_PAPER)
    size = min(PIECE, -(-len(parcel) // ALIGNMENT) * ALIGNMENT)
    needed = -(-len(parcel) // size)
    repair = min(MOST_FRAMES - needed, max(2, -(-needed * spare // 100)))
    packets = _raptorq().Encoder.with_defaults(parcel, size).get_encoded_packets(repair)
    parcel_id = hashlib.sha256(parcel).digest()[:16]
    # A packet begins with the number of its block, always 0 here, and its own number in three bytes.
    return [
        Frame(parcel_id, len(parcel), size, len(packets), number, packet[4:]).to_text()
        for number, packet in enumerate(packets)
    ]


def read_frames(text: str) -> list[Frame]:
    """Every frame in a text, whatever stands between; what is damaged is passed over."""
    return [frame for found in _TEXT.finditer(text) if (frame := _read(found[1])) is not None]


def _read(letters: str) -> Frame | None:
    try:
        sealed = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        return None
    body, check = sealed[:-4], sealed[-4:]
    if len(body) < _HEAD.size or zlib.crc32(body).to_bytes(4, "big") != check:
        return None
    version, parcel_id, size, piece_size, count, number = _HEAD.unpack(body[: _HEAD.size])
    frame = Frame(parcel_id, size, piece_size, count, number, body[_HEAD.size :])
    return frame if version == VERSION and _possible(frame) else None


def _possible(frame: Frame) -> bool:
    """Whether numbers and sizes can belong to a frame that `make_frames` made: the decoder is given nothing else."""
    return (
        0 < frame.size <= LARGEST_ON_PAPER
        and 0 < frame.piece_size <= PIECE
        and frame.piece_size % ALIGNMENT == 0
        and len(frame.piece) == frame.piece_size
        and frame.needed <= frame.count <= MOST_FRAMES
        and frame.number < frame.count
    )


def gather(frames: Iterable[Frame]) -> list[Gathered]:
    """Put frames together, by parcel, in the order in which parcels were first seen; doubles count once.

    A frame whose head disagrees with the first one of its parcel counts as one of another.
    """
    heaps: dict[tuple[bytes, int, int, int], dict[int, Frame]] = {}
    for frame in frames:
        heaps.setdefault((frame.parcel_id, frame.size, frame.piece_size, frame.count), {})[frame.number] = frame
    return [_together(heap) for heap in heaps.values()]


def _together(heap: dict[int, Frame]) -> Gathered:
    first = next(iter(heap.values()))
    found = Gathered(first.parcel_id.hex()[:8], first.count, first.needed, sorted(n + 1 for n in heap), None)
    if len(heap) < first.needed:
        return found
    decoder = _raptorq().Decoder.with_defaults(first.size, first.piece_size)
    for number, frame in sorted(heap.items()):
        parcel = decoder.decode(number.to_bytes(4, "big") + frame.piece)
        if parcel is not None:
            if hashlib.sha256(parcel).digest()[:16] == first.parcel_id:
                found.parcel = bytes(parcel)
            break
    return found


def _raptorq() -> Any:
    try:
        import raptorq
    except ImportError:
        raise BearerProblem("no_paper", what="raptorq") from None
    return raptorq
