"""A run that waits: handed in, so that officers give their words for all of its notes and one of them releases it.

As with a single note (`clear`) the exact bytes are composed first, and officers clear and release those and nothing
else; the signer hears each of them for itself. One passkey speaks for a whole run, over the digest of all its notes:
they are exercises that say the same, which the signer sees to (outside.keys.run). Here is kept what the desk shows of
it, for a day; then its serials are void and it can be handed in anew. Leaves out passphrases: they never come this way.
"""

from __future__ import annotations

import msgspec

from parley.clearance import Proof, Role, Word, missing, run_digest
from parley.desk import restart
from parley.desk.clear import WAITS_MS, asked_of
from parley.desk.compose import RESERVED
from parley.desk.drill import HANDED, draft_of, find, runs_of, text_of
from parley.desk.drill_run import compose_run, release_run
from parley.desk.look_over import look_over
from parley.desk.node import Node, OfficeDoor, Reservation
from parley.desk.problems import DeskProblem
from parley.directory.drill import Drill, Run, next_run
from parley.forms import Finding
from parley.line.note import Note, note_id, read_note
from parley.line.ports import Look, Tx
from parley.seal import lock, unlock


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A run at rest, locked under the archive key. `now`: it is to begin when it is released."""

    number: int
    due_at: int
    now: bool
    payloads: tuple[bytes, ...]
    left_out: dict[str, str]
    by: str
    at: int
    until: int
    words: tuple[Word, ...] = ()


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """A run that waits. Times in ms UTC; `now`: it begins when it is released, and not at `due_at`.

    `digest`: 32 bytes that stand for all of `payloads`; `note`: one of them, which says what all say; `ids`: theirs, by
    address; `missing`: roles whose word is still asked for, whoever releases; `wording`: own words to look at again.
    """

    drill: Drill
    number: int
    due_at: int
    now: bool
    payloads: tuple[bytes, ...]
    digest: bytes
    ids: dict[str, bytes]
    note: Note
    left_out: dict[str, str]
    by: str
    at: int
    until: int
    words: tuple[Word, ...]
    missing: tuple[Role, ...]
    wording: tuple[Finding, ...]


async def hand_in(node: Node, given: str, officer: str, *, now_at_once: bool = False) -> Handed:
    """Compose the next run of a drill and let it wait; the one that waits already, if there is one.

    Raises what `compose_run` raises, and DeskProblem("nobody_to_ask") if none of its offices can be asked now.
    """
    drill, now = node.store.look(lambda look: find(look, given)), node.clock()
    if node.store.look(lambda look: _standing(node, look, drill)) is not None:
        return fetch(node, drill.id)
    until = now + WAITS_MS
    batch = await compose_run(node, drill.id, officer=officer, now_at_once=now_at_once, until=until)
    if not batch.composed:
        raise DeskProblem("nobody_to_ask")
    kept = _Kept(
        number=batch.number,
        due_at=batch.due_at,
        now=now_at_once,
        payloads=tuple(one.payload for one in batch.composed),
        left_out=batch.left_out,
        by=officer,
        at=now,
        until=until,
    )

    def unit(tx: Tx) -> None:
        if _standing(node, tx, drill) is None:
            tx.put(HANDED, drill.id, _locked(node, drill.id, kept))
        else:  # another officer was quicker: theirs waits, and ours is void
            _let_go(tx, kept)

    await node.store.write(unit, point="drill")
    await restart.settle(node)
    return fetch(node, drill.id)


def fetch(node: Node, given: str) -> Handed:
    """The run of a drill that waits; raises DeskProblem "no_drill", "no_run_waits", "locked"."""
    drill = node.store.look(lambda look: find(look, given))
    node.open_vault()
    kept = node.store.look(lambda look: _standing(node, look, drill))
    if kept is None:
        raise DeskProblem("no_run_waits", drill=drill.id)
    notes = [(note_id(one), read_note(one)) for one in kept.payloads]
    identity, note = notes[0]
    draft = draft_of(drill, text_of(node, drill), drill.to[0], kept.by, note.answer_by)
    return Handed(
        drill=drill,
        number=kept.number,
        due_at=kept.due_at,
        now=kept.now,
        payloads=kept.payloads,
        digest=run_digest(one for one, _ in notes),
        ids={str(each.recipients[0].address): one for one, each in notes},
        note=note,
        left_out=kept.left_out,
        by=kept.by,
        at=kept.at,
        until=kept.until,
        words=kept.words,
        missing=missing(node.policy.rule(asked_of(note, identity)), kept.words),
        wording=look_over(node, draft),
    )


def waiting(node: Node) -> frozenset[str]:
    """Ids of the drills of which a run waits; none of a locked node."""
    if node.vault is None:
        return frozenset()

    def read(look: Look) -> frozenset[str]:
        drills = [find(look, key) for key, _ in look.records(HANDED)]
        return frozenset(drill.id for drill in drills if _standing(node, look, drill) is not None)

    return node.store.look(read)


async def say(node: Node, given: str, officer: str, role: Role, proof: Proof) -> Handed:
    """An officer's word for every note of the run: the signer checks it, and then it is kept here too."""
    one = fetch(node, given)
    word = await _signer(node, one).say_run(one.payloads, officer, role, proof)

    def unit(tx: Tx) -> None:
        kept = _standing(node, tx, one.drill)
        if kept is None or kept.payloads != one.payloads:
            raise DeskProblem("no_run_waits", drill=one.drill.id)
        others = tuple(each for each in kept.words if (each.officer, each.role) != (word.officer, word.role))
        after = msgspec.structs.replace(kept, words=(*others, word))
        tx.put(HANDED, one.drill.id, _locked(node, one.drill.id, after))

    await node.store.write(unit, point="drill")
    return fetch(node, one.drill.id)


async def release(node: Node, given: str, officer: str, proof: Proof, reason: str = "") -> Run:
    """Let the run go out at its time, on an officer's passkey. The signer checks the proof and the policy."""
    one = fetch(node, given)
    made = await _signer(node, one).release_run(one.payloads, officer, proof, reason)
    due_at = node.clock() if one.now else max(one.due_at, node.clock())
    signed = [each for each, _ in made]
    return await release_run(node, one.drill.id, one.number, due_at, signed, one.left_out, officer)


async def take_back(node: Node, given: str) -> Drill:
    """It waits no longer: its serials are void, and it can be handed in anew."""
    one = fetch(node, given)

    def unit(tx: Tx) -> None:
        kept = _standing(node, tx, one.drill)
        if kept is None:
            raise DeskProblem("no_run_waits", drill=one.drill.id)
        _let_go(tx, kept)
        tx.drop(HANDED, one.drill.id)

    await node.store.write(unit, point="drill")
    await restart.settle(node)
    return one.drill


def _standing(node: Node, look: Look, drill: Drill) -> _Kept | None:
    """What waits of a drill, if it is still the run to hold next, and its serials still wait."""
    value = look.record(HANDED, drill.id)
    if value is None:
        return None
    kept = msgspec.msgpack.decode(unlock(node.open_vault().archive_key, value, _context(drill)), type=_Kept)
    run = next_run(drill, runs_of(look, drill))
    stands = run is not None and (run.number, run.released_at) == (kept.number, None) and node.clock() < kept.until
    held = all(look.record(RESERVED, note_id(one).hex()) is not None for one in kept.payloads)
    return kept if stands and held and drill.cancelled_at is None else None


def _let_go(tx: Tx, kept: _Kept) -> None:
    """Serials that wait no longer; the next `restart.settle` declares them void."""
    for identity in map(note_id, kept.payloads):
        reserved = tx.record(RESERVED, identity.hex())
        if reserved is not None:
            ended = msgspec.structs.replace(msgspec.msgpack.decode(reserved, type=Reservation), until=0, at=0)
            tx.put(RESERVED, identity.hex(), msgspec.msgpack.encode(ended))


def _signer(node: Node, one: Handed) -> OfficeDoor:
    if one.drill.office not in node.signers:
        raise DeskProblem("no_signer_here", office=one.drill.office)
    return node.signers[one.drill.office]


def _context(drill: Drill) -> bytes:
    return b"drill-handed " + drill.id.encode()


def _locked(node: Node, drill_id: str, kept: _Kept) -> bytes:
    context = b"drill-handed " + drill_id.encode()
    return lock(node.open_vault().archive_key, msgspec.msgpack.encode(kept), context, node.rng)
