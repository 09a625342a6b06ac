"""What a node answers over HTTPS: ``POST /line`` to peers, ``GET`` and ``POST /particulars`` to anybody.

Bodies are opaque here. Who may speak is asked of the handler at every request, not at the handshake, so that
suspension, revocation and rotation act on connections that are already open.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from parley.outside.bearers.https.connection import PARTY_HEADER
from parley.outside.bearers.https.limits import Limits
from parley.outside.bearers.https.protocol import error_body
from parley.outside.bearers.problems import BearerProblem
from parley.terms.problem import Fault, Problem

log = logging.getLogger("parley.bearers")

PARCEL_TYPE = "application/cbor"
ERROR_TYPE = "application/json"
STATUS_OF_FAULT = {Fault.PEER: 400, Fault.YOURS: 400, Fault.MACHINE: 503, Fault.OURS: 500}
STATUS = {
    "no_certificate": 403,
    "not_recognised": 403,
    "too_slow": 408,
    "oversize": 413,
    "unknown_path": 404,
    "unknown_method": 405,
    "too_many": 503,
}


class PeerHandler(Protocol):
    """What stands behind the server: the node's desk.

    A Problem raised by any method is answered with its key; anything else is logged and answered as our defect.
    """

    def party_of_certificate(self, certificate: bytes, claimed: str | None = None) -> str | None:
        """The party whose *current* particulars contain this certificate (DER), unless suspended or revoked.

        `claimed`: for whom the caller says that it speaks; None if it does not say.
        """

    async def exchange(self, party: str, parcel: bytes) -> bytes:
        """Take a parcel from `party`, give one back. Not cancelled when the caller hangs up."""

    def particulars(self) -> bytes:
        """Our own current particulars, root-signed."""

    async def offered(self, signed: bytes) -> None:
        """Somebody, perhaps a party that rotated its keys, offers particulars. Nothing in them is verified yet."""


def make_app(handler: PeerHandler, limits: Limits) -> Starlette:
    """The application; it expects ``certificate`` in the state that the protocol gives it."""

    async def line(request: Request) -> Response:
        party = _party(request, handler)
        parcel = await _body(request, limits.parcel_bytes, limits)
        if _party(request, handler) != party:  # a slow body leaves time to be suspended
            raise BearerProblem("not_recognised")
        return await _answer(handler.exchange(party, parcel))

    async def give(_request: Request) -> Response:
        return Response(handler.particulars(), media_type=PARCEL_TYPE)

    async def take(request: Request) -> Response:
        return await _answer(handler.offered(await _body(request, limits.particulars_bytes, limits)))

    return Starlette(
        routes=[
            Route("/line", _guarded(line), methods=["POST"]),
            Route("/particulars", _guarded(give), methods=["GET"]),
            Route("/particulars", _guarded(take), methods=["POST"]),
        ],
        exception_handlers={HTTPException: _not_found},
    )


def _party(request: Request, handler: PeerHandler) -> str:
    certificate: bytes | None = request.scope["state"]["certificate"]
    if not certificate:
        raise BearerProblem("no_certificate")
    party = handler.party_of_certificate(certificate, request.headers.get(PARTY_HEADER))
    if party is None:
        raise BearerProblem("not_recognised")
    return party


async def _body(request: Request, limit: int, limits: Limits) -> bytes:
    """The whole body: refused by its announced size before it is read, cut when it grows past `limit` all the same."""
    announced = int(request.headers.get("content-length", "0"))  # h11 lets through nothing but digits
    if announced > limit:
        raise BearerProblem("oversize", limit=limit)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds(announced)):
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise BearerProblem("oversize", limit=limit)
                pieces.append(piece)
    except TimeoutError:
        raise BearerProblem("too_slow") from None
    return b"".join(pieces)


Answers = Callable[[Request], Awaitable[Response]]


def _guarded(endpoint: Answers) -> Answers:
    """`endpoint` with every way to fail turned into an answer of the one shape."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Problem as problem:
            return _refusal(_status(problem), problem.key)
        except ClientDisconnect:
            return _refusal(400, "bearer.bad_request")  # nobody is there to read it
        except Exception:
            log.exception("a request could not be handled")
            return _refusal(500, "bearer.defect")

    return guarded


async def _answer(handled: Awaitable[bytes | None]) -> Response:
    """What the handler gives back, or its refusal; the request was read to its end, so the connection can go on."""
    try:
        return Response(await handled or b"", media_type=PARCEL_TYPE)
    except Problem as problem:
        return Response(error_body(problem.key), _status(problem), media_type=ERROR_TYPE)


def _status(problem: Problem) -> int:
    room, _, key = problem.key.partition(".")
    return STATUS.get(key, 400) if room == BearerProblem.ROOM and key in STATUS else STATUS_OF_FAULT[problem.fault]


async def _not_found(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _refusal(status, "bearer.unknown_method" if status == 405 else "bearer.unknown_path")


def _refusal(status: int, key: str) -> Response:
    """An error; the connection ends with it, because part of the request may still be on its way."""
    return Response(error_body(key), status, {"connection": "close"}, ERROR_TYPE)
