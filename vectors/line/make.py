"""Writes the vectors of what the line carries and keeps: `python vectors/line/make.py`.

Every case states its expected outcome: "valid", or "refused: " and the key of the problem. Payloads are unsigned: how
they are signed and sealed is in vectors/seal. What is valid here stays readable for ever: a later Parley that writes
another wire version still reads these.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from parley.line import (
    Attachment,
    Clock,
    Conversation,
    Copy,
    Delivery,
    Entry,
    Held,
    Note,
    OneTimePrekey,
    Parcel,
    Precedence,
    ReadBack,
    Recall,
    Receipt,
    Recipient,
    Returned,
    Speaker,
    Stage,
    Understanding,
    Void,
    note_id,
)
from parley.line.file_parts import PART, FilePart, FileRequest
from parley.line.states import Answer, AnswerNews, Moment
from parley.seal import Value, decode, encode
from parley.terms.party import Address

HERE = Path(__file__).parent
AT = 1_795_457_460_000  # 2026-11-23T18:11Z
A, B, C = Address("XA", "duty"), Address("XB", "duty"), Address("O-SEC", "desk")


def octets(start: int, size: int) -> bytes:
    """`size` bytes counting up from `start`."""
    return bytes((start + step) % 256 for step in range(size))


def note(**changes: Any) -> Note:
    """A small note; `changes` replaces fields."""
    fields: dict[str, Any] = {
        "sender": A,
        "recipients": (Recipient(B, 4711),),
        "form": 11,
        "form_version": 1,
        "form_digest": octets(0, 32),
        "catalogue_digest": octets(32, 32),
        "precedence": Precedence.FLASH,
        "exercise": True,
        "signed_at": AT,
        "answer_by": AT + 7_200_000,
        "lines": {10: "stop-traffic", 11: "XB", 13: [550, 800, 1, 5], 15: ["XA"]},
        "marking": [3, None, None, []],
        "written_in": "ar",
        "incarnation": octets(64, 16),
        "accusation": False,
        "particulars_version": 1,
    }
    return Note(**fields | changes)


NOTES: dict[str, Note] = {
    "a request": note(),
    "everything that a note can carry": note(
        recipients=(Recipient(C, 1), Recipient(B, 2**40)),
        refers_to=(octets(1, 32), octets(2, 32)),
        attachments=(Attachment(octets(3, 32), 120_000, "text/csv"),),
        marking=[5, "RESTRICTED", "XA", ["XA", "XB"]],
        thread=octets(4, 32),
        extensions={1: "later", 2: [True, None, -1]},
        accusation=True,
    ),
    "as little as a note can carry": note(lines={}, answer_by=None, precedence=Precedence.ROUTINE, exercise=False),
    "own words in six scripts": note(
        form=90, lines={10: ["ar", "نطلب المساعدة"], 11: ["zh", "请求协助"], 12: ["ru", "просим помощи"]}
    ),
    "a form that nobody has yet": note(form=65535, form_version=65535, lines={999: {7: [b"\x00"]}}),
    "an answer hoped for before the signing reads, and is refused when it is judged": note(answer_by=AT - 1),
}


def entry(stage: Stage, **changes: Any) -> Entry:
    """An entry about one sealed note."""
    named = stage in (Stage.OPENED, Stage.READ, Stage.READ_BACK)
    fields: dict[str, Any] = {"sealed": octets(9, 32), "stage": stage, "at": AT}
    return Entry(**fields | {"note": octets(8, 32) if named else None} | changes)


def receipt(*entries: Entry, **changes: Any) -> Receipt:
    """XB's node to XA."""
    fields: dict[str, Any] = {"issuer": "XB", "incarnation": octets(5, 16), "to": "XA", "entries": entries}
    return Receipt(**fields | {"particulars_version": 3, "signed_at": AT + 1} | changes)


ANSWERS = ReadBack(1, "en", "duty officer", 41, ((6, "accusation"), (10, "request:stop-traffic"), (5, "cannot-tell")))
RECEIPTS: dict[str, Receipt] = {
    "taken": receipt(entry(Stage.TAKEN)),
    "opened, with the leaf of the receiver's journal": receipt(entry(Stage.OPENED, journal_index=7)),
    "read in a language": receipt(entry(Stage.READ, language="en")),
    "read back, and differing": receipt(entry(Stage.READ_BACK, read_back=ANSWERS)),
    "read back: declined": receipt(entry(Stage.READ_BACK, read_back=ReadBack(2, "fr", "", 0, (), declined=True))),
    "refused, with the reason": receipt(entry(Stage.REFUSED, reason="line.serial_fork")),
    "unopenable": receipt(entry(Stage.UNOPENABLE)),
    "full": receipt(entry(Stage.FULL, reason="line.full")),
    "several notes in one": receipt(entry(Stage.TAKEN), entry(Stage.OPENED, sealed=octets(7, 32))),
    "nothing but a prekey": receipt(prekeys=(OneTimePrekey(octets(6, 16), octets(0, 1216), AT + 1000),)),
    "opened and read are withheld from this peer": receipt(entry(Stage.TAKEN), extensions={1: [2, 3]}),
}

VOIDS: dict[str, Void] = {
    "a serial that bears no note": Void(sender=A, recipient=B, serial=4712, at=AT, incarnation=octets(64, 16)),
    "with an extension": Void(sender=A, recipient=C, serial=0, at=0, incarnation=bytes(16), extensions={3: b"x"}),
}

PARCELS: dict[str, Parcel] = {
    "empty": Parcel(),
    "items of each kind, and of one that is not known": Parcel(
        items=((1, b"sealed"), (2, b"particulars"), (3, b"freshness"), (4, b"checkpoint"), (5, b"cosigned"), (99, b""))
    ),
    "what arrived, and how much more to send": Parcel(got=(octets(1, 32), octets(2, 32)), collect=256),
    "with an extension": Parcel(extensions={1: "later"}),
}

CONVERSATIONS: dict[str, Conversation] = {
    "ours, differing in one line": Conversation(
        note_id=octets(8, 32),
        party="XB",
        outgoing=True,
        precedence=Precedence.FLASH,
        exercise=True,
        answer_by=AT + 7_200_000,
        delivery=Delivery.READ,
        understanding=Understanding.DIFFERS,
        answer=Answer.HOLDING,
        copies=(Copy(octets(1, 32), Delivery.UNOPENABLE), Copy(octets(9, 32), Delivery.READ)),
        times={int(Moment.QUEUED): AT, int(Moment.TAKEN): AT + 5, int(Moment.READ): AT + 60_000},
        attempt=1,
        differs=(6,),
        read_in=("en",),
        withheld=(2,),
        outcome=AnswerNews.HOLDING,
        interim_at=AT + 90_000,
        next_word_by=AT + 3_600_000,
        rang=(Clock.BEARER,),
        tried=("night",),
        skew=-172_800_000,
    ),
    "theirs, refused": Conversation(
        note_id=octets(8, 32),
        party="XA",
        outgoing=False,
        precedence=Precedence.ROUTINE,
        exercise=False,
        answer_by=None,
        delivery=Delivery.REFUSED,
        understanding=Understanding.NOT_ASKED,
        answer=Answer.NOT_AWAITED,
        reason="line.serial_void",
    ),
}

RECALL = Recall(
    party="XB",
    incarnation=octets(7, 16),
    to="XA",
    at=AT,
    record=b"a signed record",
    since=AT - 86_400_000,
    theirs=(Held("duty", "duty", octets(0, 16), ((4711, 4713), (4715, 4715))),),
    ours=(Held("duty", "duty", octets(1, 16), ((99, 100),)), Held("night", "duty", octets(1, 16), ())),
)
RETURNED = Returned(
    party="XA",
    incarnation=octets(0, 16),
    to="XB",
    at=AT + 1,
    answers=octets(9, 32),
    notes=2,
    own=1,
    checkpoints=("a checkpoint",),
)
GONE = object()

SPEAKER = Speaker(issuer="XA", incarnation=octets(0, 16), to="XB", content=octets(64, 32), signed_at=AT)


def spoiled(name: str, payload: bytes, expected: str, **fields: Any) -> dict[str, Any]:
    """A refused case: a payload with fields replaced (f8=…) or left out (GONE)."""
    found = decode(payload)
    assert isinstance(found, dict)
    changed: dict[int, Value] = found | {int(field[1:]): value for field, value in fields.items() if value is not GONE}
    for field, value in fields.items():
        if value is GONE:
            del changed[int(field[1:])]
    return {"name": name, "expected": f"refused: {expected}", "payload": encode(changed).hex()}


def valid(name: str, payload: bytes, **more: Any) -> dict[str, Any]:
    """A case that must be read."""
    return {"name": name, "expected": "valid", "payload": payload.hex()} | more


def document(spec: str, run: str, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """A file: where it is specified, what to do with each case, and the cases."""
    return {"spec": spec, "run": run, "cases": cases}


def _held(ranges: list[Value], sender: str = "duty") -> Value:
    return [sender, "duty", octets(0, 16), ranges]


A_REQUEST = FileRequest(note=bytes([1] * 32), digest=bytes([2] * 32), start=65_000)
A_PART = FilePart(note=bytes([1] * 32), digest=bytes([2] * 32), start=65_000, data=b"the rest of a log")
FILE_WORDS = {
    "a request from the beginning": replace(A_REQUEST, start=0),
    "a request that goes on": A_REQUEST,
    "a part": A_PART,
    "not to be had": replace(A_PART, data=b""),
}


def build() -> dict[str, dict[str, Any]]:
    """Every file by name."""
    a_note = NOTES["a request"].to_payload()
    a_receipt = RECEIPTS["taken"].to_payload()
    a_void = VOIDS["a serial that bears no note"].to_payload()
    a_parcel = PARCELS["empty"].to_bytes()
    shape = "line.bad_shape"
    return {
        "note.json": document(
            "spec/note.md, part 1",
            "Read the payload; what is valid has this id, and is written again to the same bytes.",
            [
                *(valid(name, n.to_payload(), id=note_id(n.to_payload()).hex()) for name, n in NOTES.items()),
                spoiled("a later wire version", a_note, "line.unknown_version", f1=2),
                spoiled("another kind", a_note, shape, f2=2),
                spoiled("nobody to receive it", a_note, shape, f4=[]),
                spoiled("a recipient twice", a_note, shape, f4=[["XB", "duty", 1], ["XB", "night", 2]]),
                spoiled("recipients out of order", a_note, shape, f4=[["XC", "duty", 1], ["XB", "duty", 2]]),
                spoiled("precedence 4", a_note, shape, f8=4),
                spoiled("a null left out", a_note, shape, f20=GONE),
                spoiled("line 9, which is the header's", a_note, shape, f12={9: 1}),
                spoiled("a critical extension", a_note, "line.unknown_critical", f21={1: 1}),
                spoiled("an empty map of extensions", a_note, shape, f22={}),
                spoiled("a field of no version", a_note, shape, f23=1),
                {
                    "name": "bytes after the end",
                    "expected": "refused: seal.trailing_bytes",
                    "payload": a_note.hex() + "00",
                },
                {"name": "cut short", "expected": "refused: seal.cut_short", "payload": a_note[:-1].hex()},
            ],
        ),
        "receipt.json": document(
            "spec/receipt.md",
            "Read the payload; what is valid is written again to the same bytes.",
            [
                *(valid(name, r.to_payload()) for name, r in RECEIPTS.items()),
                spoiled("stage 8", a_receipt, shape, f5=[[bytes(32), 8, 0, None, None, "", "", None]]),
                spoiled("the stage true", a_receipt, shape, f5=[[bytes(32), True, 0, None, None, "", "", None]]),
                spoiled("opened, but not which", a_receipt, shape, f5=[[bytes(32), 2, 0, None, None, "", "", None]]),
                spoiled(
                    "answers with taken",
                    a_receipt,
                    shape,
                    f5=[[bytes(32), 1, 0, None, None, "", "", [1, "en", "", 0, False, []]]],
                ),
                spoiled("made out to nobody", a_receipt, shape, f4=""),
                spoiled("a critical extension", a_receipt, "line.unknown_critical", f21={1: 1}),
            ],
        ),
        "void.json": document(
            "spec/note.md, part 2",
            "Read the payload; what is valid is written again to the same bytes.",
            [
                *(valid(name, v.to_payload()) for name, v in VOIDS.items()),
                spoiled("a serial below zero", a_void, shape, f5=-1),
                spoiled("a field of no version", a_void, shape, f8=1),
                spoiled("a critical extension", a_void, "line.unknown_critical", f21={1: 1}),
            ],
        ),
        "recall.json": document(
            "spec/restore.md, part 2",
            "Read the payload; what is valid is written again to the same bytes.",
            [
                valid("two notes missing of theirs", RECALL.to_payload()),
                valid("nothing held", replace(RECALL, theirs=(), ours=()).to_payload()),
                spoiled("ranges that touch", RECALL.to_payload(), shape, f8=[_held([[1, 2], [3, 4]])]),
                spoiled("ranges that fall", RECALL.to_payload(), shape, f8=[_held([[5, 6], [1, 2]])]),
                spoiled("a range that ends before it begins", RECALL.to_payload(), shape, f8=[_held([[2, 1]])]),
                spoiled("one sequence twice", RECALL.to_payload(), shape, f9=[_held([]), _held([])]),
                spoiled("an office that cannot be one", RECALL.to_payload(), shape, f8=[_held([], "Duty")]),
                spoiled("a field of no version", RECALL.to_payload(), shape, f10=1),
                spoiled("a critical extension", RECALL.to_payload(), "line.unknown_critical", f21={1: 1}),
            ],
        ),
        "returned.json": document(
            "spec/restore.md, part 3",
            "Read the payload; what is valid is written again to the same bytes.",
            [
                valid("two notes and a checkpoint", RETURNED.to_payload()),
                valid("nothing to give back", replace(RETURNED, notes=0, own=0, checkpoints=()).to_payload()),
                spoiled("five checkpoints", RETURNED.to_payload(), shape, f8=["", "", "", "", ""]),
                spoiled("a checkpoint that is no text", RETURNED.to_payload(), shape, f8=[b""]),
                spoiled("a count that is true", RETURNED.to_payload(), shape, f7=[True, 1]),
            ],
        ),
        "parcel.json": document(
            "spec/parcel.md",
            "Read the bytes; what is valid is written again to the same bytes.",
            [
                *(valid(name, p.to_bytes()) for name, p in PARCELS.items()),
                spoiled("an item of kind 0", a_parcel, shape, f3=[[0, b""]]),
                spoiled("the same digest twice", a_parcel, shape, f4=[bytes(32), bytes(32)]),
                spoiled("more to collect than fits", a_parcel, shape, f5=257),
                spoiled("a field of no version", a_parcel, shape, f6=1),
            ],
        ),
        "file.json": document(
            "spec/parcel.md, part 2",
            "Read the bytes; what is valid is written again to the same bytes.",
            [
                *(valid(name, w.to_bytes()) for name, w in FILE_WORDS.items()),
                spoiled("a note without a whole id", A_REQUEST.to_bytes(), shape, f3=bytes(31)),
                spoiled("before the beginning", A_REQUEST.to_bytes(), shape, f5=-1),
                spoiled("a request that brings bytes", A_REQUEST.to_bytes(), shape, f6=b"x"),
                spoiled("another kind", A_REQUEST.to_bytes(), shape, f2=3),
                spoiled("a part that is too long", A_PART.to_bytes(), shape, f6=bytes(PART + 1)),
                spoiled("a part that is text", A_PART.to_bytes(), shape, f6="x"),
                spoiled("a later wire version", A_PART.to_bytes(), "line.unknown_version", f1=2),
            ],
        ),
        "speaker.json": document(
            "spec/mail.md, part 2",
            "Read the payload; what is valid is written again to the same bytes.",
            [
                valid("of XA for XB", SPEAKER.to_payload()),
                valid("with an extension that is not critical", replace(SPEAKER, extensions={5: "later"}).to_payload()),
                spoiled("another kind", SPEAKER.to_payload(), shape, f2=3),
                spoiled("a digest that is too short", SPEAKER.to_payload(), shape, f6=bytes(31)),
                spoiled("an incarnation that is too long", SPEAKER.to_payload(), shape, f4=bytes(17)),
                spoiled("a time that is true", SPEAKER.to_payload(), shape, f7=True),
                spoiled("a field of no version", SPEAKER.to_payload(), shape, f8=1),
                spoiled("a critical extension", SPEAKER.to_payload(), "line.unknown_critical", f21={1: 1}),
            ],
        ),
        "conversation.json": document(
            "spec/line.md, part 6",
            "Read the bytes from the store; what is valid is written again to the same bytes.",
            [
                *(valid(name, c.to_bytes()) for name, c in CONVERSATIONS.items()),
                spoiled("a delivery that is none", CONVERSATIONS["theirs, refused"].to_bytes(), shape, f9=[77, 0, 0]),
            ],
        ),
    }


def main() -> None:
    """Write every file beside this script."""
    for name, content in build().items():
        (HERE / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
