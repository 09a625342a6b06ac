"""Candidates for comparison, and what is compared of each, from the index.

A record of up to `WHOLE` incidents is compared whole. A larger one is narrowed first to those that fit best
by words or share two traits with the asker's case, the newest of each pair of traits; how many were compared is told.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import msgspec

from parley.outside.store.precedents_index import NUMBER
from parley.precedents.comparable import Case, Traits, Words, compare

WHOLE = 6_000
PER_PAIR = 40
FITS = 4_000  # incidents whose fit by words is known
FROM_WORDS = 400  # of them, how many are candidates by their words alone, in a larger record
WEIGHED = 30_000  # rows that full-text search weighs for one question
_decode = msgspec.msgpack.Decoder(Traits).decode


class Comparing:
    """Over one connection to the record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection.execute

    def traits(self, name: str) -> Traits | None:
        """What is compared of one incident; None if the index does not have it."""
        row = self._do(
            "SELECT t.traits FROM ask_traits t JOIN incident i ON i.no = t.incident WHERE i.name = ?", (name,)
        ).fetchone()
        return None if row is None else _decode(row[0])

    def comparable(
        self, asked: Traits, points: Mapping[str, float], limit: int, without: Sequence[str] = ()
    ) -> tuple[list[Case], int]:
        """The most alike, and how many were compared. `without`: keys of data sets that are left out."""
        known = self.words(asked) if points.get("words") else Words()
        some = self._candidates(asked, points, known)
        others = (other for other in some if other.name.partition(":")[0] not in without)
        found = compare(asked, others, points, known)
        return found[:limit], len(found)

    def words(self, asked: Traits) -> Words:
        """What full-text search says of the asker's words: the rarest that together are in at most `WEIGHED` rows."""
        rarity, rows = self._rarity(asked.words)
        chosen: list[str] = []
        budget = WEIGHED
        for word in sorted(rows, key=lambda one: (rows[one], one)):
            if rows[word] <= budget or not chosen:
                chosen.append(word)
                budget -= rows[word]
        if not chosen:
            return Words({}, rarity)
        match = "{title account} : (" + " OR ".join(f'"{word}"' for word in chosen) + ")"
        best = self._do(
            "SELECT i.name, -bm25(ask_words, 4.0, 1.0, 1.0, 0.0) AS fit FROM ask_words w JOIN incident i"
            f" ON i.no = (w.rowid & {NUMBER}) WHERE ask_words MATCH ? ORDER BY fit DESC LIMIT ?",
            (match, FITS),
        ).fetchall()
        top = max((fit for name, fit in best if name != asked.name), default=0.0)
        return Words({name: min(1.0, fit / top) for name, fit in best} if top > 0 else {}, rarity)

    def _rarity(self, words: Iterable[str]) -> tuple[dict[str, float], dict[str, int]]:
        """Of each word that the record has: log(incidents / incidents with it), and how many have it."""
        (whole,) = self._do("SELECT count(*) FROM ask_place").fetchone()
        rows: dict[str, int] = {}
        for word in words:
            row = self._do("SELECT incidents FROM ask_stem WHERE stem = ?", (word,)).fetchone()
            if row and row[0] > 0:
                rows[word] = int(row[0])
        return {word: math.log((1 + whole) / (1 + count)) for word, count in rows.items()}, rows

    def _candidates(self, asked: Traits, points: Mapping[str, float], known: Words) -> list[Traits]:
        (whole,) = self._do("SELECT count(*) FROM ask_place").fetchone()
        if whole <= WHOLE:
            return [_decode(body) for (body,) in self._do("SELECT traits FROM ask_traits")]
        tokens = self._tokens(asked, points)
        pairs = [f"codes : ({one} AND {two})" for one, two in combinations(tokens, 2)]
        pairs = pairs or [f"codes : {one}" for one in tokens]
        numbers = {no for (no,) in self._named(sorted(known.fits, key=lambda name: -known.fits[name])[:FROM_WORDS])}
        for ask in pairs:
            sql = "SELECT rowid FROM ask_words WHERE ask_words MATCH ? ORDER BY rowid DESC LIMIT ?"
            numbers |= {int(place) & NUMBER for (place,) in self._do(sql, (ask, PER_PAIR))}
        some = sorted(numbers)
        return [one for start in range(0, len(some), 500) for one in self._decoded(some[start : start + 500])]

    def _named(self, names: Sequence[str]) -> Iterable[tuple[int]]:
        return self._do(f"SELECT no FROM incident WHERE name IN ({','.join('?' * len(names))})", names)

    def _decoded(self, numbers: Sequence[int]) -> list[Traits]:
        here = ",".join("?" * len(numbers))
        rows = self._do(f"SELECT traits FROM ask_traits WHERE incident IN ({here})", numbers)
        return [_decode(body) for (body,) in rows]

    def _tokens(self, asked: Traits, points: Mapping[str, float]) -> list[str]:
        """The asker's traits as words of the column of codes, of the terms that are switched on."""
        found: list[str] = []
        for facet in ("method", "sector", "layer", "issue"):
            for code in getattr(asked, facet) if points.get(facet) else ():
                rows = self._do("SELECT no FROM word WHERE facet = ? AND code = ?", (facet, code))
                found += [f"c{no}" for (no,) in rows]
        for term, kind in (("hit", "t"), ("named", "w")):
            for key in getattr(asked, term) if points.get(term) else ():
                rows = self._do("SELECT no FROM actor WHERE sort = ? AND code = ?", key.split(":", 1))
                found += [f"{kind}{no}" for (no,) in rows]
        return found
