"""Enter: sign in by passphrase with a code, or with a recovery code in its place; leave again.

Every refusal of a stranger is the same sentence and takes as long: an officer who is not there costs a passphrase too.
"""

from __future__ import annotations

import msgspec

from parley.desk.node import Node
from parley.desk.sign_in import account, codes, sessions
from parley.desk.sign_in.account import Account
from parley.desk.sign_in.keeper import Keeper
from parley.desk.sign_in.problems import SignInProblem
from parley.desk.sign_in.sessions import Begun
from parley.line.ports import Tx


async def enter(
    node: Node, keeper: Keeper, officer: str, passphrase: str, code: str, *, agent: str, browser: str
) -> Begun:
    """A session for whoever knows the passphrase and has the code; raises SignInProblem refused, code_used, wait."""
    known = node.store.look(lambda look: sessions.is_known(look, browser, officer, node.clock()))
    mark = sessions.digest(browser) if known else ""
    # Names that cannot be one share a count, so that they do not fill the table.
    counted = officer if account.NAME.fullmatch(officer) else ""
    keeper.attempts.check(counted, mark, keeper.ticks())
    try:
        begun = await _enter(node, keeper, officer, passphrase, code, agent, browser if known else "")
    except SignInProblem:
        keeper.attempts.failed(counted, mark, keeper.ticks())
        raise
    keeper.attempts.succeeded(counted, mark)
    return begun


async def _enter(
    node: Node, keeper: Keeper, officer: str, passphrase: str, code: str, agent: str, browser: str
) -> Begun:
    found = node.store.look(lambda look: account.find(look, officer))
    secret = await keeper.slowly(account.secret_of, found or _nobody(node, keeper), passphrase)
    if found is None or secret is None or found.ended_at is not None:
        raise SignInProblem("refused")
    step = codes.step_of(secret, code, node.clock())

    def unit(tx: Tx) -> Begun:
        now_kept = account.find(tx, officer)
        if now_kept is None or now_kept.ended_at is not None or now_kept.secret != found.secret:
            raise SignInProblem("refused")
        account.keep(tx, _after(now_kept, step, code))
        how = "recovery" if step is None else "code"
        return sessions.begin(node, tx, officer, how, agent, keeper.hours, browser)

    return await node.store.write(unit, point="sign_in")


def _after(found: Account, step: int | None, code: str) -> Account:
    """The account after this code; a code, or a recovery code, serves once."""
    if step is not None:
        if step <= found.last_step:
            raise SignInProblem("code_used")
        return msgspec.structs.replace(found, last_step=step)
    left = account.recovery_left(found, code)
    if left is None:
        raise SignInProblem("refused")
    return msgspec.structs.replace(found, recovery=left)


def _nobody(node: Node, keeper: Keeper) -> Account:
    """An account that nobody has and no passphrase opens, at the same cost."""
    cost = (keeper.cost.memory_kib, keeper.cost.passes, keeper.cost.lanes)
    return Account(
        officer="", language="en", made_at=0, salt=node.rng(account.SALT_BYTES), cost=cost, secret=bytes(64),
        last_step=0, recovery=(),
    )  # fmt: skip


async def end_account(node: Node, officer: str) -> None:
    """End an account and all that is signed in with it; raises SignInProblem("no_account").

    The passkeys go; the name stays taken, so that what an officer did under it is never another's.
    """

    def unit(tx: Tx) -> None:
        found = account.find(tx, officer)
        if found is None:
            raise SignInProblem("no_account", officer=officer[:40])
        account.keep(tx, msgspec.structs.replace(found, ended_at=node.clock()))
        for one in account.passkeys(tx, officer):
            tx.drop(account.PASSKEY, one.id.hex())

    await node.store.write(unit, point="sign_in")
    await sessions.end_all(node, officer)
