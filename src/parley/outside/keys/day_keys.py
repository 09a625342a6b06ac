"""Day keys: what makes erasing a prekey's private half final.

Private prekeys lie in the database, which is copied into backups; erasing a row there erases nothing. So each is
wrapped under the key of the day on which it must be gone, and the day keys live in this one file outside the database
and its backups. When the day comes the file is rewritten without that key, and every copy of the prekey, wherever it
is, is dead. What the medium itself keeps of the old file is beyond this (docs/threats.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parley.outside.keys.files import FileKind, not_a_key_file, read_key_file, write_key_file
from parley.outside.keys.problems import KeysProblem
from parley.seal import Randomness, SealProblem, decode, encode, lock, unlock

MS_OF_A_DAY: Final = 86_400_000
_FILE_CONTEXT: Final = encode(["parley/1/day-keys"])


def day_of(ms: int) -> int:
    """The day, counted from 1970-01-01 UTC, in which the instant `ms` lies."""
    return ms // MS_OF_A_DAY


class DayKeys:
    """The day keys of a node that has been given its archive passphrase. Made by `create` and `open`.

    Every change is on the medium before the method returns. One process at a time; not for several threads at once.
    """

    def __init__(self, path: Path, file_key: bytes, keys: dict[int, bytes], rng: Randomness) -> None:
        self._path = path
        self._file_key = file_key
        self._keys = keys
        self._rng = rng

    @classmethod
    def create(cls, path: Path, archive_key: bytes, rng: Randomness) -> DayKeys:
        """A new, empty file locked under a key derived from the archive key (32 bytes); raises KeysProblem."""
        made = cls(path, _file_key(archive_key), {}, rng)
        made._write({}, replace=False)
        return made

    @classmethod
    def open(cls, path: Path, archive_key: bytes, rng: Randomness) -> DayKeys:
        """The file as it is; raises KeysProblem, and SealProblem not_unlocked for another archive key."""
        match read_key_file(path, FileKind.DAYS):
            case {3: bytes(locked)}:
                content = decode(unlock(_file_key(archive_key), locked, _FILE_CONTEXT))
                if isinstance(content, dict):
                    keys = {day: key for day, key in content.items() if isinstance(key, bytes)}
                    return cls(path, _file_key(archive_key), keys, rng)
        raise not_a_key_file(path, FileKind.DAYS)

    @property
    def days(self) -> tuple[int, ...]:
        """The days whose keys are still held, rising."""
        return tuple(sorted(self._keys))

    def wrap(self, day: int, secret: bytes, context: bytes) -> bytes:
        """`secret`, to be gone on `day`, wrapped; a day that has no key yet gets one, on the medium first.

        The result names its day and can be stored anywhere. `context` says what the secret is, e.g. the prekey's id.
        """
        if day not in self._keys:
            self._write({**self._keys, day: self._rng(32)})
        return encode([1, day, lock(self._keys[day], secret, _context(day, context), self._rng)])

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret; raises KeysProblem day_erased, SealProblem not_unlocked."""
        match decode(wrapped):
            case [1, int(day), bytes(locked)]:
                if day not in self._keys:
                    raise KeysProblem("day_erased", day=day)
                return unlock(self._keys[day], locked, _context(day, context))
        raise SealProblem("not_unlocked")

    def erase(self, days: Iterable[int]) -> None:
        """Forget the keys of `days`, for ever. Days without a key are passed over."""
        gone = set(days)
        kept = {day: key for day, key in self._keys.items() if day not in gone}
        if len(kept) != len(self._keys):
            self._write(kept)

    def erase_before(self, day: int) -> None:
        """Forget the keys of all days before `day`."""
        self.erase([held for held in self._keys if held < day])

    def _write(self, keys: dict[int, bytes], *, replace: bool = True) -> None:
        content = {day: keys[day] for day in sorted(keys)}
        locked = lock(self._file_key, encode(content), _FILE_CONTEXT, self._rng)
        write_key_file(self._path, FileKind.DAYS, {3: locked}, replace=replace)
        self._keys = keys


def _file_key(archive_key: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"parley day keys").derive(archive_key)


def _context(day: int, context: bytes) -> bytes:
    return encode(["parley/1/day-key", day, context])
