"""What each verified thing rests on: a party's word about itself, or another party's word about it.

And what is left of such a word when its key was revoked later: the thief of a key writes any date he likes, so only a
cosignature of somebody else, dated before the revocation, shows that the word was given in time.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.journal.chain import ORDERLY, Chain
from parley.journal.problems import JournalProblem
from parley.seal import VerifyingKey

SECOND = 1000


class Link(msgspec.Struct, frozen=True):
    """One thing that was verified.

    Fields:
        what: roots, note, entry, cosignature, receipt or definition.
        by: the party whose word it is.
        third_party: whether it is a word about another party's doing; otherwise the party speaks of itself.
        at: the time that it states (ms UTC), by the clock of `by`.
        mark: what a reader must know besides; empty if nothing.
    """

    what: str
    by: str
    third_party: bool
    at: int | None = None
    mark: str = ""


def third_party(what: str, chain: Chain, key: VerifyingKey, at: int) -> Link:
    """A word about another party; no third-party evidence any more if a thief may have written its date.

    Raises JournalProblem ``revoked`` for what `key` signed after its revocation.
    """
    revocation = chain.revocation(key)
    if revocation is None:
        return Link(what, chain.party, True, at)
    if at >= revocation.since:
        raise JournalProblem("revoked", party=chain.party)
    orderly = revocation.reason == ORDERLY
    return Link(what, chain.party, orderly, at, "" if orderly else "its key was revoked later: the date proves nothing")


def own_word(chain: Chain, key: VerifyingKey, at: int, witnessed: Sequence[int]) -> str:
    """What to say of a party's word about itself; raises ``revoked`` where nobody shows that it came in time."""
    revocation = chain.revocation(key)
    if revocation is None:
        return ""
    if any(seen + SECOND <= revocation.since for seen in witnessed):  # cosignatures count whole seconds
        return "its key was revoked later; a cosignature shows that it was in time"
    if revocation.reason == ORDERLY and at < revocation.since:
        return "its key was retired later; that it was in time is its own word"
    raise JournalProblem("revoked", party=chain.party)
