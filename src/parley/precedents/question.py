"""A question to the record: words and filters; and how its words are read.

Within one filter the values are alternatives; between filters all must hold. A name of a state or a word for a method,
sector or response, in any of the six languages, is also looked for under the code that data sets use, so that
"Украина" finds a row in which only UA is coded. What was looked for is given back with the answer: nothing is widened
unseen, and nothing is matched by likeness.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import msgspec

from parley.precedents.problems import PrecedentProblem
from parley.terms.instant import Instant, Meaning, Precision, cut, parse_iso
from parley.terms.languages import LANGUAGES
from parley.terms.states import all_states
from parley.terms.stems import asked_as, is_han, pairs, pieces, plain

LONGEST = 400
"""Characters of the words of a question."""
MOST = 40
"""Words of a question, and values of one filter."""
Codes = tuple[tuple[str, str], ...]
_MOST_STEMS = 2  # words of a name that is also known by its stems
_LONGEST_NAME = 8  # words of the longest name of a state or thing looked for
_PARTS = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is asked for; each field may stay empty.

    Args:
        words: searched in titles, accounts and words of statements. "…" asks for a sequence, -word for its absence,
            word* for a beginning.
        who, whom: named as author, hit: ISO codes of states, O-NAME, R-NAME, or the name of a group or body.
        since, until: year, month or day; an incident of which only the year is known counts as its first day.
        sector, layer, method: codes of data sets, as `Facet` lists them.
        severity: ``SCALE/NUMBER``, at least so severe on that scale; scales are never compared.
        attributed_by: who names an author: like `who`.
        response: an instrument, or a kind of statement (``denial``).
        law: code of a rule or norm that a statement names or coders hold to be engaged.
        data_set: keys of data sets.
    """

    words: str = ""
    who: tuple[str, ...] = ()
    whom: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    sector: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    severity: str = ""
    attributed_by: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    law: tuple[str, ...] = ()
    data_set: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.words) > LONGEST or any(len(given) > MOST for _, given in self.filters()):
            raise PrecedentProblem("question_too_long", most=LONGEST)
        for day in (self.since, self.until):
            _ = day and parse_iso(day, Meaning.BEGAN)

    def filters(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each filter that is a list of alternatives, by its name, if it is not empty."""
        for name in ("who", "whom", "sector", "layer", "method", "attributed_by", "response", "law", "data_set"):
            values: tuple[str, ...] = getattr(self, name)
            if values:
                yield name, values

    def between(self) -> tuple[int | None, int | None]:
        """The first and the last millisecond that are asked for, UTC; None where no bound is set."""
        first = parse_iso(self.since, Meaning.BEGAN).ms if self.since else None
        return first, _end(parse_iso(self.until, Meaning.BEGAN)) if self.until else None


class Term(msgspec.Struct, frozen=True):
    """One part of the words: as given, its pieces with the stems that each may have, and the codes that it names.

    `codes` are pairs of list and code: ``("state", "UA")``, ``("method", "ransomware")``. `prefix`: a beginning.
    """

    given: str
    stems: tuple[tuple[str, ...], ...]
    codes: Codes = ()
    without: bool = False
    prefix: bool = False


def terms(words: str) -> tuple[Term, ...]:
    """The words of a question, read; names of several words are kept together."""
    found: list[Term] = []
    waiting: list[str] = []
    for minus, phrase, word in _PARTS.findall(words):
        parts = list(pieces(phrase or word))
        if minus or phrase or word.endswith("*"):
            found += [*_plain(waiting), *_special(parts, phrase or word, bool(minus), word.endswith("*"))]
            waiting = []
        else:
            waiting += parts
    return tuple([*found, *_plain(waiting)][:MOST])


def _special(parts: list[str], given: str, without: bool, prefix: bool) -> Iterator[Term]:
    if parts:
        yield Term(given, tuple(stem for part in parts for stem in _stems(part)), (), without, prefix)


def _plain(parts: list[str]) -> Iterator[Term]:
    at = 0
    while at < len(parts):
        if is_han(parts[at]):
            yield from _han(parts[at])
            at += 1
            continue
        size, codes = _named(parts[at:])
        given = parts[at : at + size]
        yield Term(" ".join(given), tuple(stem for part in given for stem in _stems(part)), codes)
        at += size


def _named(parts: list[str]) -> tuple[int, Codes]:
    """How many of the next words are one name of the lexicon, the longest wins, and what it names."""
    for size in range(min(len(parts), _LONGEST_NAME), 0, -1):
        here = tuple(plain(part) for part in parts[:size])
        if here in _spelt():
            return size, _spelt()[here]
        for key in _keys(parts[:size]) if size <= _MOST_STEMS else ():
            if key in _stemmed():
                return size, _stemmed()[key]
    return 1, ()


def _han(run: str) -> Iterator[Term]:
    """A Chinese run: names of the lexicon are cut out, the longest first; the rest is looked for as it stands."""
    at = start = 0
    while at < len(run):
        size = next((n for n in range(min(14, len(run) - at), 1, -1) if (run[at : at + n],) in _spelt()), 0)
        if not size:
            at += 1
            continue
        if start < at:
            yield Term(run[start:at], _stems(run[start:at]))
        yield Term(run[at : at + size], _stems(run[at : at + size]), _spelt()[(run[at : at + size],)])
        at = start = at + size
    if start < len(run):
        yield Term(run[start:], _stems(run[start:]))


def _stems(piece: str) -> tuple[tuple[str, ...], ...]:
    return tuple((pair,) for pair in pairs(piece)) if is_han(piece) else (asked_as(piece),)


def _keys(parts: list[str]) -> Iterator[tuple[str, ...]]:
    """Under what a name may stand in the lexicon: its stems by the first, second and third of the Latin languages."""
    options = [(part,) if is_han(part) else asked_as(part) for part in parts]
    for rank in range(max(len(option) for option in options)):
        yield tuple(option[min(rank, len(option) - 1)] for option in options)


@cache
def _spelt() -> Mapping[tuple[str, ...], Codes]:
    """What each name means, by its words without case and accents; abbreviations are no names ("us" is a word)."""
    found: dict[tuple[str, ...], dict[tuple[str, str], None]] = {}
    for name, meant, _ in _names():
        found.setdefault(tuple(plain(piece) for piece in pieces(name)), {})[meant] = None
    return {key: tuple(meant) for key, meant in found.items()}


@cache
def _stemmed() -> Mapping[tuple[str, ...], Codes]:
    """The same by stems, for short inflected names. Stems that two states share (Нигер, Нигерия) name neither."""
    found: dict[tuple[str, ...], dict[tuple[str, str], None]] = {}
    for name, meant, inflected in _names():
        parts = list(pieces(name)) if inflected else []
        if 0 < len(parts) <= _MOST_STEMS and not is_han(name):
            for key in _keys(parts):
                found.setdefault(key, {})[meant] = None
    return {key: tuple(meant) for key, meant in found.items() if sum(of == "state" for of, _ in meant) < 2}


def _names() -> Iterator[tuple[str, tuple[str, str], bool]]:
    """Every name, what it means, and whether it is inflected: names of states are in Russian and Arabic."""
    for state in all_states().values():
        if state.named_by == "fictional":
            continue
        for name in (*state.names.values(), *state.aliases):
            if len(name) > 3 or not name.isascii():
                yield name, ("state", state.code), name in (state.names["ru"], state.names["ar"])
    text = (resources.files("parley.precedents") / "data" / "lexicon.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        for language in LANGUAGES:
            for name in row[language].split("|"):
                yield name, (row["of"], row["code"]), True


def _end(instant: Instant) -> int:
    """The last millisecond of a year, month or day."""
    if instant.precision > Precision.DAY:
        return instant.ms
    longest = {Precision.YEAR: 366, Precision.MONTH: 31, Precision.DAY: 1}[instant.precision] * 86_400_000
    after = instant.ms + longest
    begun = cut(after, instant.precision)
    return (begun if begun > instant.ms else after) - 1
