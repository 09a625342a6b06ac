"""What a program may look at: this node, forms, notes and where they stand, parties, journal, archives.

Looking is not reading: nothing here tells a sender anything, because "read" means that a person read it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from parley.clearance import Exit
from parley.desk import access, archive, inbox
from parley.desk.fill import codes_of, words_of
from parley.desk.find import find, open_note
from parley.desk.inbox import Listed
from parley.desk.page import rendered
from parley.directory import signed_root_digest, verify_signed
from parley.doors.api import shapes
from parley.doors.api.answers import Answer, kind_of, octets, said
from parley.doors.described import described, titled
from parley.forms import load
from parley.line.conversation import Conversation
from parley.line.note import Note, Precedence
from parley.line.ports import NoteRow
from parley.line.reading import known_form
from parley.line.receipt import Stage
from parley.line.states import Moment
from parley.terms.marking import Marking

if TYPE_CHECKING:
    from parley.doors.api.app import Desk
    from parley.doors.api.asked import Asked


async def status(desk: Desk, asked: Asked) -> Answer:
    """What the node says of itself, and what this token may do."""
    node, token = desk.node, asked.by
    found = shapes.Status(
        party=node.party,
        locked=node.vault is None,
        level=desk.level.label,
        journal=node.store.look(lambda look: look.leaf_count()),
        token=token.id,
        scopes=[scope.value for scope in token.scopes],
        expires_at=token.expires_at,
    )
    return said(found)


async def problem(desk: Desk, asked: Asked) -> Answer:
    """A row of the table of problems, to which the `type` of a problem leads."""
    return said(kind_of(asked.path["key"]))


# -- forms


async def forms(desk: Desk, asked: Asked) -> Answer:
    """The numbered forms."""
    return said(shapes.Forms(forms=[shapes.FormTitle(**titled(one, asked.query.language)) for one in load().forms]))


async def form(desk: Desk, asked: Asked) -> Answer:
    """A form with its lines, and every code with its meaning."""
    found, language = load().form(_number(asked.path["form"])), asked.query.language
    lines = [shapes.FormLine(**described(found, line, language)) for line in found.lines]
    return said(shapes.Form(**titled(found, language), lines=lines))


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


# -- notes


async def notes(desk: Desk, asked: Asked) -> Answer:
    """Notes, newest first; those above the level are not among them, so a page may be shorter than its limit."""
    desk.node.open_vault()
    wanted = asked.query
    before = None if wanted.before is UNSET else wanted.before
    found = inbox.listed(desk.node, limit=wanted.limit, direction=wanted.direction, before=before)
    opened = [(one, one.note) for one in found if one.note]
    passing = access.let_out(desk.reader, Exit.PROGRAM, opened, lambda one: access.note_thing(one[1]))
    shown = [_listed(one, note) for one, note in passing]
    more = found[-1].row.leaf if len(found) == wanted.limit else None
    return said(shapes.Notes(notes=[shapes.NoteListed(**one) for one in shown], next=more))


async def note(desk: Desk, asked: Asked) -> Answer:
    """A note in a language, and where it stands. Its sender is told nothing: only a person reads."""
    row, found = desk.note(asked.path["note"])
    page = rendered(desk.node, found, asked.query.language)
    codes, words = _lines(desk, found)
    return said(
        shapes.Note(
            **_listed(inbox.entry(desk.node, row), found),
            from_=str(found.sender),
            to=[str(one.address) for one in found.recipients],
            written_in=found.written_in,
            accusation=found.accusation,
            answer_by=found.answer_by,
            refers_to=[identity.hex() for identity in found.refers_to],
            thread=row.thread.hex(),
            lines=codes,
            words=words,
            language=asked.query.language,
            right_to_left=page.right_to_left,
            text=page.text,
            receipts=[_receipt(one) for one in archive.receipts_of(desk.node, row)],
        )
    )


async def proof(desk: Desk, asked: Asked) -> Answer:
    """A note with everything that proves it, for thirty years (spec/archive.md)."""
    row, _ = opened(desk, asked.path["note"], Exit.EXPORT)
    return octets(archive.export(desk.node, row))


def _listed(found: Listed, opened: Note) -> dict[str, Any]:
    row = found.row
    return {
        "note": row.note_id.hex(),
        "direction": row.direction,
        "sender": row.sender,
        "office": row.office,
        "form": row.form,
        "precedence": Precedence(row.precedence).name.lower(),
        "exercise": row.exercise,
        "marking": str(Marking.from_coded(opened.marking)),
        "signed_at": row.signed_at,
        "journal_index": row.leaf,
        "marks": list(row.marks),
        "with_": [_conversation(one) for one in found.conversations],
    }


def _conversation(c: Conversation) -> shapes.Conversation:
    return shapes.Conversation(
        party=c.party,
        delivery=c.delivery.name.lower(),
        understanding=c.understanding.name.lower(),
        answer=c.answer.name.lower(),
        differs=list(c.differs),
        read_in=list(c.read_in),
        attempt=c.attempt,
        withheld=list(c.withheld),
        reason=c.reason,
        outcome=c.outcome.value if c.outcome else "",
        times={Moment(moment).name.lower(): at for moment, at in sorted(c.times.items())},
    )


def _lines(desk: Desk, found: Note) -> tuple[dict[str, list[str]], dict[str, str]]:
    if (form := known_form(found, desk.node.library)) is None:
        return {}, {}  # not known here, or defined otherwise: its codes stand in the text alone
    codes = {str(number): list(given) for number, given in codes_of(form, found.lines).items()}
    return codes, {str(number): text for number, text in words_of(form, found.lines).items()}


def _receipt(made: dict[str, Any]) -> shapes.ReceiptEntry:
    return shapes.ReceiptEntry(
        direction=made["direction"],
        party=made["party"],
        stage=Stage(made["stage"]).name.lower(),
        at=made["at"],
        journal_index=made["journal_index"],
        reason=made["reason"],
        language=made["language"],
    )


def opened(desk: Desk, given: str, exit: Exit = Exit.PROGRAM) -> tuple[NoteRow, Note]:
    """A note that may pass; raises DeskProblem ``no_note``, ``many_notes``, ``locked``, ``above_level``."""
    row = find(desk.node, given)
    found = open_note(desk.node, row)
    access.show(desk.reader, exit, access.note_thing(found))
    return row, found


# -- parties and journal


async def parties(desk: Desk, asked: Asked) -> Answer:
    """Every accepted party."""
    return said(shapes.Parties(parties=[shapes.Party(**_party(desk, code)) for code in desk.node.directory.parties]))


async def party(desk: Desk, asked: Asked) -> Answer:
    """Who speaks for a party."""
    code = asked.path["party"]
    held = desk.node.directory.entry(code)
    current = verify_signed(held.versions[-1].signed.raw).particulars
    return said(
        shapes.Particulars(
            **_party(desk, code),
            root_digest=signed_root_digest(current).hex(),
            threshold=current.threshold,
            roots=[key.key_id.hex() for key in current.roots],
            offices=[
                shapes.Office(id=o.id, kind=o.kind, hours=o.hours, telephone=o.telephone) for o in current.offices
            ],
            bearers=[shapes.Bearer(kind=b.kind, address=b.address) for b in current.bearers],
            languages=list(current.languages),
            revoked=[shapes.Revocation(key_id=r.key_id.hex(), since=r.since, reason=r.reason) for r in current.revoked],
        )
    )


async def particulars(desk: Desk, asked: Asked) -> Answer:
    """Particulars as their roots signed them (spec/particulars.md)."""
    return octets(desk.node.directory.entry(asked.path["party"]).versions[-1].signed.raw)


def _party(desk: Desk, code: str) -> dict[str, Any]:
    held = desk.node.directory.entry(code)
    return {
        "party": code,
        "names": dict(held.current.names),
        "version": held.current.version,
        "standing": desk.node.directory.standing(code, desk.node.clock()).value,
        "accepted": held.acceptance.how,
        "expires_at": held.current.expires_at,
    }


async def journal(desk: Desk, asked: Asked) -> Answer:
    """The last entries of our journal, newest first."""
    found = archive.entries(desk.node, asked.query.limit)
    return said(
        shapes.Journal(
            size=desk.node.store.look(lambda look: look.leaf_count()),
            entries=[shapes.Leaf(**{**one, "kind": one["kind"].lower()}) for one in found],
            cosigners=archive.cosigners(desk.node),
        )
    )


async def verification(desk: Desk, asked: Asked) -> Answer:
    """Our journal recomputed whole; one recomputation at a time."""
    async with desk.verifying:
        found = await asyncio.to_thread(archive.verify_own, desk.node)
    return said(shapes.Verification(**{"root": "", **found}))
