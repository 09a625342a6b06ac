"""A listening node: binds, serves in the running loop, stops.

uvicorn supplies the HTTP protocol and the link to the application. Its own Server class is not used: it ends the
process when a port is taken, takes over the signals of the program around it, and offers no limit on the time of a TLS
handshake. Connections are accepted here one by one, so that the gate is asked before a handshake costs anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from parley.outside.bearers.https import tls
from parley.outside.bearers.https.app import PeerHandler, make_app
from parley.outside.bearers.https.gate import Gate
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.https.protocol import PeerProtocol
from parley.outside.bearers.problems import BearerProblem

BACKLOG = 128


class Serving:
    """A server that listens. `port` is the one actually bound, also when 0 was asked for."""

    def __init__(
        self, sockets: list[socket.socket], make: Callable[[], PeerProtocol], state: ServerState, gate: Gate,
        context: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self._sockets, self._make = sockets, make
        self._state = state
        self._context = context
        self.gate = gate
        self.port: int = sockets[0].getsockname()[1]
        self._greeting: set[asyncio.Task[None]] = set()
        self._doors = [asyncio.create_task(self._accept(one)) for one in sockets]

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(listener)
            except OSError:  # a caller that is gone already, or no descriptor is left
                await asyncio.sleep(0.1)
                continue
            over = self.gate.knock(address[0])
            if over is None:
                connection.close()
            else:
                task = asyncio.create_task(self._greet(connection, over))
                self._greeting.add(task)
                task.add_done_callback(self._greeting.discard)
            await asyncio.sleep(0)  # a queue of callers is no reason to let the others wait

    async def _greet(self, connection: socket.socket, over: Callable[[], None]) -> None:
        """The handshake, if there is one; whoever fails at it is gone without a word."""
        secured = {"ssl": self._context, "ssl_handshake_timeout": self.gate.limits.handshake_s} if self._context else {}
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._make, connection, **secured)  # type: ignore[arg-type]
        except OSError:
            connection.close()
        finally:
            over()

    def use_identity(self, certificate: bytes, key: bytes) -> None:
        """Show another certificate (DER, PKCS #8) from the next handshake on; open connections go on."""
        assert self._context is not None
        tls.load_identity(self._context, certificate, key)

    async def stop(self, grace_s: float = 2.0) -> None:
        """Take no new connections, let running requests end for `grace_s` seconds, then cut what is left."""
        for task in (*self._doors, *self._greeting):
            task.cancel()
        await asyncio.gather(*self._doors, *self._greeting, return_exceptions=True)
        for listener in self._sockets:
            listener.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=grace_s)
        for connection in list(self._state.connections):
            with contextlib.suppress(AttributeError):  # asyncio of 3.11.2 has let go of one whose TLS has ended
                connection.transport.abort()
        for task in list(self._state.tasks):
            task.cancel()
        await asyncio.sleep(0)


async def serve(
    host: str,
    port: int,
    certificate: bytes,
    key: bytes,
    handler: PeerHandler,
    trusted: Callable[[], Iterable[tuple[str, bytes]]],
    limits: Limits | None = None,
    listed: Callable[[], Collection[str]] = tuple,
    clock: Callable[[], float] = time.monotonic,
) -> Serving:
    """Listen on `host`:`port` (0: any free one) in the running loop and return at once.

    Args:
        certificate, key: our own, DER and PKCS #8 DER.
        handler: see PeerHandler.
        trusted: the certificates (party, DER) of all accepted parties; asked again at every handshake.
        listed, clock: see Gate.

    Raises:
        BearerProblem: port_taken, bad_identity.
    """
    limits = limits or Limits()
    context = tls.server_context(certificate, key, lambda: (der for _, der in trusted()))
    config = config_of(make_app(handler, limits), limits)
    state = ServerState()
    gate = Gate(limits, listed, clock)

    def who(der: bytes) -> str | None:
        if (party := handler.party_of_certificate(der)) is not None:
            return party
        # Listed by two parties: who speaks is said with each request; until then it has room of its own.
        return f"shared {hashlib.sha256(der).hexdigest()}" if any(der == listed for _, listed in trusted()) else None

    sockets = await listen(host, port)
    return Serving(sockets, lambda: PeerProtocol(config, state, gate, who), state, gate, context)


async def listen(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address that `host` means; raises BearerProblem port_taken."""
    try:
        return await _bound(host, port)
    except (OSError, OverflowError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number and number > 0 else "not a possible address"
        raise BearerProblem("port_taken", address=f"{host}:{port}"[:60], reason=reason) from None


async def _bound(host: str, port: int) -> list[socket.socket]:
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    made: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            made.append(listener)
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
    except BaseException:
        for listener in made:
            listener.close()
        raise
    return made


def config_of(app: ASGIApp, limits: Limits) -> Config:
    """What uvicorn needs to know to serve `app` and say nothing of itself."""
    config = Config(
        app,
        http=PeerProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # below that, every stranger's garbage would write a line
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # nobody reads it: parcels carry signed times; and it tells strangers our clock
        timeout_keep_alive=int(limits.idle_s),
        h11_max_incomplete_event_size=limits.head_bytes,
    )
    config.load()
    return config
