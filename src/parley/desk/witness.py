"""Checkpoints: ours signed on a timer and shown to peers, theirs cosigned after a consistency proof.

A checkpoint travels as canonical [text, size the proof starts from, proof]; the cosignature comes back as canonical
[text of the checkpoint, cosignature lines]. What we cosigned last is remembered before the cosignature leaves.
"""

from __future__ import annotations

import msgspec

from parley.desk import heads
from parley.desk.evidence import fork_of, keep_fork
from parley.desk.heads import WITNESSED
from parley.desk.node import Node
from parley.journal import (
    Checkpoint,
    Frontier,
    JournalProblem,
    attach,
    consistency_proof,
    cosign,
    cosigner_name,
    cosigner_names,
    origin,
    read_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from parley.journal.sightings import bare
from parley.journal.signed_text import read_line
from parley.journal.witness import Answer, Remembered, consider
from parley.line.parcel import ItemKind
from parley.line.ports import Look, Tx
from parley.seal import decode, encode

KIND = "checkpoint"  # ours, by incarnation and size: the text with every cosignature that came back
SHOWN = "shown"  # by peer: the size of ours that it cosigned last
LARGEST = 1 << 20


async def checkpoint(node: Node) -> str | None:
    """Sign a checkpoint over the journal as it stands; None if nothing was added since the last one."""
    async with node.checkpoint_lock:
        size = node.store.look(lambda look: look.leaf_count())
        key = _key(node, size)
        if size == 0 or node.store.look(lambda look: look.record(KIND, key)) is not None:
            return None
        frontier = Frontier()
        for leaf_hash in node.store.look(lambda look: look.leaf_hashes(0, size)):
            frontier.append(leaf_hash)
        text = sign_checkpoint(
            Checkpoint(origin(node.party, node.incarnation), size, frontier.root()), node.node_key, node.clock()
        )
        await node.store.write(lambda tx: tx.put(KIND, key, text.encode()), point="checkpoint")
        return text


def show_to(node: Node, party: str) -> list[tuple[int, bytes]]:
    """Our newest checkpoint as an item for `party`, with a proof from the one that it cosigned last."""

    def read(look: Look) -> tuple[str, int, list[bytes]] | None:
        texts = look.records(KIND, node.incarnation.hex())
        if not texts:
            return None
        text = texts[-1][1].decode()
        size = read_checkpoint(text)[0].size
        shown = look.record(SHOWN, f"{party} {node.incarnation.hex()}")
        before = int(shown) if shown else 0
        if before >= size:
            return None
        proof = consistency_proof(look.leaf_hashes(0, size), before, size) if before else []
        return text, before, proof

    found = node.store.look(read)
    if found is None:
        return []
    text, before, proof = found
    return [(int(ItemKind.CHECKPOINT), encode([text, before, list(proof)]))]


async def show_now(node: Node) -> None:
    """Sign a checkpoint now and show it to every peer, without waiting for the timer."""
    await checkpoint(node)
    for party in node.directory.parties:
        if party != node.party and (items := show_to(node, party)):
            node.news.setdefault(party, []).extend(items)
            node.wake(party)


async def cosign_for(node: Node, peer: str, body: bytes) -> list[tuple[int, bytes]]:
    """Consider a peer's checkpoint; returns the cosignature, or nothing when it is a fork of what we know.

    Where it does not continue what we cosigned last, that is cosigned again and returned: our answer was lost on its
    way (or with our process, once it was written down), and without it the peer cannot know where its proof must begin.

    Raises JournalProblem or DirectoryProblem; a fork is kept as evidence first.
    """
    match decode(body, limit=LARGEST):
        case [str(text), int(), list(proof)] if all(isinstance(step, bytes) for step in proof):
            pass
        case _:
            raise JournalProblem("bad_checkpoint", why="it is not text, size and proof")
    shown, _ = read_checkpoint(text)
    if shown.party != peer:
        raise JournalProblem("other_journal", found=shown.origin[:60], expected=peer)
    keys = node.directory.node_keys(peer, signed_at=node.clock(), now=node.clock()).keys
    stored = node.store.look(lambda look: look.record(WITNESSED, shown.origin))
    remembered = None if stored is None else msgspec.msgpack.decode(stored, type=Remembered)
    decision = consider(remembered, text, [step for step in proof if isinstance(step, bytes)], keys)
    if decision.answer is Answer.FORK and remembered is not None:
        evidence = fork_of(node, peer, remembered.text, text)
        await node.store.write(lambda tx: keep_fork(tx, shown.origin, evidence), point="evidence")
    if decision.answer in (Answer.BEHIND, Answer.NO_PROOF) and remembered is not None:
        return [_cosignature(node, remembered.text)]
    if decision.answer is not Answer.COSIGN or decision.remember is None:
        return []
    remember = msgspec.msgpack.encode(decision.remember)
    head, size = bare(decision.remember.text, keys), decision.remember.size

    def unit(tx: Tx) -> bool:
        if tx.record(WITNESSED, shown.origin) != stored:
            return False
        heads.remember(node, tx, shown.origin, size, head)
        tx.put(WITNESSED, shown.origin, remember)
        return True

    if not await node.store.write(unit, point="witness"):  # another connection's head came in between: judge anew
        return await cosign_for(node, peer, body)
    return [_cosignature(node, text)]


def _cosignature(node: Node, text: str) -> tuple[int, bytes]:
    lines = cosign(text, node.node_key, cosigner_name(node.party), node.clock())
    return int(ItemKind.COSIGNATURE), encode([text, lines])


async def keep_cosignature(node: Node, peer: str, body: bytes) -> None:
    """Attach a peer's cosignature to our checkpoint; raises JournalProblem if it does not hold.

    It is no entry of the journal: else two idle nodes would cosign each other's cosignatures for ever.
    """
    match decode(body, limit=LARGEST):
        case [str(text), str(lines)]:
            pass
        case _:
            raise JournalProblem("bad_checkpoint", why="it is not a checkpoint and a cosignature")
    shown, _ = read_checkpoint(text)
    now = node.clock()
    keys = node.directory.node_keys(peer, signed_at=now, now=now).keys
    name = cosigner_name(peer)

    def unit(tx: Tx) -> None:
        key = _key(node, shown.size)
        ours = tx.record(KIND, key)
        if ours is None or read_checkpoint(ours.decode())[0] != shown:
            raise JournalProblem(
                "other_journal", found=shown.origin[:60], expected=origin(node.party, node.incarnation)
            )
        together = attach(ours.decode(), lines)
        verify_cosignature(together, name, keys)
        # Nothing rides along: neither lines of others, which would take the place of what they signed, nor more of its
        # own. What is verified stands in `together`, so two lines of that name alone are the two that were.
        if [read_line(row).name for row in lines.removesuffix("\n").split("\n")] != [name, name]:
            raise JournalProblem("bad_checkpoint", why="there are lines beside the two of its cosigner")
        tx.put(KIND, key, together.encode())
        before = tx.record(SHOWN, f"{peer} {node.incarnation.hex()}")
        if before is None or int(before) < shown.size:  # one that was returned late does not set us back
            tx.put(SHOWN, f"{peer} {node.incarnation.hex()}", str(shown.size).encode())

    await node.store.write(unit, point="cosignature")


class Signed(msgspec.Struct, frozen=True):
    """One of our checkpoints: `size` of the journal of `incarnation` (hexadecimal), and who cosigned it."""

    incarnation: str
    size: int
    by: tuple[str, ...]
    text: str


def signed(node: Node, limit: int) -> list[Signed]:
    """Our checkpoints, the newest first."""
    found = node.store.look(lambda look: look.records(KIND))[-limit:]
    return [_signed(key, value) for key, value in reversed(found)]


def _signed(key: str, value: bytes) -> Signed:
    incarnation, _, size = key.partition(" ")
    return Signed(incarnation, int(size), cosigner_names(value.decode()), value.decode())


class Head(msgspec.Struct, frozen=True):
    """What was cosigned here last of a journal of `party`."""

    party: str
    incarnation: str
    size: int
    text: str


def cosigned_of_others(node: Node) -> list[Head]:
    """Of every journal that was shown here, by party."""
    found = [msgspec.msgpack.decode(value, type=Remembered) for _, value in
             node.store.look(lambda look: look.records(WITNESSED))]  # fmt: skip
    each = [(read_checkpoint(one.text)[0], one) for one in found]
    return sorted(
        (Head(shown.party, shown.incarnation.hex(), shown.size, one.text) for shown, one in each),
        key=lambda head: (head.party, -head.size),
    )


def _key(node: Node, size: int) -> str:
    return f"{node.incarnation.hex()} {size:016d}"
