"""What of a form of the page says how far a party is narrowed; read as it was typed, faults named."""

from __future__ import annotations

import re

from parley.directory import DirectoryProblem, Narrowing
from parley.doors.web.asked import Asked

NONE = "-"
"""Typed for forms: none at all. Nothing typed: all of them."""
_PARTS = re.compile(r"[\s,;،、]+")


def read_narrowing(asked: Asked, way: str) -> Narrowing:
    """The narrowing of one way, ``take`` or ``send``; raises DirectoryProblem("bad_value")."""
    highest = asked.field(f"{way}-highest")
    return Narrowing(
        forms=_forms(asked.field(f"{way}-forms").strip()),
        kind=asked.field(f"{way}-kind"),
        highest=int(highest) if re.fullmatch("[0-9]", highest, re.ASCII) else -1,
        attachments=asked.field(f"{way}-attachments") == "yes",
    )


def _forms(typed: str) -> tuple[int, ...] | None:
    if not typed:
        return None
    if typed == NONE:
        return ()
    parts = [one for one in _PARTS.split(typed) if one]
    if not all(re.fullmatch("[0-9]{1,4}", one, re.ASCII) for one in parts):
        raise DirectoryProblem("bad_value", field="narrowing.forms", rule="type")
    return tuple(dict.fromkeys(map(int, parts)))
