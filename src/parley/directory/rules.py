"""Times and bounds of the directory as data, each with its reason. Milliseconds unless the name says otherwise.

Leaves out how they are applied: `judging`, `directory` and the constructors do that.
"""

from __future__ import annotations

from typing import Final

SECOND: Final = 1_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR

# -- times
LONGEST_VALIDITY: Final = 366 * DAY
"""Particulars expire within a year, so that a list of contacts cannot rot unseen; 366 lets a leap year pass."""
EXPIRY_WARNING: Final = 30 * DAY
"""How long before expiry a standing is EXPIRING: time for root holders of a small ministry to meet."""
FRESHNESS: Final = 7 * DAY
"""How long a node's word that a version is current counts: a withheld revocation is noticed within a week."""
TRANSIT: Final = 14 * DAY
"""What left before a key was replaced or expired may arrive this much later; as long as a prekey is kept."""
TRANSIT_BY_HAND: Final = 45 * DAY
"""The same for what a courier carries: a diplomatic bag with two stops and a month of delay."""
HANDOVER: Final = 1 * DAY
"""A replaced office or node key still signs this long after the new particulars: a signer process restarts late."""
AHEAD: Final = 3 * DAY
"""How far a peer's clock may run ahead: two days off is accepted and marked; beyond three, a time is refused."""
PREKEY_VALIDITY: Final = 45 * DAY
"""The longest life of a prekey; daily rotation is usual, by-hand keys live longest."""
SHOWN_AS_NEW: Final = 90 * DAY
"""A party that was accepted anew after losing its roots is marked as a new identity this long."""
EARLIEST: Final = 946_684_800_000
"""2000-01-01T00:00Z. Earlier instants come from a dead clock battery."""
LATEST: Final = 4_102_444_800_000
"""2100-01-01T00:00Z."""

# -- bounds: the largest particulars that fit them stay under PAYLOAD, and signed under the 1 MiB that seal decodes
PAYLOAD: Final = 448 * 1024
VERSIONS: Final = 1 << 31
ROOTS: Final = 15
OFFICES: Final = 16
KEYS_PER_OFFICE: Final = 4
NODE_KEYS: Final = 8
CERTIFICATES: Final = 8
CERTIFICATE: Final = 8 * 1024
BEARERS: Final = 16
CAPABILITIES: Final = 64
REVOCATIONS: Final = 256
VOUCHES: Final = 64
MANDATES: Final = 64
HOLIDAYS: Final = 64
SIGHTINGS: Final = 300
"""Parties told of in one item: all states and some organisations."""
WANTED: Final = 16
GIVEN_VERSIONS: Final = 8
"""Versions of one party given at a time; who is further behind asks again."""
NARROWED_FORMS: Final = 1000
PREKEYS: Final = 128
EXTENSIONS: Final = 16
EXTENSION: Final = 4 * 1024
NAME: Final = 120
HOURS: Final = 120
ADDRESS: Final = 512
EVIDENCE: Final = 4
"""Contradictions kept per party: one proves the point, a few show a pattern, more would let a peer fill the disk."""

# -- codes
ORDERLY: Final = frozenset({"retired"})
"""Reasons of a revocation after which the time that a signature claims is still believed. A thief of a lost or
compromised key writes any time he likes, so every other reason, known or not, ends the key for all later arrivals."""
