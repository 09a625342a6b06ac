"""The office key file: one signing key, wrapped once for each officer who may release.

No officer can use the key without a passphrase, and the policy (which forms an officer may release) is bound into that
officer's wrapping: whoever edits it in the file makes the wrapping useless. Only the signer process and the commands
that manage officers read this file; the node never does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from parley.outside.keys.files import FileKind, check_name, not_a_key_file, read_key_file, write_key_file
from parley.outside.keys.problems import KeysProblem
from parley.seal import (
    PassphraseCost,
    Randomness,
    SealProblem,
    SigningKey,
    Value,
    VerifyingKey,
    encode,
    key_from_passphrase,
    lock,
    unlock,
)
from parley.terms.party import Address, PartyProblem


class Officer(msgspec.Struct, frozen=True):
    """Who may release what. `role` is the ministry's word for the post; `forms` None means every form."""

    name: str
    role: str
    forms: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 0 < len(self.role) <= 64 or not self.role.isprintable():
            raise KeysProblem("bad_role")

    def may_release(self, form: int) -> bool:
        """Whether this officer may release notes of form number `form`."""
        return self.forms is None or form in self.forms

    def covers(self, other: Officer) -> bool:
        """Whether this officer may release all that `other` may."""
        return self.forms is None or (other.forms is not None and set(other.forms) <= set(self.forms))


@dataclass(frozen=True)
class Wrapping:
    """The office key as one officer's passphrase opens it; `salt` and `cost` turn that passphrase into the key."""

    officer: Officer
    salt: bytes
    cost: PassphraseCost
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True)
class OfficeFile:
    """An office's key: public in clear, secret once per officer."""

    address: Address
    public: VerifyingKey
    wrappings: tuple[Wrapping, ...]

    def wrapping(self, officer: str) -> Wrapping:
        """The wrapping of `officer`; raises KeysProblem unknown_officer."""
        for wrapping in self.wrappings:
            if wrapping.officer.name == officer:
                return wrapping
        raise KeysProblem("unknown_officer", officer="".join(c for c in officer if c.isprintable())[:40])

    def unwrap(self, officer: str, kek: bytes) -> SigningKey:
        """The office key, with the key (32 bytes) that the officer's passphrase gives.

        Raises:
            KeysProblem: unknown_officer, wrong_passphrase (also when the officer's entry was tampered with).
        """
        wrapping = self.wrapping(officer)
        try:
            seed = unlock(kek, wrapping.wrapped, _context(self.address, self.public, wrapping))
        except SealProblem:
            raise KeysProblem("wrong_passphrase", officer=officer) from None
        return SigningKey.from_seed(seed)


def kek_of(wrapping: Wrapping, passphrase: str) -> bytes:
    """The 32-byte key that `passphrase` gives for this officer: slow on purpose; raises SealProblem bad_passphrase."""
    return key_from_passphrase(passphrase, wrapping.salt, wrapping.cost)


def create_office(
    path: Path, address: Address, first: Officer, passphrase: str, cost: PassphraseCost, rng: Randomness
) -> OfficeFile:
    """Make an office key that `first` can release with, and write its file; raises KeysProblem, SealProblem."""
    key = SigningKey.generate(rng)
    file = OfficeFile(address, key.public, ())
    file = replace(file, wrappings=(_wrap(file, key, first, passphrase, cost, rng),))
    write_office(path, file, replace_old=False)
    return file


def add_officer(
    file: OfficeFile,
    by: tuple[str, str],
    new: Officer,
    passphrase: str,
    cost: PassphraseCost,
    rng: Randomness,
) -> OfficeFile:
    """`file` with one more officer. `by` is the name and passphrase of one who can already release: nobody else can.

    Raises:
        KeysProblem: officer_exists, unknown_officer, more_than_own, wrong_passphrase.
    """
    if any(wrapping.officer.name == new.name for wrapping in file.wrappings):
        raise KeysProblem("officer_exists", officer=new.name)
    if not file.wrapping(by[0]).officer.covers(new):
        raise KeysProblem("more_than_own", officer=by[0], new=new.name)
    key = _unwrap_with_passphrase(file, *by)
    return replace(file, wrappings=(*file.wrappings, _wrap(file, key, new, passphrase, cost, rng)))


def remove_officer(file: OfficeFile, officer: str) -> OfficeFile:
    """`file` without `officer`. An old copy of the file still serves that officer: rotate the office key as well.

    Raises:
        KeysProblem: unknown_officer, last_officer.
    """
    file.wrapping(officer)
    if len(file.wrappings) == 1:
        raise KeysProblem("last_officer", officer=officer)
    return replace(file, wrappings=tuple(w for w in file.wrappings if w.officer.name != officer))


def change_passphrase(
    file: OfficeFile, officer: str, old: str, new: str, cost: PassphraseCost, rng: Randomness
) -> OfficeFile:
    """`file` with another passphrase for `officer`, who keeps role and forms; raises KeysProblem."""
    key = _unwrap_with_passphrase(file, officer, old)
    fresh = _wrap(file, key, file.wrapping(officer).officer, new, cost, rng)
    return replace(file, wrappings=tuple(fresh if w.officer.name == officer else w for w in file.wrappings))


def write_office(path: Path, file: OfficeFile, *, replace_old: bool = True) -> None:
    """Write the file, mode 0600; raises KeysProblem."""
    rows: list[Value] = [
        [w.officer.name, w.officer.role, _forms(w.officer), w.salt, _cost(w.cost), w.wrapped] for w in file.wrappings
    ]
    fields: dict[int, Value] = {3: [file.address.party, file.address.office], 4: file.public.to_bytes(), 5: rows}
    write_key_file(path, FileKind.OFFICE, fields, replace=replace_old)


def read_office(path: Path) -> OfficeFile:
    """Read the file, everything still wrapped; raises KeysProblem."""
    match read_key_file(path, FileKind.OFFICE):
        case {3: [str(party), str(office)], 4: bytes(public), 5: list(rows)}:
            with contextlib.suppress(SealProblem, PartyProblem, KeysProblem):
                wrappings = tuple(_wrappings(path, rows))
                return OfficeFile(Address(party, office), VerifyingKey.from_bytes(public), wrappings)
    raise not_a_key_file(path, FileKind.OFFICE)


def _wrappings(path: Path, rows: list[Value]) -> Iterator[Wrapping]:
    for row in rows:
        match row:
            case [str(name), str(role), None | list() as forms, bytes(salt), [int(m), int(p), int(n)], bytes(wrapped)]:
                allowed = None if forms is None else tuple(number for number in forms if isinstance(number, int))
                yield Wrapping(Officer(name, role, allowed), salt, PassphraseCost(m, p, n), wrapped)
            case _:
                raise not_a_key_file(path, FileKind.OFFICE)


def _wrap(
    file: OfficeFile, key: SigningKey, officer: Officer, passphrase: str, cost: PassphraseCost, rng: Randomness
) -> Wrapping:
    shell = Wrapping(officer, rng(16), cost, b"")
    return replace(
        shell, wrapped=lock(kek_of(shell, passphrase), key.seed, _context(file.address, file.public, shell), rng)
    )


def _unwrap_with_passphrase(file: OfficeFile, officer: str, passphrase: str) -> SigningKey:
    return file.unwrap(officer, kek_of(file.wrapping(officer), passphrase))


def _context(address: Address, public: VerifyingKey, w: Wrapping) -> bytes:
    """Everything that stands in clear about this officer, so that none of it can be edited."""
    about: list[Value] = [w.officer.name, w.officer.role, _forms(w.officer), w.salt, _cost(w.cost)]
    return encode(["parley/1/office-key", address.party, address.office, public.to_bytes(), about])


def _forms(officer: Officer) -> Value:
    return None if officer.forms is None else list(officer.forms)


def _cost(cost: PassphraseCost) -> Value:
    return [cost.memory_kib, cost.passes, cost.lanes]
