"""The receipt: what became of sealed bytes at the receiver, signed by its node (spec/receipt.md).

Taken, opened, read and the read-back are different states and none implies the next. One receipt may cover many notes.
Receipts are stored and resent byte-identical, and are never receipted themselves.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from parley.line.fields import WIRE_VERSION, Fields, is_whole
from parley.seal import Value, decode, encode
from parley.terms.party import party as party_code
from parley.terms.problem import Problem

RECEIPT_KIND = 2
LARGEST_RECEIPT = 256 * 1024
MOST_ENTRIES = 256


class Stage(IntEnum):
    """What an entry of a receipt says of one note."""

    TAKEN = 1  # sealed bytes are durable here
    OPENED = 2  # unsealed, signatures and particulars verified, journalled (and so taken)
    READ = 3  # shown to a signed-in person, in a language
    READ_BACK = 4  # a person answered, or declined, the read-back
    REFUSED = 5  # will not be opened: the reason is named
    UNOPENABLE = 6  # sealed to a key that is gone: please seal the same signed note again
    FULL = 7  # the sender's share of storage is used up


class ReadBack(msgspec.Struct, frozen=True):
    """What a person answered: option ids by line; `seconds` from the first question to the last answer."""

    attempt: int
    language: str
    role: str
    seconds: int
    answers: tuple[tuple[int, str], ...]
    declined: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a receipt.

    `sealed` is the SHA-256 of the sealed bytes; `note` the note id (from OPENED on); `journal_index` the leaf of the
    receiver's journal; `reason` a problem key (REFUSED, FULL); `language` what a person read it in (READ).
    """

    sealed: bytes
    stage: Stage
    at: int
    note: bytes | None = None
    journal_index: int | None = None
    reason: str = ""
    language: str = ""
    read_back: ReadBack | None = None

    def to_value(self) -> Value:
        """The canonical array of spec/receipt.md."""
        back: Value = None
        if self.read_back is not None:
            answers: list[Value] = [[line, option] for line, option in self.read_back.answers]
            r = self.read_back
            back = [r.attempt, r.language, r.role, r.seconds, r.declined, answers]
        return [self.sealed, int(self.stage), self.at, self.note, self.journal_index, self.reason, self.language, back]


class OneTimePrekey(msgspec.Struct, frozen=True):
    """A one-time key for the receipt's addressee alone: random id, X-Wing public key, expiry (ms UTC)."""

    key_id: bytes
    public: bytes
    expires_at: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as signed by the node of `issuer`, for the party `to`. Instants are ms since the Unix epoch, UTC."""

    issuer: str
    incarnation: bytes
    to: str
    entries: tuple[Entry, ...]
    particulars_version: int
    signed_at: int
    prekeys: tuple[OneTimePrekey, ...] = ()
    extensions: dict[int, Value] = {}

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: RECEIPT_KIND,
            3: [self.issuer, self.incarnation],
            4: self.to,
            5: [entry.to_value() for entry in self.entries],
            6: self.particulars_version,
            7: self.signed_at,
            8: [[k.key_id, k.public, k.expires_at] for k in self.prekeys],
        }
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)


def read_receipt(payload: bytes) -> Receipt:
    """Parse a payload; raises LineProblem or SealProblem."""
    fields = Fields("receipt", decode(payload, limit=LARGEST_RECEIPT), RECEIPT_KIND)
    fields.nothing_but(*range(1, 9), 21, 22)
    issuer = fields.items(3, 2)
    match issuer:
        case [str(name), bytes(incarnation)] if len(incarnation) == 16:
            pass
        case _:
            raise fields.bad("field 3 is not a party and an incarnation")
    try:
        issuer_code, to = party_code(name), party_code(fields.text(4, 16))
    except Problem as problem:
        raise fields.bad("a party cannot be one") from problem
    entries = tuple(_entry(fields, item) for item in fields.items(5, MOST_ENTRIES))
    receipt = Receipt(
        issuer=issuer_code,
        incarnation=incarnation,
        to=to,
        entries=entries,
        particulars_version=fields.whole(6, 1),
        signed_at=fields.whole(7),
        prekeys=tuple(_prekey(fields, item) for item in fields.items(8, 64)),
        extensions=fields.extensions(21, 22),
    )
    fields.same(receipt.to_payload(), payload)
    return receipt


def _entry(fields: Fields, item: Value) -> Entry:
    match item:
        case [bytes(sealed), int(stage), int(at), note, index, str(reason), str(language), back] if (
            len(sealed) == 32
            and is_whole(stage)
            and is_whole(at)
            and 1 <= stage <= 7
            and len(reason) <= 64
            and len(language) <= 16
        ):
            if note is not None and not (isinstance(note, bytes) and len(note) == 32):
                raise fields.bad("an entry names a note that cannot be one")
            if index is not None and not is_whole(index):
                raise fields.bad("an entry has a journal index that cannot be one")
            if stage in (Stage.OPENED, Stage.READ, Stage.READ_BACK) and note is None:
                raise fields.bad("an entry from opened on does not name its note")
            if (stage == Stage.READ_BACK) != (back is not None):
                raise fields.bad("an entry has answers that do not fit its stage")
            return Entry(
                sealed=sealed,
                stage=Stage(stage),
                at=at,
                note=note,
                journal_index=index,
                reason=reason,
                language=language,
                read_back=None if back is None else _read_back(fields, back),
            )
    raise fields.bad("an entry does not have its eight parts")


def _read_back(fields: Fields, value: Value) -> ReadBack:
    match value:
        case [int(attempt), str(language), str(role), int(seconds), bool(declined), list(answers)] if (
            is_whole(attempt)
            and is_whole(seconds)
            and attempt >= 1
            and len(language) <= 16
            and len(role) <= 64
            and len(answers) <= 16
        ):
            pairs = []
            for answer in answers:
                match answer:
                    case [int(line), str(option)] if is_whole(line) and 1 <= line < 1000 and len(option) <= 128:
                        pairs.append((line, option))
                    case _:
                        raise fields.bad("a read-back answer is not a line and an option")
            if len({line for line, _ in pairs}) != len(pairs):
                raise fields.bad("a read-back answers a line twice")
            if declined and pairs:
                raise fields.bad("a declined read-back has answers")
            return ReadBack(attempt, language, role, seconds, tuple(pairs), declined)
    raise fields.bad("a read-back does not have its parts")


def _prekey(fields: Fields, item: Value) -> OneTimePrekey:
    match item:
        case [bytes(key_id), bytes(public), int(expires)] if (
            len(key_id) == 16 and len(public) == 1216 and is_whole(expires)
        ):
            return OneTimePrekey(key_id, public, expires)
    raise fields.bad("a prekey does not have its parts")
