"""Candidates for comparison, and what is compared of each, from the index.

A record of up to `WHOLE` incidents is compared whole. A larger one is narrowed first to those that share two traits or
a rare word with the asker's case, the newest of each pair of traits; how many were compared is told.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import msgspec

from parley.outside.store.precedents_index import NUMBER
from parley.precedents.comparable import Case, Traits, compare

WHOLE = 6_000
PER_PAIR = 60
RARE = 200  # incidents that have a word which alone makes them candidates
_SHOWN = 10  # rarest words of the asker's text that are looked for
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
        rarity = self._rarity(asked.words)
        some = self._candidates(asked, points, rarity)
        others = (other for other in some if other.name.partition(":")[0] not in without)
        found = compare(asked, others, points, rarity)
        return found[:limit], len(found)

    def _rarity(self, words: Iterable[str]) -> dict[str, float]:
        """log(incidents / incidents with the word), for the words of the asker."""
        (whole,) = self._do("SELECT count(*) FROM ask_place").fetchone()
        rare = {}
        for word in words:
            row = self._do("SELECT incidents FROM ask_stem WHERE stem = ?", (word,)).fetchone()
            rare[word] = math.log((1 + whole) / (1 + (row[0] if row else 0)))
        return rare

    def _candidates(self, asked: Traits, points: Mapping[str, float], rarity: Mapping[str, float]) -> list[Traits]:
        (whole,) = self._do("SELECT count(*) FROM ask_place").fetchone()
        if whole <= WHOLE:
            return [_decode(body) for (body,) in self._do("SELECT traits FROM ask_traits")]
        places: set[int] = set()
        tokens = self._tokens(asked, points)
        pairs = [f"codes : ({one} AND {two})" for one, two in combinations(tokens, 2)] or [
            f"codes : {one}" for one in tokens
        ]
        words = sorted(asked.words, key=lambda word: -rarity[word])[:_SHOWN] if points.get("words") else []
        asks = [*pairs, *(f'{{title account}} : "{word}"' for word in words)]
        for ask in asks:
            rows = self._do(
                "SELECT rowid FROM ask_words WHERE ask_words MATCH ? ORDER BY rowid DESC LIMIT ?",
                (ask, RARE if ask.startswith("{") else PER_PAIR),
            )
            places |= {int(place) & NUMBER for (place,) in rows}
        numbers = sorted(places)
        return [one for start in range(0, len(numbers), 500) for one in self._decoded(numbers[start : start + 500])]

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
