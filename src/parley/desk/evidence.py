"""Evidence: two signed things that contradict each other, kept with the particulars that check them, and handed out.

What is kept verifies by itself, with nothing but the root digest of the accused: `parley verify FILE --root`. Forks of
a journal are kept in the open, since checkpoints are; two notes under one serial are kept locked, as bodies are. What a
contradiction means (fraud, a stolen key, a backup put back by hand) it does not say. Left out: particulars of which a
party signed two (`directory`), which mark that party's every note until an officer sets them aside.
"""

from __future__ import annotations

import msgspec

from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.journal import (
    EvidenceKind,
    JournalProblem,
    fork_of_checkpoints,
    fork_of_serials,
    is_evidence,
    read_evidence,
)
from parley.line.note import note_id, read_note
from parley.line.ports import Look, Tx
from parley.seal import SealProblem, decode, encode, peek
from parley.terms.problem import Problem

FORKS = "evidence"  # by journal: a fork of it
CONTRADICTIONS = "fork"  # by party and sealed digest, locked: evidence, or (a void against a note) what contradicts
LARGEST_PAIR = 1 << 21


class Kept(msgspec.Struct, frozen=True):
    """One piece, as listed. `number` counts from 1 in the order in which they were kept.

    Fields:
        kind: "checkpoints", "serials", or "void": a note and a void under one serial, which no file proves.
        party: who signed both. about: the journal, or the digest of the sealed bytes that came.
        provable: whether it can be exported; None while the node is locked and it cannot be told.
    """

    number: int
    kind: str
    party: str
    about: str
    provable: bool | None


def chain_of(node: Node, party: str) -> list[bytes]:
    """The signed particulars of a party, from those of the ceremony on."""
    return [held.signed.raw for held in node.directory.history(party)]


def fork_of(node: Node, party: str, first: str, second: str) -> bytes:
    """What to keep of two checkpoints of one size and different roots: evidence that verifies by itself.

    The bare pair where the particulars at hand do not verify it: it is better kept than lost.
    """
    try:
        return fork_of_checkpoints(first, second, party, chain_of(node, party)).to_bytes()
    except JournalProblem:
        return encode([first, second])


def keep_fork(tx: Tx, journal: str, found: bytes) -> None:
    """One fork of a journal proves it; the first is kept."""
    if tx.record(FORKS, journal) is None:
        tx.put(FORKS, journal, found)


def contradiction(node: Node, look: Look, party: str, signed: bytes) -> bytes:
    """What to keep of a note whose serial another note of `party` has used: evidence, or `signed` if it proves nothing.

    The vault must be open.
    """
    twin = _twin(node, look, party, signed)
    if twin is None:
        return signed
    try:
        return fork_of_serials(twin, signed, party, chain_of(node, party)).to_bytes()
    except Problem:
        return signed


def _twin(node: Node, look: Look, party: str, signed: bytes) -> bytes | None:
    """The note that came first under the serial of `signed`, while its body is here."""
    try:
        note = read_note(peek(signed).payload)
    except Problem:
        return None  # a void
    mine = note.serial_for(node.party)
    if mine is None or note.sender.party != party:
        return None
    seen = look.serial(str(note.sender), mine.address.office, note.incarnation, mine.serial)
    row = look.note(seen.note_id) if seen is not None and seen.note_id is not None else None
    return None if row is None or row.body is None else node.unlock_body(row.note_id, row.body)


def listed(node: Node) -> list[Kept]:
    """All pieces, forks of journals first."""
    forks, others = node.store.look(lambda look: (look.records(FORKS), look.records(CONTRADICTIONS)))
    found = [Kept(n, "checkpoints", journal.split("/")[1], journal, is_evidence(value))
             for n, (journal, value) in enumerate(forks, 1)]  # fmt: skip
    for n, (key, value) in enumerate(others, len(forks) + 1):
        party, _, about = key.partition(" ")
        provable = None if node.vault is None else is_evidence(_unlocked(node, key, value))
        found.append(Kept(n, "void" if provable is False else "serials", party, about, provable))
    return found


def export(node: Node, number: int) -> bytes:
    """The file of one piece; raises DeskProblem ``no_evidence``, ``not_provable`` or ``locked``."""
    forks, others = node.store.look(lambda look: (look.records(FORKS), look.records(CONTRADICTIONS)))
    if not 1 <= number <= len(forks) + len(others):
        raise DeskProblem("no_evidence", number=number)
    value = forks[number - 1][1] if number <= len(forks) else _unlocked(node, *others[number - 1 - len(forks)])
    if not is_evidence(value):
        raise DeskProblem("not_provable", number=number)
    return value


async def complete(node: Node) -> int:
    """Make evidence of what an earlier release kept as the bare pair; returns how many that were."""
    done = 0
    for journal, value in node.store.look(lambda look: look.records(FORKS)):
        pair, party = _pair(value), journal.split("/")[1]
        if pair is not None and party in node.directory.parties:
            found = fork_of(node, party, *pair)
            if found != value:
                await node.store.write(lambda tx, j=journal, f=found: tx.put(FORKS, j, f), point="evidence")  # type: ignore[misc]
                done += 1
    return done


def notes_kept(node: Node) -> frozenset[bytes]:
    """The ids of all notes that are part of a contradiction: their bodies are not to be destroyed. Raises "locked"."""
    found: set[bytes] = set()
    for key, value in node.store.look(lambda look: look.records(CONTRADICTIONS)):
        kept = _unlocked(node, key, value)
        parts = (kept,)
        if is_evidence(kept):
            evidence = read_evidence(kept)
            parts = (evidence.first, evidence.second) if evidence.kind is EvidenceKind.SERIALS else ()  # type: ignore[assignment]
        found |= {note_id(peek(part).payload) for part in parts}
    return frozenset(found)


def _pair(value: bytes) -> tuple[str, str] | None:
    try:
        match decode(value, limit=LARGEST_PAIR):
            case [str(first), str(second)]:
                return first, second
    except SealProblem:
        pass
    return None


def _unlocked(node: Node, key: str, value: bytes) -> bytes:
    return node.unlock_body(bytes.fromhex(key.partition(" ")[2]), value)
