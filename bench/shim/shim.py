"""The crash-testing shim: build it, run a process under it, and after the kill take back what was not yet durable.

    library = build(folder)                                  # needs cc
    child = Popen(..., env=environment(library, watched, undo))
    child.kill(); child.wait()
    loss = restore(watched, undo)                            # now `watched` is as after a power cut

lostwrites.c says what is modelled and what is not. For development only: nothing here is part of the package.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).with_name("lostwrites.c")
HEAD = struct.Struct("<8Q")
MAGIC = 0x4F444E5559454C50
FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")

Key = tuple[int, int, int]
"""One file: device, inode, and how often that inode was given to a new file before."""


class ShimError(Exception):
    """The shim cannot be built, or its log cannot be understood."""


@dataclass(frozen=True)
class Record:
    """One record of the undo log; `kind` is a letter of lostwrites.c, `position` where it stands in the log."""

    position: int
    kind: str
    device: int
    inode: int
    first: int
    second: int
    path: str
    data: bytes


@dataclass(frozen=True)
class Loss:
    """What `restore` took back: changes by kind and by file name; `kept` were pending but left in place."""

    pending: int
    kept: int
    kinds: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)


def build(folder: str | Path) -> Path:
    """Compile the shim into `folder`; raises ShimError that names what is missing."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise ShimError("there is no C compiler (cc); on Debian: apt-get install gcc libc6-dev")
    library = Path(folder).resolve() / "lostwrites.so"
    done = subprocess.run([compiler, *FLAGS, "-o", library, SOURCE, "-ldl", "-pthread"], capture_output=True, text=True)
    if done.returncode:
        raise ShimError(f"cc could not build {SOURCE.name}:\n{done.stderr.strip()}")
    return library


def environment(
    library: Path,
    watched: str | Path,
    undo: str | Path,
    *,
    lie: bool = False,
    fail_fsync: int = 0,
    fail_name: str = "",
    base: dict[str, str] | None = None,
) -> dict[str, str]:
    """The environment of a process whose changes under `watched` can be taken back.

    Args:
        undo: the log; outside `watched`, and one for all processes that write there.
        lie: fsync claims success and does nothing.
        fail_fsync: this call of fsync or fdatasync (from 1, counted per process) fails with EIO; 0 for none.
        fail_name: ... counting only files whose path ends so, for example "-wal".
    """
    if Path(undo).resolve().is_relative_to(Path(watched).resolve()):
        raise ShimError("the undo log must not be inside the watched folder")
    mine = {"LD_PRELOAD": str(library), "PARLEY_SHIM_DIR": str(watched), "PARLEY_SHIM_UNDO": str(undo)}
    if lie:
        mine["PARLEY_SHIM_LIE_FSYNC"] = "1"
    if fail_fsync:
        mine["PARLEY_SHIM_FAIL_FSYNC"] = str(fail_fsync)
    if fail_name:
        mine["PARLEY_SHIM_FAIL_NAME"] = fail_name
    return {**(os.environ if base is None else base), **mine}


def read(undo: str | Path) -> Iterator[Record]:
    """The records of a log, oldest first; a last one that is cut off (its writer was killed) is left out."""
    try:
        log = Path(undo).read_bytes()
    except FileNotFoundError:
        return
    at = 0
    while at + HEAD.size <= len(log):
        magic, kind, device, inode, first, second, name_size, size = HEAD.unpack_from(log, at)
        if magic != MAGIC:
            raise ShimError(f"the undo log is damaged at byte {at}")
        start = at + HEAD.size
        end = start + name_size + size
        if end > len(log):
            return
        path = os.fsdecode(log[start : start + name_size])
        yield Record(at, chr(kind), device, inode, first, second, path, log[start + name_size : end])
        at = end


def restore(watched: str | Path, undo: str | Path, *, keep: float = 0.0) -> Loss:
    """Make `watched` what a power cut would have left, and start a new log.

    No process may have files there open. `keep` is the part (0 to 1) of the pending changes, oldest first, that reached
    the medium by themselves; 0 loses all of them.
    """
    records = list(read(undo))
    keys = _keys(records)
    pending = _pending(records, keys)
    kept = int(len(pending) * keep)
    where = _where(Path(watched), keys)
    loss = Loss(len(pending), kept)
    for record in reversed(pending[kept:]):
        if _take_back(record, keys[record.position], where):
            loss.kinds[record.kind] += 1
            loss.files[os.path.basename(record.path.split("\0")[0])] += 1
    for leftover in Path(watched).rglob("*-shm"):
        leftover.unlink()
    Path(undo).unlink(missing_ok=True)
    return loss


def _keys(records: list[Record]) -> dict[int, Key]:
    """Which file each record is about. An inode whose last name is removed may be given to another file."""
    lives: Counter[tuple[int, int]] = Counter()
    keys = {}
    for record in records:
        inode = (record.device, record.inode)
        keys[record.position] = (*inode, lives[inode])
        if record.kind == "U" and record.second <= 1:
            lives[inode] += 1
    return keys


def _pending(records: list[Record], keys: dict[int, Key]) -> list[Record]:
    """The changes that no fsync made durable."""
    files: dict[Key, int] = {}
    folders: dict[str, int] = {}
    for record in records:
        if record.kind == "S":
            files[keys[record.position]] = record.first
        elif record.kind == "D":
            folders[record.path] = record.first

    def is_pending(record: Record) -> bool:
        if record.kind in "WT":
            return record.position >= files.get(keys[record.position], 0)
        if record.kind in "CUR":
            return record.position >= folders.get(os.path.dirname(record.path.split("\0")[-1]), 0)
        return False

    return [record for record in records if is_pending(record)]


def _where(watched: Path, keys: dict[int, Key]) -> dict[Key, str]:
    """The path of every file that is there now."""
    last: dict[tuple[int, int], int] = {}
    for device, inode, life in keys.values():
        last[device, inode] = life
    where = {}
    for path in watched.rglob("*"):
        status = path.lstat()
        inode = (status.st_dev, status.st_ino)
        where[(*inode, last.get(inode, 0))] = str(path)
    return where


def _take_back(record: Record, key: Key, where: dict[Key, str]) -> bool:
    """Undo one change; False if there is nothing to undo (killed before it happened, or its file is gone for good)."""
    match record.kind:
        case "W" | "T":
            return _put_back(where.get(key), record)
        case "C":
            return _unmake(record.path, where)
        case "R":
            return _rename_back(*record.path.split("\0"), key, where)
        case "U":
            return _bring_back(record, key, where)
    return False


def _put_back(path: str | None, record: Record) -> bool:
    if path is None:
        return False
    with open(path, "r+b") as file:
        file.seek(record.first)
        file.write(record.data)
        file.truncate(record.second)
    return True


def _unmake(path: str, where: dict[Key, str]) -> bool:
    if not os.path.lexists(path):
        return False
    os.unlink(path)
    for key in [key for key, known in where.items() if known == path]:
        del where[key]
    return True


def _rename_back(source: str, target: str, key: Key, where: dict[Key, str]) -> bool:
    if where.get(key) != target or os.path.lexists(source):
        return False
    os.rename(target, source)
    where[key] = source
    return True


def _bring_back(record: Record, key: Key, where: dict[Key, str]) -> bool:
    if os.path.lexists(record.path):
        return False
    handle = os.open(record.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, record.first)
    with os.fdopen(handle, "wb") as file:
        file.write(record.data)
    where.setdefault(key, record.path)
    return True
