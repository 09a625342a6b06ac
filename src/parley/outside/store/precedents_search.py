"""Searching the public record: a question becomes one full-text match and a range of days.

Up to `RANKED` fits are put in order by words (BM25, titles count four times); beyond that the newest come first,
because to weigh every one of a hundred thousand rows that contain "attack" takes long and says nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from parley.outside.store.precedents_facts import did_token, law_token
from parley.outside.store.precedents_index import NUMBER, place_of
from parley.precedents.asked import Hits, LookedFor
from parley.precedents.lag import DAY
from parley.precedents.problems import PrecedentProblem
from parley.precedents.question import Question, Term, terms
from parley.terms.stems import likeness, trigrams

RANKED = 3000
"""Fits that are still put in order by words; measured: docs/decisions/0340."""
LIKE = 0.3
_WORDS = "{title account said}"
_ACTORS = {"who": "w", "whom": "t", "attributed_by": "b"}
_FACETS = {"sector", "layer", "method"}


class Search:
    """Over one connection to the record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection.execute

    def search(self, question: Question, *, limit: int, offset: int = 0) -> Hits:
        """As `parley.precedents.asked.Index` says."""
        read = terms(question.words)
        looked_for = tuple(self._looked_for(term) for term in read)
        match, low, high = self.match(question, read), *_places(question)
        total = self._count(match, low, high)
        ranked = bool(read) and total <= RANKED
        numbers = self._page(match, low, high, ranked, limit, offset)
        instead = () if total else tuple(self._instead(read))
        return Hits(total, tuple(numbers), "words" if ranked else "newest", looked_for, instead)

    def fitting(self, question: Question) -> tuple[str, tuple[object, ...]]:
        """SQL that gives the numbers of the incidents that fit, and its parameters; "" if all do."""
        match, (low, high) = self.match(question, terms(question.words)), _places(question)
        if match:
            return f"SELECT rowid & {NUMBER} FROM ask_words WHERE ask_words MATCH ? AND rowid BETWEEN ? AND ?", (
                match, low, high,
            )  # fmt: skip
        if question.since or question.until:
            return "SELECT incident FROM ask_place WHERE place BETWEEN ? AND ?", (low, high)
        return "", ()

    def match(self, question: Question, read: Iterable[Term]) -> str:
        """The full-text expression; "" if nothing but days is asked for. Raises PrecedentProblem ``unknown_filter``."""
        parts = [f"({part})" for part in (self._term(term) for term in read if not term.without) if part]
        parts += [f"(codes : ({' OR '.join(self._tokens(name, given))}))" for name, given in question.filters()]
        if question.severity:
            parts.append(f"(codes : ({' OR '.join(self._severe(question.severity))}))")
        without = [f"({_stems(term)})" for term in read if term.without]
        if without and not parts:
            parts = ["(codes : (d*))"]  # every row has its data set
        return " NOT ".join([" AND ".join(parts), *without]) if parts else ""

    def _count(self, match: str, low: int, high: int) -> int:
        if match:
            sql = "SELECT count(*) FROM ask_words WHERE ask_words MATCH ? AND rowid BETWEEN ? AND ?"
            return int(self._do(sql, (match, low, high)).fetchone()[0])
        return int(self._do("SELECT count(*) FROM ask_place WHERE place BETWEEN ? AND ?", (low, high)).fetchone()[0])

    def _page(self, match: str, low: int, high: int, ranked: bool, limit: int, offset: int) -> Iterator[int]:
        page = (limit, offset)
        if not match:
            sql = "SELECT place FROM ask_place WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT ? OFFSET ?"
            rows = self._do(sql, (low, high, *page))
        else:
            order = "bm25(ask_words, 4.0, 1.0, 1.0, 0.0), rowid DESC" if ranked else "rowid DESC"
            sql = "SELECT rowid FROM ask_words WHERE ask_words MATCH ? AND rowid BETWEEN ? AND ?"
            rows = self._do(f"{sql} ORDER BY {order} LIMIT ? OFFSET ?", (match, low, high, *page))
        return (int(place) & NUMBER for (place,) in rows)

    def _term(self, term: Term) -> str:
        codes = [token for pair in term.codes for token in self._code_tokens(*pair)]
        words = _stems(term)
        return f"{words} OR codes : ({' OR '.join(codes)})" if codes else words

    def _looked_for(self, term: Term) -> LookedFor:
        return LookedFor(term.given, term.stems, tuple(":".join(pair) for pair in term.codes), term.without)

    def _code_tokens(self, of: str, code: str) -> list[str]:
        """The words under which a name of the lexicon stands; none if the record never has it."""
        if of == "did":
            return [did_token(code)]
        if of == "state":
            return [kind + str(no) for no in self._actors(code) for kind in "wtb"]
        return [f"c{no}" for no in self._coded(of, code)]

    def _tokens(self, name: str, given: tuple[str, ...]) -> list[str]:
        found = [token for one in given for token in self._filter(name, one)]
        if not found:
            raise PrecedentProblem(
                "unknown_filter", given=", ".join(given)[:80], filter=name, possible=self._there_is(name)
            )
        return found

    def _filter(self, name: str, given: str) -> list[str]:
        if name in _ACTORS:
            return [f"{_ACTORS[name]}{no}" for no in self._actors(given)]
        if name in _FACETS:
            return [f"c{no}" for no in self._coded(name, given)]
        if name == "data_set":
            return [f"d{no}" for (no,) in self._do("SELECT no FROM data_set WHERE key = ?", (given,))]
        return [did_token(given) if name == "response" else law_token(given)]

    def _actors(self, given: str) -> list[int]:
        """Actors with this code, or with this name in any spelling of case."""
        return [no for (no,) in self._do("SELECT no FROM actor WHERE code IN (?, ?)", (given, given.casefold()))]

    def _coded(self, facet: str, code: str) -> list[int]:
        return [no for (no,) in self._do("SELECT no FROM word WHERE facet = ? AND code = ?", (facet, code))]

    def _severe(self, given: str) -> list[str]:
        """Words of all codes on a scale that are at least so high."""
        scale, _, least = given.partition("/")
        rows = self._do(
            "SELECT no, code FROM word WHERE facet = 'severity' AND code LIKE ? || '/%'", (scale,)
        ).fetchall()
        found = [f"c{no}" for no, code in rows if _number(least) <= _number(code.partition("/")[2])]
        if not found:
            raise PrecedentProblem(
                "unknown_filter", given=given[:80], filter="severity", possible=self._there_is("severity")
            )
        return found

    def _unknown(self, name: str, given: str) -> PrecedentProblem:
        return PrecedentProblem("unknown_filter", given=given[:80], filter=name, possible=self._there_is(name))

    def _there_is(self, name: str) -> str:
        """A few values that a filter may have, the first by their names."""
        if name in (*_FACETS, "severity"):
            rows = self._do("SELECT code FROM word WHERE facet = ? ORDER BY code LIMIT 30", (name,))
        elif name == "data_set":
            rows = self._do("SELECT key FROM data_set ORDER BY key LIMIT 30")
        else:
            return "the ISO code of a state, O-NAME, R-NAME, or a name as the record has it"
        return ", ".join(code for (code,) in rows) or "nothing"

    def _instead(self, read: Iterable[Term]) -> Iterator[str]:
        """Words of the record that look like those that are not in it; never looked for by themselves."""
        for term in read:
            for stem in dict.fromkeys(stem for options in term.stems for stem in options):
                if len(stem) > 3 and not self._do("SELECT 1 FROM ask_stem WHERE stem = ?", (stem,)).fetchone():
                    yield from self._alike(stem)

    def _alike(self, stem: str) -> Iterator[str]:
        wanted = trigrams(stem)
        near = self._do(
            "SELECT stem FROM ask_stem WHERE length(stem) BETWEEN ? AND ? AND (stem GLOB ? OR stem GLOB ?)"
            " AND incidents > 0",
            (len(stem) - 2, len(stem) + 2, f"{stem[0]}*", f"*{stem[-2:]}"),
        )
        weighed = sorted(((likeness(wanted, trigrams(one)), one) for (one,) in near), reverse=True)
        yield from (one for how, one in weighed[:3] if how >= LIKE and self._count(f'{_WORDS} : "{one}"', 0, 1 << 62))


def _places(question: Question) -> tuple[int, int]:
    """The range of row numbers between the days that are asked for."""
    first, last = question.between()
    low = 0 if first is None else place_of(first // DAY, 0)
    return low, (1 << 62) if last is None else place_of(last // DAY, NUMBER)


def _stems(term: Term) -> str:
    """Pieces one after another, each under any of its stems: alternatives are spelt out, a sequence has no brackets."""
    if len(term.stems) == 1:
        star = " *" if term.prefix else ""
        return f"{_WORDS} : ({' OR '.join(_quoted(stem) + star for stem in term.stems[0])})"
    longest = max(len(options) for options in term.stems)
    ways = {tuple(_choice(options, rank) for options in term.stems) for rank in range(longest)}
    return f"{_WORDS} : ({' OR '.join(_quoted(' '.join(way)) for way in sorted(ways))})"


def _choice(options: tuple[str, ...], rank: int) -> str:
    """The stem of that rank, or the last one."""
    return options[min(rank, len(options) - 1)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'


def _number(given: str) -> float:
    try:
        return float(given)
    except ValueError:
        return float("inf")
