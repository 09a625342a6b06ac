"""Gossip: peers tell each other the newest version that they hold of third parties, so that withholding shows.

A sighting proves nothing and changes nothing: it is a reason to ask for signed bytes. Leaves out asking (desk).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.entry import Entry
from parley.directory.fields import OCTETS, TEXT, WHOLE, Field, Layout


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


SIGHTING: Final = Layout(
    "sighting", Sighting, (Field(1, "party", TEXT), Field(2, "version", WHOLE), Field(3, "digest", OCTETS))
)
"""As a part of whatever carries it; it bears no wire version of its own."""


def sight(entry: Entry) -> Sighting:
    """What to tell of `entry`."""
    return Sighting(entry.party, entry.current.version, entry.current.digest)


def compare(entry: Entry | None, sighting: Sighting) -> Sighted:
    """How `sighting` compares with `entry`."""
    if entry is None:
        return Sighted.UNKNOWN
    if sighting.version > entry.current.version:
        return Sighted.NEWER_THERE
    held = entry.version(sighting.version)
    if held is not None and held.particulars.digest != sighting.digest:
        return Sighted.CONTRADICTS
    return Sighted.SAME if sighting.version == entry.current.version else Sighted.OLDER_THERE
