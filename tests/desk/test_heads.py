"""Heads of third parties' journals, passed on between peers: a journal with two faces is caught, an honest one is not.

Three parties in memory: XC keeps a journal, XA and XB cosign it and tell each other what they saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parley.desk import doctor, evidence, heads, witness
from parley.desk.archive import cosigners
from parley.desk.receive import receive
from parley.directory import root_digest
from parley.journal import (
    Checkpoint,
    JournalProblem,
    LeafKind,
    origin,
    read_evidence,
    read_heads,
    sign_checkpoint,
    verify_evidence,
)
from parley.journal.sightings import MOST_HEADS, Proof, ProofWanted
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.seal import digest, encode
from parley.testing import FakeClock, SimulatedParty


class Three:
    """XA and XB, who cosign, and XC, whose journal it is."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.a, self.b, self.c = (SimulatedParty(code, self.clock) for code in ("XA", "XB", "XC"))

    async def start(self) -> None:
        for party in (self.a, self.b, self.c):
            await party.start()
        for here, there in ((self.a, self.b), (self.a, self.c), (self.b, self.c)):
            await here.meet(there)

    async def grow(self, entries: int = 1) -> None:
        """So many entries more in XC's journal, and a head over them."""
        node = self.c.node
        for _ in range(entries):
            await node.store.write(lambda tx: node.write_leaf(tx, LeafKind.READ, bytes(32), node.clock()), point="grow")
        await witness.checkpoint(node)

    async def show(self, *peers: SimulatedParty) -> None:
        """XC's newest head to some, whose cosignatures come back."""
        for peer in peers:
            for _, body in witness.show_to(self.c.node, peer.node.party):
                for _, cosigned in await witness.cosign_for(peer.node, "XC", body):
                    await witness.keep_cosignature(self.c.node, peer.node.party, cosigned)

    def face(self, size: int, word: bytes, incarnation: bytes | None = None) -> str:
        """A head that XC's node signs over whatever it likes."""
        journal = origin("XC", incarnation or self.c.node.incarnation)
        return sign_checkpoint(Checkpoint(journal, size, digest(word)), self.c.keys.node, self.clock())

    async def show_face(self, peer: SimulatedParty, text: str) -> None:
        await witness.cosign_for(peer.node, "XC", encode([text, 0, []]))

    async def tell(self, here: SimulatedParty, there: SimulatedParty) -> None:
        """What `here` saw of others, with the next parcel; XC answers what it is asked."""
        self.clock.sleep(10_000)
        heads.tell(here.node)
        await here.deliver_to(there)

    async def ask(self, here: SimulatedParty) -> None:
        """`here` looks again at what it was told, and asks XC."""
        self.clock.sleep(10_000)
        await heads.tend(here.node)
        await here.deliver_to(self.c)


def three(scene: Callable[[Three], Any]) -> Callable[[], None]:
    """Runs a scene among three that have met."""

    def run() -> None:
        async def main() -> None:
            found = Three()
            await found.start()
            await scene(found)

        asyncio.run(asyncio.wait_for(main(), 60))

    run.__name__, run.__doc__ = scene.__name__, scene.__doc__
    return run


def sightings(party: SimulatedParty) -> list[tuple[str, bytes]]:
    return party.node.store.look(lambda look: look.records(heads.SIGHTING))


@three
async def test_two_faces_of_one_size_become_evidence_at_whoever_hears_of_the_other(s: Three) -> None:
    """XC shows one tree of seven entries to XA and another to XB; XB tells XA."""
    await s.show_face(s.a, s.face(7, b"one"))
    await s.show_face(s.b, s.face(7, b"two"))
    assert evidence.listed(s.a.node) == []
    await s.tell(s.b, s.a)
    (kept,) = evidence.listed(s.a.node)
    assert (kept.kind, kept.party, kept.provable) == ("checkpoints", "XC", True)
    found = read_evidence(evidence.export(s.a.node, 1))
    accused = s.c.particulars
    verify_evidence(found, root_digest("XC", accused.roots, accused.threshold))


@three
async def test_two_faces_of_different_sizes_make_the_journal_be_asked_and_doctor_says_so(s: Three) -> None:
    """XC cannot prove what is not so; its silence is shown and is no evidence."""
    await s.show_face(s.a, s.face(7, b"one"))
    await s.show_face(s.b, s.face(9, b"two"))
    await s.tell(s.b, s.a)
    await s.ask(s.a)
    await s.ask(s.a)
    (doubt,) = heads.doubts(s.a.node)
    assert (doubt.party, doubt.seen_by, doubt.size, doubt.ours, doubt.asked) == ("XC", "XB", 9, 7, 2)
    assert evidence.listed(s.a.node) == []
    said = [found for found in doctor.examine(s.a.node, serving=True) if "journal of XC" in found.what]
    assert [found.ok for found in said] == [False]
    assert "XB" in said[0].what


@three
async def test_a_face_that_grows_to_the_size_of_the_other_becomes_evidence(s: Three) -> None:
    """Whenever both were signed at one size, there is nothing left to ask."""
    await s.show_face(s.a, s.face(7, b"one"))
    await s.show_face(s.b, s.face(9, b"two"))
    await s.tell(s.b, s.a)
    text = s.face(9, b"one, grown")
    await s.a.node.store.write(lambda tx: heads.remember(s.a.node, tx, text.split("\n")[0], 9, text), point="test")
    await s.ask(s.a)
    assert [kept.kind for kept in evidence.listed(s.a.node)] == ["checkpoints"]
    assert sightings(s.a) == []


@three
async def test_two_faces_held_by_two_others_are_evidence_here(s: Three) -> None:
    """XA cosigned neither of size nine: XB and a fourth party saw one each."""
    d = SimulatedParty("XD", s.clock)
    await d.start()
    await s.a.meet(d)
    await d.meet(s.c)
    await s.show_face(s.a, s.face(7, b"one"))
    await s.show_face(s.b, s.face(9, b"two"))
    await s.show_face(d, s.face(9, b"three"))
    await s.tell(s.b, s.a)
    await s.tell(d, s.a)
    assert [kept.kind for kept in evidence.listed(s.a.node)] == ["checkpoints"]


@three
async def test_an_honest_journal_proves_itself_when_asked(s: Three) -> None:
    """XB is ahead of XA: XC gives the proof, and the doubt is gone."""
    await s.grow(3)
    await s.show(s.a, s.b)
    await s.grow(4)
    await s.show(s.b)
    await s.tell(s.b, s.a)
    assert len(sightings(s.a)) == 1
    await s.ask(s.a)
    assert sightings(s.a) == []
    assert evidence.listed(s.a.node) == []


@three
async def test_an_honest_journal_that_both_saw_at_all_sizes_costs_no_question(s: Three) -> None:
    """The same heads went to both: what is known needs nothing."""
    for _ in range(4):
        await s.grow(2)
        await s.show(s.a, s.b)
    await s.tell(s.b, s.a)
    assert sightings(s.a) == []
    assert await heads.tend(s.a.node) == set()


@three
async def test_a_head_is_told_once_and_again_only_when_it_grew(s: Three) -> None:
    await s.grow()
    await s.show(s.a)
    assert heads.tell(s.a.node) == {"XB"}  # not to XC, whose it is
    s.a.node.news.clear()
    assert heads.tell(s.a.node) == set()
    await s.grow()
    await s.show(s.a)
    assert heads.tell(s.a.node) == {"XB"}
    await s.grow()
    await s.show(s.a)
    assert heads.tell(s.a.node) == set()  # the one before did not leave yet: nothing piles up
    assert [kind for kind, _ in s.a.node.news["XB"]] == [ItemKind.HEADS]


# -- hostile


async def give(here: SimulatedParty, peer: str, kind: ItemKind, *bodies: bytes) -> Parcel:
    """A parcel of `peer` with such items; the reply."""
    items = tuple((int(kind), body) for body in bodies)
    return read_parcel(await receive(here.node, peer, Parcel(items=items).to_bytes()))


@three
async def test_a_peer_cannot_slander_a_journal_that_did_not_sign(s: Three) -> None:
    """A head without XC's own two signatures changes nothing, whatever it says."""
    await s.show_face(s.a, s.face(7, b"one"))
    forged = sign_checkpoint(Checkpoint(origin("XC", s.c.node.incarnation), 7, digest(b"x")), s.b.keys.node, s.clock())
    await give(s.a, "XB", ItemKind.HEADS, encode([forged]))
    assert evidence.listed(s.a.node) == []
    assert sightings(s.a) == []
    refused = s.a.node.store.look(lambda look: look.records("refused-news", "XB "))
    assert [key for key, _ in refused] == ["XB journal.unsigned"]


@three
async def test_a_peer_cannot_speak_of_its_own_journal_of_ours_or_of_one_never_shown(s: Three) -> None:
    """Its own it shows as a checkpoint; of an unknown one there is nothing to compare."""
    await s.show_face(s.a, s.face(7, b"one"))
    other = s.face(9, b"two", incarnation=bytes(16))
    own = sign_checkpoint(Checkpoint(origin("XA", s.a.node.incarnation), 3, digest(b"x")), s.a.keys.node, s.clock())
    await give(s.a, "XC", ItemKind.HEADS, encode([s.face(9, b"two")]))
    s.clock.sleep(heads.TAKE_EVERY)
    await give(s.a, "XB", ItemKind.HEADS, encode([other, own]))
    assert sightings(s.a) == []


@three
async def test_a_flood_of_heads_is_looked_at_once(s: Three) -> None:
    """Sixteen signatures every five seconds are all that a peer can make us check."""
    await s.show_face(s.a, s.face(7, b"one"))
    items = [encode([s.face(10 + n, b"two")]) for n in range(6)]
    await give(s.a, "XB", ItemKind.HEADS, *items)
    (only,) = sightings(s.a)
    assert "\n10\n" in msgspec.msgpack.decode(only[1], type=heads.Sighting).text
    for item in items:
        s.clock.sleep(heads.TAKE_EVERY)
        await give(s.a, "XB", ItemKind.HEADS, item)
    assert len(sightings(s.a)) == 1  # one from each peer about each journal


@three
async def test_what_its_journal_did_not_prove_is_not_pushed_aside_by_a_later_head(s: Three) -> None:
    """An accomplice cannot make us forget by telling something harmless."""
    await s.show_face(s.a, s.face(7, b"one"))
    await give(s.a, "XB", ItemKind.HEADS, encode([s.face(9, b"two")]))
    await s.ask(s.a)
    await give(s.a, "XB", ItemKind.HEADS, encode([s.face(11, b"three")]))
    assert [doubt.size for doubt in heads.doubts(s.a.node)] == [9]


@three
async def test_a_party_cannot_fill_the_disk_with_journals(s: Three) -> None:
    """Each restore begins a journal; more than 256 of one party are refused by name."""
    node = s.a.node
    for n in range(heads.MOST_JOURNALS):
        name = origin("XC", n.to_bytes(16, "big"))
        await node.store.write(lambda tx, name=name: tx.put(heads.WITNESSED, name, b"x"), point="test")
    with pytest.raises(JournalProblem) as caught:
        await s.show_face(s.a, s.face(7, b"one", incarnation=b"\xff" * 16))
    assert caught.value.key == "journal.too_many_journals"


@three
async def test_of_a_journal_only_so_many_heads_are_kept(s: Three) -> None:
    for _ in range(heads.MOST_KEPT + 3):
        await s.grow()
        await s.show(s.a)
    kept = s.a.node.store.look(lambda look: look.records(heads.HEAD))
    assert len(kept) == heads.MOST_KEPT
    sizes = [int(key.split(" ")[1]) for key, _ in kept]
    assert max(sizes) == s.c.node.store.look(lambda look: look.leaf_count())


@three
async def test_a_proof_is_made_only_between_heads_that_we_signed_and_not_often(s: Three) -> None:
    """Asking teaches nobody more of the tree; each proof hashes it whole."""
    await s.grow(3)
    first = s.c.node.store.look(lambda look: look.leaf_count())
    await s.grow(4)
    journal = origin("XC", s.c.node.incarnation)
    good = ProofWanted(journal, first, first + 4).to_bytes()
    unsigned = ProofWanted(journal, first - 1, first + 4).to_bytes()
    foreign = ProofWanted(origin("XA", bytes(16)), first, first + 4).to_bytes()
    for nothing in (unsigned, foreign):
        reply = await give(s.c, "XA", ItemKind.QUESTION, nothing)
        assert ItemKind.PROOF not in [kind for kind, _ in reply.items]
    reply = await give(s.c, "XA", ItemKind.QUESTION, good, good, good)
    assert [kind for kind, _ in reply.items].count(ItemKind.PROOF) == 1
    s.clock.sleep(heads.PROVE_EVERY)
    again = await give(s.c, "XA", ItemKind.QUESTION, good)
    assert [kind for kind, _ in again.items].count(ItemKind.PROOF) == 1


@three
async def test_a_false_proof_settles_nothing_and_a_strangers_is_refused(s: Three) -> None:
    await s.show_face(s.a, s.face(7, b"one"))
    await give(s.a, "XB", ItemKind.HEADS, encode([s.face(9, b"two")]))
    false = Proof(origin("XC", s.c.node.incarnation), 7, 9, (bytes(32), bytes(32), bytes(32))).to_bytes()
    await give(s.a, "XC", ItemKind.PROOF, false)
    await give(s.a, "XB", ItemKind.PROOF, false)
    refused = [key for key, _ in s.a.node.store.look(lambda look: look.records("refused-news"))]
    assert refused == ["XC journal.not_consistent", "XB journal.other_journal"]
    assert len(sightings(s.a)) == 1


MALFORMED = {
    "nothing": b"",
    "no list": encode("head"),
    "an empty list": encode([]),
    "a number in it": encode([7]),
    "too many": encode(["a"] * (MOST_HEADS + 1)),
    "a long text": encode(["a" * 9000]),
    "not canonical": b"\x98\x01\x61a",
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("kind", [ItemKind.HEADS, ItemKind.QUESTION, ItemKind.PROOF])
def test_what_cannot_be_read_is_refused_by_name_and_the_line_goes_on(case: str, kind: ItemKind) -> None:
    """And a note in the next parcel arrives."""

    async def scene() -> None:
        s = Three()
        await s.start()
        await give(s.a, "XB", kind, MALFORMED[case])
        refused = [key for key, _ in s.a.node.store.look(lambda look: look.records("refused-news"))]
        assert refused == ["XB journal.bad_sighting"]
        sent = await s.b.write(s.a, 1, {10: "timetable"})
        await s.b.deliver_to(s.a)
        assert s.a.node.store.look(lambda look: look.note(sent)) is not None

    asyncio.run(scene())


def test_an_item_of_heads_reads_back_as_it_was_written() -> None:
    assert read_heads(encode(["a", "b"])) == ("a", "b")


# -- cosignatures over two connections


@three
async def test_cosignatures_that_come_at_once_over_two_connections_are_both_kept(s: Three) -> None:
    """Each is read, joined and written in one unit: neither overwrites the other."""
    await s.grow(2)
    node, write = s.c.node, s.c.node.store.write

    async def slowly(unit: Any, *, point: str) -> Any:
        await asyncio.sleep(0)  # as a store with a writer of its own
        return await write(unit, point=point)

    answers = []
    for peer in (s.a, s.b):
        ((_, body),) = witness.show_to(node, peer.node.party)
        ((_, cosigned),) = await witness.cosign_for(peer.node, "XC", body)
        answers.append((peer.node.party, cosigned))
    node.store.write = slowly  # type: ignore[method-assign]
    await asyncio.gather(*(witness.keep_cosignature(node, *answer) for answer in answers))
    assert cosigners(node) == ["parley/XA", "parley/XB"]


@three
async def test_one_head_at_once_over_two_connections_is_remembered_once_and_cosigned_for_both(s: Three) -> None:
    """The same checkpoint came by the FLASH lane and the ordinary one."""
    await s.grow(2)
    ((_, body),) = witness.show_to(s.c.node, "XA")
    node, write = s.a.node, s.a.node.store.write

    async def slowly(unit: Any, *, point: str) -> Any:
        await asyncio.sleep(0)
        return await write(unit, point=point)

    node.store.write = slowly  # type: ignore[method-assign]
    both = await asyncio.gather(*(witness.cosign_for(node, "XC", body) for _ in range(2)))
    assert [kind for answer in both for kind, _ in answer] == [ItemKind.COSIGNATURE] * 2
    assert len(node.store.look(lambda look: look.records(heads.WITNESSED))) == 1
    assert evidence.listed(node) == []
