"""Candidates have reasons, and nothing is joined without a person."""

from __future__ import annotations

import pytest

from parley.outside.sources.shipped import stock
from parley.outside.store.precedents import PrecedentStore
from parley.precedents import (
    Actor,
    DataSet,
    Dated,
    Incident,
    Kind,
    Named,
    PassOn,
    PrecedentProblem,
    Report,
    Sort,
    Statement,
    Tie,
    Verdict,
)
from parley.precedents.matching import Comparing, sketches
from parley.terms import Meaning, Text, parse_iso

A, B = Actor(Sort.STATE, "XA", "Almara"), Actor(Sort.STATE, "XB", "Beltova")


def account(data_set: str, number: int, title: str, day: str, hit: Actor = A) -> Incident:
    """One source's account."""
    return Incident(
        name=f"{data_set}:{number}",
        data_set=data_set,
        place="row",
        title=Text("en", title),
        dates=(Dated(parse_iso(day, Meaning.BEGAN), day),),
        receivers=(hit,),
    )


def author(incident: Incident, actor: Actor = B) -> Statement:
    """The coders' verdict on it."""
    return Statement(
        name=f"{incident.name}/coded",
        kind=Kind.ATTRIBUTION,
        data_set=incident.data_set,
        place="row",
        holder=actor,
        about=(incident.name,),
        names=(Named(actor, Tie.STATE),),
    )


def comparing(*incidents: Incident) -> Comparing:
    """All of them, each with the same author."""
    return Comparing(sketches(incidents, [author(one) for one in incidents]))


def test_a_rare_word_makes_a_candidate_whatever_the_date() -> None:
    """One event is dated by intrusion here and by disclosure there, years apart."""
    one, two = account("one", 1, "Operation Nutcracker", "2007-01"), account("two", 1, "Nutcracker found", "2010-07-22")
    (found,) = comparing(one, two).candidates("one:1")
    assert found.name == "two:1"
    assert "both titles have the word “nutcra…”" in found.reasons
    assert not any("days apart" in reason for reason in found.reasons)


def test_author_and_state_hit_make_one_only_at_about_the_time() -> None:
    near, far = account("two", 1, "First", "2017-07-01"), account("two", 2, "Second", "2019-07-01")
    found = comparing(account("one", 1, "Third", "2017-06-27"), near, far).candidates("one:1")
    assert [one.name for one in found] == ["two:1"]
    assert found[0].reasons == ("both name XB as author", "both say that XA was hit", "dates 4 days apart")


def test_accounts_of_one_source_are_never_candidates_of_each_other() -> None:
    one = comparing(account("one", 1, "Nutcracker", "2017-06"), account("one", 2, "Nutcracker", "2017-06"))
    assert one.candidates("one:1") == []


def test_a_common_word_is_no_reason() -> None:
    """Control: with thirteen accounts that have it, the word tells nothing."""
    many = [account("two", n, "Nutcracker", f"20{n + 10}") for n in range(13)]
    assert comparing(account("one", 1, "Nutcracker", "1999"), *many).candidates("one:1") == []


def test_a_candidate_has_no_score() -> None:
    (found,) = comparing(account("one", 1, "Nutcracker", "2017"), account("two", 1, "Nutcracker", "2017")).candidates(
        "one:1"
    )
    assert set(found.__struct_fields__) == {"name", "title", "reasons"}


def _store(*incidents: Incident) -> PrecedentStore:
    store = PrecedentStore(":memory:")
    for key in dict.fromkeys(one.data_set for one in incidents):
        data_set = DataSet(
            key=key, title=key, publisher=key, version="1", reference="r", licence="l", pass_on=PassOn.FREELY
        )
        mine = [one for one in incidents if one.data_set == key]
        store.fill(data_set, mine, [author(one) for one in mine], Report(data_set=key), whole=True, at=1)
    return store


def test_a_decision_joins_and_both_keep_their_statements() -> None:
    store = _store(*(account(key, 1, "Nutcracker", "2017") for key in ("one", "two", "three")))
    assert store.same("one:1") == ("one:1",)
    store.decide("two:1", "one:1", Verdict.SAME, by="amal", at=2, reasons=["both titles"])
    store.decide("two:1", "three:1", Verdict.DIFFERENT, by="amal", at=3, reasons=[])
    assert set(store.same("one:1")) == {"one:1", "two:1"}
    assert {one.name for one in store.about(store.same("one:1"))} == {"one:1/coded", "two:1/coded"}
    (first, second) = sorted(store.decisions())
    assert (first.verdict, first.decided_by, first.reasons) == (Verdict.SAME, "amal", ("both titles",))
    assert second.verdict is Verdict.DIFFERENT


def test_a_later_decision_takes_the_place_of_the_earlier() -> None:
    store = _store(account("one", 1, "A", "2017"), account("two", 1, "B", "2017"))
    store.decide("one:1", "two:1", Verdict.SAME, by="amal", at=2, reasons=[])
    store.decide("two:1", "one:1", Verdict.PART, by="bo", at=3, reasons=[])
    assert store.same("one:1") == ("one:1",)
    assert [one.decided_by for one in store.decisions()] == ["bo"]


def test_nothing_is_joined_with_itself_or_with_what_is_not_here() -> None:
    store = _store(account("one", 1, "A", "2017"))
    with pytest.raises(PrecedentProblem):
        store.decide("one:1", "one:1", Verdict.SAME, by="amal", at=2, reasons=[])
    with pytest.raises(PrecedentProblem):
        store.decide("one:1", "two:9", Verdict.SAME, by="amal", at=2, reasons=[])


def test_filling_a_shelf_joins_nothing() -> None:
    store = PrecedentStore(":memory:")
    stock(store, 1)
    assert store.decisions() == ()
