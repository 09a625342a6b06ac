"""Backstage: what the command line needs beside verbs: folders, key files, signers, serving."""

from __future__ import annotations

import os
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from parley.backstage.asking import now
from parley.backstage.demonstration import Demonstration
from parley.doors.problems import DoorProblem
from parley.later import later
from parley.outside.home import Home, read_secrets

if TYPE_CHECKING:
    from parley import checkup, founding, journal, public_record, restoring, surveying
    from parley.desk import doctor
    from parley.outside import loop
    from parley.outside.bearers import by_hand, carried
    from parley.terms import instant
else:
    checkup, founding, journal, restoring = map(later, ("checkup", "founding", "journal", "restoring"))
    public_record, surveying = later("public_record"), later("surveying")
    doctor, by_hand, loop = map(later, ("desk.doctor", "outside.bearers.by_hand", "outside.loop"))
    carried, instant = map(later, ("outside.bearers.carried", "terms.instant"))


class Backstage(Demonstration):
    """Everything local that a command may do: asking, key work, processes, and the files it reads and writes."""

    @property
    def surveying(self) -> Any:
        """The atlas, loaded when a command of it runs."""
        return surveying

    def for_demonstration(self) -> Backstage:
        """The same with a low passphrase cost: the keys live for a minute."""
        return type(self)(cheap=True)

    def read_secrets(self, path: Path) -> list[str]:
        """The passphrases in a file that only its owner can read; raises SettingsProblem."""
        return read_secrets(path)

    def write_defect(self, home: Path | None) -> str:
        """Write down where an unexpected exception came from; returns the name of the file.

        The traceback has file names, lines of source and the exception's text; no values of variables.
        """
        name = f"defect-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.log"
        for folder in (home or Path("~/.parley").expanduser(), Path(tempfile.gettempdir())):
            with suppress(OSError):
                if folder.is_dir():
                    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    with os.fdopen(handle, "w", encoding="utf-8") as file:
                        file.write(traceback.format_exc())
                    return str(folder / name)
        return "no file: none could be written"

    def read(self, path: Path) -> bytes:
        """A small file, with a Problem when it cannot be read."""
        return founding.read_part(path, 64 << 20)

    def write(self, path: Path, data: bytes) -> None:
        """A small file, with a Problem when it cannot be written."""
        founding.write_part(path, data)

    def write_into(self, folder: Path, name: str, data: bytes) -> None:
        """A small file in a folder that is made if it is not there, with a Problem when it cannot be written."""
        with suppress(FileExistsError):
            folder.mkdir(parents=True)
        founding.write_part(folder / name, data)

    def write_parcel(self, path: Path, data: bytes) -> None:
        """A parcel to carry by hand."""
        by_hand.write_parcel(path, data)

    def read_parcels(self, paths: Sequence[Path]) -> list[bytes]:
        """Parcels that were carried: files of one each, and pictures or texts with the frames of some, in any order.

        Raises BearerProblem: of a parcel whose frames do not suffice, which are wanted; nothing is taken then.
        """
        return carried.read_carried(paths)

    def write_on_paper(self, folder: Path, data: bytes, *, kind: str, spare: int) -> tuple[int, str]:
        """A parcel as QR codes in `folder`, or, of kind "terminal", as text to print; how many frames, and the text."""
        return carried.write_on_paper(folder, data, kind, spare)

    def public_record(self, home: Path, place: Path | None) -> Any:
        """The public record of precedents, in its own file beside the node's; no node is needed."""
        return public_record.open_record(place or home / public_record.FILE)

    def asking(self, home: Path, place: Path | None) -> Any:
        """The public record, to be asked."""
        return public_record.open_asking(place or home / public_record.FILE)

    def pictures(self) -> Any:
        """Who draws pictures; its worker starts with the first chart and ends with the context."""
        return public_record.Painter()

    def kinds_of_file(self) -> list[dict[str, str]]:
        """The kinds of file that can be imported into the public record."""
        return public_record.kinds_of_file()

    def own_data_set(self, key: str, publisher: str, licence: str, pass_on: Any) -> Any:
        """The data set of a list of one's own."""
        return public_record.own_data_set(key, publisher, licence, pass_on)

    def restore(self, home: Home, file: Path) -> dict[str, Any]:
        """Put a backup in place of the store, under a new incarnation; where the replaced store is kept, if any."""
        begun, replaced = loop.run(restoring.restore(home, file, now()))
        return {
            "kept": begun.kept,
            "incarnation": begun.incarnation.hex(),
            "until": begun.until,
            "replaced": str(replaced or ""),
        }

    def doctor(self, home: Home) -> list[dict[str, Any]]:
        """Findings about the machine, then about the node."""
        rows = doctor.as_rows(list(checkup.machine(home)))
        return rows + [checkup.explained(row) for row in self.call(home, "doctor", serving=self.running(home))]

    def instant(self, text: str) -> int:
        """``now``, ``+2h``, ``+30m`` from now, or a UTC instant in ISO form, as ms."""
        if text == "now":
            return now()
        if text.startswith("+") and text[1:-1].isdigit() and text[-1] in "mh":
            return now() + int(text[1:-1]) * (60_000 if text[-1] == "m" else 3_600_000)
        return instant.parse_iso(text, instant.Meaning.HOPED_FOR).ms

    def time_to_come(self, text: str) -> int:
        """As `instant`, to the whole minute; raises DoorProblem("past")."""
        found = self.instant(text)
        if found <= now():
            raise DoorProblem("past", given=text[:40])
        return (found + 59_999) // 60_000 * 60_000

    def verify_file(self, path: Path, roots: dict[str, str]) -> dict[str, Any]:
        """Verify an archive or evidence against root digests from ceremonies; raises JournalProblem."""
        data = founding.read_part(path, 64 << 20)
        digests = {party: bytes.fromhex(found) for party, found in roots.items()}
        if journal.is_evidence(data):
            return {"evidence": journal.describe_evidence(data, digests), "verified": True}
        report = journal.verify_archive(data, digests)
        return {"links": [msgspec.to_builtins(link) for link in report.links], "verified": True}
