"""A record that cannot be one cannot be built; what is built survives being kept."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.precedents import (
    Actor,
    Ballot,
    Basis,
    Coding,
    DataSet,
    Dated,
    Facet,
    Incident,
    Kind,
    LawNamed,
    Named,
    PassOn,
    PrecedentProblem,
    Sort,
    Statement,
    Tie,
    cite,
)
from parley.terms import Checked, Confidence, Level, Meaning, Nothing, Source, SourceKind, Text, parse_iso

ALMARA = Actor(Sort.STATE, "XA", "Almara")
OWN = DataSet(
    key="own",
    title="Own",
    publisher="a desk",
    version="1",
    reference="here",
    licence="own",
    pass_on=PassOn.NO,
)


def statement(**other: Any) -> Statement:
    """An attribution that stands."""
    fields: dict[str, Any] = {
        "name": "own:1/a",
        "kind": Kind.ATTRIBUTION,
        "data_set": "own",
        "place": "row 1",
        "holder": ALMARA,
        "about": ("own:1",),
    }
    return Statement(**(fields | other))


BAD = {
    "a name with blanks": {"name": "own 1"},
    "an incident named in no form": {"about": ("own: 1",)},
    "a vote without a ballot": {"kind": Kind.VOTE},
    "a ballot without a vote": {"ballot": Ballot.YES},
    "a verb that does not stand in the words": {"words": Text("en", "We condemn it."), "verb": "attribute"},
    "a confidence that does not stand in the words": {"words": Text("en", "We say."), "confidence_word": "likely"},
    "verified without a source that was opened": {"checked": Checked.VERIFIED},
    "a digest that is none": {"capture": "abc"},
}


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_a_statement_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(PrecedentProblem):
        statement(**fields)


def test_the_statement_that_the_bad_ones_vary_stands() -> None:
    """Control: without the fault, it is built."""
    assert statement().name == "own:1/a"


@pytest.mark.parametrize(
    ("sort", "code"),
    [
        (Sort.STATE, "Almara"),
        (Sort.STATE, "ZZ"),
        (Sort.ORGANISATION, "NATO"),
        (Sort.REGION, "ASIA"),
        (Sort.COMPANY, ""),
        (Sort.GROUP, "a:b"),
    ],
)
def test_an_actor_is_what_its_code_says(sort: Sort, code: str) -> None:
    """A region is not a state, an organisation has its mark, and a key can be read back."""
    with pytest.raises(PrecedentProblem):
        Actor(sort, code, "name")


def test_a_record_says_its_source_even_where_it_has_no_document() -> None:
    """Licence and place of the data set stand in for it; nobody opened it, so it is unverified."""
    source = cite(statement(), OWN)
    assert (source.checked, source.licence, source.place) == (Checked.UNVERIFIED, "own", "row 1")


def test_a_document_of_its_own_wins() -> None:
    document = Source(
        kind=SourceKind.DOCUMENT,
        checked=Checked.VERIFIED,
        title="A declaration",
        reference="https://example.org",
        place="paragraph 1",
        retrieved=parse_iso("2026-11-28", Meaning.RETRIEVED),
    )
    assert cite(statement(source=document, checked=Checked.VERIFIED), OWN) is document


NOTHINGS = st.sampled_from(list(Nothing))
DATES = st.sampled_from(["2017", "2017-06", "2017-06-27", "2017-06-27T10:30Z"])
STATEMENTS = st.builds(
    statement,
    holder=st.one_of(NOTHINGS, st.just(ALMARA)),
    names=st.one_of(NOTHINGS, st.lists(st.builds(Named, st.just(ALMARA), st.sampled_from(list(Tie)))).map(tuple)),
    on=st.one_of(NOTHINGS, DATES.map(lambda day: Dated(parse_iso(day, Meaning.ATTRIBUTED), day))),
    basis=st.one_of(NOTHINGS, st.sampled_from(list(Basis))),
    confidence=st.one_of(NOTHINGS, st.sampled_from(list(Level)).map(lambda one: Confidence(one, Nothing.NOT_CODED))),
    law=st.one_of(NOTHINGS, st.lists(st.builds(LawNamed, st.just("norm/13c"))).map(tuple)),
    words=st.one_of(NOTHINGS, st.just(Text("ar", "ندين"))),
)


@given(STATEMENTS)
def test_a_statement_comes_back_as_it_was_kept(one: Statement) -> None:
    """The five kinds of nothing stay five."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Statement) == one


def test_an_incident_comes_back_as_it_was_kept() -> None:
    one = Incident(
        name="own:1",
        data_set="own",
        place="row 1",
        title=Text("en", "A test"),
        dates=(Dated(parse_iso("2017", Meaning.BEGAN), "2017-01-01"),),
        receivers=(ALMARA,),
        codings=(Coding(Facet.SEVERITY, "test/3", "3", 3.0),),
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Incident) == one


def test_no_field_anywhere_is_the_truth() -> None:
    """Statements contradict each other and stay: there is nowhere to write which one is right."""
    fields = {name for kind in (Incident, Statement) for name in kind.__struct_fields__}
    assert not fields & {"truth", "true", "verdict", "attributed_to", "confirmed"}
