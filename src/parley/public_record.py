"""The public record of precedents: a folder -> the desk's verbs over it. Beside wiring; needs no node.

from parley.public_record import open_record
record = open_record(Path("~/.parley/precedents.sqlite").expanduser())
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from parley.desk.public_record import PublicRecord
from parley.outside.pictures import Painter
from parley.outside.sources import mending, own, page, shipped
from parley.outside.sources.files import take
from parley.outside.sources.kinds import KINDS, read_files
from parley.outside.sources.own import own_data_set
from parley.outside.sources.taking import Taking
from parley.outside.store import precedents_index
from parley.outside.store.precedents import OnChange, PrecedentStore
from parley.outside.store.precedents_asking import Asking
from parley.precedents.record import DataSet
from parley.precedents.report import Quarantined, Read

__all__ = ["FILE", "ON_CHANGE", "Files", "Painter", "kinds_of_file", "open_asking", "open_record", "own_data_set"]

FILE = "precedents.sqlite"
ON_CHANGE: tuple[OnChange, ...] = (precedents_index.on_change,)
"""What is kept derived from the record, in its transaction."""


class Files:
    """`parley.desk.public_record.Sources`, over real files."""

    def read(self, kind: str, places: Sequence[Path], data_set: DataSet | None) -> Read:
        """The records of the files of one import."""
        return read_files(kind, places, data_set)

    def enter(self, cells: Mapping[str, str], data_set: DataSet, saved: Path | None) -> Read:
        """The records of one row, its words compared with a saved page, whose digest is kept with it."""
        cells = dict(cells)
        files: list[tuple[str, str]] = []
        if saved is not None:
            given = take(saved)
            page.check_words(given, cells.get("words", ""))
            cells["capture"] = given.digest
            files.append((given.name, given.digest))
        taking = Taking(data_set, typed=True)
        with taking.row("by hand", 1, cells):
            own.take(taking, cells, "entered by hand")
        return taking.done(files, whole=False)

    def mend(self, rows: Sequence[Quarantined], data_set: str) -> dict[str, bytes]:
        """The files to mend, by name."""
        return mending.written(rows, data_set)


def kinds_of_file() -> list[dict[str, str]]:
    """Each kind of file that can be imported: its word, what it is, and which files it takes."""
    return [{"kind": kind.word, "what": kind.what, "files": kind.files} for kind in KINDS.values()]


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def open_record(place: Path | str) -> PublicRecord:
    """The record in a file, made if it is not there, with the shipped open record on its shelf; raises StoreProblem."""
    if place != ":memory:":
        Path(place).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = PrecedentStore(place, ON_CHANGE)
    shipped.stock(store, now())
    return PublicRecord(store, Files(), now)


def open_asking(place: Path | str) -> Asking:
    """The same record, to be asked; raises StoreProblem."""
    record = open_record(place)
    assert isinstance(record.shelf, PrecedentStore)  # open_record made it
    return Asking(record.shelf)
