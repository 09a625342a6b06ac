"""The public record in one SQLite file: reading, and filling one data set whole or not at all.

The file is its own (``precedents.sqlite`` beside a node's store) and needs no node. Whoever keeps something derived
from the record (an index for search) gives an `OnChange`: it runs inside the transaction that changed the record, so
that the two are never apart.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import msgspec

from parley.outside.store.precedents_rows import Rows
from parley.outside.store.precedents_tables import APPLICATION_ID, TABLES
from parley.outside.store.problems import StoreProblem
from parley.precedents.matching import Match, Verdict
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import DataSet, Incident, Record, Statement
from parley.precedents.report import Quarantined, Report

VERSION = 1
_CHUNK = 500  # names in one question; SQLite takes 32,766 parameters

OnChange: TypeAlias = Callable[[sqlite3.Connection, Sequence[int], Sequence[int]], None]
"""Called with the connection, the numbers of incidents, and of statements, that were added, changed or are gone."""

_pack = msgspec.msgpack.Encoder(order="deterministic").encode
_incident = msgspec.msgpack.Decoder(Incident).decode
_statement = msgspec.msgpack.Decoder(Statement).decode
_data_set = msgspec.msgpack.Decoder(DataSet).decode
_report = msgspec.msgpack.Decoder(Report).decode
_quarantined = msgspec.msgpack.Decoder(Quarantined).decode


class PrecedentStore:
    """The shelf; raises StoreProblem ``unreadable``, ``not_ours``, ``newer`` when opened.

    `connection` is open to questions of one's own (`precedents_tables.py`); write through `fill` only.
    """

    def __init__(self, place: Path | str, on_change: Sequence[OnChange] = (), *, writable: bool = True) -> None:
        self.place = str(place)
        self._on_change = tuple(on_change)
        try:
            self.connection = _connect(self.place, writable=writable)
            _prepare(self.connection, self.place, writable=writable)
        except sqlite3.Error as error:
            raise StoreProblem("unreadable", place=self.place, reason=str(error)) from error

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    # reading

    def data_sets(self) -> tuple[DataSet, ...]:
        """Every data set that has been filled here, by key."""
        return tuple(_data_set(row[0]) for row in self.connection.execute("SELECT body FROM data_set ORDER BY key"))

    def incident(self, name: str) -> Incident:
        """One incident; raises PrecedentProblem ``unknown_record``."""
        return _incident(self._body("incident", name))

    def statement(self, name: str) -> Statement:
        """One statement; raises PrecedentProblem ``unknown_record``."""
        return _statement(self._body("statement", name))

    def incidents(self, data_set: str | None = None) -> Iterator[Incident]:
        """All that are in their source now, in order of entry."""
        return (_incident(body) for body in self._bodies("incident", data_set))

    def statements(self, data_set: str | None = None) -> Iterator[Statement]:
        """All that are in their source now, in order of entry."""
        return (_statement(body) for body in self._bodies("statement", data_set))

    def by_number(self, numbers: Sequence[int]) -> tuple[Incident, ...]:
        """The incidents of these numbers, in their order; numbers that are not here are left out."""
        found = {
            no: body
            for chunk in _chunks(numbers)
            for no, body in self.connection.execute(
                f"SELECT no, body FROM incident WHERE no IN ({_marks(chunk)})", chunk
            )
        }
        return tuple(_incident(found[no]) for no in numbers if no in found)

    def about(self, names: Iterable[str]) -> tuple[Statement, ...]:
        """The statements about any of these incidents, earliest first; undated ones last."""
        found: dict[str, tuple[int, int, bytes]] = {}
        for chunk in _chunks(tuple(names)):
            rows = self.connection.execute(
                "SELECT s.name, s.ms, s.no, s.body FROM about a JOIN statement s ON s.no = a.statement"
                f" WHERE a.incident_name IN ({_marks(chunk)}) AND s.gone IS NULL",
                chunk,
            )
            found |= {name: (2**62 if ms is None else ms, no, body) for name, ms, no, body in rows}
        return tuple(_statement(body) for _, _, body in sorted(found.values()))

    def earlier(self, name: str) -> tuple[Record, ...]:
        """What the record of that name said before its source was changed, oldest first."""
        rows = self.connection.execute("SELECT is_statement, body FROM earlier WHERE name = ? ORDER BY no", (name,))
        return tuple(_statement(body) if said else _incident(body) for said, body in rows)

    def reports(self, data_set: str | None = None) -> tuple[tuple[int, Report], ...]:
        """When each import was, and its account, oldest first."""
        rows = self.connection.execute(
            "SELECT r.at, r.report FROM run r JOIN data_set d ON d.no = r.data_set"
            " WHERE ?1 IS NULL OR d.key = ?1 ORDER BY r.no",
            (data_set,),
        )
        return tuple((at, _report(body)) for at, body in rows)

    def quarantined(self, data_set: str) -> tuple[Quarantined, ...]:
        """What the last import of a data set left out."""
        rows = self.connection.execute(
            "SELECT q.body FROM quarantine q WHERE q.run = (SELECT max(r.no) FROM run r JOIN data_set d"
            " ON d.no = r.data_set WHERE d.key = ?) ORDER BY q.no",
            (data_set,),
        )
        return tuple(_quarantined(body) for (body,) in rows)

    def held(self, data_set: str) -> int:
        """How many records of a data set are in their source now."""
        asked = "SELECT count(*) FROM {} t JOIN data_set d ON d.no = t.data_set WHERE d.key = ? AND t.gone IS NULL"
        tables = ("incident", "statement")
        return sum(self.connection.execute(asked.format(table), (data_set,)).fetchone()[0] for table in tables)

    def digest(self) -> str:
        """SHA-256 over every record and match, whatever order they came in: equal if and only if nothing changed."""
        whole = hashlib.sha256()
        for table in ("incident", "statement"):
            for name, gone, digest in self.connection.execute(f"SELECT name, gone, digest FROM {table} ORDER BY name"):
                whole.update(f"{name}\0{gone is None}\0".encode() + digest)
        for row in self.connection.execute("SELECT first, second, verdict FROM match ORDER BY first, second"):
            whole.update(repr(row).encode())
        return whole.hexdigest()

    # what a person decided about accounts of several sources

    def decide(self, first: str, second: str, verdict: Verdict, *, by: str, at: int, reasons: Sequence[str]) -> None:
        """Record that two accounts are of the same incident, or are not; a later decision takes the place of it.

        Raises PrecedentProblem ``unknown_record``, ``same_record``.
        """
        if first == second:
            raise PrecedentProblem("same_record", given=first[:120])
        numbers = sorted(self._number(name) for name in (first, second))
        low, high = sorted((first, second))
        with self._unit():
            self.connection.execute(
                "INSERT INTO match (first, second, verdict, decided_by, at, reasons) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (first, second) DO UPDATE SET verdict = excluded.verdict, at = excluded.at,"
                " decided_by = excluded.decided_by, reasons = excluded.reasons",
                (low, high, int(verdict), by, at, _pack(list(reasons))),
            )
            for call in self._on_change:
                call(self.connection, numbers, [])

    def decisions(self) -> tuple[Match, ...]:
        """Every decision about two accounts, by their names."""
        rows = self.connection.execute("SELECT first, second, verdict, decided_by, at, reasons FROM match")
        return tuple(
            Match(first, second, Verdict(verdict), by, at, tuple(msgspec.msgpack.decode(reasons)))
            for first, second, verdict, by, at, reasons in rows
        )

    def same(self, name: str) -> tuple[str, ...]:
        """The names of all accounts that a person joined with this one, directly or through others; itself first."""
        found, waiting = {name: None}, [name]
        while waiting:
            one = waiting.pop()
            for first, second in self.connection.execute(
                "SELECT first, second FROM match WHERE verdict = ? AND (first = ? OR second = ?)",
                (int(Verdict.SAME), one, one),
            ):
                other = second if first == one else first
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return tuple(found)

    # filling

    def fill(
        self,
        data_set: DataSet,
        incidents: Sequence[Incident],
        statements: Sequence[Statement],
        report: Report,
        *,
        whole: bool,
        at: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> Report:
        """As `parley.precedents.ports.Filling` says: one transaction, all or nothing."""
        with self._unit() as rows:
            number = rows.data_set(data_set, _pack(data_set))
            run = rows.run(number, at)
            records: tuple[Record, ...] = (*incidents, *statements)
            for count, record in enumerate(records, start=1):
                if isinstance(record, Incident):
                    rows.put_incident(record, number, run)
                else:
                    rows.put_statement(record, number, run)
                if progress and count % 200 == 0:
                    progress(count, len(records))
            if whole:
                rows.mark_gone(number, run)
            rows.tie()
            done = msgspec.structs.replace(report, **rows.counted())
            rows.account(run, _pack(msgspec.structs.replace(done, rows=())), [_pack(row) for row in done.rows])
            for call in self._on_change:
                call(self.connection, sorted(rows.touched_incidents), sorted(rows.touched_statements))
        return done

    @contextmanager
    def _unit(self) -> Iterator[Rows]:
        """One transaction, all or nothing; what SQLite cannot do becomes a StoreProblem (``busy``, ``disk_full`` …)."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield Rows(self.connection)
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            from parley.outside.store.sqlite import explain  # here: it knows the whole node, which nobody else needs

            raise explain(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def _body(self, table: str, name: str) -> bytes:
        row = self.connection.execute(f"SELECT body FROM {table} WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise PrecedentProblem("unknown_record", given=name[:120])
        return bytes(row[0])

    def _number(self, name: str) -> int:
        row = self.connection.execute("SELECT no FROM incident WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise PrecedentProblem("unknown_record", given=name[:120])
        return int(row[0])

    def _bodies(self, table: str, data_set: str | None) -> Iterator[bytes]:
        for (body,) in self.connection.execute(
            f"SELECT t.body FROM {table} t JOIN data_set d ON d.no = t.data_set"
            " WHERE t.gone IS NULL AND (?1 IS NULL OR d.key = ?1) ORDER BY t.no",
            (data_set,),
        ):
            yield body


def _connect(place: str, *, writable: bool) -> sqlite3.Connection:
    mode = "rwc" if writable else "ro"
    uri = place if place == ":memory:" else f"{Path(place).absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=512, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    if writable:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _prepare(connection: sqlite3.Connection, place: str, *, writable: bool) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if empty and writable:
        connection.executescript(
            f"BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {VERSION}; COMMIT;"
        )
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreProblem("not_ours", place=place)
    if version > VERSION:
        raise StoreProblem("newer", place=place, found=version, known=VERSION)


def _chunks(items: Sequence[object]) -> Iterator[Sequence[object]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _marks(items: Sequence[object]) -> str:
    return ",".join("?" * len(items))
