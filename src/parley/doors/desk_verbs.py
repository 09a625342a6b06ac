"""Verbs about the pages for officers: who has an account there, links, what is signed in.

For the machine's own account.
"""

from __future__ import annotations

from typing import Any

from parley.clearance import passkey_digits, passkey_file, read_passkey_file
from parley.desk.node import Node
from parley.desk.sign_in import account, enter, links, sessions, tour
from parley.desk.sign_in.problems import SignInProblem
from parley.doors.problems import DoorProblem


class DeskVerbs:
    """Verbs over `node`, by the names of the local door; `desk` is the address of the pages, "" without, `tour` whether
    it is one of the demonstration's."""

    node: Node
    desk: str
    tour: bool

    async def do_desk_link(self, whom: str, by: str) -> dict[str, str]:
        """A link for an officer's account, in the answer this once; raises DoorProblem("no_desk"), SignInProblem."""
        if not self.desk:
            raise DoorProblem("no_desk")
        return {"officer": whom, "link": f"{self.desk}/set-up/{await links.make(self.node, whom, by)}"}

    async def do_desk_accounts(self) -> list[dict[str, Any]]:
        """Who has an account, since when, with how many passkeys."""

        def row(look: Any, one: account.Account) -> dict[str, Any]:
            passkeys = len(account.passkeys(look, one.officer))
            return {"officer": one.officer, "made_at": one.made_at, "ended_at": one.ended_at, "passkeys": passkeys}

        return self.node.store.look(lambda look: [row(look, one) for one in account.everyone(look)])

    async def do_desk_passkeys(self, whom: str) -> list[dict[str, Any]]:
        """An officer's passkeys: name, twenty digits, and the file with which two officers take one into the signer's
        list; nothing of it is secret."""
        found = []
        for one in self.node.store.look(lambda look: account.passkeys(look, whom)):
            file = passkey_file(one.site, self.desk, one.id, one.public_key)
            found.append({"name": one.name, "digits": passkey_digits(read_passkey_file(file)), "file": file})
        return found

    async def do_tour_link(self, whom: str) -> dict[str, str]:
        """A link that signs in at a desk of the demonstration; raises DoorProblem("no_tour"), SignInProblem."""
        if not self.tour:
            raise DoorProblem("no_tour")
        return {"officer": whom, "link": f"{self.desk}/tour/{await tour.make(self.node, whom)}"}

    async def do_desk_end(self, whom: str, account_too: bool) -> int:
        """End all that an officer has open, and perhaps the account; how many sessions ended."""
        if self.node.store.look(lambda look: account.find(look, whom)) is None:
            raise SignInProblem("no_account", officer=whom[:40])
        ended = await sessions.end_all(self.node, whom)
        if account_too:
            await enter.end_account(self.node, whom)
        return ended
