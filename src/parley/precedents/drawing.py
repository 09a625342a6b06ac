"""A picture before it is drawn: what it shows is a table, and the table is always given beside it.

Leaves out how it is drawn (`outside/pictures`).
"""

from __future__ import annotations

from typing import Any

import msgspec


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to be.

    Args:
        kind: ``timeline``, ``network``, ``map``, ``survival``, ``responses`` or ``dyads``.
        title, says: the heading, and one sentence for those who cannot see it.
        columns, rows: the table; whole numbers, words, None.
        notes: what stands below the picture: n, what is missing, sources.
        width: pixels; `dark`: for a dark page.
    """

    kind: str
    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    width: int = 1280
    dark: bool = False
