"""The open record that comes with Parley: cases with their sources, sanctions, votes, groups and campaigns.

It is put on the shelf when a shelf is opened that does not have it as it is shipped, so that a fresh installation
answers at once. Each file has its row in SOURCES.toml beside it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import msgspec

from parley.outside.sources.files import Given
from parley.outside.sources.kinds import KINDS
from parley.precedents.ports import Filling
from parley.precedents.record import DataSet
from parley.precedents.report import Read
from parley.precedents.words import PassOn
from parley.terms.instant import Meaning, parse_iso

OPEN = DataSet(
    key="open",
    title="Parley's open record of cases",
    publisher="the makers of Parley",
    version="1",
    reference="precedents/data/open/cases.csv",
    licence="Apache-2.0; each row cites its source",
    pass_on=PassOn.FREELY,
    notice="Open record of Parley; rows marked unverified name a document that nobody here has opened.",
    dated=parse_iso("2026-11-28", Meaning.PUBLISHED),
)
NOTE = "Shipped with Parley."
_FOLDER = ("data", "open")


class Shipped(msgspec.Struct, frozen=True):
    """One row of SOURCES.toml: kind of file, key of the data set, files, where they come from, under which licence."""

    kind: str
    key: str
    files: tuple[str, ...]
    source: str
    licence: str
    dated: str
    done: str


@cache
def shipped() -> tuple[Shipped, ...]:
    """What is shipped."""
    rows: Mapping[str, Mapping[str, object]] = tomllib.loads(_bytes("SOURCES.toml").decode())
    return tuple(msgspec.convert({"kind": kind, **row}, Shipped, strict=False) for kind, row in rows.items())


def read_shipped() -> Iterator[Read]:
    """Every data set that is shipped, read."""
    for row in shipped():
        yield _read(row)


def stock(shelf: Filling, at: int) -> tuple[str, ...]:
    """Put on the shelf what is shipped and not there as shipped; the keys of the data sets that were put there.

    A data set that somebody imported here since is left alone: theirs is the later one.
    """
    done = []
    for row in shipped():
        if _wanted(shelf, row):
            read = _read(row)
            shelf.fill(read.data_set, read.incidents, read.statements, read.report, whole=True, at=at)
            done.append(read.data_set.key)
    return tuple(done)


def _wanted(shelf: Filling, row: Shipped) -> bool:
    reports = shelf.reports(row.key)
    return not reports or (NOTE in reports[-1][1].notes and reports[-1][1].files != _digests(row))


def _digests(row: Shipped) -> tuple[tuple[str, str], ...]:
    return tuple((given.name, given.digest) for given in _given(row))


def _read(row: Shipped) -> Read:
    kind = KINDS["own" if row.kind == "cases" else row.kind]
    read = kind.read(_given(row), OPEN if row.kind == "cases" else None)
    notes = (*read.report.notes, NOTE)
    return msgspec.structs.replace(read, report=msgspec.structs.replace(read.report, files=_digests(row), notes=notes))


@cache
def _given(row: Shipped) -> tuple[Given, ...]:
    bodies = ((name, _bytes(name)) for name in row.files)
    return tuple(Given(name, body, hashlib.sha256(body).hexdigest()) for name, body in bodies)


def _bytes(name: str) -> bytes:
    return resources.files("parley.precedents").joinpath(*_FOLDER, name).read_bytes()
