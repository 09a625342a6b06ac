"""Rows back into an entry, trusting nothing in them that a signature does not hold (docs/decisions/0023).

Our own acceptances and decisions bear no signature: whoever can write to the database can write those. What he cannot
do is put a key into another party's mouth under the roots that were accepted. Leaves out reading rows from a disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from parley.directory.entry import ACCEPTANCE, DECISION, HEARD, HELD, Entry, HeardRow, Row, hear, signed_root_digest
from parley.directory.evidence import EVIDENCE, verify_evidence
from parley.directory.fields import Layout
from parley.directory.problems import DirectoryProblem
from parley.directory.signed import verify_succession
from parley.terms.problem import Problem

_ROW: Final = 4 << 20  # evidence holds two signed objects of at most 1 MiB
_LAYOUTS: Final[dict[str, Layout[Any]]] = {
    "acceptance": ACCEPTANCE,
    "particulars": HELD,
    "freshness": HEARD,
    "decision": DECISION,
    "evidence": EVIDENCE,
}


class _Unfit(Exception):
    """Rows that were read and do not belong together."""


def rebuild(rows: Iterable[Row]) -> Entry:
    """The entry of `rows`, all of one party and era. Raises DirectoryProblem ``bad_record``.

    1. every row is readable, every version signed by its own roots; 2. each version succeeds the one before;
    3. what was accepted is among the versions, with those roots;
    4. the freshness is signed by a node of its version; 5. evidence is evidence.
    """
    rows = sorted(rows)
    party = rows[0].party
    try:
        entry, heard = _read(rows)
    except (Problem, _Unfit, KeyError):
        raise DirectoryProblem("bad_record", party=party, kind="rows") from None
    for kind, check in (("particulars", _check_chain), ("acceptance", _check_accepted), ("evidence", _check_evidence)):
        try:
            check(entry)
        except (Problem, _Unfit):
            raise DirectoryProblem("bad_record", party=party, kind=kind) from None
    return entry if heard is None else _with_freshness(entry, heard)


def _read(rows: list[Row]) -> tuple[Entry, HeardRow | None]:
    found: dict[str, list[Any]] = {kind: [] for kind in _LAYOUTS}
    numbers: dict[str, list[int]] = {kind: [] for kind in _LAYOUTS}
    for row in rows:
        if (row.party, row.era) != (rows[0].party, rows[0].era):
            raise _Unfit
        found[row.kind].append(_LAYOUTS[row.kind].decode(row.data, limit=_ROW))
        numbers[row.kind].append(row.number)
    versions = [held.particulars.version for held in found["particulars"]]
    if numbers["particulars"] != versions or not found["acceptance"] or not versions:
        raise _Unfit
    if any(numbers[kind] != list(range(len(numbers[kind]))) for kind in _LAYOUTS if kind != "particulars"):
        raise _Unfit  # a row was taken out
    entry = Entry(
        rows[0].party,
        rows[0].era,
        tuple(found["acceptance"]),
        tuple(found["particulars"]),
        None,
        tuple(found["decision"]),
        tuple(found["evidence"]),
    )
    return entry, found["freshness"][0] if found["freshness"] else None


def _check_chain(entry: Entry) -> None:
    if any(held.particulars.party != entry.party for held in entry.versions):
        raise _Unfit
    for old, new in zip(entry.versions, entry.versions[1:], strict=False):
        verify_succession(old.particulars, new.signed)


def _check_accepted(entry: Entry) -> None:
    for acceptance in entry.acceptances:
        held = entry.version(acceptance.version)
        if held is None or signed_root_digest(held.particulars) != acceptance.root_digest:
            raise _Unfit


def _check_evidence(entry: Entry) -> None:
    for evidence in entry.evidence:
        verify_evidence(evidence, [held.particulars for held in entry.versions])


def _with_freshness(entry: Entry, stored: HeardRow) -> Entry:
    try:
        heard = hear(entry, stored.raw, stored.seen_at)
    except Problem:
        raise DirectoryProblem("bad_record", party=entry.party, kind="freshness") from None
    if heard.freshness.party != entry.party or entry.version(heard.freshness.version) is None:
        raise DirectoryProblem("bad_record", party=entry.party, kind="freshness")
    return msgspec.structs.replace(entry, heard=heard)
