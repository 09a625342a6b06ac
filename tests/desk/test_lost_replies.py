"""A reply of ours was built and never read: what we told in it is told again until the peer is known to have it."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk import learn
from parley.desk.deliver import deliver
from parley.line.parcel import ItemKind
from parley.outside.bearers.problems import BearerProblem
from parley.testing import MemoryBearer, NoEndpoint


class ReplyLost(MemoryBearer):
    """Gives the parcel to the peer; what it answers is lost on the way back."""

    async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
        await super().exchange(endpoint, parcel, timeout_s=timeout_s)
        raise BearerProblem("unreachable", address="127.0.0.1:1", reason="reset")


def forget(wire: Any) -> None:
    """XA starts anew: it does not know who has its freshness."""
    wire.a.node.told.clear()


def tells_freshness(reply: Any) -> bool:
    return any(kind == ItemKind.FRESHNESS for kind, _ in reply.parcel.items)


def test_a_freshness_in_a_lost_reply_is_told_again(play: Any) -> None:
    async def scene(wire: Any) -> None:
        forget(wire)
        with pytest.raises(BearerProblem):
            await deliver(wire.b.node, "XA", ReplyLost("XB", wire.a.node), NoEndpoint())
        assert tells_freshness(await wire.give(peer=wire.b, to=wire.a))

    play(scene)


def test_once_the_peer_says_got_it_is_told_no_more(play: Any) -> None:
    """The control: it does not go into every reply for ever."""

    async def scene(wire: Any) -> None:
        forget(wire)
        for _ in range(2):  # the second parcel says *got*
            await deliver(wire.b.node, "XA", MemoryBearer("XB", wire.a.node), NoEndpoint())
        assert learn.knows(wire.a.node, "XB")
        assert not tells_freshness(await wire.give(peer=wire.b, to=wire.a))

    play(scene)


def test_a_got_of_an_older_freshness_proves_nothing(play: Any) -> None:
    async def scene(wire: Any) -> None:
        forget(wire)
        await wire.give(peer=wire.b, to=wire.a, got=(b"\1" * 32,))
        assert not learn.knows(wire.a.node, "XB")

    play(scene)


def test_the_reply_to_our_own_parcel_is_enough(play: Any) -> None:
    async def scene(wire: Any) -> None:
        forget(wire)
        await deliver(wire.a.node, "XB", MemoryBearer("XA", wire.b.node), NoEndpoint())
        assert learn.knows(wire.a.node, "XB")

    play(scene)
