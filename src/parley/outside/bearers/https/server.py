"""A listening node: binds, serves in the running loop, stops.

uvicorn supplies the HTTP protocol and the link to the application. Its own Server class is not used: it ends the
process when a port is taken, takes over the signals of the program around it, and offers no limit on the time of a TLS
handshake.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from collections.abc import Callable, Iterable
from typing import Any

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from parley.outside.bearers.https import tls
from parley.outside.bearers.https.app import PeerHandler, make_app
from parley.outside.bearers.https.gate import Gate
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.https.protocol import PeerProtocol
from parley.outside.bearers.problems import BearerProblem


class Serving:
    """A server that listens. `port` is the one actually bound, also when 0 was asked for."""

    def __init__(
        self, server: asyncio.Server, state: ServerState, gate: Gate, context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._state = state
        self._context = context
        self.gate = gate
        self.port: int = server.sockets[0].getsockname()[1]

    def use_identity(self, certificate: bytes, key: bytes) -> None:
        """Show another certificate (DER, PKCS #8) from the next handshake on; open connections go on."""
        assert self._context is not None
        tls.load_identity(self._context, certificate, key)

    async def stop(self, grace_s: float = 2.0) -> None:
        """Take no new connections, let running requests end for `grace_s` seconds, then cut what is left."""
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=grace_s)
        for connection in list(self._state.connections):
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
) -> Serving:
    """Listen on `host`:`port` (0: any free one) in the running loop and return at once.

    Args:
        certificate, key: our own, DER and PKCS #8 DER.
        handler: see PeerHandler.
        trusted: the certificates (party, DER) of all accepted parties; asked again at every handshake.

    Raises:
        BearerProblem: port_taken, bad_identity.
    """
    limits = limits or Limits()
    context = tls.server_context(certificate, key, lambda: (der for _, der in trusted()))
    config = config_of(make_app(handler, limits), limits)
    state = ServerState()
    gate = Gate(limits)

    def who(der: bytes) -> str | None:
        if (party := handler.party_of_certificate(der)) is not None:
            return party
        # Listed by two parties: who speaks is said with each request; until then it has room of its own.
        return f"shared {hashlib.sha256(der).hexdigest()}" if any(der == listed for _, listed in trusted()) else None

    server = await listen(
        lambda: PeerProtocol(config, state, gate, who),
        host,
        port,
        ssl=context,
        ssl_handshake_timeout=limits.handshake_s,
    )
    return Serving(server, state, gate, context)


async def listen(protocol: Callable[[], asyncio.Protocol], host: str, port: int, **options: Any) -> asyncio.Server:
    """Listen with a protocol; raises BearerProblem port_taken."""
    try:
        return await asyncio.get_running_loop().create_server(protocol, host, port, reuse_address=True, **options)
    except (OSError, OverflowError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number and number > 0 else "not a possible address"
        raise BearerProblem("port_taken", address=f"{host}:{port}"[:60], reason=reason) from None


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
