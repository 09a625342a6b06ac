"""A flood of strangers' handshakes takes from the strangers' share; peers go on. Loopback has addresses enough."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any

import pytest

from parley.outside.bearers.https import Limits
from parley.outside.bearers.https.gate import MOST_REMEMBERED, STRANGER, Gate, site
from parley.terms.problem import Problem

TIGHT = Limits(
    handshakes_of_strangers=6,
    handshakes_per_site=4,
    handshakes_at_once=10,
    handshakes_per_s=2.0,
    handshakes_at_once_per_site=5,
    handshakes_per_s_and_site=1.0,
)
PEER, FLOOD, OTHER, THIRD = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"


def frozen() -> float:
    """A clock that stands still: no test here depends on how fast the machine is."""
    return 0.0


async def greeted(pair: Any, source: str, times: int) -> int:
    """How many of so many strangers in a row from one address got through their handshake."""
    through = 0
    for _ in range(times):
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
            _, writer = await pair.raw(source=source)
            through += 1
            writer.transport.abort()
            await asyncio.sleep(0)
    return through


async def exchanges(pair: Any, times: int) -> int:
    """How many of so many exchanges of the peer succeed, each over a connection of its own."""
    done = 0
    for number in range(times):
        bearer = pair.bearer()
        with contextlib.suppress(Problem):
            await bearer.exchange(pair.endpoint, b"parcel %d" % number, timeout_s=10)
            done += 1
        bearer.close()
    return done


def test_a_flood_of_handshakes_is_cut_for_each_address_and_in_all_and_the_peer_goes_on(
    play: Any, listening: Any
) -> None:
    async def main() -> None:
        async with listening(TIGHT, clock=frozen) as pair:
            assert await exchanges(pair, 1) == 1  # recognised once: its address is familiar from now on
            assert await greeted(pair, FLOOD, 30) == 5
            assert await greeted(pair, OTHER, 30) == 4  # one of ten was the peer's first
            assert await greeted(pair, THIRD, 30) == 0
            assert await exchanges(pair, 30) == 30

    play(main())


def test_without_a_limit_the_same_flood_gets_through(play: Any, listening: Any) -> None:
    """The control."""
    loose = Limits(handshakes_at_once=10_000, handshakes_at_once_per_site=10_000)

    async def main() -> None:
        async with listening(loose, clock=frozen) as pair:
            assert await greeted(pair, FLOOD, 30) == 30

    play(main())


@pytest.mark.parametrize("listed", [True, False])
def test_a_peer_that_never_called_is_let_in_from_the_address_that_its_particulars_name(
    play: Any, listening: Any, listed: bool
) -> None:
    """The control, without the listing, says what is left: a peer at a new address waits among the strangers."""

    async def main() -> None:
        async with listening(TIGHT, clock=frozen, listed=lambda: [PEER] if listed else []) as pair:
            assert await greeted(pair, FLOOD, 30) + await greeted(pair, OTHER, 30) == 10
            assert await exchanges(pair, 5) == (5 if listed else 0)

    play(main())


def test_handshakes_that_are_begun_and_left_fill_the_strangers_places_and_no_others(play: Any, listening: Any) -> None:
    async def main() -> None:
        async with listening(TIGHT, clock=frozen) as pair:
            assert await exchanges(pair, 1) == 1
            host, port = pair.address.split(":")
            silent = [
                await asyncio.open_connection(host, int(port), local_addr=(source, 0))
                for source in (FLOOD, OTHER)
                for _ in range(8)
            ]
            while sum(pair.server.gate.greeting.values()) < TIGHT.handshakes_of_strangers:
                await asyncio.sleep(0.01)
            assert await greeted(pair, THIRD, 3) == 0
            assert await exchanges(pair, 10) == 10
            for _, writer in silent:
                writer.transport.abort()
            while pair.server.gate.greeting:  # every place is free again
                await asyncio.sleep(0.01)

    play(main())


# -- the counting alone


class Ticking:
    """A clock that goes when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def knocks(gate: Gate, host: str, times: int) -> int:
    """How many handshakes in a row, each over before the next, may begin."""
    begun = 0
    for _ in range(times):
        over = gate.knock(host)
        if over is not None:
            over()
            begun += 1
    return begun


def test_the_share_of_an_address_comes_back_with_time_and_no_more_than_it_was() -> None:
    clock = Ticking()
    gate = Gate(TIGHT, clock=clock)
    assert knocks(gate, FLOOD, 9) == 5
    clock.now = 2.0
    assert knocks(gate, FLOOD, 9) == 2  # one a second
    clock.now = 1000.0
    assert knocks(gate, FLOOD, 9) == 5


def test_who_has_no_share_left_takes_nothing_from_the_others() -> None:
    gate = Gate(TIGHT, clock=frozen)
    assert knocks(gate, FLOOD, 1000) == 5
    assert knocks(gate, OTHER, 1000) == 5  # of ten in all


def test_an_address_does_not_become_familiar_by_a_strangers_connection() -> None:
    gate = Gate(TIGHT, clock=frozen)
    assert gate.enter(STRANGER, FLOOD)
    assert knocks(gate, FLOOD, 9) == 5
    assert gate.enter("XA", FLOOD)
    assert knocks(gate, FLOOD, 99) == 99


def test_strangers_of_one_address_leave_connections_for_those_of_another() -> None:
    gate = Gate(Limits(connections_of_strangers=4, connections_of_strangers_per_site=2))
    assert [gate.enter(STRANGER, FLOOD) for _ in range(3)] == [True, True, False]
    assert gate.enter(STRANGER, OTHER)
    gate.leave(STRANGER, FLOOD)
    assert gate.enter(STRANGER, FLOOD)


def test_a_flood_from_many_addresses_is_not_remembered_without_end() -> None:
    gate = Gate(TIGHT, clock=frozen)
    for number in range(MOST_REMEMBERED + 50):
        knocks(gate, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1)
    assert len(gate._each) == MOST_REMEMBERED


SITES = {
    "an address": ("192.0.2.7", "192.0.2.7"),
    "two of one site": ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
    "with a zone": ("fe80::1%eth0", "fe80::/64"),
    "in brackets": ("[2001:db8:1:2:ffff::7]", "2001:db8:1:2::/64"),
    "IPv4 in IPv6": ("::ffff:192.0.2.7", "192.0.2.7"),
    "a name": ("node.example", "node.example"),
}


@pytest.mark.parametrize("case", SITES)
def test_an_address_counts_in_the_share_of_its_site(case: str) -> None:
    given, expected = SITES[case]
    assert site(given) == expected
