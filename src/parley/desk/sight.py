"""Sight: tell peers which versions we hold of third parties, compare theirs, ask for what is newer, give what is asked.

A sighting proves nothing; it is a reason to ask the peer that told it for signed bytes, which are then judged like any
others, whoever brought them (`learn`). A peer may tell what it likes: one question an hour for one content, one answer
in ten seconds, and one remembered row for each pair of peer and party is all that it can cause here.
Whom we accepted is told to everybody whom we accepted, except what the setting `unspoken` keeps (docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from parley.desk.node import Node
from parley.directory import Sighted, Sighting, Wanted, read_request, read_sightings, write_request, write_sightings
from parley.line.parcel import ItemKind
from parley.line.ports import Tx
from parley.seal import digest

KIND = "sighted"  # by party and peer: the last sighting that differed from what was held here
HOUR = 3_600_000
ANSWER_EVERY = 10_000  # ms between answers to one peer
MOST_ASKED = 1024  # questions remembered; beyond it the oldest are forgotten
WORTH_ASKING = (Sighted.NEWER_THERE, Sighted.CONTRADICTS)


class Row(msgspec.Struct, frozen=True):
    """What a peer told of a party that differed from what was held: version and digest there, when (ms), how."""

    version: int
    digest: bytes
    at: int
    how: str


def untold(node: Node, party: str) -> bool:
    """Whether `party` has not been told of what we hold now."""
    return node.sights.told.get(party) != node.sights.generation


def ours_for(node: Node, party: str) -> list[tuple[int, bytes]]:
    """Our sightings as an item for a parcel to `party`; none if there is nothing to tell."""
    node.sights.told[party] = node.sights.generation
    found = node.directory.sightings(node.unspoken)
    return [(int(ItemKind.SIGHTINGS), write_sightings(found))] if found else []


async def take_sightings(node: Node, peer: str, body: bytes) -> list[tuple[int, bytes]]:
    """Compare what a peer tells; returns the question to ask it, if there is one.

    Raises SealProblem, DirectoryProblem for an item that cannot be read.
    """
    now = node.clock()
    differing = {
        one.party: (one, how)
        for one in read_sightings(body)
        if (how := node.directory.compare(one)) in WORTH_ASKING and one.party not in node.unspoken
    }
    wanted = [
        Wanted(party, _after(node, one, how))
        for party, (one, how) in differing.items()
        if _may_ask(node, peer, digest(one.digest + peer.encode()), now)
    ]
    if wanted:
        rows = {f"{party} {peer}": Row(o.version, o.digest, now, how.value) for party, (o, how) in differing.items()}
        await node.store.write(lambda tx: _keep(tx, rows), point="learn")
    return [(int(ItemKind.WANTED), write_request(wanted))] if wanted else []


def ask_for(node: Node, peer: str, wanted: Iterable[Wanted]) -> list[tuple[int, bytes]]:
    """A question to `peer` for versions that are missing here (a gap), at most one an hour for the same."""
    now = node.clock()
    asked = [one for one in wanted if _may_ask(node, peer, f"{peer} {one.party} {one.after}".encode(), now)]
    return [(int(ItemKind.WANTED), write_request(asked))] if asked else []


def ask_by_officer(node: Node, party: str, of: str) -> None:
    """Queue a question to the peer `of` for all that it holds of `party`, accepted here or not. Raises
    DirectoryProblem("not_accepted") if `of` is no peer, ("bad_value") for a code that is none."""
    node.directory.entry(of)
    node.news.setdefault(of, []).append((int(ItemKind.WANTED), write_request([Wanted(party, 0)])))


def give_wanted(node: Node, peer: str, body: bytes) -> list[tuple[int, bytes]]:
    """The signed versions that a peer asks for, as far as they are held and spoken of, up to one parcel's size."""
    wanted, now = read_request(body), node.clock()
    if now - node.sights.answered.get(peer, -ANSWER_EVERY) < ANSWER_EVERY:
        return []
    node.sights.answered[peer] = now
    found: list[tuple[int, bytes]] = []
    room = node.limits.parcel_bytes
    for one in wanted:
        for signed in () if one.party in node.unspoken else node.directory.versions_after(one):
            room -= len(signed)
            if room < 0 and found:
                return found
            found.append((int(ItemKind.PARTICULARS), signed))
    return found


def differing(node: Node) -> list[tuple[str, str, Row]]:
    """(party, peer, row) of every sighting that still differs from what is held here, for officers to see."""
    found = []
    for key, value in node.store.look(lambda look: look.records(KIND)):
        party, peer = key.split(" ")
        row = msgspec.msgpack.decode(value, type=Row)
        if node.directory.compare(Sighting(party, row.version, row.digest)) in WORTH_ASKING:
            found.append((party, peer, row))
    return found


def _after(node: Node, sighting: Sighting, how: Sighted) -> int:
    """From where on to ask: after what is held, or, for a contradiction, the very version that contradicts."""
    return sighting.version - 1 if how is Sighted.CONTRADICTS else node.directory.entry(sighting.party).current.version


def _may_ask(node: Node, peer: str, question: bytes, now: int) -> bool:
    asked = node.sights.asked
    if now - asked.get(question, -HOUR) < HOUR:
        return False
    asked.pop(question, None)
    asked[question] = now
    while len(asked) > MOST_ASKED:
        del asked[next(iter(asked))]
    return True


def _keep(tx: Tx, rows: dict[str, Row]) -> None:
    for key, row in rows.items():
        tx.put(KIND, key, msgspec.msgpack.encode(row))
