"""What the tests of the line share: two fictional parties with fixed keys, notes of theirs, and builders with defaults.

XA writes, XB receives. Nothing here is a mock: every signature and every seal is real.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from parley.directory import Ceremony, Directory, Office, Particulars, phrase, sign_share, signed_root_digest
from parley.forms import Header, Sheet, load
from parley.line import (
    Conversation,
    Entry,
    Note,
    Precedence,
    ReadBack,
    Receipt,
    Recipient,
    Stage,
    Void,
    note_from_sheet,
)
from parley.line.ports import NoteRow, SerialRow
from parley.seal import Domain, OpeningKey, SigningKey, Value, assemble, digest, seal, sign
from parley.terms.instant import Instant, Meaning, Precision
from parley.terms.likelihood import Likelihood, Scale
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_795_457_460_000  # 2026-11-23T18:11Z


def seeded(name: str, size: int) -> bytes:
    """`size` bytes fixed by `name`."""
    return hashlib.shake_256(b"parley tests, line: " + name.encode()).digest(size)


@lru_cache(maxsize=64)
def signing_key(name: str) -> SigningKey:
    """The signing key of that name, the same in every run."""
    return SigningKey.from_seed(seeded(f"signing {name}", 64))


@lru_cache(maxsize=8)
def opening_key(name: str) -> OpeningKey:
    """The opening key of that name."""
    return OpeningKey(seeded(f"id {name}", 16), seeded(f"opening {name}", 32))


class World:
    """Builders; every argument replaces one default."""

    NOW, SECOND, MINUTE, HOUR, DAY = NOW, SECOND, MINUTE, HOUR, DAY
    seeded = staticmethod(seeded)
    signing_key = staticmethod(signing_key)
    opening_key = staticmethod(opening_key)
    A, B, C = Address("XA", "duty"), Address("XB", "duty"), Address("XC", "duty")

    # -- notes

    def sheet(self, **header: Any) -> Sheet:
        """Form 11, the story of the hospitals: XA asks XB for mitigation, and does not accuse."""
        fields: dict[str, Any] = {
            "exercise": True,
            "sender": self.A,
            "recipients": (self.B,),
            "marking": Marking(Tlp.AMBER),
            "written_in": "ar",
            "signed_at": NOW,
            "precedence": 3,
            "answer_by": NOW + 2 * HOUR,
        }
        seen = Instant(NOW - 3 * HOUR - NOW % MINUTE, Precision.MINUTE, Meaning.OBSERVED).to_coded()
        lines: dict[int, Value] = {
            10: "stop-traffic",
            11: "XB",
            12: "from-territory",
            13: Likelihood.of(Scale.ICD_203, 6).to_coded(),
            15: ["XA"],
            16: ["health"],
            17: ["logical.systems-down", "social.service-interrupted"],
            18: [seen],
            19: "going-on",
            23: ["13c", "13h"],
        }
        return Sheet(11, load().form(11).version, Header(**fields | header), lines)

    def answer_sheet(self, outcome: str, refers_to: bytes, lines: dict[int, Value] | None = None, **h: Any) -> Sheet:
        """Form 20: XB answers XA."""
        header = {"sender": self.B, "recipients": (self.A,), "refers_to": (refers_to,), "written_in": "en"} | h
        asked = self.sheet(**{"answer_by": None, "precedence": 1} | header)
        return Sheet(20, load().form(20).version, asked.header, {10: outcome} | (lines or {}))

    def note(self, sheet: Sheet | None = None, **changes: Any) -> Note:
        """The note of a sheet, with serial 4711 for each recipient; `changes` afterwards, fitting or not."""
        sheet = sheet or self.sheet()
        recipients = [Recipient(address, 4711) for address in sheet.header.recipients]
        note = note_from_sheet(sheet, recipients=recipients, incarnation=bytes(16), particulars_version=1)
        return msgspec.structs.replace(note, **changes)

    def signed(self, note: Note, *keys: str) -> bytes:
        """Signed by the office of its sender, or by the keys named."""
        names = keys or (f"{note.sender.party} {note.sender.office}",)
        return sign(note.to_payload(), [signing_key(name) for name in names], Domain.NOTE)

    def sealed(self, signed: bytes, to: str = "XB prekey") -> bytes:
        """Sealed to a prekey."""
        return seal(signed, opening_key(to).public)

    # -- receipts and voids

    def entry(self, stage: Stage, name: str = "copy 1", **changes: Any) -> Entry:
        """An entry about the sealed bytes that the test calls `name`."""
        fields: dict[str, Any] = {"sealed": digest(name.encode()), "stage": stage, "at": NOW}
        if stage in (Stage.OPENED, Stage.READ, Stage.READ_BACK):
            fields["note"] = bytes(32)
        if stage is Stage.READ_BACK:
            fields["read_back"] = ReadBack(1, "en", "duty officer", 30, ((6, "not-accusation"),))
        return Entry(**fields | changes)

    def receipt(self, *entries: Entry, **changes: Any) -> Receipt:
        """A receipt of XB's node for XA."""
        fields: dict[str, Any] = {"issuer": "XB", "incarnation": bytes(16), "to": "XA", "particulars_version": 1}
        fields |= {"entries": entries or (self.entry(Stage.TAKEN),), "signed_at": NOW}
        return Receipt(**fields | changes)

    def signed_receipt(self, receipt: Receipt, key: str = "") -> bytes:
        """Signed by the issuer's node."""
        return sign(receipt.to_payload(), [signing_key(key or f"{receipt.issuer} node")], Domain.RECEIPT)

    def void(self, **changes: Any) -> Void:
        """XA says that serial 4712 to XB bears no note."""
        fields: dict[str, Any] = {"sender": self.A, "recipient": self.B, "serial": 4712, "at": NOW}
        return Void(**fields | {"incarnation": bytes(16)} | changes)

    def signed_void(self, void: Void, key: str = "") -> bytes:
        """Signed by the sender's node."""
        return sign(void.to_payload(), [signing_key(key or f"{void.sender.party} node")], Domain.VOID)

    # -- rows

    def note_row(self, note: Note, direction: str = "out") -> NoteRow:
        """The row of a note that is known here."""
        fields: dict[str, Any] = {"note_id": digest(note.to_payload()), "direction": direction, "leaf": 0}
        fields |= {"sender": str(note.sender), "office": "duty", "form": note.form, "precedence": 0, "body": None}
        fields |= {"exercise": note.exercise, "signed_at": note.signed_at, "thread": bytes(32), "stored_at": NOW}
        return NoteRow(**fields)

    def serial_row(self, note_id: bytes | None, serial: int = 4711) -> SerialRow:
        """The row of a serial that was seen; None: declared void."""
        return SerialRow(sender="XA/duty", office="duty", incarnation=bytes(16), serial=serial, note_id=note_id)

    # -- parties

    def particulars(self, party: str, **changes: Any) -> Particulars:
        """Version 1 of a party, issued ten days ago for 300 days."""
        duty = Office(
            id="duty",
            kind="combined",
            names={"en": "Duty office"},
            keys=(signing_key(f"{party} duty").public,),
            languages=("en",),
            hours="24/7",
        )
        fields: dict[str, Any] = {
            "party": party,
            "names": {"en": party},
            "version": 1,
            "issued_at": NOW - 10 * DAY,
            "expires_at": NOW + 290 * DAY,
            "roots": (signing_key(f"{party} root").public,),
            "threshold": 1,
            "offices": (duty,),
            "node_keys": (signing_key(f"{party} node").public,),
        }
        return Particulars(**fields | changes)

    def signed_particulars(self, particulars: Particulars) -> bytes:
        """Signed by the party's one root."""
        share = sign_share(particulars.payload, signing_key(f"{particulars.party} root"))
        return assemble(particulars.payload, [share], Domain.PARTICULARS)

    def directory(self, *accepted: Particulars) -> Directory:
        """A directory that accepted these by ceremony when they were issued; XA's alone without arguments."""
        directory = Directory()
        for particulars in accepted or (self.particulars("XA"),):
            said = phrase(signed_root_digest(particulars))
            directory.accept(
                self.signed_particulars(particulars),
                how="ceremony",
                now=particulars.issued_at,
                by="Duty officer",
                ceremony=Ceremony(said, ours_confirmed=True),
            )
        return directory

    # -- conversations

    def ours(self, **changes: Any) -> Conversation:
        """Our FLASH note with XB, note id all zero: has questions, hopes for an answer in two hours; not sealed yet."""
        return Conversation.begin_outgoing(bytes(32), "XB", **self._begin(changes))

    def theirs(self, **changes: Any) -> Conversation:
        """The same note as it stands at XB, taken just now."""
        return Conversation.begin_incoming(bytes(32), "XA", **{"taken_at": NOW} | self._begin(changes))

    def _begin(self, changes: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {"precedence": Precedence.FLASH, "exercise": False, "answer_by": NOW + 2 * HOUR}
        return fields | {"asks_read_back": True, "awaits_answer": True} | changes


@pytest.fixture(scope="session")
def world() -> World:
    """Fixed keys, real signatures."""
    return World()


@pytest.fixture
def refused() -> Callable[..., Any]:
    """``with refused("line.bad_shape"):`` passes only if exactly this problem is raised."""

    def expect(key: str) -> Any:
        from parley.terms.problem import Problem

        return pytest.raises(Problem, check=lambda problem: problem.key == key and bool(str(problem)))

    return expect
