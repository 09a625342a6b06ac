"""Release by telephone: the releaser, far from any desk, answers a number with a code.

The duty officer has a note that waits and reads it out. The signer, which has been given that very note, draws a number
for it: twelve digits of SHA-256 over a fresh secret and the note's digest, so that nobody can prepare two notes with
one number. The releaser types the number into a machine of their own that needs no network (parley officers code) and
reads ten digits back; the signer computes them too. The number serves once, for three attempts and half an hour.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from parley.clearance import Challenge, Role, grouped
from parley.outside.keys.files import FileKind, check_name, not_a_key_file, read_key_file, write_key_file
from parley.outside.keys.problems import KeysProblem
from parley.seal import (
    PassphraseCost,
    Randomness,
    Value,
    digest,
    encode,
    lock_with_passphrase,
    unlock_with_passphrase,
)

NUMBER_DIGITS, CODE_DIGITS = 12, 10
LIFE_MS = 30 * 60_000
ATTEMPTS = 3
MOST_OPEN = 64


def number_of(secret: bytes, note_digest: bytes) -> str:
    """The number that is read out, twelve digits."""
    return _digits(digest(secret + note_digest), NUMBER_DIGITS)


def purpose(role: Role | None) -> str:
    """What a code is for: a word in a role, or (None) the release. A code for the one does not do for the other."""
    return "release" if role is None else role.value


def code_of(key: bytes, what: str, number: str) -> str:
    """The code that answers `number` for `what` (`purpose`), ten digits: HMAC-SHA256 with the telephone key."""
    return _digits(hmac.digest(key, f"parley telephone {what} {plain(number)}".encode(), "sha256"), CODE_DIGITS)


def plain(spoken: str) -> str:
    """The digits of what was typed, without the gaps of speech."""
    return "".join(letter for letter in spoken if letter.isascii() and letter.isdigit())


def _digits(content: bytes, count: int) -> str:
    # 256 bits over at most 10**12: what the remainder prefers is below one part in 10**60.
    return str(int.from_bytes(content, "big") % 10**count).zfill(count)


@dataclass
class _Open:
    number: str
    until: int
    left: int = ATTEMPTS


class Numbers:
    """The numbers that were drawn and not answered yet. Times in ms of a clock that never steps back."""

    def __init__(self, rng: Randomness, ticks: Callable[[], int]) -> None:
        self._rng, self._ticks = rng, ticks
        self._open: dict[bytes, _Open] = {}
        self._lock = Lock()

    def draw(self, note_digest: bytes) -> Challenge:
        """A number for this note; the one drawn before serves no more. Raises KeysProblem ``too_many_numbers``."""
        now = self._ticks()
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if now < one.until}
            if len(self._open) >= MOST_OPEN and note_digest not in self._open:
                raise KeysProblem("too_many_numbers")
            number = number_of(self._rng(32), note_digest)
            self._open[note_digest] = _Open(number, now + LIFE_MS)
        return Challenge(grouped(number), LIFE_MS // 1000)

    def check(self, note_digest: bytes, key: bytes, what: str, code: str, officer: str) -> None:
        """Raise KeysProblem ``wrong_code`` unless `code` answers the number of this note; a right one ends it."""
        with self._lock:
            one = self._open.get(note_digest)
            if one is None or self._ticks() >= one.until:
                raise KeysProblem("no_number")
            one.left -= 1
            right = hmac.compare_digest(code_of(key, what, one.number).encode(), plain(code).encode())
            if right or not one.left:
                del self._open[note_digest]
            if not right:
                raise KeysProblem("wrong_code", officer=officer, left=one.left)


def write_telephone_key(
    path: Path, officer: str, secret: bytes, passphrase: str, cost: PassphraseCost, rng: Randomness
) -> None:
    """The releaser's own file, for a machine that need not be on any network; raises KeysProblem."""
    locked = lock_with_passphrase(secret, passphrase, cost, _context(officer), rng)
    fields: dict[int, Value] = {3: check_name(officer), 4: locked}
    write_key_file(path, FileKind.TELEPHONE, fields, replace=False)


def read_telephone_key(path: Path, passphrase: str) -> bytes:
    """The key in it, 32 bytes; raises KeysProblem, SealProblem wrong_passphrase."""
    match read_key_file(path, FileKind.TELEPHONE):
        case {3: str(officer), 4: bytes(locked)}:
            return unlock_with_passphrase(locked, passphrase, _context(officer))
    raise not_a_key_file(path, FileKind.TELEPHONE)


def _context(officer: str) -> bytes:
    return encode(["parley/1/telephone", officer])
