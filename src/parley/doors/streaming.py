"""Server-sent events (WHATWG HTML, 9.2) as both doors send them: begun, counted, given up when nobody takes them.

What is told, and who may go on hearing it, is the business of each door.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

from starlette.types import Message, Receive, Scope, Send


class EventStream:
    """One open stream, as an ASGI application that answers one request.

    Args:
        whose: counted in `streams` under this name while it is open.
        headers: of the answer. retry_ms: how long a client that lost the connection waits.
        stuck_s: how long one write may take.
    """

    def __init__(
        self, whose: str, streams: Counter[str], headers: Mapping[str, str], *, retry_ms: int, stuck_s: float
    ) -> None:
        self._whose, self._streams = whose, streams
        self._headers, self._retry_ms, self._stuck_s = headers, retry_ms, stuck_s
        self._send: Send | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the caller is gone, may hear no more, or the node stops."""
        self._send = send
        gone = asyncio.create_task(_until_gone(receive))
        self._streams[self._whose] += 1
        try:
            headers = [(name.encode(), value.encode()) for name, value in self._headers.items()]
            await self._give({"type": "http.response.start", "status": 200, "headers": headers})
            await self._write(f"retry: {self._retry_ms}\n\n")
            await self._go_on(gone)
            await self._give({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            scope["state"]["abort"]()  # it takes nothing: what is still to be written would keep the connection
        finally:
            gone.cancel()
            self._streams[self._whose] -= 1

    async def _go_on(self, gone: asyncio.Task[None]) -> None:
        """Tell what there is to tell, until `gone` is done."""
        raise NotImplementedError

    async def _write(self, text: str) -> None:
        await self._give({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _give(self, message: Message) -> None:
        assert self._send is not None
        async with asyncio.timeout(self._stuck_s):
            await self._send(message)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
