"""Judging: which keys count for something signed then and arriving now, and what has to be said about it.

The rules, in order, for one key of an office or a node:

1. revoked as lost or compromised (or for a reason unknown here): refused, whatever time the signature claims;
2. revoked in good order: refused if signed after it, or if it arrives more than TRANSIT after it; else marked;
3. replaced: refused if signed more than HANDOVER after the particulars that replaced it were issued, or if it arrives
   more than TRANSIT after that; else marked;
4. current: counts. Particulars that expired are marked: quietly when the signature is older than the expiry and
   arrives within TRANSIT of it, loudly otherwise. Expired is not revoked: it is received.

`signed_at` is the signer's claim. Leaves out verification itself (seal) and the clock of what was promised (line).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from parley.directory import rules
from parley.directory.entry import Entry
from parley.directory.particulars import Particulars
from parley.directory.problems import DirectoryProblem
from parley.seal import VerifyingKey

EXPIRED: Final = "expired"
EXPIRED_IN_TRANSIT: Final = "expired-in-transit"
KEY_RETIRED: Final = "key-retired"
KEY_REPLACED: Final = "key-replaced"
SIGNED_BEFORE_LISTED: Final = "signed-before-listed"
MARKS: Final = {
    EXPIRED: "the party's particulars have expired",
    EXPIRED_IN_TRANSIT: "the party's particulars expired while this was on its way",
    KEY_RETIRED: "signed before the key was revoked in good order",
    KEY_REPLACED: "signed with a key that has been replaced since",
    SIGNED_BEFORE_LISTED: "signed before the party named this key",
    "stale": "the party has not confirmed its particulars for a week",
    "vouched": "the party is known by vouching, not by a ceremony",
    "unvouched": "too few of the parties that vouched for it still do",
    "equivocation": "the party's roots signed two contents that exclude each other",
    "acts-for": "the office acts for another party, which it names",
    "mandate-unconfirmed": "that the office acts for the other party is its own word alone",
    "new-identity": "the party was accepted anew after losing its former roots",
}
"""Every mark that this room sets, and its meaning in English; doors translate."""


class Judged(msgspec.Struct, frozen=True):
    """The keys that count, the marks for all of them, marks of single keys, and why other known keys do not count."""

    party: str
    keys: tuple[VerifyingKey, ...]
    marks: tuple[str, ...]
    key_marks: dict[bytes, tuple[str, ...]]
    refused: dict[bytes, str]

    def require(self, key_ids_unverified: Iterable[bytes]) -> None:
        """Raise ``key_revoked``, ``key_superseded`` or ``key_unknown`` for the first id that does not count.

        To be asked with the ids that an object claims, before verifying it: so the refusal says why.
        """
        counting = {key.key_id for key in self.keys}
        for key_id in key_ids_unverified:
            if key_id not in counting:
                raise DirectoryProblem(
                    self.refused.get(key_id, "key_unknown"), party=self.party, key_id=key_id[:16].hex()
                )

    def marks_of(self, signers: Iterable[VerifyingKey]) -> tuple[str, ...]:
        """The marks to show for what `signers` signed, sorted."""
        return tuple(sorted({*self.marks, *(mark for key in signers for mark in self.key_marks.get(key.key_id, ()))}))


class Period(msgspec.Struct, frozen=True):
    """From when until when (ms, UTC; None: open) the particulars of a party named a key; by their own time of issue."""

    key: VerifyingKey
    listed_at: int | None
    replaced_at: int | None


def office_periods(entry: Entry, office: str) -> tuple[Period, ...]:
    """Periods of every key that the office had in any held version of this era."""
    return _periods(entry, [_office_keys(held.particulars, office) for held in entry.versions])


def node_periods(entry: Entry) -> tuple[Period, ...]:
    """Periods of every node key."""
    return _periods(entry, [held.particulars.node_keys for held in entry.versions])


def judge(
    entry: Entry,
    periods: Iterable[Period],
    standing_marks: Iterable[str],
    *,
    signed_at: int,
    now: int,
    transit: int = rules.TRANSIT,
) -> Judged:
    """Apply the rules above to `periods`; `transit` is TRANSIT_BY_HAND for what a courier brought."""
    keys: list[VerifyingKey] = []
    key_marks: dict[bytes, tuple[str, ...]] = {}
    refused: dict[bytes, str] = {}
    for period in periods:
        if problem := _refusal(entry, period, signed_at, now, transit):
            refused[period.key.key_id] = problem
            continue
        keys.append(period.key)
        if marks := tuple(_marks(entry, period, signed_at)):
            key_marks[period.key.key_id] = marks
    marks_for_all = sorted({*standing_marks, *expiry_marks(entry.current, signed_at, now, transit)})
    return Judged(entry.party, tuple(keys), tuple(marks_for_all), key_marks, refused)


def expiry_marks(current: Particulars, signed_at: int, now: int, transit: int = rules.TRANSIT) -> tuple[str, ...]:
    """What rule 4 says of particulars as a whole."""
    if now < current.expires_at:
        return ()
    in_transit = signed_at < current.expires_at and now < current.expires_at + transit
    return (EXPIRED_IN_TRANSIT,) if in_transit else (EXPIRED,)


def _refusal(entry: Entry, period: Period, signed_at: int, now: int, transit: int) -> str | None:
    revocation = entry.revoked.get(period.key.key_id)
    if revocation is not None:
        believed = revocation.reason in rules.ORDERLY and signed_at < revocation.since
        return None if believed and now < revocation.since + transit else "key_revoked"
    if period.replaced_at is None:
        return None
    in_time = signed_at < period.replaced_at + rules.HANDOVER and now < period.replaced_at + transit
    return None if in_time else "key_superseded"


def _marks(entry: Entry, period: Period, signed_at: int) -> Iterator[str]:
    if period.key.key_id in entry.revoked:
        yield KEY_RETIRED
    elif period.replaced_at is not None:
        yield KEY_REPLACED
    if period.listed_at is not None and signed_at < period.listed_at - rules.HANDOVER:
        yield SIGNED_BEFORE_LISTED


def _office_keys(particulars: Particulars, office: str) -> tuple[VerifyingKey, ...]:
    return next((one.keys for one in particulars.offices if one.id == office), ())


def _periods(entry: Entry, listed: list[tuple[VerifyingKey, ...]]) -> tuple[Period, ...]:
    """One period per key, newest version's keys first: from its first to its last listing, gaps bridged."""
    periods = []
    for key in dict.fromkeys(key for keys in reversed(listed) for key in keys):
        places = [place for place, keys in enumerate(listed) if key in keys]
        first, after = places[0], places[-1] + 1
        # In the first held version a key may be older than what is known here: no beginning is claimed.
        listed_at = entry.versions[first].particulars.issued_at if first else None
        replaced_at = entry.versions[after].particulars.issued_at if after < len(listed) else None
        periods.append(Period(key, listed_at, replaced_at))
    return tuple(periods)
