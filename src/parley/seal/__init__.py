"""The seal: canonical bytes, signing, sealing, locking.

It knows: which byte string a value has; which signatures an object bears, and that they fit; how a copy is closed for
one recipient, and how things are locked at rest. It says "these bytes, that key".

It refuses to know: whose key that is (directory), what the bytes mean (line, forms), where secrets are kept (outside),
what time it is. Verification raises; what was not verified has *unverified* in its name.

Bytes: encode, decode, digest. Signed: sign, verify, peek, signature_share, assemble, Domain; sign_text and verify_text
for others' formats. Sealed: seal, open_sealed, sealed_key_id; how long they become: signed_length, sealed_length.
Locked: lock, unlock, lock_with_passphrase, unlock_with_passphrase. Keys: VerifyingKey, SigningKey, SealingKey,
OpeningKey. Every refusal is a SealProblem.
"""

from parley.seal.canonical import Encodable, Value, decode, digest, encode
from parley.seal.keys import KEY_ID, OpeningKey, Randomness, SealingKey, SigningKey, VerifyingKey
from parley.seal.lengths import sealed_length, signed_length
from parley.seal.locking import (
    CHEAP_FOR_TESTS,
    STRONG,
    PassphraseCost,
    key_from_passphrase,
    lock,
    lock_with_passphrase,
    unlock,
    unlock_with_passphrase,
)
from parley.seal.problems import SealProblem
from parley.seal.sealing import BUCKETS, LARGEST_SEALED, LARGEST_TO_SEAL, open_sealed, seal, sealed_key_id
from parley.seal.signing import (
    Domain,
    Unverified,
    Verified,
    assemble,
    peek,
    sign,
    sign_text,
    signature_share,
    verify,
    verify_text,
)
from parley.seal.suites import BRIEF, ED25519, FULL, ML_DSA_65, MLS_ROOM, NON_PAPER, SLH_ARCHIVE, SUITES, Suite

__all__ = [
    "BRIEF",
    "BUCKETS",
    "CHEAP_FOR_TESTS",
    "ED25519",
    "FULL",
    "KEY_ID",
    "LARGEST_SEALED",
    "LARGEST_TO_SEAL",
    "MLS_ROOM",
    "ML_DSA_65",
    "NON_PAPER",
    "SLH_ARCHIVE",
    "STRONG",
    "SUITES",
    "Domain",
    "Encodable",
    "OpeningKey",
    "PassphraseCost",
    "Randomness",
    "SealProblem",
    "SealingKey",
    "SigningKey",
    "Suite",
    "Unverified",
    "Value",
    "Verified",
    "VerifyingKey",
    "assemble",
    "decode",
    "digest",
    "encode",
    "key_from_passphrase",
    "lock",
    "lock_with_passphrase",
    "open_sealed",
    "peek",
    "seal",
    "sealed_key_id",
    "sealed_length",
    "sign",
    "sign_text",
    "signature_share",
    "signed_length",
    "unlock",
    "unlock_with_passphrase",
    "verify",
    "verify_text",
]
