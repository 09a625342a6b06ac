"""Proposing: next versions of our particulars in which one thing changes: an office's hours, a vouch, a mandate.

Each writes a proposal that root holders sign. Leaves out rotation of keys, and signing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parley.backstage.key_work import KeyWork
from parley.doors.problems import DoorProblem
from parley.later import later
from parley.outside.home import Home

if TYPE_CHECKING:
    from parley import directory, founding
    from parley.desk import problems as desk
    from parley.outside.keys import office_file
else:
    directory, founding, desk = map(later, ("directory", "founding", "desk.problems"))
    office_file = later("outside.keys.office_file")


class Proposing(KeyWork):
    """What a command says of our own party: proposals of one change each."""

    def propose_office(self, home: Home, out: Path, office: str, changes: Mapping[str, Any], days: int) -> None:
        """Write a proposal in which one office says something else of itself. Raises DeskProblem("not_ours")."""
        if office not in home.settings().offices:
            raise desk.DeskProblem("not_ours", office=office)
        self.propose(home, [], out, offices={office: dict(changes)}, days=days)

    def propose_vouch(self, home: Home, out: Path, party: str, withdraw: bool, days: int) -> None:
        """Write a proposal in which we vouch for a party that we met in a ceremony, or do so no longer."""
        ours = self._ours(home)
        others = tuple(one for one in ours.vouches if one.party != party)
        if not withdraw:
            met = self.call(home, "met", party=party)
            others += (directory.Vouch(party, met["root_digest"], met["at"]),)
        self.propose(home, [], out, vouches=others, days=days)

    def propose_mandate(
        self, home: Home, out: Path, power: str, towards: str | None, withdraw: bool, days: int
    ) -> None:
        """Write a proposal in which a power is entrusted to act for us towards a party (None: all), or no longer."""
        others = tuple(one for one in self._ours(home).protected_by if one.towards != towards)
        if not withdraw:
            others += (directory.Mandate(power, towards, time.time_ns() // 1_000_000),)
        self.propose(home, [], out, protected_by=others, days=days)

    def add_office(self, home: Home, name: str, officer: str, passphrase: str) -> None:
        """A key file for a further office; particulars list it with the next proposal."""
        if self.running(home):
            raise DoorProblem("already_running", home=str(home.path))
        founding.add_office(home, name, office_file.Officer(officer, "duty officer"), passphrase, cost=self.cost)
