"""What is asked when a note is to go out: the note's facts that release policy looks at, and the words given for it."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.clearance.roles import Role


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The note that is to be released, as both the desk and the signer read it for themselves.

    `lines` are the form's coded lines; `to` the addressed offices as written; `digest` the SHA-256 of the payload.
    """

    form: int
    precedence: int
    exercise: bool
    accusation: bool
    digest: bytes
    to: tuple[str, ...] = ()
    lines: dict[int, Any] = {}
    attachments: int = 0


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One officer's word for one note, in one role. `at`: ms since the epoch, UTC, by the signer's clock."""

    officer: str
    role: Role
    at: int
