"""Level: the highest marking that an exit for programs lets through, decided at installation.

The strictest reading of TLP 2.0 that a program can keep: RED is for the eyes and ears of individuals (TLP 2.0, 3.a), so
it is never given to a program and cannot be chosen as a level. A national marking that restricts is above every level,
since Parley is not accredited for such text. What cannot be read as a marking is above every level too.
"""

from __future__ import annotations

from parley.desk.problems import DeskProblem
from parley.terms.marking import Marking, Tlp
from parley.terms.marking_rules import is_restricted
from parley.terms.problem import Problem

LEVELS = {tlp.label: tlp for tlp in Tlp if tlp is not Tlp.RED}


def level_of(label: str) -> Tlp:
    """The level with this label, for example ``TLP:AMBER``; raises DeskProblem("no_level")."""
    if label not in LEVELS:
        raise DeskProblem("no_level", given=label[:40], choices=", ".join(LEVELS))
    return LEVELS[label]


def passes(coded: object, level: Tlp) -> bool:
    """Whether text with this coded marking (`Marking.to_coded`; None: that of a draft that names none) may pass."""
    try:
        marking = Marking(Tlp.AMBER) if coded is None else Marking.from_coded(coded)
    except Problem:
        return False
    return marking.tlp <= level and not is_restricted(marking.national)


def pass_or_raise(coded: object, level: Tlp) -> None:
    """Raise DeskProblem("above_level") unless it may pass."""
    if not passes(coded, level):
        raise DeskProblem("above_level", level=level.label)
