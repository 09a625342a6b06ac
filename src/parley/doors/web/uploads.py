"""Uploads: a form with files as a browser sends it (multipart/form-data, RFC 7578), read piece by piece into memory.

Never into a temporary file: what is on disk is locked. A file that is too large is read past and forgotten, so that the
fields which stand behind it arrive all the same: a draft outlives its attachment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from parley.doors.web.limits import Limits
from parley.doors.web.problems import WebProblem

MULTIPART = "multipart/form-data"
LOST = "file-lost"
"""The field by which a page learns that a file was sent with its form and not kept, and has to be chosen again."""
_LONGEST_BOUNDARY = 70  # RFC 2046, 5.1.1


class Upload(msgspec.Struct, frozen=True):
    """A file as it came. `name`: as the browser gives it; `data` None: it was larger than is taken."""

    name: str
    data: bytes | None


class Sent(msgspec.Struct, frozen=True):
    """A form with its files, by field; each in the order in which it came."""

    fields: dict[str, tuple[str, ...]]
    files: dict[str, tuple[Upload, ...]]

    def as_form(self) -> bytes:
        """The fields alone, as a form without files sends them."""
        return urlencode(self.fields, doseq=True).encode("ascii")


async def read(request: Request, limits: Limits, *, keep: bool) -> Sent:
    """What was sent; raises WebProblem body_too_large, body_too_slow, not_a_form.

    Args:
        keep: whether files are wanted; without it they are forgotten as they come, and the field LOST says so.
    """
    pieces = _Pieces(limits, keep)
    parser = _parser(request, pieces)
    size = 0
    try:
        async with asyncio.timeout(limits.upload_s):
            async for piece in request.stream():
                size += len(piece)
                if size > limits.upload_drained_bytes:
                    raise WebProblem("body_too_large", limit=limits.upload_drained_bytes)
                parser.write(piece)
        if not pieces.ended:  # the parser itself does not mind
            raise WebProblem("not_a_form")
    except TimeoutError:
        raise WebProblem("body_too_slow", seconds=int(limits.upload_s)) from None
    except (ClientDisconnect, FormParserError, ValueError):
        raise WebProblem("not_a_form") from None
    return pieces.sent()


def _parser(request: Request, pieces: _Pieces) -> MultipartParser:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise WebProblem("not_a_form")
    return MultipartParser(boundary, pieces.callbacks())  # type: ignore[arg-type]  # a TypedDict of these very names


class _Pieces:
    """Takes the parser's pieces; every bound is held while they come."""

    def __init__(self, limits: Limits, keep: bool) -> None:
        self._limits, self._keep, self.ended = limits, keep, False
        self._fields: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, tuple[Upload, ...]] = {}
        self._header, self._value, self._headers = bytearray(), bytearray(), dict[bytes, bytes]()
        self._name, self._file_name = "", None  # type: str, str | None
        self._data, self._over, self._parts, self._text, self._kept = bytearray(), False, 0, 0, 0

    def callbacks(self) -> dict[str, Callable[..., Any]]:
        """By the names that the parser knows."""
        names = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end",
                 "headers_finished", "end")  # fmt: skip
        return {f"on_{name}": getattr(self, name) for name in names}

    def part_begin(self) -> None:
        self._parts += 1
        if self._parts > self._limits.fields:
            raise WebProblem("not_a_form")
        self._headers, self._data, self._over = {}, bytearray(), False

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            raise WebProblem("not_a_form")
        self._name = options[b"name"].decode("utf-8")
        self._file_name = options[b"filename"].decode("utf-8") if b"filename" in options else None

    def part_data(self, data: bytes, start: int, end: int) -> None:
        size = end - start
        if self._file_name is None:
            self._text += size
            if self._text > self._limits.body_bytes:
                raise WebProblem("body_too_large", limit=self._limits.body_bytes)
        elif self._over or not self._takes(size):
            self._over, self._data = True, bytearray()
            return
        self._data += data[start:end]

    def _takes(self, size: int) -> bool:
        whole = len(self._data) + size
        return self._keep and whole <= self._limits.attachment_bytes and self._kept + whole <= self._limits.upload_bytes

    def part_end(self) -> None:
        if self._file_name is None:
            value = self._data.decode("utf-8").replace("\r\n", "\n")
            self._fields[self._name] = (*self._fields.get(self._name, ()), value)
        elif self._file_name or self._data:  # a file's field that was left empty is sent with neither
            data = None if self._over else bytes(self._data)
            self._kept += len(self._data)
            self._files[self._name] = (*self._files.get(self._name, ()), Upload(self._file_name, data))

    def end(self) -> None:
        self.ended = True

    def sent(self) -> Sent:
        """All of it."""
        if self._keep or not self._files:
            return Sent(self._fields, self._files)
        return Sent({**self._fields, LOST: ("yes",)}, {})
