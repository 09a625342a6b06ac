"""Sealed objects: COSE_Encrypt0 with HPKE to one prekey, padded to a bucket (spec/seal.md, part 2).

One copy per recipient, so that a carrier does not learn who else got one. What is sealed is a signed object; who signed
it shows only after opening. Left out: which prekey to use, and when an opening key is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as Hpke

from parley.seal.canonical import decode, digest, encode
from parley.seal.envelope import ALG, KID, SUITE
from parley.seal.keys import KEY_ID, OpeningKey, SealingKey
from parley.seal.problems import SealProblem
from parley.seal.suites import FULL, X_WING_SEAL

COSE_ENCRYPT0: Final = b"\xd0"  # tag 16
SEALED_DOMAIN: Final = b"parley/1/sealed"
BUCKETS: Final = (1536, 5120, 16384, 65536, 262144, 1048576)
_LENGTH: Final = 4
LARGEST_TO_SEAL: Final = BUCKETS[-1] - _LENGTH
# 1120 bytes of X-Wing ciphertext, 16 of tag, and the frame: no sealed object is longer.
LARGEST_SEALED: Final = BUCKETS[-1] + 2048

_HPKE: Final = Hpke(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal(signed: bytes, to: SealingKey) -> bytes:
    """One recipient's copy of `signed`; the randomness is the library's own, which takes none from outside.

    Raises SealProblem ``too_long_to_seal`` beyond LARGEST_TO_SEAL bytes.
    """
    header = _header(to.key_id)
    return COSE_ENCRYPT0 + encode([header, {}, _HPKE.encrypt(_pad(signed), to.handle(), _info(header))])


def sealed_key_id(sealed: bytes) -> bytes:
    """The id of the prekey that opens `sealed`: 16 bytes, unverified. Raises SealProblem ``not_opened``."""
    return _read_sealed(sealed)[1]


def open_sealed(sealed: bytes, keys: Mapping[bytes, OpeningKey]) -> bytes:
    """The signed object inside `sealed`.

    Args:
        keys: opening keys by their id.

    Raises SealProblem ``no_key`` if the prekey is not among `keys`, and ``not_opened`` for everything else alike, so
    that nobody learns from the answer which step failed.
    """
    header, key_id, ciphertext = _read_sealed(sealed)
    key = keys.get(key_id)
    if key is None:
        raise SealProblem("no_key", key_id=key_id.hex())
    try:
        padded = _HPKE.decrypt(ciphertext, key.handle, _info(header))
    except (InvalidTag, ValueError):
        # For an X25519 share of small order the library raises InvalidTag here but ValueError when sealing: take both.
        raise SealProblem("not_opened") from None
    return _unpad(padded)


# Headers differ only by prekey, and a day's prekey seals many: the last few are remembered.


@lru_cache(maxsize=256)
def _header(key_id: bytes) -> bytes:
    return encode({ALG: X_WING_SEAL, KID: key_id, SUITE: FULL})


@lru_cache(maxsize=256)
def _info(header: bytes) -> bytes:
    """SHA-256 of Enc_structure (RFC 9052 section 5.3): it stands in HPKE's info, because the library offers no aad."""
    return digest(encode(["Encrypt0", header, SEALED_DOMAIN]))


def _read_sealed(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, prekey id, ciphertext."""
    try:
        if not sealed.startswith(COSE_ENCRYPT0):
            raise SealProblem("not_opened")
        match decode(sealed, limit=LARGEST_SEALED, start=len(COSE_ENCRYPT0)):
            case [bytes(header), {**unprotected}, bytes(ciphertext)] if not unprotected:
                return header, _read_header(header), ciphertext
    except SealProblem:
        pass
    raise SealProblem("not_opened")


@lru_cache(maxsize=256)
def _read_header(header: bytes) -> bytes:
    match decode(header):
        case {1: -65537, 4: bytes(key_id), 65537: 1, **others} if not others and len(key_id) == KEY_ID:
            return key_id
    raise SealProblem("not_opened")


def bucket(size: int) -> int:
    """The least bucket that holds a length and `size` bytes."""
    for bucket in BUCKETS:
        if _LENGTH + size <= bucket:
            return bucket
    raise SealProblem("too_long_to_seal", size=size, limit=LARGEST_TO_SEAL)


def _pad(signed: bytes) -> bytes:
    return (len(signed).to_bytes(_LENGTH, "big") + signed).ljust(bucket(len(signed)), b"\0")


def _unpad(padded: bytes) -> bytes:
    """Undo `_pad`; a bucket too large, a wrong length or a byte of padding that is not zero is refused."""
    end = _LENGTH + int.from_bytes(padded[:_LENGTH], "big")
    signed = padded[_LENGTH:end]
    if end > LARGEST_TO_SEAL + _LENGTH or _pad(signed) != padded:
        raise SealProblem("not_opened")
    return signed
