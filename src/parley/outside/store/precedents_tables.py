"""The tables of the public record, in a SQLite file of its own.

Each record is kept whole in `body` (MessagePack of the room's type); the columns and link tables beside it say the same
in the form that questions need. Actors and coded words have numbers, so that a link is two integers. Numbers are of
this file only; names are for ever.
"""

from __future__ import annotations

APPLICATION_ID = 0x50524C50  # "PRLP"

TABLES = """
CREATE TABLE data_set (
  no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL
) STRICT;
CREATE TABLE run (
  no INTEGER PRIMARY KEY, data_set INTEGER NOT NULL REFERENCES data_set, at INTEGER NOT NULL, report BLOB NOT NULL
) STRICT;
CREATE TABLE actor (
  no INTEGER PRIMARY KEY, sort TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (sort, code)
) STRICT;
CREATE TABLE word (
  no INTEGER PRIMARY KEY, facet TEXT NOT NULL, code TEXT NOT NULL, UNIQUE (facet, code)
) STRICT;
CREATE TABLE incident (
  no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, data_set INTEGER NOT NULL REFERENCES data_set,
  gone INTEGER REFERENCES run, title TEXT NOT NULL, language TEXT NOT NULL, description TEXT,
  first_ms INTEGER, first_precision INTEGER, first_meaning INTEGER, digest BLOB NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX incident_of ON incident (data_set, gone);
CREATE INDEX incident_first ON incident (first_ms);
CREATE TABLE dated (
  incident INTEGER NOT NULL REFERENCES incident, meaning INTEGER NOT NULL, ms INTEGER NOT NULL,
  precision INTEGER NOT NULL, PRIMARY KEY (incident, meaning, ms, precision)
) STRICT, WITHOUT ROWID;
CREATE TABLE receiver (
  incident INTEGER NOT NULL REFERENCES incident, actor INTEGER NOT NULL REFERENCES actor,
  PRIMARY KEY (actor, incident)
) STRICT, WITHOUT ROWID;
CREATE INDEX receiver_of ON receiver (incident);
CREATE TABLE coded (
  incident INTEGER NOT NULL REFERENCES incident, word INTEGER NOT NULL REFERENCES word, number REAL,
  PRIMARY KEY (word, incident)
) STRICT, WITHOUT ROWID;
CREATE INDEX coded_of ON coded (incident);
CREATE TABLE statement (
  no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, data_set INTEGER NOT NULL REFERENCES data_set,
  gone INTEGER REFERENCES run, kind TEXT NOT NULL, holder INTEGER REFERENCES actor, holder_nothing INTEGER,
  ms INTEGER, precision INTEGER, meaning INTEGER, basis TEXT, manner TEXT, instrument TEXT, ballot TEXT,
  low INTEGER, high INTEGER, confidence INTEGER, names_nothing INTEGER, law_nothing INTEGER, checked INTEGER NOT NULL,
  stance INTEGER NOT NULL, replaces TEXT, speaker TEXT, words TEXT, digest BLOB NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX statement_of ON statement (data_set, gone);
CREATE INDEX statement_held ON statement (holder, kind);
CREATE INDEX statement_kind ON statement (kind, instrument);
CREATE TABLE about (
  statement INTEGER NOT NULL REFERENCES statement, incident_name TEXT NOT NULL, incident INTEGER REFERENCES incident,
  PRIMARY KEY (statement, incident_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX about_incident ON about (incident, statement);
CREATE INDEX about_name ON about (incident_name);
CREATE TABLE named (
  statement INTEGER NOT NULL REFERENCES statement, actor INTEGER NOT NULL REFERENCES actor, tie TEXT NOT NULL,
  PRIMARY KEY (actor, statement, tie)
) STRICT, WITHOUT ROWID;
CREATE INDEX named_of ON named (statement);
CREATE TABLE joined (
  statement INTEGER NOT NULL REFERENCES statement, actor INTEGER NOT NULL REFERENCES actor,
  PRIMARY KEY (actor, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX joined_of ON joined (statement);
CREATE TABLE law_named (
  statement INTEGER NOT NULL REFERENCES statement, code TEXT NOT NULL, PRIMARY KEY (code, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX law_named_of ON law_named (statement);
CREATE TABLE said (
  statement INTEGER NOT NULL REFERENCES statement, word INTEGER NOT NULL REFERENCES word, number REAL,
  PRIMARY KEY (word, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX said_of ON said (statement);
CREATE TABLE earlier (
  no INTEGER PRIMARY KEY, name TEXT NOT NULL, is_statement INTEGER NOT NULL, until_run INTEGER NOT NULL REFERENCES run,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX earlier_name ON earlier (name);
CREATE TABLE match (
  first TEXT NOT NULL, second TEXT NOT NULL, verdict INTEGER NOT NULL, decided_by TEXT NOT NULL, at INTEGER NOT NULL,
  reasons BLOB NOT NULL, PRIMARY KEY (first, second), CHECK (first < second)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_second ON match (second);
CREATE TABLE quarantine (
  run INTEGER NOT NULL REFERENCES run, no INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;
"""
