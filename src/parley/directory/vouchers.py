"""Whom this desk lets vouch to it: an officer's choice, kept with the decisions about our own party.

Leaves out who of them does vouch (`vouching`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.directory import wording
from parley.directory.fields import TEXT, WHOLE, Field, Layout, listed
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


VOUCHING: Final = Layout("vouching", VouchPolicy, (Field(1, "needed", WHOLE), Field(2, "parties", listed(TEXT))))
