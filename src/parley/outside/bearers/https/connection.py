"""One warm connection to a peer, from the calling side: h11 over an asyncio transport, one request at a time.

No redirects, no cookies, no compression, no proxies: a node speaks to exactly the address that a party's particulars
name. What is left out: choosing among connections, and trying again (see client).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

import h11
import msgspec

from parley.outside.bearers.https.tls import no_delay
from parley.outside.bearers.problems import BearerProblem

HEAD_BYTES = 8 << 10
PARTY_HEADER = "parley-party"
"""For whom a request speaks: two parties may list one certificate, one of them only to shut the other out."""


class Lost(Exception):
    """The connection ended. `heard` tells whether any byte of an answer had come."""

    def __init__(self, heard: bool) -> None:
        super().__init__(heard)
        self.heard = heard


class Answer(msgspec.Struct, frozen=True):
    """What came back: HTTP status and the whole body."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """A connection that has been made; `ask` may be called again and again, never twice at once."""

    def __init__(self, address: str, limit: int, speaks_for: str = "") -> None:
        self.address = address
        self.speaks_for = speaks_for
        self.limit = limit
        self.certificate: bytes | None = None
        self.idle_since = 0.0
        self._http = h11.Connection(h11.CLIENT, HEAD_BYTES)
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._status = 0
        self._body: list[bytes] = []
        self._size = 0
        self._heard = False

    @property
    def usable(self) -> bool:
        """Whether another request can be sent over it."""
        return self._transport is not None and not self._transport.is_closing() and self._http.our_state is h11.IDLE

    async def ask(self, method: str, path: str, body: bytes) -> Answer:
        """Send one request and wait for the whole answer; the caller limits the time.

        Raises:
            Lost: the connection ended before the answer was whole.
            BearerProblem: oversize, bad_answer; the connection is closed then.
        """
        if not self.usable or self._transport is None:
            raise Lost(heard=False)
        self._status, self._body, self._size, self._heard = 0, [], 0, False
        self._waiting = asyncio.get_running_loop().create_future()
        headers = [("host", self.address), ("content-length", str(len(body)))]
        if self.speaks_for:
            headers.append((PARTY_HEADER, self.speaks_for))
        request = h11.Request(method=method, target=path, headers=headers)
        pieces = [self._http.send(request), self._http.send(h11.Data(data=body)), self._http.send(h11.EndOfMessage())]
        self._transport.write(b"".join(piece or b"" for piece in pieces))
        try:
            return await self._waiting
        except asyncio.CancelledError:
            self.close()  # the answer is still on its way: nobody may read it as the answer to something else
            raise
        finally:
            self._waiting = None

    def close(self) -> None:
        """Cut the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        no_delay(self._transport)
        tls = cast("ssl.SSLObject | None", transport.get_extra_info("ssl_object"))
        self.certificate = tls.getpeercert(binary_form=True) if tls is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(Lost(self._heard))

    def data_received(self, data: bytes) -> None:
        self._heard = True
        if self._waiting is None:
            self.close()  # an answer to nothing
            return
        try:
            self._http.receive_data(data)
            self._read()
        except h11.RemoteProtocolError:
            self._give_up(BearerProblem("bad_answer", address=self.address))

    def _read(self) -> None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Response):
                self._status = event.status_code
            elif isinstance(event, h11.Data):
                self._take(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._finish()
                return
            elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return

    def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self.limit:
            self._give_up(BearerProblem("oversize", limit=self.limit))
        else:
            self._body.append(piece)

    def _finish(self) -> None:
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        else:
            self.close()  # the other side will not answer again on this connection
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(self._status, b"".join(self._body)))

    def _give_up(self, problem: BearerProblem) -> None:
        self._fail(problem)
        self.close()

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
