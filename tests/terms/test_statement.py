"""Sources that somebody opened, statements side by side, and what their holders did with them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import (
    Checked,
    Choice,
    Fate,
    Instant,
    Likelihood,
    Meaning,
    Nothing,
    PartyProblem,
    Precision,
    Scale,
    Source,
    SourceKind,
    Stance,
    Statement,
    TermsProblem,
    fates,
    parse_iso,
)

READ_ON = parse_iso("2026-11-20", Meaning.RETRIEVED)


def source(**changes: object) -> Source:
    fields: dict[str, object] = {
        "kind": SourceKind.DOCUMENT,
        "checked": Checked.VERIFIED,
        "title": "Report on an exercise",
        "reference": "X/2026/1",
        "place": "para. 7",
        "retrieved": READ_ON,
    }
    return Source(**(fields | changes))  # type: ignore[arg-type]


def statement(name: str, **changes: object) -> Statement:
    fields: dict[str, object] = {
        "name": name,
        "holder": "XA",
        "kind": "attribution",
        "about": "case-1",
        "content": Choice("states", "XB"),
        "source": source(),
        "recorded_at": 0,
    }
    return Statement(**(fields | changes))  # type: ignore[arg-type]


BAD_SOURCES = {
    "verified without a place": ({"place": None}, "terms.not_verified"),
    "verified without a day": ({"retrieved": Nothing.NOT_CODED}, "terms.not_verified"),
    "verified in a month": ({"retrieved": parse_iso("2026-11", Meaning.RETRIEVED)}, "terms.not_verified"),
    "verified in a year": ({"retrieved": parse_iso("2026", Meaning.RETRIEVED)}, "terms.not_verified"),
    "an empty title": ({"title": "  "}, "terms.source_field"),
    "a title of two lines": ({"title": "Report\nverified"}, "terms.source_field"),
    "a reference that turns around": ({"reference": "X/\u202e1"}, "terms.source_field"),
    "a grade off the scale": ({"grade": "G7"}, "terms.source_field"),
    "a grade with a tail": ({"grade": "B2\n"}, "terms.source_field"),
}


@pytest.mark.parametrize(("changes", "key"), BAD_SOURCES.values(), ids=BAD_SOURCES)
def test_a_source_that_claims_more_than_was_done_cannot_be_built(changes: dict[str, object], key: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        source(**changes)
    assert caught.value.key == key


def test_an_unverified_source_needs_only_to_name_the_document_to_check() -> None:
    named = source(checked=Checked.UNVERIFIED, place=None, retrieved=Nothing.NOT_CODED)
    assert Source.from_coded(named.to_coded()) == named


def test_a_source_given_by_a_partner_names_the_partner() -> None:
    assert source(given_by="XC").given_by == "XC"
    with pytest.raises(PartyProblem):
        source(given_by="a friend")


BAD_STATEMENTS = {
    "a name with a blank": {"name": "s 1"},
    "an empty name": {"name": ""},
    "a name in look-alike letters": {"name": "сase"},
    "a kind that is prose": {"kind": "We think that"},
    "about nothing": {"about": ""},
    "replacing itself": {"replaces": "s1"},
    "withdrawing nothing": {"stance": Stance.WITHDRAWS},
    "a code with a line break": {"content": Choice("states", "XB\n")},
    "recorded beyond the calendar": {"recorded_at": 10**18},
}


@pytest.mark.parametrize("changes", BAD_STATEMENTS.values(), ids=BAD_STATEMENTS)
def test_a_statement_with_a_field_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TermsProblem) as caught:
        statement(**({"name": "s1"} | changes))  # type: ignore[arg-type]
    assert caught.value.key == "terms.statement_field"


def test_statements_that_contradict_each_other_stay_side_by_side() -> None:
    accusation = statement("s1", likelihood=Likelihood.of(Scale.ICD_203, 6))
    denial = statement("s2", holder="XB", kind="denial", about="s1", content=Nothing.NONE)
    assert fates([accusation, denial]) == {"s1": Fate.HELD, "s2": Fate.HELD}


FATES: dict[str, tuple[list[Statement], dict[str, Fate]]] = {
    "nothing held": ([], {}),
    "replaced": (
        [statement("s1"), statement("s2", replaces="s1")],
        {"s1": Fate.REPLACED, "s2": Fate.HELD},
    ),
    "withdrawn": (
        [statement("s1"), statement("s2", replaces="s1", stance=Stance.WITHDRAWS)],
        {"s1": Fate.WITHDRAWN, "s2": Fate.WITHDRAWN},
    ),
    "replaced, and the replacement withdrawn: the first does not come back": (
        [
            statement("s1"),
            statement("s2", replaces="s1"),
            statement("s3", replaces="s2", stance=Stance.WITHDRAWS),
        ],
        {"s1": Fate.REPLACED, "s2": Fate.WITHDRAWN, "s3": Fate.WITHDRAWN},
    ),
    "replaced and withdrawn at once counts as withdrawn": (
        [
            statement("s1"),
            statement("s2", replaces="s1"),
            statement("s3", replaces="s1", stance=Stance.WITHDRAWS),
        ],
        {"s1": Fate.WITHDRAWN, "s2": Fate.HELD, "s3": Fate.WITHDRAWN},
    ),
}


@pytest.mark.parametrize(("kept", "expected"), FATES.values(), ids=FATES)
def test_the_fate_of_a_statement_follows_from_what_its_holder_said_in_any_order(
    kept: list[Statement], expected: dict[str, Fate]
) -> None:
    for order in itertools.permutations(kept):
        assert fates([*order, *order]) == expected


def test_nobody_withdraws_or_replaces_what_another_holds() -> None:
    for stance in Stance:
        with pytest.raises(TermsProblem) as caught:
            fates([statement("s1"), statement("s2", holder="XB", replaces="s1", stance=stance)])
        assert caught.value.key == "terms.not_its_holder"


def test_replacing_what_is_not_here_is_refused() -> None:
    with pytest.raises(TermsProblem) as caught:
        fates([statement("s2", replaces="s1")])
    assert caught.value.key == "terms.unknown_statement"


def test_one_name_with_two_contents_is_refused_not_overwritten() -> None:
    with pytest.raises(TermsProblem) as caught:
        fates([statement("s1"), statement("s1", content=Choice("states", "XC"))])
    assert caught.value.key == "terms.two_statements"


def test_there_is_no_field_for_the_truth() -> None:
    assert not {"true", "truth", "fact", "confirmed", "score"} & set(Statement.__struct_fields__)


@given(st.sampled_from(Nothing))
def test_each_kind_of_nothing_stays_the_kind_it_was(nothing: Nothing) -> None:
    held = statement("s1", content=nothing, since=nothing, likelihood=nothing, confidence=nothing, basis=nothing)
    assert Statement.from_coded(held.to_coded()) == held


def test_a_date_of_which_only_the_year_is_known_survives_in_a_statement() -> None:
    held = statement("s1", since=Instant.at(0, Precision.YEAR, Meaning.BEGAN))
    back = Statement.from_coded(held.to_coded()).since
    assert isinstance(back, Instant)
    assert back.precision is Precision.YEAR
