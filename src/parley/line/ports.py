"""What the line needs from a store: rows, reads, and units of work that commit together.

A unit is a function of a transaction. Everything that it writes is durable together or not at all, and the future of
`Store.write` resolves only after COMMIT. One writer runs all units in order and groups waiting ones into one commit,
each under a savepoint of its own; a unit must therefore be short, must not await, and may be run again after it failed.
Bodies arrive here already locked: a store never sees a note in clear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Protocol, TypeVar

import msgspec

from parley.journal import Leaf

T = TypeVar("T")
Direction = Literal["out", "in"]


class Origin(msgspec.Struct, frozen=True):
    """Whose records these are: carried by every row."""

    party: str
    node: str
    incarnation: bytes


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One note, ours or theirs. `body` is the signed note, locked under the archive key; None once destroyed.

    `problem` is empty unless the note was refused after opening (then it is evidence, not correspondence).
    """

    note_id: bytes
    direction: Direction
    sender: str
    office: str  # our office: sender's of an outgoing, addressed one of an incoming note
    form: int
    precedence: int
    exercise: bool
    signed_at: int
    thread: bytes
    body: bytes | None
    leaf: int
    stored_at: int
    marks: tuple[str, ...] = ()
    problem: str = ""
    incarnation: bytes = b""  # whose journal `leaf` is in; filled in by the store from the row's origin


class ConversationRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where one note stands with one counterpart; `state`: canonical, of the line; `due` (ms): the next clock."""

    note_id: bytes
    party: str
    state: bytes
    due: int | None


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """Sealed bytes waiting for a bearer. Leaves the outbox on the peer's receipt (notes) or its `got` (receipts)."""

    seq: int  # given by the store; rising in order of insertion
    peer: str
    precedence: int
    kind: Literal["note", "receipt"]
    object_id: bytes  # note id, or SHA-256 of the signed receipt
    digest: bytes  # SHA-256 of `sealed`
    sealed: bytes
    attempts: int
    due: int  # not before this instant (ms)


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """Sealed bytes that came; `sealed` is dropped once opened. `receipt`: what we answered, resent byte-identical."""

    digest: bytes
    peer: str
    stage: int  # parley.line.receipt.Stage
    at: int
    size: int
    sealed: bytes | None
    note_id: bytes | None
    receipt: bytes | None  # the signed receipt
    problem: str = ""


class SerialRow(msgspec.Struct, frozen=True, kw_only=True):
    """One serial seen from a sender office to one of our offices. `note_id` None: declared void."""

    sender: str
    office: str
    incarnation: bytes
    serial: int
    note_id: bytes | None


class Look(Protocol):
    """Reads. Inside a unit they see the unit's own writes."""

    # small records by kind and key: particulars, acceptance, freshness, drafts, prekeys, checkpoints, refusals …
    def record(self, kind: str, key: str) -> bytes | None: ...
    def records(self, kind: str, prefix: str = "") -> list[tuple[str, bytes]]: ...  # in order of first insertion

    # journal
    # Every incarnation keeps a journal of its own, from index 0; None means the store's own (`Store.origin`).
    def leaf_count(self, incarnation: bytes | None = None) -> int: ...
    def leaf(self, index: int, incarnation: bytes | None = None) -> Leaf: ...
    def leaf_hashes(self, start: int, stop: int, incarnation: bytes | None = None) -> list[bytes]: ...
    def incarnations(self) -> list[bytes]: ...  # that have records here, oldest first
    def leaves_of(self, kind: int, before: int, limit: int) -> list[tuple[bytes, int]]: ...
    # (incarnation, index) of entries of that kind from before an instant (ms) that can still be opened, oldest first
    def destructions(self) -> list[bytes]: ...  # commitments that entries DESTROYED name, in every incarnation

    # notes and conversations
    def note(self, note_id: bytes) -> NoteRow | None: ...
    def note_count(self) -> int: ...
    def note_ids(self) -> list[bytes]: ...  # of all notes, newest first; a list of rows would hold their bodies
    def notes_between(self, first: bytes, last: bytes, limit: int) -> list[NoteRow]: ...  # by id, both ends included
    def notes(
        self,
        *,
        direction: Direction | None = None,
        thread: bytes | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[NoteRow]: ...  # newest first by `leaf`; `before` is a leaf index
    def notes_stored(self, before: int, start: int, limit: int) -> list[NoteRow]: ...
    # notes with a body, kept here since before an instant (ms), oldest first; `limit` of them from the `start`-th
    def notes_with(self, party: str, start: int, limit: int) -> list[bytes]: ...  # ids, by journal, oldest first
    def conversation(self, note_id: bytes, party: str) -> ConversationRow | None: ...
    def conversations(self, note_id: bytes) -> list[ConversationRow]: ...
    def conversations_due(self, now: int, limit: int) -> list[ConversationRow]: ...
    def next_due(self) -> int | None: ...

    # outbox and what arrived
    def outbox_next(self, peer: str, now: int, *, most: int, most_bytes: int) -> list[OutboxRow]: ...
    # highest precedence first, then seq; always at least one row if any is due, even when larger than most_bytes
    def outbox_peers(self) -> list[tuple[str, int, int]]: ...  # (peer, rows waiting, earliest due)
    def outbox_for(self, object_id: bytes, peer: str) -> OutboxRow | None: ...
    def outbox_by_digest(self, digest: bytes) -> OutboxRow | None: ...
    def held(self, digest: bytes) -> HeldRow | None: ...
    def held_at(self, stage: int, limit: int = 1000) -> list[HeldRow]: ...
    def held_for(self, note_id: bytes) -> HeldRow | None: ...
    def stored_from(self, peer: str) -> int: ...  # bytes that `peer` occupies here (sum of HeldRow.size)
    def receipts(
        self, note_id: bytes
    ) -> list[tuple[str, str, bytes]]: ...  # (direction, party, signed receipt), oldest first

    # serials
    def serial(self, sender: str, office: str, incarnation: bytes, serial: int) -> SerialRow | None: ...
    def serials(self, sender: str, office: str, incarnation: bytes) -> list[int]: ...  # seen ones, rising


class Tx(Look, Protocol):
    """Writes of one unit."""

    def put(self, kind: str, key: str, value: bytes) -> None: ...  # insert or replace, keeping its place in order
    def drop(self, kind: str, key: str) -> None: ...
    def append(self, leaf: Leaf) -> int: ...  # returns the index; never from a sequence: gapless from the head
    def add_note(self, row: NoteRow) -> None: ...
    def destroy_body(self, note_id: bytes) -> None: ...
    def destroy_leaf(self, index: int, incarnation: bytes) -> None: ...  # its digest and salt; the hash stays
    def destroy_held(
        self, note_id: bytes
    ) -> int: ...  # what arrived as this note; returns the bytes of share given back
    def destroy_receipt(self, direction: Direction, party: str, signed: bytes, notes: Iterable[bytes]) -> None: ...
    # what is destroyed is overwritten before it is let go
    def set_conversation(self, row: ConversationRow) -> None: ...
    def enqueue(self, row: OutboxRow) -> int: ...  # `seq` of the argument is ignored; returns the one given
    def dequeue(self, seqs: Iterable[int]) -> None: ...
    def postpone(self, seqs: Sequence[int], due: int) -> None: ...  # counts an attempt
    def bring_forward(self, peer: str, due: int) -> None: ...  # what waits for `peer` waits no longer than that
    def hold(self, row: HeldRow) -> None: ...  # insert or replace by digest
    def add_receipt(self, direction: Direction, party: str, signed: bytes, notes: Iterable[bytes]) -> bool: ...
    # False, and nothing written, if these very bytes are there already (by SHA-256 of `signed`)
    def see_serial(self, row: SerialRow) -> None: ...


class Store(Protocol):
    """A durable store with one writer.

    After a failed COMMIT or fsync the store refuses everything (problem `store.stopped`): what is on disk is then
    unknown and only a restart, which reads it back, can tell. `probe`, if set, is called in the writer with ("POINT",
    "before" | "written" | "after"): before the unit's transaction begins, after its statements and before COMMIT, after
    COMMIT.
    """

    origin: Origin
    probe: Callable[[str, str], None] | None

    async def write(self, unit: Callable[[Tx], T], *, point: str) -> T: ...
    def look(self, read: Callable[[Look], T]) -> T: ...
    async def close(self) -> None: ...
    def backup(self, path: str) -> None: ...
