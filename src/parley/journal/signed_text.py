"""C2SP signed-note: a text, a blank line, and signature lines — the outer form of every checkpoint.

Reads exactly the bytes that it would write: strict base64, no control characters, no second form. Which lines are
required, and what they sign, is the business of `checkpoint`. (https://c2sp.org/signed-note; "note" there is any
text with signatures and has nothing to do with a note of Parley.)
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from hashlib import sha256

import msgspec

from parley.journal.problems import JournalProblem

LONGEST_TEXT = 1 << 20
MOST_LINES = 400  # two lines each of the journal and of 199 cosigners, some 4.5 kB a pair
KEY_ID_BYTES = 4

_LINE = re.compile(r"— ([^\s+\x00-\x1f\x7f]+) ([A-Za-z0-9+/]+={0,2})")


class SignatureLine(msgspec.Struct, frozen=True):
    """One line: the name of the key, the four bytes of its id, and the rest of the signature."""

    name: str
    key_id: bytes
    signature: bytes

    def to_text(self) -> str:
        """``— NAME BASE64`` with its newline."""
        return f"— {self.name} {b64encode(self.key_id + self.signature).decode('ascii')}\n"


class SignedText(msgspec.Struct, frozen=True):
    """A body that ends in a newline, and its signature lines in order. Nothing here is verified."""

    body: str
    lines: tuple[SignatureLine, ...]

    def to_text(self) -> str:
        """The exact text."""
        return self.body + "\n" + "".join(line.to_text() for line in self.lines)


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes by which a line names its key: SHA-256(name || newline || kind || public key)."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:KEY_ID_BYTES]


def read_signed_text(text: str) -> SignedText:
    """Parse; raises JournalProblem ``bad_text``. Whatever returns gives back `text` from `to_text`."""
    if len(text) > LONGEST_TEXT:
        raise _bad("it is too long")
    body, blank, tail = text.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise _bad("it has no blank line before its signatures, or does not end in a newline")
    rows = tail[:-1].split("\n")
    if len(rows) > MOST_LINES:
        raise _bad("it has too many signatures")
    signed = SignedText(_checked_body(body + "\n"), tuple(read_line(row) for row in rows))
    if signed.to_text() != text:
        raise _bad("it is not in its one form")
    if len({(line.name, line.key_id) for line in signed.lines}) != len(rows):
        raise _bad("one key stands in it twice")
    return signed


def read_line(row: str) -> SignatureLine:
    """One signature line without its newline."""
    found = _LINE.fullmatch(row)
    if found is None:
        raise _bad("a signature line is not a dash, a name and base64")
    try:
        raw = b64decode(found[2], validate=True)
    except binascii.Error:
        raise _bad("a signature is not base64") from None
    if len(raw) <= KEY_ID_BYTES or b64encode(raw).decode("ascii") != found[2]:
        raise _bad("a signature is too short, or its base64 has a second form")
    return SignatureLine(found[1], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _checked_body(body: str) -> str:
    if body == "\n" or any(ord(letter) < 32 and letter != "\n" for letter in body):
        raise _bad("its body is empty or holds control characters")
    return body


def _bad(why: str) -> JournalProblem:
    return JournalProblem("bad_text", why=why)
