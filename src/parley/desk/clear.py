"""Clear: notes that wait for words and for their release, and what went out by one officer alone.

A draft that is submitted becomes the exact bytes to be signed: officers clear those and nothing else, and the signer
hears each of them for itself (outside.keys.words). Here is kept what the desk shows of it. The serials are reserved for
a day; then the note is void and its draft still there.
"""

from __future__ import annotations

import msgspec

from parley.clearance import (
    Asked,
    Challenge,
    ClearanceProblem,
    Proof,
    Reader,
    Role,
    Verdict,
    Word,
    check_reason,
    missing,
)
from parley.clearance.gate import Exit
from parley.desk import access, draft, restart
from parley.desk.compose import RESERVED, Composed, compose
from parley.desk.find import find
from parley.desk.node import Node, OfficeDoor, Reservation
from parley.desk.problems import DeskProblem
from parley.desk.release import CLEARED, LONE, WAITING, read_verdict
from parley.desk.release import release as _release
from parley.journal import LeafKind
from parley.line.note import Note, read_note
from parley.line.ports import Tx
from parley.seal import digest, lock, unlock

WAITS_MS = 86_400_000


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A waiting note at rest, locked under the archive key."""

    payload: bytes
    draft_id: str
    version: str
    drafter: str
    at: int
    words: tuple[Word, ...] = ()


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A note that waits. Times in ms UTC. `missing`: roles whose word is still asked for, whoever releases;
    `changed`: its draft was changed since, so that the note says something else than the draft."""

    note_id: bytes
    payload: bytes
    note: Note
    draft_id: str
    drafter: str
    at: int
    until: int
    words: tuple[Word, ...]
    missing: tuple[Role, ...]
    changed: bool


class _Waits(Exception):
    """The draft was submitted before, just so, and that note still waits."""

    def __init__(self, note_id: bytes) -> None:
        super().__init__(note_id.hex())
        self.note_id = note_id


async def submit(node: Node, draft_id: str, officer: str) -> Waiting:
    """Compose a draft and let it wait; submitted twice unchanged it is one note. Raises what `compose` raises."""
    saved, now = draft.fetch_saved(node, draft_id), node.clock()

    def beside(tx: Tx, made: Composed) -> None:
        for key, value in tx.records(WAITING):
            before = _unlocked(node, bytes.fromhex(key), value)
            if (before.draft_id, before.version) == (draft_id, saved.version) and tx.record(RESERVED, key):
                raise _Waits(bytes.fromhex(key))  # and the serials of this unit were never taken
        kept = _Kept(payload=made.payload, draft_id=draft_id, version=saved.version, drafter=officer, at=now)
        tx.put(WAITING, made.note_id.hex(), _locked(node, made.note_id, kept))

    try:
        made = await compose(node, saved.draft, draft_id, until=now + WAITS_MS, beside=beside)
    except _Waits as waits:
        return fetch(node, waits.note_id)
    return fetch(node, made.note_id)


def waiting(node: Node, who: Reader | None = None) -> list[Waiting]:
    """What waits, oldest first; of it what `who` may see."""
    ids = node.store.look(
        lambda look: [bytes.fromhex(key) for key, _ in look.records(WAITING) if look.record(RESERVED, key)]
    )
    found = sorted((fetch(node, one) for one in ids), key=lambda one: one.at)
    return found if who is None else access.let_out(who, Exit.PAGE, found, lambda one: access.note_thing(one.note))


def fetch(node: Node, note_id: bytes) -> Waiting:
    """One of them; raises DeskProblem("not_waiting") also when its time ran out."""
    kept, reserved = _kept(node, note_id), node.store.look(lambda look: look.record(RESERVED, note_id.hex()))
    if reserved is None:
        raise DeskProblem("not_waiting", note=note_id.hex()[:16])
    note = read_note(kept.payload)
    return Waiting(
        note_id=note_id,
        payload=kept.payload,
        note=note,
        draft_id=kept.draft_id,
        drafter=kept.drafter,
        at=kept.at,
        until=msgspec.msgpack.decode(reserved, type=Reservation).until,
        words=kept.words,
        missing=missing(node.policy.rule(asked_of(note, note_id)), kept.words),
        changed=_version(node, kept.draft_id) != kept.version,
    )


def resolve(node: Node, given: str) -> bytes:
    """The id of the one waiting note whose id begins so; raises DeskProblem ``not_waiting``, ``many_notes``."""
    found = node.store.look(lambda look: [key for key, _ in look.records(WAITING) if key.startswith(given.lower())])
    if len(found) > 1:
        raise DeskProblem("many_notes", note=given[:16])
    if not found or not given:
        raise DeskProblem("not_waiting", note=given[:16])
    return bytes.fromhex(found[0])


def asked_of(note: Note, note_id: bytes) -> Asked:
    """What release policy looks at in a note."""
    return Asked(
        form=note.form,
        precedence=int(note.precedence),
        exercise=note.exercise,
        accusation=note.accusation,
        digest=note_id,
        to=tuple(str(one.address) for one in note.recipients),
        lines=note.lines,
        attachments=len(note.attachments),
    )


async def say(node: Node, note_id: bytes, officer: str, role: Role, proof: Proof) -> Waiting:
    """An officer's word by passkey or by telephone: the signer checks it, and then it is kept here too."""
    one = fetch(node, note_id)
    return await told(node, note_id, await _signer(node, one.note).say(one.payload, officer, role, proof))


async def told(node: Node, note_id: bytes, word: Word) -> Waiting:
    """Keep a word that the signer has heard."""

    def unit(tx: Tx) -> None:
        value = tx.record(WAITING, note_id.hex())
        if value is None:
            raise DeskProblem("not_waiting", note=note_id.hex()[:16])
        kept = _unlocked(node, note_id, value)
        others = tuple(one for one in kept.words if (one.officer, one.role) != (word.officer, word.role))
        tx.put(WAITING, note_id.hex(), _locked(node, note_id, msgspec.structs.replace(kept, words=(*others, word))))

    await node.store.write(unit, point="clear")
    return fetch(node, note_id)


async def challenge(node: Node, note_id: bytes) -> Challenge:
    """A number to be read out by telephone, drawn by the signer for this very note."""
    one = fetch(node, note_id)
    return await _signer(node, one.note).number(one.payload)


async def release(node: Node, note_id: bytes, officer: str, proof: Proof, reason: str = "") -> bytes:
    """Let it go out on an officer's passkey or code; returns its id. The signer checks the proof and the policy."""
    one = fetch(node, note_id)
    signed, verdict = await _signer(node, one.note).release(one.payload, officer, proof, reason)
    return await _release(node, signed, verdict)


async def withdraw(node: Node, note_id: bytes) -> str:
    """Take a note back: its serials are void and its draft can be changed; returns the draft's id."""
    kept = _kept(node, note_id)

    def unit(tx: Tx) -> None:
        reserved = tx.record(RESERVED, note_id.hex())
        tx.drop(WAITING, note_id.hex())
        if reserved is not None:
            ended = msgspec.structs.replace(msgspec.msgpack.decode(reserved, type=Reservation), until=0, at=0)
            tx.put(RESERVED, note_id.hex(), msgspec.msgpack.encode(ended))

    await node.store.write(unit, point="clear")
    node.composed.pop(note_id, None)
    await restart.settle(node)
    return kept.draft_id


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """What one officer released alone; `reviewed_by` empty: not yet."""

    note_id: bytes
    verdict: Verdict
    at: int
    reviewed_by: str = ""
    reviewed_at: int = 0
    remark: str = ""


def to_review(node: Node) -> list[Alone]:
    """What went out by one officer alone and was not reviewed yet, oldest first."""
    ids = node.store.look(lambda look: [bytes.fromhex(key) for key, _ in look.records(LONE)])
    return sorted((_alone(node, one) for one in ids), key=lambda one: one.at)


async def review(node: Node, given: str, officer: str, remark: str = "") -> Alone:
    """Another officer's look at such a release, journalled; raises ClearanceProblem ``own_review``, ``bad_reason``,
    DeskProblem ``nothing_to_review``."""
    note_id = find(node, given).note_id
    if node.store.look(lambda look: look.record(LONE, note_id.hex())) is None:
        raise DeskProblem("nothing_to_review", note=note_id.hex()[:16])
    before = _alone(node, note_id)
    if officer == before.verdict.releaser and not node.roster.is_lone:
        raise ClearanceProblem("own_review", officer=officer)
    said = check_reason(remark) if remark else ""
    made = msgspec.structs.replace(before, reviewed_by=officer, reviewed_at=node.clock(), remark=said)
    content = msgspec.msgpack.encode(made)

    def unit(tx: Tx) -> None:
        node.write_leaf(tx, LeafKind.CLEARANCE, digest(content), made.reviewed_at)
        tx.drop(LONE, note_id.hex())
        key = node.open_vault().archive_key
        tx.put("reviewed", note_id.hex(), lock(key, content, b"reviewed " + note_id, node.rng))

    await node.store.write(unit, point="clear")
    return made


def _alone(node: Node, note_id: bytes) -> Alone:
    at = node.store.look(lambda look: look.record(LONE, note_id.hex())) or b""
    value = node.store.look(lambda look: look.record(CLEARED, note_id.hex())) or b""
    return Alone(note_id=note_id, verdict=read_verdict(node, note_id, value), at=int.from_bytes(at, "big"))


def verdict_of(node: Node, note_id: bytes) -> Verdict | None:
    """By what right a note of ours went out, None if nothing was written down."""
    value = node.store.look(lambda look: look.record(CLEARED, note_id.hex()))
    return None if value is None else read_verdict(node, note_id, value)


def _signer(node: Node, note: Note) -> OfficeDoor:
    if note.sender.office not in node.signers:
        raise DeskProblem("no_signer_here", office=note.sender.office)
    return node.signers[note.sender.office]


def _version(node: Node, draft_id: str) -> str:
    try:
        return draft.fetch_saved(node, draft_id).version
    except DeskProblem:
        return ""


def _kept(node: Node, note_id: bytes) -> _Kept:
    value = node.store.look(lambda look: look.record(WAITING, note_id.hex()))
    if value is None:
        raise DeskProblem("not_waiting", note=note_id.hex()[:16])
    return _unlocked(node, note_id, value)


def _locked(node: Node, note_id: bytes, kept: _Kept) -> bytes:
    key = node.open_vault().archive_key
    return lock(key, msgspec.msgpack.encode(kept), b"waiting " + note_id, node.rng)


def _unlocked(node: Node, note_id: bytes, value: bytes) -> _Kept:
    return msgspec.msgpack.decode(unlock(node.open_vault().archive_key, value, b"waiting " + note_id), type=_Kept)
