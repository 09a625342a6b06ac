"""Searching: words in six languages, filters, and what is said of what was looked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small_record as small

from parley.outside.store.precedents import PrecedentStore
from parley.outside.store.precedents_index import VERSION, prepare
from parley.outside.store.precedents_search import Search
from parley.precedents import PrecedentProblem, Report
from parley.precedents.question import Question
from parley.terms.text import Text


@pytest.fixture(scope="module")
def store() -> Iterator[PrecedentStore]:
    found = small.filled()
    yield found
    found.close()


def titles(store: PrecedentStore, **asked: object) -> list[str]:
    hits = Search(store.connection).search(msgspec.convert(asked, Question), limit=20)
    assert hits.total == len(hits.numbers)
    return [one.title.text for one in store.by_number(hits.numbers)]


GREY, PALE, RED, OWL, TIDE, ICE, AGAIN = (one.title.text for one in small.INCIDENTS)
FOUND = [  # asked, found
    ("a word of the account", {"words": "wiper"}, {PALE}),
    ("another form of a word", {"words": "hospital ransoms"}, {AGAIN}),
    ("a French word finds the code of an English row", {"words": "rançongiciel"}, {GREY, TIDE, AGAIN}),
    ("a Russian word", {"words": "вымогатель больница"}, {GREY, TIDE}),
    ("a Chinese run without blanks", {"words": "医院勒索软件"}, {GREY, TIDE}),
    ("an Arabic word with its article", {"words": "الصحة"}, {GREY, TIDE}),
    ("a Spanish phrase of three words", {"words": "secuestro de datos"}, {GREY, TIDE, AGAIN}),
    ("a word of a statement", {"words": "condemned"}, {GREY}),
    ("the name of somebody who spoke", {"words": "vigil"}, {GREY}),
    ("a sequence", {"words": '"power grid"'}, {PALE, ICE}),
    ("a sequence the other way round", {"words": '"grid power"'}, set()),
    ("a beginning", {"words": "prob*"}, {ICE}),
    ("without a word", {"words": "power -wiper"}, {ICE}),
    ("only without a word", {"words": "-power"}, {GREY, RED, OWL, TIDE, AGAIN}),
    ("whom", {"whom": ["XC"]}, {PALE, RED}),
    ("whom, one of two", {"whom": ["XC", "XD"]}, {PALE, RED, OWL, TIDE}),
    ("who", {"who": ["XF"]}, {GREY, RED, OWL}),
    ("who and whom", {"who": ["XE"], "whom": ["XC"]}, {PALE}),
    ("attributed by a state", {"attributed_by": ["XC"]}, {GREY, RED, OWL}),
    ("attributed by a company", {"attributed_by": ["vigil"]}, {GREY}),
    ("contested is not attributed", {"attributed_by": ["XD"]}, set()),
    ("response", {"response": ["expulsion"]}, {GREY}),
    ("a kind of statement as response", {"response": ["denial"]}, {GREY}),
    ("law", {"law": ["norm/13f"]}, {GREY}),
    ("sector and method", {"sector": ["health"], "method": ["ransomware"]}, {GREY, TIDE}),
    ("layer", {"layer": ["data"]}, {GREY}),
    ("severity from a number on", {"severity": "scale/4"}, {GREY, PALE}),
    ("from a day on", {"since": "2021-05-05"}, {OWL, TIDE}),
    ("a year counts as its first day", {"since": "2021", "until": "2021"}, {RED, OWL}),
    ("until a month", {"until": "2020-03", "whom": ["XB"]}, {GREY, AGAIN, ICE}),
    ("a data set", {"data_set": ["made-up-2"]}, {AGAIN}),
    ("everything", {}, {GREY, PALE, RED, OWL, TIDE, ICE, AGAIN}),
]


@pytest.mark.parametrize(("asked", "found"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_what_is_found(store: PrecedentStore, asked: dict[str, object], found: set[str]) -> None:
    assert set(titles(store, **asked)) == found


def test_the_title_counts_more_than_the_account(store: PrecedentStore) -> None:
    assert titles(store, words="grey tide")[0] in (GREY, AGAIN)


def test_newest_first_where_nothing_is_asked_by_words(store: PrecedentStore) -> None:
    assert titles(store)[0] == TIDE
    assert titles(store)[-1] == ICE  # undated


def test_what_was_looked_for_is_told(store: PrecedentStore) -> None:
    (term,) = Search(store.connection).search(Question(words="больница"), limit=5).looked_for
    assert (term.given, term.codes) == ("больница", ("sector:health",))


def test_a_slip_of_the_pen_finds_nothing_and_is_told_what_looks_alike(store: PrecedentStore) -> None:
    hits = Search(store.connection).search(Question(words="hospitels"), limit=5)
    assert (hits.total, "hospit" in hits.instead) == (0, True)


@pytest.mark.parametrize(
    ("asked", "possible"),
    [({"sector": ("space",)}, "election"), ({"severity": "dcid/3"}, "scale/2"), ({"data_set": ("x",)}, "made-up-1")],
)
def test_a_filter_that_nothing_bears_says_what_there_is(
    store: PrecedentStore, asked: dict[str, object], possible: str
) -> None:
    with pytest.raises(PrecedentProblem) as problem:
        Search(store.connection).search(msgspec.convert(asked, Question), limit=5)
    assert possible in problem.value.what + problem.value.do


@pytest.mark.parametrize(
    "words", ['"', "*", "-", 'a" OR codes : t1', "NEAR(a b)", "title : x", "\x00", "^", "()", "AND"]
)
def test_signs_of_the_full_text_language_are_words_or_nothing(store: PrecedentStore, words: str) -> None:
    Search(store.connection).search(Question(words=words), limit=5)


def test_the_answer_after_a_change_is_of_the_changed_record() -> None:
    store = small.filled()
    changed = msgspec.structs.replace(small.INCIDENTS[0], title=Text("en", "Renamed whale"))
    store.fill(small.SET, [changed], [], Report(data_set=small.SET.key), whole=False, at=small.NOW)
    assert titles(store, words="whale") == ["Renamed whale"]
    assert GREY not in titles(store, words="tide")
    store.fill(small.OTHER, [], [], Report(data_set=small.OTHER.key), whole=True, at=small.NOW)
    assert AGAIN not in titles(store)


def test_a_statement_that_turns_to_another_incident_leaves_the_first() -> None:
    store = small.filled()
    moved = msgspec.structs.replace(small.STATEMENTS[4], about=(small.FIVE,))
    store.fill(small.SET, [], [moved], Report(data_set=small.SET.key), whole=False, at=small.NOW)
    assert titles(store, response=["expulsion"]) == [TIDE]


def test_an_index_of_another_version_is_made_anew() -> None:
    store = small.filled()
    before = store.connection.execute("SELECT rowid, * FROM ask_words ORDER BY rowid").fetchall()
    store.connection.execute("UPDATE ask_version SET version = ?", (VERSION + 1,))
    assert prepare(store.connection)
    assert store.connection.execute("SELECT rowid, * FROM ask_words ORDER BY rowid").fetchall() == before
