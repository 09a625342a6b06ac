"""What statistics count, asked of the index: grouped rows, always with the data set first.

Accounts of different data sets are never added up: several tell of the same incident, and each codes by its own rules.
The SQL that was run is kept and shown beside the answer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from parley.outside.store.precedents_search import Search
from parley.precedents.asked import Counted
from parley.precedents.question import Question

_SET = "(SELECT key FROM data_set d WHERE d.no = f.data_set)"
_ACTOR = "(SELECT code FROM actor a WHERE a.no = f.{0})"
_NAME = "(SELECT name FROM incident i WHERE i.no = f.incident)"

GROUPED = {
    "accounts": ("ask_place", (_SET,), ("data_set",)),
    "wait/attribution": ("ask_wait", (_SET, "f.outcome", "f.days"), ("data_set", "outcome", "days")),
    "wait/response": ("ask_wait", (_SET, "f.outcome", "f.days"), ("data_set", "outcome", "days")),
    "did": ("ask_did", (_SET, "f.what"), ("what", "data_set")),
    "pairs": (
        "ask_pair", (_SET, _ACTOR.format("holder"), _ACTOR.format("named"), "f.tie"),
        ("data_set", "holder", "named", "tie"),
    ),
    "joints": (
        "ask_joint", (_SET, _ACTOR.format("one"), _ACTOR.format("other"), "f.days"),
        ("data_set", "one", "other", "days"),
    ),
    "hits": ("ask_hit", (_SET, _ACTOR.format("hit")), ("data_set", "hit")),
    "dyads": (
        "ask_dyad", (_SET, _ACTOR.format("named"), _ACTOR.format("hit"), "f.year"),
        ("data_set", "named", "hit", "year"),
    ),
}  # fmt: skip
"""Table, what is shown of each group, and by what is grouped."""


class Counts:
    """Over one connection to the record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection.execute
        self._search = Search(connection)

    def grouped(self, of: str, question: Question) -> Counted:
        """How many incidents each group of a table of facts has, among those that fit."""
        table, shown, by = GROUPED[of]
        where, given = self._where(of, question)
        groups = ", ".join(f"f.{one}" for one in by)
        inner = f"SELECT {groups}, count(*) AS n FROM {table} f{where} GROUP BY {groups}"
        sql = f"SELECT {', '.join(shown)}, n FROM ({inner}) f"
        return Counted(tuple(self._do(sql, given)), sql, tuple(str(one) for one in given))

    def each(self, of: str, question: Question) -> Counted:
        """One row per fact and incident, with the incident's name first: the data to download."""
        table, shown, _ = GROUPED[of]
        where, given = self._where(of, question)
        sql = f"SELECT {_NAME}, {', '.join(shown)} FROM {table} f{where} ORDER BY f.incident"
        return Counted(tuple(self._do(sql, given)), sql, tuple(str(one) for one in given))

    def coded(self) -> frozenset[tuple[str, str]]:
        """Data set and what it says of any incident at all: what it never says, it does not code."""
        sql = f"SELECT DISTINCT {_SET}, f.what FROM ask_did f"
        return frozenset((str(key), str(what)) for key, what in self._do(sql))

    def ballots(self) -> Counted:
        """Every ballot: data set, roll call, day (ms, UTC), state, how."""
        sql = (
            "SELECT (SELECT key FROM data_set d WHERE d.no = s.data_set), w.code, s.ms, a.code, s.ballot"
            " FROM statement s JOIN actor a ON a.no = s.holder JOIN said b ON b.statement = s.no"
            " JOIN word w ON w.no = b.word AND w.facet = 'roll-call'"
            " WHERE s.kind = 'vote' AND s.gone IS NULL ORDER BY s.ms, w.code, a.code"
        )
        return Counted(tuple(self._do(sql)), sql, ())

    def set_aside(self) -> dict[str, int]:
        """By data set, how many rows or cells its last import set aside."""
        sql = (
            "SELECT d.key, count(*) FROM quarantine q JOIN run r ON r.no = q.run JOIN data_set d ON d.no = r.data_set"
            " WHERE q.run = (SELECT max(no) FROM run WHERE data_set = d.no) GROUP BY d.key"
        )
        return {str(key): int(count) for key, count in self._do(sql)}

    def _where(self, of: str, question: Question) -> tuple[str, Sequence[object]]:
        fits, given = self._search.fitting(question)
        parts = [f"f.incident IN ({fits})"] if fits else []
        if of.startswith("wait/"):
            parts.append(f"f.what = '{of.partition('/')[2]}'")
        return f" WHERE {' AND '.join(parts)}" if parts else "", given
