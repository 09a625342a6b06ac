"""Retention: bodies and private names are destroyed on schedule, and the journal says so first.

Of a note goes: its text, the files kept with it, what opens its journal entry, the receipts that speak of nothing else,
an override's reason, and the sealed copy's record, which gives its sender that share of storage back. What stays: the
entry's hash (the tree verifies as before), the row of the register (who, which form, when), where the conversation
stood, its serial (so that it cannot be replayed), and a tombstone. One unit destroys a note whole or not at all.

Not destroyed is what a clause or a legal hold keeps, what is evidence, what waits to be carried, and what a clock still
runs on. The rules are in parley.toml, holds in the store, so that a restored backup knows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import msgspec

from parley.desk import attachment, evidence, fetch_file
from parley.desk.find import find
from parley.desk.give_back import JOB
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.journal import LeafKind
from parley.journal.leaves import destroyed_leaf
from parley.journal.retention import DAY, Subject, Verdict
from parley.line.ports import Look, NoteRow, Tx
from parley.line.receipt import read_receipt
from parley.seal import SealProblem, digest, encode, lock, peek, unlock
from parley.terms.party import PARTY

TOMBSTONE = "tombstone"  # by note id: what was destroyed of it, when, under which rule; "names TIME" for a run's names
HOLD = "hold"  # by "note ID", "thread ID" or "party CODE": the reason, locked
HELD = "hold-record"  # by time and name: every placing and lifting, locked; its digest is an entry OVERRIDE
NAMES = (LeafKind.READ, LeafKind.OVERRIDE)  # entries over our officers' names
PAGE = 256
BATCH = 16  # notes destroyed in one unit
MOST_NAMES = 4096  # entries in one run


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a note that was destroyed. Instants in ms UTC; `freed`: bytes given back to its sender's share.

    Fields:
        rule, days: as they stood when it was destroyed. receipts: how many were destroyed with it.
        leaf, incarnation: its entry, which cannot be opened any more. by: "schedule", or the officer who ran it.
    """

    rule: str
    days: int
    at: int
    by: str
    form: int
    direction: str
    parties: tuple[str, ...]
    stored_at: int
    leaf: int
    incarnation: bytes
    receipts: int
    freed: int


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A run, or (`dry`) what it would do: notes by rule, kept ones that are due by reason, entries over
    names, bytes given back."""

    destroyed: dict[str, int]
    kept: dict[str, int]
    names: int
    freed: int
    dry: bool


# -- what is due


def plan(node: Node) -> tuple[list[tuple[NoteRow, Verdict]], Counter[str]]:
    """The notes that are to go now, oldest first, and how many that are due are kept, by reason. Raises "locked"."""
    now, due = node.clock(), list[tuple[NoteRow, Verdict]]()
    kept: Counter[str] = Counter()
    before, protected = node.retention.youngest(now), evidence.notes_kept(node)
    start = 0
    while before is not None and (rows := _page(node, before + 1, start)):
        start += len(rows)
        for row in rows:
            verdict = node.store.look(lambda look, r=row: _verdict(node, look, r, protected))  # type: ignore[misc]
            if verdict.destroys(now):
                due.append((row, verdict))
            elif verdict.kept and verdict.due is not None and verdict.due <= now:
                kept[verdict.kept] += 1
    return due, kept


def _page(node: Node, before: int, start: int) -> list[NoteRow]:
    return node.store.look(lambda look: look.notes_stored(before, start, PAGE))


def _verdict(node: Node, look: Look, row: NoteRow, protected: Collection[bytes]) -> Verdict:
    holds = [name for name, _ in look.records(HOLD)]
    verdict = node.retention.verdict(_subject(look, row), holds)
    if verdict.rule is None or verdict.kept:
        return verdict
    return msgspec.structs.replace(verdict, kept=_needed(look, row, protected))


def _subject(look: Look, row: NoteRow) -> Subject:
    parties = [conversation.party for conversation in look.conversations(row.note_id)]
    if row.direction == "in":
        parties = list(dict.fromkeys([row.sender, *parties]))
    return Subject(
        row.note_id, row.thread, row.form, row.direction, row.exercise, row.stored_at, tuple(sorted(parties))
    )


def _needed(look: Look, row: NoteRow, protected: Collection[bytes]) -> str:
    """Why a body is still needed; empty if it is not."""
    if row.note_id in protected:
        return "evidence of a contradiction"
    conversations = look.conversations(row.note_id)
    if any(look.outbox_for(row.note_id, one.party) or look.record(JOB, one.party) for one in conversations):
        return "waits to be carried"
    if any(one.due is not None for one in conversations):
        return "a clock still runs on it"
    if any(look.outbox_for(digest(signed), party) for _, party, signed in look.receipts(row.note_id)):
        return "a receipt for it waits to be carried"
    return ""


# -- destroying


async def run(node: Node, by: str, *, dry: bool = False) -> Done:
    """Destroy what is due, in small units; with `dry` say what that would be.

    Raises DeskProblem "no_rule", or "locked": what is evidence can be told only with the archive open.
    """
    if not node.retention.rules and not node.retention.names_days:
        raise DeskProblem("no_rule")
    node.open_vault()
    due, kept = plan(node)
    names = _old_names(node)
    if dry:
        counted = Counter(verdict.rule.name for _, verdict in due if verdict.rule is not None)
        freed = sum(node.store.look(lambda look, r=row: _share(look, r)) for row, _ in due)  # type: ignore[misc]
        return Done(destroyed=dict(counted), kept=dict(kept), names=len(names), freed=freed, dry=True)
    protected, stones = evidence.notes_kept(node), list[Tombstone]()
    for at in range(0, len(due), BATCH):
        rows = [row for row, _ in due[at : at + BATCH]]
        stones += await node.store.write(lambda tx, r=rows: _destroy_all(node, tx, r, by, protected), point="retention")  # type: ignore[misc]
    for at in range(0, len(names), PAGE):
        some = names[at : at + PAGE]
        await node.store.write(lambda tx, s=some: _destroy_names(node, tx, s, by), point="retention")  # type: ignore[misc]
    return Done(
        destroyed=dict(Counter(stone.rule for stone in stones)),
        kept=dict(kept),
        names=len(names),
        freed=sum(stone.freed for stone in stones),
        dry=False,
    )


async def on_schedule(node: Node) -> None:
    """What the timer does: nothing without a rule, and nothing while the node is locked."""
    if node.vault is not None and (node.retention.rules or node.retention.names_days):
        await run(node, "schedule")


def _share(look: Look, row: NoteRow) -> int:
    held = look.held_for(row.note_id)
    return held.size if held is not None else 0


def _destroy_all(node: Node, tx: Tx, rows: list[NoteRow], by: str, protected: Collection[bytes]) -> list[Tombstone]:
    """Judged once more over the store as it is now: a hold may have been placed since the plan was made."""
    now, stones = node.clock(), []
    for row in rows:
        stored = tx.note(row.note_id)
        verdict = _verdict(node, tx, row, protected)
        if stored is not None and stored.body is not None and verdict.destroys(now):
            stones.append(_destroy(node, tx, row, verdict, by, now))
    return stones


def _destroy(node: Node, tx: Tx, row: NoteRow, verdict: Verdict, by: str, now: int) -> Tombstone:
    assert verdict.rule is not None
    subject = _subject(tx, row)
    _destroy_entry(node, tx, row.incarnation, row.leaf, now)
    tx.destroy_body(row.note_id)
    receipts = _destroy_receipts(tx, row)
    tx.drop("override", row.note_id.hex())
    attachment.let_go(tx, row.note_id.hex())
    fetch_file.let_go(node, tx, row.note_id)
    stone = Tombstone(
        rule=verdict.rule.name,
        days=verdict.rule.days,
        at=now,
        by=by,
        form=row.form,
        direction=row.direction,
        parties=subject.parties,
        stored_at=row.stored_at,
        leaf=row.leaf,
        incarnation=row.incarnation,
        receipts=receipts,
        freed=tx.destroy_held(row.note_id),
    )
    tx.put(TOMBSTONE, row.note_id.hex(), msgspec.msgpack.encode(stone))
    return stone


def _destroy_entry(node: Node, tx: Tx, incarnation: bytes, index: int, now: int) -> None:
    """First the journal says so, in the present incarnation; then what opens the entry goes."""
    commitment = tx.leaf(index, incarnation).commitment
    tx.append(destroyed_leaf(commitment, now, node.rng))
    tx.destroy_leaf(index, incarnation)


def _destroy_receipts(tx: Tx, row: NoteRow) -> int:
    """Receipts that cover no note whose body is still here: the options that were answered stand in them."""
    gone = 0
    for direction, party, signed in tx.receipts(row.note_id):
        try:
            notes = {entry.note for entry in read_receipt(peek(signed).payload).entries if entry.note is not None}
        except SealProblem:  # pragma: no cover: it was verified when it was kept
            continue
        others = [tx.note(one) for one in notes if one != row.note_id]
        if all(other is None or other.body is None for other in others):
            tx.destroy_receipt("in" if direction == "in" else "out", party, signed, notes)
            gone += 1
    return gone


def _old_names(node: Node) -> list[tuple[bytes, int]]:
    """Entries over officers' names that are old enough; none while anything is held, for nobody can tell whose."""
    days = node.retention.names_days
    if not days or node.store.look(lambda look: look.records(HOLD)):
        return []
    before = node.clock() - days * DAY
    return [one for kind in NAMES
            for one in node.store.look(lambda look, k=kind: look.leaves_of(int(k), before, MOST_NAMES))]  # type: ignore[misc]  # fmt: skip


def _destroy_names(node: Node, tx: Tx, entries: list[tuple[bytes, int]], by: str) -> None:
    now = node.clock()
    if tx.records(HOLD):
        return
    for incarnation, index in entries:
        _destroy_entry(node, tx, incarnation, index, now)
    said = {"rule": "names", "days": node.retention.names_days, "at": now, "by": by, "entries": len(entries)}
    tx.put(TOMBSTONE, f"names {now:016d} {entries[0][1]}", msgspec.msgpack.encode(said))


# -- holds


def named(node: Node, what: str, *, thread: bool = False) -> str:
    """What is to be held, as `hold` wants it: a party's code, or a note by its id or the beginning of it (with
    `thread`: the whole correspondence that it belongs to). Raises DeskProblem ``no_note``, ``many_notes``."""
    if PARTY.fullmatch(what):
        return f"party {what}"
    row = find(node, what)
    return f"thread {row.thread.hex()}" if thread else f"note {row.note_id.hex()}"


async def hold(node: Node, name: str, why: str, officer: str, *, lift: bool = False) -> None:
    """Place a legal hold on "note ID", "thread ID" or "party CODE", or lift it; journalled, the reason locked.

    Raises DeskProblem "no_hold" where there is none to lift, or "locked".
    """
    key, now = node.open_vault().archive_key, node.clock()
    said = encode([name, why, officer, lift, now])

    def unit(tx: Tx) -> None:
        if lift and tx.record(HOLD, name) is None:
            raise DeskProblem("no_hold", what=name[:80])
        record = f"{now:016d} {name}"
        tx.put(HELD, record, lock(key, said, b"hold " + record.encode(), node.rng))
        node.write_leaf(tx, LeafKind.OVERRIDE, digest(said), now)
        if lift:
            tx.drop(HOLD, name)
        else:
            tx.put(HOLD, name, lock(key, why.encode(), b"hold " + name.encode(), node.rng))

    await node.store.write(unit, point="hold")


# -- showing


def shown(node: Node, limit: int = 20) -> dict[str, Any]:
    """Rules, clauses, holds with their reasons (while the archive is open), and the newest tombstones."""
    holds, stones = node.store.look(lambda look: (look.records(HOLD), look.records(TOMBSTONE)))
    return {
        "rules": [msgspec.to_builtins(rule) for rule in node.retention.rules],
        "keeps": [msgspec.to_builtins(clause) for clause in node.retention.keeps],
        "names_days": node.retention.names_days,
        "holds": [{"what": name, "why": _why(node, name, value)} for name, value in holds],
        "tombstones": [_stone(key, value) for key, value in stones[-limit:][::-1]],
        "destroyed": sum(not key.startswith("names ") for key, _ in stones),
    }


def _why(node: Node, name: str, value: bytes) -> str | None:
    if node.vault is None:
        return None
    return unlock(node.vault.archive_key, value, b"hold " + name.encode()).decode()


def _stone(key: str, value: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.msgpack.decode(value)
    found.pop("incarnation", None)
    return {"note": "" if key.startswith("names ") else key, **found}


def tombstone(node: Node, note_id: bytes) -> Tombstone | None:
    """What is left of a note that was destroyed."""
    value = node.store.look(lambda look: look.record(TOMBSTONE, note_id.hex()))
    return None if value is None else msgspec.msgpack.decode(value, type=Tombstone)
