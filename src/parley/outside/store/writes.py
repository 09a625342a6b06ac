"""What one unit can write: `parley.line.ports.Tx` in SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from parley.journal import Leaf
from parley.line.ports import ConversationRow, Direction, HeldRow, NoteRow, OutboxRow, SerialRow
from parley.outside.store.problems import StoreProblem
from parley.outside.store.reads import Reading
from parley.outside.store.session import Session


class Writing(Reading):
    """Writes of the units of one group, one after the other.

    Args:
        session: a connection whose transaction has begun.
        incarnation, origin: under which everything is written now, and its row in `origins`.

    `destroyed` says that a body was destroyed, so that the store can clear what the database itself still keeps of it.
    """

    def __init__(self, session: Session, incarnation: bytes, origin: int) -> None:
        super().__init__(session, incarnation)
        self.origin = origin
        self.destroyed = False

    @property
    def fault(self) -> StoreProblem | None:
        """The first error of the database in this unit."""
        return self._session.fault

    def begin_unit(self) -> None:
        """Forget the fault of the unit before."""
        self._session.fault = None

    # small records

    def put(self, kind: str, key: str, value: bytes) -> None:
        """Insert or replace; a replaced record keeps its place in the order of insertion."""
        self._session.run(
            "INSERT INTO records (place, kind, key, origin, value)"
            " VALUES ((SELECT coalesce(max(place), 0) + 1 FROM records), ?, ?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, origin = excluded.origin",
            *(kind, key, self.origin, value),
        )

    def drop(self, kind: str, key: str) -> None:
        """Remove the record, if it is there."""
        self._session.run("DELETE FROM records WHERE kind = ? AND key = ?", kind, key)

    # journal

    def append(self, leaf: Leaf) -> int:
        """Add an entry to the journal and return its index: the size until now, never a number from a sequence."""
        index = self._session.value(
            "INSERT INTO leaves (origin, idx, kind, at, object_digest, salt, hash)"
            " VALUES (?, (SELECT coalesce(max(idx) + 1, 0) FROM leaves WHERE origin = ?), ?, ?, ?, ?, ?) RETURNING idx",
            *(self.origin, self.origin, int(leaf.kind), leaf.at, leaf.object_digest, leaf.salt, leaf.hash),
        )
        return int(index)

    # notes and conversations

    def add_note(self, row: NoteRow) -> None:
        """Keep a note; raises ``note_twice``. Its journal entry must be there already."""
        added = self._session.run(
            "INSERT INTO notes (note_id, direction, sender, office, form, precedence, exercise, signed_at, thread,"
            " leaf, stored_at, marks, problem, origin, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (note_id) DO NOTHING",
            *(row.note_id, row.direction, row.sender, row.office, row.form, int(row.precedence), int(row.exercise)),
            *(row.signed_at, row.thread, row.leaf, row.stored_at, _marks(row.marks), row.problem, self.origin),
            row.body,
        )
        if not added:
            raise StoreProblem("note_twice", note=row.note_id.hex())

    def destroy_body(self, note_id: bytes) -> None:
        """Remove a note's body for good; the journal's entry stays. Raises ``no_note``.

        The body is overwritten before it is let go: SQLite rewrites content of the same length in place, so that what
        becomes free afterwards holds zeros (PostgreSQL keeps the old row until it is vacuumed, see spec/store.md).
        """
        size = self._session.value("SELECT coalesce(length(body), 0) FROM notes WHERE note_id = ?", note_id)
        if size is None:
            raise StoreProblem("no_note", note=note_id.hex())
        self._session.run("UPDATE notes SET body = ? WHERE note_id = ?", bytes(size), note_id)
        self._session.run("UPDATE notes SET body = NULL WHERE note_id = ?", note_id)
        self.destroyed = True

    def destroy_leaf(self, index: int, incarnation: bytes) -> None:
        """Destroy what opens an entry, its digest and salt; index, kind, time and hash stay. Raises ``no_leaf``."""
        where = "WHERE origin = (SELECT id FROM origins WHERE incarnation = ?) AND idx = ?"
        gone = self._session.run(
            f"UPDATE leaves SET object_digest = ?, salt = ? {where} AND salt IS NOT NULL",
            *(bytes(32), bytes(32), incarnation, index),
        )
        if not gone and self._session.one(f"SELECT idx FROM leaves {where}", incarnation, index) is None:
            raise StoreProblem("no_leaf", index=index)
        self._session.run(f"UPDATE leaves SET object_digest = NULL, salt = NULL {where}", incarnation, index)
        self.destroyed = True

    def destroy_held(self, note_id: bytes) -> int:
        """Destroy what arrived as `note_id`, our answers among it; returns the bytes of share given back."""
        found = self._session.rows(
            "SELECT digest, peer, size, length(receipt), length(sealed) FROM held WHERE note_id = ?", note_id
        )
        for digest, peer, size, receipt, sealed in found:
            blank = [None if length is None else bytes(length) for length in (receipt, sealed)]
            self._session.run("UPDATE held SET receipt = ?, sealed = ? WHERE digest = ?", *blank, digest)
            self._session.run("DELETE FROM held WHERE digest = ?", digest)
            self._count(peer, waiting=0, stored=-size)
        self.destroyed |= bool(found)
        return sum(size for _, _, size, _, _ in found)

    def destroy_receipt(self, direction: Direction, party: str, signed: bytes, notes: Iterable[bytes]) -> None:
        """Destroy a signed receipt that covers `notes`; nothing if it is not there."""
        where = "WHERE digest = ? AND direction = ? AND party = ?"
        name = (sha256(signed).digest(), direction, party)
        number = self._session.value(f"SELECT id FROM receipts {where}", *name)
        if number is None:
            return
        for note_id in dict.fromkeys(notes):
            self._session.run("DELETE FROM receipt_notes WHERE note_id = ? AND receipt = ?", note_id, number)
        self._session.run("UPDATE receipts SET signed = ? WHERE id = ?", bytes(len(signed)), number)
        self._session.run("DELETE FROM receipts WHERE id = ?", number)
        self.destroyed = True

    def set_conversation(self, row: ConversationRow) -> None:
        """Insert or replace where a note stands with one counterpart."""
        self._session.run(
            "INSERT INTO conversations (note_id, party, due, origin, state) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (note_id, party) DO UPDATE"
            " SET state = excluded.state, due = excluded.due, origin = excluded.origin",
            *(row.note_id, row.party, row.due, self.origin, row.state),
        )

    # outbox and what arrived

    def enqueue(self, row: OutboxRow) -> int:
        """Put sealed bytes into the outbox; returns the `seq` given, which is never given again."""
        # A counter and not max(seq) + 1: a receipt that comes late must not dequeue somebody else's row.
        seq = int(self._session.value("UPDATE counters SET value = value + 1 WHERE name = 'outbox' RETURNING value"))
        self._session.run(
            "INSERT INTO outbox (seq, peer, precedence, kind, object_id, digest, attempts, due, size, origin, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(seq, row.peer, int(row.precedence), row.kind, row.object_id, row.digest, row.attempts, row.due),
            *(len(row.sealed), self.origin, row.sealed),
        )
        self._count(row.peer, waiting=1, stored=0)
        return seq

    def dequeue(self, seqs: Iterable[int]) -> None:
        """Remove rows from the outbox; those that are gone already are passed over."""
        for seq in seqs:
            peer = self._session.value("DELETE FROM outbox WHERE seq = ? RETURNING peer", seq)
            if peer is not None:
                self._count(peer, waiting=-1, stored=0)

    def postpone(self, seqs: Sequence[int], due: int) -> None:
        """Not before `due` (ms); counts an attempt."""
        for seq in seqs:
            self._session.run("UPDATE outbox SET due = ?, attempts = attempts + 1 WHERE seq = ?", due, seq)

    def bring_forward(self, peer: str, due: int) -> None:
        """What waits for `peer` waits until `due` (ms) at the latest; counts no attempt."""
        self._session.run("UPDATE outbox SET due = ? WHERE peer = ? AND due > ?", due, peer, due)

    def hold(self, row: HeldRow) -> None:
        """Insert or replace what arrived, by its digest."""
        old = self._session.one("SELECT peer, size FROM held WHERE digest = ?", row.digest)
        self._session.run(
            "INSERT INTO held (digest, peer, stage, at, size, note_id, problem, origin, receipt, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET peer = excluded.peer,"
            " stage = excluded.stage, at = excluded.at, size = excluded.size, note_id = excluded.note_id,"
            " problem = excluded.problem, origin = excluded.origin, receipt = excluded.receipt,"
            " sealed = excluded.sealed",
            *(row.digest, row.peer, int(row.stage), row.at, row.size, row.note_id, row.problem, self.origin),
            *(row.receipt, row.sealed),
        )
        if old is not None and old != (row.peer, row.size):
            self._count(old[0], waiting=0, stored=-old[1])
        if old != (row.peer, row.size):
            self._count(row.peer, waiting=0, stored=row.size)

    def add_receipt(self, direction: Direction, party: str, signed: bytes, notes: Iterable[bytes]) -> bool:
        """Keep a signed receipt and the notes that it covers.

        False, and nothing written, if these very bytes are there already for that party and direction.
        """
        rows = self._session.rows(
            "INSERT INTO receipts (id, digest, direction, party, origin, signed)"
            " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM receipts), ?, ?, ?, ?, ?)"
            " ON CONFLICT (digest, direction, party) DO NOTHING RETURNING id",
            *(sha256(signed).digest(), direction, party, self.origin, signed),
        )
        for (number,) in rows:
            for note_id in dict.fromkeys(notes):
                self._session.run("INSERT INTO receipt_notes (note_id, receipt) VALUES (?, ?)", note_id, number)
        return bool(rows)

    # serials

    def see_serial(self, row: SerialRow) -> None:
        """Record a serial; the same again is nothing new, with another note it raises ``serial_twice``."""
        added = self._session.run(
            "INSERT INTO serials (sender, office, incarnation, serial, note_id, origin) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (sender, office, incarnation, serial) DO NOTHING",
            *(row.sender, row.office, row.incarnation, row.serial, row.note_id, self.origin),
        )
        if not added and self.serial(row.sender, row.office, row.incarnation, row.serial) != row:
            raise StoreProblem("serial_twice", serial=row.serial, sender=row.sender)

    def _count(self, peer: str, *, waiting: int, stored: int) -> None:
        """Keep the totals: both are asked for all the time, and counting rows would grow with the backlog."""
        self._session.run(
            "INSERT INTO peers (peer, waiting, stored) VALUES (?, ?, ?) ON CONFLICT (peer) DO UPDATE"
            " SET waiting = peers.waiting + excluded.waiting, stored = peers.stored + excluded.stored",
            *(peer, waiting, stored),
        )


def _marks(marks: tuple[str, ...]) -> str:
    return msgspec.json.encode(marks).decode()
