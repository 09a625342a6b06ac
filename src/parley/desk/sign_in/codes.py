"""Codes of six digits that change every half minute (TOTP: RFC 6238 over RFC 4226, with SHA-1 as devices have it).

Twenty lines rather than a dependency: what has to be right about them here, that a code serves once, no library does.
Pure: the time is an argument.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from urllib.parse import quote

STEP_MS = 30_000
DIGITS = 6
SECRET_BYTES = 20
"""The length of the HMAC's output, as RFC 4226, 4 (R6) recommends."""
DRIFT = 1
"""Steps that a device's clock may be off, either way (RFC 6238, 5.2 recommends one)."""


def code_at(secret: bytes, step: int) -> str:
    """The code of one step of half a minute (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, typed: str, now: int) -> int | None:
    """The step (ms UTC / 30 s) to which a typed code belongs, None if to none near `now`.

    Every step is compared, each in constant time, so that the time taken does not tell which one fits.
    """
    given = "".join(c for c in typed if not c.isspace() and c != "-")
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        return None
    current, found = now // STEP_MS, None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step), given):
            found = step
    return found


def address_of(secret: bytes, officer: str, desk: str) -> str:
    """What a code device reads from a QR code (otpauth, as Google Authenticator's wiki has it and others follow)."""
    spelt = b32encode(secret).decode().rstrip("=")
    label = quote(f"Parley {desk}:{officer}", safe="")
    return f"otpauth://totp/{label}?secret={spelt}&issuer={quote(f'Parley {desk}', safe='')}"


def spelt(secret: bytes) -> str:
    """The secret as a person types it into a device: Base32 in groups of four."""
    text = b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
