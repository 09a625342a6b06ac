"""Standing: how a party stands at this desk now, and whether a note may be sent to it.

| standing  | means                                                | receiving           | sending               |
|-----------|------------------------------------------------------|---------------------|-----------------------|
| UNKNOWN   | nothing accepted                                     | refused             | refused               |
| REVOKED   | the party closed this identity                       | refused             | refused               |
| SUSPENDED | this desk suspended the line                         | refused             | refused               |
| FORKED    | its roots contradicted themselves, not set aside yet | marked              | needs named override  |
| UNVOUCHED | accepted by vouching, too few still vouch            | marked              | needs named override  |
| EXPIRED   | particulars ran out, nothing newer came              | marked              | needs named override  |
| STALE     | no node confirmed the version for a week             | marked              | marked                |
| EXPIRING  | less than 30 days left                               | plain               | plain                 |
| CURRENT   | none of these                                        | plain               | plain                 |

The first row that applies is the standing. Leaves out prekeys: without one nothing can be sealed (`Directory`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.entry import Entry
from parley.directory.problems import DirectoryProblem
from parley.directory.vouchers import VouchPolicy
from parley.directory.vouching import vouchers
from parley.terms.party import acts_for


class Standing(Enum):
    """See the table of this module."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    FORKED = "forked"
    UNVOUCHED = "unvouched"
    EXPIRED = "expired"
    STALE = "stale"
    EXPIRING = "expiring"
    CURRENT = "current"


REFUSED: Final = {Standing.UNKNOWN: "not_accepted", Standing.REVOKED: "party_revoked", Standing.SUSPENDED: "suspended"}
"""Standings with which nothing is received or sent, and the problem that says so."""
NEEDS_OVERRIDE: Final = frozenset({Standing.FORKED, Standing.UNVOUCHED, Standing.EXPIRED})


class Leave(msgspec.Struct, frozen=True):
    """Leave to send: the standing, the marks to show before sending, and who overrode it (None: not needed)."""

    standing: Standing
    marks: tuple[str, ...]
    override: str | None


def standing(entry: Entry | None, entries: Mapping[str, Entry], policy: VouchPolicy, now: int) -> Standing:
    """The first row of the table that applies to `entry`."""
    if entry is None:
        return Standing.UNKNOWN
    if entry.current.closed:
        return Standing.REVOKED
    if entry.suspended:
        return Standing.SUSPENDED
    if entry.forked:
        return Standing.FORKED
    if is_unvouched(entry, entries, policy):
        return Standing.UNVOUCHED
    return by_time(entry, now)


def by_time(entry: Entry, now: int) -> Standing:
    """EXPIRED, STALE, EXPIRING or CURRENT."""
    left = entry.current.expires_at - now
    if left <= 0:
        return Standing.EXPIRED
    if is_stale(entry, now):
        return Standing.STALE
    return Standing.EXPIRING if left < rules.EXPIRY_WARNING else Standing.CURRENT


def is_stale(entry: Entry, now: int) -> bool:
    """Whether no node whose key still counts has confirmed a held version within a week."""
    heard = entry.heard
    return heard is None or heard.signer in entry.revoked or now >= heard.counts_until


def is_unvouched(entry: Entry, entries: Mapping[str, Entry], policy: VouchPolicy) -> bool:
    """Whether the party was accepted by vouching and too few of the chosen parties still vouch."""
    if entry.acceptance.how != "vouched":
        return False
    return len(vouchers(policy, entries, entry.party, entry.root_digests, None)) < max(policy.needed, 1)


def marks(entry: Entry, entries: Mapping[str, Entry], policy: VouchPolicy, now: int) -> tuple[str, ...]:
    """What has to be said about the party on everything that it signed, besides expiry; keys of `judging.MARKS`."""
    found = {
        "stale": is_stale(entry, now),
        "vouched": entry.acceptance.how == "vouched",
        "unvouched": is_unvouched(entry, entries, policy),
        "equivocation": entry.forked,
        "new-identity": entry.era > 0 and now < entry.acceptances[0].at + rules.SHOWN_AS_NEW,
    }
    return tuple(mark for mark, applies in found.items() if applies)


def acting(entry: Entry, entries: Mapping[str, Entry], office: str, us: str | None) -> tuple[str, ...]:
    """What has to be said of an office that acts for another party (docs/decisions/0028); () for any other office.

    1. The power's own word is that its particulars list the office. 2. The other's word is in its particulars, if it is
    accepted here: unless they entrust the power towards `us`, ``mandate_missing``. That our line with the other is
    suspended changes nothing: such times are what a protecting power is for. 3. Else it is marked as unconfirmed.
    """
    principal = acts_for(office)
    if principal is None:
        return ()
    named = f"acts-for:{principal}"
    theirs = entries.get(principal)
    if theirs is None:
        return (named, "mandate-unconfirmed")
    if theirs.current.closed or not theirs.current.entrusts(entry.party, us):
        raise DirectoryProblem("mandate_missing", party=entry.party, principal=principal)
    return (named,) if theirs.acceptance.how != "vouched" else (named, "mandate-unconfirmed")


def leave(entry_standing: Standing, party: str, marks: tuple[str, ...], override: str | None) -> Leave:
    """Leave to send, or DirectoryProblem: a refusing standing's, or ``needs_override``.

    `override` is the name of the officer who decides it, one line; the caller journals it.
    """
    if entry_standing in REFUSED:
        raise DirectoryProblem(REFUSED[entry_standing], party=party)
    if entry_standing not in NEEDS_OVERRIDE:
        return Leave(entry_standing, marks, None)
    if override is None or not override.strip():
        raise DirectoryProblem("needs_override", party=party, standing=entry_standing.value)
    wording.line("override", override, rules.NAME)
    return Leave(entry_standing, marks, override)
