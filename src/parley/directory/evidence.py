"""Evidence of equivocation: two signed particulars of one party that no honest history holds both.

It verifies by itself: a third party needs only the root digest that it accepted. Leaves out what is done about it:
a person decides (`Directory.set_aside`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from parley.directory.fields import OCTETS, WHOLE, Field, Layout
from parley.directory.particulars import Particulars
from parley.directory.problems import DirectoryProblem
from parley.directory.signed import Signed, contradicts, signed_by, verify_signed


class Evidence(msgspec.Struct, frozen=True):
    """Two signed particulars, the earlier version first, and when the contradiction was seen (ms, UTC)."""

    at: int
    first: bytes
    second: bytes


EVIDENCE: Final = Layout(
    "evidence",
    Evidence,
    (Field(1, "at", WHOLE), Field(2, "first", OCTETS), Field(3, "second", OCTETS)),
    standing=True,
)


def find(versions: Iterable[Signed], new: Signed, now: int) -> Evidence | None:
    """Evidence that `new` contradicts one of `versions`, or None.

    It counts only if roots that were accepted once, and are not revoked now, signed `new` to their threshold: anybody
    can write particulars in a party's name with roots of his own.
    """
    held = list(versions)
    gone = {revocation.key_id for revocation in held[-1].particulars.revoked}
    signers = [key for key in new.signers if key.key_id not in gone]
    if not any(signed_by(old.particulars, signers) for old in held):
        return None
    for old in held:
        first, second = sorted((old, new), key=lambda signed: signed.particulars.version)
        if contradicts(first.particulars, second.particulars):
            return Evidence(now, first.raw, second.raw)
    return None


def verify_evidence(evidence: Evidence, versions: Iterable[Particulars]) -> str:
    """The party that equivocated; `versions` are any accepted ones, whose roots are trusted. Raises
    ``not_equivocation`` if the two agree, ``not_by_roots`` if other roots signed, and what `verify_signed` raises."""
    accepted = list(versions)
    first, second = verify_signed(evidence.first), verify_signed(evidence.second)
    if not contradicts(first.particulars, second.particulars):
        raise DirectoryProblem("not_equivocation")
    for signed in (first, second):
        if not any(signed_by(particulars, signed.signers) for particulars in accepted):
            raise DirectoryProblem("not_by_roots", party=signed.particulars.party)
    return first.particulars.party
