"""Sessions: who is signed in where, since when, until when; listed, and ended at once.

What the browser bears is 32 random bytes; what is kept is their SHA-256, so that a copy of the store lets nobody in. A
session ends when nothing was asked for a while, at the latest after a shift, with its officer's account, and with a
restore: a backup does not know what was ended after it was made.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

import msgspec

from parley.desk.node import Node
from parley.desk.sign_in import account
from parley.desk.sign_in.problems import SignInProblem
from parley.line.ports import Look, Tx
from parley.terms.text import shown

SESSION, BROWSER = "session", "browser"
SECRET_BYTES = 32
KNOWN_MS = 180 * 86_400_000
"""How long a browser is known to have signed in."""
SEEN_EVERY_MS = 60_000
"""How exactly it is written down when a session was last used."""


class Hours(msgspec.Struct, frozen=True):
    """How long a session lasts: without being used, and at most (ms)."""

    idle: int = 2 * 3_600_000
    most: int = 13 * 3_600_000


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """As kept. `how`: ``code``, ``recovery``, ``passkey`` or ``link``; `agent`: what the browser calls itself."""

    id: str
    officer: str
    how: str
    agent: str
    made_at: int
    seen_at: int
    ends_at: int
    incarnation: bytes


class Begun(msgspec.Struct, frozen=True):
    """A session that has just begun: what the browser is to bear, this once, and its mark as a known browser."""

    session: Session
    secret: str
    browser: str


def new_secret(node: Node) -> str:
    """What a browser bears: letters, digits, ``-`` and ``_``."""
    return urlsafe_b64encode(node.rng(SECRET_BYTES)).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """The name under which a secret is kept."""
    return sha256(b"session " + secret.encode("utf-8", "surrogatepass")).hexdigest()


def token_of(secret: str) -> str:
    """What every form of this session carries; it cannot be made from what is kept."""
    return sha256(b"form " + secret.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def begin(node: Node, tx: Tx, officer: str, how: str, agent: str, hours: Hours, browser: str) -> Begun:
    """A new session within a unit; the browser keeps its mark, or gets one. Sessions that have ended are swept."""
    _sweep(node, tx, hours)
    secret, now = new_secret(node), node.clock()
    made = Session(
        id=digest(secret)[:16],
        officer=officer,
        how=how,
        agent=shown(agent, 120),
        made_at=now,
        seen_at=now,
        ends_at=now + hours.most,
        incarnation=node.incarnation,
    )
    tx.put(SESSION, digest(secret), msgspec.msgpack.encode(made))
    mark = browser or new_secret(node)
    tx.put(BROWSER, f"{digest(mark)} {officer}", (now + KNOWN_MS).to_bytes(8, "big"))
    return Begun(made, secret, mark)


def is_known(look: Look, browser: str, officer: str, now: int) -> bool:
    """Whether this browser signed in for this officer before, and not too long ago."""
    kept = look.record(BROWSER, f"{digest(browser)} {officer}") if browser else None
    return kept is not None and now < int.from_bytes(kept, "big")


def stands(node: Node, look: Look, secret: str, hours: Hours) -> Session | None:
    """The session of this secret if it goes on; None for whatever reason it does not."""
    kept = look.record(SESSION, digest(secret)) if secret else None
    if kept is None:
        return None
    found = msgspec.msgpack.decode(kept, type=Session)
    return found if _goes_on(node, look, found, hours) else None


def _goes_on(node: Node, look: Look, found: Session, hours: Hours) -> bool:
    now = node.clock()
    if found.incarnation != node.incarnation or now >= min(found.ends_at, found.seen_at + hours.idle):
        return False
    owner = account.find(look, found.officer)
    return owner is not None and owner.ended_at is None


async def seen(node: Node, secret: str, session: Session) -> None:
    """Write down that a session was used, once a minute at most."""
    now = node.clock()
    if now - session.seen_at < SEEN_EVERY_MS:
        return

    def unit(tx: Tx) -> None:
        if tx.record(SESSION, digest(secret)) is not None:  # it may have been ended since
            made = msgspec.structs.replace(session, seen_at=now)
            tx.put(SESSION, digest(secret), msgspec.msgpack.encode(made))

    await node.store.write(unit, point="session")


def listed(node: Node, look: Look, hours: Hours, officer: str = "") -> list[Session]:
    """The sessions that go on, of one officer or of everybody, newest first."""
    found = [msgspec.msgpack.decode(kept, type=Session) for _, kept in look.records(SESSION)]
    return [one for one in reversed(found) if officer in ("", one.officer) and _goes_on(node, look, one, hours)]


async def end(node: Node, identity: str, officer: str = "") -> Session:
    """End a session by its id, of this officer if one is named; open streams end with it.

    Raises SignInProblem("no_session").
    """

    def unit(tx: Tx) -> Session:
        for key, kept in tx.records(SESSION, identity):
            found = msgspec.msgpack.decode(kept, type=Session)
            if len(identity) == 16 and officer in ("", found.officer):
                tx.drop(SESSION, key)
                return found
        raise SignInProblem("no_session")

    ended = await node.store.write(unit, point="session")
    node.tell_moved()
    return ended


async def end_all(node: Node, officer: str, but: str = "") -> int:
    """End every session of an officer, all but the one with the id `but`; returns how many."""

    def unit(tx: Tx) -> int:
        ended = 0
        for key, kept in tx.records(SESSION):
            found = msgspec.msgpack.decode(kept, type=Session)
            if found.officer == officer and found.id != but:
                tx.drop(SESSION, key)
                ended += 1
        return ended

    ended = await node.store.write(unit, point="session")
    node.tell_moved()
    return ended


def _sweep(node: Node, tx: Tx, hours: Hours) -> None:
    now = node.clock()
    for key, kept in tx.records(SESSION):
        found = msgspec.msgpack.decode(kept, type=Session)
        if found.incarnation != node.incarnation or now >= min(found.ends_at, found.seen_at + hours.idle):
            tx.drop(SESSION, key)
    for key, kept in tx.records(BROWSER):
        if now >= int.from_bytes(kept, "big"):
            tx.drop(BROWSER, key)
