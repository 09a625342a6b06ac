"""Tokens: what a program shows to be let in by the API, and what it may do there.

A token is ``parley_`` with its id and 32 random bytes. Only the SHA-256 of the whole is kept, which suffices because
nobody can guess 256 random bits; a passphrase would need more. A token may read and draft. None may release a note or
answer a read-back: there is no scope for it, because only a person does that (DESIGN 3.2).
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from enum import Enum
from hashlib import sha256

import msgspec

from parley.desk.node import Node
from parley.desk.problems import DeskProblem

KIND = "token"
SHAPE = re.compile(r"parley_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
SECRET_BYTES = 32
DAY = 86_400_000
LONGEST_DAYS = 366


class Scope(Enum):
    """What a token may do; each alone, none includes another."""

    READ = "read"  # notes, where they stand, and what happens to them
    DRAFT = "draft"  # drafts of its own; never those of an officer or of another token
    DIRECTORY = "directory"  # parties and their particulars
    JOURNAL = "journal"  # entries of our journal, and its verification
    EXPORT = "export"  # archives of notes
    PRECEDENTS = "precedents"  # the public record: nothing of this node's own


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One token as kept; times in ms since the Unix epoch, UTC. `revoked_at` None: it was not revoked.

    `incarnation`: that of the journal when it was made. A restored backup knows nothing of what was revoked after it,
    so a restore ends every token.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: bytes
    incarnation: bytes
    made_by: str
    made_at: int
    expires_at: int
    revoked_at: int | None = None

    @property
    def officer(self) -> str:
        """Under whose name its drafts stand."""
        return f"token {self.name} ({self.id})"

    def standing(self, node: Node) -> str:
        """``valid``, ``expired``, ``revoked``, or ``restored``: ended because the node was restored from a backup."""
        if self.revoked_at is not None:
            return "revoked"
        if self.incarnation != node.incarnation:
            return "restored"
        return "valid" if node.clock() < self.expires_at else "expired"


async def make(
    node: Node, name: str, scopes: list[str], days: int, officer: str, *, identity: str = ""
) -> tuple[str, Token]:
    """A new token: what is to be given to the program, shown this once and kept nowhere, and what is kept.

    Raises DeskProblem ``bad_token_name``, ``no_scope``, ``token_days``.
    """
    if not NAME.fullmatch(name):
        raise DeskProblem("bad_token_name", given=name[:40])
    if not 1 <= days <= LONGEST_DAYS:
        raise DeskProblem("token_days", given=days, most=LONGEST_DAYS)
    identity, now = identity or new_id(node), node.clock()
    secret = urlsafe_b64encode(node.rng(SECRET_BYTES)).rstrip(b"=").decode()
    shown = f"parley_{identity}_{secret}"
    token = Token(
        id=identity, name=name, scopes=_scopes(scopes), digest=digest(shown), incarnation=node.incarnation,
        made_by=officer, made_at=now, expires_at=now + days * DAY,
    )  # fmt: skip
    await node.store.write(lambda tx: tx.put(KIND, identity, msgspec.msgpack.encode(token)), point="token")
    return shown, token


def new_id(node: Node) -> str:
    """For a token that is not made yet."""
    return node.rng(4).hex()


def listed(node: Node) -> list[Token]:
    """Every token ever made here, oldest first, the revoked ones too."""
    return [_read(kept) for _, kept in node.store.look(lambda look: look.records(KIND))]


async def revoke(node: Node, identity: str) -> Token:
    """End a token now and for ever; a second time changes nothing. Raises DeskProblem("no_token")."""
    found = held(node, identity)
    if found is None:
        raise DeskProblem("no_token", token=identity[:40])
    if found.revoked_at is not None:
        return found
    ended = msgspec.structs.replace(found, revoked_at=node.clock())
    await node.store.write(lambda tx: tx.put(KIND, identity, msgspec.msgpack.encode(ended)), point="token")
    node.tell_moved()  # streams that it holds open end now
    return ended


def held(node: Node, identity: str) -> Token | None:
    """The token with this id as it stands now."""
    kept = node.store.look(lambda look: look.record(KIND, identity))
    return None if kept is None else _read(kept)


def authenticate(node: Node, shown: str) -> Token:
    """The valid token that was shown; raises DeskProblem("bad_token"), the same for every reason.

    The comparison takes the same time wherever two digests differ, and also when no token has the id.
    """
    shape = SHAPE.fullmatch(shown)
    found = held(node, shape[1]) if shape else None
    same = hmac.compare_digest(found.digest if found else bytes(32), digest(shown))
    if found is None or not same or found.standing(node) != "valid":
        raise DeskProblem("bad_token")
    return found


def digest(shown: str) -> bytes:
    """What is kept of a token."""
    return sha256(shown.encode("utf-8", "surrogatepass")).digest()


def _scopes(given: list[str]) -> tuple[Scope, ...]:
    known = {scope.value: scope for scope in Scope}
    for one in given or [""]:
        if one not in known:
            raise DeskProblem("no_scope", given=one[:40], choices=", ".join(known))
    return tuple(scope for name, scope in known.items() if name in given)


def _read(kept: bytes) -> Token:
    return msgspec.msgpack.decode(kept, type=Token)
