"""Whose store it is, and under which incarnation it goes on."""

from __future__ import annotations

from parley.line.ports import Origin
from parley.outside.store.problems import StoreProblem
from parley.outside.store.session import Session


def choose_origin(session: Session, place: str, wanted: Origin | None) -> Origin:
    """The origin to write under; None means the last one.

    A new incarnation is accepted, one that was left for another is not: going back to it would give one incarnation two
    histories, which peers must take for equivocation.

    Raises:
        StoreProblem: ``no_origin``, ``other_node``, ``old_incarnation``.
    """
    last = last_origin(session)
    if last is None:
        if wanted is None:
            raise StoreProblem("no_origin", place=place)
        return wanted
    if wanted is None:
        return last
    if (wanted.party, wanted.node) != (last.party, last.node):
        raise StoreProblem("other_node", place=place, party=last.party, node=last.node)
    left = "SELECT count(*) FROM origins WHERE incarnation = ?"
    if wanted != last and session.value(left, wanted.incarnation):
        raise StoreProblem("old_incarnation", place=place)
    return wanted


def last_origin(session: Session) -> Origin | None:
    """Under which origin the store was last written, or None if never."""
    row = session.one("SELECT party, node, incarnation FROM origins ORDER BY id DESC LIMIT 1")
    return None if row is None else Origin(row[0], row[1], row[2])


def find_origin(session: Session, origin: Origin) -> int:
    """The row of `origin`, made if it is new; inside a unit's transaction only, so that it is never committed alone."""
    key = (origin.party, origin.node, origin.incarnation)
    found = session.value("SELECT id FROM origins WHERE party = ? AND node = ? AND incarnation = ?", *key)
    if found is None:
        found = session.value(
            "INSERT INTO origins (id, party, node, incarnation)"
            " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM origins), ?, ?, ?) RETURNING id",
            *key,
        )
    return int(found)
