"""Asked: a request parsed once at the edge: who asks, in which language, where, and the fields of a form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from parley.clearance import Reader
from parley.desk.sign_in.passkeys import Site
from parley.desk.sign_in.sessions import Session
from parley.doors.web.limits import Limits
from parley.doors.web.problems import WebProblem
from parley.doors.web.uploads import Upload

SESSION, KNOWN, LANGUAGE = "parley-desk", "parley-known", "parley-language"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a page's function gets. `fields`: each name with all that stood under it; `data`: the body as it came, of a
    form with files its fields alone; `uploads`: attachments, by field.

    `place` is the address with its query, for coming back to; `signed` and `reader` are None for whoever is not signed
    in.
    """

    method: str
    place: str
    host: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    fields: Mapping[str, tuple[str, ...]]
    data: bytes
    language: str
    agent: str
    cookies: Mapping[str, str]
    site: Site | None
    uploads: Mapping[str, tuple[Upload, ...]] = {}
    signed: Session | None = None
    reader: Reader | None = None
    files: Mapping[str, bytes] = {}

    @property
    def officer(self) -> str:
        """The officer who asks; only for pages that need one."""
        assert self.signed is not None
        return self.signed.officer

    @property
    def eyes(self) -> Reader:
        """What the officer may see; only for pages that need one."""
        assert self.reader is not None
        return self.reader

    def field(self, name: str) -> str:
        """One field of a form, "" if it is not there."""
        return self.fields.get(name, ("",))[0]


async def body(request: Request, limits: Limits) -> bytes:
    """What was sent; raises WebProblem body_too_large, body_too_slow, not_a_form.

    What is too large is read on for a while and forgotten: a browser shows our answer only once it has sent all.
    """
    pieces, size = bytearray(), 0
    try:
        async with asyncio.timeout(limits.body_s):
            async for piece in request.stream():
                size += len(piece)
                if size <= limits.body_bytes:
                    pieces += piece
                elif size > limits.drained_bytes:
                    break
    except TimeoutError:
        raise WebProblem("body_too_slow", seconds=int(limits.body_s)) from None
    except ClientDisconnect:
        raise WebProblem("not_a_form") from None
    if size > limits.body_bytes:
        raise WebProblem("body_too_large", limit=limits.body_bytes)
    return bytes(pieces)


def fields(data: bytes, limits: Limits) -> dict[str, tuple[str, ...]]:
    """The fields of a form, urlencoded UTF-8 as our pages send it; raises WebProblem("not_a_form")."""
    try:
        pairs = parse_qsl(
            data.decode("ascii"), keep_blank_values=True, strict_parsing=bool(data), errors="strict",
            max_num_fields=limits.fields,
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError):
        raise WebProblem("not_a_form") from None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value.replace("\r\n", "\n"))
    return found


def query(request: Request) -> dict[str, str]:
    """The parameters of the address; of a repeated one the first."""
    raw = request.scope["query_string"][:2000].decode("latin-1")
    return dict(reversed(parse_qsl(raw, keep_blank_values=True, errors="replace", max_num_fields=50)))


def kind_of(request: Request) -> str:
    """The media type of the body."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
