"""Drafts: a form being filled by an officer, kept locked until it is composed or thrown away."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.forms import Header, Sheet, check
from parley.line.note import Precedence
from parley.line.ports import Tx
from parley.seal import lock, unlock
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address

KIND = "draft"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A form in progress; addresses as written ("XB/duty"), instants in ms UTC, `lines` coded as in the note."""

    form: int
    office: str
    to: tuple[str, ...]
    lines: dict[int, Any]
    written_in: str
    officer: str
    precedence: int | None = None  # None: the form's own default
    exercise: bool = False
    accusation: bool = False
    answer_by: int | None = None
    refers_to: tuple[bytes, ...] = ()
    marking: Any = None
    override: str = ""  # the reason for sending on particulars that have run out
    changed_at: int = 0


def sheet_of(node: Node, draft: Draft, now: int) -> Sheet:
    """The draft as the sheet that forms check and render; raises FormProblem for an unknown form."""
    form = node.library.form(draft.form)
    return Sheet(
        form_number=form.number,
        form_version=form.version,
        header=Header(
            exercise=draft.exercise,
            sender=Address(node.party, draft.office),
            recipients=tuple(sorted(Address.parse(text) for text in draft.to)),
            serial=None,
            precedence=form.default_precedence if draft.precedence is None else Precedence(draft.precedence),
            answer_by=draft.answer_by,
            accusation=draft.accusation,
            marking=Marking(Tlp.AMBER) if draft.marking is None else Marking.from_coded(draft.marking),
            refers_to=draft.refers_to,
            written_in=draft.written_in,
            signed_at=now,
        ),
        lines=draft.lines,
    )


async def save(node: Node, draft: Draft, draft_id: str = "") -> str:
    """Keep a draft, new or changed; returns its id. It may be incomplete: only `compose` insists.

    Raises DeskProblem("locked") or ("not_ours").
    """
    node.our_office(draft.office)
    draft_id = draft_id or new_id(node)
    await node.store.write(lambda tx: keep(node, tx, draft, draft_id), point="draft")
    return draft_id


def new_id(node: Node) -> str:
    """An id for a draft."""
    return node.rng(4).hex()


def keep(node: Node, tx: Tx, draft: Draft, draft_id: str) -> None:
    """Keep a draft within a unit; raises DeskProblem("locked")."""
    body = msgspec.msgpack.encode(msgspec.structs.replace(draft, changed_at=node.clock()))
    tx.put(KIND, draft_id, lock(node.open_vault().archive_key, body, b"draft " + draft_id.encode(), node.rng))


def fetch(node: Node, draft_id: str) -> Draft:
    """The draft with this id; raises DeskProblem("no_draft")."""
    locked = node.store.look(lambda look: look.record(KIND, draft_id))
    if locked is None:
        raise DeskProblem("no_draft", draft=draft_id)
    body = unlock(node.open_vault().archive_key, locked, b"draft " + draft_id.encode())
    return msgspec.msgpack.decode(body, type=Draft)


def listed(node: Node) -> list[tuple[str, Draft]]:
    """Every draft with its id, oldest first."""
    ids = node.store.look(lambda look: [key for key, _ in look.records(KIND)])
    return [(draft_id, fetch(node, draft_id)) for draft_id in ids]


async def throw_away(node: Node, draft_id: str) -> None:
    """Delete a draft; raises DeskProblem("no_draft")."""
    fetch(node, draft_id)
    await node.store.write(lambda tx: tx.drop(KIND, draft_id), point="draft")


def examine(node: Node, draft: Draft) -> Sheet:
    """The checked sheet; raises FormProblem naming every faulty line, so that an officer mends all at once, and
    DirectoryProblem for a form that does not travel between these offices."""
    now = node.clock()
    sheet = sheet_of(node, draft, now)
    check(sheet, at_drafting_now=now)
    check_addressing(node, sheet)
    return sheet


def check_addressing(node: Node, sheet: Sheet) -> None:
    """Whether the sheet's form travels from our office to these; raises DirectoryProblem ``office_kind``,
    ``needs_ceremony``. Parties that are not accepted at all are named when the note is composed."""
    rule = node.library.form(sheet.form_number, sheet.form_version).addressing
    accepted = [to for to in sheet.header.recipients if to.party in node.directory.parties]
    for address in (sheet.header.sender, *accepted):
        node.directory.check_office(sheet.form_number, address.party, address.office, rule.offices)
    for to in accepted:
        if sheet.header.accusation or rule.ceremony:
            node.directory.require_ceremony(to.party)
