"""Passkeys (WebAuthn): what the desk asks of whatever checks them. The verbs are in `by_passkey`.

Plain values in and out, so that the part outside that knows the library needs nothing of the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Site(msgspec.Struct, frozen=True):
    """Where a passkey is used: the name that it belongs to (a host, never a number) and the page's origin."""

    name: str
    origin: str


class Passkeys(Protocol):
    """Options for the browser as JSON, and checks of what it brings back; every check raises a Problem."""

    def to_make(self, site: str, officer: str, challenge: bytes, known: Sequence[bytes]) -> str: ...
    def made(self, site: str, origin: str, challenge: bytes, answer: bytes) -> tuple[bytes, bytes, int]:
        """The id of the passkey, its public key (COSE), its count."""

    def to_show(self, site: str, challenge: bytes, known: Sequence[bytes]) -> str: ...
    def unchecked(self, answer: bytes) -> tuple[bytes, bytes]:
        """Which passkey, over which challenge: what the browser says before anything of it is believed."""

    def shown(self, site: str, origin: str, challenge: bytes, answer: bytes, key: bytes) -> int:
        """The count that came with a good answer."""
