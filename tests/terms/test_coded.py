"""Coded values: every term comes back from its own, and whatever else arrives is refused as the sender's fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import (
    Choice,
    Coded,
    Confidence,
    Duration,
    Fault,
    Instant,
    Level,
    Likelihood,
    Marking,
    Meaning,
    Nothing,
    Precision,
    Quantity,
    Scale,
    Source,
    Stance,
    Statement,
    TermsProblem,
    Text,
    TimeUnit,
    Tlp,
    bands,
)
from parley.terms.moment import EARLIEST, LATEST
from parley.terms.quantity import EXPONENT, INT64, LONGEST_DURATION, UNITS
from parley.terms.source import Checked, SourceKind

VECTORS = Path(__file__).parents[2] / "vectors" / "terms"


class Term(Protocol):
    """What every term can do."""

    def to_coded(self) -> list[Coded]: ...

    @classmethod
    def from_coded(cls, value: object) -> Term: ...


TERMS: dict[str, type[Term]] = {
    "instant": Instant,
    "text": Text,
    "marking": Marking,
    "likelihood": Likelihood,
    "confidence": Confidence,
    "quantity": Quantity,
    "duration": Duration,
    "source": Source,
    "statement": Statement,
}

LETTERS = st.sampled_from("aé外ب7 -'\n")
PROSE = st.text(LETTERS, min_size=1, max_size=30).map(lambda text: "x" + text)
LINE = PROSE.map(lambda text: text.replace("\n", ""))
PARTIES = st.sampled_from(["KE", "NA", "XA", "O-UN"])
TEXTS = st.builds(Text, st.sampled_from(["ar", "en", "pt-BR", "und"]), PROSE)
MOMENTS = st.integers(EARLIEST, LATEST)
INSTANTS = st.builds(Instant.at, MOMENTS, st.sampled_from(Precision), st.sampled_from(Meaning))
NOTHINGS = st.sampled_from(Nothing)
WORDS = st.sampled_from([Likelihood.of(band.scale, band.word) for scale in Scale for band in bands(scale)])
RANGES = st.lists(st.integers(0, 1000), min_size=2, max_size=2).map(sorted).map(lambda pair: Likelihood(*pair))
CONFIDENCES = st.builds(Confidence, st.sampled_from(Level), TEXTS | NOTHINGS)
QUANTITIES = st.builds(
    Quantity,
    st.integers(-INT64, INT64),
    st.integers(-EXPONENT, EXPONENT),
    st.sampled_from([*UNITS, "USD", "XAF"]),
)
DURATIONS = st.builds(Duration, st.integers(0, LONGEST_DURATION), st.sampled_from(TimeUnit))
SOURCES = st.builds(
    Source,
    kind=st.sampled_from(SourceKind),
    checked=st.just(Checked.UNVERIFIED),
    title=LINE,
    reference=LINE,
    place=st.none() | LINE,
    retrieved=INSTANTS | NOTHINGS,
    licence=st.none() | LINE,
    given_by=st.none() | PARTIES,
    grade=st.none() | st.sampled_from(["A1", "F6"]),
)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}", fullmatch=True)
ALL: dict[str, st.SearchStrategy[Any]] = {
    "instant": INSTANTS,
    "text": TEXTS,
    "marking": st.builds(
        Marking.of,
        st.sampled_from(Tlp),
        st.none() | st.just("ДСП"),
        st.none() | PARTIES,
        st.lists(PARTIES).map(tuple),
    ),
    "likelihood": RANGES | WORDS,
    "confidence": CONFIDENCES,
    "quantity": QUANTITIES,
    "duration": DURATIONS,
    "source": SOURCES,
    "statement": st.builds(
        Statement,
        name=NAMES.map(lambda name: "s" + name),
        holder=PARTIES,
        kind=NAMES,
        about=NAMES,
        content=TEXTS | st.builds(Choice, NAMES, NAMES) | QUANTITIES | DURATIONS | INSTANTS | NOTHINGS,
        source=SOURCES,
        recorded_at=MOMENTS,
        since=INSTANTS | NOTHINGS,
        likelihood=WORDS | RANGES | NOTHINGS,
        confidence=CONFIDENCES | NOTHINGS,
        basis=TEXTS | NOTHINGS,
        stance=st.sampled_from(Stance),
        replaces=NAMES.map(lambda name: "r" + name),
    ),
}

ATOMS = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3) | st.floats()
JUNK = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=14) | st.dictionaries(st.integers(), inner, max_size=2)
)


def outcome(name: str, coded: object) -> Term | TermsProblem:
    """The term, or the problem; any other exception fails the test that asked."""
    try:
        return TERMS[name].from_coded(coded)
    except TermsProblem as problem:
        return problem


@given(st.data())
@pytest.mark.parametrize("name", TERMS)
def test_every_term_comes_back_from_its_coded_value(name: str, data: st.DataObject) -> None:
    term = data.draw(ALL[name])
    assert TERMS[name].from_coded(term.to_coded()) == term


@given(JUNK)
@pytest.mark.parametrize("name", TERMS)
def test_junk_is_refused_as_the_sender_s_fault_or_is_a_term_with_that_coded_value(name: str, junk: object) -> None:
    term = outcome(name, junk)
    if isinstance(term, TermsProblem):
        assert term.fault is Fault.PEER
        assert len(str(term)) < 300
    else:
        assert term.to_coded() == junk


@given(st.data())
@pytest.mark.parametrize("name", TERMS)
def test_a_term_with_one_part_exchanged_is_refused_or_is_exactly_what_was_sent(name: str, data: st.DataObject) -> None:
    coded = data.draw(ALL[name]).to_coded()
    coded[data.draw(st.integers(0, len(coded) - 1))] = data.draw(ATOMS)
    term = outcome(name, coded)
    if isinstance(term, TermsProblem):
        assert term.fault is Fault.PEER
    else:
        again = term.to_coded()
        assert again == coded
        assert [type(part) for part in again] == [type(part) for part in coded]


def _cases(file: str) -> list[Any]:
    cases = json.loads((VECTORS / file).read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", _cases("accepted.json"))
def test_a_frozen_vector_is_accepted_and_written_back_the_same(case: dict[str, Any]) -> None:
    assert TERMS[case["term"]].from_coded(case["coded"]).to_coded() == case["coded"]


@pytest.mark.parametrize("case", _cases("refused.json"))
def test_a_frozen_hostile_vector_is_refused_by_its_rule(case: dict[str, Any]) -> None:
    with pytest.raises(TermsProblem) as caught:
        TERMS[case["term"]].from_coded(case["coded"])
    assert caught.value.fault is Fault.PEER
    assert caught.value.arguments.get("rule", caught.value.key) == case["key"]


def test_a_problem_that_is_the_sender_s_already_keeps_its_own_key_however_deep_it_lies() -> None:
    with pytest.raises(TermsProblem) as caught:
        Confidence.from_coded([1, ["en", 7]])
    assert caught.value.key == "terms.coded_shape"


def test_a_number_of_a_million_digits_is_refused_in_one_short_sentence() -> None:
    with pytest.raises(TermsProblem) as caught:
        Instant.from_coded([10**1_000_000, 1, 1])
    assert len(str(caught.value)) < 200
