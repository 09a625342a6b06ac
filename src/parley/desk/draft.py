"""Drafts: a form being filled by an officer, kept locked until it is sent or thrown away, with its former versions and
the files that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from parley.desk import attachment
from parley.desk.attachment import Brought
from parley.desk.by_hand import is_by_hand
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.directory import DirectoryProblem
from parley.forms import Header, Sheet, check
from parley.line.attachment import files_named
from parley.line.note import Attachment, Precedence
from parley.line.ports import Tx
from parley.seal import digest, lock, unlock
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address
from parley.terms.text import shown

KIND = "draft"
VERSION = "draft-version"  # by "DRAFT NUMBER": what was saved, locked as the draft itself is
MOST_VERSIONS = 50
"""Of one draft; the oldest go first. They go with the draft: what was not sent is nobody's record."""


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
    changed_by: str = ""  # who saved it so; "" in drafts from before this was kept
    unfit: dict[int, tuple[str, ...]] = {}  # what was typed and fits no line, as it was typed, until it is mended


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


class Saved(msgspec.Struct, frozen=True):
    """A draft as kept. `version`: 32 digits that no other saving of any draft has."""

    draft_id: str
    version: str
    draft: Draft


Beside = Callable[[Tx, Saved], None]


async def save(
    node: Node,
    draft: Draft,
    draft_id: str = "",
    *,
    expecting: str = "",
    beside: Beside = lambda tx, saved: None,
    by: str = "",
    again: bool = False,
    files: Iterable[Brought] = (),
) -> str:
    """Keep a draft, new or changed; returns its id. It may be incomplete: only `compose` insists.

    Args:
        expecting: the version that is changed; another one raises DeskProblem("draft_changed"), and nothing is kept.
        beside: what else is written in the same unit.
        by: who saves it; its drafter unless named.
        again: what stands there word for word already was kept before (a second click), whatever version it is.
        files: what was brought with it. What it names no more, of what it had, goes.

    Raises DeskProblem("locked") or ("not_ours").
    """
    node.our_office(draft.office)
    draft_id = draft_id or new_id(node)
    made = msgspec.structs.replace(draft, changed_at=node.clock(), changed_by=by or draft.officer)
    locked = _locked(node, made, draft_id)

    def unit(tx: Tx) -> None:
        before = tx.record(KIND, draft_id)
        if again and before is not None and same(_opened(node, draft_id, before).draft, made):
            return
        _expect(tx, draft_id, expecting)
        _write(node, tx, draft_id, made, locked)
        attachment.put(node, tx, draft_id, files)
        attachment.settle(node, tx, draft_id, [one.digest for one in files_of(node, made)])
        beside(tx, Saved(draft_id, _version(locked), made))

    await node.store.write(unit, point="draft")
    return draft_id


def same(one: Draft, other: Draft) -> bool:
    """Whether two drafts say the same, whoever saved them and when."""
    bare = [msgspec.structs.replace(draft, changed_at=0, changed_by="") for draft in (one, other)]
    return msgspec.msgpack.encode(bare[0]) == msgspec.msgpack.encode(bare[1])  # a list of codes may be a tuple


def files_of(node: Node, draft: Draft) -> list[Attachment]:
    """The files that a draft names."""
    return files_named(draft.form, node.library.form(draft.form).version, draft.lines, node.library)


def _write(node: Node, tx: Tx, draft_id: str, made: Draft, locked: bytes) -> None:
    """The draft, and the version beside it; saving the same once more makes no further version."""
    tx.put(KIND, draft_id, locked)
    kept = tx.records(VERSION, f"{draft_id} ")
    last = kept[-1] if kept else None
    if last is not None and same(_opened(node, draft_id, last[1]).draft, made):
        tx.put(VERSION, last[0], locked)
        return
    number = int(last[0].rpartition(" ")[2]) + 1 if last else 1
    tx.put(VERSION, f"{draft_id} {number:08d}", locked)
    for key, _ in kept[: max(0, len(kept) + 1 - MOST_VERSIONS)]:
        tx.drop(VERSION, key)


def forget(tx: Tx, draft_id: str) -> None:
    """Within a unit: the draft is sent or thrown away, and its versions and files go with it."""
    tx.drop(KIND, draft_id)
    for key, _ in tx.records(VERSION, f"{draft_id} "):
        tx.drop(VERSION, key)
    attachment.let_go(tx, draft_id)


def versions(node: Node, draft_id: str) -> list[Saved]:
    """What was saved of a draft, oldest first, the draft as it stands last; raises DeskProblem("no_draft")."""
    now = fetch_saved(node, draft_id)
    kept = node.store.look(lambda look: look.records(VERSION, f"{draft_id} "))
    found = [_opened(node, draft_id, locked) for _, locked in kept]
    return found if found and found[-1].version == now.version else [*found, now]


def count_versions(node: Node, draft_id: str) -> int:
    """How many are kept."""
    return len(node.store.look(lambda look: look.records(VERSION, f"{draft_id} ")))


def new_id(node: Node) -> str:
    """An id for a draft."""
    return node.rng(4).hex()


def keep(node: Node, tx: Tx, draft: Draft, draft_id: str) -> None:
    """Keep a new draft within a unit; raises DeskProblem("locked")."""
    made = msgspec.structs.replace(draft, changed_at=node.clock(), changed_by=draft.officer)
    _write(node, tx, draft_id, made, _locked(node, made, draft_id))


def _locked(node: Node, draft: Draft, draft_id: str) -> bytes:
    body = msgspec.msgpack.encode(draft)
    return lock(node.open_vault().archive_key, body, b"draft " + draft_id.encode(), node.rng)


def _version(locked: bytes) -> str:
    return digest(locked).hex()[:32]


def _expect(tx: Tx, draft_id: str, version: str) -> None:
    if version and ((locked := tx.record(KIND, draft_id)) is None or _version(locked) != version):
        raise DeskProblem("draft_changed", draft=draft_id)


def fetch(node: Node, draft_id: str) -> Draft:
    """The draft with this id; raises DeskProblem("no_draft")."""
    return fetch_saved(node, draft_id).draft


def fetch_saved(node: Node, draft_id: str) -> Saved:
    """The draft with this id, and its version; raises DeskProblem("no_draft")."""
    locked = node.store.look(lambda look: look.record(KIND, draft_id))
    if locked is None:
        raise DeskProblem("no_draft", draft=draft_id)
    return _opened(node, draft_id, locked)


def _opened(node: Node, draft_id: str, locked: bytes) -> Saved:
    body = unlock(node.open_vault().archive_key, locked, b"draft " + draft_id.encode())
    return Saved(draft_id, _version(locked), msgspec.msgpack.decode(body, type=Draft))


def listed(node: Node) -> list[tuple[str, Draft]]:
    """Every draft with its id, oldest first."""
    return [(saved.draft_id, saved.draft) for saved in listed_saved(node)]


def listed_saved(node: Node) -> list[Saved]:
    """Every draft with its version, oldest first."""
    ids = node.store.look(lambda look: [key for key, _ in look.records(KIND)])
    return [fetch_saved(node, draft_id) for draft_id in ids]


async def throw_away(
    node: Node, draft_id: str, *, expecting: str = "", beside: Beside = lambda tx, saved: None
) -> None:
    """Delete a draft; arguments as for `save`. Raises DeskProblem("no_draft")."""
    saved = fetch_saved(node, draft_id)

    def unit(tx: Tx) -> None:
        _expect(tx, draft_id, expecting)
        forget(tx, draft_id)
        beside(tx, saved)

    await node.store.write(unit, point="draft")


def examine(node: Node, draft: Draft) -> Sheet:
    """The checked sheet; raises FormProblem naming every faulty line, so that an officer mends all at once,
    DeskProblem("unfilled") for what was typed and does not fit its line yet, and DirectoryProblem for a form that does
    not travel between these offices."""
    now = node.clock()
    sheet = sheet_of(node, draft, now)
    check(sheet, at_drafting_now=now)
    if draft.unfit:  # or it would go out without what the officer wrote there
        line, typed = min(draft.unfit.items())
        possible = f"see parley forms {draft.form}"
        raise DeskProblem("unfilled", line=line, given=shown(" ".join(typed), 40), possible=possible)
    check_addressing(node, sheet)
    return sheet


def check_addressing(node: Node, sheet: Sheet) -> None:
    """Whether the sheet's form travels from our office to these; raises DirectoryProblem ``office_kind``,
    ``needs_ceremony``. Parties that are not accepted at all are named when the note is composed."""
    rule = node.library.form(sheet.form_number, sheet.form_version).addressing
    accepted = [to for to in sheet.header.recipients if to.party in node.directory.parties]
    for address in (sheet.header.sender, *accepted):
        node.directory.check_office(sheet.form_number, address.party, address.office, rule.offices)
    if sheet.header.accusation or rule.ceremony:
        for to in accepted:
            node.directory.require_ceremony(to.party)
        for to in sheet.header.recipients:
            if is_by_hand(node, to):  # text without a signature: nobody met anybody
                raise DirectoryProblem("needs_ceremony", party=to.party)
