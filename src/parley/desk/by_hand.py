"""By hand: a counterpart that runs no Parley is reached by numbered text and by telephone.

Our note is composed, released and journalled like any other; what goes to the counterpart is its text, which bears no
signature. What then happens is entered by an officer as it was seen or heard, journalled as "by hand, unverified", and
never moves a conversation: only a peer's signed receipt does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from parley.desk.find import SHOWN_DIGITS, find, open_note
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.forms import Script, bilingual, compare, option_ids, question_lines, script
from parley.journal import LeafKind
from parley.line.note import Note
from parley.line.ports import Look, NoteRow, Tx
from parley.line.reading import to_sheet
from parley.seal import digest, lock, unlock
from parley.terms.party import Address
from parley.terms.text import check, check_line

LONGEST_WAY, LONGEST_ROLE, LONGEST_WORDS = 200, 80, 4000
"""Characters of a telephone number or address, of a role, and of what was said."""
CONTACT = "contact"  # by party: how an office without Parley is reached
ENTRY = "by-hand"  # by note id, party and number: what was seen or heard, locked


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How a counterpart without Parley is reached, as an officer entered it: nobody signed it, and it implies nothing.

    `language` is the one that its text is written in beside ours; `telephone` and `email` are for our officer's eyes.
    """

    party: str
    office: str
    language: str
    telephone: str = ""
    email: str = ""
    entered_by: str
    at: int


class What(StrEnum):
    """What an officer saw or heard."""

    CARRIED = "carried"  # the text went out by this way
    CONFIRMED = "confirmed"  # they say that they have it
    READ_BACK = "read-back"  # they said what the note says, question by question
    DECLINED = "declined"  # they declined to, without reason
    ANSWERED = "answered"  # they answered the matter itself, in the words noted


class Way(StrEnum):
    """By which way."""

    MAIL = "mail"
    PAPER = "paper"
    TELEPHONE = "telephone"
    IN_PERSON = "in-person"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing seen or heard. `at`: when, as the officer says (ms UTC); `entered_at`: when it was written down.

    `differs`: for a read-back, the lines that came across differently, by our own codes. `words`: what was said, in
    whatever words; `role`: who on the other side, never a name.
    """

    what: What
    way: Way
    at: int
    entered_at: int
    officer: str
    role: str = ""
    answers: dict[int, str] = {}
    differs: tuple[int, ...] = ()
    words: str = ""


async def add_contact(node: Node, contact: Contact) -> None:
    """Enter or replace a contact; raises DeskProblem("runs_parley"), FormProblem for a language that is not there,
    TermsProblem for a telephone or address with signs that cannot be seen.

    A party whose particulars were accepted is reached by the line: text without a signature would be a step back.
    """
    Address(contact.party, contact.office)
    node.library.voice(contact.language)
    for shown in (contact.telephone, contact.email):
        check_line(shown, LONGEST_WAY)
    if contact.party in node.directory.parties:
        raise DeskProblem("runs_parley", party=contact.party)
    body = msgspec.msgpack.encode(contact)
    await node.store.write(lambda tx: tx.put(CONTACT, contact.party, body), point="contact")


async def drop_contact(node: Node, party: str) -> None:
    """Forget a contact; what was entered about its notes stays. Raises DeskProblem("no_contact")."""
    contact_of(node, party)
    await node.store.write(lambda tx: tx.drop(CONTACT, party), point="contact")


def contacts(node: Node) -> list[Contact]:
    """All contacts, in the order of entry."""
    return [
        msgspec.msgpack.decode(body, type=Contact) for _, body in node.store.look(lambda look: look.records(CONTACT))
    ]


def contact_of(node: Node, party: str) -> Contact:
    """The contact of a party; raises DeskProblem("no_contact")."""
    body = node.store.look(lambda look: look.record(CONTACT, party))
    if body is None:
        raise DeskProblem("no_contact", party=party)
    return msgspec.msgpack.decode(body, type=Contact)


def is_by_hand(node: Node, address: Address) -> bool:
    """Whether notes to this office go by hand: it is a contact's, and its party is not accepted."""
    if address.party in node.directory.parties:
        return False
    body = node.store.look(lambda look: look.record(CONTACT, address.party))
    return body is not None and msgspec.msgpack.decode(body, type=Contact).office == address.office


def text(node: Node, given: str, party: str, language: str, width: int = 80) -> str:
    """The note as numbered text in their language and `language`; raises DeskProblem("not_by_hand", "not_outgoing")."""
    note, row, contact = _ours(node, given, party)
    sheet = to_sheet(note, party)
    return bilingual(
        sheet, theirs=contact.language, ours=language, reference=reference(row), width=width, library=node.library
    )


def telephone(node: Node, given: str, party: str, language: str) -> Script:
    """What our officer says on the telephone; raises as `text`."""
    note, row, contact = _ours(node, given, party)
    sheet, theirs = to_sheet(note, party), contact.language
    return script(sheet, theirs=theirs, ours=language, reference=reference(row), rng=node.rng, library=node.library)


def reference(row: NoteRow) -> str:
    """What a counterpart is asked to quote: short enough for the telephone."""
    found = row.note_id.hex()[:SHOWN_DIGITS]
    return "-".join(found[at : at + 4] for at in range(0, SHOWN_DIGITS, 4))


async def enter(
    node: Node,
    given: str,
    party: str,
    what: What,
    way: Way,
    *,
    at: int | None,
    officer: str,
    role: str = "",
    answers: Mapping[int, str] | None = None,
    words: str = "",
) -> Entry:
    """Write down what was seen or heard about a note of ours; returns the entry.

    Raises DeskProblem("bad_answer") for an option that the read-back does not offer, ("yet_to_come") for a time that
    has not come, and as `text`.
    """
    note, row, _ = _ours(node, given, party)
    now = node.clock()
    if at is not None and at > now:
        raise DeskProblem("yet_to_come")
    check_line(role, LONGEST_ROLE)
    check(words, LONGEST_WORDS)
    heard = _checked(node, note, party, what, answers or {})
    differs = compare(to_sheet(note, party), heard, library=node.library) if what is What.READ_BACK else ()
    entry = Entry(
        what=what, way=way, at=now if at is None else at, entered_at=now, officer=officer,
        role=role, answers=heard, differs=differs, words=words,
    )  # fmt: skip
    body, vault = msgspec.msgpack.encode(entry), node.open_vault()

    def unit(tx: Tx) -> None:
        number = len(tx.records(ENTRY, _prefix(row.note_id, party)))
        key = f"{_prefix(row.note_id, party)}{number:04}"
        tx.put(ENTRY, key, lock(vault.archive_key, body, f"by-hand {key}".encode(), node.rng))
        node.write_leaf(tx, LeafKind.BY_HAND, digest(row.note_id + party.encode() + body), now)

    await node.store.write(unit, point="by_hand")
    return entry


def entries(node: Node, row: NoteRow, party: str) -> list[Entry]:
    """What was entered about a note of ours and a party, oldest first; raises DeskProblem("locked")."""
    key = node.open_vault().archive_key
    found = node.store.look(lambda look: look.records(ENTRY, _prefix(row.note_id, party)))
    opened = (unlock(key, body, f"by-hand {name}".encode()) for name, body in found)
    return [msgspec.msgpack.decode(body, type=Entry) for body in opened]


def parties_of(look: Look, note_id: bytes) -> list[str]:
    """The parties about which something was entered for a note."""
    return list(dict.fromkeys(key.split(" ")[1] for key, _ in look.records(ENTRY, f"{note_id.hex()} ")))


def _prefix(note_id: bytes, party: str) -> str:
    return f"{note_id.hex()} {party} "


def _ours(node: Node, given: str, party: str) -> tuple[Note, NoteRow, Contact]:
    row = find(node, given)
    if row.direction != "out":
        raise DeskProblem("not_outgoing", note=row.note_id.hex()[:SHOWN_DIGITS])
    note = open_note(node, row)
    if note.serial_for(party) is None:
        raise DeskProblem("not_by_hand", note=row.note_id.hex()[:SHOWN_DIGITS], party=party)
    return note, row, contact_of(node, party)


def _checked(node: Node, note: Note, party: str, what: What, answers: Mapping[int, str]) -> dict[int, str]:
    """Every question answered once, with an option that was offered; nothing for what is no read-back."""
    if what is not What.READ_BACK:
        return {}
    sheet = to_sheet(note, party)
    asked = question_lines(sheet, library=node.library)
    for line in sorted({*asked, *answers}):
        options = option_ids(sheet, line, library=node.library)
        if answers.get(line, "") not in options:
            raise DeskProblem(
                "bad_answer", given=answers.get(line, "")[:40], line=line, options=", ".join(options)[:400] or "-"
            )
    return dict(answers)
