"""The tables, as an ordered list of migrations; the position in the list is the version of a store.

Both databases share the text. The words in braces are filled in from a dialect: types, and what SQLite wants to hear
after a table. spec/store.md says what each column means and what is locked before it gets here.

Rules that hold for every table:
- every row that records something carries its origin (party, node, incarnation) as a reference into `origins`;
  `counters` and `peers` are the store's own bookkeeping and can be computed from the others;
- the sealed or locked body stands last, so that SQLite reads the other columns without its overflow pages;
- foreign keys are immediate: a deferred one would fail the COMMIT of a whole group for one unit's fault.
"""

from __future__ import annotations

from collections.abc import Mapping

_FIRST = """
CREATE TABLE origins (
    id {int} PRIMARY KEY,
    party {text} NOT NULL,
    node {text} NOT NULL,
    incarnation {bytes} NOT NULL,
    UNIQUE (incarnation)
) {strict};

CREATE TABLE counters (
    name {text} PRIMARY KEY,
    value {int} NOT NULL
) {packed};
INSERT INTO counters (name, value) VALUES ('outbox', 0);

CREATE TABLE peers (
    peer {text} PRIMARY KEY,
    waiting {int} NOT NULL,
    stored {int} NOT NULL
) {packed};

CREATE TABLE records (
    place {int} PRIMARY KEY,
    kind {text} NOT NULL,
    key {text} NOT NULL,
    origin {int} NOT NULL REFERENCES origins (id),
    value {bytes} NOT NULL,
    UNIQUE (kind, key)
) {strict};

CREATE TABLE leaves (
    origin {int} NOT NULL REFERENCES origins (id),
    idx {int} NOT NULL CHECK (idx >= 0),
    kind {int} NOT NULL,
    at {int} NOT NULL,
    object_digest {bytes},
    salt {bytes},
    hash {bytes} NOT NULL,
    PRIMARY KEY (origin, idx),
    CHECK ((object_digest IS NULL) = (salt IS NULL))
) {packed};

CREATE TABLE notes (
    note_id {bytes} PRIMARY KEY,
    direction {text} NOT NULL CHECK (direction IN ('out', 'in')),
    sender {text} NOT NULL,
    office {text} NOT NULL,
    form {int} NOT NULL,
    precedence {int} NOT NULL,
    exercise {int} NOT NULL CHECK (exercise IN (0, 1)),
    signed_at {int} NOT NULL,
    thread {bytes} NOT NULL,
    leaf {int} NOT NULL,
    stored_at {int} NOT NULL,
    marks {text} NOT NULL,
    problem {text} NOT NULL,
    origin {int} NOT NULL REFERENCES origins (id),
    body {bytes},
    FOREIGN KEY (origin, leaf) REFERENCES leaves (origin, idx)
) {strict};
CREATE INDEX notes_by_leaf ON notes (origin, leaf);
CREATE INDEX notes_by_direction ON notes (direction, origin, leaf);
CREATE INDEX notes_by_thread ON notes (thread, origin, leaf);

CREATE TABLE conversations (
    note_id {bytes} NOT NULL,
    party {text} NOT NULL,
    due {int},
    origin {int} NOT NULL REFERENCES origins (id),
    state {bytes} NOT NULL,
    PRIMARY KEY (note_id, party)
) {packed};
CREATE INDEX conversations_by_due ON conversations (due, note_id, party) WHERE due IS NOT NULL;

CREATE TABLE outbox (
    seq {int} PRIMARY KEY,
    peer {text} NOT NULL,
    precedence {int} NOT NULL,
    kind {text} NOT NULL CHECK (kind IN ('note', 'receipt')),
    object_id {bytes} NOT NULL,
    digest {bytes} NOT NULL,
    attempts {int} NOT NULL,
    due {int} NOT NULL,
    size {int} NOT NULL,
    origin {int} NOT NULL REFERENCES origins (id),
    sealed {bytes} NOT NULL
) {strict};
CREATE INDEX outbox_by_turn ON outbox (peer, precedence DESC, seq, due, size);
CREATE INDEX outbox_by_due ON outbox (peer, due);
CREATE INDEX outbox_by_object ON outbox (object_id, peer);
CREATE INDEX outbox_by_digest ON outbox (digest);

CREATE TABLE held (
    digest {bytes} PRIMARY KEY,
    peer {text} NOT NULL,
    stage {int} NOT NULL,
    at {int} NOT NULL,
    size {int} NOT NULL,
    note_id {bytes},
    problem {text} NOT NULL,
    origin {int} NOT NULL REFERENCES origins (id),
    receipt {bytes},
    sealed {bytes}
) {strict};
CREATE INDEX held_by_stage ON held (stage, at, digest);
CREATE INDEX held_by_note ON held (note_id) WHERE note_id IS NOT NULL;

CREATE TABLE receipts (
    id {int} PRIMARY KEY,
    direction {text} NOT NULL CHECK (direction IN ('out', 'in')),
    party {text} NOT NULL,
    digest {bytes} NOT NULL,
    origin {int} NOT NULL REFERENCES origins (id),
    signed {bytes} NOT NULL,
    UNIQUE (digest, direction, party)
) {strict};

CREATE TABLE receipt_notes (
    note_id {bytes} NOT NULL,
    receipt {int} NOT NULL REFERENCES receipts (id),
    PRIMARY KEY (note_id, receipt)
) {packed};

CREATE TABLE serials (
    sender {text} NOT NULL,
    office {text} NOT NULL,
    incarnation {bytes} NOT NULL,
    serial {int} NOT NULL,
    note_id {bytes},
    origin {int} NOT NULL REFERENCES origins (id),
    PRIMARY KEY (sender, office, incarnation, serial)
) {packed};
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
"""What to run to come from version `position` to the next. Never edit one that was released; add another."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "origins": ("id", "party", "node", "incarnation"),
    "counters": ("name", "value"),
    "peers": ("peer", "waiting", "stored"),
    "records": ("place", "kind", "key", "origin", "value"),
    "leaves": ("origin", "idx", "kind", "at", "object_digest", "salt", "hash"),
    "notes": (
        *("note_id", "direction", "sender", "office", "form", "precedence", "exercise", "signed_at"),
        *("thread", "leaf", "stored_at", "marks", "problem", "origin", "body"),
    ),
    "conversations": ("note_id", "party", "due", "origin", "state"),
    "outbox": (
        *("seq", "peer", "precedence", "kind", "object_id", "digest"),
        *("attempts", "due", "size", "origin", "sealed"),
    ),
    "held": ("digest", "peer", "stage", "at", "size", "note_id", "problem", "origin", "receipt", "sealed"),
    "receipts": ("id", "direction", "party", "digest", "origin", "signed"),
    "receipt_notes": ("note_id", "receipt"),
    "serials": ("sender", "office", "incarnation", "serial", "note_id", "origin"),
}
"""Every table and its columns, referenced ones first: what is copied from one database into another."""


def statements(migration: str, words: Mapping[str, str]) -> list[str]:
    """The single statements of one migration in the dialect whose `words` are given."""
    return [text.strip() for text in migration.format_map(words).split(";") if text.strip()]
