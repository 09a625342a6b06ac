"""What follows from markings: which is stricter, what a whole of several parts must bear, what contradicts itself.

Nothing is repaired or guessed: where the parts do not settle it, a person is asked. Leaves out the decision whether a
text may leave, which is the one gate in `clearance`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from parley.terms.marking import Marking, Tlp
from parley.terms.terms_problem import TermsProblem


def covers(wide: Marking, strict: Marking) -> bool:
    """Whether `strict` keeps everything that `wide` asks for: may what is marked `wide` go out marked `strict`?

    A partial order: of two markings neither may cover the other.
    """
    return (
        strict.tlp >= wide.tlp
        and wide.national in (None, strict.national)
        and wide.originator in (None, strict.originator)
        and (
            not wide.releasable_to
            or (bool(strict.releasable_to) and set(strict.releasable_to) <= set(wide.releasable_to))
        )
    )


def strictest(markings: Iterable[Marking]) -> Marking:
    """The least strict marking that keeps everything each of several parts asks for; TLP:CLEAR for no parts.

    Raises TermsProblem ``markings_differ`` if two parts bear different national markings or have different
    originators, and ``nobody_in_common`` if no party is on every list: a person must decide then.
    """
    parts = list(markings)
    lists = [set(part.releasable_to) for part in parts if part.releasable_to]
    common = set.intersection(*lists) if lists else set()
    if lists and not common:
        raise TermsProblem("nobody_in_common")
    return Marking.of(
        max((part.tlp for part in parts), default=Tlp.CLEAR),
        _the_one("national marking", [part.national for part in parts]),
        _the_one("originator", [part.originator for part in parts]),
        tuple(common),
    )


def _the_one(what: str, given: list[str | None]) -> str | None:
    found = {value for value in given if value is not None}
    if len(found) > 1:
        raise TermsProblem("markings_differ", what=what)
    return found.pop() if found else None


# What a national marking says when it restricts nothing; anything else restricts.
_OPEN = frozenset(
    {"unclassified", "non classifié", "non classifie", "no clasificado", "несекретно", "غير سري", "非保密", "offen"}
)
_TLP_INSIDE = re.compile(r"TLP\s*[:：]\s*([A-Z]+(?:\+STRICT)?)", re.ASCII | re.IGNORECASE)


def is_restricted(national: str | None) -> bool:
    """Whether a national marking restricts: every wording does that is not one of the few known to mean "open"."""
    return national is not None and national.casefold() not in _OPEN


class Contradiction(IntEnum):
    """Two parts of one marking that cannot both be meant; a person decides which. Codes never change."""

    CLEAR_YET_NATIONAL = 1  # free for the world, and restricted by national law
    CLEAR_YET_LISTED = 2  # free for the world, and only for the parties named
    STRICT_YET_LISTED = 3  # the receiving organisation only (AMBER+STRICT), and for several parties
    TLP_IN_NATIONAL = 4  # the national marking names another TLP level


def contradictions(marking: Marking) -> tuple[Contradiction, ...]:
    """What in `marking` contradicts itself, in the order of the codes; empty if nothing does."""
    inside = {label.upper() for label in _TLP_INSIDE.findall(marking.national or "")}
    found = {
        Contradiction.CLEAR_YET_NATIONAL: marking.tlp is Tlp.CLEAR and is_restricted(marking.national),
        Contradiction.CLEAR_YET_LISTED: marking.tlp is Tlp.CLEAR and bool(marking.releasable_to),
        Contradiction.STRICT_YET_LISTED: marking.tlp is Tlp.AMBER_STRICT and len(marking.releasable_to) > 1,
        Contradiction.TLP_IN_NATIONAL: bool(inside - {marking.tlp.label.removeprefix("TLP:")}),
    }
    return tuple(contradiction for contradiction, so in found.items() if so)
