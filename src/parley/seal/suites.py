"""The registry of protection suites (spec/suites.md): which algorithms stand together under one number.

An object names its suite where it cannot be changed; the verifier demands exactly that suite's signatures. Numbers of
algorithms are IANA's where IANA has one (COSE), private otherwise. This module computes nothing.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.seal.problems import SealProblem

FULL: Final = 1
BRIEF: Final = 2
NON_PAPER: Final = 3
SLH_ARCHIVE: Final = 4
MLS_ROOM: Final = 5

ED25519: Final = -19  # RFC 9864
ML_DSA_65: Final = -49  # RFC 9964
X_WING_SEAL: Final = -65537  # private: HPKE of X-Wing, HKDF-SHA256, ChaCha20-Poly1305 (the COSE number is not final)

ALGORITHM_NAMES: Final = {ED25519: "Ed25519", ML_DSA_65: "ML-DSA-65"}


class Suite(msgspec.Struct, frozen=True):
    """One row: `strength` orders suites for "the lowest accepted only rises"; a row without signatures is reserved."""

    number: int
    name: str
    strength: int = 0
    signatures: tuple[int, ...] = ()
    seal: int | None = None


SUITES: Final = {
    suite.number: suite
    for suite in (
        Suite(FULL, "FULL", 30, (ED25519, ML_DSA_65), X_WING_SEAL),
        Suite(BRIEF, "BRIEF"),
        Suite(NON_PAPER, "NON-PAPER"),
        Suite(SLH_ARCHIVE, "SLH-ARCHIVE"),
        Suite(MLS_ROOM, "MLS-ROOM"),
    )
}


def usable(number: int) -> Suite:
    """The row of a suite in use here; raises SealProblem ``unknown_suite`` or ``suite_not_here``."""
    suite = SUITES.get(number)
    if suite is None:
        raise SealProblem("unknown_suite", suite=number)
    if not suite.signatures:
        raise SealProblem("suite_not_here", suite=number, name=suite.name)
    return suite


def demand(suite: Suite, lowest: int) -> None:
    """Refuse `suite` if it is weaker than the suite numbered `lowest`.

    A `lowest` that is not known here was set by newer software: nothing here is as strong, so everything is refused.
    """
    floor = SUITES.get(lowest)
    if floor is None or suite.strength < floor.strength:
        raise SealProblem("suite_too_low", suite=suite.number, lowest=lowest)
