"""How a text may be passed on: Traffic Light Protocol 2.0, national marking, originator, parties to release to.

The four are kept apart and never traded for one another: TLP (FIRST, version 2.0, August 2022) is a rule of sharing,
not a classification in law; what contradicts is flagged for a person, not repaired. Leaves out the decision whether a
text may leave, which is the one gate in `clearance`; joining and contradictions are in `marking_rules`.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading, word, word_or_none
from parley.terms.party import party
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import check_line, shown

_ORCON, _REL = "ORCON ", "REL TO "
NATIONAL_LONGEST = 80
MOST_PARTIES = 300


class Tlp(IntEnum):
    """The levels of TLP 2.0, each stricter than the one before. The codes are on the wire and never change."""

    CLEAR = 1
    GREEN = 2
    AMBER = 3
    AMBER_STRICT = 4
    RED = 5

    @property
    def label(self) -> str:
        """As the standard writes it, and the same in every language (TLP 2.0, 1.b): ``TLP:AMBER+STRICT``."""
        return "TLP:" + self.name.replace("_", "+")


class Marking(msgspec.Struct, frozen=True):
    """How a text may be passed on.

    Args:
        tlp: the level of TLP 2.0.
        national: the marking of the originator's own law, as written there, one line; None if there is none.
        originator: the party that gave it and whose consent counts; None if it is our own.
        releasable_to: the parties to whom the originator allows it, sorted; empty if the originator named none,
            which leaves the decision to the TLP level and to the gate, not to everybody.

    Raises TermsProblem ``national_marking``, ``release_list``; PartyProblem.
    """

    tlp: Tlp
    national: str | None = None
    originator: str | None = None
    releasable_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_national(self.national)
        if self.originator is not None:
            party(self.originator)
        if len(self.releasable_to) > MOST_PARTIES or list(self.releasable_to) != sorted(set(self.releasable_to)):
            raise TermsProblem("release_list", limit=MOST_PARTIES)
        for code in self.releasable_to:
            party(code)

    @classmethod
    def of(
        cls, tlp: Tlp, national: str | None = None, originator: str | None = None, releasable_to: tuple[str, ...] = ()
    ) -> Marking:
        """A marking with the list of parties put in order."""
        return cls(tlp, national, originator, tuple(sorted(set(releasable_to))))

    def to_coded(self) -> list[Coded]:
        """``[tlp, national or null, originator or null, [party …]]``, what is signed."""
        return [int(self.tlp), self.national, self.originator, list(self.releasable_to)]

    @classmethod
    def from_coded(cls, value: object) -> Marking:
        """Read what `to_coded` writes; raises TermsProblem."""
        with reading("marking"):
            tlp, national, originator, parties = listed(value, "marking", 4)
            return cls(
                coded_as(Tlp, tlp, "TLP level"),
                word_or_none(national, "marking", NATIONAL_LONGEST),
                word_or_none(originator, "marking", 16),
                tuple(word(code, "marking", 16) for code in listed(parties, "marking")),
            )

    @classmethod
    def parse(cls, line: str) -> Marking:
        """Read the line that `str` writes; raises TermsProblem ``bad_marking`` and what building it raises."""
        first, *rest = line.split(" // ")
        tlp = next((level for level in Tlp if level.label == first), None)
        released = rest.pop().removeprefix(_REL).split(", ") if rest and rest[-1].startswith(_REL) else []
        originator = rest.pop().removeprefix(_ORCON) if rest and rest[-1].startswith(_ORCON) else None
        if tlp is None or len(rest) > 1:
            raise TermsProblem("bad_marking", given=shown(line))
        return cls(tlp, rest[0] if rest else None, originator, tuple(released))

    def __str__(self) -> str:
        """The marking line, the same in every language: ``TLP:AMBER // RESTRICTED // ORCON KE // REL TO KE, UG``."""
        parts = [self.tlp.label, self.national]
        parts.append(f"{_ORCON}{self.originator}" if self.originator else None)
        parts.append(f"{_REL}{', '.join(self.releasable_to)}" if self.releasable_to else None)
        return " // ".join(part for part in parts if part)


def _check_national(national: str | None) -> None:
    if national is None:
        return
    try:
        check_line(national, NATIONAL_LONGEST)
    except TermsProblem as problem:
        raise TermsProblem("national_marking", given=shown(national), limit=NATIONAL_LONGEST) from problem
    # The separator or the opening words of another part could forge that part in the marking line.
    forged = "//" in national or national.upper().startswith((_ORCON, _REL))
    if forged or national != national.strip() or not national:
        raise TermsProblem("national_marking", given=shown(national), limit=NATIONAL_LONGEST)
