"""Asked: a request parsed once, here at the edge: token, parameters, body, headers. A bad one cannot be built.

Order matters: for whom the request is and from where, before anything of it is believed; then whose it is; then what.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from parley.desk.tokens import SHAPE, Token
from parley.doors.api.limits import Limits
from parley.doors.api.shapes import In
from parley.doors.problems import DoorProblem

T = TypeVar("T", bound=In)
KEY = re.compile(r"[!-~]{1,200}")
_TOKEN_NAMES = frozenset({"token", "access_token", "api_key", "apikey", "key", "authorization", "bearer"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler gets. `path`: the parts of the address in braces; `match`: the version of If-Match."""

    token: Token | None
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    match: str = ""
    key: str = ""
    asked: bytes = b""  # SHA-256 of what is asked: the same request has the same
    last_event: str = ""

    @property
    def by(self) -> Token:
        """The token; only for addresses that need one."""
        assert self.token is not None
        return self.token


def no_token_in(address: str) -> None:
    """Refuse a token in the address, by its shape anywhere or by the usual names of a parameter."""
    names = {part.partition("=")[0].lower() for part in address.partition("?")[2].split("&")}
    if SHAPE.search(address) or "parley_" in address or names & _TOKEN_NAMES:
        raise DoorProblem("token_in_url")


def bearer(request: Request) -> str:
    """The token that the request shows; raises DoorProblem("no_authorization")."""
    shown = request.headers.getlist("authorization")
    kind, _, token = shown[0].partition(" ") if len(shown) == 1 else ("", "", "")
    if kind.lower() != "bearer" or not token:
        raise DoorProblem("no_authorization")
    return token.strip()


def query(request: Request, shape: type[T]) -> T:
    """The parameters, each once and each known; raises DoorProblem("bad_parameter")."""
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) != len(pairs):
        raise DoorProblem("bad_parameter", reason="one stands there twice")
    try:
        return msgspec.convert(dict(pairs), shape, strict=False)
    except msgspec.ValidationError as error:
        raise DoorProblem("bad_parameter", reason=_reason(error)) from None


async def body(request: Request, shape: type[T], limits: Limits) -> tuple[T, bytes]:
    """The body in its shape, and as it came.

    Raises DoorProblem ``wrong_media_type``, ``body_too_large``, ``body_too_slow``, ``not_json``, ``bad_body``.
    """
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise DoorProblem("wrong_media_type", given=given[:80])
    data = await _octets(request, limits)
    try:
        return msgspec.json.decode(data, type=shape), data
    except msgspec.ValidationError as error:
        raise DoorProblem("bad_body", reason=_reason(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DoorProblem("not_json", reason=_reason(error)) from None


async def _octets(request: Request, limits: Limits) -> bytes:
    """Refused by its announced size before it is read, cut when it grows past the limit all the same."""
    announced = request.headers.get("content-length", "0")
    if len(announced) > 12 or int(announced) > limits.body_bytes:  # h11 lets through nothing but digits
        raise DoorProblem("body_too_large", limit=limits.body_bytes)
    pieces = bytearray()
    try:
        async with asyncio.timeout(limits.body_s):
            async for piece in request.stream():
                pieces += piece
                if len(pieces) > limits.body_bytes:
                    raise DoorProblem("body_too_large", limit=limits.body_bytes)
    except TimeoutError:
        raise DoorProblem("body_too_slow", seconds=int(limits.body_s)) from None
    except ClientDisconnect:
        raise DoorProblem("bad_request") from None
    return bytes(pieces)


def idempotency_key(request: Request) -> str:
    """The key of Idempotency-Key; raises DoorProblem("no_key")."""
    given = request.headers.getlist("idempotency-key")
    if len(given) != 1 or not KEY.fullmatch(given[0]):
        raise DoorProblem("no_key")
    return given[0]


def version(request: Request) -> str:
    """The version in If-Match; raises DoorProblem("no_version"). ``*`` names none."""
    given = request.headers.get("if-match", "")
    found = re.fullmatch(r'"([0-9a-f]{32})"', given)
    if found is None:
        raise DoorProblem("no_version")
    return found[1]


def fingerprint(method: str, path: str, match: str, data: bytes) -> bytes:
    """The same for the same request, and for no other."""
    return sha256(msgspec.msgpack.encode((method, path, match, data))).digest()


def _reason(error: Exception) -> str:
    return str(error).replace("“", '"').rstrip(".")[:200]
