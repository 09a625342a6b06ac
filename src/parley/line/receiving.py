"""Receiving: what is checked of sealed bytes, in which order, before anything in them counts.

Each function is a numbered checklist; the numbers stand again at the lines. A step that fails raises a Problem, whose
key is the recorded reason of the refusal. What is merely late, skewed or not known here is accepted with a mark.
Pure: rows of the store and notes referred to are looked up through callbacks. Leaves out what is durable when (desk)
and the shape of each object (`note`, `receipt`, `void`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import IntEnum
from typing import Final

import msgspec

from parley.directory import ALL, Directory, DirectoryProblem, Head, Judged
from parley.directory.rules import TRANSIT
from parley.forms import Addressing, FormProblem, Library, check, check_header, load
from parley.line.clocks import DEFAULT, Settings, skew_mark
from parley.line.note import NOTE_KIND, Note, Recipient, note_id, read_note
from parley.line.ports import NoteRow, SerialRow
from parley.line.problems import LineProblem
from parley.line.reading import attached, to_sheet
from parley.line.receipt import RECEIPT_KIND, Receipt, read_receipt
from parley.line.serials import Seen, judge_serial
from parley.line.void import VOID_KIND, Void, read_void
from parley.seal import Domain, OpeningKey, Unverified, Value, decode, open_sealed, peek, verify
from parley.terms.party import Address
from parley.terms.problem import Problem
from parley.terms.text import check as check_text

SerialLookup = Callable[[str, str, bytes, int], SerialRow | None]
"""(sender as PARTY/office, our office, incarnation, serial) -> row; `Look.serial` of the store is one."""
NoteLookup = Callable[[bytes], NoteRow | None]
"""note id -> row; `Look.note` of the store is one."""


_BEGINNING: Final = re.compile(rb"(?:[\xa3-\xb7]|\xb8[\x18-\xff])\x01\x01\x02([\x01\x02\x04])\x03\x82\x62([A-Z]{2})")
"""A map whose first fields are wire version 1, a kind known here, and a pair that begins with a state's code."""


class Kind(IntEnum):
    """What travels sealed."""

    NOTE = NOTE_KIND
    RECEIPT = RECEIPT_KIND
    VOID = VOID_KIND
    RECALL = 7  # parley.line.recall, which imports this module
    RETURNED = 8


class OpenedItem(msgspec.Struct, frozen=True):
    """Unsealed, and nothing more: whose it claims to be is `party_unverified`."""

    kind: Kind
    party_unverified: str
    signed_unverified: bytes


class JudgedNote(msgspec.Struct, frozen=True):
    """A note that passed; `marks` are to be shown with it. `seen` AGAIN: opened here before, nothing new follows."""

    note: Note
    note_id: bytes
    recipient: Recipient
    seen: Seen
    marks: tuple[str, ...]


class JudgedReceipt(msgspec.Struct, frozen=True):
    """A receipt that passed, with what is to be shown with it."""

    receipt: Receipt
    marks: tuple[str, ...]


def open_item(sealed: bytes, opening_keys: Mapping[bytes, OpeningKey]) -> OpenedItem:
    """Unseal and look what it is. Raises SealProblem (``no_key``: answer *unopenable*) and LineProblem.

    1. Not too large, sealed in a suite known here, to a key that is held; it opens; its padding is right (seal).
    2. A signed object in its one form, no header uncovered (seal).
    3. A note, a receipt, a void, a recall or a *returned*.
    4. It names a party as its own.
    """
    signed = open_sealed(sealed, opening_keys)  # 1
    unread = peek(signed).payload  # 2
    if known := _BEGINNING.match(unread):  # the usual beginning; each object's own parser reads all of it afterwards
        return OpenedItem(Kind(known[1][0]), known[2].decode("ascii"), signed)
    payload = decode(unread)
    number = payload.get(2) if isinstance(payload, dict) else None
    if type(number) is not int or number not in set(Kind):  # 3
        raise LineProblem("unknown_kind", kind=number if type(number) is int else "unknown")
    match payload:
        case {3: [str(party), *_]} if len(party) <= 16:  # 4
            return OpenedItem(Kind(number), party, signed)
    raise LineProblem("bad_shape", object=Kind(number).name.lower(), where="field 3 names no party")


def judge_note(
    signed: bytes,
    *,
    directory: Directory,
    us: str,
    our_offices: Mapping[str, str],
    serial_row: SerialLookup,
    referred: NoteLookup,
    now: int,
    library: Library | None = None,
    transit: int = TRANSIT,
    settings: Settings = DEFAULT,
) -> JudgedNote:
    """Judge a note that arrived at `now`. Raises LineProblem, SealProblem, DirectoryProblem: refused, with this key.

    1. The shape of a note in a wire version known here, no critical extension unknown here.
    2. Not of our own party.
    3. Its sender is accepted here, neither suspended nor revoked, and has the office; which keys counted at signing.
    4. Both signatures of a key that counts, nothing added or taken off, not below the sender's lowest suite.
    5. We are among the recipients inside the signature, with an office that we have.
    6. Its serial is new, or was this very note's; not another note's, not void.
    7. No answer is hoped for before the signing itself.
    8. Real answers real, exercise answers exercise.
    9. No hidden or direction-turning character anywhere.
    10. It is within what is taken from this sender, and travels between these two offices; an accusation, and what else
        its form says, only from a party known by ceremony.
    11. Of a known form, every line holds what the form allows; of an unknown one, the lines 1 to 9.

    `our_offices` maps each of our offices to its kind.
    Marks: those of the directory, ``clock-skew:<seconds>``, ``answer-by-past``, ``newer-particulars``,
    ``unknown-reference``, ``unknown-form``, ``form-differs``, ``catalogue-differs``.
    """
    unverified = peek(signed)
    note = read_note(unverified.payload)  # 1; not trusted before 4
    if note.sender.party == us:  # 2
        raise LineProblem("own_note", us=us)
    _known(directory, note.sender.party)  # 3
    judged = directory.office_keys(
        note.sender.party, note.sender.office, signed_at=note.signed_at, now=now, transit=transit
    )
    marks = _verify(signed, unverified, judged, Domain.NOTE, directory)  # 4
    found = note_id(unverified.payload)
    recipient = _our_entry(note, us, our_offices)  # 5
    row = serial_row(str(note.sender), recipient.address.office, note.incarnation, recipient.serial)
    seen = _check_serial(row, found, note, recipient.serial)  # 6
    if seen is Seen.AGAIN:
        return JudgedNote(note, found, recipient, seen, ())
    if note.answer_by is not None and note.answer_by < note.signed_at:  # 7
        raise LineProblem("answer_before_signing")
    rows = {reference: referred(reference) for reference in (*note.refers_to, *_thread(note))}
    _check_kinds(note, rows)  # 8
    _check_texts(note)  # 9
    library = library or load()
    _check_allowed(note, directory, (recipient.address, our_offices[recipient.address.office]), library)  # 10
    marks |= set(_form_marks(note, us, library))  # 11
    marks |= set(_time_marks(note, rows, now, settings))
    if note.particulars_version > directory.entry(note.sender.party).current.version:
        marks.add("newer-particulars")
    return JudgedNote(note, found, recipient, seen, tuple(sorted(marks)))


def judge_receipt(
    signed: bytes,
    *,
    directory: Directory,
    us: str,
    now: int,
    transit: int = TRANSIT,
    settings: Settings = DEFAULT,
) -> JudgedReceipt:
    """Judge a receipt that arrived at `now`; raises as `judge_note` does.

    1. The shape of a receipt, no critical extension unknown here.
    2. Not of our own party.
    3. Its issuer is accepted here; both signatures of a node key that counted at signing.
    4. Made out to us.
    5. No hidden character in any text.

    Whether it speaks of a note that we sent is asked by the conversation. Marks: the directory's, ``clock-skew:…``.
    """
    receipt = read_receipt(peek(signed).payload)  # 1; not trusted before 3
    marks = verify_word(
        signed,
        receipt.issuer,
        receipt.signed_at,
        Domain.RECEIPT,
        directory=directory,
        us=us,
        now=now,
        transit=transit,
    )  # 2, 3
    if receipt.to != us:  # 4
        raise LineProblem("receipt_to_another", to=receipt.to, us=us)
    for text in _receipt_texts(receipt):  # 5
        _check_text(text, 5)
    marks |= set(skew_mark(receipt.signed_at, now, settings=settings))
    return JudgedReceipt(receipt, tuple(sorted(marks)))


def judge_void(
    signed: bytes,
    *,
    directory: Directory,
    us: str,
    serial_row: SerialLookup,
    now: int,
    transit: int = TRANSIT,
) -> Void:
    """Judge a void that arrived at `now`; raises as `judge_note` does.

    1. The shape of a void. 2. Not of our own party.
    3. Its sender is accepted here; both signatures of a node key that counted at signing.
    4. Made out to us. 5. No note bears the serial here.
    """
    void = read_void(peek(signed).payload)  # 1; not trusted before 3
    verify_word(
        signed, void.sender.party, void.at, Domain.VOID, directory=directory, us=us, now=now, transit=transit
    )  # 2, 3
    if void.recipient.party != us:  # 4
        raise LineProblem("void_to_another", listed=str(void.recipient), us=us)
    row = serial_row(str(void.sender), void.recipient.office, void.incarnation, void.serial)
    if row is not None and row.note_id is not None:  # 5
        raise LineProblem("void_after_note", sender=str(void.sender), serial=void.serial)
    return void


def verify_word(
    signed: bytes,
    party: str,
    signed_at: int,
    domain: Domain,
    *,
    directory: Directory,
    us: str,
    now: int,
    transit: int = TRANSIT,
) -> set[str]:
    """What a node of `party` says by itself at `signed_at`: not our own party; accepted here; both signatures of a node
    key that counted then. Returns the directory's marks; raises as `judge_note` does."""
    if party == us:
        raise LineProblem("own_note", us=us)
    _known(directory, party)
    judged = directory.node_keys(party, signed_at=signed_at, now=now, transit=transit)
    return _verify(signed, peek(signed), judged, domain, directory)


# -- steps


def _verify(signed: bytes, unverified: Unverified, judged: Judged, domain: Domain, directory: Directory) -> set[str]:
    """The marks of the keys that signed; raises unless the payload that was looked at is what they signed."""
    judged.require(unverified.key_ids)
    lowest = directory.entry(judged.party).current.lowest_suite
    verified = verify(signed, judged.keys, domain, lowest_suite=lowest)
    if verified.payload != unverified.payload:
        raise LineProblem("bad_shape", object="signed object", where="it reads as two payloads")
    return set(judged.marks_of(verified.signers))


def _known(directory: Directory, party: str) -> None:
    try:
        directory.entry(party)
    except DirectoryProblem as problem:
        raise LineProblem("unknown_sender", party=party) from problem


def _our_entry(note: Note, us: str, our_offices: Collection[str]) -> Recipient:
    entry = note.serial_for(us)
    if entry is None:
        listed = ", ".join(str(r.address) for r in note.recipients)[:40]
        raise LineProblem("wrong_recipient", listed=listed, us=us)
    if entry.address.office not in our_offices:
        raise LineProblem("not_our_office", office=entry.address.office)
    return entry


def _check_serial(row: SerialRow | None, found: bytes, note: Note, serial: int) -> Seen:
    seen = judge_serial(row, found)
    if seen in _SPENT:
        raise LineProblem(_SPENT[seen], sender=str(note.sender), serial=serial)
    return seen


_SPENT: Final[Mapping[Seen, str]] = {Seen.FORK: "serial_fork", Seen.VOID: "serial_void"}


def _thread(note: Note) -> tuple[bytes, ...]:
    return () if note.thread is None or note.thread in note.refers_to else (note.thread,)


def _check_kinds(note: Note, rows: Mapping[bytes, NoteRow | None]) -> None:
    for reference, row in rows.items():
        if row is not None and row.exercise != note.exercise:
            wanted = "an exercise" if row.exercise else "real"
            raise LineProblem("kind_differs", referred=reference.hex()[:16], wanted=wanted)


def _check_texts(note: Note) -> None:
    named: list[tuple[int, Value]] = [*note.lines.items(), (8, note.marking), (9, note.written_in)]
    named += [(14, attachment.media_type) for attachment in note.attachments]
    for line, value in named:
        for text in _texts(value):
            _check_text(text, line)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _check_text(text: str, line: int) -> None:
    if len(text) < 200 and text.isascii() and text.isprintable():  # a code, as nearly every text of a note is
        return
    try:
        check_text(text)
    except Problem as problem:
        raise LineProblem("unsafe_text", line=line, why=problem.key) from problem


def _receipt_texts(receipt: Receipt) -> Iterator[str]:
    for entry in receipt.entries:
        yield from (entry.reason, entry.language)
        if entry.read_back is not None:
            yield from (entry.read_back.language, entry.read_back.role)
            yield from (option for _, option in entry.read_back.answers)


def _check_allowed(note: Note, directory: Directory, ours: tuple[Address, str], library: Library) -> None:
    sender = note.sender.party
    if directory.entry(sender).take != ALL:
        files = len(note.attachments) + attached(note.form, note.form_version, note.lines, library)
        directory.check_taken(sender, Head(note.form, note.exercise, int(note.precedence), files))
    rule = _addressing(note, library)
    directory.check_office(note.form, sender, note.sender.office, rule.offices)
    if rule.offices and ours[1] not in rule.offices:
        wanted = ", ".join(rule.offices)
        raise DirectoryProblem("office_kind", form=note.form, office=str(ours[0]), kind=ours[1], wanted=wanted)
    if note.accusation or rule.ceremony:
        directory.require_ceremony(sender, note.sender.office)


def _addressing(note: Note, library: Library) -> Addressing:
    """Between which offices its form travels; a form that is not known here has no rule here."""
    try:
        return library.form(note.form, note.form_version).addressing
    except FormProblem:
        return Addressing()


def _form_marks(note: Note, us: str, library: Library) -> Iterator[str]:
    """Step 11, and what is to be said of form and catalogue."""
    known = _form_mark(note, library)
    try:
        sheet = to_sheet(note, us)
        if known is None:
            check(sheet, at_drafting_now=None, library=library)
        else:
            check_header(sheet.header, library=library)
    except FormProblem as problem:
        fault = problem.faults[0] if problem.faults else None
        line, why = (fault.line, fault.key) if fault else (0, problem.key)
        raise LineProblem("code_outside_list", form=note.form, line=line, why=why) from problem
    except Problem as problem:
        raise LineProblem("code_outside_list", form=note.form, line=8, why=problem.key) from problem
    if known is not None:
        yield known
    if note.catalogue_digest != library.catalogue_digest:
        yield "catalogue-differs"


def _form_mark(note: Note, library: Library) -> str | None:
    """None if the form is known here, to the byte."""
    try:
        form = library.form(note.form, note.form_version)
    except FormProblem:
        return "unknown-form"
    return None if form.digest == note.form_digest else "form-differs"


def _time_marks(note: Note, rows: Mapping[bytes, NoteRow | None], now: int, settings: Settings) -> Iterator[str]:
    ours = [row.signed_at for row in rows.values() if row is not None and row.direction == "out"]
    yield from skew_mark(note.signed_at, now, max(ours, default=None), settings)
    if note.answer_by is not None and note.answer_by < now:
        yield "answer-by-past"
    if any(row is None for row in rows.values()):
        yield "unknown-reference"
