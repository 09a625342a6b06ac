"""The note: a numbered form, filled, as the bytes that are signed (spec/note.md).

A note names its sender and every recipient inside the signature, so that it cannot be passed on as if meant for
somebody else. Its id is the SHA-256 of these bytes. This module knows nothing of languages or of keys.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

import msgspec

from parley.line.fields import WIRE_VERSION, Fields, is_whole
from parley.seal import Value, decode, digest, encode
from parley.terms.party import Address

NOTE_KIND = 1
LARGEST_NOTE = 256 * 1024  # own words and technical lines fit many times; larger things travel as attachments
MOST_RECIPIENTS = 250  # every state, and the organisations that have a desk


class Precedence(IntEnum):
    """How soon a note must be before an officer (ACP 127); not by when an answer is hoped for."""

    ROUTINE = 0
    PRIORITY = 1
    IMMEDIATE = 2
    FLASH = 3


class Recipient(msgspec.Struct, frozen=True, order=True):
    """An addressed office and the serial of this note in the sender office's sequence to it."""

    address: Address
    serial: int


class Attachment(msgspec.Struct, frozen=True):
    """What an attached file is known by: SHA-256, bytes, media type; the file itself travels beside the note."""

    digest: bytes
    size: int
    media_type: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One note as signed. Instants are milliseconds since the Unix epoch, UTC.

    `lines` are the form's coded lines from number 10 up; lines 1 to 9 are the fields of this record.
    `thread` is the id of the first note of the exchange, None in that first note itself.
    """

    sender: Address
    recipients: tuple[Recipient, ...]
    form: int
    form_version: int
    form_digest: bytes
    catalogue_digest: bytes
    precedence: Precedence
    exercise: bool
    signed_at: int
    answer_by: int | None
    lines: dict[int, Value]
    refers_to: tuple[bytes, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    marking: Value
    written_in: str
    incarnation: bytes
    accusation: bool
    particulars_version: int
    thread: bytes | None = None
    extensions: dict[int, Value] = {}

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed (spec/note.md, table of fields)."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: NOTE_KIND,
            3: [self.sender.party, self.sender.office],
            4: [[r.address.party, r.address.office, r.serial] for r in self.recipients],
            5: [self.form, self.form_version],
            6: self.form_digest,
            7: self.catalogue_digest,
            8: int(self.precedence),
            9: self.exercise,
            10: self.signed_at,
            11: self.answer_by,
            12: self.lines,
            13: list(self.refers_to),
            14: [[a.digest, a.size, a.media_type] for a in self.attachments],
            15: self.marking,
            16: self.written_in,
            17: self.incarnation,
            18: self.accusation,
            19: self.particulars_version,
            20: self.thread,
        }
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)

    def serial_for(self, party: str) -> Recipient | None:
        """The entry of the recipient list that belongs to `party`, if there is one."""
        return next((r for r in self.recipients if r.address.party == party), None)


def note_id(payload: bytes) -> bytes:
    """The id of a note: SHA-256 of its payload."""
    return digest(payload)


@lru_cache(maxsize=64)
def read_note(payload: bytes) -> Note:
    """Parse a payload; raises LineProblem or SealProblem. Codes of the form's own lines are checked by `forms`.

    The last few are remembered: a note on its way is parsed by several steps in a row. Nobody changes a Note.
    """
    fields = Fields("note", decode(payload, limit=LARGEST_NOTE), NOTE_KIND)
    fields.nothing_but(*range(1, 23))
    form = fields.items(5, 2)
    if len(form) != 2 or not all(type(n) is int and 0 < n < 65536 for n in form):
        raise fields.bad("field 5 is not a form and its version")
    thread = None if fields.map.get(20) is None else fields.octets(20, 32)
    note = Note(
        sender=fields.address(3),
        recipients=_recipients(fields),
        form=int(form[0]),  # type: ignore[arg-type]
        form_version=int(form[1]),  # type: ignore[arg-type]
        form_digest=fields.octets(6, 32),
        catalogue_digest=fields.octets(7, 32),
        precedence=Precedence(fields.whole(8, 0, 3)),
        exercise=fields.flag(9),
        signed_at=fields.whole(10),
        answer_by=fields.maybe_whole(11),
        lines=_lines(fields),
        refers_to=fields.digests(13, 64),
        attachments=tuple(_attachment(fields, item) for item in fields.items(14, 64)),
        marking=fields.map.get(15),
        written_in=fields.text(16, 16),
        incarnation=fields.octets(17, 16),
        accusation=fields.flag(18),
        particulars_version=fields.whole(19, 1),
        thread=thread,
        extensions=fields.extensions(21, 22),
    )
    fields.same(note.to_payload(), payload)
    return note


def _recipients(fields: Fields) -> tuple[Recipient, ...]:
    found = []
    for item in fields.items(4, MOST_RECIPIENTS):
        if not isinstance(item, list) or len(item) != 3 or not is_whole(item[2]):
            raise fields.bad("a recipient is not party, office and serial")
        found.append(Recipient(fields.address_of(item[:2]), item[2]))
    if not found or found != sorted(found) or len({r.address.party for r in found}) != len(found):
        raise fields.bad("the recipients are empty, unordered, or name a party twice")
    return tuple(found)


def _lines(fields: Fields) -> dict[int, Value]:
    lines = fields.mapping(12, 256)
    if any(not 10 <= number < 1000 for number in lines):
        raise fields.bad("a line number is outside 10 to 999")
    return lines


def _attachment(fields: Fields, item: Value) -> Attachment:
    match item:
        case [bytes(found), int(size), str(media)] if len(found) == 32 and is_whole(size) and len(media) <= 127:
            return Attachment(found, size, media)
    raise fields.bad("an attachment is not digest, size and media type")
