"""What can be read from a store: `parley.line.ports.Look` in SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.journal import Leaf, LeafKind
from parley.line.ports import ConversationRow, Direction, HeldRow, NoteRow, OutboxRow, SerialRow
from parley.outside.store.problems import StoreProblem
from parley.outside.store.session import Cell, Session

_NOTE = (
    "SELECT note_id, direction, sender, office, form, precedence, exercise, signed_at, thread, leaf, stored_at, marks,"
    " problem, incarnation, body FROM notes JOIN origins ON origins.id = notes.origin"
)
_ORIGIN = "(SELECT id FROM origins WHERE incarnation = ?)"
_OUTBOX = "SELECT seq, peer, precedence, kind, object_id, digest, attempts, due, sealed FROM outbox"
_HELD = "SELECT digest, peer, stage, at, size, note_id, problem, receipt, sealed FROM held"
_CONVERSATION = "SELECT note_id, party, state, due FROM conversations"

# The turn is taken from the index alone, which carries due and size; sealed bytes are read for the rows returned only.
_NEXT = f"""{_OUTBOX} WHERE seq IN (
    SELECT seq FROM (
        SELECT seq, sum(size) OVER turn AS total, row_number() OVER turn AS place FROM (
            SELECT seq, precedence, size FROM outbox WHERE peer = ? AND due <= ? ORDER BY precedence DESC, seq LIMIT ?
        ) AS waiting WINDOW turn AS (ORDER BY precedence DESC, seq ROWS UNBOUNDED PRECEDING)
    ) AS counted WHERE total <= ? OR place = 1
) ORDER BY precedence DESC, seq"""


class Reading:
    """Reads inside one transaction: they see one moment, and inside a unit the unit's own writes too.

    `incarnation` is the store's own, whose journal is meant when none is named.
    """

    def __init__(self, session: Session, incarnation: bytes) -> None:
        self._session = session
        self._incarnation = incarnation

    # small records

    def record(self, kind: str, key: str) -> bytes | None:
        value: bytes | None = self._session.value("SELECT value FROM records WHERE kind = ? AND key = ?", kind, key)
        return value

    def records(self, kind: str, prefix: str = "") -> list[tuple[str, bytes]]:
        """Records of `kind` whose key begins with `prefix`, in order of first insertion."""
        sql, cells = "SELECT key, value FROM records WHERE kind = ? AND key >= ?", [kind, prefix]
        end = after_prefix(prefix)
        if end is not None:
            sql, cells = f"{sql} AND key < ?", [*cells, end]
        return self._session.rows(f"{sql} ORDER BY place", *cells)

    # journal

    def leaf_count(self, incarnation: bytes | None = None) -> int:
        """How many entries the journal has; computed from its head, so there can be no gap."""
        sql = f"SELECT coalesce(max(idx) + 1, 0) FROM leaves WHERE origin = {_ORIGIN}"
        return int(self._session.value(sql, incarnation or self._incarnation))

    def leaf(self, index: int, incarnation: bytes | None = None) -> Leaf:
        """Entry `index`; raises ``no_leaf`` or ``leaf_destroyed``."""
        sql = f"SELECT kind, at, object_digest, salt FROM leaves WHERE origin = {_ORIGIN} AND idx = ?"
        row = self._session.one(sql, incarnation or self._incarnation, index)
        if row is None:
            raise StoreProblem("no_leaf", index=index)
        if row[2] is None:
            raise StoreProblem("leaf_destroyed", index=index)
        return Leaf(LeafKind(row[0]), row[1], row[2], row[3])

    def leaf_hashes(self, start: int, stop: int, incarnation: bytes | None = None) -> list[bytes]:
        """Hashes of the entries from `start` up to, not including, `stop`."""
        sql = f"SELECT hash FROM leaves WHERE origin = {_ORIGIN} AND idx >= ? AND idx < ? ORDER BY idx"
        return [row[0] for row in self._session.rows(sql, incarnation or self._incarnation, start, stop)]

    def incarnations(self) -> list[bytes]:
        """The incarnations that have records here, oldest first."""
        return [row[0] for row in self._session.rows("SELECT incarnation FROM origins ORDER BY id")]

    def leaves_of(self, kind: int, before: int, limit: int) -> list[tuple[bytes, int]]:
        """(incarnation, index) of entries of `kind` from before an instant (ms) that can still be opened, oldest first.

        Reads the whole journal: for a rule that runs a few times a day.
        """
        return self._session.rows(
            "SELECT incarnation, idx FROM leaves JOIN origins ON origins.id = leaves.origin"
            " WHERE kind = ? AND at < ? AND salt IS NOT NULL ORDER BY leaves.origin, idx LIMIT ?",
            *(kind, before, limit),
        )

    def destructions(self) -> list[bytes]:
        """The commitments that entries DESTROYED name, of every incarnation, in order."""
        sql = "SELECT object_digest FROM leaves WHERE kind = ? AND salt IS NOT NULL ORDER BY origin, idx"
        return [row[0] for row in self._session.rows(sql, int(LeafKind.DESTROYED))]

    # notes and conversations

    def note(self, note_id: bytes) -> NoteRow | None:
        row = self._session.one(f"{_NOTE} WHERE note_id = ?", note_id)
        return None if row is None else _note(row)

    def note_count(self) -> int:
        """How many notes there are, both ways."""
        return int(self._session.value("SELECT count(*) FROM notes"))

    def note_ids(self) -> list[bytes]:
        """The ids of all notes, newest first as `notes` orders them; for what looks at every note piece by piece."""
        return [row[0] for row in self._session.rows("SELECT note_id FROM notes ORDER BY origin DESC, leaf DESC")]

    def notes_between(self, first: bytes, last: bytes, limit: int) -> list[NoteRow]:
        """Notes whose id lies between two, both included, in the order of their ids."""
        rows = self._session.rows(
            f"{_NOTE} WHERE note_id >= ? AND note_id <= ? ORDER BY note_id LIMIT ?", first, last, limit
        )
        return [_note(row) for row in rows]

    def notes(
        self,
        *,
        direction: Direction | None = None,
        thread: bytes | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[NoteRow]:
        """Newest first: by incarnation, then by journal entry.

        `before` is an index in the store's own journal and is itself left out; notes of earlier incarnations are older
        than any of these.
        """
        tests: list[tuple[str, tuple[Cell, ...]]] = [
            ("direction = ?", (direction,)),
            ("thread = ?", (thread,)),
            ("(leaf < ? OR incarnation <> ?)", (before, self._incarnation)),
        ]
        given = [(test, cells) for test, cells in tests if cells[0] is not None]
        where = f" WHERE {' AND '.join(test for test, _ in given)}" if given else ""
        cells = [cell for _, some in given for cell in some]
        rows = self._session.rows(f"{_NOTE}{where} ORDER BY notes.origin DESC, leaf DESC LIMIT ?", *cells, limit)
        return [_note(row) for row in rows]

    def notes_stored(self, before: int, start: int, limit: int) -> list[NoteRow]:
        """Notes with a body that are kept here since before an instant (ms), oldest first by journal."""
        sql = f"{_NOTE} WHERE stored_at < ? AND body IS NOT NULL ORDER BY notes.origin, leaf LIMIT ? OFFSET ?"
        return [_note(row) for row in self._session.rows(sql, before, limit, start)]

    def notes_with(self, party: str, start: int, limit: int) -> list[bytes]:
        """Ids of the notes exchanged with `party`, oldest first by journal; `limit` of them from the `start`-th.

        Reads every conversation: for the rare case that a peer was restored and asks what it lacks.
        """
        sql = (
            "SELECT conversations.note_id FROM conversations JOIN notes ON notes.note_id = conversations.note_id"
            " WHERE conversations.party = ? ORDER BY notes.origin, notes.leaf LIMIT ? OFFSET ?"
        )
        return [row[0] for row in self._session.rows(sql, party, limit, start)]

    def conversation(self, note_id: bytes, party: str) -> ConversationRow | None:
        row = self._session.one(f"{_CONVERSATION} WHERE note_id = ? AND party = ?", note_id, party)
        return None if row is None else _conversation(row)

    def conversations(self, note_id: bytes) -> list[ConversationRow]:
        rows = self._session.rows(f"{_CONVERSATION} WHERE note_id = ? ORDER BY party", note_id)
        return [_conversation(row) for row in rows]

    def conversations_due(self, now: int, limit: int) -> list[ConversationRow]:
        """Conversations with a clock that has run out by `now` (ms), the longest overdue first."""
        sql = f"{_CONVERSATION} WHERE due <= ? ORDER BY due, note_id, party LIMIT ?"
        return [_conversation(row) for row in self._session.rows(sql, now, limit)]

    def next_due(self) -> int | None:
        """When the next clock runs out (ms), or None."""
        due: int | None = self._session.value("SELECT min(due) FROM conversations WHERE due IS NOT NULL")
        return due

    # outbox and what arrived

    def outbox_next(self, peer: str, now: int, *, most: int, most_bytes: int) -> list[OutboxRow]:
        """What to send to `peer` now: highest precedence first, then in order of insertion.

        At most `most` rows and `most_bytes` sealed bytes, but always one row if any is due.
        """
        return [_outbox(row) for row in self._session.rows(_NEXT, peer, now, most, most_bytes)]

    def outbox_peers(self) -> list[tuple[str, int, int]]:
        """(peer, rows waiting, earliest due in ms) for every peer that something waits for, by name."""
        return self._session.rows(
            "SELECT peer, waiting, (SELECT min(due) FROM outbox WHERE outbox.peer = peers.peer)"
            " FROM peers WHERE waiting > 0 ORDER BY peer"
        )

    def outbox_for(self, object_id: bytes, peer: str) -> OutboxRow | None:
        """The row in which `object_id` waits for `peer`; of several (sealed again) the newest."""
        sql = f"{_OUTBOX} WHERE object_id = ? AND peer = ? ORDER BY seq DESC LIMIT 1"
        row = self._session.one(sql, object_id, peer)
        return None if row is None else _outbox(row)

    def outbox_by_digest(self, digest: bytes) -> OutboxRow | None:
        """The row that carries the sealed bytes with this SHA-256."""
        row = self._session.one(f"{_OUTBOX} WHERE digest = ? ORDER BY seq LIMIT 1", digest)
        return None if row is None else _outbox(row)

    def held(self, digest: bytes) -> HeldRow | None:
        row = self._session.one(f"{_HELD} WHERE digest = ?", digest)
        return None if row is None else _held(row)

    def held_at(self, stage: int, limit: int = 1000) -> list[HeldRow]:
        """What stands at `stage`, the longest held first."""
        rows = self._session.rows(f"{_HELD} WHERE stage = ? ORDER BY at, digest LIMIT ?", stage, limit)
        return [_held(row) for row in rows]

    def held_for(self, note_id: bytes) -> HeldRow | None:
        """Where `note_id` arrived; of several sealings one without a problem first, then the earliest."""
        sql = f"{_HELD} WHERE note_id = ? ORDER BY CASE problem WHEN '' THEN 0 ELSE 1 END, at, digest LIMIT 1"
        row = self._session.one(sql, note_id)
        return None if row is None else _held(row)

    def stored_from(self, peer: str) -> int:
        """How many bytes `peer` occupies here: the sum of `size` over what is held from it."""
        return int(self._session.value("SELECT stored FROM peers WHERE peer = ?", peer) or 0)

    def receipts(self, note_id: bytes) -> list[tuple[str, str, bytes]]:
        """(direction, party, signed receipt) for every receipt that covers `note_id`, oldest first."""
        return self._session.rows(
            "SELECT direction, party, signed FROM receipt_notes JOIN receipts ON receipts.id = receipt_notes.receipt"
            " WHERE note_id = ? ORDER BY receipt_notes.receipt",
            note_id,
        )

    # serials

    def serial(self, sender: str, office: str, incarnation: bytes, serial: int) -> SerialRow | None:
        row = self._session.one(
            "SELECT note_id FROM serials WHERE sender = ? AND office = ? AND incarnation = ? AND serial = ?",
            *(sender, office, incarnation, serial),
        )
        if row is None:
            return None
        return SerialRow(sender=sender, office=office, incarnation=incarnation, serial=serial, note_id=row[0])

    def serials(self, sender: str, office: str, incarnation: bytes) -> list[int]:
        """Serials seen, rising; voids among them."""
        sql = "SELECT serial FROM serials WHERE sender = ? AND office = ? AND incarnation = ? ORDER BY serial"
        return [row[0] for row in self._session.rows(sql, sender, office, incarnation)]


def after_prefix(prefix: str) -> str | None:
    """The smallest text above every text that begins with `prefix`, by code point; None if there is none.

    Both databases compare text by its UTF-8 bytes, which is the order of code points, so a range of keys can use the
    index where a pattern could not.
    """
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    above = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= above <= 0xDFFF else above)  # surrogates are not characters


def _note(row: tuple[Any, ...]) -> NoteRow:
    return NoteRow(
        note_id=row[0],
        direction=row[1],
        sender=row[2],
        office=row[3],
        form=row[4],
        precedence=row[5],
        exercise=bool(row[6]),
        signed_at=row[7],
        thread=row[8],
        leaf=row[9],
        stored_at=row[10],
        marks=_marks(row[11]),
        problem=row[12],
        incarnation=row[13],
        body=row[14],
    )


def _marks(text: str) -> tuple[str, ...]:
    return () if text == "[]" else msgspec.json.decode(text, type=tuple[str, ...])


def _conversation(row: tuple[Any, ...]) -> ConversationRow:
    return ConversationRow(note_id=row[0], party=row[1], state=row[2], due=row[3])


def _outbox(row: tuple[Any, ...]) -> OutboxRow:
    return OutboxRow(
        seq=row[0],
        peer=row[1],
        precedence=row[2],
        kind=row[3],
        object_id=row[4],
        digest=row[5],
        attempts=row[6],
        due=row[7],
        sealed=row[8],
    )


def _held(row: tuple[Any, ...]) -> HeldRow:
    return HeldRow(
        digest=row[0],
        peer=row[1],
        stage=row[2],
        at=row[3],
        size=row[4],
        note_id=row[5],
        problem=row[6],
        receipt=row[7],
        sealed=row[8],
    )
