"""Accepting: the decision that certain roots are a party's, and what it rests on. It implies no recognition of anyone.

Leaves out later versions under the same roots, which need no decision (`learning`).
"""

from __future__ import annotations

import msgspec

from parley.directory import ceremony as ceremonies
from parley.directory.ceremony import Ceremony
from parley.directory.entry import HOWS, Acceptance, Decision, Entry, Held, signed_root_digest
from parley.directory.learning import News, Outcome, check_not_ahead, learn_version
from parley.directory.problems import DirectoryProblem
from parley.directory.signed import Signed
from parley.directory.wording import refuse


def grounds(
    received: Signed, *, how: str, now: int, by: str, ceremony: Ceremony | None, vouchers: tuple[str, ...], needed: int
) -> Acceptance:
    """The acceptance of what was received, if there are grounds for it.

    1. valid now; 2. by ceremony: both sides confirmed, and the digits are these roots'; by vouching: enough of the
    chosen parties vouch; own: nothing to prove to ourselves.
    """
    fresh = received.particulars
    check_not_ahead(fresh.party, fresh.issued_at, now)
    if now >= fresh.expires_at:
        raise DirectoryProblem("expired", party=fresh.party)
    roots = signed_root_digest(fresh)
    if how == "ceremony":
        _check_ceremony(fresh.party, roots, ceremony)
    elif how == "vouched":
        if needed < 1 or len(vouchers) < needed:
            raise DirectoryProblem("too_few_vouchers", party=fresh.party, have=len(vouchers), need=max(needed, 1))
    elif how not in HOWS:
        refuse("acceptance.how", "unknown")
    means = ceremony.means if how == "ceremony" and ceremony else ""
    return Acceptance(how, now, by, roots, fresh.version, means, vouchers if how == "vouched" else ())


def begin(received: Signed, acceptance: Acceptance, era: int, now: int, decision: Decision | None = None) -> Outcome:
    """A first acceptance, or a new identity. `decision`: what was decided about the former one stands, so that a break
    widens nothing by oversight; what was set aside does not, since it was about other roots."""
    decisions = () if decision is None else (msgspec.structs.replace(decision, set_aside=0),)
    entry = Entry(received.particulars.party, era, (acceptance,), (Held(now, received),), decisions=decisions)
    return Outcome(News.NEW, entry, entry.rows())


def accept_again(entry: Entry, received: Signed, acceptance: Acceptance, now: int) -> Outcome:
    """A further acceptance of a known identity, for example a ceremony after vouching. A version that does not succeed
    because its roots are others raises ``would_break``: that is for an officer to decide, as a new identity."""
    try:
        learned = learn_version(entry, received, now)
    except DirectoryProblem:
        if acceptance.root_digest not in entry.root_digests:
            raise DirectoryProblem("would_break", party=entry.party) from None
        raise
    if learned.news is News.FORK:
        return learned
    if entry.acceptance.how == "ceremony" and acceptance.how == "vouched":
        return learned  # vouching adds nothing to a ceremony
    later, row = learned.entry.with_acceptance(acceptance)
    return Outcome(News.NEW, later, (*learned.rows, row))


def _check_ceremony(party: str, roots: bytes, ceremony: Ceremony | None) -> None:
    if ceremony is None:
        raise DirectoryProblem("ceremony_missing", party=party)
    if not ceremony.ours_confirmed:
        raise DirectoryProblem("one_sided", party=party)
    ceremonies.confirm(ceremony.heard, party, roots)
