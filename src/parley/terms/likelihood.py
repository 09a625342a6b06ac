"""How likely: a range per thousand, with the word and the scale that it came from.

Two scales: ICD 203 (United States; ranges as in the MISP taxonomy "estimative-language", version 5) and the PHIA
Probability Yardstick (United Kingdom; "Explaining Uncertainty in UK Intelligence Assessment", gov.uk, 24 March 2025).
ICD 203 leaves no gap between its words; PHIA leaves gaps on purpose, and they are kept. A word is never turned into
another scale's word: `crosswalk` shows what overlaps.
Leaves out how sure one is of the judgement: that is `confidence`, another axis.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading, whole
from parley.terms.terms_problem import TermsProblem


class Scale(IntEnum):
    """Where a word of likelihood comes from. The codes are on the wire and never change."""

    RANGE_ONLY = 0  # a range of one's own, without a word
    ICD_203 = 1
    PHIA = 2


class Band(msgspec.Struct, frozen=True, order=True):
    """One word of a scale: its code within the scale, its key for catalogues, its range per thousand, its English."""

    scale: Scale
    word: int
    low: int
    high: int
    key: str
    english: tuple[str, ...]


def _band(scale: Scale, word: int, low: int, high: int, *english: str) -> Band:
    key = f"{scale.name.lower()}.{english[0].replace(' ', '_')}"
    return Band(scale, word, low, high, key, english)


_BANDS = (
    _band(Scale.ICD_203, 1, 10, 50, "almost no chance", "remote"),
    _band(Scale.ICD_203, 2, 50, 200, "very unlikely", "highly improbable"),
    _band(Scale.ICD_203, 3, 200, 450, "unlikely", "improbable"),
    _band(Scale.ICD_203, 4, 450, 550, "roughly even chance", "roughly even odds"),
    _band(Scale.ICD_203, 5, 550, 800, "likely", "probable"),
    _band(Scale.ICD_203, 6, 800, 950, "very likely", "highly probable"),
    _band(Scale.ICD_203, 7, 950, 990, "almost certain", "nearly certain"),
    _band(Scale.PHIA, 1, 0, 50, "remote chance"),
    _band(Scale.PHIA, 2, 100, 200, "highly unlikely"),
    _band(Scale.PHIA, 3, 250, 350, "unlikely"),
    _band(Scale.PHIA, 4, 400, 500, "realistic possibility"),
    _band(Scale.PHIA, 5, 550, 750, "likely", "probable"),
    _band(Scale.PHIA, 6, 800, 900, "highly likely"),
    _band(Scale.PHIA, 7, 950, 1000, "almost certain"),
)

BANDS: dict[tuple[Scale, int], Band] = {(band.scale, band.word): band for band in _BANDS}


def bands(scale: Scale) -> tuple[Band, ...]:
    """The words of a scale, from the least likely; none for RANGE_ONLY."""
    return tuple(band for band in _BANDS if band.scale is scale)


class Likelihood(msgspec.Struct, frozen=True, order=True):
    """From `low` to `high` per thousand, both meant; `word` is the code within `scale`, 0 for a range without a word.

    A word stands for its scale's range and no other: raises TermsProblem ``likelihood_range``, ``likelihood_word``.
    """

    low: int
    high: int
    word: int = 0
    scale: Scale = Scale.RANGE_ONLY

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1000:
            raise TermsProblem("likelihood_range", low=self.low, high=self.high)
        band = BANDS.get((self.scale, self.word))
        fits = (self.low, self.high) == (band.low, band.high) if band else self.word == self.scale == 0
        if not fits:
            raise TermsProblem("likelihood_word", word=self.word, scale=self.scale.name, low=self.low, high=self.high)

    @classmethod
    def of(cls, scale: Scale, word: int) -> Likelihood:
        """The likelihood that a word of a scale stands for; raises TermsProblem ``likelihood_word``."""
        band = BANDS.get((scale, word))
        if band is None:
            raise TermsProblem("likelihood_word", word=word, scale=scale.name, low=0, high=1000)
        return cls(band.low, band.high, word, scale)

    @property
    def band(self) -> Band | None:
        """The row of the scale's table; None for a range without a word."""
        return BANDS.get((self.scale, self.word))

    def to_coded(self) -> list[Coded]:
        """``[low, high, word, scale]``, what is signed."""
        return [self.low, self.high, self.word, int(self.scale)]

    @classmethod
    def from_coded(cls, value: object) -> Likelihood:
        """Read ``[low, high, word, scale]``; raises TermsProblem, also for a scale or word that is not known here."""
        with reading("likelihood"):
            low, high, word, scale = listed(value, "likelihood", 4)
            return cls(
                whole(low, "likelihood", 0, 1000),
                whole(high, "likelihood", 0, 1000),
                whole(word, "likelihood", 0, 99),
                coded_as(Scale, scale, "scale of likelihood"),
            )


class Overlap(msgspec.Struct, frozen=True, order=True):
    """What a range shares with one word: from `low` to `high` per thousand; `share` is that part of the range, in ‰."""

    band: Band
    low: int
    high: int
    share: int


class Crosswalk(msgspec.Struct, frozen=True):
    """What a likelihood means in the words of another scale.

    `overlaps` are the words that share some of the range, from the least likely; `gaps` are the parts of the range,
    ``(low, high)`` per thousand, for which the other scale has no word. A gap is an answer: no word is invented for it.
    """

    likelihood: Likelihood
    scale: Scale
    overlaps: tuple[Overlap, ...]
    gaps: tuple[tuple[int, int], ...]


def crosswalk(likelihood: Likelihood, scale: Scale) -> Crosswalk:
    """Lay a likelihood over the words of `scale`.

    Two ranges that only touch share nothing; a single point belongs to every word whose range holds it. Shares are
    rounded down, so that they never add up to more than the whole.

    >>> [(o.band.english[0], o.share) for o in crosswalk(Likelihood.of(Scale.PHIA, 4), Scale.ICD_203).overlaps]
    [('unlikely', 500), ('roughly even chance', 500)]
    """
    overlaps = tuple(overlap for band in bands(scale) if (overlap := _overlap(likelihood, band)) is not None)
    return Crosswalk(likelihood, scale, overlaps, _gaps(likelihood, overlaps))


def _overlap(likelihood: Likelihood, band: Band) -> Overlap | None:
    low, high = max(likelihood.low, band.low), min(likelihood.high, band.high)
    width = likelihood.high - likelihood.low
    if low > high or (low == high and width > 0):
        return None
    return Overlap(band, low, high, (high - low) * 1000 // width if width else 1000)


def _gaps(likelihood: Likelihood, overlaps: tuple[Overlap, ...]) -> tuple[tuple[int, int], ...]:
    if likelihood.low == likelihood.high:
        return () if overlaps else ((likelihood.low, likelihood.high),)
    edges = [likelihood.low, *(edge for overlap in overlaps for edge in (overlap.low, overlap.high)), likelihood.high]
    return tuple((low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low < high)
