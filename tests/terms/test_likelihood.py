"""Likelihood and confidence: two axes, two scales, gaps kept, nothing converted."""

from __future__ import annotations

import doctest
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import Confidence, Level, Likelihood, Nothing, Scale, TermsProblem, Text, bands, crosswalk, likelihood

# Per cent, from the two published scales; written here a second time on purpose.
ICD_203 = {
    "almost no chance": (1, 5),
    "very unlikely": (5, 20),
    "unlikely": (20, 45),
    "roughly even chance": (45, 55),
    "likely": (55, 80),
    "very likely": (80, 95),
    "almost certain": (95, 99),
}
PHIA = {
    "remote chance": (0, 5),
    "highly unlikely": (10, 20),
    "unlikely": (25, 35),
    "realistic possibility": (40, 50),
    "likely": (55, 75),
    "highly likely": (80, 90),
    "almost certain": (95, 100),
}
RANGES = st.lists(st.integers(0, 1000), min_size=2, max_size=2).map(sorted).map(lambda pair: Likelihood(*pair))
WORDS = st.sampled_from([Likelihood.of(band.scale, band.word) for scale in Scale for band in bands(scale)])


@pytest.mark.parametrize(("scale", "table"), [(Scale.ICD_203, ICD_203), (Scale.PHIA, PHIA)])
def test_each_scale_has_its_published_words_and_ranges(scale: Scale, table: dict[str, tuple[int, int]]) -> None:
    built = {band.english[0]: (band.low, band.high) for band in bands(scale)}
    assert built == {word: (low * 10, high * 10) for word, (low, high) in table.items()}
    assert [band.word for band in bands(scale)] == list(range(1, 8))


def test_icd_203_leaves_no_gap_and_phia_leaves_one_between_any_two_words() -> None:
    icd, phia = bands(Scale.ICD_203), bands(Scale.PHIA)
    assert all(one.high == two.low for one, two in itertools.pairwise(icd))
    assert all(one.high < two.low for one, two in itertools.pairwise(phia))


def test_keys_for_catalogues_are_unique_and_name_their_scale() -> None:
    keys = [band.key for scale in Scale for band in bands(scale)]
    assert len(set(keys)) == 14
    assert keys[4] == "icd_203.likely"


IMPOSSIBLE = {
    "upside down": (800, 550, 0, Scale.RANGE_ONLY),
    "below nothing": (-1, 5, 0, Scale.RANGE_ONLY),
    "above certainty": (0, 1001, 0, Scale.RANGE_ONLY),
    "a word with another scale's range": (550, 750, 5, Scale.ICD_203),
    "a word with a narrower range": (600, 700, 5, Scale.ICD_203),
    "a word without a scale": (550, 800, 5, Scale.RANGE_ONLY),
    "a scale without a word": (550, 800, 0, Scale.ICD_203),
    "a word the scale lacks": (0, 1000, 8, Scale.PHIA),
}


@pytest.mark.parametrize(("low", "high", "word", "scale"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_likelihood_that_says_two_things_cannot_be_built(low: int, high: int, word: int, scale: Scale) -> None:
    with pytest.raises(TermsProblem) as caught:
        Likelihood(low, high, word, scale)
    assert caught.value.key in {"terms.likelihood_range", "terms.likelihood_word"}


def test_a_word_outside_its_scale_is_refused_by_name_too() -> None:
    with pytest.raises(TermsProblem):
        Likelihood.of(Scale.RANGE_ONLY, 1)


Shared = tuple[str, int, int, int]
WALKS: dict[str, tuple[Likelihood, Scale, list[Shared], list[tuple[int, int]]]] = {
    # PHIA 40-50 % lies half in ICD 203 "unlikely" (20-45) and half in "roughly even chance" (45-55).
    "realistic possibility in ICD 203": (
        Likelihood.of(Scale.PHIA, 4),
        Scale.ICD_203,
        [("unlikely", 400, 450, 500), ("roughly even chance", 450, 500, 500)],
        [],
    ),
    # 55-80 %: PHIA likely covers 55-75 (20 of 25 points), then no word until 80.
    "likely of ICD 203 in PHIA": (
        Likelihood.of(Scale.ICD_203, 5),
        Scale.PHIA,
        [("likely", 550, 750, 800)],
        [(750, 800)],
    ),
    # 20-45 %: gap 20-25, unlikely 25-35, gap 35-40, realistic possibility 40-45.
    "unlikely of ICD 203 in PHIA": (
        Likelihood.of(Scale.ICD_203, 3),
        Scale.PHIA,
        [("unlikely", 250, 350, 400), ("realistic possibility", 400, 450, 200)],
        [(200, 250), (350, 400)],
    ),
    # 80-95 %: highly likely covers 80-90; at 95 the two only touch.
    "very likely of ICD 203 in PHIA": (
        Likelihood.of(Scale.ICD_203, 6),
        Scale.PHIA,
        [("highly likely", 800, 900, 666)],
        [(900, 950)],
    ),
    # 95-100 %: ICD 203 stops at 99, it has no word for certainty.
    "almost certain of PHIA in ICD 203": (
        Likelihood.of(Scale.PHIA, 7),
        Scale.ICD_203,
        [("almost certain", 950, 990, 800)],
        [(990, 1000)],
    ),
    "a range wholly in a gap": (Likelihood(60, 90), Scale.PHIA, [], [(60, 90)]),
    "a point in a gap": (Likelihood(520, 520), Scale.PHIA, [], [(520, 520)]),
    "a point on a border belongs to both": (
        Likelihood(450, 450),
        Scale.ICD_203,
        [("unlikely", 450, 450, 1000), ("roughly even chance", 450, 450, 1000)],
        [],
    ),
    "a scale without words has no words": (Likelihood.of(Scale.PHIA, 4), Scale.RANGE_ONLY, [], [(400, 500)]),
}


@pytest.mark.parametrize(("given_", "scale", "overlaps", "gaps"), WALKS.values(), ids=WALKS)
def test_a_partner_s_word_is_shown_as_the_words_it_overlaps_and_the_gaps(
    given_: Likelihood, scale: Scale, overlaps: list[Shared], gaps: list[tuple[int, int]]
) -> None:
    walk = crosswalk(given_, scale)
    assert [(o.band.english[0], o.low, o.high, o.share) for o in walk.overlaps] == overlaps
    assert list(walk.gaps) == gaps
    assert walk.likelihood == given_


@given(RANGES | WORDS, st.sampled_from([Scale.ICD_203, Scale.PHIA]))
def test_overlaps_and_gaps_together_are_the_whole_range_and_no_more(given_: Likelihood, scale: Scale) -> None:
    walk = crosswalk(given_, scale)
    pieces = sorted([(o.low, o.high) for o in walk.overlaps] + list(walk.gaps))
    if given_.low == given_.high:
        assert pieces
        assert all(piece == (given_.low, given_.high) for piece in pieces)
        return
    assert pieces[0][0] == given_.low
    assert pieces[-1][1] == given_.high
    assert all(one[1] == two[0] for one, two in itertools.pairwise(pieces))
    assert sum(overlap.share for overlap in walk.overlaps) <= 1000


@given(WORDS)
def test_a_word_in_its_own_scale_is_itself(word: Likelihood) -> None:
    walk = crosswalk(word, word.scale)
    assert [(overlap.band, overlap.share) for overlap in walk.overlaps] == [(word.band, 1000)]
    assert walk.gaps == ()


def test_the_worked_example_of_the_docstring_runs() -> None:
    assert doctest.testmod(likelihood).failed == 0


def test_confidence_says_why_or_which_kind_of_nothing() -> None:
    why = Confidence(Level.MODERATE, Text("en", "Two independent sources; one assumption."))
    assert Confidence.from_coded(why.to_coded()) == why
    withheld = Confidence(Level.HIGH, Nothing.WITHHELD)
    assert withheld.to_coded() == [3, 5]


def test_nothing_turns_confidence_into_likelihood() -> None:
    """Neither type has a field of the other: fused, "likely, low confidence" would read as "unlikely"."""
    assert not set(Confidence.__struct_fields__) & set(Likelihood.__struct_fields__)
