"""Kinds of judgement: how likely, how sure, and how the note may be passed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parley.forms.form import Form, Line
from parley.forms.kinds.base import Kind, Place, check_party
from parley.forms.kinds.words import check_paragraphs, joined, split
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice
from parley.terms.confidence import Confidence, Level
from parley.terms.likelihood import BANDS, Band, Likelihood, Scale, bands
from parley.terms.marking import Marking, Tlp
from parley.terms.nothing import Nothing
from parley.terms.text import Text

# -- likelihood: a range, with the word and the scale it came from -------------------------------------------------

_BY_KEY = {band.key: band for band in BANDS.values()}


def _check_likelihood(value: Value, place: Place) -> None:
    Likelihood.from_coded(value)


def _likelihood_code(value: Value) -> str:
    likelihood = Likelihood.from_coded(value)
    band = likelihood.band
    return band.key if band else f"{likelihood.low}-{likelihood.high}"


def _parse_likelihood(code: str, paragraphs: tuple[str, ...]) -> Value:
    if code in _BY_KEY:
        return _of(_BY_KEY[code])
    low, high = code.split("-")
    return Likelihood(int(low), int(high)).to_coded()


def _of(band: Band) -> Value:
    return Likelihood.of(band.scale, band.word).to_coded()


def _likelihood_words(value: Value, place: Place, voice: Voice) -> str:
    likelihood = Likelihood.from_coded(value)
    low, high = voice.permille(likelihood.low), voice.permille(likelihood.high)
    if (band := likelihood.band) is None:
        return voice.say("phrases.likelihood-range", low=low, high=high)
    scale = voice.say(f"codes.scale.{band.scale.name.lower()}")
    word = voice.say(f"codes.likelihood.{band.key}")
    return voice.say("phrases.likelihood", word=word, scale=scale, low=low, high=high)


def _other_likelihoods(value: Value, place: Place) -> Sequence[Value]:
    """The nearest word is no confusion; "almost certain" for "likely" is, and the next word down after it."""
    likelihood = Likelihood.from_coded(value)
    words = [_of(band) for band in bands(likelihood.scale or Scale.ICD_203)]
    at = words.index(value) if value in words else 3
    return [word for word in (words[-1], words[max(at - 2, 0)], words[0], *words) if word != value]


def _likelihood_entries(form: Form, line: Line) -> Iterable[str]:
    yield from (f"codes.likelihood.{key}" for key in _BY_KEY)
    yield from (f"codes.scale.{scale.name.lower()}" for scale in Scale if scale)
    yield from ("phrases.likelihood", "phrases.likelihood-range")


LIKELIHOOD = Kind(
    _check_likelihood,
    _likelihood_code,
    _parse_likelihood,
    _likelihood_words,
    values=lambda place: [_of(band) for band in _BY_KEY.values()],
    others=_other_likelihoods,
    entries=_likelihood_entries,
)


# -- analytic confidence, and on what it rests -----------------------------------------------------------------------


def _check_confidence(value: Value, place: Place) -> None:
    basis = Confidence.from_coded(value).basis
    if isinstance(basis, Text):
        check_paragraphs(basis.text, place)


def _confidence_code(value: Value) -> str:
    confidence = Confidence.from_coded(value)
    basis = confidence.basis
    ending = basis.language if isinstance(basis, Text) else f"-{nothing_code(basis)}"
    return f"{confidence.level.name.lower()} {ending}"


def _parse_confidence(code: str, paragraphs: tuple[str, ...]) -> Value:
    level, _, ending = code.partition(" ")
    basis = nothing_of(ending[1:]) if ending.startswith("-") else Text(ending, joined(paragraphs))
    return Confidence(Level[level.upper()], basis).to_coded()


def _confidence_words(value: Value, place: Place, voice: Voice) -> str:
    confidence = Confidence.from_coded(value)
    level = voice.say(f"codes.level.{confidence.level.name.lower()}")
    if isinstance(confidence.basis, Text):
        basis = voice.say("phrases.own-words", language=voice.language_name(confidence.basis.language))
    else:
        basis = voice.say(f"codes.nothing.{nothing_code(confidence.basis)}")
    return voice.say("phrases.confidence", level=level, basis=basis)


def _basis(value: Value) -> tuple[str, ...]:
    basis = Confidence.from_coded(value).basis
    return split(basis.text) if isinstance(basis, Text) else ()


def nothing_code(kind: Nothing) -> str:
    """``not-attributed`` and so on."""
    return kind.name.lower().replace("_", "-")


def nothing_of(code: str) -> Nothing:
    """The kind of nothing with this code; raises KeyError."""
    return Nothing[code.upper().replace("-", "_")]


CONFIDENCE = Kind(
    _check_confidence,
    _confidence_code,
    _parse_confidence,
    _confidence_words,
    paragraphs=_basis,
    entries=lambda form, line: [
        *(f"codes.level.{level.name.lower()}" for level in Level),
        *(f"codes.nothing.{nothing_code(kind)}" for kind in Nothing),
        "phrases.confidence",
        "phrases.own-words",
    ],
)


# -- marking ---------------------------------------------------------------------------------------------------------


def _check_marking(value: Value, place: Place) -> None:
    marking = Marking.from_coded(value)
    for party in (*marking.releasable_to, *([marking.originator] if marking.originator else [])):
        check_party(party, place)
    if marking.national and ("[" in marking.national or "]" in marking.national):
        raise FormProblem("bracket", line=0)


def _marking_words(value: Value, place: Place, voice: Voice) -> str:
    marking = Marking.from_coded(value)
    said = voice.say(f"codes.tlp.{_tlp(marking.tlp)}")
    if marking.national is not None:
        said = voice.say("phrases.marking-national", marking=said, national=marking.national)
    if marking.originator:
        said = voice.say("phrases.marking-originator", marking=said, party=voice.party(marking.originator))
    if marking.releasable_to:
        parties = voice.separator.join(voice.isolate(voice.party(party)) for party in marking.releasable_to)
        said = voice.say("phrases.marking-release", marking=said, parties=parties)
    return said


def _tlp(tlp: Tlp) -> str:
    return tlp.name.lower().replace("_", "-")


def _marking_entries(form: Form, line: Line) -> Iterable[str]:
    yield from (f"codes.tlp.{_tlp(tlp)}" for tlp in Tlp)
    yield from (f"phrases.marking-{part}" for part in ("national", "originator", "release"))


MARKING = Kind(
    _check_marking,
    lambda value: str(Marking.from_coded(value)),
    lambda code, paragraphs: Marking.parse(code).to_coded(),
    _marking_words,
    entries=_marking_entries,
)
