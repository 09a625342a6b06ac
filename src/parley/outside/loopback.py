"""A listener on loopback for a door of our own: plain HTTP/1.1 with the peers' guards against slow heads and floods.

It is a socket of its own, never the peers' one, and binds nothing but an address of this machine: what reaches it is a
program that runs here. Leaves out who may ask what: that is the application's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

from msgspec.structs import replace
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from parley.outside.bearers.https.gate import Gate
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.https.protocol import PeerProtocol
from parley.outside.bearers.https.server import Serving, config_of, listen

Said = Callable[[str], tuple[bytes, str]]
"""The body and media type of a refusal that the application never sees, by the key of `PeerProtocol`."""


class LoopbackProtocol(PeerProtocol):
    """One connection of a program here; its application may cut it, with what is still to be written."""

    said: Said

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state["abort"] = transport.abort
        super().connection_made(transport)

    def error(self, key: str) -> tuple[bytes, str]:
        """Body and media type of a refusal, in the shape of the door."""
        return self.said(key)


async def serve_loopback(host: str, port: int, app: ASGIApp, said: Said, limits: Limits | None = None) -> Serving:
    """Serve `app` on `host`:`port` (0: any free one) in the running loop and return at once.

    Raises BearerProblem port_taken; ValueError if `host` is no address of loopback.
    """
    if not is_loopback(host):
        raise ValueError(host)
    limits = limits or Limits()
    here = replace(limits, connections_of_strangers_per_site=limits.connections_of_strangers)
    # There is no handshake to spare, and every caller has the one address of this machine.
    config, state, gate = config_of(app, limits), ServerState(), Gate(here, lambda: (host,))

    def protocol() -> LoopbackProtocol:
        made = LoopbackProtocol(config, state, gate, lambda certificate: None)
        made.said = said
        return made

    return Serving(await listen(host, port), protocol, state, gate)


def is_loopback(host: str) -> bool:
    """Whether `host` is an address of this machine only: 127.0.0.0/8 or ::1 (RFC 6890). A name is none."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
