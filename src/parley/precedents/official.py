"""What can be read off the exact words of an official statement: verb of attribution, word of confidence, norm named.

Exact phrases only. What is noticed is offered to the officer who enters the statement, and stands in the record only
when the officer took it over. Leaves out what the words mean in law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from parley.terms.likelihood import Scale, bands

VERBS = (
    "attribute", "attributes", "attributed", "attributing", "assess", "assesses", "assessed", "judge", "judges",
    "conclude", "concludes", "concluded", "hold responsible", "holds responsible", "is responsible for",
    "was responsible for", "are responsible for", "was carried out by", "were carried out by", "conducted by",
    "affiliated with", "linked to", "condemn", "condemns", "strongly condemn", "denounce", "denounces", "identify",
    "identifies", "expose", "accuse", "accuses", "believe", "points to", "rejects", "deny", "denies",
    "attribue", "attribuent", "estime", "estiment", "condamne", "condamnent", "responsable de", "rejette",
    "atribuye", "atribuyen", "considera", "condena", "condenan", "es responsable de", "rechaza",
    "приписывает", "считает", "осуждает", "ответственность за", "отвергает",
    "归咎于", "认为", "谴责", "负责", "否认",
    "ينسب", "تنسب", "يدين", "تدين", "مسؤول عن", "مسؤولة عن", "ينفي", "تنفي",
)  # fmt: skip
"""Verbs by which states attribute, condemn and deny in public statements, in the six languages."""

CONFIDENCE = (
    "high confidence", "a high degree of confidence", "moderate confidence", "medium confidence", "low confidence",
    "as sure as possible", "beyond doubt", "without a shadow of a doubt", "no doubt", "we are confident",
    "enough information to conclude", "degré de confiance élevé", "alto grado de confianza",
    "высокой степенью уверенности", "高度确信", "بدرجة عالية من الثقة",
)  # fmt: skip
"""Words of analytic confidence and conviction; words of likelihood come from the scales of `terms.likelihood`."""

LAW = {
    "norms of responsible state behaviour": "norm/responsible-state-behaviour",
    "norms of responsible state behavior": "norm/responsible-state-behaviour",
    "responsible state behaviour": "norm/responsible-state-behaviour",
    "responsible state behavior": "norm/responsible-state-behaviour",
    "not allow its territory to be used": "norm/13c",
    "not knowingly allow": "norm/13c",
    "due diligence": "law/due-diligence",
    "sovereignty": "law/sovereignty",
    "non-intervention": "law/non-intervention",
    "prohibition of intervention": "law/non-intervention",
    "use of force": "law/use-of-force",
    "international humanitarian law": "law/humanitarian",
    "charter of the united nations": "law/un-charter",
    "un charter": "law/un-charter",
    "human rights": "law/human-rights",
    "international law": "law/international-law",
    "vienna convention": "law/diplomatic",
}
"""Phrases that name a norm or a rule, and our codes for them. Norm letters are those of A/70/174, paragraph 13."""


class Noticed(msgspec.Struct, frozen=True):
    """Literal parts of the words: verbs, words of confidence or likelihood, and phrases of law with our code."""

    verbs: tuple[str, ...]
    confidence: tuple[str, ...]
    law: tuple[tuple[str, str], ...]


def noticed(words: str) -> Noticed:
    """What stands in `words`, longest first, each as written there.

    >>> noticed("We assess with high confidence that the attack was carried out by them.").confidence
    ('high confidence',)
    """
    scales = (Scale.ICD_203, Scale.PHIA)
    likely = tuple(english for scale in scales for band in bands(scale) for english in band.english)
    law = [(found, LAW[found.casefold()]) for found in _found(words, tuple(LAW))]
    return Noticed(tuple(_found(words, VERBS)), tuple(_found(words, (*CONFIDENCE, *likely))), tuple(law))


def _found(words: str, phrases: tuple[str, ...]) -> Iterator[str]:
    """Each phrase that stands in the words and in no longer one already found, as written."""
    taken: list[range] = []
    for phrase in sorted(set(phrases), key=lambda one: (-len(one), one)):
        for match in re.finditer(_whole(phrase), words, re.IGNORECASE):
            if not any(match.start() in span for span in taken):
                taken.append(range(match.start(), match.end()))
                yield match[0]
                break


def _whole(phrase: str) -> str:
    """As a whole word, where the script writes words apart; Arabic writes “and” and “so” on to the next word."""
    if re.search("[\u4e00-\u9fff]", phrase):
        return re.escape(phrase)
    before = r"(?:\b|(?<=\b[\u0648\u0641]))" if re.search("[\u0600-\u06ff]", phrase) else r"\b"
    return rf"{before}{re.escape(phrase)}\b"
