"""Carry a parcel to a peer and bring one back.

One exchange is one POST. Connections are kept warm, a few per address. A parcel may arrive twice (the connection can
end between the peer's commit and its answer); receiving is repeatable, so that is harmless, and waiting between
attempts is the caller's business (see backoff).
"""

from __future__ import annotations

import asyncio
import re
import ssl

from parley.outside.bearers.https import tls
from parley.outside.bearers.https.connection import Answer, Connection, Lost
from parley.outside.bearers.https.endpoint import Endpoint, split
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.problems import BearerProblem

IDLE_S = 90.0
"""Give up a warm connection before the other side does (Limits.idle_s), or a request meets a closing door."""
_REASON = re.compile(rb'\{"problem":"([a-z_]{1,30}\.[a-z_]{1,40})"\}')


class Pool:
    """The connections to one address: at most `most` at once, the one used last is used first."""

    def __init__(self, most: int) -> None:
        self.room = asyncio.Semaphore(most)
        self.idle: list[Connection] = []

    def take(self, endpoint: Endpoint, now: float) -> Connection | None:
        """A warm connection on which the peer showed a certificate that `endpoint` still names, or None."""
        while self.idle:
            connection = self.idle.pop()
            fresh = now - connection.idle_since < IDLE_S
            if fresh and connection.usable and connection.certificate in endpoint.certificates:
                return connection
            connection.close()
        return None

    def give_back(self, connection: Connection, now: float) -> None:
        """Keep `connection` for the next request if it can take one."""
        if connection.usable:
            connection.idle_since = now
            self.idle.append(connection)

    def close(self) -> None:
        """Cut all that nobody is using."""
        while self.idle:
            self.idle.pop().close()


class HttpsBearer:
    """The calling side of one node.

    Args:
        certificate, key: our own, DER and PKCS #8 DER.
        connections: how many at once to one address; less than the peer's own limit, or it refuses.
        party: for whom we speak; said with every parcel, in case another party lists our certificate as its own.
    """

    def __init__(
        self, certificate: bytes, key: bytes, *, limits: Limits | None = None, connections: int = 4, party: str = ""
    ) -> None:
        self._limits = limits or Limits()
        self._connections = connections
        self._party = party
        self._pools: dict[str, Pool] = {}
        self._contexts: dict[tuple[bytes, ...], ssl.SSLContext] = {}
        self._identity = (certificate, key)
        tls.client_context((), certificate, key)  # a pair that does not fit shows now, not at 03:00

    async def exchange(self, peer: Endpoint, parcel: bytes, *, timeout_s: float) -> bytes:
        """POST `parcel` to the peer's /line and return the parcel that comes back.

        Raises:
            BearerProblem: unreachable, timed_out, hung_up, pin_mismatch, refused (status, reason), oversize,
                bad_answer. Only `refused` says that the peer did not take the parcel; after the others it may have.
        """
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._ask_warm(peer, parcel)
        except TimeoutError:
            raise BearerProblem("timed_out", address=peer.address, ms=int(timeout_s * 1000)) from None
        return _body(peer.address, answer)

    async def fetch_particulars(self, address: str, *, timeout_s: float = 20.0) -> bytes:
        """The signed particulars that `address` gives to anybody. Nothing is verified here, not even who answers.

        Raises:
            BearerProblem: as exchange.
        """
        return await self._ask_as_stranger(address, "GET", b"", timeout_s)

    async def offer_particulars(self, address: str, signed: bytes, *, timeout_s: float = 20.0) -> None:
        """Offer our signed particulars to whoever answers at `address`; raises BearerProblem as exchange."""
        await self._ask_as_stranger(address, "POST", signed, timeout_s)

    def use_identity(self, certificate: bytes, key: bytes) -> None:
        """Show another certificate from now on: warm connections that showed the old one are cut."""
        tls.client_context((), certificate, key)
        self._identity = (certificate, key)
        self.close()

    def close(self) -> None:
        """Cut all warm connections. The bearer can be used again."""
        self._contexts.clear()
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    async def _ask_warm(self, peer: Endpoint, parcel: bytes) -> Answer:
        pool = self._pools.setdefault(peer.address, Pool(self._connections))
        async with pool.room:
            warm = pool.take(peer, _now())
            if warm is not None:
                try:
                    return await self._ask(pool, warm, parcel)
                except Lost:
                    pass  # it had grown cold: once more on a new one, as receiving is repeatable
            try:
                return await self._ask(pool, await self._connect(peer), parcel)
            except Lost:
                raise BearerProblem("hung_up", address=peer.address) from None

    async def _ask(self, pool: Pool, connection: Connection, parcel: bytes) -> Answer:
        answer = await connection.ask("POST", "/line", parcel)
        pool.give_back(connection, _now())
        return answer

    async def _connect(self, peer: Endpoint) -> Connection:
        connection = await _open(peer.address, self._context(peer.certificates), self._limits.parcel_bytes, self._party)
        if connection.certificate not in peer.certificates:  # pinned is the certificate, not what it may have signed
            connection.close()
            raise BearerProblem("pin_mismatch", address=peer.address)
        return connection

    def _context(self, pinned: tuple[bytes, ...]) -> ssl.SSLContext:
        if pinned not in self._contexts:
            self._contexts[pinned] = tls.client_context(pinned, *self._identity)
        return self._contexts[pinned]

    async def _ask_as_stranger(self, address: str, method: str, body: bytes, timeout_s: float) -> bytes:
        try:
            async with asyncio.timeout(timeout_s):
                connection = await _open(address, tls.stranger_context(), self._limits.particulars_bytes)
                try:
                    return _body(address, await connection.ask(method, "/particulars", body))
                except Lost:
                    raise BearerProblem("hung_up", address=address) from None
                finally:
                    connection.close()
        except TimeoutError:
            raise BearerProblem("timed_out", address=address, ms=int(timeout_s * 1000)) from None


async def _open(address: str, context: ssl.SSLContext, limit: int, party: str = "") -> Connection:
    host, port = split(address)
    try:
        # An empty server name sends none: who is called stays out of the clear part of the handshake.
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(address, limit, party), host, port, ssl=context, server_hostname=""
        )
    except ssl.SSLCertVerificationError:
        raise BearerProblem("pin_mismatch", address=address) from None
    except ssl.SSLError:
        raise BearerProblem("unreachable", address=address, reason="no TLS 1.3 there") from None
    except OSError as error:
        reason = (error.strerror or "the connection was cut")[:60]
        raise BearerProblem("unreachable", address=address, reason=reason) from None
    return connection


def _body(address: str, answer: Answer) -> bytes:
    if answer.status == 200:
        return answer.body
    found = _REASON.fullmatch(answer.body)
    reason = found[1].decode("ascii") if found else "no reason given"
    raise BearerProblem("refused", address=address, status=answer.status, reason=reason)


def _now() -> float:
    return asyncio.get_running_loop().time()
