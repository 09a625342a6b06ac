"""A party's chain of particulars, read only so far as an archive needs it: whose keys, under which roots, until when.

The numbers are those of spec/particulars.md. The room `directory` judges particulars for daily use; here the question
is narrower (do these bytes lead from a known root digest to this key?) and must be answered without it, from bytes
alone, in thirty years. Fields that are not needed stay unread; unknown critical ones are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

import msgspec

from parley.journal.problems import JournalProblem
from parley.seal import Domain, SealProblem, VerifyingKey, decode, encode, peek, verify

WIRE_VERSION = 1
LAST_KNOWN_FIELD = 18
ORDERLY = "retired"  # the one reason after which the time that a signature states is still believed
MOST_VERSIONS = 400


class Revocation(msgspec.Struct, frozen=True):
    """Since when (ms UTC) a key no longer counts, and why."""

    since: int
    reason: str


class Version(msgspec.Struct, frozen=True):
    """One version of a party's particulars: what an archive needs of it. `digest` is that of the payload."""

    party: str
    number: int
    digest: bytes
    issued_at: int
    expires_at: int
    roots: tuple[VerifyingKey, ...]
    threshold: int
    outgoing: tuple[VerifyingKey, ...]
    offices: dict[str, tuple[VerifyingKey, ...]]
    node_keys: tuple[VerifyingKey, ...]
    revoked: dict[bytes, Revocation]
    previous: bytes | None
    signers: tuple[VerifyingKey, ...]

    @property
    def counting_roots(self) -> frozenset[VerifyingKey]:
        """The roots that are not revoked in this version."""
        return frozenset(key for key in self.roots if key.key_id not in self.revoked)

    @property
    def root_digest(self) -> bytes:
        """What a ceremony is about (spec/particulars.md, root digest)."""
        keys = sorted(key.to_bytes() for key in self.roots)
        return sha256(encode(["parley/1/roots", self.party, self.threshold, keys])).digest()


class Chain(msgspec.Struct, frozen=True):
    """Versions in rising order, each signed by the threshold of its own roots and of those before."""

    party: str
    versions: tuple[Version, ...]

    @property
    def root_digest(self) -> bytes:
        """The root digest at which the chain begins: to be compared with the one that was confirmed in person."""
        return self.versions[0].root_digest

    def office_keys(self, office: str, number: int) -> tuple[VerifyingKey, ...]:
        """The keys of `office` in version `number`; none if the chain has no such version or office."""
        return next((v.offices.get(office, ()) for v in self.versions if v.number == number), ())

    def node_keys(self) -> tuple[VerifyingKey, ...]:
        """Every node key that any listed version names."""
        return tuple(dict.fromkeys(key for version in self.versions for key in version.node_keys))

    def revocation(self, key: VerifyingKey) -> Revocation | None:
        """Whether `key` was revoked, as the newest version says it."""
        return self.versions[-1].revoked.get(key.key_id)


def verify_chain(party: str, signed: Sequence[bytes]) -> Chain:
    """Verify from the first version to the last; raises JournalProblem ``bad_particulars``.

    1. every version: readable, of `party`, every signature valid and of a root or outgoing root, its threshold met;
    2. every step: number rises, the old threshold signed too, the next number names the digest of the one before,
    issued later, no revocation withdrawn.
    """
    if not 0 < len(signed) <= MOST_VERSIONS:
        raise _bad(party, "no version, or too many")
    versions = tuple(_verify_version(party, one) for one in signed)
    for old, new in pairwise(versions):
        _verify_step(party, old, new)
    return Chain(party, versions)


def _verify_version(party: str, signed: bytes) -> Version:
    try:
        version = _read(party, peek(signed).payload)
        able = version.roots + version.outgoing
        version = msgspec.structs.replace(version, signers=verify(signed, able, Domain.PARTICULARS).signers)
    except SealProblem as problem:
        raise _bad(party, problem.key) from problem
    counting = version.counting_roots
    if len(counting) < version.threshold:  # a party ends its identity by revoking its roots: that once they still sign
        counting = frozenset(version.roots)
    if len(counting.intersection(version.signers)) < version.threshold:
        raise _bad(party, f"too few roots signed version {version.number}")
    return version


def _verify_step(party: str, old: Version, new: Version) -> None:
    if new.number <= old.number or new.issued_at <= old.issued_at:
        raise _bad(party, f"version {new.number} does not come after version {old.number}")
    if len(old.counting_roots.intersection(new.signers)) < old.threshold:
        raise _bad(party, f"too few roots of version {old.number} signed version {new.number}")
    if new.number == old.number + 1 and new.previous != old.digest:
        raise _bad(party, f"version {new.number} follows another version {old.number}")
    for key_id, revocation in old.revoked.items():
        kept = new.revoked.get(key_id)
        if kept is None or kept.since > revocation.since:
            raise _bad(party, f"version {new.number} takes back a revocation")


def _read(party: str, payload: bytes) -> Version:
    """The fields that are needed; raises JournalProblem, and SealProblem for keys that cannot be keys."""
    fields = decode(payload)
    if not isinstance(fields, dict) or any(number > LAST_KNOWN_FIELD and number % 2 == 0 for number in fields):
        raise _bad(party, "a version has a critical field that is not known here")
    match fields:
        case {
            0: 1, 1: str(name), 3: int(number), 4: int(issued), 5: int(expires), 6: list(roots), 7: int(threshold),
            8: list(offices), 9: list(nodes), 14: list(revoked), 15: previous, 17: list(outgoing),
        } if name == party and isinstance(previous, bytes | None):  # fmt: skip
            found = Version(
                party, number, sha256(payload).digest(), issued, expires, _keys(roots), threshold, _keys(outgoing),
                dict(_office(party, office) for office in offices), _keys(nodes),
                dict(_revocation(party, one) for one in revoked), previous, (),
            )  # fmt: skip
            if 1 <= threshold <= len(set(found.roots)) and len(found.offices) == len(offices):
                return found
    raise _bad(party, "a version does not have its fields")


def _keys(values: Iterable[Any]) -> tuple[VerifyingKey, ...]:
    return tuple(VerifyingKey.from_bytes(value if isinstance(value, bytes) else b"") for value in values)


def _office(party: str, value: Any) -> tuple[str, tuple[VerifyingKey, ...]]:
    match value:
        case {1: str(name), 4: list(keys)}:
            return name, _keys(keys)
    raise _bad(party, "an office does not have its fields")


def _revocation(party: str, value: Any) -> tuple[bytes, Revocation]:
    match value:
        case {1: bytes(key_id), 2: int(since), 3: str(reason)}:
            return key_id, Revocation(since, reason)
    raise _bad(party, "a revocation does not have its fields")


def _bad(party: str, why: str) -> JournalProblem:
    return JournalProblem("bad_particulars", party=party[:40], why=why)
