"""The process that draws charts: reads drawings from standard input, writes SVG to standard output, until it is closed.

Each message is a length of four bytes and MessagePack; each answer a sign (``+`` drawn, ``?`` not installed, ``-``
failed), a length and the bytes.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import msgspec

from parley.precedents.drawing import Drawing

LONGEST = 64 << 20


def main() -> None:
    """Draw until standard input ends."""
    reads, writes = sys.stdin.buffer, sys.stdout.buffer
    while (head := reads.read(4)) and len(head) == 4:
        length = int.from_bytes(head, "big")
        if length > LONGEST:
            return
        _answer(writes, *_drawn(reads.read(length)))


def _drawn(body: bytes) -> tuple[bytes, bytes]:
    try:
        from parley.outside.pictures.charts import paint

        return b"+", paint(msgspec.msgpack.decode(body, type=Drawing)).encode()
    except ImportError as error:
        return b"?", str(error.name or error).encode()
    except Exception as error:  # whatever it is, the asker is told, and the next drawing is drawn
        return b"-", f"{type(error).__name__}: {error}".encode()


def _answer(writes: BinaryIO, sign: bytes, body: bytes) -> None:
    writes.write(sign + len(body).to_bytes(4, "big") + body)
    writes.flush()


if __name__ == "__main__":
    main()
