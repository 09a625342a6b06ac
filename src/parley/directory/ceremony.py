"""The ceremony: two officers compare twenty digits, in person or by video, and so know each other's roots.

Digits, not words: both read them in their own language (docs/decisions/0020). The phrase is stretched: an adversary
with a state's machines must pay memory and time for every set of keys that he tries (docs/decisions/0021).
Leaves out who may accept (`directory`) and drawing the QR code (doors).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from parley.directory import wording
from parley.directory.problems import DirectoryProblem
from parley.seal import VerifyingKey, digest, encode
from parley.terms.party import PARTY

DIGITS: Final = 20
"""66.4 bits; PROTOCOL asks for 66 at least."""
MEANS: Final = ("in-person", "video")
_SALT: Final = b"parley/1/phrase"
# scrypt (RFC 7914) with 32 MiB, about a tenth of a second on a small laptop: 2^66 tries of it are out of any reach.
_COST: Final = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 48 << 20, "dklen": 32}
_SKIPPED: Final = frozenset({"Nd", "Zs", "Pd", "Po", "Cf", "Cc"})
"""Unicode categories in a typed phrase: digits, and what may stand between (blanks, hyphens, points, isolates)."""
_QR: Final = re.compile(r"PARLEY1/([A-Z0-9-]{2,14})/([0-9A-F]{64})", re.ASCII)


class Ceremony(msgspec.Struct, frozen=True):
    """What our officer attests: the digits (or QR text) that the other side gave, that the other side found ours
    right, and whether they met in person or by video."""

    heard: str
    ours_confirmed: bool
    means: str = "in-person"

    def __post_init__(self) -> None:
        wording.kind("ceremony.heard", self.heard, str)
        wording.kind("ceremony.ours_confirmed", self.ours_confirmed, bool)
        if self.means not in MEANS:
            wording.refuse("ceremony.means", "unknown")


def root_digest(party: str, roots: Iterable[VerifyingKey], threshold: int) -> bytes:
    """32 bytes for party, full root set in any order, and threshold: what a ceremony and a vouch are about."""
    return digest(encode(["parley/1/roots", party, threshold, sorted(key.to_bytes() for key in roots)]))


@lru_cache(maxsize=256)
def phrase(root_digest: bytes) -> str:
    """Twenty decimal digits in groups of five: ``12345 67890 12345 67890``."""
    wording.octets("root_digest", root_digest, 32, 32)
    stretched = hashlib.scrypt(root_digest, salt=_SALT, **_COST)
    digits = f"{int.from_bytes(stretched, 'big') % 10**DIGITS:0{DIGITS}d}"
    return " ".join(digits[start : start + 5] for start in range(0, DIGITS, 5))


def qr_payload(party: str, root_digest: bytes) -> str:
    """Text for a QR code, in its alphanumeric alphabet: the whole digest, which no phrase can hold."""
    wording.party("party", party)
    wording.octets("root_digest", root_digest, 32, 32)
    return f"PARLEY1/{party}/{root_digest.hex().upper()}"


def read_qr(text: str) -> tuple[str, bytes]:
    """Party and root digest of what was scanned; raises DirectoryProblem ``bad_phrase``."""
    match = _QR.fullmatch(text.strip())
    if match is None or not PARTY.fullmatch(match[1]):
        raise DirectoryProblem("bad_phrase", wanted=DIGITS, given=0)
    return match[1], bytes.fromhex(match[2])


def read_digits(typed: str) -> str:
    """The digits of a typed phrase, in the script of any language; blanks, hyphens and the like are skipped.

    Raises DirectoryProblem ``bad_phrase`` unless there are twenty, and nothing but digits and separators.
    """
    digits = "".join(str(unicodedata.decimal(sign, "")) for sign in typed[:200])
    stray = any(unicodedata.category(sign) not in _SKIPPED for sign in typed[:200])
    if len(digits) != DIGITS or stray or len(typed) > 200:
        raise DirectoryProblem("bad_phrase", wanted=DIGITS, given=len(digits))
    return digits


def confirm(heard: str, party: str, expected: bytes) -> None:
    """Raise unless `heard`, twenty digits or a scanned QR text, stands for the root digest `expected` of `party`."""
    if heard.strip().startswith("PARLEY1/"):
        same = read_qr(heard) == (party, expected)
    else:
        same = hmac.compare_digest(read_digits(heard), phrase(expected).replace(" ", ""))
    if not same:
        raise DirectoryProblem("phrase_differs")
