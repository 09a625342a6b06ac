"""Learn: what nodes tell each other beside notes: particulars, freshness with the current prekey, checkpoints.

Everything here is signed by itself, so it does not matter who brought it. What cannot be believed is recorded and
changes nothing; it never stops the notes in the same parcel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from parley.desk import fetch_file, heads, restore, sight, witness
from parley.desk.follow import UNSEALED, seal_waiting
from parley.desk.log import Log
from parley.desk.node import Node
from parley.desk.receipts import KEPT_BACK, release_kept_back
from parley.directory import Directory, Freshness, News, Outcome, Row, Wanted, sign_freshness, verify_signed
from parley.directory.freshness import Prekey, read_freshness_unverified
from parley.journal import LeafKind
from parley.line.parcel import ItemKind
from parley.line.ports import Tx
from parley.seal import digest, peek
from parley.terms.problem import Problem

LOG = Log("parley.directory")
KIND = "directory"
OFFERED = "offered"  # particulars of a party that nobody here has accepted; one per party, the newest
MOST_OFFERED = 64  # parties whose particulars are kept for an officer to look at
WEEK = 7 * 86_400_000


def keep_rows(tx: Tx, rows: Iterable[Row]) -> None:
    """Write directory rows inside a unit."""
    for row in rows:
        tx.put(KIND, f"{row.party} {row.era} {row.kind} {row.number}", msgspec.msgpack.encode(row))


def load_directory(records: Iterable[tuple[str, bytes]], own: str) -> Directory:
    """The directory of the party `own` from its stored rows; raises DirectoryProblem("bad_record") if tampered with."""
    return Directory.rebuild((msgspec.msgpack.decode(value, type=Row) for _, value in records), own=own)


async def keep_outcome(node: Node, outcome: Outcome, signed: bytes, point: str = "learn") -> None:
    """Persist what a directory method decided, and journal new particulars."""
    if not outcome.rows:
        return
    now = node.clock()

    def unit(tx: Tx) -> None:
        keep_rows(tx, outcome.rows)
        if any(row.kind == "particulars" for row in outcome.rows):
            node.write_leaf(tx, LeafKind.PARTICULARS, digest(signed), now)
            tx.drop(OFFERED, outcome.entry.party)

    await node.store.write(unit, point=point)
    if outcome.evidence is not None:
        LOG.warning("two particulars contradict each other; both are kept", party=outcome.entry.party)
    if any(row.kind in ("particulars", "decision") for row in outcome.rows):
        node.sights.generation += 1
        node.trust_changed()


async def take_news(node: Node, peer: str | None, kind: int, body: bytes) -> list[tuple[int, bytes]]:
    """Take one public item; returns items to answer with (a cosignature for a checkpoint)."""
    try:
        match kind:
            case ItemKind.PARTICULARS:
                await learn_particulars(node, body)
            case ItemKind.FRESHNESS:
                await learn_freshness(node, body)
            case ItemKind.SIGHTINGS if peer is not None:
                return await sight.take_sightings(node, peer, body)
            case ItemKind.WANTED if peer is not None:
                return sight.give_wanted(node, peer, body)
            case ItemKind.CHECKPOINT if peer is not None:
                return await witness.cosign_for(node, peer, body)
            case ItemKind.COSIGNATURE if peer is not None:
                await witness.keep_cosignature(node, peer, body)
            case ItemKind.HEADS if peer is not None:
                await heads.take_heads(node, peer, body)
            case ItemKind.QUESTION if peer is not None:
                return heads.prove(node, peer, body)
            case ItemKind.PROOF if peer is not None:
                await heads.take_proof(node, peer, body)
            case ItemKind.FILE if peer is not None:
                return await fetch_file.take(node, peer, body)
            case _:
                return []  # a later Parley's item: skipped, the rest of the parcel stands
    except Problem as problem:
        if peer is not None and problem.key == "directory.rollback" and _speaks_of(kind, body) == peer:
            node.behind.add(peer)
        await record_refused_news(node, peer, problem, body)
        if peer is not None and problem.key == "directory.gap":  # a hand-over in between was missed
            party = party_of(body)
            return sight.ask_for(node, peer, [Wanted(party, node.directory.entry(party).current.version)])
    return []


def _speaks_of(kind: int, body: bytes) -> str:
    """Whose particulars or freshness this is; by its own word for a freshness."""
    return party_of(body) if kind == ItemKind.PARTICULARS else read_freshness_unverified(peek(body).payload).party


async def learn_freshness(node: Node, signed: bytes) -> None:
    """A node's word on its current version, with the key to seal to; what waited for that key goes out."""
    outcome = node.directory.learn_freshness(signed, node.clock())
    await keep_outcome(node, outcome, signed)
    party = outcome.entry.party
    if node.vault is not None and node.store.look(lambda look: look.records(UNSEALED, f"{party} ")):
        await node.store.write(lambda tx: seal_waiting(node, tx, party, node.clock()), point="sealed_late")
        node.wake(party)
    if node.store.look(lambda look: look.records(KEPT_BACK, f"{party} ")):
        await node.store.write(lambda tx: release_kept_back(node, tx, party, node.clock()), point="kept_back")
        node.wake(party)


def party_of(signed: bytes) -> str:
    """Whose particulars these are, by their own roots; raises DirectoryProblem or SealProblem."""
    return verify_signed(signed).particulars.party


async def learn_particulars(node: Node, signed: bytes) -> None:
    """A newer version of an accepted party is taken; an unknown party's is kept for an officer to look at."""
    party = party_of(signed)
    if party in node.directory.parties:
        outcome = node.directory.learn(signed, node.clock())
        await keep_outcome(node, outcome, signed)
        if outcome.news is News.NEW:
            node.newer.add(party)
        if outcome.news is News.NEW and party == node.party:
            await _ours_came_back(node)
    else:
        await keep_offered(node, party, signed)


async def keep_offered(node: Node, party: str, signed: bytes) -> None:
    """Keep particulars for an officer to look at and decide."""
    await node.store.write(lambda tx: _keep_offered(tx, party, signed), point="learn")


def _keep_offered(tx: Tx, party: str, signed: bytes) -> None:
    """Anybody may invent parties, so only so many are kept: the newest, since an officer asks for one by telephone."""
    tx.drop(OFFERED, party)
    tx.put(OFFERED, party, signed)
    for old, _ in tx.records(OFFERED)[:-MOST_OFFERED]:
        tx.drop(OFFERED, old)


async def _ours_came_back(node: Node) -> None:
    """A peer had newer particulars of ours than we: we were restored from a backup. They are confirmed by the next
    freshness, and peers asked anew: what was given back under keys that only they list was refused here."""
    others = [party for party in node.directory.parties if party != node.party]

    def unit(tx: Tx) -> None:
        tx.drop("own-freshness", "now")
        restore.ask_anew(tx, others)

    await node.store.write(unit, point="learn")
    node.freshness = b""
    node.told.clear()


async def record_refused_news(node: Node, peer: str | None, problem: Problem, body: bytes) -> None:
    """Write down why an item was not believed; one record per peer and reason: repetition cannot fill the disk."""
    record = msgspec.msgpack.encode(
        {"key": problem.key, "arguments": problem.arguments, "at": node.clock(), "digest": digest(body)}
    )
    await node.store.write(lambda tx: tx.put("refused-news", f"{peer or ''} {problem.key}", record), point="learn")


def our_news(node: Node, party: str) -> list[tuple[int, bytes]]:
    """Our particulars and freshness for a peer that is not known to have this freshness (`has_it`); and its own
    particulars for a peer that, restored from a backup, spoke of an older version than it once had."""
    news = []
    if party in node.behind:
        node.behind.discard(party)
        news.append((int(ItemKind.PARTICULARS), node.directory.entry(party).versions[-1].signed.raw))
    heard = knows(node, party) or node.party not in node.directory.parties
    if not heard or sight.untold(node, party):
        news += sight.ours_for(node, party)
    if heard:
        return news
    news.append((int(ItemKind.PARTICULARS), node.directory.entry(node.party).versions[-1].signed.raw))
    return [*news, (int(ItemKind.FRESHNESS), node.freshness)] if node.freshness else news


def knows(node: Node, party: str) -> bool:
    """Whether `party` is known to have our current freshness."""
    return node.told.get(party) == digest(node.freshness)


def has_it(node: Node, party: str, *digests: bytes) -> None:
    """`party` has these: its reply to the parcel that carried them came, or its *got* names them. That our freshness
    went into a reply of ours is not enough: the connection may have ended before the peer read it."""
    if (ours := digest(node.freshness)) in digests:
        node.told[party] = ours


def sign_our_freshness(node: Node, prekey: Prekey, now: int) -> bytes:
    """A freshness over our current particulars with the current prekey, valid a week; becomes what peers are told."""
    ours, heard = node.our_particulars(), node.directory.entry(node.party).heard
    if heard is not None:  # two within one millisecond: peers take the later word, so it must be later
        now = max(now, heard.freshness.issued_at + 1)
    freshness = Freshness(
        party=node.party,
        version=ours.version,
        digest=ours.digest,
        incarnation=node.incarnation,
        issued_at=now,
        valid_until=now + WEEK,
        prekey=prekey,
    )
    node.freshness = sign_freshness(freshness, node.node_key)
    return node.freshness


def remember_got(node: Node, party: str, items: Sequence[bytes]) -> None:
    """Acknowledge with the next parcel what the peer keeps, or tells, until we say that we got it."""
    if items:
        node.got.setdefault(party, []).extend(digest(item) for item in items)
