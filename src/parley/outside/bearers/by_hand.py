"""A parcel as a file that a person carries: written here, read there.

The file is a mark, a checksum and the parcel's bytes; or the same parcel as lines of text (armour), if it has to pass
through something that carries only text. A checksum tells a bad medium from a bad sender, which the seals inside
cannot. Whatever is read here is as hostile as what comes over a network.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from parley.outside.bearers.armour import Label, armour, unarmour
from parley.outside.bearers.problems import BearerProblem
from parley.outside.durable import read_at_most, write_durably

MARK: Final = b"\x89PARLEY1\r\n\x1a\n"
"""Not text, and with both line ends, as PNG begins: what translates line ends on the way is found out."""
_DIGEST: Final = 32
_TEXT_FACTOR: Final = 2  # armour takes 1.6 letters for a byte


def write_parcel(path: Path, parcel: bytes) -> None:
    """Write `parcel` to `path`, mode 0600, whole or not at all, and on the medium when this returns.

    An existing file is replaced. Raises BearerProblem unwritable.
    """
    _write(path, parcel_file(parcel))


def parcel_file(parcel: bytes) -> bytes:
    """The content of the file that carries `parcel`."""
    return MARK + hashlib.sha256(parcel).digest() + parcel


def write_armoured(path: Path, parcel: bytes, label: Label) -> None:
    """As write_parcel, as lines of text; raises BearerProblem unwritable, PartyProblem."""
    _write(path, armour(parcel, label).encode("ascii"))


def read_parcel(path: Path, limit: int) -> bytes:
    """The parcel in the file at `path`, in either form.

    Args:
        limit: greatest size of the parcel in bytes; a larger file is not read to its end.

    Raises:
        BearerProblem: unreadable, too_large, not_a_parcel, damaged, damaged_line.
    """
    name = "".join(c for c in path.name if c.isprintable())[:40]
    try:
        content = read_at_most(path, limit * _TEXT_FACTOR + 4096)
    except OSError as error:
        reason = (error.strerror or "it is not a file")[:60]
        raise BearerProblem("unreadable", path=name, reason=reason) from None
    if content is None:
        raise BearerProblem("too_large", path=name, limit=limit)
    return parcel_in(content, limit, name)


def parcel_in(content: bytes, limit: int, name: str) -> bytes:
    """The parcel in what was a file, in either form; raises BearerProblem as read_parcel, save unreadable."""
    if not content.startswith(MARK):
        return unarmour(_text(content, name), limit, name)
    parcel = content[len(MARK) + _DIGEST :]
    if len(parcel) > limit:
        raise BearerProblem("too_large", path=name, limit=limit)
    if content[len(MARK) :][:_DIGEST] != hashlib.sha256(parcel).digest():
        raise BearerProblem("damaged", path=name)
    return parcel


def _text(content: bytes, name: str) -> str:
    """Text as mail programs and editors leave it behind, a byte order mark included."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BearerProblem("not_a_parcel", path=name) from None


def _write(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content, mode=0o600)
    except OSError as error:
        name = "".join(c for c in path.name if c.isprintable())[:40]
        raise BearerProblem("unwritable", path=name, reason=(error.strerror or "unknown")[:60]) from None
