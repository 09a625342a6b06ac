"""The form of a signed object: a COSE_Sign (RFC 9052 section 4) in Parley's one permitted shape (spec/seal.md, part 1).

Two headers, each with one form; no header that a signature does not cover. This module takes apart and puts together;
it checks no signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec

from parley.seal.canonical import Encodable, decode, encode
from parley.seal.keys import KEY_ID
from parley.seal.problems import SealProblem
from parley.seal.suites import ED25519, ML_DSA_65, SUITES, Suite, usable

# COSE header labels (RFC 9052 section 3.1), and one of our own, which is not registered.
ALG: Final = 1
KID: Final = 4
SUITE: Final = 65537

COSE_SIGN: Final = b"\xd8\x62"  # tag 98
_SIGNATURE: Final = b"\x85" + encode("Signature")
# Headers have one form each, so they are compared as bytes; a signer's is a fixed beginning and the key id.
_BODY_HEADERS: Final = {encode({SUITE: number}): number for number in SUITES}
_STARTS: Final = {
    algorithm: encode({ALG: algorithm, KID: bytes(KEY_ID)})[:-KEY_ID] for algorithm in (ED25519, ML_DSA_65)
}
_ALGORITHMS: Final = {start: algorithm for algorithm, start in _STARTS.items()}


class Envelope(msgspec.Struct, frozen=True):
    """A signed object taken apart, nothing checked but its form; `signatures` in the order in which they stand."""

    body_header: bytes
    suite: Suite
    payload: bytes
    signatures: list[SignatureEntry]


class SignatureEntry(msgspec.Struct, frozen=True):
    """One COSE_Signature: its protected header as it stands, what that says, and the signature."""

    header: bytes
    key_id: bytes
    algorithm: int
    signature: bytes


def body_header(suite: int) -> bytes:
    """The protected header of the whole."""
    return encode({SUITE: suite})


def signer_header(algorithm: int, key_id: bytes) -> bytes:
    """The protected header of one signature."""
    return _STARTS[algorithm] + key_id


def signed_tail(external_aad: bytes, payload: bytes) -> bytes:
    """The part of Sig_structure that is the same for every signature of an object."""
    return encode(external_aad) + encode(payload)


def to_be_signed(body: bytes, header: bytes, tail: bytes) -> bytes:
    """Sig_structure (RFC 9052 section 4.4) for one signature; `tail` from `signed_tail`."""
    return _SIGNATURE + encode(body) + encode(header) + tail


def put_together(payload: bytes, suite: int, signers: list[tuple[bytes, list[bytes]]]) -> bytes:
    """The signed object of key ids with their signatures: in the order of the ids, then of the suite's algorithms."""
    if not signers:
        raise SealProblem("too_few_signers", found=0, wanted=1)
    algorithms = usable(suite).signatures
    entries: list[list[Encodable]] = []
    last = b""
    for key_id, signatures in sorted(signers):
        if key_id == last:
            raise SealProblem("share_twice", signer=key_id.hex())
        last = key_id
        entries += [
            [signer_header(algorithm, key_id), {}, signature]
            for algorithm, signature in zip(algorithms, signatures, strict=True)
        ]
    return COSE_SIGN + encode([body_header(suite), {}, payload, entries])


@lru_cache(maxsize=64)
def take_apart(signed: bytes) -> Envelope:
    """Raises SealProblem for any other form, any unprotected header, and a suite that is not in use.

    The last few are remembered: one object on its way in is looked at by several checks in a row.
    """
    if not signed.startswith(COSE_SIGN):
        raise SealProblem("not_signed")
    match decode(signed, start=len(COSE_SIGN)):
        case [bytes(body), dict(unprotected), bytes(payload), [_, *_] as entries]:
            if unprotected:
                raise SealProblem("unprotected_header")
            return Envelope(body, usable(_read_body_header(body)), payload, list(_entries(entries)))
    raise SealProblem("not_signed")


def _entries(entries: list[Any]) -> Iterator[SignatureEntry]:
    for entry in entries:
        match entry:
            case [bytes(header), dict(unprotected), bytes(signature)]:
                if unprotected:
                    raise SealProblem("unprotected_header")
                algorithm, key_id = _read_signer_header(header)
                yield SignatureEntry(header, key_id, algorithm, signature)
            case _:
                raise SealProblem("not_signed")


def _read_body_header(body: bytes) -> int:
    """The number of the suite; one that has no row here is read all the same, to be named in the problem."""
    if body in _BODY_HEADERS:
        return _BODY_HEADERS[body]
    match decode(body):
        case {65537: int(number), **others} if not others and type(number) is int:
            return number
    raise SealProblem("not_signed")


def _read_signer_header(header: bytes) -> tuple[int, bytes]:
    """Algorithm and key id; an algorithm that no suite here has is read all the same, to be named in the problem."""
    algorithm = _ALGORITHMS.get(header[:-KEY_ID])
    if algorithm is not None:
        return algorithm, header[-KEY_ID:]
    match decode(header):
        case {1: int(other), 4: bytes(key_id), **others} if not others and len(key_id) == KEY_ID:
            return other, key_id
    raise SealProblem("not_signed")
