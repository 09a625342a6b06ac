"""uvicorn's HTTP/1.1 protocol with what a node needs and uvicorn leaves out.

uvicorn does not hand the client certificate to the application, has no limit on the time that a request's head may
take, and answers what is not HTTP with a sentence. This subclass reads the certificate once per connection and puts
it into ``scope["state"]["certificate"]`` (DER, or None), watches the head, and keeps the one shape of errors. It rests
on the inner workings of uvicorn's H11Protocol; the tests of this folder tell when a release moves them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any, cast

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from parley.outside.bearers.https.gate import STRANGER, Gate
from parley.outside.bearers.https.tls import no_delay

LINGER_S = 5.0
"""How long a closing connection may take to hand over what was written to it."""


def error_body(key: str) -> bytes:
    """The one shape of errors: canonical JSON with the full key of the problem."""
    return b'{"problem":"%s"}' % key.encode("ascii")


class PeerProtocol(H11Protocol):
    """One connection of a peer, or of a stranger who may only ask for and offer particulars."""

    def __init__(self, config: Config, state: ServerState, gate: Gate, who: Callable[[bytes], str | None]) -> None:
        super().__init__(config, state, {}, asyncio.get_running_loop())
        self.gate = gate
        self.who = who
        self.entered: str | None = None
        self.host = ""
        self.head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        no_delay(transport)
        tls = cast("ssl.SSLObject | None", transport.get_extra_info("ssl_object"))
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state["certificate"] = certificate
        name = (self.who(certificate) if certificate else None) or STRANGER
        self.host = str((transport.get_extra_info("peername") or ("",))[0])
        if not self.gate.enter(name, self.host):
            self.refuse(503, "bearer.too_many")
            return
        self.entered = name
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        if self.entered is not None:
            self.gate.leave(self.entered, self.host)
            self.entered = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # a refusal is on its way out; what still comes in is dropped
        super().data_received(data)
        self._watch_head()

    def _watch_head(self) -> None:
        """One timer from the first byte of a request to the end of its head, however slowly bytes trickle in."""
        if self.conn.their_state is not h11.IDLE or self.timeout_keep_alive_task is not None:
            self._stop_watching()
        elif self.head_timer is None:
            self.head_timer = self.loop.call_later(self.gate.limits.head_s, self.timeout_keep_alive_handler)

    def _stop_watching(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for too long: close, and do not wait for ever for the other side to agree."""
        with contextlib.suppress(h11.LocalProtocolError):
            super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP; uvicorn calls this, and its sentence is not used."""
        self.refuse(400, "bearer.bad_request")

    def refuse(self, status: int, key: str) -> None:
        """Answer outside the application and close. If an answer has already begun, only close."""
        with contextlib.suppress(h11.LocalProtocolError):
            body, media = self.error(key)
            headers: list[tuple[str, str]] = [
                ("content-type", media),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            events: list[Any] = [
                h11.Response(status_code=status, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ]
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def error(self, key: str) -> tuple[bytes, str]:
        """Body and media type of a refusal."""
        return error_body(key), "application/json"
