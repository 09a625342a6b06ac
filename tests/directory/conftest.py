"""A world of fixed keys: letters name roots, days count from day 0; nothing here is a mock, every signature is real."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pytest

from parley.directory import (
    Bearer,
    Ceremony,
    Directory,
    Freshness,
    Office,
    Outcome,
    Particulars,
    Prekey,
    phrase,
    sign_freshness,
    sign_share,
    signed_root_digest,
)
from parley.seal import Domain, OpeningKey, SigningKey, assemble

DAY = 86_400_000
START = 1_794_000_000_000  # day 0, in November 2026


@lru_cache(maxsize=128)
def signing_key(name: str) -> SigningKey:
    """The signing key of that name, the same in every run."""
    return SigningKey.from_seed(hashlib.shake_256(f"signing {name}".encode()).digest(64))


@lru_cache(maxsize=32)
def opening_key(name: str) -> OpeningKey:
    """The opening key of that name, the same in every run."""
    seed = hashlib.shake_256(f"opening {name}".encode()).digest(48)
    return OpeningKey(seed[:16], seed[16:])


class World:
    """Builders with defaults for everything that a case does not speak about."""

    DAY = DAY
    START = START
    signing_key = staticmethod(signing_key)
    opening_key = staticmethod(opening_key)

    def day(self, number: float) -> int:
        """The instant of day `number`, in milliseconds."""
        return START + round(number * DAY)

    def roots(self, letters: str) -> tuple[Any, ...]:
        """Public roots named by letters."""
        return tuple(signing_key(f"root {letter}").public for letter in letters)

    def office(self, key: str = "office", id: str = "duty", **changes: Any) -> Office:
        """A duty office."""
        keys = tuple(signing_key(name).public for name in key.split())
        fields: dict[str, Any] = {"kind": "combined", "names": {"en": "Duty office", "ar": "مكتب المناوبة"}}
        fields |= {"languages": ("en", "ar"), "hours": "24/7", "telephone": "+41 22 555 01 00"}
        return Office(id=id, keys=keys, **fields | changes)

    def particulars(self, roots: str | tuple[Any, ...] = "abc", threshold: int = 2, **changes: Any) -> Particulars:
        """A first version of XB, issued on day 0 for 300 days."""
        fields: dict[str, Any] = {
            "party": "XB",
            "names": {"en": "Beltova", "ru": "Белтова"},
            "version": 1,
            "issued_at": self.day(0),
            "expires_at": self.day(300),
            "roots": self.roots(roots) if isinstance(roots, str) else roots,
            "threshold": threshold,
            "offices": (self.office(),),
            "node_keys": (signing_key("node").public,),
            "tls": (b"certificate of XB",),
            "bearers": (Bearer("https", "https://line.example", 0),),
        }
        return Particulars(**fields | changes)

    def shares(self, particulars: Particulars, letters: Iterable[str]) -> list[bytes]:
        """Shares of the roots named by letters."""
        return [sign_share(particulars.payload, signing_key(f"root {letter}")) for letter in letters]

    def signed(self, particulars: Particulars, letters: str = "ab") -> bytes:
        """Put together without any check, as a faulty or hostile party would."""
        return assemble(particulars.payload, self.shares(particulars, letters), Domain.PARTICULARS)

    def ceremony(self, particulars: Particulars) -> Ceremony:
        """A ceremony that went well."""
        return Ceremony(phrase(signed_root_digest(particulars)), ours_confirmed=True, means="video")

    def accept(self, directory: Directory, particulars: Particulars, letters: str = "ab", day: float = 0) -> Outcome:
        """Accept by ceremony."""
        return directory.accept(
            self.signed(particulars, letters),
            how="ceremony",
            now=self.day(day),
            by="Duty officer",
            ceremony=self.ceremony(particulars),
        )

    def directory(self, particulars: Particulars | None = None, letters: str = "ab") -> Directory:
        """A directory that accepted `particulars` on day 0."""
        directory = Directory()
        self.accept(directory, particulars or self.particulars(), letters)
        return directory

    def prekey(self, day: float = 0, name: str = "prekey", **changes: Any) -> Prekey:
        """A rotating prekey of one day."""
        fields: dict[str, Any] = {"not_before": self.day(day), "expires_at": self.day(day + 1)}
        return Prekey(opening_key(name).public, **fields | changes)

    def freshness(self, particulars: Particulars, day: float = 0, **changes: Any) -> Freshness:
        """A statement about `particulars`, made on `day` for seven days."""
        fields: dict[str, Any] = {
            "party": particulars.party,
            "version": particulars.version,
            "digest": particulars.digest,
            "incarnation": bytes(16),
            "issued_at": self.day(day),
            "valid_until": self.day(day + 7),
            "prekey": self.prekey(day),
        }
        return Freshness(**fields | changes)

    def signed_freshness(self, particulars: Particulars, day: float = 0, node: str = "node", **changes: Any) -> bytes:
        """The same, signed by a node key."""
        return sign_freshness(self.freshness(particulars, day, **changes), signing_key(node))


@pytest.fixture(scope="session")
def world() -> World:
    """Fixed keys, real signatures."""
    return World()
