"""The officers' file: the roster of one office as its signer believes it, beside the office key file.

The office key file says who can open the key; this one says who is what: roles with their dates, passkeys, what was
cleared ahead, the release policy if the ministry has its own. Whoever edits it without an officer's passphrase makes
it useless: it is authenticated with a key derived from the office key, so that only somebody who can release can write
it, and the signer checks it with the key that it holds when it signs. Without the file the office has no roles: each
who releases is everything (`Roster.is_lone`).

Officers who clear and never release have a row here, with which the signer knows their passphrases; no office key is in
it. Left out: the rules (clearance), the commands (parley.officers).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parley.clearance import Policy, Roster
from parley.outside.keys.files import FileKind, not_a_key_file, read_key_file, write_key_file
from parley.outside.keys.office_file import OfficeFile
from parley.outside.keys.problems import KeysProblem
from parley.seal import (
    PassphraseCost,
    Randomness,
    SealProblem,
    SigningKey,
    Value,
    encode,
    key_from_passphrase,
    lock,
    unlock,
)


def roster_path(office_file: Path) -> Path:
    """Where the officers' file of an office key file lies."""
    return office_file.with_name(f"{office_file.name}.officers")


@dataclass(frozen=True)
class Row:
    """One officer's secrets: how the passphrase is known, and the key of the telephone code, locked under the office
    key; either may be missing."""

    officer: str
    salt: bytes = b""
    cost: PassphraseCost | None = None
    known_by: bytes = field(default=b"", repr=False)
    telephone: bytes = field(default=b"", repr=False)

    def value(self) -> Value:
        """As it stands in the file, and as its fingerprint is taken."""
        cost: Value = None if self.cost is None else [self.cost.memory_kib, self.cost.passes, self.cost.lanes]
        return [self.officer, self.salt, cost, self.known_by, self.telephone]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in clear, as JSON: a ministry can read who may do what."""

    roster: Roster
    policy: Policy | None = None


@dataclass(frozen=True)
class RosterFile:
    """The content of an officers' file. `macs`: (id of an office key, 32 bytes), one for each key in use or waiting."""

    body: Body
    rows: tuple[Row, ...] = ()
    macs: tuple[tuple[bytes, bytes], ...] = ()

    def row(self, officer: str) -> Row | None:
        """The officer's row, if there is one."""
        return next((row for row in self.rows if row.officer == officer), None)

    def with_row(self, row: Row) -> RosterFile:
        """With `row` in place of that officer's."""
        return replace(self, rows=(*(one for one in self.rows if one.officer != row.officer), row))

    def content(self) -> bytes:
        """The bytes that are authenticated."""
        return encode(["parley/1/officers", msgspec.json.encode(self.body), [row.value() for row in self.rows]])

    def sealed(self, *keys: SigningKey) -> RosterFile:
        """Authenticated for these office keys and no other."""
        return replace(self, macs=tuple((key.public.key_id, _mac(key, self.content())) for key in keys))

    def check(self, key: SigningKey) -> None:
        """Raise KeysProblem ``officers_tampered`` unless somebody who could open `key` wrote this file."""
        found = dict(self.macs).get(key.public.key_id, b"")
        if not hmac.compare_digest(found, _mac(key, self.content())):
            raise KeysProblem("officers_tampered")


def read_roster(office_file: Path) -> RosterFile | None:
    """The officers' file beside an office key file, None if there is none; raises KeysProblem."""
    path = roster_path(office_file)
    if not path.exists():
        return None
    match read_key_file(path, FileKind.OFFICERS):
        case {3: bytes(body), 4: list(rows), 5: list(macs)}:
            try:
                return RosterFile(msgspec.json.decode(body, type=Body), tuple(_rows(rows)), tuple(_macs(macs)))
            except (msgspec.DecodeError, msgspec.ValidationError, ValueError, SealProblem):
                pass
    raise not_a_key_file(path, FileKind.OFFICERS)


def write_roster(office_file: Path, file: RosterFile) -> None:
    """Write it, mode 0600; raises KeysProblem."""
    rows: list[Value] = [row.value() for row in file.rows]
    macs: list[Value] = [[key_id, mac] for key_id, mac in file.macs]
    fields: dict[int, Value] = {3: msgspec.json.encode(file.body), 4: rows, 5: macs}
    write_key_file(roster_path(office_file), FileKind.OFFICERS, fields, replace=True)


def known_row(office: OfficeFile, name: str, passphrase: str, cost: PassphraseCost, rng: Randomness) -> Row:
    """A row for an officer who never releases: the signer knows the passphrase by it, and it opens nothing."""
    salt = rng(16)
    kek = key_from_passphrase(passphrase, salt, cost)
    return Row(name, salt, cost, lock(kek, rng(32), _context(office, name), rng))


def check_known(office: OfficeFile, row: Row, kek: bytes) -> None:
    """Raise KeysProblem ``wrong_passphrase`` unless `kek` is what this officer's passphrase gives."""
    try:
        unlock(kek, row.known_by, _context(office, row.officer))
    except SealProblem:
        raise KeysProblem("wrong_passphrase", officer=row.officer) from None


def lock_telephone(key: SigningKey, officer: str, secret: bytes, rng: Randomness) -> bytes:
    """An officer's 32-byte telephone key as the file holds it: only with the office key can it be read."""
    return lock(_derived(key, b"parley telephone"), secret, _telephone_context(officer), rng)


def unlock_telephone(key: SigningKey, row: Row | None, officer: str) -> bytes:
    """That key; raises KeysProblem ``no_telephone``."""
    if row is None or not row.telephone:
        raise KeysProblem("no_telephone", officer=officer)
    try:
        return unlock(_derived(key, b"parley telephone"), row.telephone, _telephone_context(officer))
    except SealProblem:  # locked under a key of the office that was rotated since
        raise KeysProblem("no_telephone", officer=officer) from None


def _telephone_context(officer: str) -> bytes:
    return encode(["parley/1/telephone-key", officer])


def _context(office: OfficeFile, officer: str) -> bytes:
    return encode(["parley/1/officer", office.address.party, office.address.office, officer])


def _mac(key: SigningKey, content: bytes) -> bytes:
    return hmac.digest(_derived(key, b"parley officers"), content, "sha256")


def _derived(key: SigningKey, use: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=use).derive(key.seed)


def _rows(rows: list[Value]) -> Iterator[Row]:
    for row in rows:
        match row:
            case [str(name), bytes(salt), [int(m), int(p), int(n)], bytes(known), bytes(telephone)]:
                yield Row(name, salt, PassphraseCost(m, p, n), known, telephone)
            case [str(name), bytes(salt), None, bytes(known), bytes(telephone)]:
                yield Row(name, salt, None, known, telephone)
            case _:
                raise ValueError("a row")


def _macs(macs: list[Value]) -> Iterator[tuple[bytes, bytes]]:
    for one in macs:
        match one:
            case [bytes(key_id), bytes(mac)]:
                yield key_id, mac
            case _:
                raise ValueError("a mac")
