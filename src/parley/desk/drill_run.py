"""Asking: a person releases the notes of a run, each for itself through the signer, and the node sends them in time.

The node holds no office key and releases nothing. An officer sees the text once and gives the passphrase once; the
signer checks a proof over each single note. What was released before its time waits here, locked, until then. A run
whose time has come without a release is due, and stays so: it is shown, not sent.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.desk.compose import Composed, compose, may_send_to
from parley.desk.drill import (
    HANDED,
    RINGS,
    SIGNED,
    all_drills,
    draft_of,
    find,
    forget_signed,
    keep_reserved,
    put_run,
    runs_of,
    text_of,
)
from parley.desk.look_over import look_over
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.release import release
from parley.directory.drill import AHEAD, Drill, Run, RunStage, next_run, passed_over, stage
from parley.forms import Finding
from parley.line.note import Note, note_id, read_note
from parley.line.ports import Look, Tx
from parley.seal import Domain, lock, peek, unlock, verify
from parley.terms.party import Address
from parley.terms.problem import Fault, Problem

KEPT_AFTER = 3_600_000  # ms that a released note's serial waits beyond its time: the node may have been locked
TRACED_FOR = 14 * 86_400_000  # ms after a run began: as long as a note may be in transit
MINUTE = 60_000


class Batch(msgspec.Struct, frozen=True):
    """What is to be released for a run: one note for each office, and why some have none (problem keys).

    `wording`: what of the drill's own words should be looked at again; it stops nothing.
    """

    drill: Drill
    number: int
    due_at: int
    composed: tuple[Composed, ...]
    left_out: dict[str, str]
    wording: tuple[Finding, ...] = ()


async def compose_run(node: Node, given: str, *, officer: str, now_at_once: bool = False, until: int = 0) -> Batch:
    """Compose the next run's notes for release; `now_at_once`: it is to begin now and not at its time.

    `until`: the serials wait at least so long for their release (ms UTC); 0: the usual time.

    Raises DeskProblem: "no_drill", "nothing_to_release", "too_early".
    """
    drill = node.store.look(lambda look: find(look, given))
    now = node.clock()
    run = next_run(drill, node.store.look(lambda look: runs_of(look, drill)))
    if run is None or run.released_at is not None or stage(drill, run, now) is RunStage.NOT_HELD:
        raise DeskProblem("nothing_to_release", drill=drill.id)
    due_at = now if now_at_once else max(now, run.due_at)
    if due_at - now > AHEAD:
        raise DeskProblem("too_early", drill=drill.id, days=AHEAD // 86_400_000)
    text, composed, left_out = text_of(node, drill), [], {}
    answer_by = (due_at + drill.hoped + MINUTE - 1) // MINUTE * MINUTE
    for address in drill.to:
        try:
            check_listed(node, drill, address)
            asked = draft_of(drill, text, address, officer, answer_by)
            composed.append(await compose(node, asked, until=until))
        except Problem as problem:  # one suspended party must not stop a drill of a hundred
            if problem.fault is Fault.MACHINE:
                raise
            left_out[address] = problem.key
    again = look_over(node, draft_of(drill, text, drill.to[0], officer, answer_by))
    return Batch(drill, run.number, due_at, tuple(composed), left_out, again)


def check_listed(node: Node, drill: Drill, address: str) -> None:
    """Raise DeskProblem("bearer_not_listed") if a drill over one bearer asks a party that lists none of that kind. By
    hand anybody can be reached."""
    party = Address.parse(address).party
    listed = {bearer.kind for bearer in node.directory.entry(party).current.bearers}
    if drill.over not in ("", "by-hand", *listed):
        raise DeskProblem("bearer_not_listed", party=party, bearer=drill.over)


async def release_run(
    node: Node, given: str, number: int, due_at: int, signed: Sequence[bytes], left_out: dict[str, str], officer: str
) -> Run:
    """Take the notes that the signer signed for a run; they go out at its time, which may be now.

    Raises DeskProblem: "nothing_to_release", "not_of_drill" (not an exercise, not to an office of the drill, twice);
    SealProblem if our office did not sign it. Then nothing is kept.
    """
    drill = node.store.look(lambda look: find(look, given))
    now = node.clock()
    notes = {_addressed(note): (note, one) for one, note in ((one, _verified(node, one, now)) for one in signed)}
    if len(notes) != len(signed) or any(not _belongs(drill, address, note) for address, (note, _) in notes.items()):
        raise DeskProblem("not_of_drill", drill=drill.id)
    ids = {address: note_id(peek(one).payload) for address, (_, one) in notes.items()}
    locked = {
        identity: lock(node.open_vault().archive_key, notes[address][1], b"drill-note " + identity, node.rng)
        for address, identity in ids.items()
    }

    def unit(tx: Tx) -> Run:
        run = next_run(find(tx, drill.id), runs_of(tx, drill))
        if run is None or run.number != number or run.released_at is not None or not ids:
            raise DeskProblem("nothing_to_release", drill=drill.id)
        for identity, body in locked.items():
            tx.put(SIGNED, f"{drill.id} {number:06} {identity.hex()}", body)
            keep_reserved(tx, identity, due_at + KEPT_AFTER)
        released = msgspec.structs.replace(
            run, due_at=due_at, notes=ids, left_out=left_out, released_at=now, released_by=officer
        )
        put_run(tx, released)
        tx.drop(HANDED, drill.id)
        return released

    run = await node.store.write(unit, point="drill")
    await tend(node)
    return run


def _verified(node: Node, signed: bytes, now: int) -> Note:
    note = read_note(peek(signed).payload)
    keys = node.directory.office_keys(node.party, note.sender.office, signed_at=note.signed_at, now=now).keys
    verify(signed, keys, Domain.NOTE)
    return note


def _addressed(note: Note) -> str:
    return str(note.recipients[0].address)


def _belongs(drill: Drill, address: str, note: Note) -> bool:
    alone = len(note.recipients) == 1 and note.sender.office == drill.office
    return note.exercise and alone and address in drill.to and note.form == drill.form


async def tend(node: Node) -> int:
    """Send what is released and due, and note what was passed over; returns how many runs began."""
    began = 0
    async with node.drill_lock:  # the timer and an officer's release may come at the same moment
        for drill in node.store.look(all_drills):
            began += await _tend(node, drill)
    return began


async def _tend(node: Node, drill: Drill) -> int:
    now = node.clock()
    while (run := next_run(drill, node.store.look(lambda look: runs_of(look, drill)))) is not None:
        if passed_over(drill, run, now):
            after = msgspec.structs.replace(run, passed_over_at=now)
            await node.store.write(lambda tx, after=after: put_run(tx, after), point="drill")  # type: ignore[misc]
            continue
        ready = stage(drill, run, now) is RunStage.RELEASED and run.due_at <= now and node.vault is not None
        return int(ready and await _begin(node, drill, run, now))
    return 0


async def _begin(node: Node, drill: Drill, run: Run, now: int) -> bool:
    """Send each note; False if none could go. After a crash in the midst of it, what went is in the journal: go on."""
    node.traced.update(dict.fromkeys(run.notes.values(), drill.over))
    left_out = dict(run.left_out)
    for address, identity in run.notes.items():
        try:
            await _send(node, run, address, identity, rings=drill.rings)
        except Problem as problem:
            if problem.fault is Fault.MACHINE:  # a full disk is no reason to leave anybody out: it is tried again
                raise
            left_out[address] = problem.key
    sent = {address: identity for address, identity in run.notes.items() if address not in left_out}
    kept_back = msgspec.structs.replace(run, notes={a: i for a, i in run.notes.items() if a in left_out})

    def unit(tx: Tx) -> None:
        for key, _ in tx.records(SIGNED, f"{run.drill} {run.number:06} "):
            tx.drop(SIGNED, key)
        forget_signed(tx, kept_back)
        # If none could go (the store was restored meanwhile, say), nothing was held: it awaits another release.
        after = msgspec.structs.replace(run, notes=sent, left_out=left_out)
        after = (
            msgspec.structs.replace(after, began_at=now)
            if sent
            else msgspec.structs.replace(after, released_at=None, released_by="")
        )
        put_run(tx, after)

    await node.store.write(unit, point="drill")
    return bool(sent)


async def _send(node: Node, run: Run, address: str, identity: bytes, *, rings: bool) -> None:
    if node.store.look(lambda look: look.note(identity)) is not None:
        return
    may_send_to(node, Address.parse(address), "")  # what was accepted at the release may be suspended by now
    body = node.store.look(lambda look: look.record(SIGNED, f"{run.drill} {run.number:06} {identity.hex()}"))
    if body is None:
        raise DeskProblem("not_composed")
    if rings:
        await node.store.write(lambda tx: tx.put(RINGS, identity.hex(), b""), point="drill")
    await release(node, unlock(node.open_vault().archive_key, body, b"drill-note " + identity))


def remember(node: Node) -> None:
    """At a start: the notes of runs that began lately are traced again."""
    now = node.clock()

    def read(look: Look) -> dict[bytes, str]:
        runs = [(drill, run) for drill in all_drills(look) for run in runs_of(look, drill)]
        lately = [(d, run) for d, run in runs if run.began_at is not None and now - run.began_at < TRACED_FOR]
        return {identity: drill.over for drill, run in lately for identity in run.notes.values()}

    node.traced = node.store.look(read)
