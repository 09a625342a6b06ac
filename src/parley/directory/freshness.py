"""Freshness and prekeys: what a node, unattended, says between two versions of the particulars that people signed.

Freshness states which version is current and carries the rotating prekey; batches carry one-time prekeys for one peer.
Leaves out private prekeys and their erasure (outside/keys) and which one-time prekey is used up (store).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.fields import (
    FLAG,
    OCTETS,
    SEALING,
    TEXT,
    WHOLE,
    Extensions,
    Field,
    Layout,
    check_extensions,
    listed,
    nested,
    unreadable,
)
from parley.seal import Domain, SealingKey, SigningKey, VerifyingKey, sign, verify


class Prekey(msgspec.Struct, frozen=True):
    """A key to seal to, from when to when (ms, UTC); one-time keys serve one note, by-hand keys are kept longer."""

    key: SealingKey
    not_before: int
    expires_at: int
    one_time: bool = False
    by_hand: bool = False
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.kind("prekey.key", self.key, SealingKey)
        wording.instant("prekey.not_before", self.not_before)
        wording.instant("prekey.expires_at", self.expires_at)
        if not 0 < self.expires_at - self.not_before <= rules.PREKEY_VALIDITY:
            wording.refuse("prekey.expires_at", "range")
        wording.kind("prekey.one_time", self.one_time, bool)
        wording.kind("prekey.by_hand", self.by_hand, bool)
        check_extensions("prekey.extensions", self.extensions)

    @property
    def erase_at(self) -> int:
        """When its holder erases the private key: expiry and transit time (ms, UTC)."""
        return self.expires_at + (rules.TRANSIT_BY_HAND if self.by_hand else rules.TRANSIT)

    @property
    def seal_until(self) -> int:
        """Until when others still seal to it: half of the transit time is left to the carrier (ms, UTC)."""
        return (self.expires_at + self.erase_at) // 2


class Freshness(msgspec.Struct, frozen=True):
    """A node's word: at `issued_at`, `version` with `digest` is the current version of `party`; good for seven days.

    `incarnation` (16 bytes) is that of the node's journal; `prekey` is the rotating one.
    """

    party: str
    version: int
    digest: bytes
    incarnation: bytes
    issued_at: int
    valid_until: int
    prekey: Prekey
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.party("freshness.party", self.party)
        wording.whole("freshness.version", self.version, 1, rules.VERSIONS)
        wording.octets("freshness.digest", self.digest, 32, 32)
        wording.octets("freshness.incarnation", self.incarnation, 16, 16)
        wording.instant("freshness.issued_at", self.issued_at)
        wording.instant("freshness.valid_until", self.valid_until)
        if not 0 < self.valid_until - self.issued_at <= rules.FRESHNESS:
            wording.refuse("freshness.valid_until", "range")
        wording.kind("freshness.prekey", self.prekey, Prekey)
        if self.prekey.one_time:
            wording.refuse("freshness.prekey", "one-time")
        check_extensions("freshness.extensions", self.extensions)


class PrekeyBatch(msgspec.Struct, frozen=True):
    """Prekeys of `party` for `for_party` alone, issued at (ms, UTC)."""

    party: str
    for_party: str
    prekeys: tuple[Prekey, ...]
    issued_at: int
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.party("prekeys.party", self.party)
        wording.party("prekeys.for_party", self.for_party)
        wording.several("prekeys.prekeys", self.prekeys, Prekey, 1, rules.PREKEYS)
        ids = tuple(prekey.key.key_id for prekey in self.prekeys)
        wording.several("prekeys.prekeys", ids, bytes, 1, rules.PREKEYS)
        wording.instant("prekeys.issued_at", self.issued_at)
        check_extensions("prekeys.extensions", self.extensions)


def sign_freshness(freshness: Freshness, node: SigningKey) -> bytes:
    """The signed object, sent on every exchange."""
    return sign(FRESHNESS.encode(freshness), [node], Domain.FRESHNESS)


def verify_freshness(signed: bytes, node_keys: Iterable[VerifyingKey]) -> tuple[Freshness, VerifyingKey]:
    """The statement and the node key that signed it. Raises SealProblem, DirectoryProblem ``unreadable``.

    Whether it fits the version held here is asked by `Directory.learn_freshness`.
    """
    verified = verify(signed, node_keys, Domain.FRESHNESS)
    return FRESHNESS.decode(verified.payload, limit=_SMALL), verified.signers[0]


def read_freshness_unverified(payload: bytes) -> Freshness:
    """What a payload claims, before its signer is known: enough to say which version to ask for, never to act on."""
    return FRESHNESS.decode(payload, limit=_SMALL)


def sign_prekeys(party: str, for_party: str, prekeys: Iterable[Prekey], at: int, node: SigningKey) -> bytes:
    """A signed batch of prekeys for one peer, carried on receipts."""
    batch = PrekeyBatch(party, for_party, tuple(prekeys), at)
    return sign(PREKEYS.encode(batch), [node], Domain.PREKEYS)


def verify_prekeys(signed: bytes, node_keys: Iterable[VerifyingKey], party: str, for_party: str) -> PrekeyBatch:
    """The batch of `party` for `for_party`; raises ``unreadable`` for anybody else's, and SealProblem."""
    batch = PREKEYS.decode(verify(signed, node_keys, Domain.PREKEYS).payload)
    if (batch.party, batch.for_party) != (party, for_party):
        unreadable("prekeys.party", "other-party")
    return batch


_SMALL: Final = 32 * 1024

PREKEY: Final = Layout(
    "prekey",
    Prekey,
    (
        Field(1, "key", SEALING),
        Field(2, "not_before", WHOLE),
        Field(3, "expires_at", WHOLE),
        Field(4, "one_time", FLAG),
        Field(5, "by_hand", FLAG),
    ),
)
FRESHNESS: Final = Layout(
    "freshness",
    Freshness,
    (
        Field(1, "party", TEXT),
        Field(2, "version", WHOLE),
        Field(3, "digest", OCTETS),
        Field(4, "incarnation", OCTETS),
        Field(5, "issued_at", WHOLE),
        Field(6, "valid_until", WHOLE),
        Field(7, "prekey", nested(PREKEY)),
    ),
    standing=True,
)
PREKEYS: Final = Layout(
    "prekeys",
    PrekeyBatch,
    (
        Field(1, "party", TEXT),
        Field(2, "for_party", TEXT),
        Field(3, "prekeys", listed(nested(PREKEY))),
        Field(4, "issued_at", WHOLE),
    ),
    standing=True,
)
