"""The listener of the desk: plain HTTP on loopback, or TLS with a certificate of the ministry's own authority.

It shares the peers' guards against slow heads and floods, and nothing else with them: another socket, another
application, no client certificates. Browsers open several connections each and keep them.
"""

from __future__ import annotations

import os
import ssl
import stat
from pathlib import Path

from msgspec.structs import replace
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from parley.outside.bearers.https.gate import Gate
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.https.server import Serving, config_of, listen
from parley.outside.loopback import LoopbackProtocol, Said, is_loopback
from parley.outside.settings import SettingsProblem

DESK_LIMITS = replace(
    Limits(), connections_of_strangers=192, connections_of_strangers_per_site=48, handshakes_at_once=200,
    handshakes_at_once_per_site=100,
)  # fmt: skip


async def serve_desk(
    host: str, port: int, app: ASGIApp, said: Said, context: ssl.SSLContext | None, limits: Limits = DESK_LIMITS
) -> Serving:
    """Serve `app` in the running loop and return at once.

    Raises SettingsProblem("desk_needs_certificate") for an address that is not this machine's without TLS;
    BearerProblem("port_taken").
    """
    if context is None and not is_loopback(host):
        raise SettingsProblem("desk_needs_certificate", given=f"{host}:{port}"[:60])
    here = is_loopback(host)
    if here:  # every browser has the one address of this machine, a proxy's or its own
        limits = replace(limits, connections_of_strangers_per_site=limits.connections_of_strangers)
    config, state = config_of(app, limits), ServerState()
    gate = Gate(limits, lambda: (host,) if here else ())

    def protocol() -> LoopbackProtocol:
        made = LoopbackProtocol(config, state, gate, lambda certificate: None)
        made.said = said
        return made

    return Serving(await listen(host, port), protocol, state, gate, context)


def desk_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer, as browsers speak it; raises SettingsProblem("desk_certificate")."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        if stat.S_IMODE(os.stat(key).st_mode) & 0o077:
            raise SettingsProblem("desk_certificate", path=str(key), reason="others can read the key")
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        raise SettingsProblem("desk_certificate", path=str(certificate), reason=(error.reason or "TLS")[:60]) from None
    except OSError as error:
        reason = (error.strerror or "unreadable")[:60]
        raise SettingsProblem("desk_certificate", path=str(error.filename or key), reason=reason) from None
    return context
