"""Opening a file that somebody else made: ordinary, not too large, not changed meanwhile, text or a safe archive.

Everything is read into memory before anything is parsed, and parsed before anything is written, so that a bad file
leaves the record as it was.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path, PurePosixPath

import msgspec

from parley.outside.sources.problems import SourceProblem

LIMIT = 200_000_000
"""Bytes of the largest file that is read. The largest public set in hand has 4 MB; a gigabyte is a mistake."""
UNPACKED = 300_000_000
_STEP = 1 << 20


class Given(msgspec.Struct, frozen=True):
    """A file in memory: its name (without the folder), its bytes, and their SHA-256 in hexadecimal."""

    name: str
    body: bytes
    digest: str


def take(place: Path, limit: int = LIMIT) -> Given:
    """Read a file; raises SourceProblem ``no_file``, ``not_a_file``, ``too_large``, ``empty``, ``changed``."""
    name = place.name[:120]
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK)
        before = os.fstat(handle)
        _check(before, name, limit, handle)
        with open(handle, "rb") as file:
            body = _read(file, name, limit)
            after, named = os.fstat(file.fileno()), os.stat(place)
    except OSError as error:
        raise SourceProblem("no_file", file=name, why=error.strerror or "unknown reason") from error
    if not len(body) == before.st_size or not _mark(before) == _mark(after) == _mark(named):
        raise SourceProblem("changed", file=name)
    if not body.strip(b"\0 \r\n\t"):
        raise SourceProblem("empty", file=name)
    return Given(name, body, hashlib.sha256(body).hexdigest())


def text_of(given: Given) -> tuple[str, str]:
    """The text of a file and the name of its encoding; UTF-8 with or without mark, UTF-16 with mark.

    Raises SourceProblem ``not_text``, ``zip_instead``.
    """
    if given.body[:4] == b"PK\x03\x04":
        raise SourceProblem("zip_instead", file=given.name)
    wide = given.body[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = given.body.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceProblem("not_text", file=given.name, place=error.start) from None
    if "\0" in text:
        raise SourceProblem("not_text", file=given.name, place=text.index("\0"))
    return text, "UTF-16" if wide else "UTF-8"


def check_archive(given: Given) -> None:
    """Refuse an archive whose paths lead out of it or that swells: ``zip_path``, ``zip_swells``, ``not_xlsx``."""
    try:
        with zipfile.ZipFile(io.BytesIO(given.body)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise SourceProblem("not_xlsx", file=given.name, why=str(error)[:80]) from None
    size = sum(member.file_size for member in members)
    if size > UNPACKED or len(members) > 10_000:
        raise SourceProblem("zip_swells", file=given.name, size=size, limit=UNPACKED)
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or member.filename[1:2] == ":":
            raise SourceProblem("zip_path", file=given.name, path=member.filename[:80])


def _check(found: os.stat_result, name: str, limit: int, handle: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise SourceProblem("not_a_file", file=name)
    if found.st_size > limit:
        os.close(handle)
        raise SourceProblem("too_large", file=name, size=found.st_size, limit=limit)


def _read(file: io.BufferedReader, name: str, limit: int) -> bytes:
    body = bytearray()
    while step := file.read(_STEP):
        body += step
        if len(body) > limit:
            raise SourceProblem("too_large", file=name, size=len(body), limit=limit)
    return bytes(body)


def _mark(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
