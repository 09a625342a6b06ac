"""The four kinds of keys: verifying and signing (Ed25519 with ML-DSA-65), sealing and opening (X-Wing).

Private keys are kept as their seeds, which is all that is ever stored. The objects of the cryptography library are made
once per key and stay inside it. Left out: where keys live, who holds them, how long they are good for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from parley.seal.points import check_ed25519, check_x25519
from parley.seal.problems import SealProblem
from parley.seal.suites import ED25519, ML_DSA_65

Randomness = Callable[[int], bytes]

KEY_ID: Final = 16
ED25519_PUBLIC: Final = 32
ML_DSA_65_PUBLIC: Final = 1952
SIGNING_SEED: Final = 64
ML_KEM_768_PUBLIC: Final = 1184
X_WING_PUBLIC: Final = 1216
X_WING_SEED: Final = 32


def check_length(data: bytes, wanted: int, kind: str) -> None:
    """Raise SealProblem ``bad_length`` unless `data` has `wanted` bytes."""
    if len(data) != wanted:
        raise SealProblem("bad_length", kind=kind, given=len(data), wanted=wanted)


@dataclass(frozen=True, slots=True, repr=False)
class VerifyingKey:
    """What checks the two signatures of one holder; equal by its bytes, known by `key_id`.

    Args:
        ed25519: 32 bytes (RFC 8032); small-order points, second forms and non-points are refused.
        mldsa65: 1952 bytes (FIPS 204).
    """

    ed25519: bytes
    mldsa65: bytes
    key_id: bytes = field(init=False, compare=False)
    _classical: Ed25519PublicKey | None = field(init=False, compare=False, default=None)
    _lattice: MLDSA65PublicKey | None = field(init=False, compare=False, default=None)

    def __post_init__(self) -> None:
        check_length(self.ed25519, ED25519_PUBLIC, "Ed25519 key")
        check_length(self.mldsa65, ML_DSA_65_PUBLIC, "ML-DSA-65 key")
        check_ed25519(self.ed25519)
        object.__setattr__(self, "key_id", hashlib.sha256(self.to_bytes()).digest()[:KEY_ID])

    def __repr__(self) -> str:
        return f"VerifyingKey(<{self.key_id.hex()}>)"

    def to_bytes(self) -> bytes:
        """1984 bytes: Ed25519, then ML-DSA-65."""
        return self.ed25519 + self.mldsa65

    @classmethod
    def from_bytes(cls, data: bytes) -> VerifyingKey:
        """Read what `to_bytes` gave; raises SealProblem."""
        check_length(data, ED25519_PUBLIC + ML_DSA_65_PUBLIC, "verifying key")
        return cls(data[:ED25519_PUBLIC], data[ED25519_PUBLIC:])

    def fits(self, algorithm: int, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's over `message`; ML-DSA-65 with the empty context. Callers raise."""
        try:
            if algorithm == ED25519:
                self._ed25519_handle().verify(signature, message)
            elif algorithm == ML_DSA_65:
                self._mldsa65_handle().verify(signature, message)
            else:
                return False
        except InvalidSignature:
            return False
        return True

    def _ed25519_handle(self) -> Ed25519PublicKey:
        if self._classical is None:
            object.__setattr__(self, "_classical", Ed25519PublicKey.from_public_bytes(self.ed25519))
        assert self._classical is not None
        return self._classical

    def _mldsa65_handle(self) -> MLDSA65PublicKey:
        if self._lattice is None:
            object.__setattr__(self, "_lattice", MLDSA65PublicKey.from_public_bytes(self.mldsa65))
        assert self._lattice is not None
        return self._lattice


class _Secret:
    """Never printed, never pickled: a secret leaves its object only by the name `seed`."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret key is not pickled or copied; hand over its seed on purpose")


class SigningKey(_Secret):
    """One holder's two signing keys, kept as 64 bytes: Ed25519 seed (RFC 8032), then ML-DSA-65 seed (FIPS 204, xi)."""

    __slots__ = ("_classical", "_lattice", "_seed", "public")

    def __init__(self, seed: bytes) -> None:
        check_length(seed, SIGNING_SEED, "signing seed")
        self._seed = bytes(seed)
        self._classical = Ed25519PrivateKey.from_private_bytes(seed[:32])
        self._lattice = MLDSA65PrivateKey.from_seed_bytes(seed[32:])
        self.public: Final = VerifyingKey(
            self._classical.public_key().public_bytes_raw(), self._lattice.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls, rng: Randomness) -> SigningKey:
        """A new key from 64 bytes of `rng`."""
        return cls(rng(SIGNING_SEED))

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of `seed`; raises SealProblem ``bad_length``."""
        return cls(seed)

    @property
    def seed(self) -> bytes:
        """64 bytes: secret."""
        return self._seed

    def signature(self, algorithm: int, message: bytes) -> bytes:
        """64 bytes of Ed25519 or 3309 of ML-DSA-65 (hedged, empty context) over `message` as it stands.

        Raw: what is signed must say by itself what it is. Everything but `signing` should call `signing`.
        """
        if algorithm == ED25519:
            return self._classical.sign(message)
        if algorithm == ML_DSA_65:
            return self._lattice.sign(message)
        raise ValueError(f"no such signature algorithm: {algorithm}")

    def __repr__(self) -> str:
        return f"SigningKey(<secret of {self.public.key_id.hex()}>)"


@dataclass(frozen=True, slots=True, repr=False)
class SealingKey:
    """To whom a copy is sealed: X-Wing public key (ML-KEM-768 1184 bytes, then X25519 32 bytes) and its random id."""

    key_id: bytes
    public: bytes
    _handle: MLKEM768X25519PublicKey | None = field(init=False, compare=False, default=None)

    def __post_init__(self) -> None:
        check_length(self.key_id, KEY_ID, "key id")
        check_length(self.public, X_WING_PUBLIC, "sealing key")
        check_x25519(self.public[ML_KEM_768_PUBLIC:])
        self.handle()

    def __repr__(self) -> str:
        return f"SealingKey(<{self.key_id.hex()}>)"

    def handle(self) -> MLKEM768X25519PublicKey:
        """The library's object, made once; an encapsulation key that fails the check of FIPS 203 7.2 is refused."""
        if self._handle is None:
            object.__setattr__(self, "_handle", _x_wing_public(self.public))
        assert self._handle is not None
        return self._handle


def _x_wing_public(public: bytes) -> MLKEM768X25519PublicKey:
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(public[:ML_KEM_768_PUBLIC])
    except ValueError:
        raise SealProblem("key_not_valid", kind="ML-KEM-768") from None
    return MLKEM768X25519PublicKey(lattice, X25519PublicKey.from_public_bytes(public[ML_KEM_768_PUBLIC:]))


class OpeningKey(_Secret):
    """What opens a copy: the 32-byte X-Wing seed, expanded by SHAKE256 to d, z (ML-KEM-768) and the X25519 key."""

    __slots__ = ("_seed", "handle", "key_id", "public")

    def __init__(self, key_id: bytes, seed: bytes) -> None:
        check_length(seed, X_WING_SEED, "opening seed")
        self._seed = bytes(seed)
        self.key_id: Final = key_id
        expanded = hashlib.shake_256(seed).digest(96)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        classical = X25519PrivateKey.from_private_bytes(expanded[64:])
        self.handle: Final = MLKEM768X25519PrivateKey(lattice, classical)
        public = lattice.public_key().public_bytes_raw() + classical.public_key().public_bytes_raw()
        self.public: Final = SealingKey(key_id, public)

    @classmethod
    def generate(cls, rng: Randomness) -> OpeningKey:
        """A new key with a random id: 16, then 32 bytes of `rng`."""
        return cls(rng(KEY_ID), rng(X_WING_SEED))

    @property
    def seed(self) -> bytes:
        """32 bytes: secret."""
        return self._seed

    def __repr__(self) -> str:
        return f"OpeningKey(<secret of {self.key_id.hex()}>)"
