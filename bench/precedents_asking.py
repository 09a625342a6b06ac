"""How long an answer takes, on a record as it is and multiplied to 200,000 incidents; whether comparable cases help.

    .venv/bin/python bench/precedents_asking.py --record FILE [--quick]

Every page is the first question after a change of the record: before each, one incident is changed (and indexed, in its
own transaction, not counted), so nothing that was computed before can serve. A page is everything but drawing: reading
the question, search with the records shown, or a statistic with its table. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sqlite3
import statistics as spread
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from parley.desk.ask_precedents import search_page, statistics_page
from parley.outside.store.precedents import PrecedentStore
from parley.outside.store.precedents_asking import Asking
from parley.outside.store.precedents_index import FACTS, on_change
from parley.precedents.question import Question
from parley.precedents.report import Report
from parley.precedents.statistics import NAMES
from parley.terms.text import Text

WANTED = 200_000
ROUNDS = 3
NOW = 1_795_000_000_000
QUESTIONS = [
    Question(),
    Question(words="attack"),
    Question(words="ransomware hospital"),
    Question(words="программа-вымогатель больница"),
    Question(words="网络攻击 电网"),
    Question(words="قرصنة حكومة"),
    Question(words="espionnage gouvernement"),
    Question(words="NotPetya"),
    Question(words='"power grid" -ukraine'),
    Question(who=("RU",), whom=("UA",)),
    Question(sector=("government",), since="2015", until="2020"),
    Question(words="hackers website", method=("defacement",)),
    Question(attributed_by=("US",)),
    Question(words="zzzyx"),
]


def pages(asking: Asking) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every page that is timed, by name."""
    for number, question in enumerate(QUESTIONS):
        yield f"search {number}: {question.words or ' '.join(name for name, _ in question.filters()) or 'all'}", (
            lambda question=question: search_page(asking, question, limit=25, offset=0)
        )
    narrow = Question(sector=("government",))
    for name in NAMES:
        yield f"statistics {name}", lambda name=name: statistics_page(asking, name, Question())
        yield f"statistics {name} of a sector", lambda name=name: statistics_page(asking, name, narrow)


def changed(store: PrecedentStore, rng: random.Random, numbers: list[int]) -> None:
    """Change the title of one incident, in a transaction of its own, as an edit would."""
    (incident,) = store.by_number([rng.choice(numbers)])
    title = Text(incident.title.language, f"{incident.title.text[:60]} {rng.randrange(10**6)}")
    data_set = next(one for one in store.data_sets() if one.key == incident.data_set)
    renewed = msgspec.structs.replace(incident, title=title)
    store.fill(data_set, [renewed], [], Report(data_set=data_set.key), whole=False, at=NOW)


def timed(place: Path, seed: int) -> dict[str, list[float]]:
    """Milliseconds of each page, `ROUNDS` times, each the first after a change."""
    store, rng = PrecedentStore(place, [on_change]), random.Random(seed)
    asking = Asking(store)
    numbers = [no for (no,) in store.connection.execute("SELECT no FROM incident WHERE gone IS NULL")]
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, page in pages(asking):
            changed(store, rng, numbers)
            begun = time.perf_counter()
            page()
            found.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
    store.close()
    return found


def p95(found: dict[str, list[float]]) -> float:
    """95th percentile over all pages, the best of the rounds."""
    rounds = [sorted(times[at] for times in found.values()) for at in range(ROUNDS)]
    return round(min(one[max(0, -(-len(one) * 95 // 100) - 1)] for one in rounds), 1)


SHIFTED = {  # which columns of which table are numbers of incidents (i) or statements (s), places (i), or names (n)
    "incident": {"no": "i", "name": "n"},
    "dated": {"incident": "i"}, "receiver": {"incident": "i"}, "coded": {"incident": "i"},
    "statement": {"no": "s", "name": "n"},
    "about": {"statement": "s", "incident": "i", "incident_name": "n"},
    "named": {"statement": "s"}, "joined": {"statement": "s"}, "law_named": {"statement": "s"},
    "said": {"statement": "s"},
    "ask_place": {"incident": "i", "place": "i"}, "ask_about": {"incident": "i", "statement": "s"},
    "ask_traits": {"incident": "i"}, "ask_words": {"rowid": "i"},
    **{name: {"incident": "i"} for name in FACTS},
}  # fmt: skip


def multiplied(source: Path, place: Path, wanted: int) -> None:
    """The same record and its index, copied under other names and numbers until it has `wanted` incidents.

    The low half of a place is the incident's number, so a copy's place is the place plus the same distance.
    """
    with contextlib.closing(sqlite3.connect(source)) as read, contextlib.closing(sqlite3.connect(place)) as made:
        read.backup(made)
        made.execute("PRAGMA synchronous = OFF")
        made.execute("PRAGMA foreign_keys = OFF")
        (held,) = made.execute("SELECT count(*) FROM incident").fetchone()
        last = {sort: made.execute(f"SELECT max(no) FROM {table}").fetchone()[0] for sort, table in TABLES.items()}
        copies = -(-wanted // held)
        for copy in range(1, copies):
            for table, shifted in SHIFTED.items():
                _copy(made, table, shifted, copy, last)
        made.execute("UPDATE ask_stem SET incidents = incidents * ?", (copies,))
        made.commit()
        made.execute("INSERT INTO ask_words (ask_words) VALUES ('optimize')")
        made.commit()


TABLES = {"i": "incident", "s": "statement"}


def _copy(made: sqlite3.Connection, table: str, shifted: dict[str, str], copy: int, last: dict[str, int]) -> None:
    """Rows of the original again: numbers moved on by `copy` times as many as there are, names marked."""
    columns = [row[1] for row in made.execute(f"PRAGMA table_info({table})")]
    columns += ["rowid"] if "rowid" in shifted else []
    as_copied = [_copied(column, shifted.get(column, ""), copy, last) for column in columns]
    first = next(column for column, sort in shifted.items() if sort in last)
    low = f"({first} & 4294967295)" if table == "ask_words" else first
    where = f"{low} <= {last[shifted[first]]}"
    made.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(as_copied)} FROM {table} WHERE {where}")


def _copied(column: str, sort: str, copy: int, last: dict[str, int]) -> str:
    if sort == "n":
        return f"{column} || '/{copy}'"
    return f"{column} + {copy * last[sort]}" if sort else column


def measure(place: Path, *, wanted: int = WANTED) -> dict[str, Any]:
    """The bars of asking, on the record at `place` (which is copied first) and on it multiplied."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "record.sqlite", Path(folder) / "large.sqlite"
        sqlite3.connect(place).backup(sqlite3.connect(small))
        found = timed(small, 1)
        result: dict[str, Any] = {"page_p95_ms": p95(found), "page_median_ms": _median(found), "pages": len(found)}
        result["slowest_page"] = max(found, key=lambda name: min(found[name]))
        result["comparable"] = _comparable(small)
        if wanted:
            multiplied(small, large, wanted)
            found = timed(large, 2)
            result |= {"page_p95_ms_200k": p95(found), "page_median_ms_200k": _median(found), "incidents_200k": wanted}
            result["slowest_page_200k"] = max(found, key=lambda name: min(found[name]))
            result["pages_200k_ms"] = {name: round(min(times), 1) for name, times in found.items()}
        return result


def _median(found: dict[str, list[float]]) -> float:
    return round(spread.median(min(times) for times in found.values()), 1)


def _comparable(place: Path) -> dict[str, Any]:
    from precedents_comparable import evaluate  # beside this file

    return evaluate(place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="Leave out the 200,000 incidents.")
    given = parser.parse_args()
    print(json.dumps(measure(given.record, wanted=0 if given.quick else WANTED)))


if __name__ == "__main__":
    main()

