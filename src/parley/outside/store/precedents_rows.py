"""Writing the rows of one import, within the transaction that `precedents.py` opened."""

from __future__ import annotations

import hashlib
import sqlite3
from enum import StrEnum
from typing import Any

import msgspec

from parley.precedents.record import Actor, Coding, DataSet, Incident, Statement
from parley.precedents.words import Facet
from parley.terms.likelihood import Likelihood
from parley.terms.nothing import Nothing
from parley.terms.text import Text

_pack = msgspec.msgpack.Encoder(order="deterministic").encode
_LINKS = {"incident": ("dated", "receiver", "coded"), "statement": ("about", "named", "joined", "law_named", "said")}


class Rows:
    """What one import writes, and what it counted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection.execute
        self._connection = connection
        self._actors: dict[str, int] = {}
        self._words: dict[tuple[str, str], int] = {}
        self._seen: dict[str, set[int]] = {"incident": set(), "statement": set()}
        self.touched_incidents: set[int] = set()
        self.touched_statements: set[int] = set()
        self._counts = {"added": 0, "changed": 0, "gone": 0, "unchanged": 0}

    def _many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.executemany(statement, rows)

    def counted(self) -> dict[str, int]:
        """How many records were added, changed, are gone, or are as they were."""
        return dict(self._counts)

    def data_set(self, data_set: DataSet, body: bytes) -> int:
        """The number of a data set; what is known of it (licence, date) is brought up to date."""
        self._do(
            "INSERT INTO data_set (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body",
            (data_set.key, body),
        )
        return int(self._do("SELECT no FROM data_set WHERE key = ?", (data_set.key,)).fetchone()[0])

    def run(self, data_set: int, at: int) -> int:
        """The number of this import."""
        return self._do("INSERT INTO run (data_set, at, report) VALUES (?, ?, x'')", (data_set, at)).lastrowid or 0

    def account(self, run: int, report: bytes, quarantined: list[bytes]) -> None:
        """Keep the report, and what was left out."""
        self._do("UPDATE run SET report = ? WHERE no = ?", (report, run))
        self._many(
            "INSERT INTO quarantine (run, no, body) VALUES (?, ?, ?)",
            [(run, number, body) for number, body in enumerate(quarantined)],
        )

    def put_incident(self, incident: Incident, data_set: int, run: int) -> None:
        """Add or renew one incident; one that is as it was costs a look."""
        body = _pack(incident)
        no = self._put("incident", incident.name, data_set, run, body)
        if no is None:
            return
        first = min((dated.instant for dated in incident.dates), default=None)
        described = incident.description.text if isinstance(incident.description, Text) else None
        self._do(
            "UPDATE incident SET title = ?, language = ?, description = ?, first_ms = ?, first_precision = ?,"
            " first_meaning = ? WHERE no = ?",
            (
                incident.title.text,
                incident.title.language,
                described,
                *((first.ms, first.precision, first.meaning) if first else (None, None, None)),
                no,
            ),
        )
        instants = {(no, d.instant.meaning, d.instant.ms, d.instant.precision) for d in incident.dates}
        self._many("INSERT INTO dated (incident, meaning, ms, precision) VALUES (?, ?, ?, ?)", sorted(instants))
        receivers = {(no, self._actor(actor)) for actor in incident.receivers}
        self._many("INSERT INTO receiver (incident, actor) VALUES (?, ?)", sorted(receivers))
        self._many("INSERT INTO coded (incident, word, number) VALUES (?, ?, ?)", self._coded(no, incident.codings))

    def put_statement(self, statement: Statement, data_set: int, run: int) -> None:
        """Add or renew one statement."""
        no = self._put("statement", statement.name, data_set, run, _pack(statement))
        if no is None:
            return
        columns = self._columns(statement)
        self._do(
            f"UPDATE statement SET {', '.join(f'{name} = ?' for name in columns)} WHERE no = ?", (*columns.values(), no)
        )
        self._many(
            "INSERT INTO about (statement, incident_name) VALUES (?, ?)", [(no, name) for name in set(statement.about)]
        )
        if not isinstance(statement.names, Nothing):
            named = {(no, self._actor(one.actor), str(one.tie)) for one in statement.names}
            self._many("INSERT INTO named (statement, actor, tie) VALUES (?, ?, ?)", sorted(named))
        joined = {(no, self._actor(actor)) for actor in statement.joined}
        self._many("INSERT INTO joined (statement, actor) VALUES (?, ?)", sorted(joined))
        if not isinstance(statement.law, Nothing):
            law = {(no, named_law.code) for named_law in statement.law}
            self._many("INSERT INTO law_named (statement, code) VALUES (?, ?)", sorted(law))
        self._many("INSERT INTO said (statement, word, number) VALUES (?, ?, ?)", self._coded(no, statement.codings))

    def _coded(self, no: int, codings: tuple[Coding, ...]) -> list[tuple[int, int, float | None]]:
        words = {self._word(coding.facet, coding.code): coding.number for coding in codings}
        return [(no, word, number) for word, number in words.items()]

    def _columns(self, statement: Statement) -> dict[str, object]:
        holder, on = statement.holder, statement.on
        likely = statement.likelihood if isinstance(statement.likelihood, Likelihood) else None
        instant = None if isinstance(on, Nothing) else on.instant
        return {
            "kind": str(statement.kind),
            "holder": None if isinstance(holder, Nothing) else self._actor(holder),
            "holder_nothing": _nothing(holder),
            "ms": instant and instant.ms,
            "precision": instant and int(instant.precision),
            "meaning": instant and int(instant.meaning),
            "basis": _word_code(statement.basis),
            "manner": _word_code(statement.manner),
            "instrument": _word_code(statement.instrument),
            "ballot": None if statement.ballot is None else str(statement.ballot),
            "low": likely and likely.low,
            "high": likely and likely.high,
            "confidence": None if isinstance(statement.confidence, Nothing) else int(statement.confidence.level),
            "names_nothing": _nothing(statement.names),
            "law_nothing": _nothing(statement.law),
            "checked": int(statement.checked),
            "stance": int(statement.stance),
            "replaces": statement.replaces,
            "speaker": statement.speaker,
            "words": statement.words.text if isinstance(statement.words, Text) else None,
        }

    def mark_gone(self, data_set: int, run: int) -> None:
        """What the data set had and this import did not bring; it stays, marked with the run that missed it."""
        for table, touched in (("incident", self.touched_incidents), ("statement", self.touched_statements)):
            held = self._do(f"SELECT no FROM {table} WHERE data_set = ? AND gone IS NULL", (data_set,))
            missing = [no for (no,) in held if no not in self._seen[table]]
            self._many(f"UPDATE {table} SET gone = ? WHERE no = ?", [(run, no) for no in missing])
            touched.update(missing)
            self._counts["gone"] += len(missing)

    def tie(self) -> None:
        """Bind statements to the incidents that they name, also those that came before their incident."""
        self._do(
            "UPDATE about SET incident = (SELECT no FROM incident WHERE name = incident_name)"
            " WHERE incident IS NULL AND incident_name IN (SELECT name FROM incident)"
        )

    def _put(self, table: str, name: str, data_set: int, run: int, body: bytes) -> int | None:
        """The number of the row if its columns must be written anew; None if the record is as it was."""
        digest = hashlib.sha256(body).digest()
        row = self._do(f"SELECT no, digest, gone, data_set, body FROM {table} WHERE name = ?", (name,)).fetchone()
        if row is None:
            no = self._insert(table, name, data_set, digest, body)
            self._count("added", table, no)
            return no
        no = int(row[0])
        if row[1] == digest and row[2] is None:
            self._seen[table].add(no)
            self._counts["unchanged"] += 1
            return None
        if row[1] != digest:
            self._do(
                "INSERT INTO earlier (name, is_statement, until_run, body) VALUES (?, ?, ?, ?)",
                (name, table == "statement", run, row[4]),
            )
        for link in _LINKS[table]:
            self._do(f"DELETE FROM {link} WHERE {table} = ?", (no,))
        self._do(
            f"UPDATE {table} SET digest = ?, body = ?, gone = NULL, data_set = ? WHERE no = ?",
            (digest, body, data_set, no),
        )
        self._count("changed", table, no)
        return no

    def _insert(self, table: str, name: str, data_set: int, digest: bytes, body: bytes) -> int:
        extra = {"incident": ("title, language", "'', ''"), "statement": ("kind, checked, stance", "'', 0, 0")}[table]
        made = self._do(
            f"INSERT INTO {table} (name, data_set, digest, body, {extra[0]}) VALUES (?, ?, ?, ?, {extra[1]})",
            (name, data_set, digest, body),
        )
        return int(made.lastrowid or 0)

    def _count(self, what: str, table: str, no: int) -> None:
        self._counts[what] += 1
        self._seen[table].add(no)
        (self.touched_incidents if table == "incident" else self.touched_statements).add(no)

    def _actor(self, actor: Actor) -> int:
        if actor.key not in self._actors:
            key = (str(actor.sort), actor.code)
            self._do("INSERT INTO actor (sort, code, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (*key, actor.name))
            found = self._do("SELECT no FROM actor WHERE sort = ? AND code = ?", key).fetchone()
            self._actors[actor.key] = int(found[0])
        return self._actors[actor.key]

    def _word(self, facet: Facet, code: str) -> int:
        key = (str(facet), code)
        if key not in self._words:
            self._do("INSERT INTO word (facet, code) VALUES (?, ?) ON CONFLICT DO NOTHING", key)
            self._words[key] = int(self._do("SELECT no FROM word WHERE facet = ? AND code = ?", key).fetchone()[0])
        return self._words[key]


def _nothing(value: object) -> int | None:
    return int(value) if isinstance(value, Nothing) else None


def _word_code(value: StrEnum | Nothing) -> str | None:
    return None if isinstance(value, Nothing) else str(value)
