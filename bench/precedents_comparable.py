"""Are comparable cases better than plain full-text search? Precision among the first ten, on pairs that others coded.

A case is asked about without what makes it right: two incidents of EuRepoC count as comparable if they share a named
initiator and a state hit within two years (`dyad`), or a named HIIK conflict (`conflict`). Who was hit, who is named,
the year, region and issue are withheld from the asker, and every name of a state or nationality-bearing actor that the
lexicon knows is taken out of the words of both ways, so that neither finds by the name what it was not told.
The crosswalk asks with one source's account of seven incidents: is another source's account among the first ten?
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from parley.outside.store.precedents import PrecedentStore
from parley.outside.store.precedents_asking import Asking
from parley.outside.store.precedents_comparable import Comparing
from parley.precedents.comparable import Traits, Words, compare, usual
from parley.terms.states import all_states
from parley.terms.stems import kept_as

FIRST = 10
ASKED = 250
WITHHELD = ("hit", "named", "year", "region", "issue")
CROSSWALK = {  # incident-data.md, section 9: words that find each account, and the years of its possible dates
    "NotPetya": (("notpetya",), (2017,)),
    "Stuxnet": (("stuxnet",), (2007, 2009, 2010)),
    "WannaCry": (("wannacry",), (2017,)),
    "Sony": (("sony",), (2014,)),
    "SolarWinds": (("solarwind",), (2019, 2020)),
    "Viasat": (("viasat",), (2022,)),
    "Albania": (("albania", "albanian"), (2021, 2022)),
}


def evaluate(place: Path) -> dict[str, Any]:
    """Precision at ten of both ways, by sort of pair; how many were asked, and what chance would give."""
    store = PrecedentStore(place, writable=True)
    Asking(store)  # makes the index if it is not there
    traits = [_read(body) for (body,) in store.connection.execute("SELECT traits FROM ask_traits ORDER BY incident")]
    coded = [one for one in traits if one.name.startswith("eurepoc")]
    names = _names()
    bare = {one.name: _withheld(one, names) for one in coded}
    result: dict[str, Any] = {"first": FIRST, "withheld": list(WITHHELD)}
    for sort, pairs in (("dyad", _dyads(coded)), ("conflict", _conflicts(store.connection))):
        asked = random.Random(1).sample(sorted(pairs), min(ASKED, len(pairs)))
        if asked:
            result[sort] = _precision(store.connection, asked, pairs, bare)
    result["crosswalk"] = _crosswalk(store.connection, traits)
    store.close()
    return result


def _precision(
    connection: sqlite3.Connection, asked: list[str], pairs: dict[str, set[str]], bare: dict[str, Traits]
) -> dict[str, Any]:
    """Each way's precision at ten; `ceiling`: what a perfect order would reach, `chance`: what a blind one would."""
    comparing = Comparing(connection)
    ways: dict[str, dict[str, float]] = {"structured": usual(), "structured_without_words": usual(["words"])}
    found: dict[str, float] = defaultdict(float)
    for name in asked:
        right = pairs[name]
        found["ceiling"] += min(FIRST, len(right)) / FIRST
        found["chance"] += len(right) / (len(bare) - 1)
        for way, points in ways.items():
            known = comparing.words(bare[name]) if points.get("words") else Words()
            best = compare(bare[name], bare.values(), points, known)[:FIRST]
            found[way] += sum(case.name in right for case in best) / FIRST
        found["plain_text"] += sum(one in right for one in _plain(connection, bare[name], bare)) / FIRST
    return {"asked": len(asked), **{way: round(total / len(asked), 3) for way, total in found.items()}}


def _plain(connection: sqlite3.Connection, asked: Traits, among: Iterable[str]) -> list[str]:
    """The first ten by full text (BM25) of the same words, in title and account."""
    match = "{title account} : (" + " OR ".join(f'"{word}"' for word in sorted(asked.words)) + ")"
    rows = connection.execute(
        "SELECT i.name FROM ask_words w JOIN incident i ON i.no = (w.rowid & 4294967295) WHERE ask_words MATCH ?"
        " AND i.name GLOB 'eurepoc*' ORDER BY bm25(ask_words, 4.0, 1.0, 1.0, 0.0) LIMIT ?",
        (match, FIRST + 1),
    )
    return [name for (name,) in rows if name != asked.name][:FIRST]


def _withheld(one: Traits, names: frozenset[str]) -> Traits:
    empty = {field: None if field == "year" else frozenset() for field in WITHHELD}
    return msgspec.structs.replace(one, words=one.words - names, **empty)


def _names() -> frozenset[str]:
    """Stems of every name of a state, and of the adjectives that English makes of the most frequent ones."""
    adjectives = (
        "russian chinese iranian korean ukrainian american israeli indian pakistani turkish british german french"
        " syrian saudi palestinian georgian estonian japanese vietnamese taiwanese armenian azerbaijani indonesian"
        " albanian polish moscow beijing tehran pyongyang kremlin washington kyiv kiev us usa uk eu prc dprk"
    )
    named = " ".join(name for state in all_states().values() for name in (state.names["en"], *state.aliases))
    return frozenset(kept_as(f"{named} {adjectives}", "en").split()) - {"the", "and", "of", "republ", "state", "unit"}


def _dyads(coded: list[Traits]) -> dict[str, set[str]]:
    """Incidents that share a named state and a state hit, and began at most two years apart."""
    by: dict[tuple[str, str], list[Traits]] = defaultdict(list)
    for one in coded:
        states = [(a, b) for a in one.named for b in one.hit if a.startswith("state:") and b.startswith("state:")]
        for pair in states if one.year is not None else ():
            by[pair].append(one)
    found: dict[str, set[str]] = defaultdict(set)
    for members in by.values():
        for one in members:
            found[one.name] |= {m.name for m in members if m is not one and abs((m.year or 0) - (one.year or 0)) <= 2}
    return {name: others for name, others in found.items() if others}


def _conflicts(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Incidents that bear the same named conflict."""
    by: dict[str, set[str]] = defaultdict(set)
    for name, code in connection.execute(
        "SELECT i.name, w.code FROM coded c JOIN word w ON w.no = c.word AND w.facet = 'conflict'"
        " JOIN incident i ON i.no = c.incident WHERE i.gone IS NULL AND i.name GLOB 'eurepoc*'"
    ):
        by[code].add(name)
    found: dict[str, set[str]] = defaultdict(set)
    for members in by.values():
        for one in members:
            found[one] |= members - {one}
    return {name: others for name, others in found.items() if others}


def _crosswalk(connection: sqlite3.Connection, traits: list[Traits]) -> dict[str, Any]:
    """Accounts of the seven incidents: how often is another source's account among the first ten, by both ways."""
    comparing = Comparing(connection)
    asked = structured = plain = 0
    for words, years in CROSSWALK.values():
        accounts = [one for one in traits if one.words & set(words) and one.year in years]
        for one in accounts:
            others = {other.name for other in accounts if _set(other.name) != _set(one.name)}
            if others:
                asked += 1
                elsewhere = (x for x in traits if _set(x.name) != _set(one.name))
                cases = compare(one, elsewhere, usual(), comparing.words(one))
                structured += any(case.name in others for case in cases[:FIRST])
                plain += any(name in others for name in _plain_elsewhere(connection, one))
    return {"asked": asked, "structured": structured, "plain_text": plain}


def _plain_elsewhere(connection: sqlite3.Connection, asked: Traits) -> list[str]:
    match = "{title account} : (" + " OR ".join(f'"{word}"' for word in sorted(asked.words)) + ")"
    rows = connection.execute(
        "SELECT i.name FROM ask_words w JOIN incident i ON i.no = (w.rowid & 4294967295) WHERE ask_words MATCH ?"
        " AND i.name NOT GLOB ? ORDER BY bm25(ask_words, 4.0, 1.0, 1.0, 0.0) LIMIT ?",
        (match, f"{_set(asked.name)}*", FIRST),
    )
    return [name for (name,) in rows]


def _set(name: str) -> str:
    return name.partition(":")[0]


_read = msgspec.msgpack.Decoder(Traits).decode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, required=True)
    print(json.dumps(evaluate(parser.parse_args().record)))


if __name__ == "__main__":
    main()


