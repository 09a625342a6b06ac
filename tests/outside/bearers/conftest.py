"""Two nodes on loopback: real sockets, real TLS, a handler that answers in memory."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parley.outside.bearers.https import Endpoint, HttpsBearer, Limits, Serving, serve, tls
from parley.outside.keys.certificate import NOT_AFTER, NOT_BEFORE, make_tls_identity
from parley.terms.problem import Problem


@dataclass(frozen=True)
class Identity:
    """A TLS key and its certificate, DER."""

    key: bytes
    certificate: bytes


def make_identity(party: str) -> Identity:
    return Identity(*make_tls_identity(party, os.urandom))


@dataclass
class Desk:
    """What stands behind the server under test: current particulars are the dictionary `known`."""

    known: dict[bytes, str] = field(default_factory=dict)
    trusted: list[tuple[str, bytes]] = field(default_factory=list)
    got: list[tuple[str, bytes]] = field(default_factory=list)
    offers: list[bytes] = field(default_factory=list)
    answer: Callable[[bytes], bytes | Problem | Exception] = lambda parcel: b"answer to " + parcel[:20]
    waiting: asyncio.Event | None = None

    def accept(self, party: str, who: Identity) -> None:
        self.known[who.certificate] = party
        self.trusted.append((party, who.certificate))

    def party_of_certificate(self, certificate: bytes, claimed: str | None = None) -> str | None:
        return self.known.get(certificate)

    async def exchange(self, party: str, parcel: bytes) -> bytes:
        self.got.append((party, parcel))
        if self.waiting is not None:
            await self.waiting.wait()
        answer = self.answer(parcel)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def particulars(self) -> bytes:
        return b"our particulars"

    async def offered(self, signed: bytes) -> None:
        self.offers.append(signed)


@dataclass
class Pair:
    """A listening node XB, and the identity of the node XA that calls it."""

    desk: Desk
    server: Serving
    own: Identity
    peer: Identity

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.address, (self.own.certificate,))

    def bearer(self, who: Identity | None = None, **options: Any) -> HttpsBearer:
        who = who or self.peer
        return HttpsBearer(who.certificate, who.key, **options)

    async def raw(
        self, who: Identity | None = None, source: str | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A TLS connection on which a test can write what it likes, as `who` or as a stranger, from `source`."""
        context = tls.stranger_context()
        if who is not None:
            tls.load_identity(context, who.certificate, who.key)
        host, port = self.address.split(":")
        local = (source, 0) if source else None
        return await asyncio.open_connection(host, int(port), ssl=context, server_hostname="", local_addr=local)


@pytest.fixture(scope="session")
def identity() -> Callable[[str], Identity]:
    """Makes a TLS identity for a party."""
    return make_identity


@pytest.fixture(scope="session")
def authority() -> tuple[Identity, Identity]:
    """A certificate that may sign others, and one that it signed: a party could publish the first."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "parley XB")])
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    made = []
    for is_authority, key in zip((True, False), keys, strict=True):
        subject = name if is_authority else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leaf")])
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(NOT_BEFORE)
        builder = builder.not_valid_after(NOT_AFTER).add_extension(x509.BasicConstraints(is_authority, None), True)
        der = builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        plain = serialization.NoEncryption()
        pkcs8 = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
        made.append(Identity(pkcs8, der))
    return made[0], made[1]


@pytest.fixture(scope="session")
def own() -> Identity:
    return make_identity("XB")


@pytest.fixture(scope="session")
def peer() -> Identity:
    return make_identity("XA")


@pytest.fixture
def listening(own: Identity, peer: Identity) -> Any:
    """An async context manager: a node XB that listens and knows XA."""

    @asynccontextmanager
    async def start(limits: Limits | None = None, **more: Any) -> Any:
        desk = Desk()
        desk.accept("XA", peer)
        server = await serve("127.0.0.1", 0, own.certificate, own.key, desk, lambda: desk.trusted, limits, **more)
        try:
            yield Pair(desk, server, own, peer)
        finally:
            await server.stop(0.5)

    return start


Play = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest) -> Play:
    """Run a coroutine to its end on either event loop, with a limit so that a hanging test fails."""
    factory = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}[request.param]

    def run(main: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(asyncio.wait_for(main, 30))

    return run


@pytest.fixture
def whole_answer() -> Any:
    return _whole_answer


async def _whole_answer(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side closes."""
    try:
        return await asyncio.wait_for(reader.read(-1), 10)
    except (ConnectionError, ssl.SSLError):
        return b""
