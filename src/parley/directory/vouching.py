"""Vouching: accepting a party because k parties that this desk chose, and met, say that they met it.

A vouch stands in the voucher's own particulars, signed by the threshold of its roots (docs/decisions/0024). Only
parties accepted by ceremony count: the vouched cannot vouch. Leaves out choosing the list: that is this desk's setting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from parley.directory import wording
from parley.directory.entry import Entry
from parley.terms.party import party as check_party


class VouchPolicy(msgspec.Struct, frozen=True):
    """How many of which parties must vouch. With `needed` 0 nobody is accepted by vouching."""

    needed: int = 0
    parties: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wording.several("vouching.parties", self.parties, str, 0, 300)
        for code in self.parties:
            check_party(code)
        wording.whole("vouching.needed", self.needed, 0, 300)
        if self.needed > len(self.parties):
            wording.refuse("vouching.needed", "range")


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
