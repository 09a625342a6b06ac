"""Passkeys (WebAuthn): what the desk asks of the library that checks them. The verbs are in `by_passkey`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from parley.desk.sign_in.account import Passkey


class Site(msgspec.Struct, frozen=True):
    """Where a passkey is used: the name that it belongs to (a host, never a number) and the page's origin."""

    name: str
    origin: str


class Answered(msgspec.Struct, frozen=True):
    """What a browser says, before anything of it is believed: which passkey, over which challenge."""

    passkey: bytes
    challenge: bytes


class Passkeys(Protocol):
    """Options for the browser as JSON, and checks of what it brings back; every check raises SignInProblem."""

    def to_make(self, site: Site, officer: str, challenge: bytes, known: Sequence[bytes]) -> str: ...
    def made(self, site: Site, challenge: bytes, answer: bytes) -> tuple[bytes, bytes, int]: ...  # id, key, count
    def to_show(self, site: Site, challenge: bytes, known: Sequence[bytes]) -> str: ...
    def unchecked(self, answer: bytes) -> Answered: ...
    def shown(self, site: Site, challenge: bytes, answer: bytes, passkey: Passkey) -> int: ...  # the new count
