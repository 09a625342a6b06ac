"""Tour: how a newcomer sits down at one of the demonstration's two desks: a link signs in, once, within half an hour.

It asks for nothing else, and so is made only by a node whose settings say that it is one of those desks
(outside.settings keeps that to names under ``.localhost``). Its account has a passphrase that nobody knows: the way
back is another link, or a passkey that was made meanwhile.
"""

from __future__ import annotations

import hmac

import msgspec

from parley.desk.node import Node
from parley.desk.sign_in import account, codes, sessions
from parley.desk.sign_in.keeper import Keeper
from parley.desk.sign_in.links import VALID_MS
from parley.desk.sign_in.problems import SignInProblem
from parley.desk.sign_in.sessions import Begun
from parley.line.ports import Look, Tx

LINK = "tour-link"
AGAIN_MS = 30_000
"""How long a second click on the same button counts as the first."""


class TourLink(msgspec.Struct, frozen=True, kw_only=True):
    """As kept, under its digest. `ends_at` in ms UTC."""

    officer: str
    ends_at: int


async def make(node: Node, officer: str) -> str:
    """A new link's secret; raises SignInProblem("bad_name")."""
    secret, now = sessions.new_secret(node), node.clock()
    made = TourLink(officer=account.check_name(officer), ends_at=now + VALID_MS)

    def unit(tx: Tx) -> None:
        for key, kept in tx.records(LINK):
            if msgspec.msgpack.decode(kept, type=TourLink).ends_at <= now:
                tx.drop(LINK, key)
        tx.put(LINK, sessions.digest(secret), msgspec.msgpack.encode(made))

    await node.store.write(unit, point="sign_in")
    return secret


def find(node: Node, look: Look, secret: str) -> TourLink:
    """The link that this secret opens; raises SignInProblem("tour_gone")."""
    kept = look.record(LINK, sessions.digest(secret))
    found = None if kept is None else msgspec.msgpack.decode(kept, type=TourLink)
    if found is None or node.clock() >= found.ends_at:
        raise SignInProblem("tour_gone")
    return found


async def enter(
    node: Node, keeper: Keeper, secret: str, page: str, *, language: str, agent: str, browser: str
) -> Begun:
    """Begin a session; the link serves no more. Raises SignInProblem("tour_gone").

    `page`: drawn for the page whose button was pressed. A second click on the same button is let in too, for half a
    minute: the browser drops the answer to the first one.
    """
    name = sessions.digest(secret)
    keeper.sweep(node.clock())
    _, pressed, visitor = keeper.visits.get(name, (0, "", ""))
    if pressed and hmac.compare_digest(pressed.encode(), page.encode("utf-8", "surrogatepass")):
        return await node.store.write(
            lambda tx: sessions.begin(node, tx, visitor, "link", agent, keeper.hours, browser), point="sign_in"
        )
    officer = node.store.look(lambda look: find(node, look, secret)).officer
    own = node.store.look(lambda look: account.find(look, officer))
    if own is None or own.ended_at is not None:
        first, now = account.fresh(node.rng), node.clock()
        unknown, step = sessions.new_secret(node), now // codes.STEP_MS
        own = await keeper.slowly(
            account.make, officer, language, unknown, first, step, now, keeper.cost, node.rng
        )
    made = own

    def unit(tx: Tx) -> Begun:
        find(node, tx, secret)
        tx.drop(LINK, name)
        held = account.find(tx, officer)
        if held is None or held.ended_at is not None:
            account.keep(tx, made)
        return sessions.begin(node, tx, officer, "link", agent, keeper.hours, browser)

    begun = await node.store.write(unit, point="sign_in")
    keeper.visits[name] = (node.clock() + AGAIN_MS, page, officer)
    return begun
