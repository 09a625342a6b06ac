"""The directory: every accepted party, what may change its entry, and what follows from it at a given moment.

Pure and in memory. A method that changes something returns an `Outcome` whose rows the desk writes in its transaction;
`Directory.rebuild` makes the same directory from all rows. Not safe for threads: it has one owner.
Leaves out asking peers for what is missing (desk) and one-time prekeys in stock (store).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

import msgspec

from parley.directory import accepting, gossip, judging, learning, narrowing, rules, standing
from parley.directory.ceremony import Ceremony
from parley.directory.entry import Decision, Entry, Held, Row, signed_root_digest
from parley.directory.freshness import Prekey, PrekeyBatch, read_freshness_unverified, verify_prekeys
from parley.directory.gossip import Sighted, Sighting, Wanted
from parley.directory.judging import Judged
from parley.directory.learning import News, Outcome
from parley.directory.narrowing import Head, Narrowing
from parley.directory.problems import DirectoryProblem
from parley.directory.rebuild import rebuild as rebuild_entry
from parley.directory.signed import verify_signed
from parley.directory.standing import Leave, Standing
from parley.directory.vouchers import VouchPolicy
from parley.directory.vouching import vouchers
from parley.seal import peek
from parley.terms.party import acts_for


class Directory:
    """Accepted parties by code. Instants are milliseconds since the Unix epoch, UTC; `now` is the caller's.

    `vouching` holds until an officer chooses (`choose_vouchers`); `own` is the party of this node, which alone may be
    accepted as ``own``.
    """

    def __init__(self, vouching: VouchPolicy | None = None, own: str | None = None) -> None:
        self._vouching = vouching or VouchPolicy()
        self.own = own
        self._entries: dict[str, Entry] = {}
        self._former: dict[str, tuple[Entry, ...]] = {}
        self._certificates: dict[str, frozenset[bytes]] = {}

    @classmethod
    def rebuild(cls, rows: Iterable[Row], vouching: VouchPolicy | None = None, own: str | None = None) -> Directory:
        """The directory of these rows; every signature is verified again. Raises ``bad_record``."""
        directory = cls(vouching, own)
        for (party, _), group in groupby(sorted(rows), key=lambda row: (row.party, row.era)):
            if party in directory._entries:
                directory._former[party] = (*directory.former(party), directory._entries[party])
            entry = rebuild_entry(group)
            if entry.era != len(directory.former(party)):
                raise DirectoryProblem("bad_record", party=party, kind="era")
            directory._keep(Outcome(News.KNOWN, entry))
        return directory

    def rows(self) -> tuple[Row, ...]:
        """Every row of every entry, former identities among them, sorted."""
        entries = [*self._entries.values(), *(entry for former in self._former.values() for entry in former)]
        return tuple(sorted(row for entry in entries for row in entry.rows()))

    # -- what may change an entry

    def accept(
        self,
        signed: bytes,
        *,
        how: str,
        now: int,
        by: str,
        ceremony: Ceremony | None = None,
        new_identity: bool = False,
    ) -> Outcome:
        """Accept particulars by the decision of officer `by`. It implies no recognition of anyone.

        Args:
            how: ``ceremony`` (with `ceremony`), ``vouched``, or ``own`` for the party of this very node.
            new_identity: the party says that its roots are lost: begin a new era. Needs a ceremony (for ours, the
                decision of our own officer); shown as a break.

        Raises what `verify_signed` and `verify_succession` raise, ``expired``, ``ceremony_missing``, ``one_sided``,
        ``phrase_differs``, ``too_few_vouchers``, ``would_break``.
        """
        received = verify_signed(signed)
        party, roots = received.particulars.party, signed_root_digest(received.particulars)
        if (new_identity and how == "vouched") or (how == "own" and party != self.own):
            raise DirectoryProblem("ceremony_missing", party=party)
        acceptance = accepting.grounds(
            received,
            how=how,
            now=now,
            by=by,
            ceremony=ceremony,
            vouchers=vouchers(self.vouching, self._entries, party, (roots,), now) if how == "vouched" else (),
            needed=self.vouching.needed,
        )
        entry = self._entries.get(party)
        if entry is not None and (roots in entry.root_digests or not new_identity):
            return self._keep(accepting.accept_again(entry, received, acceptance, now))
        if entry is not None:
            self._former[party] = (*self.former(party), entry)
        decision = None if entry is None else entry.decision
        return self._keep(accepting.begin(received, acceptance, len(self.former(party)), now, decision))

    def learn(self, signed: bytes, now: int) -> Outcome:
        """Take a version of an accepted party, from whomever it comes. Raises ``not_accepted``, ``from_the_future`` and
        what `verify_signed` and `verify_succession` raise; a proven contradiction is no error but FORK."""
        received = verify_signed(signed)
        return self._keep(learning.learn_version(self.entry(received.particulars.party), received, now))

    def learn_freshness(self, signed: bytes, now: int) -> Outcome:
        """Take a node's freshness. Raises ``not_accepted``, ``particulars_behind`` (fetch the version it names),
        ``rollback``, ``other_digest``, ``from_the_future``, SealProblem for a signature that is not a node's.

        An older one changes nothing (KNOWN), an expired one is LATE: it was merely long on its way.
        """
        claimed = read_freshness_unverified(peek(signed).payload)
        return self._keep(learning.learn_freshness(self.entry(claimed.party), claimed, signed, now))

    def learn_prekeys(self, signed: bytes, party: str, for_party: str) -> PrekeyBatch:
        """The one-time prekeys that `party` issued for us; keeping and using them up is the store's. Raises."""
        return verify_prekeys(signed, self._receivable(party).current.node_keys, party, for_party)

    def suspend(self, party: str, *, now: int, by: str) -> Outcome:
        """Suspend the line with `party`, by our own decision and without reason."""
        return self._decide(party, now, by, suspended=True)

    def resume(self, party: str, *, now: int, by: str) -> Outcome:
        """Take the line up again."""
        return self._decide(party, now, by, suspended=False)

    def narrow(
        self, party: str, *, now: int, by: str, take: Narrowing | None = None, send: Narrowing | None = None
    ) -> Outcome:
        """From now on only what `take` says passes from `party`, and what `send` says to it; None: as before.

        `narrowing.ALL` widens to everything.
        """
        changes = {"take": take, "send": send}
        return self._decide(party, now, by, **{name: value for name, value in changes.items() if value is not None})

    def withhold(self, party: str, stages: Iterable[str] | None, *, now: int, by: str) -> Outcome:
        """Keep these receipt stages from `party` (``opened``, ``read``); None: as this node's settings say."""
        return self._decide(party, now, by, withheld=None if stages is None else tuple(sorted(set(stages))))

    def choose_vouchers(self, policy: VouchPolicy, *, now: int, by: str) -> Outcome:
        """How many of which parties may vouch to us; raises ``not_accepted`` before our own particulars are."""
        return self._decide(self.own or "", now, by, vouching=policy)

    def set_aside(self, party: str, *, now: int, by: str) -> Outcome:
        """An officer looked at the evidence of equivocation and goes on; the evidence stays."""
        return self._decide(party, now, by, set_aside=len(self.entry(party).evidence))

    # -- what follows from it

    @property
    def parties(self) -> tuple[str, ...]:
        """Codes of all accepted parties, sorted."""
        return tuple(sorted(self._entries))

    def entry(self, party: str) -> Entry:
        """The entry of `party`; raises ``not_accepted``."""
        try:
            return self._entries[party]
        except KeyError:
            raise DirectoryProblem("not_accepted", party=party[:14]) from None

    def history(self, party: str) -> tuple[Held, ...]:
        """Every version ever accepted, former identities first."""
        entries = (*self._former.get(party, ()), self.entry(party))
        return tuple(held for entry in entries for held in entry.versions)

    def former(self, party: str) -> tuple[Entry, ...]:
        """Identities of `party` that were replaced by a new one, oldest first."""
        return self._former.get(party, ())

    def standing(self, party: str, now: int) -> Standing:
        """How `party` stands now (`standing`)."""
        return standing.standing(self._entries.get(party), self._entries, self.vouching, now)

    def marks(self, party: str, now: int) -> tuple[str, ...]:
        """What has to be said about `party` on everything that it signs (`judging.MARKS`), expiry among it."""
        entry = self.entry(party)
        found = standing.marks(entry, self._entries, self.vouching, now)
        return tuple(sorted({*found, *judging.expiry_marks(entry.current, now, now)}))

    def may_send(self, party: str, now: int, override: str | None = None) -> Leave:
        """Leave to send a note to `party`; raises ``not_accepted``, ``party_revoked``, ``suspended``,
        ``needs_override``. `override`: name of the officer who decides it all the same; journal it."""
        found = self.marks(party, now) if party in self._entries else ()
        return standing.leave(self.standing(party, now), party[:14], found, override)

    def withheld(self, party: str) -> tuple[str, ...] | None:
        """The receipt stages that an officer decided to keep from `party`; None: nobody decided."""
        entry = self._entries.get(party)
        return None if entry is None or entry.decision is None else entry.decision.withheld

    @property
    def vouching(self) -> VouchPolicy:
        """How many of which parties may vouch: our officer's choice, else what this directory began with."""
        ours = self._entries.get(self.own or "")
        chosen = ours.decision.vouching if ours is not None and ours.decision is not None else None
        return chosen or self._vouching

    def check_taken(self, party: str, head: Head) -> None:
        """Raise ``form_refused``, ``kind_refused``, ``precedence_refused`` or ``attachment_refused`` if this desk
        narrowed what it takes from `party` and a note of theirs with this `head` is outside."""
        narrowing.check_taken(party, self.entry(party).take, head)

    def check_sent(self, party: str, head: Head) -> None:
        """Raise ``not_sent`` if this desk narrowed what it sends to `party` and a note of ours is outside."""
        narrowing.check_sent(party, self.entry(party).send, head)

    def by_ceremony(self, party: str, office: str = "") -> bool:
        """Whether `party` was accepted by ceremony; if `office` acts for another, whether that one was too."""
        principal = acts_for(office)
        known = [party] if principal is None else [party, principal]
        return all(code in self._entries and self._entries[code].acceptance.how != "vouched" for code in known)

    def require_ceremony(self, party: str, office: str = "") -> None:
        """Raise ``needs_ceremony`` unless `by_ceremony`: attribution, protest and claim ask this."""
        self.entry(party)
        if not self.by_ceremony(party, office):
            known = self.by_ceremony(party)
            raise DirectoryProblem("needs_ceremony", party=(acts_for(office) or party) if known else party)

    def check_office(self, form: int, party: str, office: str, kinds: Collection[str]) -> None:
        """Raise ``office_kind`` unless `office` of `party` is of one of these kinds; () is any.

        The kind is that of the newest version that names the office: a note may arrive after its office was closed.
        Raises ``no_office``, ``not_accepted``.
        """
        found = self._kind(party, office)
        if kinds and found not in kinds:
            wanted = ", ".join(kinds)
            raise DirectoryProblem("office_kind", form=form, office=f"{party}/{office}", kind=found, wanted=wanted)

    def _kind(self, party: str, office: str) -> str:
        for held in reversed(self.entry(party).versions):
            for known in held.particulars.offices:
                if known.id == office:
                    return known.kind
        raise DirectoryProblem("no_office", party=party, office=office[:32])

    def office_keys(self, party: str, office: str, *, signed_at: int, now: int, transit: int = rules.TRANSIT) -> Judged:
        """The keys that count for a note of `office` signed at `signed_at` and arriving at `now` (`judging`).

        Raises ``no_office``, ``mandate_missing`` and the problems of a standing with which nothing is received.
        """
        entry = self._receivable(party)
        periods = judging.office_periods(entry, office)
        if not periods:
            raise DirectoryProblem("no_office", party=party, office=office[:32])
        found = standing.marks(entry, self._entries, self.vouching, now)
        if party != self.own:  # that of our own is checked towards whom it is sent (`acting`)
            found += standing.acting(entry, self._entries, office, self.own)
        return judging.judge(entry, periods, found, signed_at=signed_at, now=now, transit=transit)

    def node_keys(self, party: str, *, signed_at: int, now: int, transit: int = rules.TRANSIT) -> Judged:
        """The same for what a node signs: receipts, checkpoints, voids, problems."""
        entry = self._receivable(party)
        found = standing.marks(entry, self._entries, self.vouching, now)
        periods = judging.node_periods(entry)
        return judging.judge(entry, periods, found, signed_at=signed_at, now=now, transit=transit)

    def sealing_key(self, party: str, now: int) -> Prekey:
        """The rotating prekey to seal to. Raises ``no_prekey`` if none came, the node key that gave it is revoked, or
        so much of its time is over that the private key may be erased before the note arrives."""
        entry = self.entry(party)
        heard = entry.heard
        if heard is None or heard.signer in entry.revoked or now >= heard.freshness.prekey.seal_until:
            raise DirectoryProblem("no_prekey", party=party)
        return heard.freshness.prekey

    def party_of_certificate(self, der: bytes, claimed: str | None = None) -> str | None:
        """The accepted party whose current particulars list this certificate, unless revoked or suspended.

        Nobody can stop a party from listing another's certificate (it cannot use it): so a request should say for
        whom it speaks. Without `claimed`, two parties listing the same one means None.
        """
        parties = [party for party, listed in self._certificates.items() if der in listed]
        if claimed is not None:
            return claimed if claimed in parties else None
        return parties[0] if len(parties) == 1 else None

    def certificates(self) -> list[tuple[str, bytes]]:
        """(party, DER) of every certificate that counts now: what a TLS server should trust to be shown."""
        return [(party, der) for party in self.parties for der in sorted(self._certificates[party])]

    def acting(self, party: str, office: str, towards: str | None = None) -> tuple[str, ...]:
        """What has to be said of an office of `party` that acts for another, towards us or the party named; raises
        ``mandate_missing``."""
        return standing.acting(self.entry(party), self._entries, office, towards or self.own)

    def sightings(self, unspoken: Collection[str] = ()) -> tuple[Sighting, ...]:
        """What to tell peers: the newest version held of each party but our own and `unspoken`. A peer is told of
        itself too: so it learns of a version that its roots signed without its knowledge."""
        told = [party for party in self.parties if party != self.own and party not in unspoken]
        return tuple(gossip.sight(self._entries[party]) for party in told)

    def compare(self, sighting: Sighting) -> Sighted:
        """How a peer's sighting compares with what is held (`gossip`)."""
        return gossip.compare(self._entries.get(sighting.party), sighting, self.former(sighting.party))

    def versions_after(self, wanted: Wanted) -> tuple[bytes, ...]:
        """The signed versions held of a party after one, in order, at most GIVEN_VERSIONS; () if nothing is held."""
        entry = self._entries.get(wanted.party)
        held = () if entry is None else (one.signed for one in entry.versions)
        return tuple(one.raw for one in held if one.particulars.version > wanted.after)[: rules.GIVEN_VERSIONS]

    # -- inside

    def _keep(self, outcome: Outcome) -> Outcome:
        entry = outcome.entry
        self._entries[entry.party] = entry
        connectable = not entry.suspended and not entry.current.closed and entry.party != self.own
        self._certificates[entry.party] = frozenset(entry.current.tls if connectable else ())
        return outcome

    def _decide(self, party: str, now: int, by: str, **changes: Any) -> Outcome:
        entry = self.entry(party)
        before = entry.decision or Decision(now, by)
        later, row = entry.with_decision(msgspec.structs.replace(before, at=now, by=by, **changes))
        return self._keep(Outcome(News.NEW, later, (row,)))

    def _receivable(self, party: str) -> Entry:
        entry = self.entry(party)
        if entry.current.closed:
            raise DirectoryProblem("party_revoked", party=party)
        if entry.suspended:
            raise DirectoryProblem("suspended", party=party)
        return entry
