"""How sure one is of a judgement, and why: low, moderate or high analytic confidence, with its basis.

The three levels are those of ICD 203 and PHIA. Confidence is about what the judgement rests on (sources, assumptions,
argument), not about how likely its content is; nothing here turns the one into the other. Leaves out `likelihood`.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading
from parley.terms.nothing import Nothing
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import Text


class Level(IntEnum):
    """Analytic confidence. The codes are on the wire and never change."""

    LOW = 1
    MODERATE = 2
    HIGH = 3


class Confidence(msgspec.Struct, frozen=True):
    """A level and the reason for it; a reason that is missing says which kind of nothing it is."""

    level: Level
    basis: Text | Nothing

    def to_coded(self) -> list[Coded]:
        """``[level, [language, text]]`` or ``[level, kind of nothing]``, what is signed."""
        basis: Coded = self.basis.to_coded() if isinstance(self.basis, Text) else int(self.basis)
        return [int(self.level), basis]

    @classmethod
    def from_coded(cls, value: object) -> Confidence:
        """Read what `to_coded` writes; raises TermsProblem."""
        with reading("confidence"):
            level, basis = listed(value, "confidence", 2)
            return cls(coded_as(Level, level, "confidence"), text_or_nothing(basis, "basis of confidence"))


def text_or_nothing(value: object, what: str) -> Text | Nothing:
    """A coded text, or the code of a kind of nothing; raises TermsProblem."""
    if isinstance(value, list):
        return Text.from_coded(value)
    if type(value) is int:
        return coded_as(Nothing, value, what)
    raise TermsProblem("coded_shape", what=what)
