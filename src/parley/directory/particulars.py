"""Particulars: the versioned, expiring record of who speaks for a party, how many roots must agree, how to reach it.

Whoever holds a `Particulars` holds one that fits together. Leaves out signatures (`signed`) and whether anybody
accepted it (`directory`). Accepting particulars implies no recognition of anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import msgspec

from parley.directory import rules, wording
from parley.directory.fields import (
    KEY,
    NAMES,
    OCTETS,
    TEXT,
    WHOLE,
    Extensions,
    Field,
    Layout,
    check_extensions,
    listed,
    maybe,
    nested,
)
from parley.directory.offices import (
    BEARER,
    MANDATE,
    OFFICE,
    REVOCATION,
    VOUCH,
    Bearer,
    Mandate,
    Office,
    Revocation,
    Vouch,
    certificate_id,
    check_languages,
    freeze_names,
)
from parley.directory.problems import DirectoryProblem
from parley.seal import FULL, VerifyingKey, digest


class Particulars(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One version of a party's particulars. Instants are milliseconds since the Unix epoch, UTC.

    Args:
        party: code of the party (`terms.party`).
        names: its shown name by language of the six; one at least.
        version: 1, 2, 3 … ; gaps are allowed, steps back are not.
        issued_at, expires_at: at most 366 days apart.
        roots, threshold: how many of which keys must sign particulars.
        offices: its points of contact; ids differ.
        node_keys: keys that sign receipts, freshness, prekeys, checkpoints.
        tls: DER certificates that its nodes show, compared byte for byte; two during a rotation.
        bearers: ways to reach it.
        languages: of the six, in the order it prefers to read.
        capabilities: open list of codes.
        revoked: keys and certificates that no longer count; entries stay for ever.
        previous: digest of the version before; None for version 1 only.
        lowest_suite: weakest suite in which the party signs and accepts; it only rises, and is the floor for verifying
            what the party signs.
        outgoing: roots of the version before that leave with this one: they must be here for their signatures to be
            checked by somebody who never saw them.
        vouches: parties that this party met in a ceremony.
        protected_by: protecting powers: parties entrusted to act for this one, each towards whom.
    """

    party: str
    names: Mapping[str, str]
    version: int
    issued_at: int
    expires_at: int
    roots: tuple[VerifyingKey, ...]
    threshold: int
    offices: tuple[Office, ...]
    node_keys: tuple[VerifyingKey, ...]
    tls: tuple[bytes, ...] = ()
    bearers: tuple[Bearer, ...] = ()
    languages: tuple[str, ...] = ("en",)
    capabilities: tuple[str, ...] = ()
    revoked: tuple[Revocation, ...] = ()
    previous: bytes | None = None
    lowest_suite: int = FULL
    outgoing: tuple[VerifyingKey, ...] = ()
    vouches: tuple[Vouch, ...] = ()
    protected_by: tuple[Mandate, ...] = ()
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        self._check_head()
        self._check_roots()
        self._check_offices()
        self._check_ways()
        self._check_keys_differ()
        self._check_revoked()
        self._check_vouches()
        self._check_mandates()
        check_extensions("particulars.extensions", self.extensions)

    def _check_head(self) -> None:
        wording.party("particulars.party", self.party)
        freeze_names(self, "particulars.names", self.names)
        wording.whole("particulars.version", self.version, 1, rules.VERSIONS)
        wording.instant("particulars.issued_at", self.issued_at)
        wording.instant("particulars.expires_at", self.expires_at)
        if not 0 < self.expires_at - self.issued_at <= rules.LONGEST_VALIDITY:
            wording.refuse("particulars.expires_at", "range")
        if (self.previous is None) != (self.version == 1):
            wording.refuse("particulars.previous", "missing" if self.previous is None else "first-version")
        if self.previous is not None:
            wording.octets("particulars.previous", self.previous, 32, 32)

    def _check_roots(self) -> None:
        wording.several("particulars.roots", self.roots, VerifyingKey, 1, rules.ROOTS)
        wording.whole("particulars.threshold", self.threshold, 1, len(self.roots))
        wording.several("particulars.outgoing", self.outgoing, VerifyingKey, 0, rules.ROOTS)
        if self.outgoing and self.version == 1:
            wording.refuse("particulars.outgoing", "first-version")

    def _check_offices(self) -> None:
        wording.several("particulars.offices", tuple(office.id for office in self.offices), str, 1, rules.OFFICES)
        known = {office.id for office in self.offices}
        for office in self.offices:
            wording.kind("particulars.offices", office, Office)
            if not known.issuperset(office.alternates):
                wording.refuse("office.alternates", "unknown-office")
            if office.acts_for == self.party:
                wording.refuse("office.id", "itself")

    def _check_ways(self) -> None:
        wording.several("particulars.tls", self.tls, bytes, 0, rules.CERTIFICATES)
        for der in self.tls:
            wording.octets("particulars.tls", der, 1, rules.CERTIFICATE)
        wording.several("particulars.bearers", self.bearers, Bearer, 0, rules.BEARERS)
        ways = tuple(f"{bearer.kind} {bearer.address}" for bearer in self.bearers)
        wording.several("particulars.bearers", ways, str, 0, rules.BEARERS)
        check_languages("particulars.languages", self.languages)
        wording.several("particulars.capabilities", self.capabilities, str, 0, rules.CAPABILITIES)
        for capability in self.capabilities:
            wording.code("particulars.capabilities", capability)
        wording.whole("particulars.lowest_suite", self.lowest_suite, 1, 65_535)

    def _check_keys_differ(self) -> None:
        # One key in two roles would let a machine that is always on do what needs a person with a key offline.
        wording.several("particulars.node_keys", self.node_keys, VerifyingKey, 1, rules.NODE_KEYS)
        keys = [*self.roots, *self.outgoing, *self.node_keys, *(key for office in self.offices for key in office.keys)]
        if len(set(keys)) != len(keys) or len({part for key in keys for part in _halves(key)}) != 2 * len(keys):
            wording.refuse("particulars.keys", "repeated")

    def _check_revoked(self) -> None:
        wording.several("particulars.revoked", self.revoked, Revocation, 0, rules.REVOCATIONS)
        ids = tuple(revocation.key_id for revocation in self.revoked)
        wording.several("particulars.revoked", ids, bytes, 0, rules.REVOCATIONS)
        # Roots may be listed and revoked at once: so a party closes its identity (`closed`). Nothing else may.
        working = {key.key_id for office in self.offices for key in office.keys}
        working |= {key.key_id for key in self.node_keys} | {certificate_id(der) for der in self.tls}
        if not working.isdisjoint(ids):
            wording.refuse("particulars.revoked", "still-listed")

    def _check_vouches(self) -> None:
        wording.several("particulars.vouches", self.vouches, Vouch, 0, rules.VOUCHES)
        parties = tuple(vouch.party for vouch in self.vouches)
        wording.several("particulars.vouches", parties, str, 0, rules.VOUCHES)
        if self.party in parties:
            wording.refuse("particulars.vouches", "itself")

    def _check_mandates(self) -> None:
        wording.several("particulars.protected_by", self.protected_by, Mandate, 0, rules.MANDATES)
        towards = tuple(mandate.towards or "" for mandate in self.protected_by)
        wording.several("particulars.protected_by", towards, str, 0, rules.MANDATES)  # one power towards each
        for mandate in self.protected_by:
            if self.party in (mandate.power, mandate.towards):
                wording.refuse("particulars.protected_by", "itself")

    @cached_property
    def payload(self) -> bytes:
        """The canonical bytes, which are signed."""
        payload = PARTICULARS.encode(self)
        if len(payload) > rules.PAYLOAD:
            wording.refuse("particulars", "length")
        return payload

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the payload: what freshness states and the next version names as `previous`."""
        return digest(self.payload)

    @cached_property
    def counting_roots(self) -> frozenset[VerifyingKey]:
        """The roots that are not revoked: whose signatures count."""
        gone = {revocation.key_id for revocation in self.revoked}
        return frozenset(key for key in self.roots if key.key_id not in gone)

    @property
    def closed(self) -> bool:
        """Whether so many roots are revoked that nobody can sign a successor: the party ended this identity."""
        return len(self.counting_roots) < self.threshold

    def office(self, id: str) -> Office:
        """The office of that name; raises DirectoryProblem ``no_office``."""
        for office in self.offices:
            if office.id == id:
                return office
        raise DirectoryProblem("no_office", party=self.party, office=id[:32])

    def entrusts(self, power: str, towards: str | None) -> bool:
        """Whether `power` is entrusted to act for this party towards `towards`; one named for that party alone comes
        before the one named towards all."""
        by_whom = {mandate.towards: mandate.power for mandate in self.protected_by}
        return by_whom.get(towards, by_whom.get(None)) == power

    def successor(self, **changes: Any) -> Particulars:
        """The next version with `changes`: number, link and outgoing roots are filled in, vouches and the rest kept."""
        fields = {field: getattr(self, field) for field in self.__struct_fields__} | changes
        roots = fields["roots"]
        outgoing = tuple(key for key in self.roots if key not in roots)
        return Particulars(**fields | {"version": self.version + 1, "previous": self.digest, "outgoing": outgoing})


def _halves(key: VerifyingKey) -> tuple[bytes, bytes]:
    return key.ed25519, key.mldsa65


def decode_particulars(payload: bytes) -> Particulars:
    """Read a payload; raises SealProblem, DirectoryProblem. The result's `payload` is `payload`, byte for byte."""
    return PARTICULARS.decode(payload)


PARTICULARS: Final = Layout(
    "particulars",
    Particulars,
    (
        Field(1, "party", TEXT),
        Field(2, "names", NAMES),
        Field(3, "version", WHOLE),
        Field(4, "issued_at", WHOLE),
        Field(5, "expires_at", WHOLE),
        Field(6, "roots", listed(KEY)),
        Field(7, "threshold", WHOLE),
        Field(8, "offices", listed(nested(OFFICE))),
        Field(9, "node_keys", listed(KEY)),
        Field(10, "tls", listed(OCTETS)),
        Field(11, "bearers", listed(nested(BEARER))),
        Field(12, "languages", listed(TEXT)),
        Field(13, "capabilities", listed(TEXT)),
        Field(14, "revoked", listed(nested(REVOCATION))),
        Field(15, "previous", maybe(OCTETS)),
        Field(16, "lowest_suite", WHOLE),
        Field(17, "outgoing", listed(KEY)),
        Field(18, "vouches", listed(nested(VOUCH))),
        Field(19, "protected_by", listed(nested(MANDATE)), ()),
    ),
    standing=True,
)
