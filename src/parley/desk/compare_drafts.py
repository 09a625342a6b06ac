"""Compare drafts: what changed between two versions of a draft, line by line, in the officer's language.

Lines are compared as they are said there, each for itself, so that a draft need not be in order.
"""

from __future__ import annotations

import msgspec

from parley.desk import draft
from parley.desk.draft import Draft, Saved
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.forms import RenderedLine, render_lines
from parley.terms.problem import Problem

OVERRIDE = 0
"""The number under which the reason for sending on particulars that have run out is compared: it is no line."""


class Change(msgspec.Struct, frozen=True):
    """One line that differs. `before` and `after`: its value in words and own words in paragraphs; () where it is
    left out."""

    number: int
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Compared(msgspec.Struct, frozen=True):
    """Two versions and what differs between them; `older` None: it is the first."""

    older: Saved | None
    newer: Saved
    changes: tuple[Change, ...]


def compare(node: Node, draft_id: str, older: str, newer: str, language: str) -> Compared:
    """What changed between two versions.

    Args:
        older, newer: versions as `parley.desk.draft.Saved` has them; "" for the one before `newer`, and for the last.

    Raises DeskProblem ``no_draft``, ``no_version``.
    """
    kept = draft.versions(node, draft_id)
    places = {one.version: at for at, one in enumerate(kept)}
    now = _place(places, newer, len(kept) - 1)
    before = _place(places, older, now - 1)
    if before < 0:
        return Compared(None, kept[now], ())
    return Compared(kept[before], kept[now], differences(node, kept[before].draft, kept[now].draft, language))


def version(node: Node, draft_id: str, wanted: str) -> Saved:
    """One version; raises DeskProblem ``no_draft``, ``no_version``."""
    kept = draft.versions(node, draft_id)
    return kept[_place({one.version: at for at, one in enumerate(kept)}, wanted or "-", 0)]


def differences(node: Node, before: Draft, after: Draft, language: str) -> tuple[Change, ...]:
    """The lines in which two drafts differ, in the order of the form."""
    one, other = (_said(node, draft, language) for draft in (before, after))
    changes = [_change(number, one.get(number), other.get(number)) for number in sorted({*one, *other})]
    changes += [Change(OVERRIDE, "", _words(before.override), _words(after.override))]
    return tuple(change for change in changes if change.before != change.after)


def _place(places: dict[str, int], wanted: str, usual: int) -> int:
    if wanted and wanted not in places:
        raise DeskProblem("no_version", version=wanted[:8])
    return places[wanted] if wanted else usual


def _said(node: Node, given: Draft, language: str) -> dict[int, RenderedLine]:
    """The moment of signing is the same for both sides, so it never differs."""
    try:
        sheet = draft.sheet_of(node, given, 0)
    except Problem:  # an address or a marking that cannot be read: the rest of the head and all lines can
        sheet = draft.sheet_of(node, msgspec.structs.replace(given, to=(), marking=None), 0)
    return render_lines(sheet, language, library=node.library)


def _change(number: int, one: RenderedLine | None, other: RenderedLine | None) -> Change:
    shown = other or one
    assert shown is not None
    return Change(number, shown.label, _parts(one), _parts(other))


def _parts(line: RenderedLine | None) -> tuple[str, ...]:
    return () if line is None else (line.text, *line.paragraphs)


def _words(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
