"""Lengths: how many bytes a signed and a sealed object have, before there is one.

Both signatures have one length each (FIPS 204, table 2; RFC 8032), and padding depends on the length alone, so that
nothing has to be signed or sealed to know. Leaves out what a bearer puts around it.
"""

from __future__ import annotations

from typing import Final

from parley.seal.canonical import encode
from parley.seal.envelope import ALG, KID, SUITE, put_together
from parley.seal.keys import KEY_ID
from parley.seal.sealing import COSE_ENCRYPT0, bucket
from parley.seal.suites import FULL, X_WING_SEAL

ED25519_SIGNATURE: Final = 64
ML_DSA_65_SIGNATURE: Final = 3309
X_WING_CIPHERTEXT: Final = 1120
_TAG: Final = 16


def signed_length(payload: int) -> int:
    """Bytes of a payload of so many bytes once one office has signed it in suite FULL."""
    signatures = [bytes(ED25519_SIGNATURE), bytes(ML_DSA_65_SIGNATURE)]
    return len(put_together(bytes(payload), FULL, [(bytes(KEY_ID), signatures)]))


def sealed_length(signed: int) -> int:
    """Bytes of one recipient's sealed copy of a signed object; raises SealProblem("too_long_to_seal")."""
    header = encode({ALG: X_WING_SEAL, KID: bytes(KEY_ID), SUITE: FULL})
    return len(COSE_ENCRYPT0 + encode([header, {}, bytes(X_WING_CIPHERTEXT + bucket(signed) + _TAG)]))
