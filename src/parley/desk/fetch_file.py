"""Fetch a file: an officer asks for a file that a note names, and it comes over the line part by part.

Nothing is fetched that no officer asked for. One part is asked for at a time, in the ordinary lane beside notes, so
that a file delays nobody and a cut line costs one part. Who is asked gives only files of notes that it sent to the
asking party. What came is kept locked until it is whole, and believed only if it is the file that the note names.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from parley.desk import attachment
from parley.desk.attachment import Brought
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.line.attachment import LARGEST_FILE, is_it, too_large
from parley.line.file_parts import FilePart, FileRequest, part_of, read_file_word
from parley.line.note import Attachment, Note
from parley.line.parcel import ItemKind
from parley.line.ports import Look, Tx
from parley.line.problems import LineProblem
from parley.seal import SealProblem, lock, open_sealed, seal, unlock
from parley.terms.problem import Problem

WANTED = "file-wanted"  # by file id: what is fetched, and how far it came, locked
PART = "file-part"  # by "FILE-ID START": bytes that came, locked
FIRST_WAIT = 20_000  # ms before a request without an answer is repeated; doubled each time
LONGEST_WAIT = 600_000
MOST_AT_ONCE = 2  # files asked for in one parcel
MOST_TAKEN = 4  # requests and parts of one parcel that are looked at

State = Literal["asked", "not there", "another"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is fetched: for which note, from whom, asked by which officer when (ms UTC), and how far it came.

    `state`: "not there" if the other side has it no longer, "another" if what came was not the file that is named.
    """

    note: bytes
    party: str
    digest: bytes
    size: int
    media_type: str
    by: str
    at: int
    came: int = 0
    state: State = "asked"


async def ask(node: Node, note: Note, note_id: bytes, wanted: str, officer: str) -> Wanted:
    """Fetch a file that an incoming note names, by its digest (hexadecimal) or its beginning; asked again, it goes on.

    Raises DeskProblem: "no_file" if the note names no such file or it is here, "no_file_source" for a note of ours or
    one that did not come over the line, "locked". LineProblem("file_too_large").
    """
    missing = [one.entry for one in attachment.named_by_note(node, note, note_id) if one.kept is None]
    entry = next((one for one in missing if wanted and one.digest.hex().startswith(wanted)), None)
    if entry is None:
        raise DeskProblem("no_file", digest=wanted[:16])
    if entry.size > LARGEST_FILE:  # what the note names decides how much of it would be kept before it can be told
        raise too_large(entry.digest.hex()[:16])
    party = note.sender.party
    row = node.store.look(lambda look: look.note(note_id))
    if row is None or row.direction != "in" or party not in node.directory.parties:
        raise DeskProblem("no_file_source", note=note_id.hex()[:16])

    def unit(tx: Tx) -> tuple[str, Wanted]:
        known = ((key, one) for key, one in _wanted(node, tx) if (one.note, one.digest) == (note_id, entry.digest))
        file_id, before = next(known, (node.rng(8).hex(), None))
        made = _begun(entry, note_id, party, officer, node.clock(), before)
        _put(node, tx, file_id, made)
        return file_id, made

    file_id, made = await node.store.write(unit, point="file_wanted")
    node.fetching.setdefault(party, {})[file_id] = (0, 0)
    node.wake(party)
    return made


def _begun(entry: Attachment, note_id: bytes, party: str, officer: str, now: int, before: Wanted | None) -> Wanted:
    came = before.came if before is not None and before.state == "asked" else 0
    return Wanted(
        note=note_id, party=party, digest=entry.digest, size=entry.size, media_type=entry.media_type,
        by=officer, at=now, came=came,
    )  # fmt: skip


def under_way(node: Node, note_id: bytes) -> dict[bytes, Wanted]:
    """By digest: the files of a note that are fetched, or could not be."""
    found = node.store.look(lambda look: _wanted(node, look))
    return {one.digest: one for _, one in found if one.note == note_id}


def load(node: Node) -> None:
    """After an unlock: what was under way goes on."""
    for file_id, one in node.store.look(lambda look: _wanted(node, look)):
        if one.state == "asked":
            node.fetching.setdefault(one.party, {})[file_id] = (0, 0)


def waits(node: Node, party: str) -> bool:
    """Whether `party` is to be asked for a part now."""
    if not (fetching := node.fetching.get(party)) or node.vault is None:
        return False
    return any(due <= node.clock() for due, _ in fetching.values())


def requests(node: Node, party: str) -> list[tuple[int, bytes]]:
    """The requests that `party` is to be sent now; repeated, ever more slowly, until a part comes."""
    if not waits(node, party):
        return []
    now, items = node.clock(), list[tuple[int, bytes]]()
    due = [file_id for file_id, (at, _) in node.fetching[party].items() if at <= now]
    for file_id in due[:MOST_AT_ONCE]:
        _, tries = node.fetching[party][file_id]
        node.fetching[party][file_id] = (now + min(LONGEST_WAIT, FIRST_WAIT << min(tries, 10)), tries + 1)
        items += _request(node, party, file_id)
    return items


def _request(node: Node, party: str, file_id: str) -> list[tuple[int, bytes]]:
    one = node.store.look(lambda look: _read(node, look, file_id))
    if one is None:
        node.fetching[party].pop(file_id, None)
        return []
    return _sealed(node, party, FileRequest(note=one.note, digest=one.digest, start=one.came))


def _sealed(node: Node, party: str, word: FileRequest | FilePart) -> list[tuple[int, bytes]]:
    key = node.sealing_key_or_none(party)
    return [] if key is None else [(int(ItemKind.FILE), seal(word.to_bytes(), key))]


async def take(node: Node, peer: str, body: bytes) -> list[tuple[int, bytes]]:
    """A request or a part of `peer`; returns what to answer. A locked node can do nothing and is asked again later.

    Raises SealProblem or LineProblem for what cannot be read.
    """
    if node.vault is None:
        return []
    try:
        word = read_file_word(open_sealed(body, node.vault.opening))
    except SealProblem as problem:
        if problem.key == "seal.no_key":  # sealed to a prekey that has run out: it will be asked for again
            return []
        raise
    if isinstance(word, FileRequest):
        return _sealed(node, peer, _give(node, peer, word))
    return await _keep(node, peer, word)


def _give(node: Node, peer: str, request: FileRequest) -> FilePart:
    """The part that is asked for, if we sent `peer` the note; to all else the answer is the same."""
    nothing = part_of(request, b"")
    row = node.store.look(lambda look: look.note(request.note))
    sent = node.store.look(lambda look: look.conversation(request.note, peer))
    if row is None or row.direction != "out" or sent is None:
        return nothing
    try:
        _, data = attachment.fetch(node, request.note.hex(), request.digest.hex())
    except DeskProblem:
        return nothing
    return part_of(request, data)


async def _keep(node: Node, peer: str, part: FilePart) -> list[tuple[int, bytes]]:
    """Keep a part that was asked for, and ask for the next; whatever else comes is passed over."""
    for file_id in node.fetching.get(peer, {}):
        one = node.store.look(lambda look, file_id=file_id: _read(node, look, file_id))  # type: ignore[misc]
        if one is not None and (one.note, one.digest, one.came) == (part.note, part.digest, part.start):
            break
    else:
        return []
    after = await node.store.write(lambda tx: _take_part(node, tx, file_id, one, part), point="file_part")
    if after is None or after.state != "asked":
        node.fetching[peer].pop(file_id, None)
        node.tell_moved()
        return []
    node.fetching[peer][file_id] = (0, 0)
    return requests(node, peer)


def _take_part(node: Node, tx: Tx, file_id: str, one: Wanted, part: FilePart) -> Wanted | None:
    """Write down a part; what it was for afterwards, None once the file is whole and kept."""
    if not part.data:
        return _stop(node, tx, file_id, one, "not there")
    came = one.came + len(part.data)
    if came > one.size:
        return _stop(node, tx, file_id, one, "another")
    vault = node.open_vault()
    tx.put(PART, f"{file_id} {one.came:010d}", lock(vault.archive_key, part.data, _context(file_id), node.rng))
    after = msgspec.structs.replace(one, came=came)
    if came < one.size:
        _put(node, tx, file_id, after)
        return after
    return _whole(node, tx, file_id, after)


def _whole(node: Node, tx: Tx, file_id: str, one: Wanted) -> Wanted | None:
    key = node.open_vault().archive_key
    data = b"".join(unlock(key, value, _context(file_id)) for _, value in sorted(tx.records(PART, f"{file_id} ")))
    try:
        if not is_it(Attachment(one.digest, one.size, one.media_type), data):
            raise LineProblem("file_differs", name="", digest=one.digest.hex()[:16])
        brought: Brought = attachment.look_at(node, one.digest.hex()[:16], data, one.by)
    except Problem:
        return _stop(node, tx, file_id, one, "another")
    row = tx.note(one.note)
    if row is not None and row.body is not None:  # a note that was destroyed meanwhile takes no files
        attachment.put(node, tx, one.note.hex(), [brought])
    _drop(tx, file_id)
    return None


def _stop(node: Node, tx: Tx, file_id: str, one: Wanted, state: State) -> Wanted:
    _drop(tx, file_id)
    after = msgspec.structs.replace(one, came=0, state=state)
    _put(node, tx, file_id, after)
    return after


def let_go(node: Node, tx: Tx, note_id: bytes) -> None:
    """A note was destroyed: nothing of it is fetched any more."""
    for file_id, one in _wanted(node, tx):
        if one.note == note_id:
            _drop(tx, file_id)


def _drop(tx: Tx, file_id: str) -> None:
    tx.drop(WANTED, file_id)
    for key, _ in tx.records(PART, f"{file_id} "):
        tx.drop(PART, key)


def _put(node: Node, tx: Tx, file_id: str, one: Wanted) -> None:
    body = msgspec.msgpack.encode(one)
    tx.put(WANTED, file_id, lock(node.open_vault().archive_key, body, _context(file_id), node.rng))


def _read(node: Node, look: Look, file_id: str) -> Wanted | None:
    value = look.record(WANTED, file_id)
    if value is None:
        return None
    return msgspec.msgpack.decode(unlock(node.open_vault().archive_key, value, _context(file_id)), type=Wanted)


def _wanted(node: Node, look: Look) -> list[tuple[str, Wanted]]:
    found = [(file_id, _read(node, look, file_id)) for file_id, _ in look.records(WANTED)]
    return [(file_id, one) for file_id, one in found if one is not None]


def _context(file_id: str) -> bytes:
    return b"file wanted " + file_id.encode()
