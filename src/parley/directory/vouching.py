"""Vouching: accepting a party because k parties that this desk chose, and met, say that they met it.

A vouch stands in the voucher's own particulars, signed by the threshold of its roots (docs/decisions/0024). Only
parties accepted by ceremony count: the vouched cannot vouch. Leaves out choosing the list (`vouchers`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from parley.directory.entry import Entry
from parley.directory.vouchers import VouchPolicy


def vouchers(
    policy: VouchPolicy, entries: Mapping[str, Entry], party: str, root_digests: Collection[bytes], now: int | None
) -> tuple[str, ...]:
    """The parties on the list that vouch for `party` with one of these root digests, in the order of the list.

    `now` (ms, UTC) at acceptance: expired vouchers do not count. None later on: that a voucher is late with its own
    renewal takes nothing from a party that was accepted; its revocation, suspension or second thoughts do.
    """
    return tuple(
        code
        for code in policy.parties
        if (entry := entries.get(code)) is not None
        and _may_vouch(entry, now)
        and any(vouch.party == party and vouch.root_digest in root_digests for vouch in entry.current.vouches)
    )


def _may_vouch(entry: Entry, now: int | None) -> bool:
    if entry.acceptance.how != "ceremony" or entry.suspended or entry.forked or entry.current.closed:
        return False
    return now is None or now < entry.current.expires_at
