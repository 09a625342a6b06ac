"""Things at rest: locked under a 32-byte key, or under a passphrase (spec/seal.md, part 3).

`context` says what is locked (a table and a row, the name of a key file), so that one locked thing cannot be put in
another's place. Left out: where keys are kept and when they are erased. Python cannot wipe memory; the threats page
says so.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from parley.seal.canonical import decode, encode
from parley.seal.keys import Randomness, check_length
from parley.seal.problems import SealProblem

KEY: Final = 32
LARGEST_LOCKED: Final = 1 << 26
LONGEST_PASSPHRASE: Final = 1024
_NONCE: Final = 12
_SALT: Final = 16
_TAG: Final = 16
_VERSION: Final = 1
_LOCKED: Final = "parley/1/locked"
_LOCKED_WITH_PASSPHRASE: Final = "parley/1/locked with passphrase"


class PassphraseCost(msgspec.Struct, frozen=True):
    """What one guess costs (Argon2id, RFC 9106): memory in KiB, passes, lanes. Bounded, since files state it."""

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        fits = 8 * self.lanes <= self.memory_kib <= 1 << 20 and 1 <= self.passes <= 16 and 1 <= self.lanes <= 16
        if not fits:
            raise SealProblem("cost_out_of_bounds", memory_kib=self.memory_kib, passes=self.passes)


STRONG: Final = PassphraseCost(memory_kib=1 << 18, passes=3, lanes=4)
CHEAP_FOR_TESTS: Final = PassphraseCost(memory_kib=8, passes=1, lanes=1)


def lock(key: bytes, plaintext: bytes, context: bytes, rng: Randomness) -> bytes:
    """`plaintext` locked under `key` (32 bytes) for `context`; a nonce of 12 bytes is drawn from `rng`.

    Random nonces: at most 2^32 objects under one key (NIST SP 800-38D 8.3 gives the same bound for the same nonce).
    """
    check_length(key, KEY, "locking key")
    nonce = rng(_NONCE)
    return encode([_VERSION, nonce, _encrypt(key, nonce, plaintext, _aad(_VERSION, context))])


def unlock(key: bytes, locked: bytes, context: bytes) -> bytes:
    """What `lock` was given; raises SealProblem ``not_unlocked`` for another key, another context or any change."""
    check_length(key, KEY, "locking key")
    try:
        match decode(locked, limit=LARGEST_LOCKED):
            case [1 as version, bytes(nonce), bytes(ciphertext)]:
                return _decrypt(key, nonce, ciphertext, _aad(version, context))
    except (SealProblem, InvalidTag, ValueError):
        pass
    raise SealProblem("not_unlocked")


def key_from_passphrase(passphrase: str, salt: bytes, cost: PassphraseCost) -> bytes:
    """32 bytes by Argon2id from the NFKC form of `passphrase`, so that two keyboards write the same one."""
    normal = unicodedata.normalize("NFKC", passphrase)
    if not 0 < len(normal) <= LONGEST_PASSPHRASE:
        raise SealProblem("bad_passphrase", limit=LONGEST_PASSPHRASE)
    derivation = Argon2id(salt=salt, length=KEY, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    return derivation.derive(normal.encode())


def lock_with_passphrase(
    plaintext: bytes, passphrase: str, cost: PassphraseCost, context: bytes, rng: Randomness
) -> bytes:
    """`plaintext` locked under a passphrase; salt and cost stand in clear in front, and are authenticated."""
    salt, nonce = rng(_SALT), rng(_NONCE)
    head: list[int | bytes] = [_VERSION, cost.memory_kib, cost.passes, cost.lanes, salt]
    key = key_from_passphrase(passphrase, salt, cost)
    return encode([*head, nonce, _encrypt(key, nonce, plaintext, _passphrase_aad(head, context))])


def unlock_with_passphrase(locked: bytes, passphrase: str, context: bytes) -> bytes:
    """What `lock_with_passphrase` was given.

    Raises SealProblem ``wrong_passphrase`` (which also means damage: the two cannot be told apart) or
    ``cost_out_of_bounds`` before any work is done.
    """
    match _decoded(locked):
        case [1 as version, int(memory), int(passes), int(lanes), bytes(salt), bytes(nonce), bytes(ciphertext)]:
            cost = PassphraseCost(memory, passes, lanes)
        case _:
            raise SealProblem("wrong_passphrase")
    if len(salt) != _SALT or len(nonce) != _NONCE:
        raise SealProblem("wrong_passphrase")
    key = key_from_passphrase(passphrase, salt, cost)
    try:
        return _decrypt(key, nonce, ciphertext, _passphrase_aad([version, memory, passes, lanes, salt], context))
    except InvalidTag:
        raise SealProblem("wrong_passphrase") from None


def _decoded(locked: bytes) -> Any:
    try:
        return decode(locked, limit=LARGEST_LOCKED)
    except SealProblem:
        return None


def _aad(version: int, context: bytes) -> bytes:
    """The version stands in it as decoded: `true`, which Python takes for 1, does not pass for it."""
    return encode([_LOCKED, version, context])


def _passphrase_aad(head: list[int | bytes], context: bytes) -> bytes:
    return encode([_LOCKED_WITH_PASSPHRASE, *head, context])


def _encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)


def _decrypt(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, aad)
