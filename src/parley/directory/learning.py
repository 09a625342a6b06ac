"""Learning: what a received version or freshness does to an entry. Functions of an entry; nothing is changed in place.

Leaves out which entry it is and keeping the result (`directory`), and the first acceptance (`accepting`).
"""

from __future__ import annotations

from enum import Enum

import msgspec

from parley.directory import evidence as contradictions
from parley.directory import rules
from parley.directory.entry import Entry, Row, hear
from parley.directory.evidence import Evidence
from parley.directory.freshness import Freshness
from parley.directory.problems import DirectoryProblem
from parley.directory.signed import Signed, verify_succession


class News(Enum):
    """What became of what came in."""

    NEW = "new"
    KNOWN = "known"  # held already, or an older freshness: nothing changed
    LATE = "late"  # kept, but its week is over: what the party said last, not that it still holds
    FORK = "fork"  # contradicts what is held; kept as evidence, nothing else changed


class Outcome(msgspec.Struct, frozen=True):
    """News, the entry as it is now, and the rows to write; with FORK also the evidence."""

    news: News
    entry: Entry
    rows: tuple[Row, ...] = ()
    evidence: Evidence | None = None


def learn_version(entry: Entry, received: Signed, now: int) -> Outcome:
    """1. not from the future; 2. a proven contradiction is kept; 3. it must succeed what is held."""
    check_not_ahead(entry.party, received.particulars.issued_at, now)
    if found := contradictions.find((held.signed for held in entry.versions), received, now):
        return _keep(entry, found)
    verify_succession(entry.current, received)
    if received.particulars.digest == entry.current.digest:
        return Outcome(News.KNOWN, entry)
    later, row = entry.with_version(received, now)
    return Outcome(News.NEW, later, (row,))


def learn_freshness(entry: Entry, claimed_unverified: Freshness, signed: bytes, now: int) -> Outcome:
    """1. of the version held, neither later nor earlier; 2. signed by one of its nodes; 3. of the same content;
    4. not from the future; 5. issued later than the one held."""
    given, current = claimed_unverified.version, entry.current
    if given > current.version:
        # Unverified: perhaps a node key that is new there signed it. Asking for particulars does no harm.
        raise DirectoryProblem("particulars_behind", party=entry.party, given=given, held=current.version)
    if given < current.version:
        raise DirectoryProblem("rollback", party=entry.party, given=given, held=current.version)
    heard = hear(entry, signed, now)
    if heard.freshness.digest != current.digest:
        raise DirectoryProblem("other_digest", party=entry.party, given=given)
    check_not_ahead(entry.party, heard.freshness.issued_at, now)
    if entry.heard is not None and heard.freshness.issued_at <= entry.heard.freshness.issued_at:
        return Outcome(News.KNOWN, entry)
    later, row = entry.with_heard(heard)
    return Outcome(News.NEW if now < heard.counts_until else News.LATE, later, (row,))


def check_not_ahead(party: str, at: int, now: int) -> None:
    """Raise ``from_the_future`` beyond what a skewed clock explains: it would shut out all that comes later."""
    if at > now + rules.AHEAD:
        raise DirectoryProblem("from_the_future", party=party, days=rules.AHEAD // rules.DAY)


def _keep(entry: Entry, found: Evidence) -> Outcome:
    if len(entry.evidence) >= rules.EVIDENCE or any(_same(found, kept) for kept in entry.evidence):
        return Outcome(News.FORK, entry, (), found)
    later, row = entry.with_evidence(found)
    return Outcome(News.FORK, later, (row,), found)


def _same(found: Evidence, kept: Evidence) -> bool:
    return (found.first, found.second) == (kept.first, kept.second)
