"""Heads: peers tell each other which heads of third parties' journals they cosigned, so that two faces show.

A head travels with its own signature, so whoever passes it on cannot slander. What was cosigned here too needs
nothing; another root at one size is kept as evidence; at another size the journal's own node is asked for the
consistency proof, again and again until it gives it, and the officer is told meanwhile (`doctor`). Everything is
bounded: heads in an item, items taken from one peer, proofs made for one peer, journals remembered of one party, one
sighting from each peer.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.desk.evidence import fork_of, keep_fork
from parley.desk.node import Node
from parley.journal import (
    JournalProblem,
    Proof,
    ProofWanted,
    Sight,
    Sighted,
    compare,
    consistency_proof,
    read_checkpoint,
    read_heads,
    read_proof,
    read_proof_wanted,
    settles,
)
from parley.journal.checkpoint import origin
from parley.journal.sightings import LONGEST_HEAD, MOST_HEADS, bare
from parley.journal.witness import Remembered
from parley.line.parcel import ItemKind
from parley.line.ports import Look, Tx
from parley.seal import VerifyingKey, encode
from parley.terms.problem import Problem

OWN = "checkpoint"  # as witness.KIND: our own heads
WITNESSED = "witnessed"  # by origin of a peer's journal: what we cosigned last
HEAD = "head"  # by origin and size: the last that we cosigned of it, with the lines of its own node alone
SIGHTING = "sighting"  # by origin and peer: a head that this peer saw, and that is not proved to fit
MOST_KEPT = 16  # heads of one journal
MOST_JOURNALS = 256  # of one party: one for each restore of its node
TAKE_EVERY = 5_000  # ms between items of heads that are looked at from one peer: each may cost 16 signatures
PROVE_EVERY = 5_000  # ms between proofs that are made for one peer: each hashes the journal once


class Sighting(msgspec.Struct, frozen=True):
    """A head that a peer saw: its text, when it came (ms UTC), and how often its journal was asked for a proof."""

    text: str
    at: int
    asked: int = 0


def remember(node: Node, tx: Tx, journal: str, size: int, text: str) -> None:
    """Inside the unit that cosigns: the head too, so that what peers saw can be compared; the newest are kept."""
    party = journal.split("/")[1]
    if tx.record(WITNESSED, journal) is None and len(tx.records(WITNESSED, f"parley/{party}/")) >= MOST_JOURNALS:
        raise JournalProblem("too_many_journals", party=party)
    if len(text) <= LONGEST_HEAD:
        tx.put(HEAD, f"{journal} {size:016d}", text.encode())
    for old, _ in sorted(tx.records(HEAD, f"{journal} "))[:-MOST_KEPT]:
        tx.drop(HEAD, old)


# -- telling


def tell(node: Node) -> set[str]:
    """Queue for every peer the heads of third parties that it has not had from us; returns who has something to get.

    At most MOST_HEADS at once; those left out come first the next time.
    """
    told: set[str] = set()
    heads = node.store.look(_newest)
    for party in node.directory.parties:
        if party == node.party or _waits(node, party, ItemKind.HEADS):
            continue  # what waits for a peer that is not there does not pile up
        new = [(journal, size, text) for journal, (size, text) in heads.items()
               if journal.split("/")[1] != party and node.gossip.told.get((party, journal), 0) < size]  # fmt: skip
        new.sort(key=lambda head: node.gossip.told.get((party, head[0]), 0))
        if new[:MOST_HEADS]:
            _queue(node, party, ItemKind.HEADS, encode([text for _, _, text in new[:MOST_HEADS]]))
            node.gossip.told.update({(party, journal): size for journal, size, _ in new[:MOST_HEADS]})
            told.add(party)
    return told


def _newest(look: Look) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for key, value in look.records(HEAD):
        journal, _, size = key.partition(" ")
        found[journal] = max(found.get(journal, (0, "")), (int(size), value.decode()))
    return found


def _waits(node: Node, party: str, kind: ItemKind) -> bool:
    return any(waiting == kind for waiting, _ in node.news.get(party, ()))


def _queue(node: Node, party: str, kind: ItemKind, body: bytes) -> None:
    """For the next parcel; the same again is not repeated."""
    waiting = node.news.setdefault(party, [])
    if (int(kind), body) not in waiting:
        waiting.append((int(kind), body))


# -- hearing


async def take_heads(node: Node, peer: str, body: bytes) -> None:
    """What a peer saw of others. Raises JournalProblem, DirectoryProblem; the heads before the bad one are kept."""
    now = node.clock()
    if now - node.gossip.heard.get(peer, -TAKE_EVERY) < TAKE_EVERY:
        return
    node.gossip.heard[peer] = now
    for text in read_heads(body):
        await _take_head(node, peer, text, now)


async def _take_head(node: Node, peer: str, text: str, now: int) -> None:
    head = read_checkpoint(text)[0]
    known = node.store.look(lambda look: _known(look, head.origin))
    if head.party in (peer, node.party) or head.size == 0 or not known:
        return  # of its own it speaks itself; a journal that was never shown here is not compared
    if compare(known, text).sight is Sight.KNOWN:
        return
    text = bare(text, node.directory.node_keys(head.party, signed_at=now, now=now).keys)
    await node.store.write(lambda tx: _judge(node, tx, peer, text, now), point="sighting")


async def take_by_hand(node: Node, text: str, keys: Sequence[VerifyingKey]) -> str:
    """A head of another party's journal that somebody brought as a file: judged as if a peer had passed it on.

    Returns the sight of it, or "alone" where no head of that journal was cosigned here. Raises JournalProblem.
    """
    head, now = read_checkpoint(text)[0], node.clock()
    text = bare(text, keys)
    if not node.store.look(lambda look: _known(look, head.origin)):
        return "alone"
    seen = node.store.look(lambda look: _compare(look, node.party, text))
    await node.store.write(lambda tx: _judge(node, tx, node.party, text, now), point="sighting")
    return seen.sight.value


def _judge(node: Node, tx: Tx, peer: str, text: str, now: int) -> None:
    """Keep a verified head as evidence or as a sighting, over the store as it stands now."""
    found = _compare(tx, peer, text)
    journal, key = found.head.origin, f"{found.head.origin} {peer}"
    if found.sight is Sight.FORK:
        keep_fork(tx, journal, fork_of(node, found.head.party, found.beside, text))
    if found.sight is not Sight.UNPROVED:
        tx.drop(SIGHTING, key)
        return
    before = tx.record(SIGHTING, key)
    if before is None or _sighting(before).asked == 0:  # one that its journal does not prove is not pushed aside
        tx.put(SIGHTING, key, msgspec.msgpack.encode(Sighting(text, now)))


def _compare(look: Look, peer: str, text: str) -> Sighted:
    """With what we cosigned, and with what other peers saw: two of them may hold the two faces."""
    journal = read_checkpoint(text)[0].origin
    found = compare(_known(look, journal), text)
    if found.sight is not Sight.UNPROVED:
        return found
    others = [
        _sighting(value).text for key, value in look.records(SIGHTING, f"{journal} ") if key.split(" ")[1] != peer
    ]
    among = compare(others, text) if others else found
    return among if among.sight is Sight.FORK else found


def _known(look: Look, journal: str) -> list[str]:
    """Heads of a journal that were cosigned here; the last one alone if an earlier release cosigned it."""
    last = look.record(WITNESSED, journal)
    texts = [value.decode() for _, value in look.records(HEAD, f"{journal} ")]
    return [*texts, msgspec.msgpack.decode(last, type=Remembered).text] if last else texts


def _sighting(value: bytes) -> Sighting:
    return msgspec.msgpack.decode(value, type=Sighting)


# -- asking


async def tend(node: Node) -> set[str]:
    """Look again at what peers saw: what has come to fit is let go, of the rest the journal is asked for a proof.

    Returns who has something to get. Called by a timer.
    """
    now, woken = node.clock(), set()
    for party in node.directory.parties:  # questions that did not leave yet are asked anew, as things stand now
        if party in node.news:
            node.news[party] = [item for item in node.news[party] if item[0] != ItemKind.QUESTION]
    for key, value in node.store.look(lambda look: look.records(SIGHTING)):
        peer, text = key.split(" ")[1], _sighting(value).text
        found = node.store.look(lambda look, p=peer, t=text: _compare(look, p, t))  # type: ignore[misc]
        if found.sight is not Sight.UNPROVED:
            await node.store.write(lambda tx, p=peer, t=text: _judge(node, tx, p, t, now), point="sighting")  # type: ignore[misc]
        elif found.head.party in node.directory.parties:
            await node.store.write(lambda tx, k=key: _count(tx, k), point="sighting")  # type: ignore[misc]
            _queue(node, found.head.party, ItemKind.QUESTION, wanted(found).to_bytes())
            woken.add(found.head.party)
    return woken


def wanted(found: Sighted) -> ProofWanted:
    """The proof that would settle an unproved head."""
    sizes = sorted((found.head.size, read_checkpoint(found.beside)[0].size))
    return ProofWanted(found.head.origin, *sizes)


def _count(tx: Tx, key: str) -> None:
    value = tx.record(SIGHTING, key)
    if value is not None:
        kept = _sighting(value)
        tx.put(SIGHTING, key, msgspec.msgpack.encode(msgspec.structs.replace(kept, asked=kept.asked + 1)))


def prove(node: Node, peer: str, body: bytes) -> list[tuple[int, bytes]]:
    """A peer saw two heads of our journal: show that the larger continues the smaller.

    Only between sizes at which we signed a head: nobody learns more of the tree by asking. Raises JournalProblem.
    """
    asked, now = read_proof_wanted(body), node.clock()
    if now - node.gossip.proved.get(peer, -PROVE_EVERY) < PROVE_EVERY:
        return []
    path = node.store.look(lambda look: _path(node, look, asked))
    if path is None:
        return []
    node.gossip.proved[peer] = now
    return [(int(ItemKind.PROOF), Proof(asked.origin, asked.old, asked.new, tuple(path)).to_bytes())]


def _path(node: Node, look: Look, asked: ProofWanted) -> list[bytes] | None:
    for incarnation in look.incarnations():
        if origin(node.party, incarnation) == asked.origin:
            signed = [look.record(OWN, f"{incarnation.hex()} {size:016d}") for size in (asked.old, asked.new)]
            if None not in signed:
                return consistency_proof(look.leaf_hashes(0, asked.new, incarnation), asked.old, asked.new)
    return None


async def take_proof(node: Node, peer: str, body: bytes) -> None:
    """The journal's own answer: what it settles is let go. Raises JournalProblem ``not_consistent``."""
    proof = read_proof(body)
    if not proof.origin.startswith(f"parley/{peer}/"):
        raise JournalProblem("other_journal", found=proof.origin[:60], expected=f"parley/{peer}/")
    for key, value in node.store.look(lambda look: look.records(SIGHTING, f"{proof.origin} ")):
        text = _sighting(value).text
        found = node.store.look(lambda look, k=key, t=text: _compare(look, k.split(" ")[1], t))  # type: ignore[misc]
        if found.sight is Sight.UNPROVED and settles(proof, found.head, read_checkpoint(found.beside)[0]):
            await node.store.write(lambda tx, k=key, v=value: _let_go(tx, k, v), point="sighting")  # type: ignore[misc]


def _let_go(tx: Tx, key: str, value: bytes) -> None:
    stored = tx.record(SIGHTING, key)
    if stored is not None and _sighting(stored).text == _sighting(value).text:
        tx.drop(SIGHTING, key)


# -- showing


class Doubt(msgspec.Struct, frozen=True):
    """A head that `seen_by` saw of the journal of `party`, and that this journal has not proved to fit ours."""

    party: str
    seen_by: str
    size: int
    ours: int
    at: int
    asked: int


def doubts(node: Node) -> list[Doubt]:
    """What is unproved as yet, the longest first."""
    found = []
    for key, value in node.store.look(lambda look: look.records(SIGHTING)):
        kept, peer = _sighting(value), key.split(" ")[1]
        try:
            seen = node.store.look(lambda look, p=peer, t=kept.text: _compare(look, p, t))  # type: ignore[misc]
        except Problem:
            continue
        beside = read_checkpoint(seen.beside)[0].size
        found.append(Doubt(seen.head.party, peer, seen.head.size, beside, kept.at, kept.asked))
    return found
