"""A parcel as lines of text: to be printed, pasted into any message, read back from a screen (spec/bearers.md, part 2).

    -----BEGIN PARLEY PARCEL-----
    From: XA
    To: XB
    Items: 2
    Bytes: 9734
    SHA-256: 64 hexadecimal digits

    0001 gwEDggGC… 3f8a
    -----END PARLEY PARCEL-----

The header is for the carrier: it says nothing secret, and nothing in it is believed. Every line of the body bears its
number and a check of its own, so that a misread letter can be found on paper instead of sending everything again.
What is left out: proof of anything. Inside, every item is sealed and signed by itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from typing import Final

import msgspec

from parley.outside.bearers.problems import BearerProblem
from parley.terms.party import party as check_party

BEGIN: Final = "-----BEGIN PARLEY PARCEL-----"
END: Final = "-----END PARLEY PARCEL-----"
LETTERS_A_LINE: Final = 60
_BODY_LINE = re.compile(r"([0-9]{4,6}) ([A-Za-z0-9+/=]{1,60}) ([0-9a-f]{4})")
_HEADER_LINE = re.compile(r"([A-Za-z0-9-]{1,20}): ?(.{1,100})")


class Label(msgspec.Struct, frozen=True):
    """What the header says, for people: who gave it to the carrier, for whom, how many items. Not verified."""

    sender: str
    recipient: str
    items: int

    def __post_init__(self) -> None:
        check_party(self.sender)
        check_party(self.recipient)


def armour(parcel: bytes, label: Label) -> str:
    """`parcel` as ASCII text, lines of at most 76 characters; raises PartyProblem for a label that names no parties."""
    letters = base64.b64encode(parcel).decode("ascii")
    pieces = [letters[at : at + LETTERS_A_LINE] for at in range(0, len(letters), LETTERS_A_LINE)]
    header = [
        f"From: {label.sender}",
        f"To: {label.recipient}",
        f"Items: {label.items}",
        f"Bytes: {len(parcel)}",
        f"SHA-256: {hashlib.sha256(parcel).hexdigest()}",
    ]
    body = [f"{number:04} {piece} {_check(number, piece)}" for number, piece in enumerate(pieces, 1)]
    return "\n".join([BEGIN, *header, "", *body, END, ""])


def unarmour(text: str, limit: int, name: str = "text") -> bytes:
    """The parcel in `text`, whatever stands before and after it; quoting marks of mail programs are passed over.

    Args:
        limit: greatest size of the parcel in bytes.
        name: what to call the text in a problem.

    Raises:
        BearerProblem: not_a_parcel, too_large, damaged_line (with its number), damaged.
    """
    header, body = _parts(text, name)
    if len(body) * LETTERS_A_LINE > limit * 4 // 3 + 2 * LETTERS_A_LINE:
        raise BearerProblem("too_large", path=name, limit=limit)
    letters = "".join(_piece(number, line, name) for number, line in enumerate(body, 1))
    try:
        parcel = base64.b64decode(letters, validate=True)
    except binascii.Error:
        raise BearerProblem("damaged", path=name) from None
    if (
        header.get("SHA-256") != hashlib.sha256(parcel).hexdigest()
    ):  # a line is missing at the end, or two changed places
        raise BearerProblem("damaged", path=name)
    if len(parcel) > limit:
        raise BearerProblem("too_large", path=name, limit=limit)
    return parcel


def _parts(text: str, name: str) -> tuple[dict[str, str], list[str]]:
    """Header and body lines between the first BEGIN and the END after it."""
    lines = [line.lstrip("> ").rstrip() for line in text.splitlines()]
    try:
        start = lines.index(BEGIN) + 1
        end = lines.index(END, start)
    except ValueError:
        raise BearerProblem("not_a_parcel", path=name) from None
    header: dict[str, str] = {}
    body: list[str] = []
    for line in filter(None, lines[start:end]):
        found = _HEADER_LINE.fullmatch(line)
        if found is not None and not body:
            header[found[1]] = found[2]
        else:
            body.append(line)
    return header, body


def _piece(number: int, line: str, name: str) -> str:
    found = _BODY_LINE.fullmatch(line)
    if found is None or int(found[1]) != number or found[3] != _check(number, found[2]):
        raise BearerProblem("damaged_line", path=name, line=number)
    return found[2]


def _check(number: int, piece: str) -> str:
    """Four hexadecimal digits over the line and its number; finds slips of the eye, stops nobody who means harm."""
    return f"{zlib.crc32(f'{number} {piece}'.encode()) & 0xFFFF:04x}"
