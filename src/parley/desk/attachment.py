"""Attachments: files that a draft or a note names, kept locked under the archive key beside it.

A file is held for whoever names it: a draft, from its upload until it is taken off the draft; the note that is composed
from it, until that is void or destroyed. When nobody holds it any more, it goes, in the same unit. On disk stand random
ids, never digests: a digest would tell whoever has the disk which known file lies there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.forms import Form
from parley.line.attachment import KIND, files_named, is_it, media_type, plain_name, too_large
from parley.line.note import Attachment, Note
from parley.line.ports import Look, Tx
from parley.line.problems import LineProblem
from parley.seal import digest, lock, unlock
from parley.terms.problem import Problem

BODY = "attachment"  # by file id: the file, locked
HELD = "attached"  # by "HOLDER FILE-ID": what is known of it, locked; the holder is a draft's or a note's id
HOLDER = "attachment-of"  # by "FILE-ID HOLDER": nothing; who still holds a file


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file that is here. `at` in ms UTC; `by`: the officer who brought it."""

    file_id: str
    digest: bytes
    size: int
    media_type: str
    name: str
    at: int
    by: str


class Brought(msgspec.Struct, frozen=True):
    """A file that an officer brings, looked at and not kept yet; `locked` already, since units are short."""

    known: Kept
    data: bytes
    locked: bytes


class Named(msgspec.Struct, frozen=True):
    """A file that a note or a draft names, and what is here of it: None for one that is only named."""

    entry: Attachment
    kept: Kept | None


def look_at(node: Node, name: str, data: bytes, officer: str) -> Brought:
    """A file as it may be kept; raises LineProblem ``file_empty``, ``file_too_large``, ``file_kind``, DeskProblem
    ``locked``."""
    media = media_type(data, name)
    known = Kept(
        file_id=node.rng(8).hex(), digest=digest(data), size=len(data), media_type=media,
        name=plain_name(name, media), at=node.clock(), by=officer,
    )  # fmt: skip
    key = node.open_vault().archive_key
    return Brought(known, data, lock(key, data, _context("attachment", known.file_id), node.rng))


def held(node: Node, holder: str) -> list[Kept]:
    """The files that a draft or a note holds, in the order in which they came; raises DeskProblem("locked")."""
    return node.store.look(lambda look: _held(node, look, holder))


def named_by_draft(node: Node, form: int, version: int, lines: Mapping[int, Any], draft_id: str) -> list[Named]:
    """The files that a draft names."""
    return _named(node, files_named(form, version, lines, node.library), draft_id)


def named_by_note(node: Node, note: Note, note_id: bytes) -> list[Named]:
    """The files that a note names, in its lines or beside them."""
    entries = [*files_named(note.form, note.form_version, note.lines, node.library), *note.attachments]
    return _named(node, list(dict.fromkeys(entries)), note_id.hex())


def fetch(node: Node, holder: str, wanted: str) -> tuple[Kept, bytes]:
    """A file by its digest (hexadecimal); raises DeskProblem("no_file") for one that is not held for this draft or
    note, whether or not it lies here for another."""
    known = next((one for one in held(node, holder) if one.digest.hex() == wanted), None)
    locked = None if known is None else node.store.look(lambda look: look.record(BODY, known.file_id))
    if known is None or locked is None:
        raise DeskProblem("no_file", digest=wanted[:16])
    return known, unlock(node.open_vault().archive_key, locked, _context("attachment", known.file_id))


class Added(msgspec.Struct, frozen=True):
    """Lines with the files that were brought for them, the new ones among those, and what was refused, by line.

    `again`: names of files that stood there before.
    """

    lines: dict[int, Any]
    brought: tuple[Brought, ...]
    refused: dict[int, Problem]
    again: tuple[str, ...]


def add(
    node: Node, form: Form, lines: Mapping[int, Any], files: Mapping[int, Sequence[tuple[str, bytes | None]]],
    officer: str, draft_id: str = "",
) -> Added:  # fmt: skip
    """Name files in the lines of a draft.

    Args:
        files: by line: name and content of each; None for one that was too large to be read.
        draft_id: whose files are here already.
    """
    made, brought, refused, again = dict(lines), list[Brought](), dict[int, Problem](), list[str]()
    here = {one.digest for one in held(node, draft_id)} if draft_id else set()
    for number, some in files.items():
        if (line := form.line(number)) is None or line.kind != KIND:
            continue
        for name, data in some:
            try:
                if data is None:
                    raise too_large(name)
                one = look_at(node, name, data, officer)
            except Problem as problem:
                refused[number] = problem
                continue
            entries = list(made[number]) if isinstance(made.get(number), list) else []
            entry = [one.known.digest, one.known.size, one.known.media_type]
            stands = any(bytes(before[0]) == one.known.digest for before in entries)
            again += [one.known.name] if stands else []
            made[number] = entries if stands else [*entries, entry]
            brought += [one] if one.known.digest not in here else []
            here.add(one.known.digest)
    return Added(made, tuple(brought), refused, tuple(again))


async def bring(node: Node, note: Note, note_id: bytes, brought: Brought) -> Kept:
    """Keep a file that came by hand for a note that names it; the same one twice is one.

    Raises LineProblem("file_differs") for one that the note does not name.
    """
    known = brought.known
    named = named_by_note(node, note, note_id)
    if not any(is_it(one.entry, brought.data) for one in named):
        raise LineProblem("file_differs", name=known.name, digest=known.digest.hex()[:16])
    holder = note_id.hex()

    def unit(tx: Tx) -> Kept:
        before = next((one for one in _held(node, tx, holder) if one.digest == known.digest), None)
        if before is None:
            put(node, tx, holder, [brought])
        return before or known

    return await node.store.write(unit, point="attachment")


# -- within a unit


def put(node: Node, tx: Tx, holder: str, files: Iterable[Brought]) -> None:
    """Keep files for a holder."""
    key = node.open_vault().archive_key
    for one in files:
        file_id = one.known.file_id
        body = msgspec.msgpack.encode(one.known)
        tx.put(BODY, file_id, one.locked)
        tx.put(HELD, f"{holder} {file_id}", lock(key, body, _context("attached", file_id), node.rng))
        tx.put(HOLDER, f"{file_id} {holder}", b"")


def settle(node: Node, tx: Tx, draft_id: str, named: Iterable[bytes]) -> None:
    """Let go what a draft does not name any more; `named`: the digests that it names."""
    if not tx.records(HELD, f"{draft_id} "):
        return
    wanted = set(named)
    for one in _held(node, tx, draft_id):
        if one.digest not in wanted:
            _drop(tx, draft_id, one.file_id)


def carry_over(tx: Tx, draft_id: str, note_id: bytes) -> None:
    """What a draft holds is held by the note composed from it too."""
    for key, value in tx.records(HELD, f"{draft_id} "):
        file_id = key.rpartition(" ")[2]
        tx.put(HELD, f"{note_id.hex()} {file_id}", value)
        tx.put(HOLDER, f"{file_id} {note_id.hex()}", b"")


def let_go(tx: Tx, holder: str) -> None:
    """A draft is thrown away or sent, a note void or destroyed: what only it held goes with it."""
    for key, _ in tx.records(HELD, f"{holder} "):
        _drop(tx, holder, key.rpartition(" ")[2])


def _drop(tx: Tx, holder: str, file_id: str) -> None:
    tx.drop(HELD, f"{holder} {file_id}")
    tx.drop(HOLDER, f"{file_id} {holder}")
    if not tx.records(HOLDER, f"{file_id} "):
        tx.drop(BODY, file_id)


def _held(node: Node, look: Look, holder: str) -> list[Kept]:
    key = node.open_vault().archive_key
    found = [(name.rpartition(" ")[2], value) for name, value in look.records(HELD, f"{holder} ")]
    return [
        msgspec.msgpack.decode(unlock(key, value, _context("attached", file_id)), type=Kept)
        for file_id, value in found
    ]


def _named(node: Node, entries: list[Attachment], holder: str) -> list[Named]:
    here = {one.digest: one for one in held(node, holder)} if entries else {}
    return [Named(entry, here.get(entry.digest)) for entry in entries]


def _context(what: str, file_id: str) -> bytes:
    return f"{what} {file_id}".encode()
