"""Attachments: which files a note may name, how they are known, and under which plain name they are kept.

A note names a file by digest, size and media type; the file itself travels apart. What a file is, its first bytes
say, never its name: a name is the word of whoever saved it. Leaves out where files are kept: the desk.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from parley.forms import FormProblem, Library, Value
from parley.line.note import Attachment
from parley.line.problems import LineProblem
from parley.seal import digest

LARGEST_FILE: Final = 4 << 20
"""Bytes of one file (decision 0510): a scanned page or a log excerpt, not a disk image."""
LONGEST_NAME: Final = 80
KIND: Final = "attachment"

_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*(<[!?a-z]|#!|\{\\rtf)", re.IGNORECASE)
"""What a program might take for more than text: markup, a script, rich text."""


class FileKind(msgspec.Struct, frozen=True):
    """A kind of file that is taken: its media type, the ending of its name, and how it is known."""

    media_type: str
    ending: str
    fits: Callable[[bytes, str], bool]


def _begins(*starts: bytes) -> Callable[[bytes, str], bool]:
    return lambda data, name: data.startswith(starts)


def _is_text(data: bytes, name: str) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _NOT_IN_TEXT.search(data) and not _MARKUP.match(text)


def _is_json(data: bytes, name: str) -> bool:
    try:
        return _is_text(data, name) and isinstance(json.loads(data), dict | list)
    except (ValueError, RecursionError):
        return False


def _is_table(data: bytes, name: str) -> bool:
    return name.lower().endswith(".csv") and _is_text(data, name)


KINDS: Final = (
    FileKind("application/pdf", ".pdf", _begins(b"%PDF-")),
    FileKind("image/png", ".png", _begins(b"\x89PNG\r\n\x1a\n")),
    FileKind("image/jpeg", ".jpg", _begins(b"\xff\xd8\xff")),
    FileKind(
        "application/vnd.tcpdump.pcap", ".pcap",
        _begins(b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d"),
    ),
    FileKind("application/json", ".json", _is_json),
    FileKind("text/csv", ".csv", _is_table),
    FileKind("text/plain", ".txt", _is_text),
)  # fmt: skip
"""In the order in which they are tried. Archives, office documents and markup are not among them: they carry programs,
and nobody sees what is in them before they are opened."""
_ENDINGS = {kind.media_type: kind.ending for kind in KINDS}


def media_type(data: bytes, name: str) -> str:
    """What a file is, by its content; raises LineProblem ``file_empty``, ``file_too_large``, ``file_kind``."""
    if not data:
        raise LineProblem("file_empty", name=plain_name(name))
    if len(data) > LARGEST_FILE:
        raise too_large(name)
    found = next((kind.media_type for kind in KINDS if kind.fits(data, name)), "")
    if not found:
        kinds = ", ".join(kind.ending.removeprefix(".").upper() for kind in KINDS)
        raise LineProblem("file_kind", name=plain_name(name), kinds=kinds)
    return found


def too_large(name: str) -> LineProblem:
    """The problem of a file of more than LARGEST_FILE bytes."""
    return LineProblem("file_too_large", name=plain_name(name), limit=LARGEST_FILE >> 20)


def plain_name(given: str, media: str = "") -> str:
    """A name as it may be shown and kept: without a folder, without what is unseen or turns the writing around.

    `media`: the ending is that of this kind, whatever the name ends with: ``report.pdf.exe`` is not one to open.
    """
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in name if unicodedata.category(c)[0] not in "CZ" or c == " ")
    plain = " ".join(seen.split()).strip(". ") or "file"
    ending = _ENDINGS.get(media, "")
    if ending and not plain.lower().endswith(ending):
        plain = plain[: LONGEST_NAME - len(ending)] + ending
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - len(ending)].removesuffix(ending) + ending


def named(data: bytes, name: str) -> Attachment:
    """How a note names this file; raises as `media_type`."""
    media = media_type(data, name)
    return Attachment(digest(data), len(data), media)


def is_it(entry: Attachment, data: bytes) -> bool:
    """Whether this is the file that a note names. Its media type is the sender's word and decides nothing."""
    return len(data) == entry.size and digest(data) == entry.digest


def files_named(form: int, version: int, lines: Mapping[int, Value], library: Library) -> list[Attachment]:
    """The files that the lines of a form name, in their order, each once; none for a form that is not known here."""
    try:
        known = library.form(form, version)
    except FormProblem:
        return []
    values = [lines[line.number] for line in known.lines if line.kind == KIND and line.number in lines]
    entries = [_entry(item) for value in values if isinstance(value, list) for item in value]
    return list(dict.fromkeys(entry for entry in entries if entry is not None))


def _entry(value: Value) -> Attachment | None:
    match value:
        case [bytes(found), int(size), str(media)] if len(found) == 32:
            return Attachment(found, size, media)
    return None
