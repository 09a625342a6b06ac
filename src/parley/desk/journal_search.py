"""Search in the journal: entries by kind, time, party, serial and officer, newest first.

An entry holds a kind, an instant and a digest, and no name. So what it is about is found the other way round: from the
notes that whoever asks may see, the digests are reckoned that their entries, receipts, readings and releases must
have. What was destroyed leaves an entry that nothing leads to any more, and so it should be. A search looks through a
part of the journal at a time, and says how far it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from parley.desk.archive import CHUNK, leaf_or_none
from parley.desk.board import Entry
from parley.desk.find import open_note
from parley.desk.node import Node
from parley.desk.release import CLEARED, read_verdict
from parley.desk.restart import VOIDED
from parley.desk.retention import HELD
from parley.journal import Leaf, LeafKind
from parley.line.ports import Look
from parley.seal import decode, digest, unlock
from parley.terms.languages import LANGUAGES
from parley.terms.problem import Problem

MOST_LOOKED_AT = 50_000
"""Entries that one question looks through; it goes on from there."""
MOST_SERIALS = 10_000
"""Notes that are opened to look for a serial: the newest."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. Instants in ms UTC, `until` the first that is too late; empty or None: any.

    `before`: an index from which on nothing is looked at, None: from the newest on.
    """

    kind: str = ""
    since: int | None = None
    until: int | None = None
    party: str = ""
    serial: int | None = None
    officer: str = ""
    before: int | None = None

    @property
    def names(self) -> bool:
        """Whether it is about something that no entry holds."""
        return bool(self.party or self.officer or self.serial is not None)


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `kind` is ``GONE``, and `at` None, once it was destroyed. `note`, `form`, `party`: what it is about, if
    that is known and may be seen."""

    index: int
    kind: str
    at: int | None
    object: str
    note: bytes | None = None
    form: int = 0
    party: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`size`: entries of the whole journal; `before`: where the next question goes on, None at its beginning."""

    hits: tuple[Hit, ...]
    before: int | None
    size: int


class _About(msgspec.Struct, frozen=True):
    """What a digest stands for."""

    party: str
    note: bytes | None = None
    form: int = 0


def search(node: Node, wanted: Wanted, seen: Iterable[Entry], most: int) -> Found:
    """At most `most` entries. `seen`: the notes that whoever asks may see; nothing else is ever named.

    Slow where something is named that no entry holds: it is run in a thread. Raises DeskProblem("locked") then.
    """
    visible = list(seen)
    digests = _digests(node, wanted, visible) if wanted.names else None
    by_place = {(one.order[1], one.stored_at): one for one in visible}

    def read(look: Look) -> Found:
        size = look.leaf_count()
        start = size if wanted.before is None else max(0, min(wanted.before, size))
        hits: list[Hit] = []
        index = start
        while index > 0 and start - index < MOST_LOOKED_AT and len(hits) < most:
            index -= 1
            hit = _hit(look, node, index, wanted, digests, by_place)
            if hit is not None:
                hits.append(hit)
        return Found(hits=tuple(hits), before=index or None, size=size)

    return node.store.look(read)


def _hit(
    look: Look,
    node: Node,
    index: int,
    wanted: Wanted,
    digests: dict[bytes, _About] | None,
    by_place: dict[tuple[int, int], Entry],
) -> Hit | None:
    leaf = leaf_or_none(look, index, node.incarnation)
    if leaf is None:
        known = wanted.kind in ("", "GONE") and not wanted.names and wanted.since is None and wanted.until is None
        return Hit(index=index, kind="GONE", at=None, object="") if known else None
    if wanted.kind not in ("", leaf.kind.name) or not _within(leaf.at, wanted):
        return None
    about = None if digests is None else digests.get(leaf.object_digest)
    if digests is not None and about is None:
        return None
    if about is None and leaf.kind in (LeafKind.NOTE_OUT, LeafKind.NOTE_IN):
        row = by_place.get((index, leaf.at))
        about = None if row is None else _about(row)
    found = about or _About("")
    return Hit(
        index=index, kind=leaf.kind.name, at=leaf.at, object=leaf.object_digest.hex(),
        note=found.note, form=found.form, party=found.party,
    )  # fmt: skip


def _within(at: int, wanted: Wanted) -> bool:
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)


def _about(row: Entry) -> _About:
    return _About(", ".join(row.parties), row.note_id, row.form)


# -- what a digest stands for


def _digests(node: Node, wanted: Wanted, visible: list[Entry]) -> dict[bytes, _About]:
    """The digests of everything about the party, serial and officer that are named, all at once."""
    node.open_vault()
    rows = [one for one in visible if not wanted.party or wanted.party in one.parties]
    if wanted.serial is not None:
        rows = [one for one in rows[:MOST_SERIALS] if _has_serial(node, one, wanted)]
    if wanted.officer:
        found = _of_officer(node, wanted.officer, rows)
        return found if wanted.party or wanted.serial is not None else {**found, **_holds(node, wanted.officer)}
    found = {key: about for one in rows for key, about in _of_note(node, one)}
    return found if wanted.serial is not None else {**found, **_of_party(node, wanted.party)}


def _has_serial(node: Node, one: Entry, wanted: Wanted) -> bool:
    try:
        row = node.store.look(lambda look: look.note(one.note_id))
        return row is not None and any(to.serial == wanted.serial for to in open_note(node, row).recipients)
    except Problem:
        return False


def _of_note(node: Node, one: Entry) -> Iterator[tuple[bytes, _About]]:
    """The note's own entry, and those of all its receipts."""

    def read(look: Look) -> tuple[Leaf | None, list[tuple[str, str, bytes]]]:
        row = look.note(one.note_id)
        own = None if row is None else leaf_or_none(look, row.leaf, row.incarnation)
        return own, look.receipts(one.note_id)

    leaf, receipts = node.store.look(read)
    if leaf is not None:
        yield leaf.object_digest, _about(one)
    for _, party, signed in receipts:
        yield digest(signed), _About(party, one.note_id, one.form)


def _of_party(node: Node, party: str) -> dict[bytes, _About]:
    """Its particulars that were taken in, and the voids of ours that it was sent."""
    voids = node.store.look(lambda look: look.records(VOIDED, f"{party} "))
    known = party in node.directory.parties
    versions = [held.signed.raw for held in node.directory.history(party)] if known else []
    return {digest(one): _About(party) for one in (*versions, *(signed for _, signed in voids))}


def _of_officer(node: Node, officer: str, rows: list[Entry]) -> dict[bytes, _About]:
    """What the officer read, and released or cleared. (desk.read, desk.release: what their entries are over.)"""
    found = {}
    for one in rows:
        if one.direction == "in":
            for language in LANGUAGES:
                found[digest(one.note_id + f" {language} {officer}".encode())] = _about(one)
        elif (content := _verdict(node, one.note_id, officer)) is not None:
            found[digest(content + one.note_id)] = _about(one)
    return found


def _verdict(node: Node, note_id: bytes, officer: str) -> bytes | None:
    value = node.store.look(lambda look: look.record(CLEARED, note_id.hex()))
    if value is None:
        return None
    verdict = read_verdict(node, note_id, value)
    took_part = officer in (verdict.releaser, *(word.officer for word in verdict.words))
    return msgspec.msgpack.encode(verdict) if took_part else None


def _holds(node: Node, officer: str) -> dict[bytes, _About]:
    """Legal holds that the officer placed or lifted."""
    key, found = node.open_vault().archive_key, {}
    for record, value in node.store.look(lambda look: look.records(HELD)):
        said = unlock(key, value, b"hold " + record.encode())
        match decode(said, limit=len(said)):
            case [str(), str(), str(by), bool(), int()] if by == officer:
                found[digest(said)] = _About("")
    return found


def digests_of(node: Node, wanted: Wanted, most: int) -> list[tuple[int, str, int | None, str]]:
    """Index, kind, instant and digest of the entries that fit kind and time, for an export; it names nobody."""
    plain = msgspec.structs.replace(wanted, party="", serial=None, officer="")
    found: list[Hit] = []
    while len(found) < most:
        part = search(node, plain, (), min(CHUNK, most - len(found)))
        found += part.hits
        if part.before is None:
            break
        plain = msgspec.structs.replace(plain, before=part.before)
    return [(one.index, one.kind, one.at, one.object) for one in found]
