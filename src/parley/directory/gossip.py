"""Gossip: peers tell each other the newest version that they hold of third parties, so that withholding shows.

A sighting proves nothing and changes nothing: it is a reason to ask for signed bytes. A request names a party and the
version after which bytes are wanted. Leaves out asking, answering and how often (desk).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.entry import Entry
from parley.directory.fields import (
    OCTETS,
    TEXT,
    WHOLE,
    Extensions,
    Field,
    Layout,
    check_extensions,
    listed,
    nested,
)


class Sighting(msgspec.Struct, frozen=True):
    """ "The newest that I hold of this party": party, version, digest of its particulars."""

    party: str
    version: int
    digest: bytes

    def __post_init__(self) -> None:
        wording.party("sighting.party", self.party)
        wording.whole("sighting.version", self.version, 1, rules.VERSIONS)
        wording.octets("sighting.digest", self.digest, 32, 32)


class Sighted(Enum):
    """How a peer's sighting compares with what is held here. All but SAME and OLDER_THERE: ask for the bytes."""

    SAME = "same"
    NEWER_THERE = "newer-there"
    OLDER_THERE = "older-there"
    CONTRADICTS = "contradicts"
    UNKNOWN = "unknown"


class Wanted(msgspec.Struct, frozen=True):
    """ "Give me what you hold of this party after this version"; 0: from the first on."""

    party: str
    after: int

    def __post_init__(self) -> None:
        wording.party("wanted.party", self.party)
        wording.whole("wanted.after", self.after, 0, rules.VERSIONS)


SIGHTING: Final = Layout(
    "sighting", Sighting, (Field(1, "party", TEXT), Field(2, "version", WHOLE), Field(3, "digest", OCTETS))
)
"""As a part of whatever carries it; it bears no wire version of its own."""
WANTED: Final = Layout("wanted", Wanted, (Field(1, "party", TEXT), Field(2, "after", WHOLE)))


class Sightings(msgspec.Struct, frozen=True):
    """What travels: one for each third party, ascending by party."""

    sightings: tuple[Sighting, ...]
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        parties = tuple(sighting.party for sighting in self.sightings)
        wording.several("sightings", parties, str, 0, rules.SIGHTINGS)
        if list(parties) != sorted(parties):
            wording.refuse("sightings", "order")
        check_extensions("sightings.extensions", self.extensions)


class Request(msgspec.Struct, frozen=True):
    """What travels: what is wanted, ascending by party."""

    wanted: tuple[Wanted, ...]
    extensions: Extensions = ()

    def __post_init__(self) -> None:
        parties = tuple(wanted.party for wanted in self.wanted)
        wording.several("wanted", parties, str, 1, rules.WANTED)
        if list(parties) != sorted(parties):
            wording.refuse("wanted", "order")
        check_extensions("wanted.extensions", self.extensions)


SIGHTINGS: Final = Layout("sightings", Sightings, (Field(1, "sightings", listed(nested(SIGHTING))),), standing=True)
REQUEST: Final = Layout("request", Request, (Field(1, "wanted", listed(nested(WANTED))),), standing=True)
_ITEM: Final = 64 * 1024


def write_sightings(sightings: Iterable[Sighting]) -> bytes:
    """The item to send; of more parties than fit, the first by code."""
    ordered = sorted(sightings, key=lambda sighting: sighting.party)
    return SIGHTINGS.encode(Sightings(tuple(ordered[: rules.SIGHTINGS])))


def read_sightings(data: bytes) -> tuple[Sighting, ...]:
    """The sightings of an item; raises SealProblem, DirectoryProblem."""
    return SIGHTINGS.decode(data, limit=_ITEM).sightings


def write_request(wanted: Iterable[Wanted]) -> bytes:
    """The item to send; of more than fit, the first by code."""
    ordered = sorted(wanted, key=lambda one: one.party)
    return REQUEST.encode(Request(tuple(ordered[: rules.WANTED])))


def read_request(data: bytes) -> tuple[Wanted, ...]:
    """What an item asks for; raises SealProblem, DirectoryProblem."""
    return REQUEST.decode(data, limit=_ITEM).wanted


def sight(entry: Entry) -> Sighting:
    """What to tell of `entry`."""
    return Sighting(entry.party, entry.current.version, entry.current.digest)


def compare(entry: Entry | None, sighting: Sighting, former: Iterable[Entry] = ()) -> Sighted:
    """How `sighting` compares with `entry`. What belongs to a former identity is older, whatever its number."""
    if entry is None:
        return Sighted.UNKNOWN
    if any(held.particulars.digest == sighting.digest for past in former for held in past.versions):
        return Sighted.OLDER_THERE
    if sighting.version > entry.current.version:
        return Sighted.NEWER_THERE
    held = entry.version(sighting.version)
    if held is not None and held.particulars.digest != sighting.digest:
        return Sighted.CONTRADICTS
    return Sighted.SAME if sighting.version == entry.current.version else Sighted.OLDER_THERE
