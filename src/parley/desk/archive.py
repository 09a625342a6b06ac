"""The journal for its owner: listed, verified whole, and a note exported with everything that proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import Any

import msgspec

from parley.desk.find import signed_of
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.witness import KIND as CHECKPOINT
from parley.directory import Entry
from parley.forms.library import packaged
from parley.journal import (
    JournalProblem,
    Kept,
    Leaf,
    build_archive,
    cosigner_names,
    leaf_hash,
    origin,
    read_archive,
    read_checkpoint,
    verify_journal,
)
from parley.line.note import read_note
from parley.line.ports import Look, NoteRow
from parley.line.receipt import read_receipt
from parley.seal import VerifyingKey, digest, peek
from parley.terms.problem import Problem

CHUNK = 4096
MOST_TRIES = 64  # combinations of identities: breaks are rare, and each try verifies a whole archive


def entries(node: Node, limit: int) -> list[dict[str, Any]]:
    """The last entries of the journal, newest first."""

    def read(look: Look) -> list[dict[str, Any]]:
        size = look.leaf_count()
        found = []
        for index in range(size - 1, max(-1, size - 1 - limit), -1):
            leaf = leaf_or_none(look, index, node.incarnation)
            if leaf is None:
                found.append({"index": index, "kind": "GONE", "at": None, "object": ""})
                continue
            found.append({"index": index, "kind": leaf.kind.name, "at": leaf.at, "object": leaf.object_digest.hex()})
        return found

    return node.store.look(read)


def verify_own(node: Node, told: Callable[[int], None] = lambda count: None) -> dict[str, Any]:
    """Recompute our own journal, every incarnation of it, from its entries; raises JournalProblem.

    `told` hears now and then how many entries were looked at so far, from the thread in which this runs.
    """
    keys = _node_keys(node)
    result: dict[str, Any] = {"entries": 0, "checkpoints": 0, "incarnations": 0, "destroyed": 0}
    gone = set(node.store.look(lambda look: look.destructions()))
    for incarnation in node.store.look(lambda look: look.incarnations()):
        texts = node.store.look(lambda look, i=incarnation: look.records(CHECKPOINT, i.hex()))  # type: ignore[misc]
        audit = verify_journal(
            origin(node.party, incarnation),
            _counted(_kept(node, incarnation, gone), told, result["entries"]),
            [text.decode() for _, text in texts],
            keys,
            elsewhere=gone,
        )
        result["destroyed"] += audit.destroyed
        result["entries"] += audit.size
        result["checkpoints"] += audit.checkpoints
        result["incarnations"] += 1
        result["root"] = audit.root.hex()
    return result


def _counted(kept: Iterable[Kept], told: Callable[[int], None], before: int) -> Iterator[Kept]:
    for count, one in enumerate(kept, before + 1):
        yield one
        if count % CHUNK == 0:
            told(count)


def _kept(node: Node, incarnation: bytes, gone: Iterable[bytes]) -> Iterator[Kept]:
    """Every entry; what remains of a destroyed one is its hash and the commitment that the record of it names."""
    commitments = {leaf_hash(commitment): commitment for commitment in gone}
    size = node.store.look(lambda look: look.leaf_count(incarnation))
    for start in range(0, size, CHUNK):
        stop = min(size, start + CHUNK)

        def read(look: Look, start: int = start, stop: int = stop) -> list[Kept]:
            hashes = look.leaf_hashes(start, stop, incarnation)
            return [
                Kept(start + i, found, leaf_or_none(look, start + i, incarnation), commitments.get(found))
                for i, found in enumerate(hashes)
            ]

        yield from node.store.look(read)


def leaf_or_none(look: Look, index: int, incarnation: bytes) -> Leaf | None:
    """Entry `index`; None once it was destroyed."""
    try:
        return look.leaf(index, incarnation)
    except Problem as problem:
        if problem.key != "store.leaf_destroyed":
            raise
        return None


def export(node: Node, row: NoteRow) -> bytes:
    """One canonical file that proves the note without this software; with the form's definition to read it by.

    Raises DeskProblem("no_checkpoint") while no checkpoint covers the note; ("locked").
    """
    signed = signed_of(node, row)
    incarnation = row.incarnation or node.incarnation

    def read(look: Look) -> tuple[str | None, Any, list[bytes], list[bytes]]:
        texts = [value.decode() for _, value in look.records(CHECKPOINT, incarnation.hex())]
        covering = [text for text in texts if read_checkpoint(text)[0].size > row.leaf]
        text = _best(covering)
        size = read_checkpoint(text)[0].size if text else 0
        receipts = [receipt for _, _, receipt in look.receipts(row.note_id)]
        return text, look.leaf(row.leaf, incarnation), look.leaf_hashes(0, size, incarnation), receipts

    text, leaf, hashes, receipts = node.store.look(read)
    if text is None:
        raise DeskProblem("no_checkpoint")
    sender = read_note(peek(signed).payload).sender.party
    definition = _definition(read_note(peek(signed).payload).form_digest)
    refused: JournalProblem | None = None
    for own in _identities(node, sender, row.stored_at):
        made = []
        for chains in islice(_chains(node, own, row.stored_at), MOST_TRIES):
            try:
                made.append(
                    build_archive(
                        signed, leaf, row.leaf, hashes, text, chains, receipts=receipts, definition=definition
                    )
                )
            except JournalProblem as problem:
                refused = refused or problem
        if made:
            return max(made, key=_proofs)
    assert refused is not None
    raise refused


def _identities(node: Node, party: str, at: int) -> list[Entry]:
    """The identities of a party, first the one that was accepted here at `at` (ms), then the newer, then the older."""
    entries = [node.directory.entry(party), *reversed(node.directory.former(party))]
    return sorted(entries, key=lambda entry: entry.acceptances[0].at > at)


def _chains(node: Node, sender: Entry, at: int) -> Iterator[dict[str, list[bytes]]]:
    """Chains of particulars by party, with that identity of the sender. A chain never runs across a break: what a
    former identity signed is proven by that identity's own chain."""
    others = [_identities(node, party, at) for party in node.directory.parties if party != sender.party]
    for chosen in product([sender], *others):
        yield {entry.party: [held.signed.raw for held in entry.versions] for entry in chosen}


def _proofs(data: bytes) -> int:
    """How many cosignatures and receipts an archive holds."""
    made = read_archive(data)
    return len(made.cosigners) + len(made.receipts)


def _definition(form_digest: bytes) -> bytes | None:
    """The file that defines a form, if it is one that ships with this Parley."""
    return next((data for data in packaged()[0].values() if digest(data) == form_digest), None)


def _best(texts: list[str]) -> str | None:
    """The earliest covering checkpoint with the most cosignatures: third parties prove more than we do."""
    return max(texts, key=lambda text: (text.count("\n"), -read_checkpoint(text)[0].size), default=None)


def _node_keys(node: Node) -> list[VerifyingKey]:
    keys = [key for held in node.directory.history(node.party) for key in held.particulars.node_keys]
    return list(dict.fromkeys([*keys, node.node_key.public]))


def receipts_of(node: Node, row: NoteRow) -> list[dict[str, Any]]:
    """Every receipt about a note, as shown: direction, party, stages and times."""
    found = []
    for direction, party, signed in node.store.look(lambda look: look.receipts(row.note_id)):
        for made in read_receipt(peek(signed).payload).entries:
            if made.note == row.note_id:
                found.append(
                    {"direction": direction, "party": party, **msgspec.to_builtins(made, builtin_types=(bytes,))}
                )
    return found


def cosigners(node: Node) -> list[str]:
    """Names of those who cosigned our newest checkpoint."""
    texts = node.store.look(lambda look: look.records(CHECKPOINT, node.incarnation.hex()))
    return list(cosigner_names(texts[-1][1].decode())) if texts else []


def cosigned(node: Node) -> dict[str, Any]:
    """Our largest head that anybody cosigned: its origin, size, and the names on it; size 0 if there is none."""
    size, names = 0, tuple[str, ...]()
    for _, value in node.store.look(lambda look: look.records(CHECKPOINT, node.incarnation.hex())):
        found, by = read_checkpoint(value.decode())[0].size, cosigner_names(value.decode())
        if by and found > size:
            size, names = found, by
    return {"origin": origin(node.party, node.incarnation), "size": size, "by": list(names)}
