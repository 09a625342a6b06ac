"""Statistics over the small record, counted by hand first; and that each says what it does not know."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small_record as small

from parley.outside.store.precedents import PrecedentStore
from parley.outside.store.precedents_counts import Counts
from parley.precedents import Ballot, Report
from parley.precedents.alignment import alignment, totals
from parley.precedents.question import Question
from parley.precedents.statistics import NAMES, Statistic, statistic

SET, OTHER = small.SET.key, small.OTHER.key


@pytest.fixture(scope="module")
def store() -> Iterator[PrecedentStore]:
    found = small.filled()
    yield found
    found.close()


def asked(store: PrecedentStore, name: str, data: bool = False, **question: object) -> Statistic:
    return statistic(name, Counts(store.connection), Question(**question), data=data)  # type: ignore[arg-type]


def test_waits_are_counted_from_days_alone(store: PrecedentStore) -> None:
    """By hand: Grey Tide 20 days, Slow Owl 30; La marée goes on for 698 days until 2024-01-01. Three are counted."""
    found = asked(store, "attribution-wait")
    assert [row[:5] for row in found.rows if row[0] == SET] == [
        (SET, 20, 3, 1, 0),
        (SET, 30, 2, 1, 0),
        (SET, 698, 1, 0, 1),
    ]
    assert [row[5] for row in found.rows if row[0] == SET] == [667, 333, 333]
    assert found.n == {SET: 6, OTHER: 1}


def test_what_gives_no_lag_is_counted_with_its_reason(store: PrecedentStore) -> None:
    """Red Lamp: the year of the event only. Pale Wind: the year of the answer only. Thin Ice: no date."""
    missing = {(one.data_set, one.why.split(":")[0]): one.count for one in asked(store, "attribution-wait").missing}
    assert missing == {
        (SET, "only the year or month of the event is known (placeholder dates)"): 1,
        (SET, "only the year or month of the answer is known (placeholder dates)"): 1,
        (SET, "no date of the event itself, or only of its discovery or disclosure"): 1,
        (OTHER, "occurs nowhere in this data set"): 1,  # it codes no attribution: that is not "never attributed"
    }


def test_a_company_and_a_coder_attribute_nothing_for_a_state(store: PrecedentStore) -> None:
    by = {row[1] for row in asked(store, "attributions").rows}
    assert by == {"XB", "XC"}


def test_base_rates_count_an_incident_once_and_only_what_a_data_set_codes(store: PrecedentStore) -> None:
    rows = {row[1]: row[2:4] for row in asked(store, "base-rates").rows}
    assert rows == {
        "attribution": (4, 6), "denial": (1, 6), "response": (1, 6), "response/expulsion": (1, 6),
        "sanction": (1, 6), "sanction/sanction": (1, 6),
    }  # fmt: skip
    not_coded = {one.data_set for one in asked(store, "base-rates").missing if "not coded" in one.why}
    assert not_coded == {OTHER}


def test_too_few_give_no_percentage(store: PrecedentStore) -> None:
    assert {row[4] for row in asked(store, "base-rates").rows} == {None}


def test_who_attributes_to_whom_keeps_the_tie(store: PrecedentStore) -> None:
    assert set(asked(store, "attributions").rows) == {
        (SET, "XB", "XE", "state", 2), (SET, "XC", "XE", "state", 1), (SET, "XC", "XF", "affiliated", 2),
    }  # fmt: skip


def test_who_joins_whom_in_the_order_of_days(store: PrecedentStore) -> None:
    assert asked(store, "joins").rows == ((SET, "XB", "XC", 1, 0, 10, 0),)


def test_dyads_keep_the_year_of_a_placeholder(store: PrecedentStore) -> None:
    """Red Lamp's 2021 is a year, which is all that a dyad needs."""
    rows = asked(store, "dyads").rows
    assert (SET, "XF", "XC", 2021, 1) in rows
    assert (SET, "XE", "XB", 2020, 2) in rows


def test_a_question_narrows_a_statistic(store: PrecedentStore) -> None:
    found = asked(store, "attribution-wait", whom=("XB",))
    assert (found.n, [row[1] for row in found.rows]) == ({SET: 3, OTHER: 1}, [20])


@pytest.mark.parametrize("name", NAMES)
def test_each_statistic_says_n_dates_query_and_gives_its_data(store: PrecedentStore, name: str) -> None:
    found = asked(store, name, data=True)
    assert found.placeholders
    assert found.sql.startswith("SELECT")
    assert found.notes
    assert all(len(row) == len(found.columns) for row in found.rows)
    assert all(len(row) == len(found.data_columns) for row in found.data)


@pytest.mark.parametrize("name", [one for one in NAMES if one not in ("votes", "joins")])
def test_the_data_given_add_up_to_the_table(store: PrecedentStore, name: str) -> None:
    """Control: as many facts as the table counts."""
    found = asked(store, name, data=True)
    if name.endswith("wait"):
        assert len(found.data) == sum(row[3] + row[4] for row in found.rows) + sum(m.count for m in found.missing)
    else:
        place = {"base-rates": 2, "hits": 2}.get(name, len(found.columns) - 1)
        assert len(found.data) == sum(row[place] for row in found.rows)


BALLOTS = [  # two roll calls; XC is absent in the second, XD has no row in it
    ("R1", "XA", Ballot.YES), ("R1", "XB", Ballot.YES), ("R1", "XC", Ballot.ABSTAIN), ("R1", "XD", Ballot.NO),
    ("R2", "XA", Ballot.YES), ("R2", "XB", Ballot.NO), ("R2", "XC", Ballot.ABSENT),
]  # fmt: skip


def test_absence_is_no_abstention_and_no_row_is_no_absence() -> None:
    # with, both voted, same, one abstained, opposed, absent or no row
    short = {row[1]: (*row[2:4], *row[7:]) for row in alignment(BALLOTS, "XA")}
    assert short == {"XB": (2, 1, 0, 1, 0), "XC": (1, 0, 1, 0, 1), "XD": (1, 0, 0, 1, 1)}
    assert list(totals(BALLOTS)) == [("R1", 2, 1, 1, 0, 0), ("R2", 1, 1, 0, 1, 1)]


def test_an_absentee_is_aligned_with_nobody() -> None:
    rows = list(alignment([("R1", "XA", Ballot.ABSENT), ("R1", "XB", Ballot.ABSENT)], "XA"))
    assert [row[2:5] for row in rows] == [(0, 0, None)]


def test_votes_come_out_of_the_record() -> None:
    store = small.filled()
    ballots = [small.ballot(*one) for one in BALLOTS]
    store.fill(small.SET, [], ballots, Report(data_set=SET), whole=False, at=small.NOW)
    assert asked(store, "votes").rows == ((SET, "R1", 2, 1, 1, 0, 0), (SET, "R2", 1, 1, 0, 1, 1))
    assert asked(store, "votes", who=("XA",)).rows[0][:5] == (SET, "XA", "XB", 2, 1)
