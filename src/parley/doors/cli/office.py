"""What commands about officers and clearance share: which office, who acts, and the second officer beside."""

from __future__ import annotations

from typing import Any

import typer

from parley.doors.cli.context import RELEASE, Context
from parley.doors.problems import DoorProblem

NAMED = typer.Option("", "--office", help="Which office; may be left out where there is one.")
WITH = typer.Option("", "--with", help="The second officer, who gives a passphrase too.")
WITH_FILE = typer.Option(None, "--with-passphrase-file", help="A file of mode 600 with it; else it is asked for.")


def office_of(c: Context, given: str) -> str:
    """The office that is meant; raises DoorProblem("bad_choice")."""
    ours: Any = c.home.settings().offices
    if given in ours:
        return given
    if not given and len(ours) == 1:
        return str(ours[0])
    raise DoorProblem("bad_choice", given=given[:40], what="an office of this node", choices=", ".join(ours))


def acting(c: Context, office: str) -> tuple[str, tuple[str, str]]:
    """The office; and who acts, with a passphrase that fits, before anything more is asked."""
    where = office_of(c, office)
    secret = c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE)
    c.backstage.check_officer(c.home, where, c.officer, secret)
    return where, (c.officer, secret)


def told_node(c: Context, office: str) -> None:
    """Tell the node who is what, once the signer's files say so; a desk that never had roles needs no word."""
    roster = c.backstage.office_roster(c.home, office)
    if roster["version"]:
        c.call("roster_put", office=office, told=roster, policy=c.backstage.own_policy(c.home, office))
