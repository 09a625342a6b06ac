"""One accepted party: what was accepted, by whom, every version since, last freshness, our own decisions, evidence.

An entry is rebuilt from its rows (`rebuild`), which is all that is stored. A new era begins when a party that lost its
roots is accepted anew by ceremony. Leaves out what follows from an entry (`judging`) and where rows are kept (store).
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.ceremony import root_digest
from parley.directory.evidence import EVIDENCE, Evidence
from parley.directory.fields import FLAG, OCTETS, TEXT, WHOLE, Field, Kind, Layout, listed, maybe, nested
from parley.directory.freshness import Freshness, read_freshness_unverified, verify_freshness
from parley.directory.narrowing import ALL, NARROWING, Narrowing
from parley.directory.offices import Revocation
from parley.directory.particulars import Particulars
from parley.directory.signed import Signed, verify_signed
from parley.directory.vouchers import VOUCHING, VouchPolicy
from parley.seal import peek

HOWS: Final = ("ceremony", "vouched", "own")
WITHHELD: Final = frozenset({"opened", "read"})
"""The stages that may be kept from a party; "taken" is automatic."""


class Row(msgspec.Struct, frozen=True, order=True):
    """What the store keeps: replaces an earlier row of the same party, era, kind and number."""

    party: str
    era: int
    kind: str
    number: int
    data: bytes


class Acceptance(msgspec.Struct, frozen=True):
    """That these roots are the party's: how we know (ceremony, vouched, own), when (ms, UTC), by whose decision.

    `version` is the one shown at that moment; `means` of a ceremony; `vouchers` that counted then.
    """

    how: str
    at: int
    by: str
    root_digest: bytes
    version: int
    means: str = ""
    vouchers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.how not in HOWS:
            wording.refuse("acceptance.how", "unknown")
        wording.instant("acceptance.at", self.at)
        wording.line("acceptance.by", self.by, rules.NAME)


class Decision(msgspec.Struct, frozen=True):
    """Our own, without reason; the last one stands.

    Args:
        suspended: nothing is taken from or sent to the party.
        forms: the narrowing of Parley 0.1; it is read into `take`, and None from then on.
        set_aside: how many pieces of evidence of equivocation were looked at and set aside.
        take, send: what still passes from the party, and to it.
        withheld: receipt stages kept from the party (``opened``, ``read``); None: as the settings say.
        vouching: of our own party: which parties may vouch to us, and how many must; None: as at the start.
    """

    at: int
    by: str
    suspended: bool = False
    forms: tuple[int, ...] | None = None
    set_aside: int = 0
    take: Narrowing = ALL
    send: Narrowing = ALL
    withheld: tuple[str, ...] | None = None
    vouching: VouchPolicy | None = None

    def __post_init__(self) -> None:
        wording.instant("decision.at", self.at)
        wording.line("decision.by", self.by, rules.NAME)
        if self.forms is not None:
            msgspec.structs.force_setattr(self, "take", msgspec.structs.replace(self.take, forms=self.forms))
            msgspec.structs.force_setattr(self, "forms", None)
        wording.whole("decision.set_aside", self.set_aside, 0, rules.EVIDENCE)
        if self.withheld is not None:
            wording.several("decision.withheld", self.withheld, str, 0, len(WITHHELD))
            if not WITHHELD.issuperset(self.withheld):
                wording.refuse("decision.withheld", "unknown")


class Held(msgspec.Struct, frozen=True):
    """A version, and when it was learned (ms, UTC)."""

    learned_at: int
    signed: Signed

    @property
    def particulars(self) -> Particulars:
        """The version's content."""
        return self.signed.particulars


class Heard(msgspec.Struct, frozen=True):
    """The last freshness, when it came (ms, UTC), and which node key signed it."""

    seen_at: int
    raw: bytes
    freshness: Freshness
    signer: bytes  # key id

    @property
    def counts_until(self) -> int:
        """Seven days from its arrival or as long as it says, whichever is sooner: its clock may run ahead."""
        return min(self.freshness.valid_until, self.seen_at + rules.FRESHNESS)


class Entry(msgspec.Struct, frozen=True, dict=True):
    """All that is held about one identity (era) of one party. Never empty: one acceptance, one version at least."""

    party: str
    era: int
    acceptances: tuple[Acceptance, ...]
    versions: tuple[Held, ...]
    heard: Heard | None = None
    decisions: tuple[Decision, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def current(self) -> Particulars:
        """The newest version."""
        return self.versions[-1].particulars

    @property
    def acceptance(self) -> Acceptance:
        """The newest one; a ceremony outranks vouching because it comes later."""
        return self.acceptances[-1]

    @property
    def decision(self) -> Decision | None:
        """The decision of this desk that stands."""
        return self.decisions[-1] if self.decisions else None

    @property
    def suspended(self) -> bool:
        """Whether this desk suspended the line."""
        return self.decision is not None and self.decision.suspended

    @property
    def take(self) -> Narrowing:
        """What this desk still takes from the party."""
        return self.decision.take if self.decision else ALL

    @property
    def send(self) -> Narrowing:
        """What this desk still sends to the party."""
        return self.decision.send if self.decision else ALL

    @property
    def forked(self) -> bool:
        """Whether there is evidence of equivocation that nobody here has set aside."""
        return len(self.evidence) > (self.decision.set_aside if self.decision else 0)

    @cached_property
    def root_digest(self) -> bytes:
        """Of the current roots and threshold."""
        return self.root_digests[-1]

    @cached_property
    def root_digests(self) -> tuple[bytes, ...]:
        """Of the roots and threshold of each version."""
        return tuple(signed_root_digest(held.particulars) for held in self.versions)

    @cached_property
    def revoked(self) -> dict[bytes, Revocation]:
        """Revocations in force, by key id; succession keeps every earlier one in the newest version."""
        return {revocation.key_id: revocation for revocation in self.current.revoked}

    def version(self, number: int) -> Held | None:
        """The held version of that number."""
        return next((held for held in self.versions if held.particulars.version == number), None)

    def with_version(self, signed: Signed, now: int) -> tuple[Entry, Row]:
        """This entry with a successor, which the caller verified."""
        held = Held(now, signed)
        entry = msgspec.structs.replace(self, versions=(*self.versions, held))
        return entry, entry.row("particulars", held.particulars.version, HELD.encode(held))

    def with_acceptance(self, acceptance: Acceptance) -> tuple[Entry, Row]:
        """This entry with a further acceptance: a ceremony after vouching, or a repeated one."""
        entry = msgspec.structs.replace(self, acceptances=(*self.acceptances, acceptance))
        return entry, entry.row("acceptance", len(self.acceptances), ACCEPTANCE.encode(acceptance))

    def with_heard(self, heard: Heard) -> tuple[Entry, Row]:
        """This entry with a newer freshness in place of the old."""
        entry = msgspec.structs.replace(self, heard=heard)
        return entry, entry.row("freshness", 0, HEARD.encode(HeardRow(heard.seen_at, heard.raw)))

    def with_decision(self, decision: Decision) -> tuple[Entry, Row]:
        """This entry with a further decision of this desk."""
        entry = msgspec.structs.replace(self, decisions=(*self.decisions, decision))
        return entry, entry.row("decision", len(self.decisions), DECISION.encode(decision))

    def with_evidence(self, evidence: Evidence) -> tuple[Entry, Row]:
        """This entry with a further contradiction."""
        entry = msgspec.structs.replace(self, evidence=(*self.evidence, evidence))
        return entry, entry.row("evidence", len(self.evidence), EVIDENCE.encode(evidence))

    def row(self, kind: str, number: int, data: bytes) -> Row:
        """A row of this entry."""
        return Row(self.party, self.era, kind, number, data)

    def rows(self) -> tuple[Row, ...]:
        """Every row from which `rebuild.rebuild` makes this entry again, sorted."""
        rows = [self.row("acceptance", number, ACCEPTANCE.encode(one)) for number, one in enumerate(self.acceptances)]
        rows += [self.row("particulars", held.particulars.version, HELD.encode(held)) for held in self.versions]
        rows += (
            [self.row("freshness", 0, HEARD.encode(HeardRow(self.heard.seen_at, self.heard.raw)))] if self.heard else []
        )
        rows += [self.row("decision", number, DECISION.encode(one)) for number, one in enumerate(self.decisions)]
        rows += [self.row("evidence", number, EVIDENCE.encode(one)) for number, one in enumerate(self.evidence)]
        return tuple(sorted(rows))


def signed_root_digest(particulars: Particulars) -> bytes:
    """The root digest of one version."""
    return root_digest(particulars.party, particulars.roots, particulars.threshold)


def hear(entry: Entry, raw: bytes, now: int) -> Heard:
    """A freshness that a node key signed: of the version it names, or of the newest if that one is not held.

    Raises SealProblem, DirectoryProblem ``unreadable``.
    """
    claimed = read_freshness_unverified(peek(raw).payload)
    held = entry.version(claimed.version) or entry.versions[-1]
    freshness, signer = verify_freshness(raw, held.particulars.node_keys)
    return Heard(now, raw, freshness, signer.key_id)


class HeardRow(msgspec.Struct, frozen=True):
    """What is stored of the last freshness; the rest is read from `raw` again."""

    seen_at: int
    raw: bytes


_SIGNED: Final = Kind(lambda signed: signed.raw, lambda raw: verify_signed(OCTETS.unpack(raw)))

ACCEPTANCE: Final = Layout(
    "acceptance",
    Acceptance,
    (
        Field(1, "how", TEXT),
        Field(2, "at", WHOLE),
        Field(3, "by", TEXT),
        Field(4, "root_digest", OCTETS),
        Field(5, "version", WHOLE),
        Field(6, "means", TEXT),
        Field(7, "vouchers", listed(TEXT)),
    ),
    standing=True,
)
DECISION: Final = Layout(
    "decision",
    Decision,
    (
        Field(1, "at", WHOLE),
        Field(2, "by", TEXT),
        Field(3, "suspended", FLAG),
        Field(4, "forms", maybe(listed(WHOLE))),
        Field(5, "set_aside", WHOLE),
        Field(7, "take", nested(NARROWING), ALL),
        Field(9, "send", nested(NARROWING), ALL),
        Field(11, "withheld", maybe(listed(TEXT)), None),
        Field(13, "vouching", maybe(nested(VOUCHING)), None),
    ),
    standing=True,
)
HELD: Final = Layout("held", Held, (Field(1, "learned_at", WHOLE), Field(2, "signed", _SIGNED)), standing=True)
HEARD: Final = Layout("heard", HeardRow, (Field(1, "seen_at", WHOLE), Field(2, "raw", OCTETS)), standing=True)
