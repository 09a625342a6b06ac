"""A cosignature was written down by the peer and never arrived: the next checkpoint must be cosigned all the same."""

from __future__ import annotations

import asyncio

from parley.desk import witness
from parley.desk.archive import cosigners
from parley.journal import LeafKind, read_checkpoint
from parley.seal import decode
from parley.testing import SimulatedParty, pair


async def grow(party: SimulatedParty) -> None:
    """One more entry in the journal, and a checkpoint over it."""
    node = party.node
    await node.store.write(lambda tx: node.write_leaf(tx, LeafKind.READ, bytes(32), node.clock()), point="grow")
    await witness.checkpoint(node)


async def ask(a: SimulatedParty, b: SimulatedParty) -> bytes:
    """What b answers to a's newest checkpoint."""
    [(_, shown)] = witness.show_to(a.node, "XB")
    [(_, answer)] = await witness.cosign_for(b.node, "XA", shown)
    return answer


def size_of(answer: bytes) -> int:
    """Which checkpoint a cosignature is for."""
    match decode(answer):
        case [str(text), str()]:
            return read_checkpoint(text)[0].size
    raise AssertionError("no cosignature")


def test_a_peer_whose_answer_was_lost_says_again_what_it_cosigned_and_the_proof_goes_on_from_there() -> None:
    """Else every later checkpoint is refused: its proof begins where the peer no longer is."""

    async def story() -> None:
        a, b = await pair()
        await grow(a)
        lost = await ask(a, b)
        await grow(a)
        again = await ask(a, b)
        assert size_of(again) == size_of(lost)
        await witness.keep_cosignature(a.node, "XB", again)
        newest = await ask(a, b)
        assert size_of(newest) > size_of(lost)
        await witness.keep_cosignature(a.node, "XB", newest)
        assert cosigners(a.node) == ["parley/XB"]

    asyncio.run(story())


def test_an_older_cosignature_that_comes_late_does_not_set_the_proof_back() -> None:
    """Answers may overtake each other."""

    async def story() -> None:
        a, b = await pair()
        await grow(a)
        first = await ask(a, b)
        await witness.keep_cosignature(a.node, "XB", first)
        await grow(a)
        await witness.keep_cosignature(a.node, "XB", await ask(a, b))
        await witness.keep_cosignature(a.node, "XB", first)
        await grow(a)
        assert size_of(await ask(a, b)) == a.node.store.look(lambda look: look.leaf_count())

    asyncio.run(story())
