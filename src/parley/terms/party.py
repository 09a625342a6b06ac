"""Parties and offices: who speaks on the line.

A party is a state (ISO 3166-1 alpha-2) or an organisation (``O-`` and a short name). The codes XA to XZ, which
ISO 3166 leaves to users, are the fictional states of exercises. An office is one point of contact of a party.
"""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

from parley.terms.problem import Fault, Problem, Says

PARTY = re.compile(r"[A-Z]{2}|O-[A-Z0-9]{2,12}")
OFFICE = re.compile(r"[a-z][a-z0-9-]{0,31}")
ACTS_FOR = "acts-for-"
"""How the name of an office begins that acts for another party, whose code in small letters follows it. The name is in
the signed sender of every note, so every page says for whom it speaks (docs/decisions/0028)."""


class PartyProblem(Problem):
    """A name of a party or an office that cannot be one."""

    ROOM: ClassVar[str] = "party"
    TABLE: ClassVar[dict[str, Says]] = {
        "bad_party": Says(
            Fault.YOURS,
            "“{given}” is not the code of a party.",
            "Write two capital letters of ISO 3166 (for example KE), or O- and a short name for an organisation.",
        ),
        "bad_office": Says(
            Fault.YOURS,
            "“{given}” is not the name of an office.",
            "Write small letters, digits and hyphens, beginning with a letter, at most 32 (for example duty).",
        ),
        "bad_address": Says(Fault.YOURS, "“{given}” is not an address.", "Write PARTY/office, for example XB/duty."),
    }


def party(code: str) -> str:
    """`code` itself if it can be the code of a party; raises PartyProblem otherwise."""
    if not PARTY.fullmatch(code):
        raise PartyProblem("bad_party", given=code[:40])
    return code


def acts_for(office: str) -> str | None:
    """The party for which an office of that name acts, None if it speaks for its own."""
    code = office.removeprefix(ACTS_FOR).upper() if office.startswith(ACTS_FOR) else ""
    return code if PARTY.fullmatch(code) else None


def is_fictional(code: str) -> bool:
    """Whether `code` is one of the fictional states of exercises (ISO 3166-1 user-assigned XA to XZ)."""
    return len(code) == 2 and code[0] == "X" and code != "XK"


class Address(msgspec.Struct, frozen=True, order=True):
    """An office of a party, written ``XB/duty``."""

    party: str
    office: str

    def __post_init__(self) -> None:
        party(self.party)
        if not OFFICE.fullmatch(self.office):
            raise PartyProblem("bad_office", given=self.office[:40])

    def __str__(self) -> str:
        return f"{self.party}/{self.office}"

    @property
    def acts_for(self) -> str | None:
        """The other party for which this office acts: ``XC/acts-for-xa`` acts for XA; None for all other offices."""
        return acts_for(self.office)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``XB/duty``; raises PartyProblem."""
        code, slash, office = text.partition("/")
        if not slash:
            raise PartyProblem("bad_address", given=text[:40])
        return cls(code, office)
