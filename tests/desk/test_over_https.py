"""Two desks over real HTTPS in one process: what is decided here acts at once on connections that are already open."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from parley.desk import decide, particulars
from parley.desk.deliver import deliver
from parley.directory import Bearer
from parley.outside.bearers.https import HttpsBearer, Serving, serve
from parley.outside.keys.certificate import make_tls_identity
from parley.testing import FakeClock, SimulatedParty
from parley.wiring import PeerDoor, PinnedWay, way_to


@dataclass
class Served:
    """A party whose node listens on loopback, with the certificate that its particulars list."""

    party: SimulatedParty
    server: Serving
    bearer: HttpsBearer
    identity: tuple[bytes, bytes]  # key, certificate

    @property
    def code(self) -> str:
        return self.party.node.party

    async def send(self, to: Served) -> bytes:
        """A note, delivered now."""
        sent = await self.party.write(to.party, 1, {10: "timetable"})
        await self.carry(to)
        return sent

    async def carry(self, to: Served) -> int:
        """One exchange; what was postponed is due again."""
        self.party.clock.sleep(120_000)
        way = way_to(self.party.node, to.code)
        return await deliver(self.party.node, to.code, PinnedWay(self.party.node, self.bearer, to.code), way)

    def has(self, note: bytes) -> bool:
        return self.party.node.store.look(lambda look: look.note(note)) is not None

    def waits_for(self, note: bytes, to: Served) -> bool:
        return self.party.node.store.look(lambda look: look.outbox_for(note, to.code)) is not None

    async def rotate(self) -> None:
        """A new certificate, in new particulars that nobody else has heard of."""
        self.identity = make_tls_identity(self.code, os.urandom)
        await self.publish(tls=(self.identity[1],))
        self.bearer.use_identity(self.identity[1], self.identity[0])
        self.server.use_identity(self.identity[1], self.identity[0])

    async def publish(self, **changes: Any) -> None:
        """Our own next particulars; the other side sleeps."""
        self.party.clock.sleep(60_000)
        fields = {"tls": (self.identity[1],), "bearers": self.party.particulars.bearers} | changes
        found = self.party.keys.particulars(self.party.clock(), self.party.particulars, **fields)
        self.party.particulars = found
        await particulars.adopt_own(self.party.node, self.party.keys.signed(found), "registrar")


async def listening(code: str, clock: FakeClock) -> Served:
    party = SimulatedParty(code, clock)
    key, certificate = make_tls_identity(code, os.urandom)
    server = await serve("127.0.0.1", 0, certificate, key, PeerDoor(party.node), party.node.directory.certificates)
    address = Bearer("https", f"https://127.0.0.1:{server.port}", 0)
    party.particulars = msgspec.structs.replace(party.particulars, tls=(certificate,), bearers=(address,))
    await party.start()
    return Served(party, server, HttpsBearer(certificate, key, party=code), (key, certificate))


@pytest.fixture
def play() -> Any:
    """Runs a scene between two served parties that have met."""

    def run(scene: Any) -> None:
        async def main() -> None:
            clock = FakeClock()
            a, b = await listening("XA", clock), await listening("XB", clock)
            await a.party.meet(b.party)
            try:
                await scene(a, b)
            finally:
                for one in (a, b):
                    one.bearer.close()
                    await one.server.stop(0.2)

        asyncio.run(asyncio.wait_for(main(), 60))

    return run


def test_a_note_goes_over_and_the_receipt_comes_back_on_the_same_exchange(play: Any) -> None:
    """The control of everything below."""

    async def scene(a: Served, b: Served) -> None:
        sent = await a.send(b)
        assert b.has(sent)
        assert not a.waits_for(sent, b)

    play(scene)


def test_suspension_acts_on_a_connection_that_is_open_and_so_does_its_end(play: Any, refused: Any) -> None:
    """The note stays in the outbox meanwhile, and arrives when the line is taken up again."""

    async def scene(a: Served, b: Served) -> None:
        await a.send(b)
        await decide.suspend(b.party.node, "XA", "director")
        sent = await a.party.write(b.party, 1, {10: "drill"})
        with refused("bearer.refused"):
            await a.carry(b)
        assert a.waits_for(sent, b)
        assert not b.has(sent)
        await decide.resume(b.party.node, "XA", "director")
        await a.carry(b)
        assert b.has(sent)
        assert not a.waits_for(sent, b)

    play(scene)


def test_a_certificate_that_was_taken_out_of_particulars_no_longer_speaks_on_an_open_connection(
    play: Any, refused: Any
) -> None:
    """XB hears of XA's new particulars; whoever holds the old key, over the connection it has open, is refused."""

    async def scene(a: Served, b: Served) -> None:
        await a.send(b)
        stolen = a.bearer
        a.identity = make_tls_identity("XA", os.urandom)
        await a.publish(tls=(a.identity[1],))
        a.bearer = HttpsBearer(a.identity[1], a.identity[0], party="XA")
        sent = await a.send(b)
        assert b.has(sent)
        with refused("bearer.refused"):
            await stolen.exchange(way_to(a.party.node, "XB"), b"\x00", timeout_s=5)

    play(scene)


def test_the_calling_side_rotated_its_certificate_while_the_other_slept(play: Any) -> None:
    """XB does not know it and hangs up, is offered the particulars, and the note arrives in the same attempt."""

    async def scene(a: Served, b: Served) -> None:
        await a.send(b)
        await a.rotate()
        assert b.party.node.directory.entry("XA").current.version == 1
        sent = await a.send(b)
        assert b.has(sent)
        assert b.party.node.directory.entry("XA").current.version == 2

    play(scene)


def test_the_called_side_rotated_its_certificate_while_the_other_slept(play: Any) -> None:
    """XA meets a certificate that is not pinned, shows it nothing, fetches the particulars, and tries once more."""

    async def scene(a: Served, b: Served) -> None:
        await a.send(b)
        await b.rotate()
        a.bearer.close()
        assert a.party.node.directory.entry("XB").current.version == 1
        sent = await a.send(b)
        assert b.has(sent)
        assert a.party.node.directory.entry("XB").current.version == 2

    play(scene)


def test_a_party_that_lists_anothers_certificate_cannot_shut_it_out(play: Any) -> None:
    """XC's particulars, in good standing, name XA's certificate: XA says for whom it speaks, and is heard as XA."""

    async def scene(a: Served, b: Served) -> None:
        c = SimulatedParty("XC", a.party.clock)
        c.particulars = c.keys.particulars(c.clock(), tls=(a.identity[1],))
        await c.start()
        await c.meet(b.party)
        assert b.party.node.directory.party_of_certificate(a.identity[1]) is None
        sent = await a.send(b)
        assert b.has(sent)
        assert b.party.node.store.look(lambda look: look.stored_from("XC")) == 0

    play(scene)


def test_nobody_speaks_for_a_party_that_does_not_list_his_certificate(play: Any, refused: Any) -> None:
    """XA's certificate with XC's name; and, where two list it, a caller that does not say for whom it speaks."""

    async def scene(a: Served, b: Served) -> None:
        liar = HttpsBearer(a.identity[1], a.identity[0], party="XC")
        with refused("bearer.refused"):
            await liar.exchange(way_to(a.party.node, "XB"), b"\x00", timeout_s=5)
        c = SimulatedParty("XC", a.party.clock)
        c.particulars = c.keys.particulars(c.clock(), tls=(a.identity[1],))
        await c.start()
        await c.meet(b.party)
        silent = HttpsBearer(a.identity[1], a.identity[0])
        with refused("bearer.refused"):
            await silent.exchange(way_to(a.party.node, "XB"), b"\x00", timeout_s=5)

    play(scene)


def test_a_bad_parcel_over_https_is_refused_and_the_connection_goes_on(play: Any, refused: Any) -> None:
    """Garbage in a request of a known peer; the next note takes the same way."""

    async def scene(a: Served, b: Served) -> None:
        for garbage in (b"", b"\xff" * 9, b"\x81" * 9000 + b"\0"):
            with refused("bearer.refused"):
                await a.bearer.exchange(way_to(a.party.node, "XB"), garbage, timeout_s=5)
        assert b.has(await a.send(b))

    play(scene)
