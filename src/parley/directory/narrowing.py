"""Narrowing: what this desk takes from a party, and what it sends to it. Our own decision, without reason.

Four things can be narrowed, each of which stands in the clear head of a note and can be judged without reading it: the
form, real or exercise, the precedence, attachments. Leaves out what a note says, which is for persons, and suspension,
with which nothing is taken or sent at all (`standing`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.directory import rules, wording
from parley.directory.fields import FLAG, TEXT, WHOLE, Field, Layout, listed, maybe
from parley.directory.problems import DirectoryProblem

KINDS: Final = ("any", "exercise", "real")
HIGHEST: Final = 3
"""FLASH; ROUTINE is 0, as in a note."""


class Head(msgspec.Struct, frozen=True):
    """What of a note a narrowing looks at; `precedence` as in a note, 0 (ROUTINE) to 3 (FLASH)."""

    form: int
    exercise: bool
    precedence: int
    attachments: int = 0


class Narrowing(msgspec.Struct, frozen=True):
    """What passes: these forms (None: all), any kind or exercise or real alone, up to a precedence, with attachments
    or without. The default lets everything pass."""

    forms: tuple[int, ...] | None = None
    kind: str = "any"
    highest: int = HIGHEST
    attachments: bool = True

    def __post_init__(self) -> None:
        if self.forms is not None:
            wording.several("narrowing.forms", self.forms, int, 0, rules.NARROWED_FORMS)
        if self.kind not in KINDS:
            wording.refuse("narrowing.kind", "unknown")
        wording.whole("narrowing.highest", self.highest, 0, HIGHEST)
        wording.kind("narrowing.attachments", self.attachments, bool)

    def outside(self, head: Head) -> tuple[str, dict[str, str | int]] | None:
        """Why `head` does not pass, the first reason in the order of the fields, with its arguments; None: it does."""
        if self.forms is not None and head.form not in self.forms:
            return "form", {"form": head.form}
        if self.kind != "any" and head.exercise != (self.kind == "exercise"):
            return "kind", {"only": self.kind}
        if head.precedence > self.highest:
            return "precedence", {"highest": self.highest}
        if head.attachments and not self.attachments:
            return "attachment", {}
        return None


ALL: Final = Narrowing()
"""Nothing is narrowed."""

NARROWING: Final = Layout(
    "narrowing",
    Narrowing,
    (
        Field(1, "forms", maybe(listed(WHOLE))),
        Field(2, "kind", TEXT),
        Field(3, "highest", WHOLE),
        Field(4, "attachments", FLAG),
    ),
)


_REFUSED: Final = {
    "form": "form_refused",
    "kind": "kind_refused",
    "precedence": "precedence_refused",
    "attachment": "attachment_refused",
}


def check_taken(party: str, narrowing: Narrowing, head: Head) -> None:
    """Raise ``form_refused``, ``kind_refused``, ``precedence_refused`` or ``attachment_refused``: theirs to us."""
    if found := narrowing.outside(head):
        raise DirectoryProblem(_REFUSED[found[0]], party=party, **found[1])


def check_sent(party: str, narrowing: Narrowing, head: Head) -> None:
    """Raise ``not_sent``, with what of the note is outside: ours to them."""
    if found := narrowing.outside(head):
        raise DirectoryProblem("not_sent", party=party, what=found[0])
