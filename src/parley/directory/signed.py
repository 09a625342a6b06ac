"""Signed particulars: proposed, signed by root holders on machines of their own, combined, verified; and succession.

What travels between the machines is bytes: the payload out, one share back from each holder. Left out: whether the
roots are the party's at all; that is accepted by a person (`ceremony`, `vouching`, `directory`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from parley.directory.particulars import Particulars, decode_particulars
from parley.directory.problems import DirectoryProblem
from parley.seal import FULL, SUITES, Domain, SigningKey, VerifyingKey, assemble, peek, signature_share, verify


class Signed(msgspec.Struct, frozen=True):
    """Particulars that the threshold of their own roots signed.

    `raw` is what was received, `signers` every key with a valid signature on it, outgoing roots among them.
    """

    raw: bytes
    particulars: Particulars
    signers: tuple[VerifyingKey, ...]


def propose(particulars: Particulars) -> bytes:
    """The payload to carry to the holders of roots."""
    return particulars.payload


def sign_share(payload: bytes, root: SigningKey) -> bytes:
    """One holder's share; the payload is read before it is signed. Raises ``not_a_root``, DirectoryProblem."""
    particulars = decode_particulars(payload)
    if root.public not in (*particulars.roots, *particulars.outgoing):
        raise DirectoryProblem("not_a_root")
    return signature_share(payload, root, Domain.PARTICULARS)


def combine(payload: bytes, shares: Sequence[bytes], old: Particulars | None = None) -> bytes:
    """The signed particulars; `old`, the version in force, is given whenever there is one and checked as peers will.

    Raises DirectoryProblem ``threshold_missing`` or a problem of `verify_succession`, SealProblem for a bad share.
    """
    signed = verify_signed(assemble(payload, shares, Domain.PARTICULARS))
    if old is not None:
        verify_succession(old, signed)
    return signed.raw


def verify_signed(signed: bytes, *, lowest_suite: int = FULL) -> Signed:
    """Particulars that stand by themselves. Raises SealProblem, DirectoryProblem.

    1. the payload is readable; 2. every signature present is a root's or outgoing root's, complete and valid;
    3. the threshold of its own roots, revoked ones not counted for others but for their own farewell, has signed.
    """
    particulars = decode_particulars(peek(signed).payload)
    verified = verify(
        signed, (*particulars.roots, *particulars.outgoing), Domain.PARTICULARS, lowest_suite=lowest_suite
    )
    # A party closes its identity by revoking its own roots: that one version they still sign.
    able = frozenset(particulars.roots) if particulars.closed else particulars.counting_roots
    have = count(verified.signers, able)
    if have < particulars.threshold:
        raise DirectoryProblem("threshold_missing", party=particulars.party, have=have, need=particulars.threshold)
    return Signed(signed, particulars, verified.signers)


def verify_succession(old: Particulars, new: Signed) -> None:
    """Raise DirectoryProblem unless `new` may take the place of `old`; the same content again is no succession problem.

    1. same party; 2. not older; 3. the old threshold of old roots has signed; 4. not another content of the same
    version, nor the next version of another history; 5. later, with no weaker suite, with every revocation kept.
    The new threshold was checked by `verify_signed`.
    """
    fresh = new.particulars
    if fresh.party != old.party:
        raise DirectoryProblem("other_party", party=old.party, given=fresh.party)
    if fresh.version < old.version:
        raise DirectoryProblem("rollback", party=old.party, given=fresh.version, held=old.version)
    if fresh.digest == old.digest:
        return
    _check_old_roots(old, new)
    if contradicts(old, fresh):
        raise DirectoryProblem("equivocation", party=old.party, given=fresh.version)
    _check_direction(old, fresh)


def contradicts(first: Particulars, second: Particulars) -> bool:
    """Whether no honest history holds both: two contents of one version, or a next version that names another."""
    if first.party != second.party or first.digest == second.digest:
        return False
    if second.version == first.version + 1:
        return second.previous != first.digest
    return second.version == first.version


def signed_by(old: Particulars, signers: Iterable[VerifyingKey]) -> bool:
    """Whether `signers` meet the threshold of the roots that count in `old`."""
    return count(signers, old.counting_roots) >= old.threshold


def count(signers: Iterable[VerifyingKey], able: frozenset[VerifyingKey]) -> int:
    """How many distinct keys of `able` are among `signers`."""
    return len(able.intersection(signers))


def _check_old_roots(old: Particulars, new: Signed) -> None:
    if signed_by(old, new.signers):
        return
    fresh = new.particulars
    # With a version in between, the hand-over may be there; its signatures are not on this one.
    if fresh.version > old.version + 1 and set(fresh.roots) != set(old.roots):
        raise DirectoryProblem("gap", party=old.party, given=fresh.version, held=old.version)
    have = count(new.signers, old.counting_roots)
    raise DirectoryProblem("old_roots_missing", party=old.party, have=have, need=old.threshold)


def _check_direction(old: Particulars, fresh: Particulars) -> None:
    if fresh.issued_at <= old.issued_at:
        raise DirectoryProblem("issued_backwards", party=old.party)
    if _strength(fresh.lowest_suite) < _strength(old.lowest_suite):
        raise DirectoryProblem("suite_lowered", party=old.party)
    now_since = {revocation.key_id: revocation.since for revocation in fresh.revoked}
    for revocation in old.revoked:
        # `since` may become earlier when a theft turns out older than thought; never later.
        if now_since.get(revocation.key_id, revocation.since + 1) > revocation.since:
            raise DirectoryProblem("revocation_withdrawn", party=old.party)


def _strength(suite: int) -> int:
    """Order of suites; one that is not known here was made by newer software and counts as stronger than any known."""
    return SUITES[suite].strength if suite in SUITES else 1 << 16
