"""Key files: what they have in common, and the ones of root, node and archive.

Every file is one canonical map: 1 wire version, 2 the kind of file, 3 and up its fields (spec/signer.md, part 1). Files
are written whole or not at all and are readable by their owner only; a file that others can read is refused, since a
private key that somebody may have copied should be replaced and not used. Left out: the office key (office_file) and
the day keys (day_keys), which have rules of their own.
"""

from __future__ import annotations

import contextlib
import re
import stat
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from parley.later import later
from parley.outside.durable import read_at_most, write_durably
from parley.outside.keys.problems import KeysProblem
from parley.seal import (
    PassphraseCost,
    Randomness,
    SealProblem,
    SigningKey,
    Value,
    VerifyingKey,
    decode,
    digest,
    encode,
    lock_with_passphrase,
    unlock_with_passphrase,
)
from parley.terms.party import party as check_party

if TYPE_CHECKING:
    from parley.outside.keys import certificate as certificates
else:
    certificates = later("outside.keys.certificate")  # only what makes keys needs it, and it takes long to load

WIRE_VERSION: Final = 1
LARGEST_FILE: Final = 1 << 20
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class FileKind(IntEnum):
    """What a key file holds."""

    ROOT = 1
    OFFICE = 2
    NODE = 3
    ARCHIVE = 4
    DAYS = 5
    OFFICERS = 6
    TELEPHONE = 7


# Nothing beside them: a field that no checksum, lock or officer's passphrase covers has no place in a key file.
_FIELDS: Final = {
    FileKind.ROOT: set(range(1, 7)),
    FileKind.OFFICE: set(range(1, 6)),
    FileKind.NODE: set(range(1, 8)),
    FileKind.ARCHIVE: {1, 2, 3},
    FileKind.DAYS: {1, 2, 3},
    FileKind.OFFICERS: set(range(1, 6)),
    FileKind.TELEPHONE: {1, 2, 3, 4},
}


def check_name(name: str) -> str:
    """`name` itself if it can name a holder or an officer; raises KeysProblem bad_name."""
    if not _NAME.fullmatch(name):
        raise KeysProblem("bad_name", given="".join(c for c in name if c.isprintable())[:40])
    return name


def write_key_file(path: Path, kind: FileKind, fields: dict[int, Value], *, replace: bool) -> None:
    """Write the file with mode 0600; raises KeysProblem exists (unless `replace`), unwritable."""
    content = encode({1: WIRE_VERSION, 2: int(kind), **fields})
    try:
        write_durably(path, content, mode=0o600, replace=replace)
    except FileExistsError:
        raise KeysProblem("exists", path=path.name) from None
    except OSError as error:
        raise KeysProblem("unwritable", path=path.name, reason=(error.strerror or "unknown")[:60]) from None


def read_key_file(path: Path, kind: FileKind) -> dict[int, Value]:
    """The fields of the file; raises KeysProblem unreadable, too_open, not_a_key_file."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeysProblem("too_open", path=path.name)
        content = read_at_most(path, LARGEST_FILE)
    except OSError as error:
        raise KeysProblem("unreadable", path=path.name, reason=(error.strerror or "not a file")[:60]) from None
    try:
        fields = decode(content or b"", limit=LARGEST_FILE)
    except SealProblem:
        fields = None
    if not isinstance(fields, dict) or fields.keys() != _FIELDS[kind] or type(fields[1]) is not int:
        raise not_a_key_file(path, kind)
    if fields[1] != WIRE_VERSION or fields[2] != kind:
        raise not_a_key_file(path, kind)
    return fields


def not_a_key_file(path: Path, kind: FileKind) -> KeysProblem:
    """The problem of a file that is something else."""
    return KeysProblem("not_a_key_file", path=path.name, wanted=kind.name.lower())


# Root: one file for each of the persons, offline


@dataclass(frozen=True)
class RootFile:
    """One root key of a party. `name` tells the holders' files apart; the key itself is locked."""

    path: Path
    party: str
    name: str
    public: VerifyingKey
    locked: bytes = field(repr=False)

    def unlock(self, passphrase: str) -> SigningKey:
        """The key; raises SealProblem wrong_passphrase, KeysProblem damaged."""
        key = SigningKey.from_seed(unlock_with_passphrase(self.locked, passphrase, _root_context(self)))
        if key.public != self.public:
            raise KeysProblem("damaged", path=self.path.name)
        return key


def create_root(
    path: Path, party: str, name: str, passphrase: str, cost: PassphraseCost, rng: Randomness
) -> VerifyingKey:
    """Make a root key for `party` and write its file; raises KeysProblem, and SealProblem bad_passphrase."""
    key = SigningKey.generate(rng)
    shell = RootFile(path, check_party(party), check_name(name), key.public, b"")
    locked = lock_with_passphrase(key.seed, passphrase, cost, _root_context(shell), rng)
    fields: dict[int, Value] = {3: party, 4: name, 5: key.public.to_bytes(), 6: locked}
    write_key_file(path, FileKind.ROOT, fields, replace=False)
    return key.public


def read_root(path: Path) -> RootFile:
    """Read a root key file, still locked; raises KeysProblem."""
    match read_key_file(path, FileKind.ROOT):
        case {3: str(party), 4: str(name), 5: bytes(public), 6: bytes(locked)}:
            with contextlib.suppress(SealProblem):
                return RootFile(path, party, name, VerifyingKey.from_bytes(public), locked)
    raise not_a_key_file(path, FileKind.ROOT)


def _root_context(file: RootFile) -> bytes:
    """All that stands in clear beside the locked key: a changed name or public key does not unlock."""
    return encode(["parley/1/root-key", file.party, file.name, file.public.to_bytes()])


# Node: unattended


@dataclass(frozen=True)
class NodeKeys:
    """What a node holds without anybody's help: it signs receipts and the like, never a note.

    `tls_certificate` and `tls_key` are DER (PKCS #8).
    """

    party: str
    signing: SigningKey
    tls_certificate: bytes
    tls_key: bytes = field(repr=False)

    def with_new_tls(self, rng: Randomness) -> NodeKeys:
        """The same node with another TLS identity, to be published in particulars before it is used."""
        key, certificate = certificates.make_tls_identity(self.party, rng)
        return NodeKeys(self.party, self.signing, certificate, key)

    def with_new_signing(self, rng: Randomness) -> NodeKeys:
        """The same node with another signing key."""
        return NodeKeys(self.party, SigningKey.generate(rng), self.tls_certificate, self.tls_key)


def make_node(party: str, rng: Randomness) -> NodeKeys:
    """New keys for a node of `party`, not yet written anywhere."""
    tls_key, certificate = certificates.make_tls_identity(check_party(party), rng)
    return NodeKeys(party, SigningKey.generate(rng), certificate, tls_key)


def write_node(path: Path, keys: NodeKeys, *, replace: bool = False) -> None:
    """Write the node key file, mode 0600, not locked: it must open after a power cut at night; raises KeysProblem."""
    fields: dict[int, Value] = {3: keys.party, 4: keys.signing.seed, 5: keys.tls_certificate, 6: keys.tls_key}
    write_key_file(path, FileKind.NODE, {**fields, 7: _checksum(fields)}, replace=replace)


def read_node(path: Path) -> NodeKeys:
    """Read a node key file; raises KeysProblem."""
    fields = read_key_file(path, FileKind.NODE)
    match fields:
        case {3: str(party), 4: bytes(seed), 5: bytes(certificate), 6: bytes(key), 7: bytes(checksum)}:
            if checksum != _checksum({number: fields[number] for number in (3, 4, 5, 6)}):
                raise KeysProblem("damaged", path=path.name)
            return NodeKeys(party, SigningKey.from_seed(seed), certificate, key)
    raise not_a_key_file(path, FileKind.NODE)


def _checksum(fields: dict[int, Value]) -> bytes:
    """The other files notice damage when they are unlocked; this one is not locked, and a wrong bit is another key."""
    return digest(encode(fields))


# Archive: under what note bodies lie at rest

_ARCHIVE_CONTEXT: Final = encode(["parley/1/archive-key"])


def create_archive_key(path: Path, passphrase: str, cost: PassphraseCost, rng: Randomness) -> bytes:
    """Make a random archive key (32 bytes), write it locked under `passphrase`, and return it; raises KeysProblem."""
    key = rng(32)
    _write_archive(path, key, passphrase, cost, rng, replace=False)
    return key


def open_archive_key(path: Path, passphrase: str) -> bytes:
    """The archive key; raises KeysProblem, SealProblem wrong_passphrase."""
    match read_key_file(path, FileKind.ARCHIVE):
        case {3: bytes(locked)}:
            return unlock_with_passphrase(locked, passphrase, _ARCHIVE_CONTEXT)
    raise not_a_key_file(path, FileKind.ARCHIVE)


def change_archive_passphrase(path: Path, old: str, new: str, cost: PassphraseCost, rng: Randomness) -> None:
    """Lock the same archive key under another passphrase; whoever has an old copy of the file opens it as before."""
    _write_archive(path, open_archive_key(path, old), new, cost, rng, replace=True)


def _write_archive(
    path: Path, key: bytes, passphrase: str, cost: PassphraseCost, rng: Randomness, *, replace: bool
) -> None:
    locked = lock_with_passphrase(key, passphrase, cost, _ARCHIVE_CONTEXT, rng)
    write_key_file(path, FileKind.ARCHIVE, {3: locked}, replace=replace)
