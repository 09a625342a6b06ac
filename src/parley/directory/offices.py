"""The parts of particulars: offices, bearers, revocations, vouches, mandates; each with its layout.

A bad part cannot be built: constructors raise DirectoryProblem ``bad_value`` with field and rule. Leaves out what the
parts mean together (`particulars`) and what follows from them (`judging`, `vouching`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.fields import (
    KEY,
    NAMES,
    OCTETS,
    TEXT,
    WHOLE,
    Extensions,
    Field,
    Layout,
    check_extensions,
    listed,
    maybe,
)
from parley.seal import KEY_ID, VerifyingKey, digest
from parley.terms.party import acts_for

OFFICE_KINDS: Final = ("diplomatic", "technical", "combined")
"""Kinds in use: the two of the UN directory of points of contact, and one desk that is both. An open list."""
BEARER_KINDS: Final = ("https", "mail", "by-hand", "udp", "paper")
"""Kinds in use. An open list: an unknown kind is kept and not used."""
REVOCATION_REASONS: Final = ("retired", "lost", "compromised")
"""Reasons in use. An open list: an unknown reason counts as ``compromised`` (`rules.ORDERLY`)."""


def freeze_names(record: msgspec.Struct, field: str, value: Mapping[str, str]) -> None:
    """Check names and put a read-only copy in their place, so that a frozen record is frozen throughout."""
    wording.names(field, value)
    msgspec.structs.force_setattr(record, "names", MappingProxyType(dict(value)))


class Office(msgspec.Struct, frozen=True):
    """A point of contact that communicates for the party; it does not bind it.

    Args:
        id: name of the office within the party (`terms.party`), for example ``duty``.
        kind: diplomatic, technical, combined, or another code.
        names: shown name by language of the six; one at least.
        keys: 1 to 4 keys that sign its notes; two during a rotation.
        languages: of the six, in the order it prefers to write; at least one.
        hours: when somebody is there, one line as the office writes it, for example ``24/7``.
        telephone: international number or None.
        alternates: offices of the same party to try, in this order, when this one does not answer.
        time_zone: IANA name, for the local times shown to others.
        weekend: ISO weekday numbers, Monday 1; (5, 6) is Friday and Saturday.
        holidays: days by its own calendar on which nobody is there, ``2026-12-25``, ascending; what the party lists and
            nothing else, since no table of holidays is everybody's.
    """

    id: str
    kind: str
    names: Mapping[str, str]
    keys: tuple[VerifyingKey, ...]
    languages: tuple[str, ...]
    hours: str
    telephone: str | None = None
    alternates: tuple[str, ...] = ()
    time_zone: str = "UTC"
    weekend: tuple[int, ...] = (6, 7)
    holidays: tuple[str, ...] = ()
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.office("office.id", self.id)
        wording.code("office.kind", self.kind)
        freeze_names(self, "office.names", self.names)
        wording.several("office.keys", self.keys, VerifyingKey, 1, rules.KEYS_PER_OFFICE)
        check_languages("office.languages", self.languages)
        wording.line("office.hours", self.hours, rules.HOURS)
        if self.telephone is not None:
            wording.telephone("office.telephone", self.telephone)
        self._check_alternates()
        wording.zone("office.time_zone", self.time_zone)
        wording.several("office.weekend", self.weekend, int, 0, 6)
        for day in self.weekend:
            wording.whole("office.weekend", day, 1, 7)
        wording.dates("office.holidays", self.holidays, rules.HOLIDAYS)
        check_extensions("office.extensions", self.extensions)

    @property
    def acts_for(self) -> str | None:
        """The other party for which this office acts, by its name (`terms.party`)."""
        return acts_for(self.id)

    def _check_alternates(self) -> None:
        wording.several("office.alternates", self.alternates, str, 0, rules.OFFICES)
        for alternate in self.alternates:
            wording.office("office.alternates", alternate)
        if self.id in self.alternates:
            wording.refuse("office.alternates", "itself")


def check_languages(field: str, languages: tuple[str, ...]) -> None:
    """One to six of the six, none twice."""
    wording.several(field, languages, str, 1, 6)
    for spoken in languages:
        wording.language(field, spoken)


class Bearer(msgspec.Struct, frozen=True):
    """A way to reach the party: kind (open list), address in that kind's own writing, rank (0 is tried first)."""

    kind: str
    address: str
    rank: int
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.code("bearer.kind", self.kind)
        wording.line("bearer.address", self.address, rules.ADDRESS)
        wording.whole("bearer.rank", self.rank, 0, 99)
        if self.kind == "https" and not self.address.startswith("https://"):
            wording.refuse("bearer.address", "not-https")
        if self.kind == "mail" and not 0 < self.address.find("@") < len(self.address) - 1:
            wording.refuse("bearer.address", "not-mail")
        check_extensions("bearer.extensions", self.extensions)


class Revocation(msgspec.Struct, frozen=True):
    """A key or certificate that no longer counts: its id (16 bytes), since when (ms, UTC), why (open list of codes).

    `since` is the last moment at which the key was surely in the right hands, not the moment of writing this down.
    """

    key_id: bytes
    since: int
    reason: str
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.octets("revocation.key_id", self.key_id, KEY_ID, KEY_ID)
        wording.instant("revocation.since", self.since)
        wording.code("revocation.reason", self.reason)
        check_extensions("revocation.extensions", self.extensions)


class Vouch(msgspec.Struct, frozen=True):
    """ "We met this party in a ceremony, and these were its roots": its code and root digest, since when (ms, UTC)."""

    party: str
    root_digest: bytes
    since: int
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.party("vouch.party", self.party)
        wording.octets("vouch.root_digest", self.root_digest, 32, 32)
        wording.instant("vouch.since", self.since)
        check_extensions("vouch.extensions", self.extensions)


class Mandate(msgspec.Struct, frozen=True):
    """ "This party acts for us": the power entrusted with our interests, towards whom (None: towards all), since when.

    It is the entrusting party's word, in its own particulars; the power's word is the office that it lists.
    """

    power: str
    towards: str | None
    since: int
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        wording.party("mandate.power", self.power)
        if self.towards is not None:
            wording.party("mandate.towards", self.towards)
            if self.towards == self.power:
                wording.refuse("mandate.towards", "itself")
        wording.instant("mandate.since", self.since)
        check_extensions("mandate.extensions", self.extensions)


def certificate_id(der: bytes) -> bytes:
    """By which a TLS certificate is revoked: the first 16 bytes of SHA-256 of its DER."""
    return digest(der)[:KEY_ID]


OFFICE: Final = Layout(
    "office",
    Office,
    (
        Field(1, "id", TEXT),
        Field(2, "kind", TEXT),
        Field(3, "names", NAMES),
        Field(4, "keys", listed(KEY)),
        Field(5, "languages", listed(TEXT)),
        Field(6, "hours", TEXT),
        Field(7, "telephone", maybe(TEXT)),
        Field(8, "alternates", listed(TEXT)),
        Field(9, "time_zone", TEXT),
        Field(10, "weekend", listed(WHOLE)),
        Field(11, "holidays", listed(TEXT), ()),
    ),
)
BEARER: Final = Layout("bearer", Bearer, (Field(1, "kind", TEXT), Field(2, "address", TEXT), Field(3, "rank", WHOLE)))
REVOCATION: Final = Layout(
    "revocation", Revocation, (Field(1, "key_id", OCTETS), Field(2, "since", WHOLE), Field(3, "reason", TEXT))
)
MANDATE: Final = Layout(
    "mandate", Mandate, (Field(1, "power", TEXT), Field(2, "towards", maybe(TEXT)), Field(3, "since", WHOLE))
)
VOUCH: Final = Layout(
    "vouch", Vouch, (Field(1, "party", TEXT), Field(2, "root_digest", OCTETS), Field(3, "since", WHOLE))
)
