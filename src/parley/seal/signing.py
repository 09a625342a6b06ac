"""Signing and verifying: every signer signs with all algorithms of the suite (spec/seal.md, part 1).

Verification demands exactly the signatures of the suite, all of them valid, all of known keys: nothing can be taken off
or put on. Left out: which keys may sign what (directory), and what the payload means (line).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Final

import msgspec

from parley.seal.canonical import decode, digest, encode
from parley.seal.envelope import (
    Envelope,
    SignatureEntry,
    body_header,
    put_together,
    signed_tail,
    signer_header,
    take_apart,
    to_be_signed,
)
from parley.seal.keys import KEY_ID, SigningKey, VerifyingKey
from parley.seal.problems import SealProblem
from parley.seal.suites import ALGORITHM_NAMES, FULL, demand, usable

_SHARE_VERSION: Final = 1


class Domain(Enum):
    """What a signature is for; it goes into external_aad, so that no signature fits two uses."""

    NOTE = b"parley/1/note"
    RECEIPT = b"parley/1/receipt"
    PARTICULARS = b"parley/1/particulars"
    FRESHNESS = b"parley/1/freshness"
    PREKEYS = b"parley/1/prekeys"
    CHECKPOINT = b"parley/1/checkpoint"
    COSIGNATURE = b"parley/1/cosignature"
    VOID = b"parley/1/void"
    INCARNATION = b"parley/1/incarnation"
    PROBLEM = b"parley/1/problem"
    PARCEL = b"parley/1/parcel"


class Unverified(msgspec.Struct, frozen=True):
    """What a signed object claims, nothing of it checked but its form."""

    payload: bytes
    key_ids: tuple[bytes, ...]
    suite: int


class Verified(msgspec.Struct, frozen=True):
    """A payload, and the distinct keys of which every signature over it was checked, in the order of their ids."""

    payload: bytes
    signers: tuple[VerifyingKey, ...]


class _Share(msgspec.Struct, frozen=True):
    suite: int
    domain: bytes
    payload_digest: bytes
    key_id: bytes
    signatures: list[bytes]


def sign(payload: bytes, signers: Sequence[SigningKey], domain: Domain, suite: int = FULL) -> bytes:
    """The signed object of `payload` with all signatures of all `signers` (at least one, no key twice)."""
    made = [(key.public.key_id, _signatures(payload, key, domain, suite)) for key in signers]
    return put_together(payload, suite, made)


def signature_share(payload: bytes, key: SigningKey, domain: Domain, suite: int = FULL) -> bytes:
    """One signer's part, made where that signer's key is, to be put together with others by `assemble`."""
    signatures = _signatures(payload, key, domain, suite)
    return encode([_SHARE_VERSION, suite, domain.value, digest(payload), key.public.key_id, signatures])


def assemble(payload: bytes, shares: Sequence[bytes], domain: Domain) -> bytes:
    """The signed object made of `shares`; raises SealProblem for a share of another payload, domain or suite.

    The signatures themselves are not checked here: this machine need not know the keys. `verify` what comes out.
    """
    parts = [_read_share(share) for share in shares]
    for part in parts:
        if (part.suite, part.domain, part.payload_digest) != (parts[0].suite, domain.value, digest(payload)):
            raise SealProblem("share_of_another", signer=part.key_id.hex())
    suite = parts[0].suite if parts else FULL
    return put_together(payload, suite, [(part.key_id, part.signatures) for part in parts])


def peek(signed: bytes) -> Unverified:
    """Look inside without checking any signature: to find out whose keys to fetch, never to act on."""
    envelope = take_apart(signed)
    key_ids = tuple(dict.fromkeys(entry.key_id for entry in envelope.signatures))
    return Unverified(envelope.payload, key_ids, envelope.suite.number)


def verify(
    signed: bytes, keys: Iterable[VerifyingKey], domain: Domain, *, threshold: int = 1, lowest_suite: int = FULL
) -> Verified:
    """The payload of `signed`, once at least `threshold` of `keys` have signed it with all algorithms of the suite.

    Every signature present must belong to one of `keys`, be complete and be valid. In this order, each with its own
    SealProblem: (1) the form, no uncovered header, a suite in use; (2) not weaker than `lowest_suite`; (3) every signer
    known; (4) every signer's set complete, nothing beside it, in order; (5) every signature valid, for this domain;
    (6) the threshold, counted in distinct keys.
    """
    if threshold < 1:
        raise ValueError("a threshold below 1 verifies nothing")
    envelope = take_apart(signed)
    demand(envelope.suite, lowest_suite)
    signers = _signers(envelope, {key.key_id: key for key in keys})
    tail = signed_tail(domain.value, envelope.payload)
    for entry in envelope.signatures:
        key = signers[entry.key_id]
        if not key.fits(entry.algorithm, entry.signature, to_be_signed(envelope.body_header, entry.header, tail)):
            raise _why_invalid(envelope, entry, key, domain)
    if len(signers) < threshold:
        raise SealProblem("too_few_signers", found=len(signers), wanted=threshold)
    return Verified(envelope.payload, tuple(signers.values()))


def sign_text(text: str, key: SigningKey, algorithm: int) -> bytes:
    """One raw signature over the UTF-8 bytes of `text`, for formats that are text (C2SP signed notes).

    A COSE object can never be meant by it: what is signed there begins with the byte 0x85, which begins no UTF-8.
    """
    return key.signature(algorithm, text.encode())


def verify_text(text: str, signature: bytes, key: VerifyingKey, algorithm: int) -> None:
    """Raise SealProblem ``signature_invalid`` unless `signature` is `key`'s over `text`."""
    if not key.fits(algorithm, signature, text.encode()):
        raise SealProblem("signature_invalid", algorithm=_name(algorithm), signer=key.key_id.hex())


def _name(algorithm: int) -> str:
    return ALGORITHM_NAMES.get(algorithm, str(algorithm))


def _signatures(payload: bytes, key: SigningKey, domain: Domain, suite: int) -> list[bytes]:
    """The signatures of `key` in the order of the suite's algorithms."""
    body, tail, key_id = body_header(suite), signed_tail(domain.value, payload), key.public.key_id
    return [
        key.signature(algorithm, to_be_signed(body, signer_header(algorithm, key_id), tail))
        for algorithm in usable(suite).signatures
    ]


def _signers(envelope: Envelope, known: dict[bytes, VerifyingKey]) -> dict[bytes, VerifyingKey]:
    """The signers by key id; raises unless each is known and has the complete set, in order, and nothing beside it."""
    wanted = envelope.suite.signatures
    given: dict[bytes, list[int]] = {}
    for entry in envelope.signatures:
        given.setdefault(entry.key_id, []).append(entry.algorithm)
    for key_id, algorithms in given.items():
        if key_id not in known:
            raise SealProblem("unknown_signer", signer=key_id.hex())
        _check_set(key_id, algorithms, wanted)
    in_order = [(key_id, algorithm) for key_id in sorted(given) for algorithm in wanted]
    if in_order != [(entry.key_id, entry.algorithm) for entry in envelope.signatures]:
        raise SealProblem("signatures_out_of_order")
    return {key_id: known[key_id] for key_id in given}


def _check_set(key_id: bytes, given: list[int], wanted: tuple[int, ...]) -> None:
    for algorithm in wanted:
        if algorithm not in given:
            raise SealProblem("signature_missing", algorithm=_name(algorithm), signer=key_id.hex())
    if set(given) != set(wanted):
        raise SealProblem("signature_unexpected", signer=key_id.hex())


def _why_invalid(envelope: Envelope, entry: SignatureEntry, key: VerifyingKey, wanted: Domain) -> SealProblem:
    """The problem to raise: a signature made for another use is told apart, for somebody may be replaying it."""
    for domain in Domain:
        tail = signed_tail(domain.value, envelope.payload)
        if key.fits(entry.algorithm, entry.signature, to_be_signed(envelope.body_header, entry.header, tail)):
            return SealProblem("wrong_domain", found=domain.name, wanted=wanted.name)
    return SealProblem("signature_invalid", algorithm=_name(entry.algorithm), signer=key.key_id.hex())


def _read_share(share: bytes) -> _Share:
    parts: Any = decode(share)
    match parts:
        case [int(version), int(suite), bytes(domain), bytes(signed), bytes(key_id), [*signatures]]:
            # `true` is an int to Python and equals 1, hence the types.
            numbers = type(version) is type(suite) is int and version == _SHARE_VERSION
            complete = len(signatures) == len(usable(suite).signatures) and len(key_id) == KEY_ID
            if numbers and complete and all(type(signature) is bytes for signature in signatures):
                return _Share(suite, domain, signed, key_id, signatures)
    raise SealProblem("not_a_share")
