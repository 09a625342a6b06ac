"""Passkeys: made by an officer who is signed in, and shown instead of passphrase and code.

They cannot be guessed, so whoever shows one never waits for what strangers got wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from parley.desk.node import Node
from parley.desk.sign_in import account, sessions
from parley.desk.sign_in.account import Passkey
from parley.desk.sign_in.keeper import Keeper
from parley.desk.sign_in.passkeys import Passkeys, Site
from parley.desk.sign_in.problems import SignInProblem
from parley.desk.sign_in.sessions import Begun
from parley.line.ports import Tx
from parley.terms.problem import Problem
from parley.terms.text import shown

CHALLENGE_BYTES = 32
TO_ENTER = "to enter"


def ask_new(node: Node, keeper: Keeper, site: Site, officer: str) -> str:
    """What the browser needs to make a passkey, as JSON."""
    known = [one.id for one in node.store.look(lambda look: account.passkeys(look, officer)) if one.site == site.name]
    challenge = keeper.challenge(node.rng(CHALLENGE_BYTES), f"for {officer}")
    return _library(keeper).to_make(site.name, officer, challenge, known)


async def keep_new(node: Node, keeper: Keeper, site: Site, officer: str, answer: bytes, name: str) -> Passkey:
    """Keep the passkey that the browser made; raises SignInProblem("passkey_refused")."""
    library = _library(keeper)
    with _refusing():
        _, challenge = library.unchecked(answer)
        if not keeper.answered(challenge, f"for {officer}"):
            raise SignInProblem("passkey_refused")
        identity, key, count = library.made(site.name, site.origin, challenge, answer)
    made = Passkey(
        id=identity, officer=officer, site=site.name, public_key=key, count=count,
        name=shown(name.strip() or site.name, 60), made_at=node.clock(),
    )  # fmt: skip

    def unit(tx: Tx) -> None:
        if account.passkey(tx, identity) is not None:
            raise SignInProblem("passkey_refused")
        account.keep_passkey(tx, made)

    await node.store.write(unit, point="sign_in")
    return made


def ask_to_enter(node: Node, keeper: Keeper, site: Site) -> str:
    """What the browser needs to show a passkey, as JSON; it says who the officer is."""
    return _library(keeper).to_show(site.name, keeper.challenge(node.rng(CHALLENGE_BYTES), TO_ENTER), ())


async def enter(node: Node, keeper: Keeper, site: Site, answer: bytes, *, agent: str, browser: str) -> Begun:
    """A session for whoever has the passkey; raises SignInProblem("passkey_refused").

    A count that does not rise, where it had begun to count, is that of a copy (WebAuthn 7.2, step 22).
    """
    library = _library(keeper)
    with _refusing():
        identity, challenge = library.unchecked(answer)
        found = node.store.look(lambda look: account.passkey(look, identity))
        if not keeper.answered(challenge, TO_ENTER) or found is None or found.site != site.name:
            raise SignInProblem("passkey_refused")
        count = library.shown(site.name, site.origin, challenge, answer, found.public_key)

    def unit(tx: Tx) -> Begun:
        held, owner = account.passkey(tx, found.id), account.find(tx, found.officer)
        copied = held is not None and held.count and count <= held.count
        if held is None or copied or owner is None or owner.ended_at is not None:
            raise SignInProblem("passkey_refused")
        account.keep_passkey(tx, msgspec.structs.replace(held, count=count))
        return sessions.begin(node, tx, found.officer, "passkey", agent, keeper.hours, browser)

    return await node.store.write(unit, point="sign_in")


async def drop(node: Node, officer: str, identity: str) -> None:
    """Take out a passkey of an officer; a second time changes nothing."""

    def unit(tx: Tx) -> None:
        for one in account.passkeys(tx, officer):
            if one.id.hex() == identity:
                tx.drop(account.PASSKEY, identity)

    await node.store.write(unit, point="sign_in")


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever does not fit is one refusal."""
    try:
        yield
    except Problem as problem:
        raise SignInProblem("passkey_refused") from problem


def _library(keeper: Keeper) -> Passkeys:
    if keeper.passkeys is None:
        raise SignInProblem("passkey_refused")
    return keeper.passkeys
