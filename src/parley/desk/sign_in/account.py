"""An officer's account: the passphrase and the code, recovery codes, passkeys; and how each is kept.

The passphrase itself is nowhere: Argon2id makes a key of it, and that key opens the secret of the codes, so that
opening proves the passphrase and a stolen backup gives no second factor. Recovery codes have 80 random bits and are
kept as SHA-256; each serves once, in place of a code.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256

import msgspec

from parley.desk.sign_in import codes
from parley.desk.sign_in.problems import SignInProblem
from parley.line.ports import Look, Tx
from parley.seal import PassphraseCost, SealProblem, key_from_passphrase, lock, unlock

ACCOUNT, PASSKEY = "account", "passkey"
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")  # as names of officers in key files
LEAST_PASSPHRASE = 12
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
SALT_BYTES = 16
Rng = Callable[[int], bytes]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """As kept. Times in ms UTC; `last_step` is the newest code used; `cost` of Argon2id: KiB, passes, lanes."""

    officer: str
    language: str
    made_at: int
    salt: bytes
    cost: tuple[int, int, int]
    secret: bytes
    last_step: int
    recovery: tuple[bytes, ...]
    ended_at: int | None = None


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """One passkey of an officer; `site` is the name that it belongs to, `count` the newest signature counter."""

    id: bytes
    officer: str
    site: str
    public_key: bytes
    count: int
    name: str
    made_at: int


class Fresh(msgspec.Struct, frozen=True):
    """What a new account begins with and is shown once: the secret of the codes, and the recovery codes."""

    secret: bytes
    recovery: tuple[str, ...]


def fresh(rng: Rng) -> Fresh:
    """New secrets."""
    return Fresh(rng(codes.SECRET_BYTES), tuple(_recovery_code(rng) for _ in range(RECOVERY_CODES)))


def _recovery_code(rng: Rng) -> str:
    text = b32encode(rng(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def check_name(name: str) -> str:
    """`name` itself; raises SignInProblem("bad_name")."""
    if not NAME.fullmatch(name):
        raise SignInProblem("bad_name", given=name[:40])
    return name


def check_passphrase(passphrase: str, again: str) -> str:
    """`passphrase` itself; raises SignInProblem("not_the_same", "short_passphrase")."""
    if passphrase != again:
        raise SignInProblem("not_the_same")
    if len(passphrase) < LEAST_PASSPHRASE:
        raise SignInProblem("short_passphrase", least=LEAST_PASSPHRASE)
    return passphrase


def make(
    officer: str, language: str, passphrase: str, first: Fresh, step: int, now: int, cost: PassphraseCost, rng: Rng
) -> Account:
    """A new account; slow on purpose. `step`: that of the code with which the device was tried."""
    salt = rng(SALT_BYTES)
    key = key_from_passphrase(passphrase, salt, cost)
    return Account(
        officer=officer,
        language=language,
        made_at=now,
        salt=salt,
        cost=(cost.memory_kib, cost.passes, cost.lanes),
        secret=lock(key, first.secret, _context(officer), rng),
        last_step=step,
        recovery=tuple(digest_of(code) for code in first.recovery),
    )


def secret_of(account: Account, passphrase: str) -> bytes | None:
    """The secret of the codes, None if the passphrase is another; slow on purpose."""
    try:
        key = key_from_passphrase(passphrase, account.salt, PassphraseCost(*account.cost))
        return unlock(key, account.secret, _context(account.officer))
    except SealProblem:
        return None


def recovery_left(account: Account, typed: str) -> tuple[bytes, ...] | None:
    """The digests that are left when this recovery code is used; None if it is none. Each is compared."""
    given = digest_of(typed)
    fits = [hmac.compare_digest(one, given) for one in account.recovery]
    return tuple(one for one, same in zip(account.recovery, fits, strict=True) if not same) if any(fits) else None


def digest_of(code: str) -> bytes:
    """SHA-256 of a recovery code, however a person spaced it."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return sha256(b"recovery " + plain.encode("utf-8", "surrogatepass")).digest()


def find(look: Look, officer: str) -> Account | None:
    """The account of an officer, also one that has ended."""
    kept = look.record(ACCOUNT, officer) if NAME.fullmatch(officer) else None
    return None if kept is None else msgspec.msgpack.decode(kept, type=Account)


def everyone(look: Look) -> list[Account]:
    """Every account, oldest first."""
    return [msgspec.msgpack.decode(kept, type=Account) for _, kept in look.records(ACCOUNT)]


def keep(tx: Tx, account: Account) -> None:
    """Write an account within a unit."""
    tx.put(ACCOUNT, account.officer, msgspec.msgpack.encode(account))


def passkeys(look: Look, officer: str = "") -> list[Passkey]:
    """The passkeys of an officer, or of everybody."""
    found = [msgspec.msgpack.decode(kept, type=Passkey) for _, kept in look.records(PASSKEY)]
    return [one for one in found if officer in ("", one.officer)]


def passkey(look: Look, identity: bytes) -> Passkey | None:
    """The passkey with this id."""
    kept = look.record(PASSKEY, identity.hex())
    return None if kept is None else msgspec.msgpack.decode(kept, type=Passkey)


def keep_passkey(tx: Tx, found: Passkey) -> None:
    """Write a passkey within a unit."""
    tx.put(PASSKEY, found.id.hex(), msgspec.msgpack.encode(found))


def _context(officer: str) -> bytes:
    return b"code of " + officer.encode()
