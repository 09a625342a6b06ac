"""Links: how an officer comes to an account.

Single use, valid half an hour, the only way in before there is any account.

There is no default passphrase: a node whose desk has no account yet makes a link at its start. A link for an officer
who has an account already replaces passphrase, code and recovery codes, and ends that officer's sessions: it is how a
lost device is replaced. Only its SHA-256 is kept. The secret of the codes is drawn when the link's page is first opened
and kept in memory until the account is made, so that whoever finds a used link later learns nothing from it.
"""

from __future__ import annotations

import msgspec

from parley.desk.node import Node
from parley.desk.sign_in import account, codes, sessions
from parley.desk.sign_in.account import Fresh
from parley.desk.sign_in.keeper import MOST_OPEN, Keeper
from parley.desk.sign_in.problems import SignInProblem
from parley.desk.sign_in.sessions import Begun
from parley.line.ports import Look, Tx

LINK = "desk-link"
VALID_MS = 30 * 60_000


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """As kept, under its digest. `officer` "": whoever opens it chooses a name, which only the first one may."""

    officer: str
    made_by: str
    made_at: int
    ends_at: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer typed on the page of a link."""

    officer: str
    language: str
    passphrase: str
    again: str
    code: str


async def make(node: Node, officer: str, made_by: str) -> str:
    """A new link's secret; one that was made for the same officer before serves no more. Raises SignInProblem."""
    if officer:
        account.check_name(officer)
    secret, now = sessions.new_secret(node), node.clock()
    made = Link(officer=officer, made_by=made_by, made_at=now, ends_at=now + VALID_MS)

    def unit(tx: Tx) -> None:
        for key, kept in tx.records(LINK):
            found = msgspec.msgpack.decode(kept, type=Link)
            if found.officer == officer or found.ends_at <= now:
                tx.drop(LINK, key)
        if not officer and account.everyone(tx):
            raise SignInProblem("link_gone")
        tx.put(LINK, sessions.digest(secret), msgspec.msgpack.encode(made))

    await node.store.write(unit, point="sign_in")
    return secret


def is_first(look: Look) -> bool:
    """Whether nobody has an account yet."""
    return not account.everyone(look)


def find(node: Node, look: Look, secret: str) -> Link:
    """The link that this secret opens; raises SignInProblem("link_gone")."""
    kept = look.record(LINK, sessions.digest(secret))
    found = None if kept is None else msgspec.msgpack.decode(kept, type=Link)
    if found is None or node.clock() >= found.ends_at or (not found.officer and not is_first(look)):
        raise SignInProblem("link_gone")
    return found


def open_link(node: Node, keeper: Keeper, secret: str) -> tuple[Link, Fresh]:
    """A link for its page, with the secrets that the page shows: the same ones each time."""
    found = node.store.look(lambda look: find(node, look, secret))
    keeper.sweep(node.clock())
    if len(keeper.shown) >= MOST_OPEN:
        raise SignInProblem("wait", seconds=60)
    _, first = keeper.shown.setdefault(sessions.digest(secret), (found.ends_at, account.fresh(node.rng)))
    return found, first


async def use(
    node: Node, keeper: Keeper, secret: str, wanted: Wanted, agent: str, browser: str
) -> tuple[Fresh, Begun]:
    """Make the account of a link and begin its first session; raises SignInProblem. The link serves no more.

    A second click on the same button comes to the same account if it shows the same passphrase.
    """
    name = sessions.digest(secret)
    keeper.sweep(node.clock())
    if name in keeper.used:
        return await _again(node, keeper, name, wanted, agent, browser)
    link, first = open_link(node, keeper, secret)
    officer = account.check_name(link.officer or wanted.officer)
    account.check_passphrase(wanted.passphrase, wanted.again)
    now = node.clock()
    step = codes.step_of(first.secret, wanted.code, now)
    if step is None:
        raise SignInProblem("wrong_code")
    made = await keeper.slowly(
        account.make, officer, wanted.language, wanted.passphrase, first, step, now, keeper.cost, node.rng
    )

    def unit(tx: Tx) -> Begun:
        find(node, tx, secret)
        tx.drop(LINK, name)
        for key, kept in tx.records(sessions.SESSION):
            if msgspec.msgpack.decode(kept, type=sessions.Session).officer == officer:
                tx.drop(sessions.SESSION, key)
        account.keep(tx, made)
        return sessions.begin(node, tx, officer, "link", agent, keeper.hours, browser)

    try:
        begun = await node.store.write(unit, point="sign_in")
    except SignInProblem:
        if name in keeper.used:  # the first click came before this one
            return await _again(node, keeper, name, wanted, agent, browser)
        raise
    keeper.used[name] = (link.ends_at, made, first)
    keeper.shown.pop(name, None)
    node.tell_moved()
    return first, begun


async def _again(
    node: Node, keeper: Keeper, name: str, wanted: Wanted, agent: str, browser: str
) -> tuple[Fresh, Begun]:
    _, made, first = keeper.used[name]
    if await keeper.slowly(account.secret_of, made, wanted.passphrase) is None:
        raise SignInProblem("link_gone")
    begun = await node.store.write(
        lambda tx: sessions.begin(node, tx, made.officer, "link", agent, keeper.hours, browser), point="sign_in"
    )
    return first, begun
