"""Officers: who releases for an office of ours, in the office's key file and in its successor where one waits.

While a rotation waits for the roots there are two files (rotation.next_of), and the second takes the first one's place;
what is decided about an officer is therefore decided in both, or in neither. A running signer reads its file again
before the next release. Left out: the proof of a release (outside.keys.signer_rules).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from parley.outside.keys import office_file
from parley.outside.keys.office_file import OfficeFile, Officer, kek_of, read_office, write_office
from parley.outside.keys.problems import KeysProblem
from parley.outside.settings import Home
from parley.rotation import next_of
from parley.seal import PassphraseCost

Rng = Callable[[int], bytes]
By = tuple[str, str]
"""An officer who acts, and that officer's passphrase."""


def listed(home: Home, office: str) -> tuple[tuple[Officer, bool], ...]:
    """Everybody who releases for `office`, and whether with the key that waits too (True where none waits)."""
    now, *waiting = _files(home, office).values()
    after = {name for file in waiting for name in _names(file)}
    return tuple((w.officer, not waiting or w.officer.name in after) for w in now.wrappings)


def add(home: Home, office: str, by: By, new: Officer, passphrase: str, cost: PassphraseCost, rng: Rng) -> None:
    """One more officer; raises KeysProblem: officer_exists, unknown_officer, wrong_passphrase, key_waits."""
    files = _files(home, office)
    for path, file in files.items():
        if path != home.office_key(office) and by[0] not in _names(file):
            raise KeysProblem("key_waits", office=office, officers=", ".join(_names(file)))
    _write({path: office_file.add_officer(file, by, new, passphrase, cost, rng) for path, file in files.items()})


def remove(home: Home, office: str, by: By, officer: str) -> None:
    """One officer less, decided by one who can release, oneself perhaps; an old copy of the file knows nothing of it.

    Raises KeysProblem: unknown_officer, wrong_passphrase, last_officer.
    """
    files = _files(home, office)
    now = files[home.office_key(office)]
    now.unwrap(by[0], kek_of(now.wrapping(by[0]), by[1]))
    _write(
        {
            path: office_file.remove_officer(file, officer)
            for path, file in files.items()
            if file is now or officer in _names(file)
        }
    )


def change_passphrase(
    home: Home, office: str, officer: str, old: str, new: str, cost: PassphraseCost, rng: Rng
) -> None:
    """Another passphrase for `officer`; raises KeysProblem: unknown_officer, wrong_passphrase."""
    files = _files(home, office)
    _write(
        {
            path: office_file.change_passphrase(file, officer, old, new, cost, rng)
            for path, file in files.items()
            if path == home.office_key(office) or officer in _names(file)
        }
    )


def _files(home: Home, office: str) -> dict[Path, OfficeFile]:
    """The office's key file, then its successor if one waits."""
    path = home.office_key(office)
    found = {path: read_office(path)}
    if (waiting := next_of(path)).exists():
        found[waiting] = read_office(waiting)
    return found


def _names(file: OfficeFile) -> list[str]:
    return [wrapping.officer.name for wrapping in file.wrappings]


def _write(changed: dict[Path, OfficeFile]) -> None:
    """All were made before the first is written; the one that waits first, so that a crash between loses nothing."""
    for path in sorted(changed, key=os.fspath, reverse=True):
        write_office(path, changed[path])
